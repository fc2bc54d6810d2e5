import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { connectionWh } from "#domains/pool/rules/admission.ts";
import { auctionOrder } from "#domains/pool/rules/order.ts";
import { admitOrders } from "#kernel/auction/admission.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { costRoundingDown, costRoundingUp } from "#kernel/units/money.ts";
import { createCommunity } from "#world/households/community.ts";
import { FIRST_HOME } from "./accounts.ts";
import { resultToJson } from "./resultJson.ts";
import { clearInterval, runInMemory } from "./run.ts";
import type { IntervalOutcome } from "./runBills.ts";
import { intervalIdAt, intervalStartsAt, type Scenario } from "./scenario.ts";
import { parseScenarioFile } from "./scenarioFile.ts";
import { buildSyntheticScenario, type ScenarioOverrides } from "./syntheticScenario.ts";

function shipped(name: string, overrides: ScenarioOverrides = {}): Scenario {
  const path = new URL(`../../../scenarios/${name}/scenario.yaml`, import.meta.url);
  const file = parseScenarioFile(readFileSync(path, "utf8"), name);
  return buildSyntheticScenario(name, { ...file, synthetic: file.synthetic! }, overrides);
}

function trace(scenario: Scenario): readonly IntervalOutcome[] {
  const outcomes: IntervalOutcome[] = [];
  runInMemory(scenario, { onInterval: (outcome) => outcomes.push(outcome) });
  return outcomes;
}

describe("riverside", () => {
  it("is the community that it says: 24 homes, 10 with PV, 6 with batteries", () => {
    const scenario = shipped("riverside");
    const row = {
      loadWh: new Float64Array(24),
      pvWh: new Float64Array(24),
      quality: new Uint8Array(24),
    };
    scenario.series.read(12, row);
    expect(scenario.homes).toHaveLength(24);
    expect(row.pvWh.filter((pvWh) => pvWh > 0)).toHaveLength(10);
    expect(scenario.homes.filter(({ battery }) => battery !== null)).toHaveLength(6);
    expect(scenario.homes[0]!.member).toBe(FIRST_HOME);
    expect(intervalStartsAt(scenario, 0)).toBe(Date.UTC(2025, 4, 12, 7) / 1_000);
  });

  it("trades as soon as a reading came in before a gate", () => {
    const [first, second, third] = trace(shipped("riverside", { days: 0.05 }));
    expect([first!.clearedWh, second!.clearedWh]).toEqual([0n, 0n]);
    expect(third!.clearedWh).toBeGreaterThan(0n);
  });

  it("gives the same trace again, and another one with another seed", () => {
    const run = (seed: number) => resultToJson(runInMemory(shipped("riverside", { days: 2, seed })));
    expect(run(13)).toEqual(run(13));
    expect(run(12).participants).not.toEqual(run(13).participants);
  });

  it("sends the market no order that its admission would refuse", () => {
    const scenario = shipped("riverside", { days: 3 });
    const community = createCommunity(scenario);
    const homes = new Set(scenario.homes.map(({ member }) => member));
    const { floorMicroPerKwh, ceilingMicroPerKwh } = scenario.terms;
    let accepted = 0;
    for (let index = 0; index < scenario.intervals; index += 1) {
      const intervalId = intervalIdAt(scenario, index);
      const orders = community.quote(intervalId);
      const gateClosesAt = intervalStartsAt(scenario, index);
      const admission = admitOrders({
        orders: orders.map(auctionOrder),
        rules: {
          gateClosesAt,
          now: gateClosesAt - 1,
          priceBand: {
            floorMicroPerThousand: Number(floorMicroPerKwh),
            ceilingMicroPerThousand: Number(ceilingMicroPerKwh),
          },
          isParticipant: (member) => homes.has(member),
        },
      });
      expect(admission.rejected).toEqual([]);
      for (const { participant, energyWh } of orders) {
        const { connectionW } = scenario.homes[participant - FIRST_HOME]!;
        expect(energyWh).toBeLessThanOrEqual(connectionWh(connectionW, scenario));
      }
      accepted += admission.accepted.length;
      community.deliver(intervalId, clearInterval(scenario, orders).positions);
    }
    expect(accepted).toBeGreaterThan(scenario.intervals);
  });

  it("is cheaper at noon than in the evening", () => {
    const scenario = shipped("riverside", { days: 7 });
    const hours = new Map<number, { paid: number; wh: number }>();
    trace(scenario).forEach(({ positions }, index) => {
      const hour = Math.floor((intervalStartsAt(scenario, index) % 86_400) / 3_600);
      const sum = hours.get(hour) ?? { paid: 0, wh: 0 };
      for (const { boughtWh, exactPayment } of positions.values())
        if (boughtWh > 0n) {
          sum.paid += Number(exactPayment);
          sum.wh += Number(boughtWh);
        }
      hours.set(hour, sum);
    });
    const mean = (hour: number) => hours.get(hour)!.paid / hours.get(hour)!.wh;
    expect(mean(11)).toBeLessThan(mean(18) - 40_000);
  });
});

describe("marginal pricing", () => {
  const order = (side: "bid" | "offer", participant: number, limitPriceMicroPerKwh: number) => ({
    side,
    participant,
    limitPriceMicroPerKwh,
    energyWh: 1_000,
    sequence: 0,
  });

  it("settles at its one price, though the middle of the marginal pair is another", () => {
    const scenario = shipped("riverside", { days: 0.1 });
    const orders = [order("bid", 4, 10), order("bid", 5, 9), order("offer", 6, 1), order("offer", 7, 20)];
    const priced = (pricing: Pricing) =>
      clearInterval({ ...scenario, terms: { ...scenario.terms, pricing } }, orders).localPriceMicroPerKwh;
    expect(priced("marginal")).toBe(9n);
    expect(priced("uniform")).toBe(5n);
    expect(priced("midpoint")).toBe(5n);
  });
});

describe("money of a run", () => {
  it("adds up: what homes pay for trades is the fund's remainder, the rest is DSO's and supplier's", () => {
    const scenario = shipped("riverside", { days: 5 });
    for (const { positions, settlements } of trace(scenario)) {
      let homes = 0n;
      let fund = 0n;
      let dso = 0n;
      let supplier = 0n;
      let energyWh = 0n;
      for (const settlement of settlements.values()) {
        homes += settlement.netMicro;
        fund += settlement.paymentMicro;
        dso += settlement.gridFeeMicro;
        supplier += settlement.shortfallMicro - settlement.surplusMicro;
      }
      for (const { boughtWh, soldWh } of positions.values()) energyWh += boughtWh - soldWh;
      expect(settlements.size).toBe(positions.size);
      expect(energyWh).toBe(0n);
      expect(fund).toBeGreaterThanOrEqual(0n);
      expect(fund).toBeLessThanOrEqual(BigInt(positions.size));
      expect(homes - fund - dso - supplier).toBe(0n);
    }
  });

  it("is reported beside the same readings under the tariff alone (R3.9)", () => {
    const scenario = shipped("riverside", { days: 2 });
    const { feedInMicroPerKwh, retailMicroPerKwh } = scenario.tariff.at(0);
    const expected = new Map<number, bigint>();
    const result = runInMemory(scenario, {
      onInterval: ({ readings }) => {
        for (const { member, importWh, exportWh } of readings) {
          const owed = costRoundingUp({
            energyWh: BigInt(importWh),
            priceMicroPerKwh: BigInt(retailMicroPerKwh),
          });
          const earned = costRoundingDown({
            energyWh: BigInt(exportWh),
            priceMicroPerKwh: BigInt(feedInMicroPerKwh),
          });
          expected.set(member, (expected.get(member) ?? 0n) + owed - earned);
        }
      },
    });
    for (const { member } of scenario.homes) {
      const bill = result.bills.participant(member);
      expect(bill.tariffBillMicro).toBe(expected.get(member));
      expect(bill.savingMicro).toBe(bill.tariffBillMicro - bill.marketBillMicro);
    }
  });

  it("leaves every home of riverside better off than the tariff over a week", () => {
    const scenario = shipped("riverside", { days: 7 });
    const { bills } = runInMemory(scenario);
    for (const { member } of scenario.homes)
      expect(bills.participant(member).savingMicro).toBeGreaterThan(0n);
  });
});

describe("brooklyn (R3.11)", () => {
  it("pays each account its metered net trade times the price", () => {
    const scenario = shipped("brooklyn");
    let trades = 0;
    for (const { positions, settlements, readings } of trace(scenario))
      for (const { member, importWh, exportWh } of readings) {
        const position = positions.get(member);
        if (position === undefined) continue;
        trades += 1;
        expect(BigInt(importWh)).toBeGreaterThanOrEqual(position.boughtWh);
        expect(BigInt(exportWh)).toBeGreaterThanOrEqual(position.soldWh);
        const tokens = settlements.get(member)!.netMicro;
        expect(tokens * 1_000n - position.exactPayment).toBeGreaterThanOrEqual(0n);
        expect(tokens * 1_000n - position.exactPayment).toBeLessThan(1_000n);
      }
    expect(scenario.homes).toHaveLength(10);
    expect(trades).toBeGreaterThan(1_000);
  });
});

describe("the JSON of a run", () => {
  it("has decimal strings for energy and money and covers every home and interval", () => {
    const json = resultToJson(runInMemory(shipped("brooklyn", { days: 1 })));
    expect(json).toMatchObject({
      scenario: "brooklyn",
      seed: 1,
      intervals: { total: 96, settled: 96, failed: 0 },
    });
    expect(Object.keys(json.participants)).toHaveLength(10);
    for (const value of Object.values(json.participants["third-avenue-10"]!))
      expect(value).toMatch(/^-?\d+$/);
    expect(json.community.clearedWh).toMatch(/^\d+$/);
    expect(json.community.localShare).toBeGreaterThan(0);
    expect(json.community.localShare).toBeLessThan(1);
    expect(Number.isInteger(json.community.peakImportW)).toBe(true);
  });
});
