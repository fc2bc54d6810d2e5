import { keccak256, toRlp } from "viem";
import { describe, expect, it } from "vitest";
import type { Hex } from "#kernel/crypto/hex.ts";
import { orderedTrieRoot, quantity } from "./orderedTrie.ts";

describe("orderedTrieRoot", () => {
  it("is Ethereum's empty root without values", () => {
    // Printed in the headers of all blocks without transactions.
    expect(orderedTrieRoot([])).toBe("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
  });

  it("is the hash of one leaf for one value", () => {
    const value: Hex = `0x${"ab".repeat(40)}`;
    // Key 0x80 has the nibbles 8 and 0: an even path of a leaf, 0x20 80.
    expect(orderedTrieRoot([value])).toBe(keccak256(toRlp(["0x2080", value])));
  });

  it("branches at the first nibble that differs, small nodes standing in their parent", () => {
    // Keys 0x80 and 0x01; what is left behind the branch is one nibble each: odd paths 0x30 and 0x31.
    const children = Array<Hex | Hex[]>(17).fill("0x");
    children[8] = ["0x30", "0xaa"];
    children[0] = ["0x31", "0xbb"];
    expect(orderedTrieRoot(["0xaa", "0xbb"])).toBe(keccak256(toRlp(children)));
  });

  it("depends on each value and its place", () => {
    const values = Array.from({ length: 300 }, (_, i): Hex => `0x${(i + 1).toString(16).padStart(72, "0")}`);
    const roots = values.map((_, i) => orderedTrieRoot(values.with(i, "0xff")));
    expect(new Set([...roots, orderedTrieRoot(values)]).size).toBe(301);
    expect(orderedTrieRoot(values.toReversed())).not.toBe(orderedTrieRoot(values));
  });
});

describe("quantity", () => {
  it("writes whole numbers without leading zeros", () => {
    expect([0, 1, 127, 256, 65_535].map(quantity)).toEqual(["0x", "0x01", "0x7f", "0x0100", "0xffff"]);
  });
});
