import type { Locator } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { periodsOfIntervalsWire } from "#domains/pool/wire.ts";
import type { communityWire } from "#domains/pool/wireCommunity.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import { cardOf, expectShown, formats, rowsOf, tableBehind } from "./pageContent.fixture.ts";

type Periods = z.infer<typeof periodsOfIntervalsWire>["periods"];

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const RANGES = [
  ...[["6 hours", "interval"] as const, ["12 hours", "interval"] as const, ["Day", "interval"] as const],
  ...[["Week", "interval"] as const, ["Month", "hour"] as const, ["Year", "day"] as const],
];
/** The market is younger: each range holds all of it. */
const SIX_HOURS = 21_600;

describeDashboard("charts over time", someHours, (suite) => {
  let until: number;
  beforeAll(async () => {
    const { current } = await suite.market.get<z.infer<typeof communityWire>>("/v1/community");
    until = current.endsAt;
  });
  const periodsBy = async (of: string): Promise<Periods> => {
    const path = `/v1/intervals/periods?of=${of}&from=${until - SIX_HOURS}&to=${until}`;
    return (await suite.market.get<{ periods: Periods }>(path)).periods;
  };
  const home = async () => ({ ...PHONE, cookie: await suite.market.cookieOf(keyNames.home("weir-row-1")) });

  it("shows prices of hours to a year on a phone, as the API has them, in a table that stays open", () =>
    suite.visit("/", PHONE, async ({ page }) => {
      const card = cardOf(page, "Price, between feed-in and retail");
      await tableBehind(card);
      for (const [name, of] of RANGES) {
        const button = card.getByRole("button", { name, exact: true });
        await button.click();
        expect(await button.getAttribute("aria-pressed")).toBe("true");
        const prices = (await periodsBy(of)).flatMap(({ priceMicroPerKwh: micro }) => micro ?? []).reverse();
        expect(prices.length).toBeGreaterThan(0);
        await expectShown(
          () => columnBehind(card, /^Local price/),
          prices.map((micro) => (Number(micro) / 1e6).toFixed(3)),
        );
        expect(await card.evaluate((shown) => shown.scrollWidth - shown.clientWidth)).toBe(0);
      }
      expect(await page.locator("html").evaluate((html) => html.scrollWidth)).toBe(PHONE.viewport.width);
    }));

  it("shows the operator what was cleared in hours and days", async () => {
    const cookie = await suite.market.cookieOf(keyNames.operator);
    await suite.visit("/operator", { cookie }, async ({ page }) => {
      const card = cardOf(page, "What was cleared");
      const energy = card.getByRole("figure", { name: "Cleared energy" });
      await tableBehind(energy);
      for (const [name, of] of RANGES) {
        await card.getByRole("button", { name, exact: true }).click();
        const cleared = (await periodsBy(of)).map(({ clearedWh }) => (Number(clearedWh) / 1_000).toFixed(2));
        await expectShown(() => columnBehind(energy, /^Cleared energy/), cleared.reverse());
      }
    });
  });

  it("says a tapped moment's figures, those of the table", () =>
    suite.visit("/", PHONE, async ({ page }) => {
      const card = cardOf(page, "Price, between feed-in and retail");
      const rows = await rowsOf(await tableBehind(card));
      const picture = card.locator(".chart-frame .u-over");
      await picture.scrollIntoViewIfNeeded();
      await picture.tap({ position: { x: 60, y: 60 } });
      const words = card.locator(".chart-point", { hasText: /^\d.* · Retail .* · Local price 0\.\d{3}/ });
      await words.waitFor();
      const [time, ...figures] = ((await words.textContent()) ?? "").split(" · ");
      const row = rows.find(([at]) => at === time);
      expect(figures.map((figure) => figure.split(" ").at(-1))).toEqual(
        row?.slice(1).filter((cell) => cell !== "–"),
      );
    }));

  it.each(["day", "month"])("names the unit of energy and cost over a %s", async (span) =>
    suite.visit(`/me?span=${span}`, await home(), async ({ page }) => {
      const each = span === "day" ? "a quarter of an hour" : "a day";
      await page.getByRole("figure", { name: "Energy" }).getByText(`kWh ${each}`, { exact: true }).waitFor();
      await page.getByRole("figure", { name: "Cost" }).getByText(`EUR ${each}`, { exact: true }).waitFor();
    }),
  );

  it("shows exact figures without pointing, on wish", () =>
    suite.visit("/", PHONE, async ({ page }) => {
      const figure = cardOf(page, "What a kilowatt-hour costs").locator("data").first();
      await figure.waitFor();
      const written = () =>
        figure.evaluate((data) => data.ownerDocument.defaultView.getComputedStyle(data, "::after").content);
      expect(await written()).toBe("none");
      await page.getByRole("button", { name: "Exact figures" }).tap();
      const micro = await figure.getAttribute("value");
      expect(formats.count((await written()).replace(/\D/g, ""))).toBe(formats.count(micro ?? ""));
      expect(await page.locator("html").evaluate((html) => html.scrollWidth)).toBe(PHONE.viewport.width);
    }));
});

/** A column of the table behind a chart, which stays open when the chart is drawn anew for another time. */
async function columnBehind(chart: Locator, head: RegExp): Promise<string[]> {
  const table = chart.getByRole("table");
  return (await table.isVisible()) ? columnOf(table, head) : [];
}

/** The cells of a column whose head begins so, without those that are empty. */
async function columnOf(table: Locator, head: RegExp): Promise<string[]> {
  const heads = await table.locator("thead th").allTextContents();
  const at = heads.findIndex((text) => head.test(text));
  return (await rowsOf(table)).flatMap((row) => (row[at] === "–" ? [] : (row[at] ?? [])));
}
