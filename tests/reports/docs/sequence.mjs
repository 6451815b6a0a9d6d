// Reads a Mermaid sequence diagram, given on standard input, with Mermaid itself.
// The folder of modules is the argument; what was read is written as JSON.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { text as read } from "node:stream/consumers";

const modules = process.argv[2];
const { JSDOM } = createRequire(join(modules, "here.js"))("jsdom");
globalThis.window = new JSDOM("").window;
globalThis.document = globalThis.window.document;
const path = join(modules, "mermaid/dist/mermaid.core.mjs");
const { default: mermaid } = await import(pathToFileURL(path));
mermaid.initialize({ startOnLoad: false, logLevel: "fatal" });

const text = await read(process.stdin);
await mermaid.parse(text);
const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
const actors = [...db.getActors().values()].map(({ description }) => description);
const messages = db.getMessages().map(({ from, to, message }) => [from, to, message]);
process.stdout.write(JSON.stringify({ type, actors, messages }));
