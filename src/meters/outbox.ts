import { z } from "zod";
import { FRESH_CLOCK, type MeterClock } from "#domains/metering/rules/meterClock.ts";
import type { SignedReading } from "#domains/metering/rules/meterReading.ts";
import { FRESH_REGISTERS, type RegisterState } from "#domains/metering/rules/registerIntervals.ts";
import { newReadingWire } from "#domains/metering/wireMeters.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { openJournal } from "#platform/system/journal.ts";
import { keptPlace, type MeterPlace, placeOf } from "./meterPlace.ts";

/** How far the reading of a meter's registers is: what a restart goes on from. */
export type MeterProgress = { readonly registers: RegisterState; readonly clock: MeterClock };

/** What a gateway said of a reading that it will not take. */
export type RefusedForGood = { readonly intervalId: number; readonly reason: string };

/** Signed readings on disk until a gateway has acknowledged them, however long that takes (R8.26). */
export type Outbox = {
  readonly progress: () => MeterProgress;
  /** Readings that no gateway has acknowledged, the oldest first. */
  readonly pending: () => readonly SignedReading[];
  /** Readings that were refused for good, the newest 100. */
  readonly refused: () => readonly RefusedForGood[];
  /** Keeps readings with the progress that they came of: both or neither; resolves once they outlive a power cut. */
  keep(progress: MeterProgress, readings: readonly SignedReading[]): Promise<void>;
  /** Takes readings off that were acknowledged or refused for good. */
  settle(acknowledged: readonly number[], refused: readonly RefusedForGood[]): void;
  close(): Promise<void>;
};

const MAX_REFUSED = 100;
/** A journal of samples every ten seconds is written anew about once a day. */
const COMPACT_BYTES = 4_194_304;

const sample = z.object({ at: z.number(), importWh: z.number(), exportWh: z.number() });
const progressEntry = z.object({
  registers: z.object({
    last: sample.nullable(),
    totals: sample.omit({ at: true }),
    boundary: z
      .object({ intervalId: z.int(), importWh: z.number(), exportWh: z.number(), isExact: z.boolean() })
      .nullable(),
    isBroken: z.boolean(),
  }),
  clock: z.object({ offsets: z.array(z.number()) }),
});
const refusedEntry = z.object({ intervalId: z.int(), reason: z.string() });
const entry = z.union([
  z.object({ place: keptPlace }),
  z.object({ progress: progressEntry }),
  z.object({ reading: newReadingWire }),
  z.object({ acknowledged: z.array(z.int()), refused: z.array(refusedEntry) }),
]);
type Entry = z.input<typeof entry>;

type Kept = { progress: MeterProgress; pending: Map<number, SignedReading>; refused: RefusedForGood[] };

/**
 * Opens the outbox of a metering point at `path`.
 *
 * @throws MeterMovedError when it is that of another place: what was signed for one counts nowhere else
 */
export function openOutbox(path: string, place: MeterPlace): Outbox {
  const journal = openJournal(path);
  const kept: Kept = {
    progress: { registers: FRESH_REGISTERS, clock: FRESH_CLOCK },
    pending: new Map(),
    refused: [],
  };
  const found = journal.found.map((value) => entry.parse(value));
  for (const each of found) replay(kept, each, { path, place });
  if (found.length === 0) journal.note([{ place: placeOf(place) } satisfies Entry]);
  const compact = () => {
    if (journal.bytes() > COMPACT_BYTES) journal.replace(everything(kept, place));
  };
  return {
    progress: () => kept.progress,
    pending: () => [...kept.pending.values()].sort((a, b) => a.intervalId - b.intervalId),
    refused: () => kept.refused,
    async keep(progress, readings) {
      const entries: Entry[] = [
        ...readings.map((reading) => ({ reading: wireOf(reading) })),
        progressOf(progress),
      ];
      // Progress alone may be lost in a power cut: the registers are read again, over a longer line.
      const written = readings.length > 0 ? journal.append(entries) : journal.note(entries);
      kept.progress = progress;
      for (const reading of readings) kept.pending.set(reading.intervalId, reading);
      await written;
      compact();
    },
    settle(acknowledged, refused) {
      journal.note([{ acknowledged: [...acknowledged], refused: [...refused] } satisfies Entry]);
      settleIn(kept, acknowledged, refused);
      compact();
    },
    close: () => journal.close(),
  };
}

function replay(
  kept: Kept,
  each: z.infer<typeof entry>,
  { path, place }: { path: string; place: MeterPlace },
): void {
  if ("place" in each) {
    if (JSON.stringify(each.place) !== JSON.stringify(placeOf(place))) throw new MeterMovedError(path);
  } else if ("progress" in each) kept.progress = each.progress;
  else if ("reading" in each) {
    const { signature, meterId, ...reading } = each.reading;
    const bytes = fromHex(signature as Hex);
    kept.pending.set(reading.intervalId, { ...reading, meterId: meterId as Hex, signature: bytes });
  } else settleIn(kept, each.acknowledged, each.refused);
}

function settleIn(kept: Kept, acknowledged: readonly number[], refused: readonly RefusedForGood[]): void {
  for (const intervalId of acknowledged) kept.pending.delete(intervalId);
  for (const { intervalId } of refused) kept.pending.delete(intervalId);
  kept.refused = [...kept.refused, ...refused].slice(-MAX_REFUSED);
}

function everything(kept: Kept, place: MeterPlace): readonly Entry[] {
  return [
    { place: placeOf(place) },
    { acknowledged: [], refused: [...kept.refused] },
    ...[...kept.pending.values()].map((reading) => ({ reading: wireOf(reading) })),
    progressOf(kept.progress),
  ];
}

function progressOf({ registers, clock }: MeterProgress): Entry {
  return { progress: { registers, clock: { offsets: [...clock.offsets] } } };
}

/** A reading as it goes to a gateway. */
export function wireOf({ signature, ...reading }: SignedReading): z.input<typeof newReadingWire> {
  return { ...reading, signature: toHex(signature) };
}

export class MeterMovedError extends DomainError {
  readonly code = "meterMoved";

  constructor(path: string) {
    super(
      `${path} holds readings of another metering point, area or chain; move it away to begin anew, once all of it is handed in`,
    );
  }
}
