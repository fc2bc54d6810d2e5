import type { SecurityProfile } from "./listener.ts";
import { type EnrolledStation, isPasswordOf } from "./station.ts";
import { OCPP_VERSIONS, type OcppVersion } from "./version.ts";

/** What somebody shows who wants to be a station. */
export type Credentials = {
  readonly stationId: string;
  readonly password: Uint8Array | null;
  /** The common name of a certificate that the stations' authority signed. */
  readonly certificateName: string | null;
  readonly profile: SecurityProfile;
  readonly versions: ReadonlySet<string>;
};

/** Why a connection was refused. */
export type AdmissionRefusal =
  | "unknownStation"
  | "wrongPassword"
  | "wrongCertificate"
  | "securityDowngrade"
  | "noCommonVersion";

export type Admission =
  | { readonly station: EnrolledStation; readonly version: OcppVersion }
  | { readonly refusal: AdmissionRefusal };

/**
 * Whether a connection is a station's. `highestProfile` is the best security that the station is known to be capable of: with
 * less it is refused, so that nobody gets at it by pretending to be simpler (OCPP 2.0.1 A05, "downgrade").
 */
export function admitStation(
  { stationId, password, certificateName, profile, versions }: Credentials,
  {
    stations,
    highestProfile,
  }: {
    readonly stations: ReadonlyMap<string, EnrolledStation>;
    readonly highestProfile: (stationId: string) => SecurityProfile;
  },
): Admission {
  const station = stations.get(stationId);
  if (station === undefined) return { refusal: "unknownStation" };
  if (profile === 3 && certificateName !== stationId) return { refusal: "wrongCertificate" };
  if (profile !== 3 && (password === null || !isPasswordOf(station, password)))
    return { refusal: "wrongPassword" };
  if (profile < highestProfile(stationId)) return { refusal: "securityDowngrade" };
  const version = OCPP_VERSIONS.find((each) => versions.has(each));
  return version === undefined ? { refusal: "noCommonVersion" } : { station, version };
}
