import type { z } from "zod";
import type { ChargingTariff, DayPrice } from "#domains/charging/sessions/tariff.ts";
import { pricedSpans } from "#domains/charging/sessions/tariff.ts";
import type { chargingPricesWire, driverSessionWire, promiseWire } from "#domains/charging/sessionWire.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import type { Answer } from "../../app/api/answer.ts";
import { getJson } from "../../app/api/getJson.ts";
import { useAnswer } from "../../app/api/useAnswer.ts";
import { retryUnlessRefused } from "../../app/api/useGet.ts";

export type DriverSession = z.infer<typeof driverSessionWire>;
export type ChargingPrices = z.infer<typeof chargingPricesWire>;
/** A station with what a session costs there. */
export type PricedStation = ChargingPrices["stations"][number];
export type SaidTariff = DriverSession["tariff"];
export type SessionPromise = z.infer<typeof promiseWire>;

const LOOKS_AGAIN_MS = 10_000;

/** Asks for what is only the driver's: the salt goes in a header, so that no log of addresses has it. */
export function useDriverGet<Body>(path: string, salt: string): Answer<Body> {
  return useAnswer<Body>({
    queryKey: ["api", path, salt],
    queryFn: ({ signal }) => getJson<Body>(path, signal, { "session-salt": salt }),
    retry: retryUnlessRefused,
    refetchInterval: LOOKS_AGAIN_MS,
  });
}

/** A tariff as the invoice is computed by. */
export function tariffOf({ prices, sessionFeeMicro, ...rest }: SaidTariff): ChargingTariff {
  return {
    ...rest,
    sessionFeeMicro: BigInt(sessionFeeMicro),
    prices: prices.map(({ fromMinute, energyMicroPerKwh, timeMicroPerHour, idleMicroPerHour }) => ({
      fromMinute,
      energyMicroPerKwh: BigInt(energyMicroPerKwh),
      timeMicroPerHour: BigInt(timeMicroPerHour),
      idleMicroPerHour: BigInt(idleMicroPerHour),
    })),
  };
}

/** What holds at an instant, and until when; the next day at the latest. */
export function priceAt(
  tariff: ChargingTariff,
  { at, timeZone }: { at: number; timeZone: string },
): { readonly price: DayPrice; readonly until: number } | null {
  const [first] = pricedSpans(tariff, createLocalClock(timeZone), { from: at, to: at + 86_400 });
  return first ? { price: first.price, until: first.to } : null;
}
