// SPDX-License-Identifier: MIT
//
// @modelcontextprotocol/client, the second generation.  MODE is how it finds
// the revision: "legacy" (initialize), "auto" (it asks a process of its own
// for server/discover first), or the revision it insists on.

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { assert, check, home, link, mode, run } from "./check.mjs";
import { conversation } from "./conversation.mjs";

const MODERN = "2026-07-28";
const modern = mode !== "legacy";
const negotiation = mode === "legacy" || mode === "auto" ? mode
    : { pin: mode };

async function open(options = {})
{
    const one = link(
        new Client({ name: "interop-v2", version: "1" },
            modern ? { versionNegotiation: { mode: negotiation } } : {}),
        new StdioClientTransport(home(options)));
    one.revision = () => one.client.getNegotiatedProtocolVersion();
    one.call = (params, more) => one.client.callTool(params, more);
    await one.client.connect(one.transport);
    return one;
}

conversation(open, {
    revision: modern ? MODERN : "2025-11-25",
    modern, hints: true, messages: true, structured: true,
    // Once "auto" has found out, it is the same as the others.
    deep: mode !== "auto",
});

if (modern) {
    check("discover", async () => {
        const one = await open();
        assert.equal(one.client.getProtocolEra(), "modern");
        const found = await one.client.discover();
        assert(found.supportedVersions.includes(MODERN));
        assert(found.capabilities.tools && found.capabilities.resources);
        assert(!one.sent.some((message) => message.method === "initialize"));
    });

    check("a-cached-list-is-not-asked-for-again", async () => {
        const one = await open();
        const asked = () => one.sent.filter((message) =>
            message.method === "tools/list").length;
        const first = await one.client.listTools();
        const { ttlMs } = one.response("tools/list").result;
        assert.deepEqual(await one.client.listTools(), first);
        assert.equal(asked(), ttlMs > 0 ? 1 : 2);
    });
}

await run();
