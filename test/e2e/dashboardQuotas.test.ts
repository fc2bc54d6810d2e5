import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clearingHouseContract } from "#domains/accounts/contracts.generated.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { margins } from "#domains/accounts/tables.ts";
import { readQuotaW } from "#domains/charging/quotaMarket.ts";
import { STATION_MEMBER } from "#domains/charging/shanghai/depot.ts";
import { STATIONS } from "#domains/charging/shanghai/shanghaiCase.ts";
import { allStationFigures } from "#domains/charging/tables.ts";
import { NO_SOURCES, projectorOf } from "#domains/domains.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { dumpTables } from "#platform/store/dumpTables.ts";
import { rebuild } from "#platform/store/project.ts";
import { startBrowser } from "../chromium.ts";
import { describeInBrowser, type VisitOptions, visit } from "./browser.fixture.ts";
import { cardOf, expectShown, figureOf, rowsOf, valuesIn } from "./pageContent.fixture.ts";
import { startPassingNode } from "./passingNode.fixture.ts";
import { MARGIN_W, PERIOD, type QuotaDepot, startQuotaDepot } from "./quotaDepot.fixture.ts";

/* A period of quotas on a real chain: what the database has of it is what the contracts have, and its pages show it. */

const START_MS = 300_000;
let depot: QuotaDepot;

beforeAll(async () => {
  depot = await startQuotaDepot(52_020);
}, START_MS);
afterAll(() => depot?.stop());

describe("a period of quotas in the database", () => {
  it("has the quotas and the money that the contracts have", async () => {
    const { store, depot: on } = depot;
    const { client } = on.network;
    const figures = await store.db.select().from(allStationFigures);
    const known = await store.db.select().from(margins);
    const address = addressOf(on.deployment, "clearingHouse");
    const market = addressOf(on.deployment, "quotaMarket");
    for (const name of STATIONS) {
      const member = STATION_MEMBER[name];
      const row = figures.find((station) => station.member === member);
      const place = { areaId: on.areaId, period: PERIOD, member };
      expect((row?.allocatedW ?? 0) + (row?.tradedW ?? 0)).toBe(
        await readQuotaW(on.network, on.deployment, place),
      );
    }
    for (const member of [1, 2, 3, ...Object.values(STATION_MEMBER)]) {
      const seat = seatOf({ areaId: on.areaId, member });
      const marginMicro = await client.readContract({
        address,
        abi: clearingHouseContract.abi,
        functionName: "marginMicro",
        args: [market, seat],
      });
      const row = known.find((each) => each.seat === seat);
      expect(row?.marginMicro ?? 0n, `member ${member}`).toBe(marginMicro);
      expect(row?.escrowMicro ?? 0n).toBe(0n);
    }
    const tokens = Object.fromEntries(
      STATIONS.map((name) => [
        name,
        Number(figures.find(({ member }) => member === STATION_MEMBER[name])?.quotaMicro ?? 0n) / 1e6,
      ]),
    );
    expect(tokens).toMatchObject({ A: 0, B: 149.5, C: -151.9, D: 240, E: 70.4, F: -162, G: 0, H: -146 });
  });

  it("is the same when it is projected anew", async () => {
    const before = await dumpTables(depot.store);
    await rebuild(depot.store, depot.events, projectorOf(NO_SOURCES));
    expect(await dumpTables(depot.store)).toEqual(before);
  });
});

describeInBrowser("pages of charging quotas", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  const look = (path: string, options: Partial<VisitOptions>, at: (page: Page) => Promise<void>) =>
    visit(browser, path, { origin: depot.origin, ...options }, ({ page }) => at(page));
  const tabs = (page: Page) => page.getByRole("navigation", { name: "Pages" });

  it("show the grid operator margin, loading, and what each station gave up or bought", async () => {
    await look("/transformer", { cookie: await depot.cookieOf("dso") }, async (page) => {
      await tabs(page).getByText("Transformer").waitFor();
      await expectShown(() => valuesIn(figureOf(page, /^Margin/)), [String(MARGIN_W)]);
      await figureOf(page, "Granted").getByText("83%").waitFor();
      await figureOf(page, "Highest loading").getByText("100%").waitFor();
      const table = cardOf(page, /gave up or bought/).getByRole("table");
      await expectShown(async () => (await rowsOf(table)).length, STATIONS.length);
      const traded = async () => (await rowsOf(table)).map((cells) => cells[3]);
      await expectShown(traded, [
        "0.00 kW",
        "+6.50 kW",
        "-6.60 kW",
        "+10.90 kW",
        "+3.20 kW",
        "-7.20 kW",
        "0.00 kW",
        "-6.80 kW",
      ]);
      expect(await tabs(page).getByText("My station").count()).toBe(0);
      await keepPicture(page, "transformer");
    });
  });

  it("show a period's figures with their reasons, and check it in the browser", async () => {
    await look(`/charging/${depot.depot.areaId}/${PERIOD}`, {}, async (page) => {
      await cardOf(page, "How the margin was divided")
        .getByText(/82.82 %/)
        .waitFor();
      await cardOf(page, "Auction").getByRole("img").waitFor();
      const check = cardOf(page, "Check it in this browser");
      await check.getByRole("button", { name: "Check this period" }).click();
      await check.locator("[data-verdict=passed]").waitFor();
      expect(await check.locator("[data-status=passed]").count()).toBe(8);
      await keepPicture(page, "period");
      await check.getByRole("combobox").selectOption("payment");
      await check.getByRole("button", { name: "Change one byte, check again" }).click();
      await check.locator("[data-verdict=failed]").waitFor();
      const changed = await check.getByText(/Changed on purpose/).textContent();
      const member = /member (\d+)/.exec(changed ?? "")?.[1];
      expect(await check.locator("[data-status=failed]").first().textContent()).toContain(`member ${member}`);
    });
  });

  it("check a period against a node, which is independent only elsewhere, and find what a server changed (R6.3)", async () => {
    const { url: node, stop } = await startPassingNode(() => depot.origin);
    const path = `/charging/${depot.depot.areaId}/${PERIOD}`;
    await look(path, { others: [new URL(node).origin] }, async (page) => {
      const check = cardOf(page, "Check it in this browser");
      const compared = check.locator('[data-step="serverAgainstChain"]');
      const run = check.getByRole("button", { name: "Check this period" });
      await check.getByLabel(/a node of the chain/).check();
      await check.locator('[data-node="gateway"]').waitFor();
      await run.click();
      await check.locator("[data-verdict=passed]").waitFor();
      await compared.getByText("not an independent comparison").waitFor();
      await check.locator('[data-independent="false"]').waitFor();
      await check.getByLabel("Address of the node").fill(node);
      await run.click();
      await compared.getByText("What the server says is what the chain says").waitFor();
      await check.locator("[data-verdict=passed]").waitFor();
      await check.locator('[data-independent="true"]').waitFor();
      expect(await check.locator("[data-status=passed]").count()).toBe(9);
      await keepPicture(page, "period-node");
      await check.getByRole("combobox").selectOption("payment");
      await check.getByRole("button", { name: "Change one byte, check again" }).click();
      await check.locator("[data-verdict=failed]").waitFor();
      expect(await compared.getAttribute("data-status")).toBe("failed");
      // The chain's own evidence is right, whatever the server says.
      expect(await check.locator("[data-status=failed]").count()).toBe(1);
    });
    await stop();
  });

  it("show a station's operator its quota, orders, money and deposit", async () => {
    await look("/station", { cookie: await depot.cookieOf("C") }, async (page) => {
      await tabs(page).getByText("My station").waitFor();
      await expectShown(() => valuesIn(figureOf(page, "Earned with quota")), ["151900000"]);
      await cardOf(page, "Deposit of the newest period")
        .getByText(/came back/)
        .waitFor();
      await cardOf(page, "Its bids and offers").getByText("offer").first().waitFor();
      const form = cardOf(page, "Before you demand");
      await form.getByRole("textbox").fill("36");
      // 36 kW for half an hour at 112 tokens a kWh, and twice that as a penalty.
      await expectShown(() => valuesIn(form), ["6048000000", "2016000000", "4032000000"]);
      expect(await tabs(page).getByText("Transformer").count()).toBe(0);
      await keepPicture(page, "station");
    });
  });

  it("fit a phone, without scrolling sideways", async () => {
    const viewport = { width: 390, height: 844 };
    const cookie = await depot.cookieOf("B");
    for (const path of ["/station", "/transformer", `/charging/${depot.depot.areaId}/${PERIOD}`])
      await look(path, { viewport, cookie }, async (page) => {
        await page.locator(".figure").first().waitFor();
        const sideways = await page.evaluate<number>(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(sideways, path).toBeLessThanOrEqual(0);
        await keepPicture(page, `phone${path.replaceAll("/", "-")}`);
      });
  });
});

/** A picture for those who look at the pages, where SCREENSHOTS names a folder. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
