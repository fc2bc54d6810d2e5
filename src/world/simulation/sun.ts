const RADIANS = Math.PI / 180;
const HOURS_OF_DAY = 24;
const SECONDS_PER_HOUR = 3_600;
const SECONDS_PER_DAY = 86_400;
const MILLIS_PER_SECOND = 1_000;
const DEGREES_PER_HOUR = 15;
const MINUTES_PER_HOUR = 60;

/** Share of the clear sky's horizontal irradiance that comes straight from the sun. */
const CLEAR_BEAM_SHARE = 0.85;

/** Transmittance at which no beam is left. */
const OVERCAST_TRANSMITTANCE = 0.25;

const ALBEDO = 0.2;

/** Below this height of the sun (its sine) a plane's beam is not extrapolated further. */
const LOWEST_SINE = 0.087;

/** Where the sun stands: a unit vector, east, north, up. */
export type SunVector = { readonly east: number; readonly north: number; readonly up: number };

export type Place = { readonly latitudeDeg: number; readonly longitudeDeg: number };

/**
 * The sun over a place at an instant: Cooper's declination (1969), the usual three-term equation of time, and the hour
 * angle (`docs/model/household.md`, equation 8). Good to about a degree.
 */
export function sunAt(unixSeconds: number, { latitudeDeg, longitudeDeg }: Place): SunVector {
  const day = utcDayOfYear(unixSeconds);
  const declination = 23.45 * RADIANS * Math.sin(((2 * Math.PI) / 365) * (284 + day));
  const phase = ((2 * Math.PI) / 364) * (day - 81);
  const equationMinutes = 9.87 * Math.sin(2 * phase) - 7.53 * Math.cos(phase) - 1.5 * Math.sin(phase);
  const utcHour = (unixSeconds % SECONDS_PER_DAY) / SECONDS_PER_HOUR;
  const solarHour = utcHour + longitudeDeg / DEGREES_PER_HOUR + equationMinutes / MINUTES_PER_HOUR;
  const hourAngle = (solarHour - HOURS_OF_DAY / 2) * DEGREES_PER_HOUR * RADIANS;
  const latitude = latitudeDeg * RADIANS;
  return {
    east: -Math.cos(declination) * Math.sin(hourAngle),
    north:
      Math.cos(latitude) * Math.sin(declination) -
      Math.sin(latitude) * Math.cos(declination) * Math.cos(hourAngle),
    up:
      Math.sin(latitude) * Math.sin(declination) +
      Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle),
  };
}

/** Horizontal irradiance of a clear sky, W/m² (Haurwitz 1945), for the sine of the sun's height. */
export function clearSkyWPerM2(sineOfHeight: number): number {
  return sineOfHeight <= 0 ? 0 : 1_098 * sineOfHeight * Math.exp(-0.057 / sineOfHeight);
}

/** A tilted plane: its normal, and the share of the sky that it sees. */
export type Plane = { readonly normal: SunVector; readonly skyShare: number };

/** A plane tilted by `tiltDeg` from the horizontal towards `azimuthDeg` (0 = north, 90 = east, 180 = south). */
export function planeOf(tiltDeg: number, azimuthDeg: number): Plane {
  const tilt = tiltDeg * RADIANS;
  const azimuth = azimuthDeg * RADIANS;
  return {
    normal: {
      east: Math.sin(tilt) * Math.sin(azimuth),
      north: Math.sin(tilt) * Math.cos(azimuth),
      up: Math.cos(tilt),
    },
    skyShare: (1 + Math.cos(tilt)) / 2,
  };
}

/**
 * Irradiance on a plane, W/m², under clouds that let `transmittance` (0 … 1) of the clear sky's through: beam by the
 * angle of incidence, isotropic diffuse light, light from the ground (equation 9).
 */
export function planeIrradiance(sun: SunVector, { normal, skyShare }: Plane, transmittance: number): number {
  const clear = clearSkyWPerM2(sun.up);
  if (clear === 0) return 0;
  const global = clear * transmittance;
  const beamPart = (transmittance - OVERCAST_TRANSMITTANCE) / (1 - OVERCAST_TRANSMITTANCE);
  const beam = clear * CLEAR_BEAM_SHARE * Math.max(0, beamPart);
  const incidence = sun.east * normal.east + sun.north * normal.north + sun.up * normal.up;
  const beamOnPlane = (beam * Math.max(0, incidence)) / Math.max(sun.up, LOWEST_SINE);
  return beamOnPlane + (global - beam) * skyShare + global * ALBEDO * (1 - skyShare);
}

function utcDayOfYear(unixSeconds: number): number {
  const year = new Date(unixSeconds * MILLIS_PER_SECOND).getUTCFullYear();
  return Math.floor((unixSeconds - Date.UTC(year, 0, 1) / MILLIS_PER_SECOND) / SECONDS_PER_DAY) + 1;
}
