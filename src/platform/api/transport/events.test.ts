import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";

let api: ApiFixture;
let url: string;

beforeAll(async () => {
  api = await openApiFixture();
  url = await api.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => api.close());

type Received = { id: string; event: string; data: { facts: Record<string, unknown> } };

/** Reads a stream until `count` events are in, or it ends. */
async function receive(stream: AsyncIterable<Uint8Array>, count: number): Promise<Received[]> {
  const decoder = new TextDecoder();
  const events: Received[] = [];
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (fields.id) events.push({ id: fields.id, event: fields.event, data: JSON.parse(fields.data) });
    }
    if (events.length >= count) break;
  }
  return events;
}

function open(headers: Record<string, string> = {}, query = "") {
  const controller = new AbortController();
  return fetch(`${url}/v1/events${query}`, { headers, signal: controller.signal });
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  return response.body as unknown as AsyncIterable<Uint8Array>;
}

test("a stream resumes after its last id, in order and without loss", async () => {
  const all = api.history.events;
  const last = all[10];
  const response = await open({ "last-event-id": `${last?.block}-${last?.logIndex}` });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  const rest = all.slice(11);
  const received = await receive(bodyOf(response), rest.length);
  expect(received.map(({ id }) => id)).toEqual(rest.map(({ block, logIndex }) => `${block}-${logIndex}`));
  expect(received.map(({ event }) => event)).toEqual(rest.map(({ kind }) => kind));
});

test("a new stream gets what happens from now on, with money in strings", async () => {
  const response = await open();
  const received = receive(bodyOf(response), 2);
  api.history.clear(103, ordinaryOrders(103));
  await api.follow();
  const [held, event] = await received;
  expect(held).toMatchObject({
    event: "held",
    data: { facts: { amountMicro: expect.stringMatching(/^\d+$/) } },
  });
  expect(event).toMatchObject({
    event: "intervalCleared",
    data: { facts: { intervalId: 103, clearedWh: "900", localPriceMicroPerKwh: 175_000 } },
  });
  expect(event?.data.facts).not.toHaveProperty("submission");
});

test("the id may come in the query, and closing the server ends every stream", async () => {
  const closing = await openApiFixture();
  const address = await closing.app.listen({ host: "127.0.0.1", port: 0 });
  const response = await fetch(`${address}/v1/events?lastEventId=0-0`);
  const received = receive(bodyOf(response), Number.POSITIVE_INFINITY).catch(() => "ended");
  await closing.close();
  expect(await received).toBe("ended");
});
