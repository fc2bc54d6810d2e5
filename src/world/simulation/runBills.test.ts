import { describe, expect, it } from "vitest";
import { settlePosition } from "#domains/pool/rules/settlement.ts";
import { createBills } from "./runBills.ts";
import type { Scenario } from "./scenario.ts";

const scenario = {
  firstIntervalId: 0,
  intervalSeconds: 900,
  tariff: { at: () => ({ feedInMicroPerKwh: 80_000, retailMicroPerKwh: 320_000 }) },
  homes: [{ member: 4 }, { member: 5 }],
} as unknown as Scenario;

const prices = { shortfallMicroPerKwh: 320_000n, surplusMicroPerKwh: 80_000n, gridFeeMicroPerKwh: 30_000n };

describe("bills", () => {
  it("charge a buyer's energy once: the contract at its price, the rest at retail", () => {
    const bills = createBills(scenario);
    const positions = new Map([
      [4, { boughtWh: 300n, soldWh: 0n, exactPayment: 300n * 200_000n }],
      [5, { boughtWh: 0n, soldWh: 300n, exactPayment: -300n * 200_000n }],
    ]);
    const metered = [
      { member: 4, importWh: 500, exportWh: 0, quality: "measured" as const },
      { member: 5, importWh: 0, exportWh: 400, quality: "measured" as const },
    ];
    const settlements = new Map(
      metered.map(({ member, importWh, exportWh }) => [
        member,
        settlePosition(
          positions.get(member)!,
          { importWh: BigInt(importWh), exportWh: BigInt(exportWh) },
          prices,
        ),
      ]),
    );
    bills.record({
      intervalId: 0,
      readings: metered,
      positions,
      settlements,
      clearedWh: 300n,
      welfareMicro: 7n,
      localPriceMicroPerKwh: 200_000n,
    });
    expect(bills.participant(4)).toEqual({
      boughtWh: 300n,
      soldWh: 0n,
      importWh: 500n,
      exportWh: 0n,
      marketBillMicro: 60_000n + 9_000n + 64_000n,
      tariffBillMicro: 160_000n,
      savingMicro: 27_000n,
    });
    expect(bills.participant(5).marketBillMicro).toBe(-60_000n - 8_000n);
    expect(bills.community()).toEqual({
      localShare: 0.6,
      peakImportW: 400,
      peakImportStartsAt: 0,
      peakExportW: 0,
      peakExportStartsAt: null,
      clearedWh: 300n,
      welfareMicro: 7n,
      gridFeeMicro: 9_000n,
    });
  });

  it("have each interval, and the highest power both ways with its time (R3.9)", () => {
    const bills = createBills(scenario);
    const metered = (importWh: number, exportWh: number) => [
      { member: 4, importWh, exportWh, quality: "measured" } as const,
    ];
    bills.recordFailed({ intervalId: 0, readings: metered(500, 100) });
    bills.recordFailed({ intervalId: 1, readings: metered(0, 900) });
    bills.recordFailed({ intervalId: 2, readings: metered(400, 0) });
    const perHour = 3_600 / scenario.intervalSeconds;
    expect(bills.community()).toMatchObject({
      peakImportW: 400 * perHour,
      peakImportStartsAt: 0,
      peakExportW: 900 * perHour,
      peakExportStartsAt: scenario.intervalSeconds,
    });
    expect(bills.intervals()[1]).toEqual({
      intervalId: 1,
      startsAt: scenario.intervalSeconds,
      isSettled: false,
      localPriceMicroPerKwh: null,
      clearedWh: 0n,
      importWh: 0,
      exportWh: 900,
      gridImportWh: 0,
      gridExportWh: 900,
      localWh: 0,
      gridFeeMicro: 0,
      welfareMicro: 0n,
    });
  });

  it("put everything on the tariff where the market failed", () => {
    const bills = createBills(scenario);
    bills.recordFailed({
      intervalId: 0,
      readings: [{ member: 4, importWh: 1_000, exportWh: 0, quality: "measured" }],
    });
    expect(bills.participant(4).marketBillMicro).toBe(320_000n);
    expect(bills.participant(4).savingMicro).toBe(0n);
    expect([bills.settledIntervals(), bills.failedIntervals()]).toEqual([0, 1]);
  });
});
