import type { Address } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { collectLogs } from "#platform/chain/readLogs.ts";
import { readSigner } from "./participants.ts";

/** What the directory asks the chain. */
export type SignerSource = {
  headBlock(): Promise<number>;
  /** Whether the registry changed in these blocks, both included. */
  hasChanged(fromBlock: number, toBlock: number): Promise<boolean>;
  read(account: number): Promise<Address | null>;
};

/**
 * Whose signature an order of an account needs, or null when the account may not trade (R5.10). It is read once and known
 * until the registry changes, which is asked once in a second of `now`, not with each order: a signer that changes within
 * that second is found out at the clearing, as one that changes after its order came.
 */
export function openSignerDirectory(
  source: SignerSource,
  now: () => number,
): { signerOf(account: number): Promise<Address | null> } {
  const signers = new Map<number, Promise<Address | null>>();
  let seen: { readonly second: number; readonly block: Promise<number> } | null = null;
  let tail: Promise<unknown> = Promise.resolve();

  const look = async (before: number | null): Promise<number> => {
    const head = await source.headBlock();
    if (before === null) return head;
    // A chain that fell behind what it had is another one than the signers were read from.
    if (head < before || (head > before && (await source.hasChanged(before + 1, head)))) signers.clear();
    return head;
  };
  /** One after the other, so that orders that come together are taken in the order in which they came. */
  const readInTurn = (account: number): Promise<Address | null> => {
    const reading = tail.then(() => source.read(account));
    tail = reading.catch(() => undefined);
    return reading;
  };
  return {
    async signerOf(account) {
      const second = now();
      if (seen?.second !== second) {
        const before = seen?.block ?? Promise.resolve(null);
        seen = { second, block: before.then(look) };
      }
      const { block } = seen;
      await block.catch((cause: unknown) => {
        if (seen?.block === block) seen = null;
        signers.clear();
        throw cause;
      });
      const known = signers.get(account) ?? readInTurn(account);
      signers.set(account, known);
      known.catch(() => signers.delete(account));
      return known;
    },
  };
}

/** The registry of a deployment, for one area. */
export function signerSource(network: Network, deployment: Deployment, areaId: number): SignerSource {
  const { client } = network;
  const address = [addressOf(deployment, "registry")];
  return {
    headBlock: async () => Number(await client.getBlockNumber({ cacheTime: 0 })),
    hasChanged: async (fromBlock, toBlock) =>
      (await collectLogs({ client, address, fromBlock, toBlock })).length > 0,
    read: (account) => readSigner(network, deployment, { areaId, account }),
  };
}
