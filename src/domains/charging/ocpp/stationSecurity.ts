import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { DomainError } from "#kernel/units/domainError.ts";
import { writeFileAside } from "#platform/system/writeFileAside.ts";
import type { SecurityProfile } from "./listener.ts";

/** The best security that each station ever connected with: less is refused, after a restart as well (OCPP 2.0.1 A05). */
export type StationSecurity = {
  /** 1 of a station that never came. */
  highestOf(stationId: string): SecurityProfile;
  /** On the disk when it returns. */
  raise(stationId: string, profile: SecurityProfile): void;
};

const fileSchema = z.record(z.string(), z.union([z.literal(1), z.literal(2), z.literal(3)]));

/**
 * Opens the file at `path`, or begins it.
 *
 * @throws StationSecurityDamagedError when it cannot be read: to begin it anew would let a station in with less
 */
export function openStationSecurity(path: string): StationSecurity {
  const highest = new Map(Object.entries(readProfiles(path)));
  mkdirSync(dirname(path), { recursive: true });
  return {
    highestOf: (stationId) => highest.get(stationId) ?? 1,
    raise(stationId, profile) {
      if (profile <= (highest.get(stationId) ?? 1)) return;
      highest.set(stationId, profile);
      writeFileAside(path, Buffer.from(`${JSON.stringify(Object.fromEntries(highest))}\n`));
    },
  };
}

function readProfiles(path: string): Record<string, SecurityProfile> {
  if (!existsSync(path)) return {};
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new StationSecurityDamagedError(path, cause);
  }
}

export class StationSecurityDamagedError extends DomainError {
  readonly code = "stationSecurityDamaged";

  constructor(path: string, cause: unknown) {
    super(
      `${path} cannot be read, and without it a station could connect with less security than it had: restore it, or delete it to begin anew`,
      { cause },
    );
  }
}
