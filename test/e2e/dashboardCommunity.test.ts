import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { participantsWire } from "#domains/accounts/wire.ts";
import type { intervalsWire, ordersWire } from "#domains/pool/wire.ts";
import type { communityWire } from "#domains/pool/wireCommunity.ts";
import type { explanationWire } from "#domains/pool/wireExplanation.ts";
import type { Visit } from "./browser.fixture.ts";
import { startFoundedCommunity } from "./dashboard.fixture.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
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

describeDashboard("the community page", someHours, (suite) => {
  let community: Community;
  const open = (look: (visit: Visit) => Promise<void>) => suite.visit("/", {}, look);

  beforeAll(async () => {
    community = await suite.market.get<Community>("/v1/community");
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
      await expectShown(() => figureValues(/^Price now/), [now]);
      await expectShown(() => figureValues("Saved today"), [today.savingMicro]);
      const expected = BigInt(nextForecast.energyMicroPerKwh!) + BigInt(next.price.gridFeeMicroPerKwh);
      await expectShown(() => figureValues(/^Next price/), [String(expected + BigInt(leviesMicroPerKwh))]);
      const share = figureOf(page, "From neighbours today");
      await expectShown(() => share.locator(".figure-value").textContent(), formats.share(today.localShare));
      await expectShown(() => valuesIn(share), [today.localWh, today.importWh]);
    }));

  it("shows no time before the zone of the area is known", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const before = async (page: Page) => {
      await page.route("**/v1/session", async (route) => {
        await held;
        await route.continue();
      });
    };
    await suite.visit("/", { before }, async ({ page }) => {
      await page.getByText("Loading the page").waitFor({ state: "attached" });
      await page.getByText("Live, market time").waitFor({ state: "attached" });
      expect(await page.locator(".live").textContent()).toMatch(/…$/);
      expect(await page.locator("main time, main data").count()).toBe(0);
      release();
      await page.getByText(formats.zone(community.now)).waitFor();
    });
  });

  it("shows who supplied whom, by name", () =>
    open(async ({ page }) => {
      const { participants } = await suite.market.get<z.infer<typeof participantsWire>>(
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
      await expectShown(
        () => valuesIn(table.locator("tbody tr").first()),
        [
          energyMicroPerKwh,
          gridFeeMicroPerKwh,
          leviesMicroPerKwh,
          String(BigInt(totalMicroPerKwh!) + BigInt(leviesMicroPerKwh)),
        ],
      );
      const supplier = await valuesIn(table.locator("tbody tr").nth(1));
      expect(supplier).toEqual([...Object.values(retail!), retailMicroPerKwh]);
      expect(supplier.slice(0, 3).reduce((sum, micro) => sum + BigInt(micro), 0n)).toBe(BigInt(supplier[3]!));
    }));

  it("compares the day's bills with the market and without it", () =>
    open(async ({ page }) => {
      const { marketBillMicro, tariffBillMicro, savingMicro } = community.today;
      expect(BigInt(tariffBillMicro) - BigInt(marketBillMicro)).toBe(BigInt(savingMicro));
      const card = cardOf(page, "Is it worth it?");
      const isEarned = (micro: string) => micro.startsWith("-");
      const words = isEarned(tariffBillMicro) ? "more earned" : "saved";
      await card.getByText(words).waitFor();
      for (const micro of [tariffBillMicro, marketBillMicro])
        await card
          .getByText(`${formats.money(micro.replace("-", ""))} ${isEarned(micro) ? "earned" : "paid"}`)
          .waitFor();
      expect((await valuesIn(card)).slice(0, 3)).toEqual(
        [tariffBillMicro, marketBillMicro, savingMicro].map((micro) => micro.replace("-", "")),
      );
    }));

  it("lists the last intervals, each with its stage, and draws their prices", () =>
    open(async ({ page }) => {
      const { intervals } = await suite.market.get<z.infer<typeof intervalsWire>>(
        "/v1/intervals?areaId=1&limit=48",
      );
      const card = cardOf(page, "Last intervals");
      await card.getByRole("button", { name: /^Show all/ }).click();
      const { next } = community;
      await expectShown(
        () => rowsOf(card.getByRole("table")),
        [
          [formats.span(next.startsAt, next.endsAt), "collecting orders", "not yet", "–", "–", "–"],
          ...intervals.map(({ startsAt, endsAt, price, clearedWh, orders, trades }, i) => [
            formats.span(startsAt, endsAt),
            i === 0 ? "delivering" : "settled",
            price.energyMicroPerKwh === null ? "no trade" : formats.barePrice(price.energyMicroPerKwh),
            formats.energy(clearedWh),
            String(orders),
            String(trades),
          ]),
        ],
      );
      const prices = cardOf(page, "Price, between feed-in and retail");
      expect(await rowsOf(await tableBehind(prices))).toHaveLength(intervals.length + 1);
      await expectShown(() => prices.locator("canvas").count(), 1);
    }));

  it("leads by links to why an offer was filled in part, within five clicks", () =>
    open(async ({ page }) => {
      let clicks = 0;
      const click = async (place: ReturnType<typeof page.locator>) => {
        clicks += 1;
        await place.click();
      };
      const { intervalId, startsAt, endsAt } = community.current;
      const { orders } = await suite.market.get<z.infer<typeof ordersWire>>(
        `/v1/intervals/1/${intervalId}/orders?limit=500`,
      );
      const offer = orders.find(({ side, status }) => side === "offer" && status === "partlyFilled")!;
      const why = await suite.market.get<z.infer<typeof explanationWire>>(
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

describeDashboard("the community page of a market that was just founded", startFoundedCommunity, (suite) => {
  it("says what happens next and when, and has no figure that is not there yet", () =>
    suite.visit("/", {}, async ({ page }) => {
      const { homes, next } = await suite.market.get<Community>("/v1/community");
      const card = cardOf(page, "The market opens");
      await expectShown(
        () => card.getByRole("listitem").locator("strong").allTextContents(),
        [
          "Now",
          formats.time(next.gateClosesAt),
          formats.span(next.startsAt, next.endsAt),
          `After ${formats.time(next.endsAt)}`,
        ],
      );
      await card.getByText(`${homes} homes say`).waitFor();
      expect(await page.locator(".empty, .figure").count()).toBe(0);
    }));
});
