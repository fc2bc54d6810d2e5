import type { ServerResponse } from "node:http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { PROBLEMS } from "#platform/api/routeSchema.ts";

/** Streams at a time; each holds a connection and asks for what is new each time there is something. */
const MAX_STREAMS = 256;
/** A comment now and then keeps proxies from closing an idle stream. */
const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2_000;

/** Where the events of a stream come from. */
export type EventSource = {
  /** Calls the listener whenever there is something new; gives back the function that ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** What was not sent yet, as text of server-sent events; `hasMore` asks again at once. */
  readonly next: () => Promise<{ readonly text: string; readonly hasMore: boolean }>;
};

/**
 * Server-sent events, for one resource: `open` answers a request with a stream that lives until the reader leaves or the
 * server closes. A slow reader is never sent more than it takes.
 */
export function createEventStreams(app: Api) {
  const streams = new Set<ServerResponse>();
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.destroy();
  });
  return {
    /** @throws TooManyStreamsError */
    open(request: FastifyRequest, reply: FastifyReply, source: EventSource): void {
      if (streams.size >= MAX_STREAMS) throw new TooManyStreamsError();
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
      follow(stream, source, (err) => request.log.error({ err }, "a stream failed"));
    },
  };
}

/** The part of a route's schema that all streams share. */
export function describeStream<Tag extends string>(tag: Tag, summary: string, example: string) {
  return {
    tags: [tag],
    summary,
    response: {
      200: {
        description: "A stream of `id`, `event` (its kind) and `data` (JSON)",
        content: { "text/event-stream": { schema: z.string().meta({ example }) } },
      },
      ...PROBLEMS,
    },
  };
}

/** Sends what the source has until the reader leaves. */
function follow(
  stream: ServerResponse,
  { subscribe, next }: EventSource,
  onFailure: (error: unknown) => void,
): void {
  let isSending = false;
  let hasMore = false;
  const send = async (): Promise<void> => {
    hasMore = true;
    if (isSending) return;
    isSending = true;
    while (hasMore && !stream.destroyed) {
      hasMore = false;
      const batch = await next();
      hasMore ||= batch.hasMore;
      if (batch.text !== "") await writeFully(stream, batch.text);
    }
    isSending = false;
  };
  const start = () =>
    void send().catch((error: unknown) => {
      onFailure(error);
      stream.destroy();
    });
  const unsubscribe = subscribe(start);
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

export class TooManyStreamsError extends DomainError {
  readonly code = "tooManyStreams";

  constructor() {
    super(`${MAX_STREAMS} event streams are open, which is the most; try again later`);
  }
}
