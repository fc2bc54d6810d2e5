import { present } from "#kernel/units/assert.ts";
import { keccak256 } from "./typedData.ts";

/**
 * The top of the Merkle tree over `nodes`, at least one. Pairs are hashed under `tag`, which tells the nodes of different
 * trees apart; where a level has an odd number of nodes, the last one moves up unchanged.
 */
export function topOf(nodes: readonly Uint8Array[], tag: Uint8Array): Uint8Array {
  let level = nodes;
  while (level.length > 1) level = levelAbove(level, tag);
  return present(level[0], "the top of a tree");
}

/** The level above `nodes`, half as wide. */
export function levelAbove(nodes: readonly Uint8Array[], tag: Uint8Array): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < nodes.length; i += 2) {
    const left = present(nodes[i], "a node of the tree");
    const right = nodes[i + 1];
    above.push(right ? keccak256(tag, left, right) : left);
  }
  return above;
}
