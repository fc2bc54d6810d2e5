import { z } from "zod";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import {
  type EventCursor,
  type EventView,
  listEventsAfter,
  newestEvent,
} from "#platform/store/queries/events.ts";
import { createEventStreams, describeStream, type EventSource } from "./eventStreams.ts";

/** Events fetched at once: what a slow reader makes us keep in memory at most. */
const BATCH_EVENTS = 200;

/** As the documentation shows it. */
const EVENT_EXAMPLE = `id: 3911-4\nevent: marginDeposited\ndata: {"kind":"marginDeposited","block":3911,"logIndex":4,…}\n\n`;

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
  const streams = createEventStreams(app);
  app.get(
    "/v1/events",
    {
      // A HEAD would hold a stream open that nothing is ever written to.
      exposeHeadRoute: false,
      schema: {
        querystring: streamQuery,
        headers: streamHeaders,
        ...describeStream(
          "events",
          "Live events (text/event-stream); resumes after Last-Event-ID",
          EVENT_EXAMPLE,
        ),
      },
    },
    async (request, reply) => {
      const last = request.headers["last-event-id"] || request.query.lastEventId;
      const after = last ? readCursor(last) : await newestEvent(context.store.db);
      streams.open(request, reply, eventsAfter(context, after));
    },
  );
}

function eventsAfter({ store, events }: ApiContext, after: EventCursor): EventSource {
  let cursor = after;
  return {
    subscribe: events.subscribe,
    async next() {
      const batch = await listEventsAfter(store.db, { after: cursor, limit: BATCH_EVENTS });
      cursor = batch.at(-1) ?? cursor;
      return { text: batch.map(eventText).join(""), hasMore: batch.length === BATCH_EVENTS };
    },
  };
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
