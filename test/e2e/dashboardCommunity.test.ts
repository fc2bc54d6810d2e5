import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { intervalsWire, ordersWire, participantsWire } from "#api/wire.ts";
import type { communityWire } from "#api/wireCommunity.ts";
import type { explanationWire } from "#api/wireReasons.ts";
import { startBrowser } from "../chromium.ts";
import { describeInBrowser, type Visit, visit } from "./browser.fixture.ts";
import { type DashboardCommunity, startStillCommunity } from "./dashboard.fixture.ts";
import {
  cardOf,
  expectShown,
  figureOf,
  formats,
  rowsOf,
  tableBehind,
  valuesIn,
} from "./pageContent.fixture.ts";

type Community = z.infer<typeof communityWire>;

describeInBrowser("the community page", () => {
  let market: DashboardCommunity;
  let browser: Browser;
  let community: Community;
  const open = (look: (visit: Visit) => Promise<void>) => visit(browser, "/", market, look);

  beforeAll(async () => {
    market = await startStillCommunity({ settled: 10 });
    browser = await startBrowser();
    community = await market.get<Community>("/v1/community");
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await market?.stop();
  });

  it("shows price now, next price, saving and local share as the API says", () =>
    open(async ({ page }) => {
      const { current, next, nextForecast, leviesMicroPerKwh, today } = community;
      const now = current.price.totalMicroPerKwh!;
      expect(BigInt(now)).toBe(
        BigInt(current.price.energyMicroPerKwh!) + BigInt(current.price.gridFeeMicroPerKwh),
      );
      await figureOf(page, /^Price now/).waitFor();
      const figureValues = (label: string | RegExp) =>
        valuesIn(figureOf(page, label).locator(".figure-value"));
      expect(await figureValues(/^Price now/)).toEqual([now]);
      expect(await figureValues("Saved today")).toEqual([today.savingMicro]);
      const expected = BigInt(nextForecast.energyMicroPerKwh!) + BigInt(next.price.gridFeeMicroPerKwh);
      expect(await figureValues(/^Next price/)).toEqual([String(expected + BigInt(leviesMicroPerKwh))]);
      const share = figureOf(page, "From neighbours today");
      expect(await share.locator(".figure-value").textContent()).toBe(formats.share(today.localShare));
      expect(await valuesIn(share)).toEqual([today.localWh, today.importWh]);
    }));

  it("shows who supplied whom, by name", () =>
    open(async ({ page }) => {
      const { participants } = await market.get<z.infer<typeof participantsWire>>(
        "/v1/participants?limit=500",
      );
      const nameOf = (account: number) => participants.find((one) => one.account === account)!.name!;
      const { pairs } = community.supply;
      expect(pairs.length).toBeGreaterThan(5);
      const card = cardOf(page, "Who supplies whom");
      const table = await tableBehind(card);
      await expectShown(
        () => rowsOf(table),
        pairs.map(({ seller, buyer, energyWh }) => [nameOf(seller), nameOf(buyer), formats.energy(energyWh)]),
      );
      const sellers = card.getByRole("list", { name: "Sellers" }).getByRole("link");
      expect(new Set(await sellers.allTextContents())).toEqual(
        new Set(pairs.map(({ seller }) => nameOf(seller))),
      );
    }));

  it("shows energy flows that balance", () =>
    open(async ({ page }) => {
      const { flow } = community;
      const card = cardOf(page, "Energy now");
      const picture = (await card.getByRole("img").getAttribute("aria-label")) ?? "";
      const power = (wh: string) => formats.power(wh, flow!.endsAt - flow!.startsAt);
      for (const wh of [flow!.pvWh, flow!.loadWh, flow!.gridImportWh, flow!.gridExportWh])
        expect(picture).toContain(power(wh));
      const rows = await rowsOf(await tableBehind(card));
      const kwh = (side: number, name: string) =>
        rows.filter((row) => row[side] === name).reduce((sum, row) => sum + Number.parseFloat(row[2]!), 0);
      expect(kwh(1, "Homes")).toBeCloseTo(Number(flow!.loadWh) / 1_000, 1);
      expect(kwh(0, "Sun")).toBeCloseTo(Number(flow!.pvWh) / 1_000, 1);
      expect(kwh(1, "Grid")).toBeCloseTo(Number(flow!.gridExportWh) / 1_000, 1);
    }));

  it("splits the price of a kWh into parts that add up", () =>
    open(async ({ page }) => {
      const { current, leviesMicroPerKwh, retail } = community;
      const { energyMicroPerKwh, gridFeeMicroPerKwh, totalMicroPerKwh, retailMicroPerKwh } = current.price;
      const table = await tableBehind(cardOf(page, "What a kilowatt-hour costs"));
      expect(await valuesIn(table.locator("tbody tr").first())).toEqual([
        energyMicroPerKwh,
        gridFeeMicroPerKwh,
        leviesMicroPerKwh,
        String(BigInt(totalMicroPerKwh!) + BigInt(leviesMicroPerKwh)),
      ]);
      const supplier = await valuesIn(table.locator("tbody tr").nth(1));
      expect(supplier).toEqual([...Object.values(retail!), retailMicroPerKwh]);
      expect(supplier.slice(0, 3).reduce((sum, micro) => sum + BigInt(micro), 0n)).toBe(BigInt(supplier[3]!));
    }));

  it("compares the day's bills with the market and without it", () =>
    open(async ({ page }) => {
      const { marketBillMicro, tariffBillMicro, savingMicro } = community.today;
      expect(BigInt(tariffBillMicro) - BigInt(marketBillMicro)).toBe(BigInt(savingMicro));
      const card = cardOf(page, "Is it worth it?");
      await card.getByText("saved").waitFor();
      expect((await valuesIn(card)).slice(0, 3)).toEqual([tariffBillMicro, marketBillMicro, savingMicro]);
    }));

  it("lists the last intervals, each with its stage, and draws their prices", () =>
    open(async ({ page }) => {
      const { intervals } = await market.get<z.infer<typeof intervalsWire>>(
        "/v1/intervals?areaId=1&limit=48",
      );
      const card = cardOf(page, "Last intervals");
      await card.getByRole("button", { name: /^Show all/ }).click();
      const { next } = community;
      await expectShown(
        () => rowsOf(card.getByRole("table")),
        [
          [formats.span(next.startsAt, next.endsAt), "collecting orders", "–", "–", "–", "–"],
          ...intervals.map(({ startsAt, endsAt, price, clearedWh, orders, trades }, i) => [
            formats.span(startsAt, endsAt),
            i === 0 ? "delivering" : "settled",
            price.energyMicroPerKwh === null ? "–" : formats.barePrice(price.energyMicroPerKwh),
            formats.energy(clearedWh),
            String(orders),
            String(trades),
          ]),
        ],
      );
      const prices = cardOf(page, "Price, between feed-in and retail");
      expect(await rowsOf(await tableBehind(prices))).toHaveLength(intervals.length + 1);
      expect(await prices.locator("canvas").count()).toBe(1);
    }));

  it("leads by links to why an offer was filled in part, within five clicks", () =>
    open(async ({ page }) => {
      let clicks = 0;
      const click = async (place: ReturnType<typeof page.locator>) => {
        clicks += 1;
        await place.click();
      };
      const { intervalId, startsAt, endsAt } = community.current;
      const { orders } = await market.get<z.infer<typeof ordersWire>>(
        `/v1/intervals/1/${intervalId}/orders?limit=500`,
      );
      const offer = orders.find(({ side, status }) => side === "offer" && status === "partlyFilled")!;
      const why = await market.get<z.infer<typeof explanationWire>>(
        `/v1/orders/${offer.orderId}/explanation`,
      );
      await click(cardOf(page, "Last intervals").getByRole("link", { name: formats.span(startsAt, endsAt) }));
      const book = cardOf(page, "Why this price?");
      await click(book.getByText("Show as table"));
      await click(book.locator(`a[href="/orders/${offer.orderId}"]`));
      await page.getByText(why.sentence).waitFor();
      await page.getByText(why.rule).waitFor();
      expect(clicks).toBeLessThanOrEqual(5);
    }));
});
