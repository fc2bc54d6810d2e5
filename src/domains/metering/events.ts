import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, Fact } from "#platform/chain/contractSpec.ts";

type Interval = { readonly areaId: number; readonly intervalId: number };

type LedgerFacts = {
  readingsPublished: Interval & { version: number; root: Hex; meters: number };
  pageClaimed: Interval & { page: number; claimPurpose: number; claimant: Address };
};

type MeteringKind = keyof LedgerFacts;

/** What an event of the ledger of readings says, without its place. */
export type MeteringFact<Kind extends MeteringKind = MeteringKind> = {
  [K in Kind]: Readonly<LedgerFacts[K]> & { readonly contract: "meterLedger"; readonly kind: K };
}[Kind];

export type MeteringEvent<Kind extends MeteringKind = MeteringKind> = ChainEvent<MeteringFact<Kind>>;

export function isMeteringEvent(event: Fact): event is MeteringEvent {
  return event.contract === "meterLedger";
}
