import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { startFoundedCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";

/* Somebody who wants to write a program: from the first page to an answer that is as the documentation says. */

const ROUTE = "/v1/areas/{areaId}";
const WIDTHS = [1_280, 390];
/** 12 May 2025, 09:00 in Berlin. */
const INTERVAL_ID = Date.parse("2025-05-12T07:00:00Z") / 900_000;

async function jsonIn(route: Locator, selector: string): Promise<Record<string, unknown>> {
  const code = route.locator(`${selector} .highlight-code code`).first();
  await code.waitFor();
  return JSON.parse((await code.textContent()) ?? "");
}

/** Whether something can be read: what is squeezed into a letter's width cannot. */
async function widthOf(place: Locator): Promise<number> {
  return (await place.boundingBox())?.width ?? 0;
}

describeDashboard("a new developer", startFoundedCommunity, (suite) => {
  it.each(WIDTHS)("finds a route, reads its words and runs its example, at %i pixels", (width) =>
    suite.visit("/", { viewport: { width, height: 900 } }, async ({ page }) => {
      await page.getByRole("contentinfo").getByRole("link", { name: "API" }).click();
      await page.getByRole("link", { name: "Back to the pages" }).waitFor();
      expect(await page.title()).toBe("API – Commonwatt");
      expect(await page.locator(".topbar").count()).toBe(0);

      const route = page.locator(".opblock", { has: page.locator(`[data-path="${ROUTE}"]`) });
      await route.locator(".opblock-summary-control").click();
      const example = await jsonIn(route, ".responses-table");
      await route.getByRole("tab", { name: "Schema" }).first().click();
      const words = route.getByText("so long before the interval the gate closes").first();
      await words.waitFor();
      expect(await widthOf(words)).toBeGreaterThan(150);

      await route.getByRole("button", { name: "Try it out" }).click();
      await route.getByRole("button", { name: "Execute" }).click();
      const answer = await jsonIn(route, ".live-responses-table");
      expect(answer).toEqual(await suite.market.get("/v1/areas/1"));
      expect(Object.keys(answer).sort()).toEqual(Object.keys(example).sort());
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);

      await page.getByRole("link", { name: "Back to the pages" }).click();
      await page.getByRole("heading", { level: 1 }).first().waitFor();
    }),
  );

  it("reads the status as a page, with what the server says of itself", () =>
    suite.visit("/", {}, async ({ page }) => {
      await page.getByRole("contentinfo").getByRole("link", { name: "Status" }).click();
      await page.getByRole("heading", { level: 1, name: "Status" }).waitFor();
      const { version, checks } = await suite.market.get<{ version: string; checks: unknown[] }>(
        "/v1/status",
      );
      await page.getByText(`Commonwatt ${version}`, { exact: true }).waitFor();
      expect(await page.locator(".health li").count()).toBe(checks.length);
      await page.getByText("none yet", { exact: true }).waitFor();
      await page.getByText("What was due is done, or in work for the first time.").waitFor();
    }));

  it.each(WIDTHS)("reads the last interval and what is behind in words, at %i pixels", (width) => {
    const place = { areaId: 1, area: "Riverside", intervalId: INTERVAL_ID };
    const since = INTERVAL_ID * 900;
    const changes = {
      lastIntervals: [{ ...place, startsAt: since, endsAt: since + 900, status: "cleared" }],
      dutiesBehind: [
        { ...place, name: "publish", since, waitsFor: "2 of the readings" },
        { ...place, name: "settle", since, waitsFor: null },
      ],
    };
    const before = async (page: Page) => {
      await page.route("**/v1/status", async (route) => {
        const real = (await (await route.fetch()).json()) as object;
        await route.fulfill({ json: { ...real, ...changes } });
      });
    };
    const viewport = { width, height: 900 };
    return suite.visit("/status", { before, viewport }, async ({ page }) => {
      const last = page.getByRole("list", { name: "Last interval" });
      const [day, span] = ["Mon 12 May", "09:00–09:15"];
      const interval = `${INTERVAL_ID}, ${day}, ${span}: cleared, its money is in escrow until it is settled`;
      await last.getByText(interval).waitFor();
      const items = page.getByRole("list", { name: "Duties that are behind" }).getByRole("listitem");
      expect(await items.allTextContents()).toEqual([
        `Publishing of the readings, interval ${INTERVAL_ID} (${day}, ${span}): behind since 12 May 2025, 09:00; it waits for 2 of the readings.`,
        `Settlement, interval ${INTERVAL_ID} (${day}, ${span}): behind since 12 May 2025, 09:00; it failed and is tried again.`,
      ]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    });
  });
});
