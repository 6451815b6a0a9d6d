// Reads diagrams with the programs they are meant for: one request a line, one answer a line.
// A request is {"kind": "mermaid" or "dot", "text": ...}; the folder of modules is the argument.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.argv[2];
const load = (path) => import(pathToFileURL(join(modules, path)));

const { JSDOM } = createRequire(join(modules, "here.js"))("jsdom");
globalThis.window = new JSDOM("").window;
globalThis.document = globalThis.window.document;

const { default: mermaid } = await load("mermaid/dist/mermaid.core.mjs");
const { instance } = await load("@viz-js/viz/dist/viz.js");
const viz = await instance();
mermaid.initialize({ startOnLoad: false, logLevel: "fatal" });

async function readMermaid(text) {
  await mermaid.parse(text);
  const { db, type } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const nodes = [...db.getVertices().values()];
  return {
    type,
    title: db.getAccTitle(),
    nodes: nodes.map(({ id, text, type, classes }) => [id, text, type, classes]),
    edges: db.getEdges().map(({ start, end, text, stroke }) => [start, end, text, stroke]),
  };
}

function readDot(text) {
  const graph = viz.renderJSON(text);
  // Graphviz doubles the backslashes of what it drew when it tells it as JSON
  const drawn = (text) => text.replaceAll("\\\\", "\\");
  const lines = (ops) => (ops ?? []).filter(({ op }) => op === "T").map(({ text }) => drawn(text));
  const nodes = graph.objects ?? [];
  return {
    name: graph.name,
    title: lines(graph._ldraw_),
    nodes: nodes.map((node) => [node.name, lines(node._ldraw_), node.peripheries ?? "1"]),
    edges: (graph.edges ?? []).map((edge) => [
      nodes[edge.tail].name,
      nodes[edge.head].name,
      lines(edge._ldraw_),
      edge.style ?? "solid",
    ]),
  };
}

const readers = { mermaid: readMermaid, dot: readDot };
for await (const line of createInterface({ input: process.stdin })) {
  const { kind, text } = JSON.parse(line);
  let answer;
  try {
    answer = await readers[kind](text);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
