import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { communityWire } from "#api/wireCommunity.ts";
import { startBrowser } from "../chromium.ts";
import { describeInBrowser, visit } from "./browser.fixture.ts";
import { type DashboardCommunity, startLiveCommunity } from "./dashboard.fixture.ts";
import { cardOf, figureOf, valuesIn } from "./pageContent.fixture.ts";

const SPEED = 900;

describeInBrowser("the dashboard without its server", () => {
  let market: DashboardCommunity;
  let browser: Browser;

  beforeAll(async () => {
    market = await startLiveCommunity({ speed: SPEED });
    browser = await startBrowser();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await market?.stop();
  });

  it("keeps its figures and says since when the server is gone, and comes back by itself", () =>
    visit(browser, "/", { ...market, server: "goes" }, async ({ page }) => {
      const saved = figureOf(page, "Saved today").locator(".figure-value");
      await cardOf(page, "Last intervals").locator("tbody").getByText("settled").nth(3).waitFor();
      await page.getByText("Live, market time").waitFor({ state: "attached" });
      await market.kill();
      await page.getByText(/^No connection since \d\d:\d\d:\d\d; trying again$/).waitFor();
      const [before] = await valuesIn(saved);
      expect(Number(before)).toBeGreaterThan(0);

      await market.start(SPEED);
      await page.getByText("No connection since").waitFor({ state: "detached" });
      await page.getByText("Live, market time").waitFor({ state: "attached" });
      // New intervals are settled, and the page follows them without being loaded again.
      await expect
        .poll(async () => Number((await valuesIn(saved))[0]), { timeout: 60_000 })
        .toBeGreaterThan(Number(before));
      const { today } = await market.get<z.infer<typeof communityWire>>("/v1/community");
      expect(Number(today.savingMicro)).toBeGreaterThan(Number(before));
    }));

  it("waits with a page whose script it never had, and shows it when the server is back", () =>
    visit(browser, "/", { ...market, server: "goes" }, async ({ page }) => {
      await page.getByText("Live, market time").waitFor({ state: "attached" });
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await market.kill();
      await page.getByText(/^No connection since/).waitFor();
      await page.getByRole("link", { name: "Audit" }).click();
      await page.getByText("The server does not answer. This page tries again by itself.").waitFor();
      await market.start(SPEED);
      await page.getByRole("button", { name: /^Audit (now|again)$/ }).waitFor();
      await page.getByText("No connection since").waitFor({ state: "detached" });
    }));
});
