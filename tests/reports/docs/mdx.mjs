// Renders a page of MDX, given as {"text": ...} on standard input, to HTML on standard output.
// The folder of modules is the argument. Pictures are shown by a component of the site; here it is
// one that shows both.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { text as read } from "node:stream/consumers";

const modules = process.argv[2];
const load = (path) => import(pathToFileURL(join(modules, path)));
const here = createRequire(join(modules, "here.js"));
const { evaluate } = await load("@mdx-js/mdx/index.js");
const { default: gfm } = await load("remark-gfm/index.js");
const runtime = here("react/jsx-runtime");
const { createElement } = here("react");
const { renderToStaticMarkup } = here("react-dom/server");

const ThemedImage = ({ alt, sources }) =>
  Object.values(sources).map((src) => createElement("img", { key: src, alt, src }));
globalThis.require = (path) => ({ default: path.split("!").pop() });

const { text } = JSON.parse(await read(process.stdin));
const page = text.replace(/^import ThemedImage from '@theme\/ThemedImage';$/m, "");
const { default: Page } = await evaluate(page, { ...runtime, remarkPlugins: [gfm] });
process.stdout.write(renderToStaticMarkup(createElement(Page, { components: { ThemedImage } })));
