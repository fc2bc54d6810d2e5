import type { MemberDirectory } from "#domains/metering/memberDirectory.ts";
import { type MeterGateway, openMeterGateway, type RefusedReading } from "#domains/metering/meterGateway.ts";
import { readPublication } from "#domains/metering/meterLedger.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { SendFailure } from "#platform/chain/sender.ts";
import type { CommunityNode } from "./communityNode.ts";
import { keyNames } from "./keyNames.ts";

/** Opens the gateway of an area, by its demonstration key. */
export function openAreaGateway(
  { network, senders, founded, keyring, scenario }: CommunityNode,
  {
    directory,
    now,
    keep,
    kept,
    onRefusal,
    onFailure,
  }: {
    readonly directory: MemberDirectory;
    readonly now: () => number;
    readonly keep: (reading: SignedReading) => Promise<void>;
    readonly kept: (intervalId: IntervalId) => readonly SignedReading[];
    readonly onRefusal: (refused: RefusedReading) => void;
    readonly onFailure: (failure: SendFailure) => void;
  },
): MeterGateway {
  const { deployment, areaId } = founded;
  return openMeterGateway({
    sender: senders.of(keyring.key(keyNames.meterGateway).hex, { onFailure }),
    deployment,
    areaId,
    intervalSeconds: scenario.intervalSeconds,
    now,
    meterAt: directory.meterAt,
    meteredIn: directory.meteredIn,
    keep,
    kept,
    publicationOf: (intervalId) =>
      readPublication(network, addressOf(deployment, "meterLedger"), { areaId, intervalId }),
    onRefusal,
  });
}
