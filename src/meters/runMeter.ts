import { setTimeout as delay } from "node:timers/promises";
import { timeOfSample } from "#domains/metering/rules/meterClock.ts";
import { ledgerSeparator, type SignedReading, signReading } from "#domains/metering/rules/meterReading.ts";
import {
  type IntervalEnergy,
  type RegisterRules,
  type SampleNotice,
  takeSample,
} from "#domains/metering/rules/registerIntervals.ts";
import type { RegisterStates } from "#world/meters/registerStates.ts";
import { type GatewayClient, handInAll } from "./handIn.ts";
import type { MeterPlace } from "./meterPlace.ts";
import type { Outbox } from "./outbox.ts";

/** A meter that is read: tells what its registers say until `signal`, or until it ends by itself, as a file does. */
export type MeterSource = (listener: SourceListener, signal: AbortSignal) => Promise<void>;

export type SourceListener = {
  states(states: RegisterStates): void;
  /** Something that was no reading, in words. */
  fault(sentence: string): void;
};

export type MeterOptions = {
  readonly place: MeterPlace;
  readonly capacityW: number;
  readonly deviceKey: Uint8Array;
  readonly source: MeterSource;
  readonly outbox: Outbox;
  readonly gateway: GatewayClient;
  /** Time by the clock beside the meter, unix seconds; null where the meter's own is taken, as of a file. */
  readonly now: (() => number) | null;
  readonly signal: AbortSignal;
  readonly say: (sentence: string) => void;
  /** Is told of each reading once it is on disk. */
  readonly onReading?: (reading: SignedReading) => void;
};

/** How often a source that has ended looks whether all is handed in. */
const LOOK_MS = 200;

/**
 * Reads a meter, makes interval readings of its registers, signs them, and hands them in (R8.26): each is on disk before it is sent, and
 * stays there until the gateway has it on its own. Ends with `signal`, or when the source has ended and all is handed in.
 */
export async function runMeter(options: MeterOptions): Promise<void> {
  const { source, outbox, gateway, signal, say } = options;
  const ended = new AbortController();
  const stop = () => ended.abort();
  signal.addEventListener("abort", stop, { once: true });
  const news = createNews();
  ended.signal.addEventListener("abort", news.ring, { once: true });
  const taking = createTaking(options, news.ring);
  const handing = handInAll({ outbox, gateway, signal: ended.signal, news: news.wait, say });
  try {
    await source(taking.listener, signal);
    await taking.done();
    while (!signal.aborted && outbox.pending().length > 0) await delay(LOOK_MS);
  } finally {
    ended.abort();
    await handing;
    signal.removeEventListener("abort", stop);
  }
}

/** Samples come faster than the disk: they are taken one after the other. */
function createTaking(options: MeterOptions, ring: () => void) {
  const { outbox, say } = options;
  const told = new Set<string>();
  const sayOnce = (sentence: string) => {
    if (told.has(sentence)) return;
    told.add(sentence);
    say(sentence);
  };
  let queue: Promise<void> = Promise.resolve();
  let failure: unknown = null;
  const take = async (states: RegisterStates) => {
    const readings = await takeStates(options, states, sayOnce);
    if (readings.length > 0) ring();
  };
  return {
    listener: {
      states(states: RegisterStates) {
        queue = queue
          .then(() => take(states))
          .then(
            () => {
              failure = null;
            },
            (error: unknown) => {
              failure = error;
              sayOnce(`a sample can't be kept: ${(error as Error).message}`);
            },
          );
      },
      fault: sayOnce,
    } satisfies SourceListener,
    async done() {
      await queue;
      if (failure !== null) throw failure;
      if (outbox.pending().length > 0) ring();
    },
  };
}

async function takeStates(
  { place, capacityW, deviceKey, outbox, now, onReading }: MeterOptions,
  { saidAt, importWh, exportWh }: RegisterStates,
  sayOnce: (sentence: string) => void,
): Promise<readonly SignedReading[]> {
  const before = outbox.progress();
  const heardAt = now === null ? saidAt : now();
  if (heardAt === null) {
    sayOnce("a message has no time of its own, and a file says none: it is left out");
    return [];
  }
  const timed = timeOfSample(before.clock, { saidAt, heardAt });
  if (timed.offBySeconds !== 0)
    sayOnce(`the meter's clock is ${Math.abs(Math.round(timed.offBySeconds / 60))} min off; ours counts`);
  const rules: RegisterRules = { intervalSeconds: place.intervalSeconds, capacityW };
  const { state, finished, notices } = takeSample(
    before.registers,
    { at: timed.at, importWh, exportWh },
    rules,
  );
  for (const notice of notices) if (notice !== "notLater") sayOnce(NOTICES[notice]);
  const readings = finished.map((energy) => signEnergy(place, energy, deviceKey));
  await outbox.keep({ registers: state, clock: timed.clock }, readings);
  for (const reading of readings) onReading?.(reading);
  return readings;
}

const NOTICES: Readonly<Record<SampleNotice, string>> = {
  notLater: "a sample is not later than the one before",
  notANumber: "a register is no number; the sample is left out",
  importReset: "the register of import was reset; what ran since the sample before is not known",
  exportReset: "the register of export was reset; what ran since the sample before is not known",
  tooMuch: "a register rose by more than the connection carries: another meter, which counts from here on",
  longSilence: "nothing was heard for more than a week; readings begin anew",
};

function signEnergy(place: MeterPlace, energy: IntervalEnergy, deviceKey: Uint8Array): SignedReading {
  const { meterId, areaId, member, chainId, meterLedger } = place;
  const reading = { meterId, areaId, member, ...energy, version: 1 };
  return signReading(reading, ledgerSeparator(chainId, meterLedger), deviceKey);
}

/** Wakes those who wait for something new. */
function createNews() {
  let wake: (() => void)[] = [];
  return {
    ring() {
      const waiting = wake;
      wake = [];
      for (const each of waiting) each();
    },
    wait: () => new Promise<void>((resolve) => void wake.push(resolve)),
  };
}
