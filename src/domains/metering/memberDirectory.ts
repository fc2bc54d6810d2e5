import { readRegistry } from "#domains/accounts/events.ts";
import type { MemberPlace } from "#domains/accounts/rules/seat.ts";
import type { MemberGate, MemberStanding } from "#domains/accounts/rules/standing.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { collectLogs, type MinedLog } from "#platform/chain/readLogs.ts";
import { createMemberships, type MembershipFact, type MeteringPoint } from "./areaState.ts";
import { readAreaRegistry } from "./events.ts";

/** What a directory asks the chain. */
export type MemberSource = {
  headBlock(): Promise<number>;
  /** What the registries of participants and of areas logged in these blocks, both included, in the order of the chain. */
  events(fromBlock: number, toBlock: number): Promise<readonly MembershipFact[]>;
};

/** Who takes part, as the chain has it. What changes within a second of `now` is found out at the clearing. */
export type MemberDirectory = {
  /** Whose signature an order needs, and how much its connection carries (R5.10). */
  standingOf(gate: MemberGate): Promise<MemberStanding>;
  /** Whose a member is; null of a number that nobody has. */
  accountOf(place: MemberPlace): Promise<number | null>;
  /** A metering point as it stood at a time, unix seconds; null of one that was enrolled nowhere. */
  meterAt(meterId: Hex, time: number): Promise<MeteringPoint | null>;
  /** The members of an area that have a meter. */
  meteredIn(areaId: number): Promise<readonly number[]>;
};

type Followed = { readonly block: number; readonly state: ReturnType<typeof createMemberships> };

/** Follows the registries, from which it knows everybody; the chain is asked once in a second of `now`, not with each question. */
export function openMemberDirectory(source: MemberSource, now: () => number): MemberDirectory {
  let seen: { readonly second: number; readonly followed: Promise<Followed> } | null = null;
  /** What was followed stays as it was when the chain can't be read. */
  let last: Followed = { block: -1, state: createMemberships() };

  const follow = async (): Promise<Followed> => {
    const head = await source.headBlock();
    // A chain that fell behind what it had is another one than was followed.
    const from = head < last.block ? { block: -1, state: createMemberships() } : last;
    if (head > from.block)
      for (const event of await source.events(from.block + 1, head)) from.state.apply(event);
    last = { block: head, state: from.state };
    return last;
  };
  const current = async () => {
    const second = now();
    if (seen?.second !== second) {
      const before = seen?.followed.catch(() => undefined) ?? Promise.resolve();
      const followed = before.then(follow);
      seen = { second, followed };
      followed.catch(() => {
        if (seen?.followed === followed) seen = null;
      });
    }
    return (await seen.followed).state;
  };
  return {
    standingOf: async (gate) => (await current()).areas.standingOf(gate),
    accountOf: async (place) => (await current()).areas.memberOf(place)?.account ?? null,
    meterAt: async (meterId, time) => (await current()).areas.meterAt(meterId, time),
    meteredIn: async (areaId) => (await current()).areas.meteredIn(areaId),
  };
}

/** The registries of a deployment. */
export function memberSource({ client }: Network, deployment: Deployment): MemberSource {
  const registry = addressOf(deployment, "registry");
  const address = [registry, addressOf(deployment, "areaRegistry")];
  const timestampOf = async ({ blockNumber, blockTimestamp }: MinedLog): Promise<number> =>
    Number(blockTimestamp ?? (await client.getBlock({ blockNumber })).timestamp);
  return {
    headBlock: async () => Number(await client.getBlockNumber({ cacheTime: 0 })),
    async events(from, toBlock) {
      const fromBlock = Math.max(from, deployment.deployedAtBlock);
      const logs = await collectLogs({ client, address, fromBlock, toBlock });
      const events = await readEach(logs, async (log) => {
        const fact = log.address.toLowerCase() === registry ? readRegistry(log) : readAreaRegistry(log);
        return fact && { ...fact, timestamp: await timestampOf(log) };
      });
      return events.filter((event) => event !== null);
    },
  };
}
