// SPDX-License-Identifier: MIT
//
// What the suites of this folder are made of: checks with a name, the server
// under test with a client of npm before it, and a look at what passes between
// them.
//
// A suite is run as `node SUITE FACTS.json [MODE]`; FACTS.json is written by
// tests/system/test_interop.py.  It prints a line of JSON for each check:
// {"name", "error" (null if it passed), "seconds"}.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export { assert, sleep };

const CHECK_MS = 60000;

export const facts = JSON.parse(fs.readFileSync(process.argv[2]));
export const mode = process.argv[3];

// --- Checks ---

const checks = [];
let cleanups = [];
let servers = [];

export function check(name, fn)
{
    checks.push([name, fn]);
}

// Is called when the check ends, however it does; the last one first.
export function afterwards(fn)
{
    cleanups.push(fn);
}

let stray = null;

process.on("unhandledRejection", (error) => stray ??= error);

async function outcome(fn)
{
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error("it took too long")),
            CHECK_MS);
    });
    let error = null;
    stray = null;
    try {
        await Promise.race([fn(), late]);
    } catch (thrown) {
        error = thrown;
    }
    clearTimeout(timer);
    for (const cleanup of cleanups.reverse()) {
        try {
            await cleanup(error === null);
        } catch (thrown) {
            error ??= thrown;
        }
    }
    cleanups = [];
    error ??= stray;
    const told = servers.map((one) => one.stderr).join("");
    servers = [];
    return error && `${error.stack ?? error}\nthe server said:\n${told}`;
}

export async function run()
{
    for (const [name, fn] of checks) {
        const begun = performance.now();
        const error = await outcome(fn);
        const seconds = (performance.now() - begun) / 1000;
        console.log(JSON.stringify({ name, error, seconds }));
    }
    process.exit(0);
}

export async function until(condition, what, ms = 10000)
{
    const end = performance.now() + ms;
    while (!await condition()) {
        assert(performance.now() < end, `waited in vain for ${what}`);
        await sleep(20);
    }
}

// --- Processes ---

function parents()
{
    const found = new Map();
    for (const name of fs.readdirSync("/proc")) {
        if (!/^\d+$/.test(name))
            continue;
        try {
            const stat = fs.readFileSync(`/proc/${name}/stat`, "latin1");
            const [state, parent] =
                stat.slice(stat.lastIndexOf(")") + 2).split(" ");
            if (state !== "Z")
                found.set(Number(name), Number(parent));
        } catch {
            // It ended meanwhile.
        }
    }
    return found;
}

// A process and all below it.
export function family(pid)
{
    const all = parents();
    const found = all.has(pid) ? [pid] : [];
    for (const one of found)
        for (const [child, parent] of all)
            if (parent === one)
                found.push(child);
    return found;
}

// --- The server under test ---

// Where the server lives: signed in already, or (`fresh`) for the first time.
export function home(options = {})
{
    const env = { ...facts.env, ...options.env };
    if (options.fresh) {
        const dir = fs.mkdtempSync(path.join(os.tmpdir(), "jhe-interop."));
        afterwards(() => fs.rmSync(dir, { recursive: true, force: true }));
        env.HOME = dir;
        env.TOKEN_CACHE_DIR = path.join(dir, ".jhe_mcp");
    }
    return { command: facts.command, args: facts.args, env, cwd: env.HOME,
        stderr: "pipe" };
}

// Keeps what passes through a transport.  `edit.sent` and `edit.received`, if
// they are there, may change a message.
function tap(transport)
{
    const link = { sent: [], received: [], edit: {} };
    const send = transport.send.bind(transport);
    let handler;

    transport.send = (message, options) => {
        link.edit.sent?.(message);
        link.sent.push(message);
        return send(message, options);
    };
    Object.defineProperty(transport, "onmessage", {
        get: () => handler,
        set: (fn) => {
            handler = fn && ((message, extra) => {
                link.edit.received?.(message);
                link.received.push(message);
                fn(message, extra);
            });
        },
    });
    return link;
}

// A client in front of a server that has yet to be started: the caller
// connects it.  Faults that the client sees beside its answers are kept in
// `problems`, and fail the check when it ends.
export function link(client, transport)
{
    const made = tap(transport);

    made.client = client;
    made.transport = transport;
    made.problems = [];
    made.stderr = "";
    made.closed = false;
    client.onerror = (error) => made.problems.push(error);
    transport.stderr?.on("data", (data) => made.stderr += data);
    made.response = (method) => {
        const { id } = made.sent.findLast((one) => one.method === method);
        return made.received.find((one) => one.id === id);
    };
    made.close = async () => {
        if (made.closed)
            return;
        made.closed = true;
        const pids = family(transport.pid);
        const begun = performance.now();
        await client.close();
        // These clients send a signal after two seconds of waiting.
        assert(performance.now() - begun < 1900, "it did not end by itself");
        await until(() => !pids.some((pid) => family(pid).length),
            "the end of its processes", 5000);
        assert.deepEqual(made.problems.map(String), []);
    };
    servers.push(made);
    afterwards(made.close);
    return made;
}

// --- The database ---

export class Psql {
    constructor()
    {
        this.process = spawn("psql", ["-X", "-q", "-A", "-t", "-d",
            facts.database], { stdio: ["pipe", "pipe", "inherit"] });
        this.lines = readline.createInterface({
            input: this.process.stdout })[Symbol.asyncIterator]();
        afterwards(() => this.process.kill());
    }

    // The rows, as lines.
    async query(sql)
    {
        this.process.stdin.write(`${sql};\n\\echo --done--\n`);
        const found = [];
        for (;;) {
            const { value, done } = await this.lines.next();
            assert(!done, "psql has ended");
            if (value === "--done--")
                return found;
            found.push(value);
        }
    }
}

// While it is held no tool's statement comes to an end.
export class Lock {
    constructor()
    {
        this.holder = new Psql();
        this.watcher = new Psql();
    }

    async hold()
    {
        await this.holder.query("BEGIN; LOCK TABLE core_jheuser, core_study"
            + " IN ACCESS EXCLUSIVE MODE");
    }

    async release()
    {
        await this.holder.query("ROLLBACK");
    }

    // How many statements of the server wait for it.
    async waiting()
    {
        const [count] = await this.watcher.query(
            "SELECT count(*) FROM pg_stat_activity WHERE usename ="
            + " 'jhe_mcp_reader' AND wait_event_type = 'Lock'");
        return Number(count);
    }
}
