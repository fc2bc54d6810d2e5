import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { startFoundedCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";

/* Somebody who wants to write a program: from the first page to an answer that is as the documentation says. */

const ROUTE = "/v1/status";

async function jsonIn(page: Page, selector: string): Promise<Record<string, unknown>> {
  const text = await page.locator(`.opblock.is-open ${selector}`).first().textContent();
  return JSON.parse(text ?? "");
}

describeDashboard("a new developer", startFoundedCommunity, (suite) => {
  it("comes to the API in one step, and to the answer that its example shows in three more", () =>
    suite.visit("/", {}, async ({ page }) => {
      await page.getByRole("contentinfo").getByRole("link", { name: "API" }).click();
      await page.getByRole("link", { name: "Back to the pages" }).waitFor();
      expect(await page.title()).toBe("API – Commonwatt");
      expect(await page.locator(".topbar").count()).toBe(0);

      const route = page.locator(".opblock", { has: page.locator(`[data-path="${ROUTE}"]`) });
      await route.locator(".opblock-summary-control").click();
      await page.locator(".opblock.is-open .responses-table .highlight-code code").first().waitFor();
      const example = await jsonIn(page, ".responses-table .highlight-code code");
      await route.getByRole("button", { name: "Try it out" }).click();
      await route.getByRole("button", { name: "Execute" }).click();
      await page.locator(".live-responses-table .highlight-code code").first().waitFor();
      const answer = await jsonIn(page, ".live-responses-table .highlight-code code");
      expect(Object.keys(answer).sort()).toEqual(Object.keys(example).sort());
      expect(answer.version).toMatch(/^\d+\.\d+\.\d+$/);

      await page.getByRole("link", { name: "Back to the pages" }).click();
      await page.getByRole("heading", { level: 1 }).first().waitFor();
    }));

  it("reads the status as a page, with what the server says of itself", () =>
    suite.visit("/", {}, async ({ page }) => {
      await page.getByRole("contentinfo").getByRole("link", { name: "Status" }).click();
      await page.getByRole("heading", { level: 1, name: "Status" }).waitFor();
      const { version, checks } = await suite.market.get<{ version: string; checks: unknown[] }>(ROUTE);
      await page.getByText(`Commonwatt ${version}`, { exact: true }).waitFor();
      expect(await page.locator(".health li").count()).toBe(checks.length);
    }));
});
