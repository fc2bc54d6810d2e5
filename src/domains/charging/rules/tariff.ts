import { assert, present } from "#kernel/units/assert.ts";

/** From an hour of the day on, a price of energy. */
type TariffStep = { readonly fromHour: number; readonly tariffMicroPerKwh: bigint };

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/**
 * Table 1 (R9.19), 1 token = 0.01 CNY: 0.32 CNY/kWh from 22 to 6, 1.12 from 8 to 11 and from 18 to 22, else 0.69. By rising
 * hour; before the first step that of the last holds.
 */
const SHANGHAI: readonly TariffStep[] = [
  { fromHour: 6, tariffMicroPerKwh: 69_000_000n },
  { fromHour: 8, tariffMicroPerKwh: 112_000_000n },
  { fromHour: 11, tariffMicroPerKwh: 69_000_000n },
  { fromHour: 18, tariffMicroPerKwh: 112_000_000n },
  { fromHour: 22, tariffMicroPerKwh: 32_000_000n },
];

/** The tariff of Table 1 at a second of the day, 0 … 86,399: micro tokens per kWh. */
export function shanghaiTariffAt(secondOfDay: number): bigint {
  assert(secondOfDay >= 0 && secondOfDay < DAY_SECONDS, `${secondOfDay} is no second of a day`);
  const step = SHANGHAI.findLast(({ fromHour }) => fromHour * HOUR_SECONDS <= secondOfDay) ?? SHANGHAI.at(-1);
  return present(step, "a step of the tariff").tariffMicroPerKwh;
}
