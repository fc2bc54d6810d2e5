import { join } from "node:path";
import { DomainError } from "#kernel/units/domainError.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import { openSenders } from "#platform/chain/senders.ts";
import { followClock } from "#platform/runtime/followedClock.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import { acquireProcessLock } from "#platform/system/processLock.ts";
import type { PoolNode } from "../communityNode.ts";
import { type OpenMarket, openAreas, type Records } from "../openMarket.ts";
import { type RunningCommunities, worldNow } from "../runningCommunities.ts";
import { readNetwork } from "../workspace.ts";
import { COMMUNITY_LOCK } from "./openFounding.ts";
import type { OwnChain } from "./openOwnChain.ts";
import { OWN_NETWORK, type OwnCommunity, type OwnRecord, readOwnRecord } from "./ownCommunity.ts";
import { openKeys } from "./ownKeys.ts";
import { ownScenario } from "./ownScenario.ts";

/** A community that was founded: its contracts, and what of it the chain does not say. */
export type FoundedOwn = { readonly deployment: Deployment; readonly record: OwnRecord };

/** @throws NotFoundedError */
export function requireFounded(own: OwnCommunity): FoundedOwn {
  const record = readOwnRecord(own.folder);
  const network = readNetwork(own.workspace, OWN_NETWORK);
  if (record === null || network === null) throw new NotFoundedError(own.path);
  const known = new Set(record.members.map(({ id }) => id));
  const added = own.members.filter(({ id }) => !known.has(id));
  if (added.length > 0) throw new NotFoundedError(own.path, added.map(({ id }) => id).join(", "));
  return { deployment: network.deployment, record };
}

/**
 * Opens the community as its operator and meter gateway: their keys alone are opened. What is opened is put into `opened`
 * with the function that closes it.
 *
 * @throws ProcessLockedError where another process is its operator
 */
export async function openOperatorNode({
  own,
  founded: { deployment, record },
  passphrase,
  chain,
  opened,
  onNotice,
}: {
  own: OwnCommunity;
  founded: FoundedOwn;
  passphrase: string;
  chain: OwnChain;
  opened: (() => Promise<void>)[];
  onNotice: (sentence: string) => void;
}): Promise<PoolNode> {
  const lock = acquireProcessLock(join(own.folder, COMMUNITY_LOCK));
  opened.push(async () => lock.release());
  const { network } = chain;
  const senders = await openSenders({
    network,
    folder: join(own.folder, "senders"),
    syncs: "beforeSending",
    onNotice,
  });
  opened.push(() => senders.close());
  return {
    folder: own.folder,
    chain: chain.chain,
    network,
    senders,
    isFresh: false,
    stop: async () => undefined,
    scenario: ownScenario(own, record),
    founded: { deployment, areaId: record.areaId },
    keyring: openKeys(own.keysFolder, passphrase),
    isDemonstration: false,
  };
}

/** The clock of a community of one's own: the world's, or its chain's where that is ahead. */
export function ownClock({ network, tellTime }: OwnChain, signal: AbortSignal): Promise<MarketClock> {
  const blockTime = async () => Number((await network.client.getBlock()).timestamp);
  return followClock({ blockTime, worldNow, signal, onTime: tellTime });
}

/** Opens the operator's area by the clock of the community. */
export async function openOwnMarket(
  community: RunningCommunities,
  records: Records,
  clock: MarketClock,
): Promise<OpenMarket> {
  return openAreas(community, records, { driven: clock, speed: 1, pace: async () => clock });
}

export class NotFoundedError extends DomainError {
  readonly code = "notFounded";

  constructor(path: string, members?: string) {
    super(
      members === undefined
        ? `the community of ${path} is not founded: commonwatt found ${path}`
        : `${members} of the members' file is not on the chain yet: commonwatt found ${path}`,
    );
  }
}
