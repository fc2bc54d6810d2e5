import { type Abi, decodeFunctionData, type Log, parseEventLogs } from "viem";
import { decodeSubmission } from "#domains/pool/decodeSubmission.ts";
import type { MarketContracts } from "#domains/pool/marketContracts.ts";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { ChainEvent, EventFact, EventPlace } from "./chainEvent.ts";
import {
  clearingHouseContract,
  meterLedgerContract,
  participantRegistryContract,
  poolMarketContract,
  testTokenContract,
} from "./contracts.generated.ts";
import { decodeEvent } from "./decodeEvent.ts";

/** Settlement currency that came into the clearing house or left it, micro. */
export type TokenTransfer = EventPlace & {
  readonly kind: "tokenTransferred";
  readonly from: Address;
  readonly to: Address;
  readonly amountMicro: bigint;
};

/** What an audit replays: the events of Commonwatt's contracts, and the movements of the currency that they caused. */
export type AuditEvent = ChainEvent | TokenTransfer;

/** What a transaction was and did. `logs` are all that it wrote, in order. */
export type ExecutedTransaction = {
  readonly place: Omit<EventPlace, "logIndex" | "purpose">;
  readonly to: Address | null;
  readonly input: Hex;
  readonly logs: readonly Log<bigint, number, false>[];
};

/**
 * The events of one transaction in domain values, in the order of its logs.
 *
 * @throws the decoder's error when a log of our contracts is none of their events
 */
export function eventsOfTransaction(
  deployment: MarketContracts,
  transaction: ExecutedTransaction,
): AuditEvent[] {
  const { place, to, input, logs } = transaction;
  const isToMarket = to?.toLowerCase() === deployment.poolMarket;
  const submission = decodeSubmission(isToMarket ? input : "0x");
  const purpose = to === null ? null : purposeOf(deployment, to, input);
  const events: AuditEvent[] = [];
  for (const log of logs) {
    const at: EventPlace = { ...place, purpose, logIndex: log.logIndex };
    const transfer = readTransfer(deployment, log);
    if (transfer !== null) events.push({ ...transfer, ...at });
    const fact = decodeEvent(deployment, log, submission);
    if (fact !== null) events.push(placeFact(fact, at));
  }
  return events;
}

/** An event at its place. */
export function placeFact<Fact extends EventFact>(fact: Fact, place: EventPlace): Fact & EventPlace {
  return { ...fact, ...place };
}

function readTransfer(
  { token, clearingHouse }: MarketContracts,
  log: Log<bigint, number, false>,
): Omit<TokenTransfer, keyof EventPlace> | null {
  if (log.address.toLowerCase() !== token) return null;
  const [transfer] = parseEventLogs({ abi: testTokenContract.abi, eventName: "Transfer", logs: [log] });
  if (!transfer) return null;
  const from = transfer.args.from.toLowerCase() as Address;
  const to = transfer.args.to.toLowerCase() as Address;
  if (from !== clearingHouse && to !== clearingHouse) return null;
  return { kind: "tokenTransferred", from, to, amountMicro: transfer.args.value };
}

/** Name of the function that a transaction called on one of our contracts. */
export function purposeOf(deployment: MarketContracts, to: Address, input: Hex): string | null {
  const abis: Record<Address, Abi> = {
    [deployment.registry]: participantRegistryContract.abi,
    [deployment.clearingHouse]: clearingHouseContract.abi,
    [deployment.meterLedger]: meterLedgerContract.abi,
    [deployment.poolMarket]: poolMarketContract.abi,
  };
  const abi = abis[to.toLowerCase() as Address];
  if (!abi) return null;
  try {
    return decodeFunctionData({ abi, data: input }).functionName;
  } catch {
    return null;
  }
}
