import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import type { gridWire } from "#domains/grid/wire.ts";
import type { auditWire } from "#platform/api/wireAudit.ts";
import { type DashboardCommunity, startRunningCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";
import { cardOf, expectShown, figureOf, formats, valuesIn } from "./pageContent.fixture.ts";
import { compareRules } from "./researcherTask.fixture.ts";
import { countedSteps, picture } from "./steps.fixture.ts";

/*
 * What each of seven kinds of users comes for, over a market that runs as fast as `npm start` lets it: a quarter of an hour a
 * second. A step is a click, an input, or a command.
 */

type Bill = z.infer<typeof explainedBillWire>;

const HOME = { account: 27, name: "Orchard Walk 4", key: keyNames.home("orchard-walk-4") };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const TASK_MS = 180_000;

/** Riverside's first day, from 09:00 on, in Berlin: 12 May 2025. */
const YESTERDAY = { from: 1_747_000_800, to: 1_747_087_200 };

/** A task with its steps, a picture of its end, and how long it took, which nothing is asserted of. */
type Task = {
  readonly who: string;
  readonly from: string;
  readonly signedIn: string | null;
  readonly isOnPhone?: boolean;
  readonly mostSteps: number;
  readonly walk: (
    page: Page,
    step: ReturnType<typeof countedSteps>["take"],
    market: DashboardCommunity,
  ) => Promise<void>;
};

const TASKS: readonly Task[] = [
  {
    who: "a member with a phone",
    from: "/me",
    signedIn: HOME.key,
    isOnPhone: true,
    mostSteps: 2,
    walk: readYesterday,
  },
  { who: "a member who sets her price", from: "/order", signedIn: HOME.key, mostSteps: 3, walk: sellHalf },
  { who: "a treasurer", from: "/members", signedIn: keyNames.operator, mostSteps: 5, walk: answerCaller },
  { who: "a grid operator", from: "/", signedIn: keyNames.gridOperator, mostSteps: 3, walk: readPeaks },
  { who: "an auditor", from: "/audit", signedIn: null, mostSteps: 1, walk: auditChain },
  { who: "a researcher", from: "/", signedIn: null, mostSteps: 6, walk: compareRules },
  { who: "a new developer", from: "/", signedIn: null, mostSteps: 4, walk: runExample },
];

describeDashboard("a market at default speed", startRunningCommunity, (suite) => {
  it.each(TASKS)(
    "lets $who do what it came for",
    async ({ who, from, signedIn, isOnPhone, mostSteps, walk }) => {
      const cookie = signedIn === null ? {} : { cookie: await suite.market.cookieOf(signedIn) };
      await suite.visit(from, { ...cookie, ...(isOnPhone ? PHONE : {}) }, async ({ page }) => {
        const steps = countedSteps();
        const begun = performance.now();
        await walk(page, steps.take, suite.market);
        const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
        await picture(page, `running-${who.replaceAll(" ", "-")}`);
        console.info(`${who}: ${steps.taken.length} steps in ${seconds} s: ${steps.taken.join(", ")}`);
        expect(steps.taken.length).toBeLessThanOrEqual(mostSteps);
      });
    },
    TASK_MS,
  );
});

type Step = Parameters<Task["walk"]>[1];

/** What yesterday cost, and why its dearest quarter of an hour did. */
async function readYesterday(page: Page, step: Step, market: DashboardCommunity): Promise<void> {
  await cardOf(page, /^Nothing (is wrong|needs you)/).waitFor();
  await step("the day before", page.getByRole("link", { name: "Previous day" }).tap());
  await page.waitForURL(/at=/);
  const href = await cardOf(page, "To keep")
    .getByRole("link", { name: /^Bill, line/ })
    .getAttribute("href");
  const { from, to } = Object.fromEntries(new URL(href!, market.origin).searchParams);
  const cookie = await market.cookieOf(HOME.key);
  const bill = `/v1/participants/${HOME.account}/bill?from=${from}&to=${to}&order=dearest&limit=1`;
  const paid = figureOf(page, /^You (paid|earned)/).locator(".figure-value");
  await expectShown(
    async () => (await valuesIn(paid))[0],
    (await market.get<Bill>(bill, cookie)).bill!.marketBillMicro.replace("-", ""),
  );
  await step("the dearest first", page.getByLabel("Order of the lines").selectOption("dearest"));
  const { lines } = await market.get<Bill>(bill, cookie);
  const first = cardOf(page, "Line by line").getByRole("listitem").first();
  await first.getByText(lines[0]!.reason).waitFor();
}

/** Sells half a kilowatt-hour at a price of her own, and sees what came of it. */
async function sellHalf(page: Page, step: Step): Promise<void> {
  await cardOf(page, "What others pay and ask").getByText("Price now").waitFor();
  const send = page.getByRole("button", { name: "Sign and send" });
  await send.waitFor();
  await step("a price", page.getByLabel(/^Limit price/).fill("0.15"));
  await step("sign and send", send.click());
  const steps = page.getByRole("list", { name: "The way of your order" });
  await steps.locator(".step-done", { hasText: "Cleared" }).waitFor();
  await steps.locator(".step-done", { hasText: "Settled" }).waitFor();
}

/** A caller's quarter of an hour, with its reason. */
async function answerCaller(page: Page, step: Step, market: DashboardCommunity): Promise<void> {
  const cookie = await market.cookieOf(keyNames.operator);
  const find = page.getByRole("searchbox");
  await find.waitFor();
  await step("part of a name", find.fill("walk 4"));
  await step("find", find.press("Enter"));
  await step(
    "open",
    page
      .getByRole("link", { name: new RegExp(HOME.name) })
      .last()
      .click(),
  );
  await page.getByRole("heading", { name: HOME.name, level: 1 }).waitFor();
  const yesterday = await market.get<Bill>(
    `/v1/participants/${HOME.account}/bill?order=dearest&limit=1&from=${YESTERDAY.from}&to=${YESTERDAY.to}`,
    cookie,
  );
  const line = yesterday.lines[0]!;
  const when = `${formats.date(line.startsAt)} ${formats.time(line.startsAt)}`;
  await step("the time", page.getByRole("searchbox").fill(when));
  await step("go", page.getByRole("searchbox").press("Enter"));
  await cardOf(page, /^The interval of/)
    .getByText(line.reason)
    .waitFor();
}

/** Peaks of yesterday, and what they are of a limit. */
async function readPeaks(page: Page, step: Step, market: DashboardCommunity): Promise<void> {
  await step("the grid", page.getByRole("navigation", { name: "Pages" }).getByText("Grid").click());
  await step("the day before", page.getByRole("link", { name: "Previous day" }).click());
  await page.waitForURL(/at=/);
  const limit = page.getByRole("textbox", { name: /^Limit/ });
  await step("a limit", limit.fill("40"));
  const grid = await market.get<z.infer<typeof gridWire>>(
    `/v1/areas/1/grid?from=${YESTERDAY.from}&to=${YESTERDAY.to}&limitW=40000`,
    await market.cookieOf(keyNames.gridOperator),
  );
  const peak = figureOf(page, "Highest import").locator(".figure-value");
  await expectShown(async () => (await valuesIn(peak))[0], String(grid.peakImport!.powerW));
  await figureOf(page, "Highest import").getByText(formats.share(grid.peakImport!.loading!)).waitFor();
}

/** Whether anything is wrong, up to which block. */
async function auditChain(page: Page, step: Step, market: DashboardCommunity): Promise<void> {
  await step("audit", page.getByRole("button", { name: /^Audit (now|again)$/ }).click());
  await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor({ timeout: TASK_MS });
  const { last } = await market.get<z.infer<typeof auditWire>>("/v1/audit");
  await page.getByText(`That holds up to block ${formats.count(last!.toBlock!)}`).waitFor();
  await page.getByText(/came since/).waitFor();
}

/** The first route's example, run. */
async function runExample(page: Page, step: Step): Promise<void> {
  await step("the API", page.getByRole("contentinfo").getByRole("link", { name: "API" }).click());
  const route = page.locator(".opblock", { has: page.locator('[data-path="/v1/areas/{areaId}"]') });
  await step("a route", route.locator(".opblock-summary-control").click());
  await step("try it", route.getByRole("button", { name: "Try it out" }).click());
  await step("run it", route.getByRole("button", { name: "Execute" }).click());
  await route.locator(".live-responses-table .highlight-code code").first().waitFor();
}
