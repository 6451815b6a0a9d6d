#!/usr/bin/env bash
# Builds the pages of the four flows, and of those of examples/broken, with the real Docusaurus:
#   bash tests/node/docusaurus.sh
# Links, anchors and pictures that lead nowhere are errors. It needs npm and node 20, takes some
# minutes and works in build/docusaurus, so that no test does it; do it when pages change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

site=build/docusaurus
orderflow=${ORDERFLOW:-.venv/bin/orderflow}
mkdir -p "$site"
rm -rf "$site/docs" "$site/build"

# a later webpack refuses the options with which Docusaurus 3.10 shows its progress
cat >"$site/package.json" <<'JSON'
{
  "name": "orderflow-docusaurus",
  "private": true,
  "dependencies": {
    "@docusaurus/core": "3.10.2",
    "@docusaurus/preset-classic": "3.10.2",
    "react": "19.3.1",
    "react-dom": "19.3.1"
  },
  "overrides": { "webpack": "5.101.3" }
}
JSON
cat >"$site/docusaurus.config.js" <<'JS'
module.exports = {
  title: "Order flows",
  url: "https://example.org",
  baseUrl: "/",
  onBrokenLinks: "throw",
  onBrokenAnchors: "throw",
  onDuplicateRoutes: "throw",
  markdown: { hooks: { onBrokenMarkdownLinks: "throw", onBrokenMarkdownImages: "throw" } },
  presets: [["classic", { docs: { routeBasePath: "/" }, blog: false, pages: false }]],
};
JS

"$orderflow" docs "$site/docs" --flavor docusaurus
"$orderflow" docs "$site/docs/own" examples/broken/*.yaml --flavor docusaurus
export DOCUSAURUS_TELEMETRY=0 CI=true
timeout 300 npm install --prefix "$site" --no-audit --no-fund --ignore-scripts --loglevel error
(cd "$site" && timeout 600 node_modules/.bin/docusaurus build)

for page in seller official sale rules glossary own/stage-goes-backwards; do
  [ -n "$(find "$site/build/$page" -name index.html)" ] || exit 1
done
echo "Docusaurus built all pages: $site/build/index.html"
