import { present } from "#kernel/units/assert.ts";
import type { CommunityNode } from "./communityNode.ts";
import type { Config } from "./config.ts";

/**
 * How devices reach the gateway over MQTT: a broker of its own at `port`, with key.pem and certificate.pem of the folder `tls` for anything
 * but loopback, and any other at `broker`. What is left out is not opened.
 */
export type MqttOptions = {
  readonly host: string;
  readonly port?: number | undefined;
  readonly tls?: string | undefined;
  readonly broker?: string | undefined;
};

/** How a market runs; `speed` in seconds of the market for each second of the world. */
export type MarketOptions = {
  readonly speed: number;
  readonly realtime?: boolean;
  readonly port?: number;
  readonly intervals?: number;
  readonly wholeBook?: boolean;
  readonly ocppPort?: number;
  readonly mqtt?: MqttOptions;
  /** Homes whose meters are not simulated here: their readings come from outside. */
  readonly outsideMeters?: readonly string[];
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
