import type { Address, Hex } from "#kernel/crypto/hex.ts";

/** An event as far as it tells of escrow; `market` and `amountMicro` are there where escrow changed. */
export type EscrowEvent = {
  readonly kind: string;
  readonly transactionHash: Hex;
  readonly market?: Address;
  readonly amountMicro?: bigint;
};

/** Events that say what money of the market moved for. Those of a whole interval follow the one of its last page. */
const EXPLAINING: readonly string[] = [
  "stepVerified",
  "intervalCleared",
  "clearingAbandoned",
  "pageSettled",
  "pageReturned",
];

/**
 * What the pool market took into escrow (positive) or let go (negative), by the event that says what for: the market moves
 * money first, in one movement or several, and logs its cause after it, within one transaction. `events` are in the order
 * of the chain. Micro; an event that moved nothing has 0.
 */
export function explainEscrow<Event extends EscrowEvent>(
  events: readonly Event[],
  poolMarket: Address,
): ReadonlyMap<Event, bigint> {
  const explained = new Map<Event, bigint>();
  let open = { transactionHash: "0x" as Hex, micro: 0n };
  for (const event of events) {
    const { kind, transactionHash, market, amountMicro = 0n } = event;
    if (transactionHash !== open.transactionHash) open = { transactionHash, micro: 0n };
    if (market === poolMarket && kind === "held") open.micro += amountMicro;
    if (market === poolMarket && kind === "released") open.micro -= amountMicro;
    if (!EXPLAINING.includes(kind)) continue;
    explained.set(event, open.micro);
    open = { transactionHash, micro: 0n };
  }
  return explained;
}
