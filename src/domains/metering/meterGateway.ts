import {
  ledgerSeparator,
  readingSigner,
  readingWord,
  type SignedReading,
} from "#domains/metering/rules/meterReading.ts";
import { buildReadingTree, type ReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { type Hex, toHex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { endsAt, type IntervalId } from "#kernel/units/interval.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Sender } from "#platform/chain/sender.ts";
import type { MeteringPoint } from "./areaState.ts";
import type { MemberDirectory } from "./memberDirectory.ts";
import { publishCall } from "./meterLedger.ts";

/** Why the gateway refuses a reading. */
export type ReadingRefusal =
  | "unknownMeter"
  | "revokedDevice"
  | "wrongPlace"
  | "wrongVersion"
  | "outOfRange"
  | "invalidSignature"
  | "notOver"
  | "duplicateReading"
  | "alreadyPublished";

/** A reading that the gateway did not take, and of whose meter. */
export type RefusedReading = {
  readonly member: number | null;
  readonly account: number | null;
  readonly intervalId: IntervalId;
  readonly meterId: string;
  readonly reason: ReadingRefusal;
};

/** The readings of an interval under their root: the tree, its leaves' tag, and the readings themselves. */
export type ReadingsUnderRoot = {
  readonly tree: ReadingTree;
  readonly context: Uint8Array;
  readonly readings: readonly SignedReading[];
};

export type PublishedReadings = ReadingsUnderRoot & {
  readonly gasUsed: bigint;
  readonly transactions: number;
};

/** Takes signed readings of one area, and publishes their root (R8.26, R8.29). */
export type MeterGateway = {
  /**
   * Checks the meter's signature and keeps the reading; null when it is accepted, and then it is on disk. A reading that
   * comes again, as after a lost answer, is accepted again and kept once.
   */
  collect(reading: SignedReading): Promise<ReadingRefusal | null>;
  /** Members with a meter that have handed in no reading of the interval. */
  missingOf(intervalId: IntervalId): Promise<readonly number[]>;
  /**
   * Publishes the root over all readings of the interval; once, even when it is called again after a crash. Readings of
   * `positioned`, the members with a position, stand in the first list (see buildReadingTree). Null without a reading.
   */
  publish(intervalId: IntervalId, positioned: ReadonlySet<number>): Promise<PublishedReadings | null>;
  /** The readings under the root that is published; null while there is none. */
  publishedOf(intervalId: IntervalId, positioned: ReadonlySet<number>): Promise<ReadingsUnderRoot | null>;
};

const FIRST_VERSION = 1;
/** Intervals in memory; of older ones the chain and the archive are asked again. */
const MAX_INTERVALS = 1_024;

type GatewayOptions = {
  readonly sender: Sender;
  readonly deployment: Deployment;
  readonly areaId: number;
  readonly intervalSeconds: number;
  readonly now: () => number;
  readonly meterAt: MemberDirectory["meterAt"];
  readonly meteredIn: MemberDirectory["meteredIn"];
  readonly keep: (reading: SignedReading) => Promise<void>;
  readonly kept: (intervalId: IntervalId) => readonly SignedReading[];
  readonly publicationOf: (intervalId: IntervalId) => Promise<{ root: Hex; version: number }>;
  readonly onRefusal?: (refused: RefusedReading) => void;
};

/** Readings of an interval by meter; `keeping` are under way to the disk. */
type OpenInterval = {
  readonly readings: Map<string, SignedReading>;
  readonly keeping: Set<Promise<void>>;
  isClosed: boolean;
};

type GatewayState = GatewayOptions & {
  readonly separator: Uint8Array;
  readonly intervals: Map<IntervalId, Promise<OpenInterval>>;
};

/**
 * `keep` makes a reading durable, and `kept` gives what it kept of an interval, before this start too; `meterAt` is what the
 * registry says of a meter at a time: a reading needs the key in force at the end of its interval, which must be over by `now`,
 * unix seconds of the market. `onRefusal` is told of each
 * reading that is refused; `member` and `account` are null when no such meter was known then.
 */
export function openMeterGateway(options: GatewayOptions): MeterGateway {
  const { chainId } = options.deployment;
  const meterLedger = addressOf(options.deployment, "meterLedger");
  const separator = ledgerSeparator(chainId, meterLedger);
  const state: GatewayState = { ...options, separator, intervals: new Map() };
  return {
    collect: (reading) => collect(state, reading),
    missingOf: (intervalId) => missingOf(state, intervalId),
    publish: (intervalId, positioned) => publish(state, intervalId, positioned),
    publishedOf: (intervalId, positioned) => publishedOf(state, intervalId, positioned),
  };
}

async function collect(state: GatewayState, reading: SignedReading): Promise<ReadingRefusal | null> {
  const { intervalId, meterId } = reading;
  const endedAt = endsAt(intervalId, state.intervalSeconds);
  const point = await state.meterAt(meterId, endedAt);
  const refuse = (reason: ReadingRefusal) => {
    const { member, account } = point ?? { member: null, account: null };
    state.onRefusal?.({ member, account, intervalId, meterId, reason });
    return reason;
  };
  // Whose signature is not its device's asks neither the chain nor the archive.
  const fault = faultOf(state, reading, point) ?? (state.now() < endedAt ? "notOver" : null);
  if (fault) return refuse(fault);
  const interval = await intervalOf(state, intervalId);
  const held = interval.readings.get(meterId);
  if (held) {
    if (readingWord(held) !== readingWord(reading)) return refuse("duplicateReading");
    await Promise.all(interval.keeping);
    return null;
  }
  if (interval.isClosed) return refuse("alreadyPublished");
  await keepReading(state, interval, reading);
  return null;
}

/** What is not durable is not accepted; it may be sent again. */
async function keepReading(
  { keep }: GatewayState,
  { readings, keeping }: OpenInterval,
  reading: SignedReading,
): Promise<void> {
  readings.set(reading.meterId, reading);
  const kept = keep(reading);
  keeping.add(kept);
  try {
    await kept;
  } catch (cause) {
    readings.delete(reading.meterId);
    throw cause;
  } finally {
    keeping.delete(kept);
  }
}

function intervalOf(state: GatewayState, intervalId: IntervalId): Promise<OpenInterval> {
  const { intervals } = state;
  const known = intervals.get(intervalId);
  if (known) return known;
  const opening = openInterval(state, intervalId);
  intervals.set(intervalId, opening);
  opening.catch(() => intervals.delete(intervalId));
  const [oldest] = intervals.keys();
  if (intervals.size > MAX_INTERVALS && oldest !== undefined) intervals.delete(oldest);
  return opening;
}

async function openInterval(
  { kept, publicationOf }: GatewayState,
  intervalId: IntervalId,
): Promise<OpenInterval> {
  const { version } = await publicationOf(intervalId);
  const readings = new Map(kept(intervalId).map((reading) => [reading.meterId as string, reading]));
  return { readings, keeping: new Set(), isClosed: version > 0 };
}

/** What is wrong with a reading by itself. */
function faultOf(
  { areaId, separator }: GatewayState,
  reading: SignedReading,
  point: MeteringPoint | null,
): ReadingRefusal | null {
  if (!point) return "unknownMeter";
  if (!point.deviceKey) return "revokedDevice";
  if (point.areaId !== reading.areaId || point.member !== reading.member || reading.areaId !== areaId)
    return "wrongPlace";
  if (reading.version !== FIRST_VERSION) return "wrongVersion";
  if (!isEnergy(reading.importWh) || !isEnergy(reading.exportWh)) return "outOfRange";
  return readingSigner(reading, separator) === point.deviceKey ? null : "invalidSignature";
}

async function missingOf(state: GatewayState, intervalId: IntervalId): Promise<readonly number[]> {
  const [metered, interval] = await Promise.all([
    state.meteredIn(state.areaId),
    intervalOf(state, intervalId),
  ]);
  const read = new Set([...interval.readings.values()].map(({ member }) => member));
  return metered.filter((member) => !read.has(member));
}

async function publish(
  state: GatewayState,
  intervalId: IntervalId,
  positioned: ReadonlySet<number>,
): Promise<PublishedReadings | null> {
  const interval = await intervalOf(state, intervalId);
  const wasClosed = interval.isClosed;
  interval.isClosed = true;
  try {
    await Promise.allSettled(interval.keeping);
    const underRoot = underRootOf(state, { intervalId, interval, positioned });
    if (underRoot === null) interval.isClosed = wasClosed;
    return underRoot && { ...underRoot, ...(await publishOnce(state, intervalId, underRoot)) };
  } catch (cause) {
    interval.isClosed = wasClosed;
    throw cause;
  }
}

async function publishedOf(
  state: GatewayState,
  intervalId: IntervalId,
  positioned: ReadonlySet<number>,
): Promise<ReadingsUnderRoot | null> {
  const { root, version } = await state.publicationOf(intervalId);
  if (version === 0) return null;
  const interval = await intervalOf(state, intervalId);
  const underRoot = underRootOf(state, { intervalId, interval, positioned });
  if (underRoot === null || toHex(underRoot.tree.root) !== root) throw new ReadingsDifferError(intervalId);
  return underRoot;
}

/** Null without a reading. */
function underRootOf(
  { deployment, areaId }: GatewayState,
  {
    intervalId,
    interval,
    positioned,
  }: { intervalId: IntervalId; interval: OpenInterval; positioned: ReadonlySet<number> },
): ReadingsUnderRoot | null {
  const readings = [...interval.readings.values()].sort((a, b) => a.member - b.member);
  if (readings.length === 0) return null;
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version: FIRST_VERSION });
  return { tree: buildReadingTree(readings.map(readingWord), context, positioned), context, readings };
}

/** Gives what it took: nothing when the root is published already, as after a crash. */
async function publishOnce(
  { publicationOf, sender, deployment, areaId }: GatewayState,
  intervalId: IntervalId,
  { tree: { root }, readings }: ReadingsUnderRoot,
): Promise<{ gasUsed: bigint; transactions: number }> {
  const earlier = await publicationOf(intervalId);
  if (earlier.version > 0 && earlier.root === toHex(root)) return { gasUsed: 0n, transactions: 0 };
  if (earlier.version > 0) throw new ReadingsDifferError(intervalId);
  const call = publishCall(deployment, { areaId, intervalId, root, meters: readings.length });
  const { gasUsed } = await sender.send(call);
  return { gasUsed, transactions: 1 };
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
