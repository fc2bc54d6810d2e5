import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** The answers that tests change: blocks, receipts, and, of calls, the bytes as text. */
export type RpcAnswer = {
  readonly number: string;
  readonly transactions: readonly { readonly hash: string; readonly input: string }[];
  readonly logs: readonly { readonly logIndex: string; readonly data: string }[];
  readonly [field: string]: unknown;
};

/** Changes the answer to one call; gives back what it was given to leave it alone. */
export type Tampering = (call: { method: string; params: readonly unknown[] }, result: RpcAnswer) => unknown;

/** A node that lies: passes calls on to `rpcUrl` and changes its answers. */
export async function startLyingNode(rpcUrl: string) {
  let tampering: Tampering = (_call, result) => result;
  const server = createServer(async (request, response) => {
    const call = JSON.parse(await readBody(request));
    const answer = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call),
    });
    const body = (await answer.json()) as { result?: unknown; error?: unknown };
    try {
      if (body.result !== undefined && body.result !== null)
        body.result = tampering(call, body.result as RpcAnswer);
    } catch (error) {
      body.error = { code: -32603, message: String(error) };
      delete body.result;
    }
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tellLies(lies: Tampering) {
      tampering = lies;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
