// SPDX-License-Identifier: MIT
//
// @modelcontextprotocol/sdk, which most clients are made with today.
// MODE is the revision; the client itself always asks for 2025-11-25, but it
// takes the others as well.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport }
    from "@modelcontextprotocol/sdk/client/stdio.js";
import { home, link, mode, run } from "./check.mjs";
import { conversation } from "./conversation.mjs";

const revision = mode ?? "2025-11-25";

async function open(options = {})
{
    const one = link(
        new Client({ name: "interop-v1", version: "1" }),
        new StdioClientTransport(home(options)));
    one.edit.sent = (message) => {
        if (message.method === "initialize")
            message.params.protocolVersion = revision;
    };
    one.revision = () => one.response("initialize").result.protocolVersion;
    one.call = (params, more) => one.client.callTool(params, undefined, more);
    await one.client.connect(one.transport);
    return one;
}

conversation(open, {
    revision,
    modern: false,
    hints: revision >= "2025-03-26",
    messages: revision >= "2025-03-26",
    structured: revision >= "2025-06-18",
    deep: revision === "2025-11-25",
});
await run();
