import type { PublicClient } from "viem";
import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";

/**
 * When a block of a network is final, so that no reorganisation replaces it any more.
 *
 * - `immediate`: as soon as it is there, as on the embedded chain and with CometBFT or QBFT;
 * - `depth`: with `blocks` blocks on top of it;
 * - `validators`: with blocks of more than half of `count` different validators on top of it.
 */
export type FinalityRule =
  | { readonly kind: "immediate" }
  | { readonly kind: "depth"; readonly blocks: number }
  | { readonly kind: "validators"; readonly count: number };

export const IMMEDIATE: FinalityRule = { kind: "immediate" };

/** The deepest reorganisation that is rolled back, blocks. */
export const MAX_DEPTH = 1_024;

/**
 * A rule as it is written: `immediate`, `64 blocks` or `4 validators`.
 *
 * @throws UnknownFinalityError
 */
export function parseFinality(text: string): FinalityRule {
  if (text.trim() === "immediate") return IMMEDIATE;
  const [, digits, unit] = /^\s*(\d{1,4})\s+(block|validator)s?\s*$/.exec(text) ?? [];
  const number = Number(digits);
  if (digits === undefined || number < 1 || number > MAX_DEPTH) throw new UnknownFinalityError(text);
  return unit === "block" ? { kind: "depth", blocks: number } : { kind: "validators", count: number };
}

/** The rule in words: what {@link parseFinality} reads. */
export function describeFinality(rule: FinalityRule): string {
  if (rule.kind === "immediate") return "immediate";
  const [number, unit] = rule.kind === "depth" ? [rule.blocks, "block"] : [rule.count, "validator"];
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}

/** What of a block tells its place in a chain; `proposer` is who made it. */
export type Header = {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly proposer: Address;
};

/**
 * Whether a block is final that has these blocks on top of it.
 *
 * @param above headers of all blocks on top, in any order
 */
export function isFinalUnder(rule: FinalityRule, above: readonly Pick<Header, "proposer">[]): boolean {
  if (rule.kind === "immediate") return true;
  if (rule.kind === "depth") return above.length >= rule.blocks;
  return 2 * new Set(above.map(({ proposer }) => proposer.toLowerCase())).size > rule.count;
}

/**
 * The newest part of the chain: from its newest final block, which comes first, to its head. Each block is asked for by the
 * hash that its child names, so that they are of one chain whatever happens meanwhile. A chain that is too young to have a
 * final block is given from its first one, and so is one of which `MAX_DEPTH` blocks have too few validators.
 *
 * @param known header of a block that was read before, null for others
 * @throws HeaderMissingError when the chain is reorganised meanwhile, so that the node forgot a block; reading again helps
 */
export async function readTail(
  client: PublicClient,
  rule: FinalityRule,
  known: (hash: Hex) => Header | null = () => null,
): Promise<readonly [Header, ...Header[]]> {
  const tail: Header[] = [headerOf(await client.getBlock())];
  for (;;) {
    const lowest = present(tail.at(-1), "a block of the tail");
    const isLast = lowest.number === 0 || tail.length > MAX_DEPTH;
    if (isLast || isFinalUnder(rule, tail.slice(0, -1))) {
      const [first, ...rest] = tail.reverse();
      return [present(first, "a block of the tail"), ...rest];
    }
    tail.push(known(lowest.parentHash) ?? (await readHeader(client, lowest.parentHash)));
  }
}

async function readHeader(client: PublicClient, blockHash: Hex): Promise<Header> {
  try {
    return headerOf(await client.getBlock({ blockHash }));
  } catch (error) {
    if (error instanceof Error && error.name === "BlockNotFoundError")
      throw new HeaderMissingError(blockHash);
    throw error;
  }
}

type FoundBlock = {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  readonly miner: Address;
};

function headerOf({ number, hash, parentHash, miner }: FoundBlock): Header {
  return { number: Number(number), hash, parentHash, proposer: miner };
}

export class UnknownFinalityError extends DomainError {
  readonly code = "unknownFinality";

  constructor(text: string) {
    super(
      `${JSON.stringify(text)} is no rule of finality; write "immediate", "64 blocks" or "4 validators", up to ${MAX_DEPTH}`,
    );
  }
}

export class HeaderMissingError extends DomainError {
  readonly code = "headerMissing";

  constructor(hash: Hex) {
    super(`the node does not know the block ${hash}, which it named as a parent`);
  }
}
