import type { RegisterReading } from "../sessions/sessionRecord.ts";
import { unixSeconds } from "./isoTime.ts";
import { RefusedCallError } from "./refusedCall.ts";

/** A sample of a meter in either version; OCPP 1.6 writes its value as text and its unit beside it. */
export type SampledValue = {
  readonly value: string | number;
  readonly measurand?: string;
  readonly phase?: string;
  readonly location?: string;
  readonly unit?: string;
  readonly unitOfMeasure?: { readonly unit?: string; readonly multiplier?: number };
};

export type MeterValue = { readonly timestamp: string; readonly sampledValue: readonly SampledValue[] };

const REGISTER = "Energy.Active.Import.Register";
const DECIMAL = /^\s*(\d{1,15})(?:\.(\d{0,15}))?\s*$/;
/** Powers of ten of the units that an energy register comes in, as Wh. */
const EXPONENTS: Readonly<Record<string, number>> = { Wh: 0, kWh: 3 };
const MOST_MULTIPLIER = 9;

/**
 * Readings of the energy register at a station's outlet, of all phases together; other samples are passed over.
 *
 * @throws RefusedCallError that the station is answered with, when a register is no number or has no unit of energy
 */
export function registerReadings(values: readonly MeterValue[]): RegisterReading[] {
  return values.flatMap(({ timestamp, sampledValue }) =>
    sampledValue
      .filter(isRegister)
      .map((sample) => ({ at: unixSeconds(timestamp), registerWh: wholeWh(sample) })),
  );
}

function isRegister({ measurand = REGISTER, phase, location = "Outlet" }: SampledValue): boolean {
  return measurand === REGISTER && phase === undefined && location === "Outlet";
}

/** Exactly, then rounded down: what is not a whole Wh yet is not counted yet. */
function wholeWh({ value, unit: unitBeside, unitOfMeasure }: SampledValue): bigint {
  const unit = unitOfMeasure?.unit ?? unitBeside ?? "Wh";
  const multiplier = unitOfMeasure?.multiplier ?? 0;
  const [, whole, fraction = ""] = DECIMAL.exec(String(value)) ?? [];
  const exponent = EXPONENTS[unit];
  if (whole === undefined || exponent === undefined || Math.abs(multiplier) > MOST_MULTIPLIER)
    throw new RefusedCallError("PropertyConstraintViolation", `${value} ${unit} is no energy register`);
  const shift = exponent + multiplier - fraction.length;
  const digits = BigInt(whole + fraction);
  return shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
}
