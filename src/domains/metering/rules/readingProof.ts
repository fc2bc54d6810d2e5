import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { assert, present } from "#kernel/units/assert.ts";
import { memberOfReading } from "./meterReading.ts";
import {
  hashPage,
  type ListTop,
  membersOfBits,
  nodeOfLeaves,
  nodesOfList,
  otherPages,
  pageOf,
  placePages,
  type ReadingList,
  type ReadingTree,
  readingLeaf,
  rootOfPages,
  topOfList,
  topOfNodes,
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

/** The page of a member that is in neither of its lists. */
export type AbsenceProof = Pick<ReadingProof, "list" | "otherList" | "otherTop" | "pages"> & {
  readonly top: Hex;
};

/** Proves that the tree has no reading of a member: its page with both lists, beside the other pages. */
export function proveAbsence(tree: ReadingTree, context: Uint8Array, member: number): AbsenceProof {
  const own = tree.pages.find((each) => each.page === pageOf(member));
  const pages = otherPages(tree, pageOf(member)).map(toHex);
  const [list, other] = own?.lists ?? [EMPTY_LIST, EMPTY_LIST];
  const isThere = [list, other].some((each) => rankIn(each, member) >= 0);
  assert(!isThere, `member ${member} has a reading`);
  const topOf = ({ words }: ReadingList) => toHex(topOfList(words.map((word) => readingLeaf(context, word))));
  return { list: list.members, top: topOf(list), otherList: other.members, otherTop: topOf(other), pages };
}

const EMPTY_LIST: ReadingList = { members: 0n, words: [] };

/** The root that a proof leads to, as the contracts walk up; null when it leads to none. */
export function rootOfProof(proof: ReadingProof, context: Uint8Array): Hex | null {
  const member = memberOfReading(proof.reading);
  const members = membersOfBits(pageOf(member), proof.list);
  const rank = members.indexOf(member);
  const [node, nodes] = [Math.floor(rank / WIDTH), Math.ceil(members.length / WIDTH)];
  const inNode = Math.min(WIDTH, members.length - node * WIDTH);
  const isShaped = proof.leaves.length + 1 === inNode && proof.nodes.length + 1 === nodes;
  if (rank < 0 || !isShaped) return null;
  const leaf = readingLeaf(context, proof.reading);
  const own = nodeOfLeaves(insert(proof.leaves, rank % WIDTH, leaf));
  return rootOfLists({
    page: pageOf(member),
    list: { members: proof.list, top: topOfNodes(insert(proof.nodes, node, own)) },
    otherList: { members: proof.otherList, top: fromHex(proof.otherTop) },
    isSecond: proof.isSecond,
    pages: proof.pages,
  });
}

/** The root above a page's two lists and the other pages; null where a member is in both lists, or there are too many pages. */
export function rootOfLists({
  page,
  list,
  otherList,
  isSecond,
  pages,
}: {
  readonly page: number;
  readonly list: ListTop;
  readonly otherList: ListTop;
  readonly isSecond: boolean;
  readonly pages: readonly Hex[];
}): Hex | null {
  const others = placePages(page, pages.map(fromHex));
  if (others === null || (list.members & otherList.members) !== 0n) return null;
  if ((list.members | otherList.members) === 0n) return toHex(rootOfPages(others));
  const [first, second] = isSecond ? [otherList, list] : [list, otherList];
  return toHex(rootOfPages(others.set(page, hashPage(page, first, second))));
}

/** The other children in order, with `child` at its place. */
function insert(others: readonly Hex[], index: number, child: Uint8Array): readonly Uint8Array[] {
  return [...others.slice(0, index).map(fromHex), child, ...others.slice(index).map(fromHex)];
}

function rankIn({ words }: ReadingList, member: number): number {
  return words.findIndex((word) => memberOfReading(word) === member);
}

function without(hashes: readonly Uint8Array[], index: number): readonly Hex[] {
  return hashes.filter((_, i) => i !== index).map(toHex);
}
