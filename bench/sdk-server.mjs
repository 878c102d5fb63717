// SPDX-License-Identifier: MIT
//
// What one would write with @modelcontextprotocol/sdk and pg: a server on
// stdio whose tools run the statements of ours, with the parameters that our
// server sent, and answer with the rows.  It asks nobody who they are.
//
//     node sdk-server.mjs CALLS.json
//
// CALLS.json: [{"tool": "...", "statements": [{"name", "text", "values"}]}]

import fs from "node:fs";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport }
    from "@modelcontextprotocol/sdk/server/stdio.js";
import pg from "pg";
import { z } from "zod";

const calls = JSON.parse(fs.readFileSync(process.argv[2]));
const server = new McpServer({ name: "bench", version: "1" });
let client;

async function connection()
{
    if (!client) {
        client = new pg.Client({
            connectionString: process.env.BENCH_DATABASE,
            options: process.env.BENCH_OPTIONS,
        });
        await client.connect();
    }
    return client;
}

for (const call of calls)
    server.registerTool(call.tool, {
        description: `answers as ${call.tool} does`,
        inputSchema: {
            patient_id: z.number().int().optional(),
            limit: z.number().int().optional(),
        },
    }, async () => {
        const database = await connection();
        const results = await Promise.all(
            call.statements.map((one) => database.query(one)));
        const structuredContent = {
            results: results.map((one) => one.rows),
        };
        return {
            content: [{
                type: "text", text: JSON.stringify(structuredContent),
            }],
            structuredContent,
        };
    });

await server.connect(new StdioServerTransport());
// The connection would keep it alive when its client has left.
process.stdin.on("end", () => process.exit(0));
