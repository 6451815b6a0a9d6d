// Clients as real integrations have them. Arguments: what to do, URL of the sandbox or its proxy,
// URL to call, app key, token. Prints a line of JSON for each answer.
import http from "node:http";
import https from "node:https";

const [how, way, url, key, token] = process.argv.slice(2);
const headers = { "X-VTEX-API-AppKey": key, "X-VTEX-API-AppToken": token, "Accept-Encoding": "gzip, br" };

function tell(status, body, extra = {}) {
  console.log(JSON.stringify({ status, body: body ? JSON.parse(body) : null, ...extra }));
}

// One request by node:http, as axios makes it; a body goes out in pieces, without a length.
function ask(library, options, body) {
  return new Promise((done, failed) => {
    const request = library.request(options, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => done([response.statusCode, Buffer.concat(parts).toString(), request.reusedSocket]));
    });
    request.on("error", failed);
    for (const part of body ?? []) request.write(part);
    request.end();
  });
}

async function absolute() {
  // axios with HTTPS_PROXY: no CONNECT, but the whole URL in clear to the proxy.
  const { hostname, port } = new URL(way);
  const { host } = new URL(url);
  const agent = new http.Agent({ keepAlive: true });
  for (const body of [null, ['{"source": "erp",', ' "message": "hello"}']]) {
    const path = body ? `${url}/interactions` : url;
    const method = body ? "POST" : "GET";
    const options = { hostname, port, path, method, agent, headers: { ...headers, Host: host } };
    const [status, text] = await ask(http, options, body);
    tell(status, text);
  }
  agent.destroy();
}

async function direct() {
  const { hostname, port, pathname } = new URL(url);
  const agent = new https.Agent({ keepAlive: true });
  for (let turn = 0; turn < 2; turn++) {
    const [status, text, reused] = await ask(https, { hostname, port, path: pathname, agent, headers });
    tell(status, text, { reused });
  }
  agent.destroy();
}

async function fetched() {
  const answer = await fetch(url, { headers });
  tell(answer.status, await answer.text());
}

await { absolute, direct, fetched }[how]();
