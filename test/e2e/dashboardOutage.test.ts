import { expect, it } from "vitest";
import type { z } from "zod";
import type { communityWire } from "#domains/pool/wireCommunity.ts";
import { startLiveCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";
import { cardOf, figureOf, valuesIn } from "./pageContent.fixture.ts";

const SPEED = 900;

const start = () => startLiveCommunity({ speed: SPEED });

describeDashboard("the dashboard without its server", start, (suite) => {
  it("asks again only for what an event changed, and keeps the picture that stands", () =>
    suite.visit("/", {}, async ({ page, requests }) => {
      const picture = page.locator(".chart canvas");
      await picture.waitFor();
      await picture.evaluate((canvas) => canvas.setAttribute("data-mark", "first"));
      const newest = () => cardOf(page, "Last intervals").locator("tbody tr").first().textContent();
      const before = await newest();
      await expect.poll(newest, { timeout: 60_000 }).not.toBe(before);
      expect(await picture.getAttribute("data-mark")).toBe("first");
      const asked = (path: string) => requests.filter((url) => new URL(url).pathname === path).length;
      expect(asked("/v1/community")).toBeGreaterThan(1);
      expect([asked("/v1/session"), asked("/v1/participants")]).toEqual([1, 1]);
      // Other colours need another picture.
      await page.emulateMedia({ colorScheme: "dark" });
      await page.locator("canvas[data-mark]").waitFor({ state: "detached" });
    }));

  it("keeps its figures and says since when the server is gone, and comes back by itself", () =>
    suite.visit("/", { server: "goes" }, async ({ page }) => {
      const saved = figureOf(page, "Saved today").locator(".figure-value");
      await cardOf(page, "Last intervals").locator("tbody").getByText("settled").nth(3).waitFor();
      await page.getByText("Live, market time").waitFor({ state: "attached" });
      await suite.market.kill();
      await page.getByText(/^No connection since \d\d:\d\d:\d\d; trying again$/).waitFor();
      const [before] = await valuesIn(saved);
      expect(Number(before)).toBeGreaterThan(0);

      await suite.market.start(SPEED);
      await page.getByText("No connection since").waitFor({ state: "detached" });
      await page.getByText("Live, market time").waitFor({ state: "attached" });
      // New intervals are settled, and the page follows them without being loaded again.
      await expect
        .poll(async () => Number((await valuesIn(saved))[0]), { timeout: 60_000 })
        .toBeGreaterThan(Number(before));
      const { today } = await suite.market.get<z.infer<typeof communityWire>>("/v1/community");
      expect(Number(today.savingMicro)).toBeGreaterThan(Number(before));
    }));

  it("waits with a page whose script it never had, and shows it when the server is back", () =>
    suite.visit("/", { server: "goes" }, async ({ page }) => {
      await page.getByText("Live, market time").waitFor({ state: "attached" });
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await suite.market.kill();
      await page.getByText(/^No connection since/).waitFor();
      await page.getByRole("link", { name: "Audit" }).click();
      await page.getByText("The server does not answer. This page tries again by itself.").waitFor();
      await suite.market.start(SPEED);
      await page.getByRole("button", { name: /^Audit (now|again)$/ }).waitFor();
      await page.getByText("No connection since").waitFor({ state: "detached" });
    }));
});
