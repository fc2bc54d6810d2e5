import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** The answers that tests change: blocks, receipts, and, of calls, the bytes as text. */
export type RpcAnswer = {
  readonly number: string;
  readonly transactions: readonly { readonly hash: string; readonly input: string }[];
  readonly logs: readonly { readonly logIndex: string; readonly data: string }[];
  readonly [field: string]: unknown;
};

/** Changes the answer to one call, or has it wait; gives back what it was given to leave it alone. */
export type Tampering = (call: { method: string; params: readonly unknown[] }, result: RpcAnswer) => unknown;

/** A node that lies: passes calls on to `rpcUrl` and changes its answers. */
export async function startLyingNode(rpcUrl: string) {
  let tampering: Tampering = (_call, result) => result;
  const server = createServer(async (request, response) => {
    const asked = JSON.parse(await readBody(request));
    const answer = await fetch(rpcUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(asked),
    });
    const answered = (await answer.json()) as Answered | Answered[];
    const callOf = (body: Answered) => asked.find(({ id }: { id: unknown }) => id === body.id);
    const lies = Array.isArray(answered)
      ? await Promise.all(answered.map((body) => lie(tampering, callOf(body), body)))
      : await lie(tampering, asked, answered);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(lies));
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

type Answered = { readonly id: unknown; result?: unknown; error?: unknown };
type Asked = { readonly method: string; readonly params: readonly unknown[] };

/** A block's receipts are lied about one by one, as if each had been asked for by its transaction. */
async function lie(tampering: Tampering, call: Asked, { result, ...body }: Answered): Promise<Answered> {
  if (result === undefined || result === null) return { ...body, result };
  const change = (receipt: RpcAnswer) =>
    tampering({ method: "eth_getTransactionReceipt", params: [receipt.transactionHash] }, receipt);
  try {
    const isOfBlock = call.method === "eth_getBlockReceipts";
    const lied = isOfBlock
      ? await Promise.all((result as RpcAnswer[]).map(change))
      : await tampering(call, result as RpcAnswer);
    return { ...body, result: lied };
  } catch (error) {
    return { ...body, error: { code: -32603, message: String(error) } };
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
