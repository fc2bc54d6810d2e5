import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a node, or what lies before it, does to a call. The first four may or may not have let it through. */
export type ProxyFault =
  | "none"
  | "refused"
  | "answerLost"
  | "blackHole"
  | "truncated"
  | "busy"
  | "badGateway"
  | "wrongChain"
  | "behind"
  | "fork";

export const PROXY_FAULTS: readonly ProxyFault[] = [
  ...(["none", "refused", "answerLost", "blackHole", "truncated"] as const),
  ...(["busy", "badGateway", "wrongChain", "behind", "fork"] as const),
];

export type FaultProxy = {
  readonly url: string;
  /** Asked for each call what is done to it. */
  faultOf: (method: string) => ProxyFault;
  close(): Promise<void>;
};

/** Blocks that a node is behind which is. */
const LAG = 3;

/** An HTTP proxy on loopback in front of a node. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faultOf: () => "none",
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("utf8");
    const { method } = JSON.parse(body) as { method: string };
    const fault = proxy.faultOf(method);
    if (fault === "refused") return void response.destroy();
    if (fault === "busy") return void response.writeHead(429, { "retry-after": "0" }).end("slow down");
    if (fault === "badGateway") return void response.writeHead(502).end("<html>bad gateway</html>");
    const headers = { "content-type": "application/json" };
    const answer = await fetch(upstream, { method: "POST", headers, body });
    const text = changed(method, await answer.text(), fault);
    if (fault === "answerLost") return void response.destroy();
    if (fault === "blackHole") return;
    response.writeHead(200, headers).end(fault === "truncated" ? text.slice(0, text.length / 2) : text);
  }
}

function changed(method: string, text: string, fault: ProxyFault): string {
  const answer = JSON.parse(text) as { result?: unknown };
  if (fault === "wrongChain" && method === "eth_chainId") return JSON.stringify({ ...answer, result: "0x1" });
  if (fault === "behind" && method === "eth_blockNumber")
    return JSON.stringify({ ...answer, result: `0x${(Number(answer.result) - LAG).toString(16)}` });
  if (fault === "fork" && method === "eth_getBlockByNumber")
    return JSON.stringify({
      ...answer,
      result: { ...(answer.result as object), hash: `0x${"f0".repeat(32)}` },
    });
  return text;
}
