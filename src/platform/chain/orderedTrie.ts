import { type Hex, toRlp } from "viem";
import { fromHex, toHex } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { present } from "#kernel/units/assert.ts";

/** A value and what is left of its key, in nibbles. */
type Entry = { readonly path: readonly number[]; readonly value: Hex };

/** A node as RLP takes it: a list of byte strings and of nodes. */
type Node = Hex | readonly Node[];

const LEAF_FLAG = 2;
const EXTENSION_FLAG = 0;
/** Nodes of fewer bytes stand in their parent whole; others by their hash. */
const HASHED_FROM_BYTES = 32;

/**
 * Root of the Merkle Patricia trie over a list, each value under the RLP of its index: what a block's header says of
 * its transactions and receipts (Ethereum Yellow Paper, equations 33 and 35, appendix D). Values must not be empty.
 */
export function orderedTrieRoot(values: readonly Hex[]): Hex {
  const entries = values.map((value, index) => ({ path: nibblesOf(toRlp(quantity(index))), value }));
  return hash(toRlp(nodeOf(entries) as Hex[]));
}

/** A whole number as RLP takes it: big-endian without leading zeros; zero is the empty string. */
export function quantity(value: bigint | number): Hex {
  if (BigInt(value) === 0n) return "0x";
  const digits = value.toString(16);
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}

function nodeOf(entries: readonly Entry[]): Node {
  const [first] = entries;
  if (first === undefined) return "0x";
  if (entries.length === 1) return [compactPath(first.path, LEAF_FLAG), first.value];
  const shared = sharedNibbles(entries);
  if (shared > 0) {
    const rest = entries.map(({ path, value }) => ({ path: path.slice(shared), value }));
    return [compactPath(first.path.slice(0, shared), EXTENSION_FLAG), referenceTo(nodeOf(rest))];
  }
  return branchOf(entries);
}

function branchOf(entries: readonly Entry[]): Node {
  const children = Array.from({ length: 16 }, (_, nibble) => {
    const below = entries.filter(({ path }) => path[0] === nibble);
    return referenceTo(nodeOf(below.map(({ path, value }) => ({ path: path.slice(1), value }))));
  });
  return [...children, entries.find(({ path }) => path.length === 0)?.value ?? "0x"];
}

function referenceTo(node: Node): Node {
  if (node === "0x") return node;
  const encoded = toRlp(node as Hex[]);
  return (encoded.length - 2) / 2 < HASHED_FROM_BYTES ? node : hash(encoded);
}

function sharedNibbles(entries: readonly Entry[]): number {
  const { path } = present(entries[0], "an entry of the trie");
  const differs = path.findIndex((nibble, at) => entries.some((entry) => entry.path[at] !== nibble));
  return differs === -1 ? path.length : differs;
}

/** Hex-prefix encoding: kind of node and parity of the path in the first nibble. */
function compactPath(path: readonly number[], flag: number): Hex {
  const isOdd = path.length % 2 === 1;
  const head = isOdd ? [flag + 1] : [flag, 0];
  return `0x${[...head, ...path].map((nibble) => nibble.toString(16)).join("")}`;
}

function nibblesOf(hex: Hex): number[] {
  return Array.from(hex.slice(2), (digit) => Number.parseInt(digit, 16));
}

function hash(hex: Hex): Hex {
  return toHex(keccak256(fromHex(hex)));
}
