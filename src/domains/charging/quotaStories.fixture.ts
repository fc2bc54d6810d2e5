import fc from "fast-check";
import type { Side } from "#kernel/auction/order.ts";
import { FIRST_PERIOD, type QuotaStory } from "./quotaHistory.fixture.ts";

/** Stations of these stories. */
export const STORY_STATIONS = [4, 5, 6, 7, 8];

/** Far enough apart that one is over before the next begins, no matter who is waited for. */
const PERIODS_APART = 48 * 8;

const INTERVALS = 2;

const perStation = <T>(value: fc.Arbitrary<T>) =>
  fc.tuple(...STORY_STATIONS.map(() => value)).map((values) => values as readonly T[]);

const station = fc.record({
  demandW: fc.option(fc.integer({ min: 1, max: 17_000 }), { freq: 8 }),
  side: fc.constantFrom<(Side | null)[]>("bid", "offer", null),
  quantity: fc.integer({ min: 1, max: 200 }),
  // Few prices, so that orders meet at the margin and share it.
  price: fc.integer({ min: 0, max: 6 }).map((step) => 10_000_001 * step),
  importWh: fc.array(fc.option(fc.integer({ min: 0, max: 6_000 }), { freq: 7 }), {
    minLength: INTERVALS,
    maxLength: INTERVALS,
  }),
  isVanished: fc.boolean().map((flag) => flag),
});

/**
 * One period: demands that fit or do not, orders that meet or do not, meters that keep to quotas or do not, readings that never
 * come, margins that nobody divides, auctions that nobody clears, stations that vanish.
 */
const story = fc
  .record({
    stations: perStation(station),
    forecastW: fc.integer({ min: 0, max: 60_000 }),
    isDivided: fc.integer({ min: 0, max: 9 }).map((of10) => of10 > 0),
    isCleared: fc.integer({ min: 0, max: 9 }).map((of10) => of10 > 0),
    isPublished: fc.integer({ min: 0, max: 9 }).map((of10) => of10 > 0),
    vanishing: fc.integer({ min: 0, max: 3 }).map((of4) => of4 === 0),
    extraDepositMicro: fc.constantFrom(0n, 1n, 5_000_000n),
  })
  .map(({ stations, vanishing, ...rest }): Omit<QuotaStory, "period"> => {
    const known = stations.flatMap((one, i) =>
      one.demandW === null ? [] : [{ ...one, member: STORY_STATIONS[i] as number, demandW: one.demandW }],
    );
    return {
      ...rest,
      demandsW: Object.fromEntries(known.map(({ member, demandW }) => [member, demandW])),
      orders: known.flatMap(({ member, side, quantity, price }) =>
        side === null
          ? []
          : [{ participant: member, side, quantity, limitPriceMicroPerThousand: price, sequence: 0 }],
      ),
      importWh: Object.fromEntries(known.map(({ member, importWh }) => [member, importWh])),
      vanished: vanishing ? known.filter(({ isVanished }) => isVanished).map(({ member }) => member) : [],
    };
  });

/** Some periods, one after the other. Nobody offers more quota than it gets, as the market would not take it. */
export const quotaStories: fc.Arbitrary<readonly QuotaStory[]> = fc
  .array(story, { minLength: 1, maxLength: 4 })
  .map((stories) => stories.map((one, i) => ({ ...one, period: FIRST_PERIOD + i * PERIODS_APART })));
