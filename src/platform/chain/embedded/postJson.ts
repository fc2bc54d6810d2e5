import { Agent, request } from "node:http";

/** Connections to the node stay open: opening one takes longer than most calls. */
const AGENT = new Agent({ keepAlive: true });

/** Posts JSON to a server on this machine and gives back its JSON. Throws when there is no answer in time, or none of JSON. */
export async function postJson(url: string, body: unknown, timeoutMs: number): Promise<unknown> {
  const text = JSON.stringify(body);
  return await new Promise<unknown>((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request(url, { method: "POST", agent: AGENT, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
        } catch (error) {
          reject(error);
        }
      });
    });
    outgoing.once("error", reject);
    outgoing.end(text);
  });
}
