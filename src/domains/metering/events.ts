import { decodeEventLog } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, ContractEvents, Fact } from "#platform/chain/contractSpec.ts";
import type { MinedLog } from "#platform/chain/readLogs.ts";
import { meterLedgerContract } from "./contracts.generated.ts";

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

/** Logs of the ledger of readings. */
export const ledgerEvents = {
  name: "meterLedger",
  abi: meterLedgerContract.abi,
  decode: ({ logs }) => logs.map(readLedger),
} as const satisfies ContractEvents<MeteringFact>;

function readLedger({ topics, data }: MinedLog): MeteringFact | null {
  const { eventName, args } = decodeEventLog({ abi: meterLedgerContract.abi, topics, data });
  switch (eventName) {
    case "ReadingsPublished":
      return { contract: "meterLedger", kind: "readingsPublished", ...args };
    case "PageClaimed": {
      const { purpose: claimPurpose, claimant, ...place } = args;
      const by = claimant.toLowerCase() as Address;
      return { contract: "meterLedger", kind: "pageClaimed", ...place, claimPurpose, claimant: by };
    }
    default:
      return null;
  }
}
