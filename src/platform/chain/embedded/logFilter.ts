import type { Hex } from "#kernel/crypto/hex.ts";
import type { ArchivedBlock, ArchivedLog } from "./archivedBlock.ts";

/** Which logs are meant, as eth_getLogs has it: any of the addresses, and at each place any of the topics; null takes all. */
export type LogSelection = {
  readonly addresses: readonly Hex[] | null;
  readonly topics: readonly (readonly Hex[] | null)[];
};

/** Bytes of a block's marks: with the twenty addresses and topics of a usual block, one in 150 others is taken for one. */
export const MARK_BYTES = 64;
const MARK_BITS = MARK_BYTES * 8;
const SEEDS = [0x811c9dc5, 0x2f0b4a27] as const;
const FNV_PRIME = 0x01000193;

/** Marks of all addresses and topics of a block, so that a search passes over most blocks without reading them. */
export function marksOf({ transactions }: ArchivedBlock): Uint8Array {
  const marks = new Uint8Array(MARK_BYTES);
  for (const { receipt } of transactions)
    for (const { address, topics } of receipt.logs)
      for (const value of [address, ...topics])
        for (const bit of bitsOf(value)) marks[bit >> 3] = (marks[bit >> 3] ?? 0) | (1 << (bit & 7));
  return marks;
}

/** A test of marks: false only for blocks that hold none of the logs. */
export function marksTest({ addresses, topics }: LogSelection): (marks: Uint8Array) => boolean {
  const wanted = [addresses, ...topics].flatMap((values) => (values === null ? [] : [values.map(bitsOf)]));
  return (marks) =>
    wanted.every((values) =>
      values.some((bits) => bits.every((bit) => ((marks[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0)),
    );
}

export function isSelected({ address, topics: found }: ArchivedLog, selection: LogSelection): boolean {
  const { addresses, topics } = selection;
  if (addresses !== null && !addresses.includes(address)) return false;
  if (topics.length > found.length) return false;
  return topics.every((values, i) => values === null || values.includes(found[i] ?? "0x"));
}

/** The bits of a value: FNV-1a over its text, from two beginnings. */
function bitsOf(value: Hex): number[] {
  return SEEDS.map((seed) => {
    let hash: number = seed;
    for (let i = 2; i < value.length; i += 1) hash = Math.imul(hash ^ value.charCodeAt(i), FNV_PRIME);
    return ((hash ^ (hash >>> 15)) >>> 0) % MARK_BITS;
  });
}
