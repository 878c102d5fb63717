// SPDX-License-Identifier: MIT
// Validates what stands on standard input, a JSON object a line with
// "schema" and "data" (and "name" for messages), by JSON Schema 2020-12.
// Prints what is wrong, then how many were looked at; status 1 if any was.

import { createInterface } from "node:readline";
import Ajv2020 from "ajv/dist/2020.js";

const ajv = new Ajv2020.default({ strict: true, allowUnionTypes: true });
const compiled = new Map();
let looked = 0, wrong = 0;

for await (const line of createInterface({ input: process.stdin })) {
	const { name, schema, data } = JSON.parse(line);
	const key = JSON.stringify(schema);
	if (!compiled.has(key))
		compiled.set(key, ajv.compile(schema));
	const validate = compiled.get(key);
	looked++;
	if (!validate(data)) {
		wrong++;
		console.log(`${name}: ${ajv.errorsText(validate.errors)}`);
	}
}
console.log(`${looked} looked at, ${wrong} wrong`);
process.exitCode = wrong > 0 ? 1 : 0;
