// Reads an AsyncAPI document with AsyncAPI's own parser, and ends with 1 at the first error or warning.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const WARNING = 1; // errors are 0; a note that a newer version of AsyncAPI exists is 2
const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const found = diagnostics.filter((one) => one.severity <= WARNING);
for (const one of found) console.error(`${one.code} at ${one.path.join(".")}: ${one.message}`);
if (found.length > 0 || document === undefined) process.exit(1);
console.log(`AsyncAPI: valid, with ${document.messages().length} messages.`);
