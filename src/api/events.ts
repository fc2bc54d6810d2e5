import type { ServerResponse } from "node:http";
import { z } from "zod";
import { type EventCursor, type EventView, listEventsAfter, newestEvent } from "#store/queries/events.ts";
import { DomainError } from "#units/domainError.ts";
import type { Api, ApiContext } from "./apiContext.ts";
import { problemWire } from "./wire.ts";

/** Streams at a time; each holds a connection and asks the database once for each block. */
const MAX_STREAMS = 256;
/** Events fetched at once: what a slow reader makes us keep in memory at most. */
const BATCH_EVENTS = 200;
/** A comment now and then keeps proxies from closing an idle stream. */
const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2_000;

const eventId = z
  .string()
  .regex(/^\d{1,9}-\d{1,9}$/)
  .describe("`id` of the last event received: block-logIndex");
const streamQuery = z.strictObject({ lastEventId: eventId.optional() });
const streamHeaders = z.object({ "last-event-id": eventId.or(z.literal("")).optional() });

/**
 * Everything that happens on the chain, live, as server-sent events. The database is the queue: a reader that comes
 * back with its last id gets what it missed, and a slow one is never sent more than it takes.
 */
export function addEvents(app: Api, context: ApiContext): void {
  const streams = new Set<ServerResponse>();
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.destroy();
  });
  app.get(
    "/v1/events",
    {
      // A HEAD would hold a stream open that nothing is ever written to.
      exposeHeadRoute: false,
      schema: {
        tags: ["events"],
        summary: "Live events (text/event-stream); resumes after Last-Event-ID",
        querystring: streamQuery,
        headers: streamHeaders,
        response: {
          200: z.string().describe("A stream of `id`, `event` (its kind) and `data` (JSON)"),
          "4xx": problemWire.describe("Refused, by RFC 9457"),
        },
      },
    },
    async (request, reply) => {
      if (streams.size >= MAX_STREAMS) throw new TooManyStreamsError();
      const last = request.headers["last-event-id"] || request.query.lastEventId;
      const after = last ? readCursor(last) : await newestEvent(context.store.db);
      const headers = reply.getHeaders();
      reply.hijack();
      const stream = reply.raw;
      streams.add(stream);
      stream.once("close", () => streams.delete(stream));
      stream.writeHead(200, {
        ...(headers as Record<string, string>),
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
      });
      stream.write(`retry: ${RECONNECT_MS}\n\n`);
      follow({ stream, context, after, onFailure: (err) => request.log.error({ err }, "a stream failed") });
    },
  );
}

/** Sends what comes after `after` until the reader leaves. */
function follow({
  stream,
  context,
  after,
  onFailure,
}: {
  stream: ServerResponse;
  context: ApiContext;
  after: EventCursor;
  onFailure: (error: unknown) => void;
}): void {
  let cursor = after;
  let isSending = false;
  let hasMore = false;
  const send = async (): Promise<void> => {
    hasMore = true;
    if (isSending) return;
    isSending = true;
    while (hasMore && !stream.destroyed) {
      const batch = await listEventsAfter(context.store.db, { after: cursor, limit: BATCH_EVENTS });
      hasMore = batch.length === BATCH_EVENTS;
      cursor = batch.at(-1) ?? cursor;
      if (batch.length > 0) await writeFully(stream, batch.map(eventText).join(""));
    }
    isSending = false;
  };
  const start = () =>
    void send().catch((error: unknown) => {
      onFailure(error);
      stream.destroy();
    });
  const unsubscribe = context.events.subscribe(start);
  const heartbeat = setInterval(() => stream.write(": still here\n\n"), HEARTBEAT_MS);
  stream.once("close", () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
  start();
}

/** Returns once the reader has room for more, or is gone. */
function writeFully(stream: ServerResponse, text: string): Promise<void> {
  if (stream.destroyed || stream.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
  });
}

function eventText({ block, logIndex, kind, timestamp, transactionHash, facts }: EventView): string {
  const data = JSON.stringify({
    kind,
    block,
    logIndex,
    timestamp,
    transactionHash,
    facts: JSON.parse(facts),
  });
  return `id: ${block}-${logIndex}\nevent: ${kind}\ndata: ${data}\n\n`;
}

function readCursor(text: string): EventCursor {
  const [block = -1, logIndex = -1] = text.split("-").map(Number);
  return { block, logIndex };
}

export class TooManyStreamsError extends DomainError {
  readonly code = "tooManyStreams";

  constructor() {
    super(`${MAX_STREAMS} event streams are open, which is the most; try again later`);
  }
}
