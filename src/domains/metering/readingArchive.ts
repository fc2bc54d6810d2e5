import { z } from "zod";
import {
  QUALITY_NUMBER,
  type ReadingQuality,
  type SignedReading,
} from "#domains/metering/rules/meterReading.ts";
import { fromHex, type Hex, toHex } from "#kernel/crypto/hex.ts";
import { type Archive, openArchive } from "#platform/store/archive.ts";
import { archiveFile, hexText, wholeNumber } from "#platform/store/archiveFields.ts";

/** The gateway's signed readings, which stay off the chain (R1.3, R8.29); the chain holds their roots. */
export type ReadingArchive = {
  /** Keeps readings; on the disk when it returns. */
  append(readings: readonly SignedReading[]): void;
  /** All readings of an interval, of every version, as they came. */
  readingsOf(areaId: number, intervalId: number): readonly SignedReading[];
  all(): Generator<SignedReading, void, undefined>;
  readonly notices: readonly string[];
};

/** Opens the archive, a file for each area and UTC day of the intervals' start; `isReadOnly` as for {@link openArchive}. */
export function openReadingArchive({
  directory,
  intervalSecondsOf,
  isReadOnly = false,
}: {
  directory: string;
  intervalSecondsOf: (areaId: number) => number;
  isReadOnly?: boolean;
}): ReadingArchive {
  const fileOf = ({ areaId, intervalId }: { areaId: number; intervalId: number }) =>
    archiveFile(areaId, intervalId * intervalSecondsOf(areaId));
  const archive: Archive<SignedReading> = openArchive({
    directory,
    codec: { encode, decode },
    fileOf,
    isReadOnly,
  });
  return {
    append: (readings) => archive.append(readings),
    readingsOf: (areaId, intervalId) =>
      archive
        .read(fileOf({ areaId, intervalId }))
        .filter((reading) => reading.areaId === areaId && reading.intervalId === intervalId),
    *all() {
      for (const file of archive.files()) yield* archive.read(file);
    },
    notices: archive.notices,
  };
}

const QUALITIES = Object.keys(QUALITY_NUMBER) as [ReadingQuality, ...ReadingQuality[]];

const line = z.object({
  meterId: hexText(32),
  member: wholeNumber,
  areaId: wholeNumber,
  intervalId: wholeNumber,
  importWh: wholeNumber,
  exportWh: wholeNumber,
  quality: z.enum(QUALITIES),
  version: wholeNumber,
  signature: hexText(64),
});

function encode(reading: SignedReading): unknown {
  return { ...reading, signature: toHex(reading.signature) };
}

function decode(value: unknown): SignedReading | null {
  const { success, data } = line.safeParse(value);
  if (!success) return null;
  return { ...data, meterId: data.meterId as Hex, signature: fromHex(data.signature as Hex) };
}
