import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { startBrowser } from "../chromium.ts";
import { describeInBrowser, type Visit, type VisitOptions, visit } from "./browser.fixture.ts";
import { type DashboardCommunity, startStillCommunity } from "./dashboard.fixture.ts";

/** A community of its own, and a browser in front of its pages. */
export type DashboardSuite = {
  readonly market: DashboardCommunity;
  readonly visit: (
    path: string,
    options: Partial<VisitOptions>,
    look: (visit: Visit) => Promise<void>,
  ) => Promise<void>;
};

/** Contracts are deployed and hours are traded before the first page is looked at. */
const START_MS = 300_000;

/** Tests of pages over a community that `start` gives; both end with them. */
export function describeDashboard(
  name: string,
  start: () => Promise<DashboardCommunity>,
  tests: (suite: DashboardSuite) => void,
): void {
  describeInBrowser(name, () => {
    let market: DashboardCommunity;
    let browser: Browser;
    beforeAll(async () => {
      market = await start();
      browser = await startBrowser();
    }, START_MS);
    afterAll(async () => {
      await browser?.close();
      await market?.stop();
    });
    tests({
      get market() {
        return market;
      },
      visit: (path, options, look) => visit(browser, path, { ...market, ...options }, look),
    });
  });
}

/** A community that stands still after some hours, enough for bills, trades and orders of every kind. */
export function someHours(): Promise<DashboardCommunity> {
  return startStillCommunity({ settled: 10 });
}
