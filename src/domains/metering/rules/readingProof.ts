import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { memberOfReading } from "./meterReading.ts";
import {
  nodesOfList,
  otherPages,
  pageOf,
  type ReadingList,
  type ReadingTree,
  readingLeaf,
  topOfList,
  WIDTH,
} from "./readingTree.ts";

/** One reading under a root, as the contracts' ReadingTree.Proof has it. */
export type ReadingProof = {
  readonly reading: bigint;
  readonly list: bigint;
  readonly isSecond: boolean;
  readonly otherList: bigint;
  readonly otherTop: Hex;
  readonly leaves: readonly Hex[];
  readonly nodes: readonly Hex[];
  readonly pages: readonly Hex[];
};

/** Proves the reading of a member that has one in the tree: what stands beside it on the way to the root. */
export function proveReading(tree: ReadingTree, context: Uint8Array, member: number): ReadingProof {
  const page = present(
    tree.pages.find((each) => each.page === pageOf(member)),
    `the page of member ${member}`,
  );
  const isSecond = rankIn(page.lists[0], member) < 0;
  const [list, other] = isSecond ? [page.lists[1], page.lists[0]] : page.lists;
  const rank = rankIn(list, member);
  const leavesOf = ({ words }: ReadingList) => words.map((word) => readingLeaf(context, word));
  const leaves = leavesOf(list);
  const node = Math.floor(rank / WIDTH);
  return {
    reading: present(list.words[rank], `the reading of member ${member}`),
    list: list.members,
    isSecond,
    otherList: other.members,
    otherTop: toHex(topOfList(leavesOf(other))),
    leaves: without(leaves.slice(node * WIDTH, (node + 1) * WIDTH), rank % WIDTH),
    nodes: without(nodesOfList(leaves), node),
    pages: otherPages(tree, page.page).map(toHex),
  };
}

function rankIn({ words }: ReadingList, member: number): number {
  return words.findIndex((word) => memberOfReading(word) === member);
}

function without(hashes: readonly Uint8Array[], index: number): readonly Hex[] {
  return hashes.filter((_, i) => i !== index).map(toHex);
}
