import { describe, expect, it } from "vitest";
import { buildEnergyBook } from "#domains/pool/rules/energyBook.ts";
import { energyPosition } from "#domains/pool/rules/energyPosition.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import type { Position } from "#domains/pool/rules/settlement.ts";
import { clearBook } from "#kernel/auction/clearing.ts";
import { participantTotals } from "#kernel/auction/payments.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { type Community, createCommunity, type MeterReadingValue } from "./community.ts";
import type { CommunitySetup } from "./communityState.ts";
import type { EnergySeries } from "./series.ts";

const FIRST = 1_000;
const HOMES = 6;
const INTERVALS = 4 * 96;

/** Seeded loads and a PV hump; from `changedFrom` on everything is different. */
function seriesOf(changedFrom = Number.POSITIVE_INFINITY): EnergySeries {
  return {
    intervals: INTERVALS,
    read(index, row) {
      const random = seededRandom(index + (index >= changedFrom ? 77_777 : 0));
      const sun = Math.max(0, Math.sin(((index % 96) / 96) * 2 * Math.PI));
      for (let home = 0; home < HOMES; home += 1) {
        row.loadWh[home] = Math.floor(400 * random());
        row.pvWh[home] = home % 2 === 0 ? Math.floor(900 * sun * (0.5 + random())) : 0;
        row.quality[home] = 0;
      }
    },
  };
}

function setupOf(overrides: Partial<CommunitySetup> & { gateClosureSeconds?: number } = {}): CommunitySetup {
  const { gateClosureSeconds = 0, ...rest } = overrides;
  return {
    seed: 1,
    firstIntervalId: FIRST,
    intervalSeconds: 900,
    terms: {
      intervalSeconds: 900,
      gateClosureSeconds,
      pricing: "uniform",
      floorMicroPerKwh: 80_000n,
      ceilingMicroPerKwh: 320_000n,
      upstreamPriceMicroPerKwh: 320_000n,
      penaltyPermille: 1_000n,
      surplusPriceMicroPerKwh: 80_000n,
      gridFeeMicroPerKwh: 30_000n,
    },
    homes: Array.from({ length: HOMES }, (_, home) => ({
      id: `home-${home}`,
      name: `Home ${home}`,
      member: 4 + home,
      connectionW: 17_250,
      battery:
        home < 2
          ? {
              capacityWh: 6_000,
              powerW: 3_000,
              roundTripEfficiency: 0.9,
              wearMicroPerKwh: 20_000,
              initialWh: 1_000,
            }
          : null,
      attitude: { reach: 0.8, adaptation: 0.2, reserveShare: 0.3 },
    })),
    series: seriesOf(),
    tariff: { at: () => ({ feedInMicroPerKwh: 80_000, retailMicroPerKwh: 320_000 }) },
    forecast: "learned",
    ...rest,
  };
}

function positionsOf(orders: readonly Order<number>[]): ReadonlyMap<number, Position> {
  const book = buildEnergyBook(orders);
  const totals = participantTotals(book, clearBook(book, "uniform"));
  return new Map(Array.from(totals, ([member, total]) => [member, energyPosition(total)]));
}

type Step = { orders: readonly Order<number>[]; readings: readonly MeterReadingValue[] };

function play(community: Community, intervals: number): readonly Step[] {
  return Array.from({ length: intervals }, (_, index) => {
    const orders = community.quote(FIRST + index);
    return { orders, readings: community.deliver(FIRST + index, positionsOf(orders)) };
  });
}

describe("a community", () => {
  it("repeats itself", () => {
    const once = play(createCommunity(setupOf()), INTERVALS);
    expect(play(createCommunity(setupOf()), INTERVALS)).toEqual(once);
    expect(once.some(({ orders }) => orders.some(({ side }) => side === "offer"))).toBe(true);
    expect(once.some(({ orders }) => orders.some(({ side }) => side === "bid"))).toBe(true);
  });

  it.each([0, 300, 900, 2_000])(
    "does not look ahead: with the gate %i s before, orders don't depend on what its gate can't know",
    (gateClosureSeconds) => {
      const unknownFrom = 150;
      const known = play(createCommunity(setupOf({ gateClosureSeconds })), INTERVALS);
      const changed = play(
        createCommunity(setupOf({ gateClosureSeconds, series: seriesOf(unknownFrom) })),
        INTERVALS,
      );
      const lag = 1 + Math.floor(gateClosureSeconds / 900);
      const orders = (steps: readonly Step[], until: number) =>
        steps.slice(0, until).map((step) => step.orders);
      expect(orders(changed, unknownFrom + lag + 1)).toEqual(orders(known, unknownFrom + lag + 1));
      expect(changed[unknownFrom + lag + 1]!.orders).not.toEqual(known[unknownFrom + lag + 1]!.orders);
    },
  );

  it("quotes alike whether the interval before has been delivered yet, when its gate closes earlier", () => {
    const inTurn = play(createCommunity(setupOf({ gateClosureSeconds: 600 })), 200);
    const ahead = createCommunity(setupOf({ gateClosureSeconds: 600 }));
    let orders = ahead.quote(FIRST);
    for (let index = 0; index < 199; index += 1) {
      const next = ahead.quote(FIRST + index + 1);
      const readings = ahead.deliver(FIRST + index, positionsOf(orders));
      expect({ orders, readings }).toEqual(inTurn[index]);
      orders = next;
    }
  });

  it("balances load, all PV, battery and meter in every interval, to the Wh (R5.47)", () => {
    const setup = setupOf();
    const row = {
      loadWh: new Float64Array(HOMES),
      pvWh: new Float64Array(HOMES),
      quality: new Uint8Array(HOMES),
    };
    play(createCommunity(setup), INTERVALS).forEach(({ readings }, index) => {
      setup.series.read(index, row);
      readings.forEach(({ importWh, exportWh }, home) => {
        const chargedWh = importWh - exportWh - (row.loadWh[home]! - row.pvWh[home]!);
        expect(importWh === 0 || exportWh === 0).toBe(true);
        expect(Number.isInteger(importWh) && Number.isInteger(exportWh)).toBe(true);
        expect(Math.abs(chargedWh)).toBeLessThanOrEqual(setup.homes[home]!.battery === null ? 0 : 750);
      });
    });
  });

  it("shows what happened behind the meters, which balances with what they registered (R6.10)", () => {
    const setup = setupOf();
    const community = createCommunity(setup);
    expect(community.flows()).toEqual([]);
    let moved = 0;
    for (let index = 0; index < 96; index += 1) {
      const positions = positionsOf(community.quote(FIRST + index));
      const readings = community.deliver(FIRST + index, positions);
      community.flows().forEach((flow, home) => {
        const { member, importWh, exportWh } = readings[home]!;
        expect(flow.member).toBe(member);
        expect(flow.loadWh - flow.pvWh + flow.movedWh).toBe(importWh - exportWh);
        expect(flow.storedWh).toBeLessThanOrEqual(setup.homes[home]!.battery?.capacityWh ?? 0);
        moved += Math.abs(flow.movedWh);
      });
    }
    expect(moved).toBeGreaterThan(0);
  });

  it("nets a deviation with the home's own battery before the grid (R5.8)", () => {
    const setup = setupOf();
    const community = createCommunity(setup);
    community.quote(FIRST);
    const contracted = new Map([[4, { boughtWh: 0n, soldWh: 100n, exactPayment: -10_000_000n }]]);
    const reading = community.deliver(FIRST, contracted)[0]!;
    expect(reading.exportWh).toBe(100);
  });

  it("refuses to be called out of order", () => {
    const community = createCommunity(setupOf());
    expect(() => community.quote(FIRST + 1)).toThrow(/out of order/);
    expect(() => community.deliver(FIRST, new Map())).toThrow(/out of order/);
  });

  it("knows its interval with a perfect forecast: what is traded is metered", () => {
    const setup = setupOf({
      forecast: "perfect",
      homes: setupOf().homes.map((home) => ({ ...home, battery: null })),
    });
    let tradedWh = 0n;
    const community = createCommunity(setup);
    for (let index = 0; index < INTERVALS; index += 1) {
      const positions = positionsOf(community.quote(FIRST + index));
      for (const { member, importWh, exportWh } of community.deliver(FIRST + index, positions)) {
        const position = positions.get(member);
        expect(BigInt(importWh)).toBeGreaterThanOrEqual(position?.boughtWh ?? 0n);
        expect(BigInt(exportWh)).toBeGreaterThanOrEqual(position?.soldWh ?? 0n);
        tradedWh += position?.boughtWh ?? 0n;
      }
    }
    expect(tradedWh).toBeGreaterThan(0n);
  });
});
