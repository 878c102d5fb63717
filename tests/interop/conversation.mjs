// SPDX-License-Identifier: MIT
//
// What every client is made to do, in whatever mode it has.
//
//     conversation(open, traits)
//
// open(options) gives a link of check.mjs, connected; options are those of
// home().  link.call(params, options) is the client's callTool, and
// link.revision() what was agreed on.
// traits: { revision, modern, hints (tools have annotations), structured,
// messages (progress has a text), deep (also what takes seconds) }

import { Lock, afterwards, assert, check, facts, family, sleep, until }
    from "./check.mjs";
import fs from "node:fs";

const TOOLS = ["whoami", "get_study_count", "list_studies",
    "get_study_metadata", "list_study_patients", "get_study_consents",
    "search_patients", "get_patient_demographics",
    "summarize_patient_observations", "get_data_coverage",
    "get_observation_statistics", "get_patient_observations",
    "summarize_fhir_resources", "get_fhir_resources",
    "get_patient_survey_responses", "get_omh_schema",
    "count_patient_observations", "count_study_observations",
    "get_patient_date_range", "get_server_capabilities"];

const textOf = (result) => result.content.filter((one) => one.type === "text")
    .map((one) => one.text).join("\n");

function column(table, name)
{
    const at = table.columns.indexOf(name);
    assert(at >= 0, `no column ${name} in ${table.columns}`);
    return table.rows.map((row) => row[at]);
}

async function fails(promise, expected)
{
    try {
        await promise;
    } catch (error) {
        if (expected !== undefined)
            assert.equal(error.code, expected, error);
        return error;
    }
    assert.fail("there was no error");
}

// --- Beginning and end ---

function beginnings(open, traits)
{
    check("connect", async () => {
        const one = await open();
        const { client } = one;
        assert.equal(client.getServerVersion().name, "jhe-mcp");
        assert.match(client.getServerVersion().version, /^\d+\.\d+/);
        const instructions = client.getInstructions();
        assert(instructions === undefined || instructions.length <= 2048);
        const offered = client.getServerCapabilities();
        assert(offered.tools && offered.resources, offered);
        assert.equal(one.revision(), traits.revision);
    });

    check("close", async () => {
        const one = await open();
        await one.client.listTools();
        assert(family(one.transport.pid).length > 1);
        await one.close();
    });

    check("close-while-a-call-waits", async () => {
        const one = await open({ fresh: true, env: { BROWSER_NEVER: "1" } });
        const answer = one.call({ name: "get_study_count" })
            .catch((error) => error);
        await until(() => one.stderr.includes("open this address"),
            "the question to sign in");
        await one.close();
        // An error it is, the client's own or a last one of the server.
        const ended = await answer;
        assert(ended instanceof Error || ended.isError, ended);
    });

    check("the-first-call-signs-in", async () => {
        const one = await open({ fresh: true });
        await one.client.listTools();
        const result = await one.call(
            { name: "get_study_count", arguments: {} });
        assert(textOf(result).startsWith(
            `You have access to ${facts.studies.length} studies`));
    });

    if (!traits.modern) {
        check("ping", async () => {
            const one = await open();
            assert.deepEqual(await one.client.ping(), {});
        });
    }
}

// --- Tools ---

function toolChecks(open, traits)
{
    check("list-tools", async () => {
        const one = await open();
        const { tools } = await one.client.listTools();
        assert.deepEqual(tools.map((tool) => tool.name).sort(),
            TOOLS.toSorted());
        for (const tool of tools) {
            assert.equal(tool.inputSchema.type, "object");
            assert(tool.description.length > 20, tool.name);
            if (traits.structured) {
                assert.equal(tool.outputSchema.type, "object");
                assert(tool.title);
            } else {
                assert(!("outputSchema" in tool) && !("title" in tool));
            }
            if (traits.hints)
                assert.equal(tool.annotations.readOnlyHint, true);
        }
    });

    // From here on the client has the tools' schemas, and compares.
    const calling = async (name, args) => {
        const one = await open();
        await one.client.listTools();
        const result = await one.call({ name, arguments: args });
        assert(!result.isError, textOf(result));
        assert(textOf(result).length > 0);
        assert.equal("structuredContent" in result, traits.structured);
        return { one, result, data: result.structuredContent };
    };

    check("get_study_count", async () => {
        const { result, data } = await calling("get_study_count", {});
        assert(textOf(result).startsWith(
            `You have access to ${facts.studies.length} studies`));
        if (traits.structured)
            assert.deepEqual(data, { count: facts.studies.length });
    });

    check("list_studies", async () => {
        const { result, data } = await calling("list_studies", {});
        for (const study of facts.studies)
            assert(textOf(result).includes(`Study ${study}:`));
        if (traits.structured)
            assert.deepEqual(column(data, "study_id"), facts.studies);
    });

    check("get_study_metadata", async () => {
        const { result, data } = await calling("get_study_metadata",
            { study_id: facts.study });
        assert(textOf(result).includes(String(facts.study)));
        if (traits.structured)
            assert.equal(data.study_id, facts.study);
    });

    check("get_patient_demographics", async () => {
        const { data } = await calling("get_patient_demographics",
            { study_id: facts.study });
        if (traits.structured)
            assert.deepEqual(column(data, "patient_id"), facts.patients);
    });

    check("get_patient_observations", async () => {
        const { data } = await calling("get_patient_observations",
            { patient_id: facts.patient, limit: 5 });
        if (traits.structured) {
            assert.equal(data.patient_id, facts.patient);
            assert(data.total > 0 && data.returned > 0);
        }
    });

    check("pages", async () => {
        const one = await open();
        await one.client.listTools();
        const read = (cursor) => one.call({ name: "get_patient_observations",
            arguments: { patient_id: facts.patient, limit: 2,
                ...(cursor && { cursor }) } });
        const first = await read();
        if (!traits.structured)
            return;
        const next = first.structuredContent.next_cursor;
        assert(next, "there is only one page");
        const second = await read(next);
        assert(!second.isError, textOf(second));
        assert.notDeepEqual(second.structuredContent.rows,
            first.structuredContent.rows);
    });

    check("many-at-once", async () => {
        const one = await open();
        await one.client.listTools();
        const asked = Array.from({ length: 24 }, (_, n) => n % 3 === 0 ?
            one.client.listResources() : one.call(n % 3 === 1 ?
                { name: "get_study_count", arguments: {} } :
                { name: "get_study_metadata",
                  arguments: { study_id: facts.study } }));
        const answers = await Promise.all(asked);
        answers.forEach((answer, n) => {
            if (n % 3 === 1)
                assert.match(textOf(answer), /You have access to/);
            else if (n % 3 === 2)
                assert.match(textOf(answer), new RegExp(facts.study));
            else
                assert(answer.resources.length > 0);
        });
    });

    // So that a passing check above means something.
    if (traits.structured) {
        check("a-wrong-result-would-be-noticed", async () => {
            const one = await open();
            await one.client.listTools();
            one.edit.received = (message) => {
                if (message.result?.structuredContent)
                    message.result.structuredContent.count = "many";
            };
            const error = await fails(one.call({ name: "get_study_count",
                arguments: {} }));
            assert.match(error.message, /schema|structured/i);
        });
    }
}

// --- Resources ---

function resourceChecks(open)
{
    check("resources", async () => {
        const one = await open();
        const { resources } = await one.client.listResources();
        assert(resources.length >= 15, resources.length);
        for (const { uri, name, mimeType } of resources) {
            assert(/^(schema|omh|jhe):\/\//.test(uri) && name);
            const { contents } = await one.client.readResource({ uri });
            assert.equal(contents.length, 1);
            assert.equal(contents[0].uri, uri);
            assert.equal(contents[0].mimeType, mimeType);
            if (mimeType.endsWith("json"))
                JSON.parse(contents[0].text);
        }
        const { resourceTemplates } =
            await one.client.listResourceTemplates();
        assert.equal(resourceTemplates.length, 4);
    });

    check("prompts-and-completion", async () => {
        const one = await open();
        const { prompts } = await one.client.listPrompts();
        assert.equal(prompts.length, 6);
        const name = "study_overview";
        assert(prompts.some((prompt) => prompt.name === name));
        const { completion } = await one.client.complete({
            ref: { type: "ref/prompt", name: "cgm_report" },
            argument: { name: "timezone", value: "los_an" },
        });
        assert.deepEqual(completion.values, ["America/Los_Angeles"]);
        const { messages } = await one.client.getPrompt({
            name, arguments: { study_id: "30001 Blue Lake Glucose" } });
        assert.equal(messages.length, 1);
        assert(messages[0].content.text.startsWith("Describe study 30001 "));
        await fails(one.client.getPrompt({ name: "none" }), -32602);
        await fails(one.client.getPrompt({ name, arguments: {} }), -32602);
    });
}

// --- Errors ---

function errorChecks(open, traits)
{
    check("errors-of-the-protocol", async () => {
        const one = await open();
        await fails(one.call({ name: "no_such_tool", arguments: {} }),
            -32602);
        const uri = "schema://jupyterhealth/none";
        await fails(one.client.readResource({ uri }));
        // Not what the client makes of it: v2 changes the code.
        const { error } = one.response("resources/read");
        assert.equal(error.code, traits.modern ? -32602 : -32002);
        assert.equal(error.data.uri, uri);
        await fails(one.client.listResources({ cursor: "nonsense" }), -32602);
        // The conversation goes on.
        assert((await one.client.listTools()).tools.length);
    });

    check("errors-of-a-tool", async () => {
        const one = await open();
        await one.client.listTools();
        const text = async (args) => {
            const result = await one.call(
                { name: "get_study_metadata", arguments: args });
            assert.equal(result.isError, true);
            return textOf(result);
        };
        assert.match(await text({}), /study_id/);
        assert.match(await text({ study_id: "words" }), /study_id/);
        assert.match(await text({ study_id: facts.study, what: 1 }), /what/);
        // What is hidden and what does not exist look alike.
        const hidden = await text({ study_id: facts.hidden });
        const unknown = await text({ study_id: 999999 });
        assert.equal(hidden.replaceAll(facts.hidden, "N"),
            unknown.replaceAll("999999", "N"));
    });
}

// --- Progress, giving up, time ---

async function locked()
{
    const lock = new Lock();
    await lock.hold();
    return lock;
}

function slowChecks(open, traits)
{
    check("cancel-a-running-statement", async () => {
        const one = await open();
        await one.call({ name: "get_study_count", arguments: {} });
        const lock = await locked();
        const stop = new AbortController();
        const given_up = fails(one.call(
            { name: "get_study_count", arguments: {} },
            { signal: stop.signal }));
        await until(() => lock.waiting(), "the statement");
        const request = one.sent.findLast((message) =>
            message.method === "tools/call");
        stop.abort("no more interest");
        await given_up;
        const begun = performance.now();
        await until(async () => !await lock.waiting(),
            "the end of the statement", 3000);
        const took = performance.now() - begun;
        assert(took < 1000, `the statement ran ${took} ms more`);
        const told = one.sent.find((message) =>
            message.method === "notifications/cancelled");
        assert.equal(told.params.requestId, request.id);
        // Others go on, at once.
        assert((await one.client.listTools()).tools.length);
        await lock.release();
        const result = await one.call(
            { name: "get_study_count", arguments: {} });
        assert(!result.isError);
        assert(!one.received.some((message) => message.id === request.id),
            "a cancelled request was answered");
    });

    check("cancel-a-call-that-waits-for-a-login", async () => {
        const one = await open({ fresh: true, env: { BROWSER_NEVER: "1" } });
        const stop = new AbortController();
        const given_up = fails(one.call({ name: "get_study_count" },
            { signal: stop.signal }));
        await until(() => one.stderr.includes("open this address"),
            "the question to sign in");
        stop.abort();
        await given_up;
        assert((await one.client.listTools()).tools.length);
    });

    check("progress-of-a-slow-call", async () => {
        const one = await open();
        await one.call({ name: "get_study_count", arguments: {} });
        const lock = await locked();
        const told = [];
        const answer = one.call({ name: "get_study_count", arguments: {} }, {
            onprogress: (progress) => told.push(progress),
            timeout: 3500, resetTimeoutOnProgress: true });
        answer.catch(() => {});
        await until(() => told.length >= 2, "progress", 15000);
        await lock.release();
        assert(!(await answer).isError);
        assert(told.every((now, n) => n === 0 ||
            now.progress > told[n - 1].progress), JSON.stringify(told));
        assert(told.every((now) => traits.messages ?
            now.message.length > 0 : !("message" in now)),
            JSON.stringify(told));
    });

    check("a-login-outlives-the-clients-timeout", async () => {
        const log = `${facts.scratch}/browser.log`;
        const one = await open({ fresh: true, env: {
            BROWSER: facts.slowBrowser, BROWSER_LOG: log } });
        afterwards(() => fs.rmSync(log, { force: true }));
        const call = { name: "get_study_count", arguments: {} };
        await fails(one.call(call, { timeout: 1000 }));
        const told = [];
        const result = await one.call(call, {
            onprogress: (progress) => told.push(progress) });
        assert(!result.isError, textOf(result));
        assert(told.length > 0, "no progress while the person signed in");
        await sleep(100);
        const opened = fs.readFileSync(log, "utf8").split("\n")
            .filter((line) => line.includes("/authorize/")).length;
        const once = fs.readFileSync(log, "utf8").split("\n")
            .filter((line) => line.includes("/callback")).length;
        assert(opened > 0 && once === 1, "more than one login");
    });
}

// --- Shapes ---

const CACHED = ["server/discover", "tools/list", "resources/list",
    "resources/templates/list", "resources/read", "prompts/list"];

// The clients forgive much; what they were sent is looked at here.
function shapeChecks(open, traits)
{
    check("shapes", async () => {
        const one = await open();
        await one.client.listTools();
        await one.call({ name: "get_study_count", arguments: {} });
        const { resources } = await one.client.listResources();
        await one.client.listResourceTemplates();
        await one.client.readResource({ uri: resources[0].uri });
        await one.client.listPrompts();
        await one.client.getPrompt({
            name: "study_overview", arguments: { study_id: "1" } });
        for (const request of one.sent.filter((message) => "id" in message)) {
            const { result } = one.received.find((message) =>
                message.id === request.id);
            const what = `${request.method}: ${Object.keys(result)}`;
            if (!traits.modern) {
                assert(!("resultType" in result), what);
                assert(!("ttlMs" in result || "cacheScope" in result), what);
                continue;
            }
            assert.equal(result.resultType, "complete", what);
            assert.equal(result._meta["io.modelcontextprotocol/serverInfo"]
                .name, "jhe-mcp");
            assert.equal(Number.isInteger(result.ttlMs),
                CACHED.includes(request.method), what);
            assert.equal(["public", "private"].includes(result.cacheScope),
                CACHED.includes(request.method), what);
        }
    });
}

export function conversation(open, traits)
{
    beginnings(open, traits);
    toolChecks(open, traits);
    resourceChecks(open);
    errorChecks(open, traits);
    shapeChecks(open, traits);
    if (traits.deep)
        slowChecks(open, traits);
}
