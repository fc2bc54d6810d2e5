import axe from "axe-core";
import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { intervalsWire, tradesWire } from "#domains/pool/wire.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import { overlongMoney } from "./overlongMoney.fixture.ts";

const PHONE = { width: 360, height: 780 };
const DESK = { width: 1_280, height: 900 };
const HOME = keyNames.home("orchard-walk-4");

type Place = {
  readonly name: string;
  readonly path: () => string;
  /** Whose page it is; null where nobody is signed in. */
  readonly signedIn: string | null;
  /** Brings the page to where all of it is there. */
  readonly ready: (page: Page) => Promise<void>;
};

describeDashboard("every page, for everybody", someHours, (suite) => {
  let intervalId: number;
  let orderId: string;
  let transactionHash: string;

  beforeAll(async () => {
    const { intervals } = await suite.market.get<z.infer<typeof intervalsWire>>(
      "/v1/intervals?status=settled&limit=1",
    );
    intervalId = intervals[0]!.intervalId;
    const { trades } = await suite.market.get<z.infer<typeof tradesWire>>(
      `/v1/trades?areaId=1&intervalId=${intervalId}`,
    );
    orderId = trades[0]!.offerOrderId;
    const evidence = `/v1/intervals/1/${intervalId}/evidence`;
    const { transactions } = await suite.market.get<{ transactions: { transactionHash: string }[] }>(
      evidence,
    );
    transactionHash = transactions[0]!.transactionHash;
  });

  const heading = (name: string | RegExp) => (page: Page) =>
    page.getByRole("heading", { name }).first().waitFor();
  const places: Place[] = [
    { name: "community", path: () => "/", signedIn: null, ready: heading("Last intervals") },
    {
      name: "interval",
      path: () => `/intervals/1/${intervalId}`,
      signedIn: null,
      async ready(page) {
        await page.getByText("Sum of all payments").waitFor();
        await page.getByRole("button", { name: "Next order" }).click();
      },
    },
    {
      name: "interval with a failed check",
      path: () => `/intervals/1/${intervalId}`,
      signedIn: null,
      async ready(page) {
        await page.getByRole("radio", { name: /a node of the chain/ }).check();
        await page.getByRole("button", { name: "Change one byte, check again" }).click();
        await page.locator("[data-verdict]").waitFor();
      },
    },
    { name: "my energy, to a stranger", path: () => "/me", signedIn: null, ready: heading("My energy") },
    { name: "my energy", path: () => "/me", signedIn: HOME, ready: heading("Line by line") },
    { name: "my month", path: () => "/me?span=month", signedIn: HOME, ready: heading("Line by line") },
    { name: "my week", path: () => "/me?span=week", signedIn: HOME, ready: heading("Line by line") },
    { name: "rules", path: () => "/rules", signedIn: null, ready: heading("How the price is made") },
    { name: "new order", path: () => "/order", signedIn: HOME, ready: heading("Before you sign") },
    {
      name: "order",
      path: () => `/orders/${orderId}`,
      signedIn: null,
      ready: heading("From signature to payment"),
    },
    {
      name: "operator, to a stranger",
      path: () => "/operator",
      signedIn: null,
      ready: heading("Operator"),
    },
    {
      name: "operator",
      path: () => "/operator",
      signedIn: keyNames.operator,
      ready: heading("Gas and money"),
    },
    {
      name: "members",
      path: () => "/members",
      signedIn: keyNames.operator,
      ready: heading("Bills of"),
    },
    {
      name: "a member's bill",
      path: () => "/members/27?span=month",
      signedIn: keyNames.operator,
      ready: heading("Where the money goes"),
    },
    {
      name: "audit",
      path: () => `/audit?q=1/${intervalId}`,
      signedIn: null,
      async ready(page) {
        await page.getByRole("button", { name: /^Audit (now|again)$/ }).waitFor();
        await page.getByRole("list", { name: /^Found for/ }).waitFor();
      },
    },
    {
      name: "transaction",
      path: () => `/transactions/${transactionHash}`,
      signedIn: null,
      ready: heading("What it did"),
    },
    {
      name: "participant",
      path: () => "/participants/6",
      signedIn: null,
      ready: heading("What the chain knows of it"),
    },
    { name: "no such page", path: () => "/me/nowhere", signedIn: null, ready: heading("No such page") },
    {
      name: "roles of the demonstration",
      path: () => "/audit",
      signedIn: null,
      async ready(page) {
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.getByRole("dialog").getByRole("button", { name: "Operator", exact: true }).waitFor();
      },
    },
  ];

  it.each(places)(
    "$name: axe finds nothing in light and dark, a phone scrolls only down, and money has three decimals at most",
    async ({ path, signedIn, ready }) => {
      const cookie = signedIn === null ? {} : { cookie: await suite.market.cookieOf(signedIn) };
      const options = { ...cookie, reducedMotion: "reduce", colorScheme: "light", viewport: DESK } as const;
      const findings: string[] = [];
      await suite.visit(path(), options, async ({ page }) => {
        await ready(page);
        for (const [width, viewport] of [
          ["desk", DESK],
          ["phone", PHONE],
        ] as const) {
          await page.setViewportSize(viewport);
          for (const [colorScheme, rules] of [
            ["light", EVERY_RULE],
            ["dark", COLOURS],
          ] as const) {
            await page.emulateMedia({ colorScheme });
            await settle(page);
            const found = await axeFindings(page, rules);
            findings.push(...found.map((finding) => `${colorScheme}, ${width}: ${finding}`));
          }
        }
        const tooWide = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        if (tooWide !== 0) findings.push(`the page is ${tooWide} px wider than the phone`);
        findings.push(...overlongMoney(await proseOf(page)).map((money) => `${money} has too many decimals`));
      });
      expect(findings).toEqual([]);
    },
  );
});

/** Until nothing is being loaded, and what was drawn stands. */
async function settle(page: Page): Promise<void> {
  await page.locator(".loading").first().waitFor({ state: "detached" });
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

/** All that a page shows. */
function proseOf(page: Page): Promise<string> {
  return page.evaluate<string>("document.body.innerText");
}

/** In the dark only colours differ (tokens.css). */
const EVERY_RULE = { resultTypes: ["violations"] };
const COLOURS = { ...EVERY_RULE, runOnly: ["color-contrast", "link-in-text-block"] };

async function axeFindings(page: Page, rules: object): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<{
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  }>(`axe.run(document, ${JSON.stringify(rules)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
