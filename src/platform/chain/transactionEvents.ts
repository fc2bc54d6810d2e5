import type { Address, Hex } from "#kernel/crypto/hex.ts";
import type { AddressBook, ChainEvent, ContractEvents, EventPlace, Fact } from "./contractSpec.ts";
import { readCalls } from "./readCalls.ts";
import type { MinedLog } from "./readLogs.ts";

/** Contracts that stand at the addresses of a deployment. Those without an address are not there. */
export type KnownContracts<F extends Fact = Fact> = {
  readonly contracts: AddressBook;
  readonly specs: readonly ContractEvents<F>[];
};

/** What a transaction was and did. `logs` are those that it wrote, all or some, in order. */
export type ExecutedTransaction = {
  readonly place: Omit<EventPlace, "logIndex" | "purpose">;
  readonly to: Address | null;
  readonly input: Hex;
  readonly logs: readonly MinedLog[];
};

/**
 * The events of one transaction in domain values, in the order of its logs.
 *
 * @throws the decoder's error when a log of our contracts is none of their events
 */
export function eventsOfTransaction<F extends Fact>(
  known: KnownContracts<F>,
  { place, to, input, logs }: ExecutedTransaction,
): ChainEvent<F>[] {
  const purpose = to === null ? null : purposeOf(known, to, input);
  const events = known.specs.flatMap((spec) => {
    const address = known.contracts[spec.name];
    const own = logs.filter((log) => log.address.toLowerCase() === address);
    const isCalled = to?.toLowerCase() === address;
    const facts = factsOf(spec, { logs: own, input: isCalled ? input : "0x", contracts: known.contracts });
    return facts.map(({ fact, log }) => ({ ...fact, ...place, purpose, logIndex: log.logIndex }));
  });
  return events.sort((a, b) => a.logIndex - b.logIndex);
}

/** The facts of logs of one contract, each with its log. */
export function factsOf<F extends Fact>(
  { decode }: ContractEvents<F>,
  written: Parameters<NonNullable<ContractEvents["decode"]>>[0],
): { readonly fact: F; readonly log: MinedLog }[] {
  if (!decode || written.logs.length === 0) return [];
  const facts = decode(written);
  return written.logs.flatMap((log, i) => {
    const fact = facts[i];
    return fact ? [{ fact, log }] : [];
  });
}

/**
 * Name of the function that a transaction called on one of our contracts; of several calls in one transaction each name
 * once, joined by "+".
 */
export function purposeOf(known: KnownContracts, to: Address, input: Hex): string | null {
  const address = to.toLowerCase();
  const spec = known.specs.find(({ name }) => known.contracts[name] === address);
  const names = spec ? readCalls(spec.abi, input).map(({ functionName }) => functionName) : [];
  return names.length === 0 ? null : [...new Set(names)].join("+");
}
