import type { Api, ApiContext, ApiDomain } from "#platform/api/apiContext.ts";
import { visibleNames } from "#platform/api/identity/visibleNames.ts";
import { type Hit, type Lookup, MAX_HITS } from "#platform/api/lookup.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { MAX_AREA, MAX_INTERVAL, MAX_MEMBER } from "#platform/api/wire.ts";
import { lookupQuery, lookupWire } from "#platform/api/wireAudit.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import {
  findTransaction,
  findTransactionsInShort,
  type TransactionView,
} from "#platform/store/queries/transactions.ts";

/** Finds what an auditor holds in hand: an id, a hash, an address, an account, a meter, an interval or a name. */
export function addLookup<Context extends ApiContext>(
  app: Api,
  context: Context,
  domains: readonly ApiDomain<Context>[],
): void {
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
      const lookup = readLookup(request.query.q.trim(), {
        request,
        names: await visibleNames(context, request),
      });
      if (lookup === null) return { hits: [] };
      const hits = await findTransactionHit(context, lookup);
      for (const { find } of domains) hits.push(...((await find?.(context, lookup)) ?? []));
      return { hits: hits.slice(0, MAX_HITS) };
    },
  );
}

const HASH = /^0x[0-9a-fA-F]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;
const SHORT_HASH = /^0x([0-9a-f]{4,63})(?:…|\.{2,3})?([0-9a-f]{0,16})$/i;
const PLACE = /^\d{1,10}(\/\d{1,10}(\/\d{1,8})?)?$/;

/** What a text means by its form; null where no such place can be. */
function readLookup(text: string, asked: Pick<Lookup, "names" | "request">): Lookup | null {
  if (HASH.test(text)) return { form: "hash", hash: text.toLowerCase(), ...asked };
  if (ADDRESS.test(text)) return { form: "address", address: text.toLowerCase(), ...asked };
  const [, head, tail = ""] = SHORT_HASH.exec(text) ?? [];
  if (head !== undefined)
    return { form: "shortHash", head: head.toLowerCase(), tail: tail.toLowerCase(), ...asked };
  if (!PLACE.test(text)) return text === "" ? null : { form: "name", part: text, ...asked };
  const [first = 0, intervalId, member] = text.split("/").map(Number);
  if (intervalId === undefined) return { form: "number", number: first, ...asked };
  if (first > MAX_AREA || intervalId > MAX_INTERVAL || (member ?? 0) > MAX_MEMBER) return null;
  const place = { areaId: first, intervalId, ...asked };
  return member === undefined ? { form: "interval", ...place } : { form: "reading", member, ...place };
}

async function findTransactionHit({ store }: ApiContext, lookup: Lookup): Promise<Hit[]> {
  return (await transactionsFound(store.db, lookup)).map(({ purpose, block, hash }) => ({
    kind: "transaction",
    id: hash,
    title: `${purpose ?? "another contract's call"} in block ${block}`,
  }));
}

async function transactionsFound(db: Queryable, lookup: Lookup): Promise<readonly TransactionView[]> {
  if (lookup.form === "shortHash") return findTransactionsInShort(db, { ...lookup, limit: MAX_HITS });
  const transaction = lookup.form === "hash" ? await findTransaction(db, lookup.hash) : null;
  return transaction === null ? [] : [transaction];
}
