import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { keccak256, keccak256Text } from "#kernel/crypto/typedData.ts";
import { memberOfReading } from "./meterReading.ts";
import { proveReading, type ReadingProof, rootOfProof } from "./readingProof.ts";
import {
  buildReadingTree,
  hashPage,
  membersOfBits,
  pageOf,
  placePages,
  readingContext,
  readingLeaf,
  rootOfPages,
} from "./readingTree.ts";

const WIDTH = 16;
const context = readingContext({
  chainId: 1,
  meterLedger: toHex(wordOf(7, 20)),
  areaId: 1,
  intervalId: 2,
  version: 1,
});
const members = fc.uniqueArray(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 60 });

describe("proveReading", () => {
  it("leads from a reading to the root, whatever stands beside it", () => {
    fc.assert(
      fc.property(members, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (all, isNeeded) => {
        const words = all.map((member) => (BigInt(member) << 240n) | BigInt(member));
        const tree = buildReadingTree(words, context, new Set(all.filter((_, i) => isNeeded[i])));
        for (const member of all) {
          const proof = proveReading(tree, context, member);
          expect(toHex(rootOf(proof))).toBe(toHex(tree.root));
          expect(rootOfProof(proof, context)).toBe(toHex(tree.root));
          expect(rootOfProof({ ...proof, reading: proof.reading ^ 1n }, context)).not.toBe(toHex(tree.root));
          expect(rootOfProof({ ...proof, leaves: [...proof.leaves, proof.otherTop] }, context)).toBeNull();
        }
      }),
      { numRuns: 30 },
    );
  });
});

/** The root that a proof leads to, as the contract walks up. */
function rootOf(proof: ReadingProof): Uint8Array {
  const member = memberOfReading(proof.reading);
  const page = pageOf(member);
  const rank = membersOfBits(page, proof.list).indexOf(member);
  const leaf = readingLeaf(context, proof.reading);
  const node = above("commonwatt.reading.node.v2", proof.leaves.map(fromHex), rank % WIDTH, leaf);
  const place = Math.floor(rank / WIDTH);
  const top = above("commonwatt.reading.top.v2", proof.nodes.map(fromHex), place, node);
  const own = { members: proof.list, top };
  const other = { members: proof.otherList, top: fromHex(proof.otherTop) };
  const hash = proof.isSecond ? hashPage(page, other, own) : hashPage(page, own, other);
  return rootOfPages(placePages(page, proof.pages.map(fromHex))!.set(page, hash));
}

/** The hash above sixteen children, of which `child` is at `index` and the others stand around it. */
function above(tag: string, others: readonly Uint8Array[], index: number, child: Uint8Array): Uint8Array {
  const children = [...others.slice(0, index), child, ...others.slice(index)];
  const padding = Array.from({ length: WIDTH - children.length }, () => wordOf(0));
  return keccak256(keccak256Text(tag), ...children, ...padding);
}
