import {
  type Abi,
  type AbiEvent,
  type AbiFunction,
  type Hex,
  toEventSelector,
  toFunctionSelector,
} from "viem";

/** Entries by interface and by how the chain names them: 4 bytes of a function, 32 of an event. */
const KNOWN = new WeakMap<Abi, ReadonlyMap<Hex, Abi>>();
const SELECTOR_DIGITS = 10;

/**
 * Of an interface, the function that calldata calls, alone; all of it when it is none of them. viem hashes the name of each
 * entry on its way to the right one, each time that it decodes.
 */
export function abiOfCall<TAbi extends Abi>(abi: TAbi, input: Hex): TAbi {
  return (entriesOf(abi).get(input.slice(0, SELECTOR_DIGITS).toLowerCase() as Hex) ?? abi) as TAbi;
}

/** Of an interface, the event that a log is of, alone; all of it when it is none of them. */
export function abiOfLog<TAbi extends Abi>(abi: TAbi, topics: readonly Hex[]): TAbi {
  const [topic] = topics;
  return ((topic && entriesOf(abi).get(topic.toLowerCase() as Hex)) ?? abi) as TAbi;
}

function entriesOf(abi: Abi): ReadonlyMap<Hex, Abi> {
  const known = KNOWN.get(abi);
  if (known) return known;
  const functions = abi.filter((entry): entry is AbiFunction => entry.type === "function");
  const events = abi.filter((entry): entry is AbiEvent => entry.type === "event");
  const entries = new Map<Hex, Abi>([
    ...functions.map((entry) => [toFunctionSelector(entry), [entry]] as const),
    ...events.map((entry) => [toEventSelector(entry), [entry]] as const),
  ]);
  KNOWN.set(abi, entries);
  return entries;
}
