import { join } from "node:path";
import { openSenders } from "#platform/chain/senders.ts";
import { acquireProcessLock } from "#platform/system/processLock.ts";
import { readNetwork } from "../workspace.ts";
import type { Founding } from "./foundingContext.ts";
import { openOwnChain } from "./openOwnChain.ts";
import { OWN_NETWORK, type OwnCommunity, readOwnRecord } from "./ownCommunity.ts";
import { openKeys } from "./ownKeys.ts";

/** Held by the process that founds a community, or is its operator: the senders of its keys are there once. */
export const COMMUNITY_LOCK = "community.lock";

/** A founding that can begin, and how it ends. */
export type OpenFounding = { readonly founding: Founding; close(): Promise<void> };

/**
 * Opens what a founding works with: the chain, and the keys with their senders, whose transactions go on where they
 * stopped.
 *
 * @throws ProcessLockedError while the community runs
 */
export async function openFounding(
  own: OwnCommunity,
  passphrase: string,
  onNotice: (sentence: string) => void,
): Promise<OpenFounding> {
  const lock = acquireProcessLock(join(own.folder, COMMUNITY_LOCK));
  const closings: (() => Promise<void>)[] = [async () => lock.release()];
  const close = async () => {
    for (const end of closings.reverse()) await end();
  };
  try {
    const { chain, network, stop } = await openOwnChain(own, onNotice);
    closings.push(async () => {
      await chain.checkpoint();
      await stop();
    });
    const folder = join(own.folder, "senders");
    const senders = await openSenders({ network, folder, syncs: "beforeSending", onNotice });
    closings.push(() => senders.close());
    const founding: Founding = {
      own,
      keys: openKeys(own.keysFolder, passphrase),
      network,
      senders,
      folder: own.folder,
      deployment: readNetwork(own.workspace, OWN_NETWORK)?.deployment ?? null,
      areaId: readOwnRecord(own.folder)?.areaId ?? null,
    };
    return { founding, close };
  } catch (error) {
    await close();
    throw error;
  }
}
