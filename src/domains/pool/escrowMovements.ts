import type { Address, Hex } from "#kernel/crypto/hex.ts";

/** An event as far as it tells of escrow; `market` and `amountMicro` are there where escrow changed. */
export type EscrowEvent = {
  readonly kind: string;
  readonly transactionHash: Hex;
  readonly market?: Address;
  readonly amountMicro?: bigint;
};

const EXPLAINED_BY: Readonly<Record<string, "held" | "released">> = {
  stepVerified: "held",
  intervalCleared: "held",
  pageSettled: "released",
  intervalSettled: "released",
  pageVoided: "released",
};

/**
 * What the pool market moved in and out of escrow, by the event that says what for: the market moves money first and logs
 * its cause after it, within one transaction. `events` are in the order of the chain. Micro.
 */
export function explainEscrow<Event extends EscrowEvent>(
  events: readonly Event[],
  poolMarket: Address,
): ReadonlyMap<Event, bigint> {
  const explained = new Map<Event, bigint>();
  const open = new Map<string, bigint[]>();
  for (const event of events) {
    const { kind, transactionHash, market, amountMicro } = event;
    const isMovement = kind === "held" || kind === "released";
    const cause = EXPLAINED_BY[kind];
    if (isMovement && market === poolMarket && amountMicro !== undefined) {
      const key = `${transactionHash} ${kind}`;
      open.set(key, [...(open.get(key) ?? []), amountMicro]);
    } else if (cause) {
      const amount = open.get(`${transactionHash} ${cause}`)?.shift();
      if (amount !== undefined) explained.set(event, amount);
    }
  }
  return explained;
}
