import {
  ledgerSeparator,
  readingSigner,
  readingWord,
  type SignedReading,
} from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, type ReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { type Address, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Sender } from "#platform/chain/sender.ts";
import { publishCall } from "./meterLedger.ts";

/** A metering point as the gateway knows it; `deviceKey` is null when the key was revoked. */
export type MeteringPoint = {
  readonly account: number;
  readonly areaId: number;
  readonly deviceKey: Address | null;
};

/** Why the gateway refuses a reading. */
export type ReadingRefusal =
  | "unknownMeter"
  | "revokedDevice"
  | "wrongPlace"
  | "wrongVersion"
  | "outOfRange"
  | "invalidSignature"
  | "duplicateReading"
  | "alreadyPublished";

/** A reading that the gateway did not take, and of whose meter. */
export type RefusedReading = {
  readonly account: number | null;
  readonly intervalId: IntervalId;
  readonly meterId: string;
  readonly reason: ReadingRefusal;
};

/** The readings of an interval as they were published: the tree, its leaves' tag, and the readings themselves. */
export type PublishedReadings = {
  readonly tree: ReadingTree;
  readonly context: Uint8Array;
  readonly readings: readonly SignedReading[];
  readonly gasUsed: bigint;
};

/** Takes signed readings of one area, and publishes their root (R8.26, R8.29). */
export type MeterGateway = {
  /** Checks the meter's signature and keeps the reading; null when it is accepted. */
  collect(reading: SignedReading): Promise<ReadingRefusal | null>;
  /**
   * Publishes the root over all readings of the interval; once, even when it is called again after a crash. Readings of
   * `positioned`, the accounts with a position, stand apart from the others (see buildReadingTree).
   */
  publish(intervalId: IntervalId, positioned: ReadonlySet<number>): Promise<PublishedReadings>;
};

const FIRST_VERSION = 1;

type GatewayOptions = {
  readonly sender: Sender;
  readonly deployment: Deployment;
  readonly areaId: number;
  readonly meterOf: (meterId: string) => MeteringPoint | undefined;
  readonly keep: (readings: readonly SignedReading[]) => Promise<void>;
  readonly publicationOf: (intervalId: IntervalId) => Promise<{ root: Hex; version: number }>;
  readonly onRefusal?: (refused: RefusedReading) => void;
};

type GatewayState = GatewayOptions & {
  readonly separator: Uint8Array;
  readonly pending: Map<IntervalId, Map<string, SignedReading>>;
  readonly published: Set<IntervalId>;
};

/**
 * `keep` makes accepted readings durable before their root is published: a root without its readings settles nothing.
 * `onRefusal` is told of each reading that is refused; `account` is null when no such meter is known.
 */
export function openMeterGateway(options: GatewayOptions): MeterGateway {
  const { chainId } = options.deployment;
  const meterLedger = addressOf(options.deployment, "meterLedger");
  const separator = ledgerSeparator(chainId, meterLedger);
  const state: GatewayState = { ...options, separator, pending: new Map(), published: new Set() };
  return {
    collect: async (reading) => collect(state, reading),
    publish: (intervalId, positioned) => publish(state, intervalId, positioned),
  };
}

function collect(state: GatewayState, reading: SignedReading): ReadingRefusal | null {
  const { pending, meterOf, onRefusal } = state;
  const { intervalId, meterId } = reading;
  const reason = findRefusal(state, reading);
  if (reason) {
    onRefusal?.({ account: meterOf(meterId)?.account ?? null, intervalId, meterId, reason });
    return reason;
  }
  const readings = pending.get(intervalId) ?? new Map<string, SignedReading>();
  pending.set(intervalId, readings);
  readings.set(meterId, reading);
  return null;
}

function findRefusal(
  { meterOf, areaId, published, pending, separator }: GatewayState,
  reading: SignedReading,
): ReadingRefusal | null {
  const point = meterOf(reading.meterId);
  if (!point) return "unknownMeter";
  if (!point.deviceKey) return "revokedDevice";
  if (point.areaId !== reading.areaId || point.account !== reading.account || reading.areaId !== areaId)
    return "wrongPlace";
  if (reading.version !== FIRST_VERSION) return "wrongVersion";
  if (!isEnergy(reading.importWh) || !isEnergy(reading.exportWh)) return "outOfRange";
  if (published.has(reading.intervalId)) return "alreadyPublished";
  if (pending.get(reading.intervalId)?.has(reading.meterId)) return "duplicateReading";
  return readingSigner(reading, separator) === point.deviceKey ? null : "invalidSignature";
}

async function publish(
  state: GatewayState,
  intervalId: IntervalId,
  positioned: ReadonlySet<number>,
): Promise<PublishedReadings> {
  const { deployment, areaId, pending, keep, published } = state;
  const readings = [...(pending.get(intervalId)?.values() ?? [])].sort((a, b) => a.account - b.account);
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version: FIRST_VERSION });
  const tree = buildReadingTree(readings.map(readingWord), context, positioned);
  await keep(readings);
  const gasUsed = await publishOnce(state, { intervalId, root: tree.root, meters: readings.length });
  pending.delete(intervalId);
  published.add(intervalId);
  return { tree, context, readings, gasUsed };
}

/** Gives the gas used: none when the root is published already, as after a crash. */
async function publishOnce(
  { publicationOf, sender, deployment, areaId }: GatewayState,
  { intervalId, root, meters }: { intervalId: IntervalId; root: Uint8Array; meters: number },
): Promise<bigint> {
  const earlier = await publicationOf(intervalId);
  if (earlier.version > 0 && earlier.root === toHex(root)) return 0n;
  if (earlier.version > 0) throw new ReadingsDifferError(intervalId);
  const receipt = await sender.send(publishCall(deployment, { areaId, intervalId, root, meters }));
  return receipt.gasUsed;
}

/** Whole Wh that four bytes of a reading's word hold; more would run into its other fields. */
function isEnergy(energyWh: number): boolean {
  return Number.isInteger(energyWh) && energyWh >= 0 && energyWh < 2 ** 32;
}

export class ReadingsDifferError extends DomainError {
  readonly code = "readingsDiffer";

  constructor(intervalId: IntervalId) {
    super(`the readings of interval ${intervalId} are published already, and differ from these`);
  }
}
