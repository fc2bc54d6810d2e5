import type { PublicClient } from "viem";
import type { Header } from "#platform/chain/finality.ts";
import type { Progress } from "#platform/store/project.ts";

/**
 * What of the chain is in the database.
 *
 * @property progress the newest block that is in
 * @property heads the blocks up to it that can be undone, behind the first of them, which is final
 */
export type Held = { readonly progress: Progress; readonly heads: readonly Header[] };

/**
 * How the chain stands to what is in.
 *
 * - `known`: nothing is new; the node may be behind;
 * - `follows`: what is in up to `block` is on the chain, and all behind it is to be undone, if there is any;
 * - `replaced`: a block that was final is on the chain no more.
 */
export type Standing =
  | { readonly kind: "known" }
  | { readonly kind: "follows"; readonly ancestor: Progress }
  | { readonly kind: "replaced" };

/** Compares what is in with the newest part of the chain, of which older blocks are asked for by their number. */
export async function standingOf(
  client: PublicClient,
  { progress, heads }: Held,
  tail: readonly [Header, ...Header[]],
): Promise<Standing> {
  const head = tail.at(-1) ?? tail[0];
  const isHeld = heads.some(({ hash }) => hash === head.hash) || head.hash === progress.blockHash;
  const isBehind = heads[0] !== undefined && head.number < heads[0].number;
  if (isHeld || isBehind) return { kind: "known" };
  const held = heads.map(({ number, hash }) => ({ block: number, blockHash: hash })).reverse();
  const candidates = held[0]?.block === progress.block ? held : [progress, ...held];
  for (const candidate of candidates)
    if (await isOnChain(client, candidate, tail)) return { kind: "follows", ancestor: candidate };
  return { kind: "replaced" };
}

async function isOnChain(
  client: PublicClient,
  { block, blockHash }: Progress,
  tail: readonly [Header, ...Header[]],
): Promise<boolean> {
  if (block >= tail[0].number) return tail.some(({ number, hash }) => number === block && hash === blockHash);
  const { hash } = await client.getBlock({ blockNumber: BigInt(block) });
  return hash === blockHash;
}
