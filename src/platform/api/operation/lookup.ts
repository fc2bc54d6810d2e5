import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import { findParticipant, findParticipantByAddress } from "#domains/accounts/queries/participants.ts";
import { listReadings } from "#domains/metering/queries/readings.ts";
import { findInterval } from "#domains/pool/queries/intervals.ts";
import { findReading } from "#domains/pool/queries/trails.ts";
import { accountWords, areaWords, intervalWords, orderWords } from "#domains/pool/routes/marketWords.ts";
import { lookUpOrder } from "#domains/pool/routes/orders.ts";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";
import { type Names, visibleNames } from "#platform/api/identity/visibleNames.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { MAX_ACCOUNT, MAX_AREA, MAX_INTERVAL } from "#platform/api/wire.ts";
import { lookupQuery, lookupWire } from "#platform/api/wireAudit.ts";
import { listIntervalsNumbered, listStays } from "#platform/store/queries/lookup.ts";
import { findTransaction } from "#platform/store/queries/transactions.ts";

type Hit = z.infer<typeof lookupWire>["hits"][number];

/** More hits than a person looks through; a longer name finds fewer. */
const MAX_HITS = 20;

/** Finds what an auditor holds in hand: an id, a hash, an address, an account, a meter, an interval or a name. */
export function addLookup(app: Api, context: ApiContext): void {
  app.get(
    "/v1/lookup",
    {
      schema: {
        querystring: lookupQuery,
        ...describeRoute(
          "audit",
          "Orders, transactions, participants, meters, intervals (`1941180` or `1/1941180`) and readings (`1/1941180/5`)",
          { body: lookupWire },
        ),
      },
    },
    async (request) => {
      const names = await visibleNames(context, request);
      const q = request.query.q.trim();
      const hits = HASH.test(q)
        ? await findHash({ context, request, hash: q.toLowerCase(), names })
        : await findHits(context, q, names);
      return { hits: hits.slice(0, MAX_HITS) };
    },
  );
}

function findHits(context: ApiContext, text: string, names: Names): Promise<Hit[]> {
  if (ADDRESS.test(text)) return findAddress(context, text.toLowerCase(), names);
  const place = PLACE.exec(text);
  if (!place) return findNamed(context, text, names);
  const [first = 0, second, account] = text.split("/").map(Number);
  if (second === undefined) return findNumber(context, first, names);
  if (first > MAX_AREA || second > MAX_INTERVAL || (account ?? 0) > MAX_ACCOUNT) return Promise.resolve([]);
  const key = { areaId: first, intervalId: second };
  return account === undefined ? findPlace(context, key) : findReadingAt(context, { ...key, account }, names);
}

const HASH = /^0x[0-9a-fA-F]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const PLACE = /^\d{1,10}(\/\d{1,10}(\/\d{1,8})?)?$/;

/** An order, a transaction, or a metering point with its accounts and its latest reading. */
async function findHash({
  context,
  request,
  hash,
  names,
}: {
  context: ApiContext;
  request: FastifyRequest;
  hash: string;
  names: Names;
}): Promise<Hit[]> {
  const { db } = context.store;
  const order = (await lookUpOrder(context, request, hash))?.body;
  const transaction = await findTransaction(db, hash);
  const found: Hit[] = [];
  if (order) {
    const title = `${orderWords(order)} of ${accountWords(names, order.account)} for interval ${order.intervalId}`;
    found.push({ kind: "order", id: hash, title });
  }
  if (transaction)
    found.push({
      kind: "transaction",
      id: hash,
      title: `${transaction.purpose ?? "another contract's call"} in block ${transaction.block}`,
    });
  return found.length > 0 ? found : findMeter(context, hash, names);
}

async function findMeter({ store: { db } }: ApiContext, meterId: string, names: Names): Promise<Hit[]> {
  const stays = await listStays(db, { meterId, limit: MAX_HITS / 2 });
  const hits: Hit[] = [];
  for (const { account } of new Map(stays.map((stay) => [stay.account, stay])).values()) {
    hits.push({ kind: "participant", id: String(account), title: accountWords(names, account) });
    const [latest] = await listReadings(db, { account, limit: 1, offset: 0 });
    if (latest) hits.push(readingHit(latest, names));
  }
  return hits;
}

async function findAddress({ store: { db } }: ApiContext, address: string, names: Names): Promise<Hit[]> {
  const participant = await findParticipantByAddress(db, address);
  return participant ? [participantHit(participant.account, names)] : [];
}

/** An account, or an interval of any area. */
async function findNumber(context: ApiContext, number: number, names: Names): Promise<Hit[]> {
  const { db } = context.store;
  const participant = number > MAX_ACCOUNT ? null : await findParticipant(db, number);
  const intervals =
    number > MAX_INTERVAL ? [] : await listIntervalsNumbered(db, { intervalId: number, limit: MAX_HITS });
  return [
    ...(participant ? [participantHit(participant.account, names)] : []),
    ...intervals.map((interval) => intervalHit(context, interval)),
  ];
}

async function findPlace(context: ApiContext, key: { areaId: number; intervalId: number }): Promise<Hit[]> {
  const interval = await findInterval(context.store.db, key);
  return interval ? [intervalHit(context, interval)] : [];
}

async function findReadingAt(
  { store: { db } }: ApiContext,
  key: { areaId: number; intervalId: number; account: number },
  names: Names,
): Promise<Hit[]> {
  const reading = await findReading(db, key);
  return reading ? [readingHit(reading, names)] : [];
}

async function findNamed({ store: { db } }: ApiContext, part: string, names: Names): Promise<Hit[]> {
  if (part === "") return [];
  const hits: Hit[] = [];
  for (const [account, name] of names) {
    if (!name.toLowerCase().includes(part.toLowerCase())) continue;
    if (await findParticipant(db, account)) hits.push(participantHit(account, names));
    if (hits.length === MAX_HITS) break;
  }
  return hits;
}

function participantHit(account: number, names: Names): Hit {
  return { kind: "participant", id: String(account), title: accountWords(names, account) };
}

function intervalHit(
  context: ApiContext,
  {
    areaId,
    intervalId,
    startsAt,
    stage,
  }: { areaId: number; intervalId: number; startsAt: number; stage: string },
): Hit {
  const words = intervalWords(context, { intervalId, startsAt });
  return {
    kind: "interval",
    id: `${areaId}/${intervalId}`,
    title: `${words} of ${areaWords(context, areaId)}: ${stage}`,
  };
}

/** What the meter said is not told here: most readings are sealed. */
function readingHit(
  { areaId, intervalId, account }: { areaId: number; intervalId: number; account: number },
  names: Names,
): Hit {
  const title = `reading of ${accountWords(names, account)} for interval ${intervalId}`;
  return { kind: "reading", id: `${areaId}/${intervalId}/${account}`, title };
}
