import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Hex } from "#kernel/crypto/hex.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import { INCIDENT_KINDS, type Incident, type KeptIncidents } from "./incidents.ts";

/** Keeps incidents over restarts; each change is written soon, a flood of them once. */
export type IncidentFile = KeptIncidents & {
  /** Writes what is not written yet. */
  close(): void;
};

/** A power cut loses what was refused this shortly before it; what concerns money is on the chain. */
const WRITE_DELAY_MS = 1_000;

const hex = z
  .string()
  .regex(/^0x[0-9a-f]*$/)
  .transform((text) => text as Hex);

const fileSchema = z.array(
  z.strictObject({
    kind: z.enum(INCIDENT_KINDS),
    at: z.number(),
    areaId: z.int().nullable(),
    account: z.int().nullable(),
    intervalId: z.int().nullable(),
    orderId: hex.nullable(),
    transactionHash: hex.nullable(),
    reason: z.string(),
    sentence: z.string(),
    count: z.int().positive(),
    // Files of before have none.
    resolvedAt: z.number().nullable().default(null),
  }),
);

/**
 * The file at `path`, which holds the newest incidents only. A damaged one stops no community: `onNotice` is told, and it
 * is begun anew.
 */
export function openIncidentFile({
  path,
  onNotice,
}: {
  path: string;
  onNotice: (sentence: string) => void;
}): IncidentFile {
  let unwritten: (() => readonly Incident[]) | null = null;
  let timer: NodeJS.Timeout | null = null;
  const write = () => {
    timer = null;
    const list = unwritten;
    unwritten = null;
    if (list === null) return;
    try {
      writeFileAside(path, Buffer.from(`${JSON.stringify(list())}\n`));
    } catch (cause) {
      onNotice(`incidents can't be written to ${path}: ${cause instanceof Error ? cause.message : cause}`);
    }
  };
  return {
    kept: readIncidents(path, onNotice),
    changed(list) {
      unwritten = list;
      timer ??= setTimeout(write, WRITE_DELAY_MS).unref();
    },
    close() {
      if (timer) clearTimeout(timer);
      write();
    },
  };
}

function readIncidents(path: string, onNotice: (sentence: string) => void): readonly Incident[] {
  if (!existsSync(path)) return [];
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    onNotice(`${path} can't be read: what was refused before this start is forgotten`);
    return [];
  }
}
