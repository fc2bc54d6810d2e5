import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type PassingNode = { readonly url: string; readonly stop: () => Promise<void> };

/** A node of the same chain at an address of its own: it passes on what the chain answers. */
export async function startPassingNode(origin: () => string): Promise<PassingNode> {
  const server = createServer((request, response) => {
    const { "access-control-request-headers": asked } = request.headers;
    response.setHeader("access-control-allow-origin", "*");
    if (asked) response.setHeader("access-control-allow-headers", asked);
    if (request.method === "OPTIONS") return void response.end();
    void readBody(request).then(async (body) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(new URL("/rpc", origin()), { method: "POST", headers, body });
      response.writeHead(answer.status, headers).end(await answer.text());
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}
