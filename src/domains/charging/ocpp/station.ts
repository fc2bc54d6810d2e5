import { createHash, timingSafeEqual } from "node:crypto";
import { DomainError } from "#kernel/units/domainError.ts";
import type { SecurityProfile } from "./listener.ts";

/** A charging station that the operator enrolled. */
export type EnrolledStation = {
  /** Its name in the address that it connects to, and the user of its password. */
  readonly stationId: string;
  /** SHA-256 of its password: a random key, so that no slow hash is needed. */
  readonly passwordHash: Uint8Array;
  /** The least security with which it may connect; raised by itself once it connected with more. */
  readonly securityProfile: SecurityProfile;
  /** Charging points, numbered from 1. */
  readonly evses: number;
  /** What it can draw at most, W. */
  readonly ratedW: number;
  /** What it may draw when no limit of a period stands, W. */
  readonly safeLimitW: number;
};

/** OCPP 2.0.1 part 2, A00: a password is random and of 16 to 40 characters. */
const PASSWORD_CHARACTERS = { least: 16, most: 40 };
/** OCPP 2.0.1 part 2, B01: a station's name. */
const STATION_ID = /^[A-Za-z0-9*_\-=+|@.]{1,48}$/;
/** Charging points of one station: what a cabinet of a depot has at most. */
const MOST_EVSES = 64;

/**
 * A station as the operator enrols it.
 *
 * @throws StationRefusedError when its name, password, number of charging points or limits are not possible
 */
export function enrolStation({
  password,
  ...station
}: Omit<EnrolledStation, "passwordHash"> & { readonly password: string }): EnrolledStation {
  const { stationId, evses, ratedW, safeLimitW } = station;
  const refuse = (sentence: string) => new StationRefusedError(stationId, sentence);
  if (!STATION_ID.test(stationId)) throw refuse("its name has 1 to 48 letters, digits and *_-=+|@.");
  if (password.length < PASSWORD_CHARACTERS.least || password.length > PASSWORD_CHARACTERS.most)
    throw refuse(
      `its password has ${PASSWORD_CHARACTERS.least} to ${PASSWORD_CHARACTERS.most} characters, not ${password.length}`,
    );
  if (!Number.isInteger(evses) || evses < 1 || evses > MOST_EVSES)
    throw refuse(`it has 1 to ${MOST_EVSES} charging points, not ${evses}`);
  if (![ratedW, safeLimitW].every(Number.isInteger) || safeLimitW < 0 || ratedW < safeLimitW)
    throw refuse(`its safe limit, ${safeLimitW} W, is a whole number from 0 to its rating, ${ratedW} W`);
  return { ...station, passwordHash: hashOf(Buffer.from(password)) };
}

/** Whether a password is the station's, in a time that tells nothing of it. */
export function isPasswordOf(station: EnrolledStation, password: Uint8Array): boolean {
  return timingSafeEqual(hashOf(password), station.passwordHash);
}

function hashOf(password: Uint8Array): Uint8Array {
  return createHash("sha256").update(password).digest();
}

export class StationRefusedError extends DomainError {
  readonly code = "stationRefused";

  constructor(stationId: string, sentence: string) {
    super(`the charging station ${JSON.stringify(stationId)} cannot be enrolled: ${sentence}`);
  }
}

export class StationUnknownError extends DomainError {
  readonly code = "stationUnknown";

  constructor(stationId: string) {
    super(`no charging station ${JSON.stringify(stationId)} is enrolled`);
  }
}
