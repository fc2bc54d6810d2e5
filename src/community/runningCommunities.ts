import { present } from "#kernel/units/assert.ts";
import type { CommunityNode } from "./communityNode.ts";
import type { Config } from "./config.ts";

/** How a market runs; `speed` in seconds of the market for each second of the world. */
export type MarketOptions = {
  readonly speed: number;
  readonly realtime?: boolean;
  readonly port?: number;
  readonly intervals?: number;
  readonly wholeBook?: boolean;
};

/** Communities whose chain runs. What is opened is put into `opened` with the function that closes it, in order. */
export type RunningCommunities = {
  readonly nodes: readonly CommunityNode[];
  readonly options: MarketOptions;
  readonly config: Config;
  readonly signal: AbortSignal;
  /** Tells people in one sentence. */
  readonly report: { say(sentence: string): void };
  readonly opened: (() => Promise<void>)[];
};

/** The world's time, unix seconds. */
export const worldNow = () => Date.now() / 1_000;

/** Communities on one chain share its folder, its database and its contracts. */
export function firstOf<Node>(nodes: readonly Node[]): Node {
  return present(nodes[0], "a community");
}
