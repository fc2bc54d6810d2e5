import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { collectLogs } from "#platform/chain/readLogs.ts";

/** What a directory asks the chain. */
export type RegistrySource<Key, Value> = {
  headBlock(): Promise<number>;
  /** Whether the registry changed in these blocks, both included. */
  hasChanged(fromBlock: number, toBlock: number): Promise<boolean>;
  read(key: Key): Promise<Value>;
};

/**
 * What the registry says, by key. It is read once and known until the registry changes, which is asked once in a second of
 * `now`, not with each question.
 */
export function openRegistryDirectory<Key, Value>(
  source: RegistrySource<Key, Value>,
  now: () => number,
): (key: Key) => Promise<Value> {
  const values = new Map<Key, Promise<Value>>();
  let seen: { readonly second: number; readonly block: Promise<number> } | null = null;
  let tail: Promise<unknown> = Promise.resolve();

  const look = async (before: number | null): Promise<number> => {
    const head = await source.headBlock();
    if (before === null) return head;
    // A chain that fell behind what it had is another one than the values were read from.
    if (head < before || (head > before && (await source.hasChanged(before + 1, head)))) values.clear();
    return head;
  };
  /** One after the other, so that what comes together is taken in the order in which it came. */
  const readInTurn = (key: Key): Promise<Value> => {
    const reading = tail.then(() => source.read(key));
    tail = reading.catch(() => undefined);
    return reading;
  };
  return async (key) => {
    const second = now();
    if (seen?.second !== second) {
      const before = seen?.block ?? Promise.resolve(null);
      seen = { second, block: before.then(look) };
    }
    const { block } = seen;
    await block.catch((cause: unknown) => {
      if (seen?.block === block) seen = null;
      values.clear();
      throw cause;
    });
    const known = values.get(key) ?? readInTurn(key);
    values.set(key, known);
    known.catch(() => values.delete(key));
    return known;
  };
}

/** The registry of a deployment, without what is read of it. */
export function registrySource(
  { client }: Network,
  deployment: Deployment,
): Omit<RegistrySource<never, never>, "read"> {
  const address = [addressOf(deployment, "registry")];
  return {
    headBlock: async () => Number(await client.getBlockNumber({ cacheTime: 0 })),
    hasChanged: async (fromBlock, toBlock) =>
      (await collectLogs({ client, address, fromBlock, toBlock })).length > 0,
  };
}
