import { fundingCalls, mintCall } from "#domains/accounts/participants.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { createSender, type Sender } from "#platform/chain/sender.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import type { AreaScenario } from "./areaScenario.ts";

/** A community that stands on a chain: its contracts and its area. */
export type FoundedCommunity = {
  readonly deployment: Deployment;
  readonly areaId: number;
};

/** An area with its members and their meters, in which a market is to be opened. */
export type NewArea<S extends AreaScenario> = FoundedCommunity & {
  readonly network: Network;
  readonly scenario: S;
  readonly keyring: Keyring;
  /** Who can mint the settlement currency. */
  readonly admin: Sender;
  readonly onProgress: (step: string) => void;
};

/** A margin in test currency, micro; `key` names its owner's. */
export type MarginPlan = { readonly member: number; readonly key: string; readonly amountMicro: bigint };

/** Owners that fund their margins at the same time. */
const OWNERS_AT_ONCE = 16;

/** Mints the currency of these margins, and has their owners put it down in a market. */
export async function fundMargins(
  { network, deployment, areaId, keyring, admin, onProgress }: Omit<NewArea<AreaScenario>, "scenario">,
  market: "poolMarket" | "quotaMarket",
  margins: readonly MarginPlan[],
): Promise<void> {
  onProgress("funding the margins");
  await admin.sendAll(
    margins.map(({ key, amountMicro }) => mintCall(deployment, keyring.key(key).address, amountMicro)),
  );
  for (let at = 0; at < margins.length; at += OWNERS_AT_ONCE)
    await Promise.all(
      margins.slice(at, at + OWNERS_AT_ONCE).map(({ key, member, amountMicro }) => {
        const owner = createSender(network, keyring.key(key).hex);
        return owner.sendAll(fundingCalls(deployment, { market, areaId, member, amountMicro }));
      }),
    );
}
