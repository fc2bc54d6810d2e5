import type { RegistryReplay } from "#domains/accounts/audit/auditRegistry.ts";
import { findOmittedOrder } from "#domains/pool/check/omittedOrder.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { bookRootOf, type SignedBook, sortByMerit } from "#domains/pool/rules/bookRoot.ts";
import {
  findKeptSignerFault,
  findLimitFault,
  findSignerFault,
  isEncodable,
} from "#domains/pool/rules/orderFault.ts";
import { type OrderContext, orderDigest, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import type { AuditCounts } from "#platform/audit/auditCounts.ts";
import { type AuditedArea, refuseInterval } from "./auditArea.ts";

/** Gives the orders of an interval that stand in the desk's archive; null when the archive does not cover it. */
export type OrderSource = (areaId: number, intervalId: number) => Promise<readonly SignedOrder[] | null>;

/** Whole books behind the recorded roots, as far as the orders that were not submitted are at hand. */
export type BookReplay = {
  /** Requires that the orders give the recorded root, and that none was left out which bears on the clearing. */
  verify(
    event: PoolEvent<"intervalCleared">,
    cleared: { area: AuditedArea; submitted: SignedBook },
  ): Promise<void>;
  /** Clearings whose other orders were not at hand. */
  uncheckedBooks(): number;
};

type Interval = {
  readonly event: PoolEvent<"intervalCleared">;
  readonly area: AuditedArea;
  readonly context: OrderContext;
};

const ROOT_DIFFERS = "the orders at hand do not give the recorded root of the book";

/** Replays the books of the pool market. */
export function replayBooks({
  separator,
  registry,
  orders,
  counts,
}: {
  separator: Uint8Array;
  registry: RegistryReplay;
  orders: OrderSource | null;
  counts: AuditCounts;
}): BookReplay {
  let unchecked = 0;

  /** The archived orders beyond the submitted ones, each once. */
  const readOthers = (interval: Interval, submitted: SignedBook, archived: readonly SignedOrder[]) => {
    const { context } = interval;
    const digestOf = (order: SignedOrder) => toHex(orderDigest(order, context));
    const known = new Map(
      [...submitted.bids, ...submitted.offers].map((order) => [digestOf(order), toHex(order.signature)]),
    );
    const others = new Map<Hex, SignedOrder>();
    for (const order of archived) {
      const digest = isEncodable(order) ? digestOf(order) : null;
      // A submitted order was verified with the signature that the chain saw.
      if (digest !== null && known.get(digest) === toHex(order.signature)) continue;
      verifyArchived({ ...interval, order, registry, counts });
      if (digest !== null && !known.has(digest)) others.set(digest, order);
    }
    return [...others.values()];
  };

  /** Whether the market would have taken the order at the clearing: an account may be suspended, or change its signer. */
  const isValid = (order: SignedOrder, context: OrderContext) => {
    const standing = registry.standingOf(context.areaId, order.participant);
    return findSignerFault({ order, context, standing }) === null;
  };

  return {
    async verify(event, { area, submitted }) {
      const { areaId, intervalId, bookRoot } = event;
      const interval = { event, area, context: { separator, areaId, intervalId } };
      const archived = (await orders?.(areaId, intervalId)) ?? null;
      const others = readOthers(interval, submitted, archived ?? []);
      const whole = sortByMerit([...submitted.bids, ...submitted.offers, ...others]);
      const isWhole = bookRootOf(whole, interval.context) === bookRoot;
      const valid = others.filter((order) => isValid(order, interval.context));
      requireNoneOmitted({ ...interval, submitted, others: valid, isWhole });
      if (isWhole) counts.books += 1;
      else if (archived === null) unchecked += 1;
      else
        refuseInterval(
          event,
          "bookRoot",
          `${whole.bids.length} bids and ${whole.offers.length} offers are submitted or in the archive; ${ROOT_DIFFERS}`,
        );
    },
    uncheckedBooks: () => unchecked,
  };
}

/** An archived order was signed by its account's owner or an entity of it, and keeps to the limits of its area. */
function verifyArchived({
  event,
  area,
  context,
  order,
  registry,
  counts,
}: Interval & { order: SignedOrder; registry: RegistryReplay; counts: AuditCounts }): void {
  const { participant: account, side } = order;
  counts.orders += 1;
  counts.signatures += 1;
  const fault =
    findKeptSignerFault({ order, context, signers: registry.signersOf(account) }) ??
    findLimitFault(order, area.terms);
  if (fault === null) return;
  const { energyWh, limitPriceMicroPerKwh: price } = order;
  refuseInterval(
    event,
    fault.rule,
    `the archived ${side} of account ${account} (${energyWh} Wh at ${price} micro/kWh) ${fault.words}`,
    { account, side },
  );
}

function requireNoneOmitted({
  event,
  area,
  submitted,
  others,
  isWhole,
}: Interval & { submitted: SignedBook; others: readonly SignedOrder[]; isWhole: boolean }): void {
  const omitted = findOmittedOrder({ submitted, others, pricing: area.terms.pricing });
  if (omitted === null) return;
  const { order, side, position } = omitted;
  const finding = isWhole ? omitted.finding : `${omitted.finding}; moreover ${ROOT_DIFFERS}`;
  refuseInterval(event, "omittedOrder", finding, { account: order.participant, side, position });
}
