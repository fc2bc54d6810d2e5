import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { gridSeriesWire, gridWire } from "#domains/grid/wire.ts";
import type { pricesWire } from "#domains/pool/wire.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { localDay } from "#kernel/units/localDay.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import { amountsOf, cardOf, expectShown, figureOf, formats, valuesIn } from "./pageContent.fixture.ts";

type Grid = z.infer<typeof gridWire>;
type Row = Readonly<Record<string, string>>;

/** What the grid operator does from the first page until all of its questions are answered. */
const MOST_STEPS = 3;
const LIMIT_KW = 5;

describeDashboard("the page of the grid operator", someHours, (suite) => {
  let cookie: string;
  let grid: Grid;
  let span: string;

  beforeAll(async () => {
    cookie = await suite.market.cookieOf(keyNames.gridOperator);
    const { areas } = await suite.market.get<z.infer<typeof pricesWire>>("/v1/prices");
    const { from, to } = localDay(createLocalClock(formats.timeZone), areas[0]!.current.startsAt);
    span = `from=${from}&to=${to}`;
    grid = await suite.market.get<Grid>(`/v1/areas/1/grid?${span}`, cookie);
  });

  it("answers its questions in a few steps, and page, API and CSV agree", () =>
    suite.visit("/", { cookie }, async ({ page }) => {
      let steps = 0;
      const step = async (act: () => Promise<unknown>) => {
        steps += 1;
        await act();
      };
      await step(() => page.getByRole("navigation", { name: "Pages" }).getByText("Grid").click());
      await expectPeaks(page, grid);
      await expectFees(page, grid);
      await cardOf(page, "Missing readings").getByText(/^None/).waitFor();
      expect(grid.missing).toEqual({ readings: 0, intervals: 0, unreadIntervals: 0, meters: [] });

      await step(() => page.getByRole("textbox", { name: /^Limit/ }).fill(String(LIMIT_KW)));
      const limited = await suite.market.get<Grid>(`/v1/areas/1/grid?${span}&limitW=${LIMIT_KW * 1_000}`);
      await cardOf(page, "Loading").getByText(`${LIMIT_KW}.00 kW, which you assume`).waitFor();
      await expectPeaks(page, limited);

      let rows: Row[] = [];
      await step(async () => {
        const download = page.waitForEvent("download");
        await page.getByRole("link", { name: /CSV/ }).click();
        rows = readCsv(readFileSync(await (await download).path(), "utf8"));
      });
      await expectCsv(rows);
      expect(steps).toBeLessThanOrEqual(MOST_STEPS);
    }));

  it("leads nobody without a home to orders", () =>
    suite.visit("/me", { cookie }, async ({ page }) => {
      await cardOf(page, "My account").waitFor();
      await cardOf(page, "How my money moved").waitFor();
      await page.getByText("Income in the market").waitFor();
      const pages = page.getByRole("navigation", { name: "Pages" });
      await pages.getByText("Grid").waitFor();
      expect(await pages.getByText("Order").count()).toBe(0);
      expect(await cardOf(page, /orders/).count()).toBe(0);
    }));

  it("is not in the header of others, and can be read by everybody from the first page", () =>
    suite.visit("/", {}, async ({ page }) => {
      const link = page.getByRole("main").getByRole("link", { name: "Exchange with the grid over time" });
      await link.click();
      await page.getByRole("heading", { level: 1, name: "Grid" }).waitFor();
      await expectPeaks(page, grid);
      expect(await page.getByRole("navigation", { name: "Pages" }).getByText("Grid").count()).toBe(0);
    }));

  it("calls what the grid operator was paid its income", () =>
    suite.visit("/me", { cookie }, async ({ page }) => {
      const card = cardOf(page, "My account");
      await card.getByText("Income in the market").waitFor();
      await card.getByText("Take income out").waitFor();
      expect(await card.getByText(/margin|orders/i).count()).toBe(0);
    }));

  /** Sums and peaks of the columns are the API's. */
  async function expectCsv(rows: readonly Row[]): Promise<void> {
    const column = (name: string) => rows.map((row) => Number(row[name]));
    const sum = (name: string) => String(column(name).reduce((total, value) => total + value, 0));
    const series = await suite.market.get<z.infer<typeof gridSeriesWire>>(`/v1/areas/1/grid/series?${span}`);
    const known = series.startsAt.map((_, i) => i).filter((i) => series.gridImportWh[i] !== null);
    expect(rows).toHaveLength(grid.intervals);
    for (const direction of ["Import", "Export"] as const)
      expect(column(`grid_${direction.toLowerCase()}_wh`)).toEqual(
        known.map((i) => series[`grid${direction}Wh`][i]),
      );
    expect(sum("grid_import_wh")).toBe(grid.gridImportWh);
    expect(sum("grid_export_wh")).toBe(grid.gridExportWh);
    expect(sum("grid_fee_micro")).toBe(grid.gridFeeMicro);
    expect(sum("readings_missing")).toBe(String(grid.missing.readings));
    for (const [peak, direction] of [
      [grid.peakImport, "import"],
      [grid.peakExport, "export"],
    ] as const) {
      const most = Math.max(...column(`grid_${direction}_w`));
      expect(most).toBe(peak?.powerW ?? 0);
      const at = rows.find((row) => Number(row[`grid_${direction}_w`]) === most);
      if (peak) expect(at?.interval_id).toBe(String(peak.intervalId));
    }
  }
});

async function expectPeaks(page: Page, { peakImport, peakExport, limit }: Grid): Promise<void> {
  for (const [label, peak] of [
    ["Highest import", peakImport],
    ["Highest back-feed", peakExport],
  ] as const) {
    const figure = figureOf(page, label);
    await expectShown(
      () => valuesIn(figure.locator(".figure-value")),
      peak === null ? [] : [String(peak.powerW)],
    );
    if (peak === null) continue;
    await figure.getByRole("link", { name: formats.day(peak.startsAt) }).waitFor();
    await figure.getByText(`${formats.share(peak.loading!)} of ${formats.capacity(limit.powerW)}`).waitFor();
  }
}

async function expectFees(page: Page, { days, months, gridFeeMicro }: Grid): Promise<void> {
  expect(BigInt(gridFeeMicro)).toBeGreaterThan(0n);
  const tableOf = (name: string) => cardOf(page, "Income from grid fees").getByRole("table", { name });
  await expectShown(
    () => amountsOf(tableOf("Grid fees by month")),
    months.map((month) => [month.gridFeeMicro]),
  );
  await expectShown(
    () => amountsOf(tableOf("Grid fees by day")),
    days.map((day) => [day.gridFeeMicro]),
  );
}

function readCsv(text: string): Row[] {
  const [head = "", ...lines] = text.trim().split("\r\n");
  const names = head.split(",");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
  });
}
