import type { FastifyRequest } from "fastify";
import { type AreaView, termsAt } from "#domains/pool/queries/areas.ts";
import { readLocalEnergy, readShownPrices } from "#domains/pool/queries/priceOutlook.ts";
import {
  blendPrice,
  type ExpectedPrice,
  expectLocalShare,
  expectPrices,
  forecastError,
  isForecast,
  type LocalEnergyOf,
  OUTLOOK_DAYS,
  type ShownPrices,
  withVat,
} from "#domains/pool/rules/priceOutlook.ts";
import type { OutlookBody, PricesQuery } from "#domains/pool/wirePriceShapes.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { requireOwner } from "#platform/api/identity/access.ts";
import { areaOrFirst } from "./areas.ts";
import type { PoolContext } from "./poolContext.ts";
import type { PricedOutlook } from "./priceShapes.ts";

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;
const HUNDREDTHS = 100;
const RULE =
  "cleared intervals have their price; others the mean of the same time, by UTC, of the last seven days on which something was traded then, the newest price while no earlier day is known, and the supplier's where nothing was traded at that time";

/** Prices of the intervals from now on, known and expected, of one area (R2.50). */
export async function readOutlook(
  context: PoolContext,
  request: FastifyRequest,
  query: PricesQuery,
): Promise<PricedOutlook> {
  if (query.account !== undefined) await requireOwner(context, request, query.account);
  const area = await areaOrFirst(context, query.areaId);
  const { areaId, intervalSeconds } = area;
  const now = context.now();
  const current = intervalAt(now, intervalSeconds);
  const perDay = Math.round(SECONDS_PER_DAY / intervalSeconds);
  const count = Math.ceil((query.hours * SECONDS_PER_HOUR) / intervalSeconds);
  const span = {
    areaId,
    // An error over seven days of forecasts that look back on seven days each.
    from: startsAt(current - 2 * OUTLOOK_DAYS * perDay, intervalSeconds),
    to: startsAt(current + count, intervalSeconds),
  };
  const shown = await readShownPrices(context.store.db, span);
  const { side, account } = query;
  const energy =
    query.of === "blended"
      ? await readLocalEnergy(context.store.db, { ...span, side, account })
      : new Map<number, never>();
  const found = { shown, energy, calendar: { perDay, current }, count, now };
  return pricedOutlook(context, area, { query, found });
}

type Found = {
  readonly shown: ShownPrices;
  readonly energy: LocalEnergyOf;
  readonly calendar: { readonly perDay: number; readonly current: number };
  readonly count: number;
  readonly now: number;
};

function pricedOutlook(
  context: PoolContext,
  area: AreaView,
  { query, found }: { query: PricesQuery; found: Found },
): PricedOutlook {
  const { shown, energy, calendar, count, now } = found;
  const { current, perDay } = calendar;
  const expected = expectPrices(shown, { ...calendar, first: current, count });
  const priced = expected.map((each) => {
    const sharePermille = expectLocalShare(energy, each.intervalId, calendar);
    const withoutVat = priceOf(context, area, { query, expected: each, sharePermille });
    return { ...each, sharePermille, withoutVat };
  });
  const firstUnknown = expected.findIndex(isForecast);
  const { areaId, intervalSeconds } = area;
  const error = forecastError(shown, { perDay, from: current - OUTLOOK_DAYS * perDay, to: current + 1 });
  const { side, of, fees } = query;
  const body: OutlookBody = {
    ...{ areaId, side, of, fees, vatPercent: query.vatPercent / HUNDREDTHS },
    currency: context.currency,
    now,
    startsAt: startsAt(current, intervalSeconds),
    intervalSeconds,
    knownUntil: startsAt(current + (firstUnknown < 0 ? count : firstUnknown), intervalSeconds),
    rule: RULE,
    error: {
      ...error,
      meanAbsoluteMicroPerKwh: orNull(error.meanAbsoluteMicroPerKwh),
      meanMicroPerKwh: orNull(error.meanMicroPerKwh),
    },
    prices: priced.map(({ intervalId, basis, localMicroPerKwh, sharePermille, withoutVat }) => ({
      intervalId,
      startsAt: startsAt(intervalId, intervalSeconds),
      basis,
      isForecast: isForecast({ basis }),
      localMicroPerKwh: orNull(localMicroPerKwh),
      localSharePermille: Number(sharePermille),
      priceMicroPerKwh: String(withVat(withoutVat, query.vatPercent)),
    })),
  };
  return { body, withoutVat: priced.map(({ withoutVat }) => withoutVat) };
}

/** What is asked for of an interval, without tax: where no trade is expected, the supplier's price. */
function priceOf(
  context: PoolContext,
  area: AreaView,
  {
    query: { side, of, fees },
    expected: { intervalId, localMicroPerKwh },
    sharePermille,
  }: { query: PricesQuery; expected: ExpectedPrice; sharePermille: bigint },
): bigint {
  const supplierMicroPerKwh = supplierPrice(context, area, { side, fees, intervalId });
  if (localMicroPerKwh === null || of === "supplier") return supplierMicroPerKwh;
  const { gridFeeMicroPerKwh } = termsAt(area, intervalId);
  const hasFee = side === "buy" && fees === "with";
  const local = localMicroPerKwh + (hasFee ? gridFeeMicroPerKwh : 0n);
  if (of === "local") return local;
  return blendPrice({ sharePermille, localMicroPerKwh: local, supplierMicroPerKwh });
}

/** The tariff's price; the band of the area's terms stands for it where no tariff is known. */
function supplierPrice(
  { tariffOf, retailParts }: PoolContext,
  area: AreaView,
  { side, fees, intervalId }: Pick<PricesQuery, "side" | "fees"> & { intervalId: number },
): bigint {
  const tariff = tariffOf(area.areaId, intervalId);
  const { floorMicroPerKwh, ceilingMicroPerKwh } = termsAt(area, intervalId);
  if (side === "sell") return tariff ? BigInt(tariff.feedInMicroPerKwh) : floorMicroPerKwh;
  const retail = tariff ? BigInt(tariff.retailMicroPerKwh) : ceilingMicroPerKwh;
  if (fees === "with") return retail;
  const parts = retailParts.get(area.areaId);
  if (!parts) throw new FeesUnknownError(area.areaId);
  return retail - BigInt(parts.gridFeeMicroPerKwh) - BigInt(parts.leviesMicroPerKwh);
}

class FeesUnknownError extends DomainError {
  readonly code = "feesUnknown";

  constructor(areaId: number) {
    super(
      `the fees and levies in the supplier's price of area ${areaId} are not known here; ask with fees=with`,
    );
  }
}
