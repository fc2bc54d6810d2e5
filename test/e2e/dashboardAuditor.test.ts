import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { intervalsWire } from "#domains/pool/wire.ts";
import type { auditWire } from "#platform/api/wireAudit.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import { expectShown, formats } from "./pageContent.fixture.ts";
import { type PassingNode, startPassingNode } from "./passingNode.fixture.ts";
import { countedSteps, picture } from "./steps.fixture.ts";

/** What an auditor does to check the whole chain and one interval against a node of her own. */
const MOST_STEPS = 8;

describeDashboard("the auditor's pages", someHours, (suite) => {
  let node: PassingNode;
  let nodeUrl: string;

  beforeAll(async () => {
    node = await startPassingNode(() => suite.market.origin);
    nodeUrl = node.url;
  });
  afterAll(() => node?.stop());

  it("audits the chain up to a block, and checks an interval against a node that isn't this server's", () =>
    suite.visit("/audit", { others: [new URL(nodeUrl).origin] }, async ({ page, requests }) => {
      const steps = countedSteps();
      await steps.take("audit", page.getByRole("button", { name: /^Audit (now|again)$/ }).click());
      await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
      const { last } = await suite.market.get<z.infer<typeof auditWire>>("/v1/audit");
      await page.getByText(`That holds up to block ${formats.count(last!.toBlock!)}.`).waitFor();
      await picture(page, "auditor-chain");

      const { intervals } = await suite.market.get<z.infer<typeof intervalsWire>>(
        "/v1/intervals?areaId=1&limit=20",
      );
      const settled = intervals.find(({ status }) => status === "settled")!;
      const when = `${formats.date(settled.startsAt)} ${formats.time(settled.startsAt)}`;
      await steps.take("type an interval", page.getByRole("searchbox").fill(`1/${settled.intervalId}`));
      await steps.take("look it up", page.getByRole("button", { name: "Look up" }).click());
      await steps.take(
        "open it",
        page.locator(`a[href="/intervals/1/${settled.intervalId}"]`).first().click(),
      );
      await page.getByRole("heading", { level: 1 }).getByText(when.slice(-5)).waitFor();

      await steps.take("take a node", page.getByRole("radio", { name: /a node of the chain/ }).check());
      await steps.take("give its address", page.getByLabel("Address of the node").fill(nodeUrl));
      await page.locator('[data-node="elsewhere"]').waitFor();
      await steps.take("check", page.getByRole("button", { name: "Check this interval" }).click());
      await page.locator('[data-verdict="passed"]').waitFor();
      await expectShown(() => page.locator("[data-independent]").getAttribute("data-independent"), "true");
      expect(requests.filter((asked) => asked === nodeUrl).length).toBeGreaterThan(3);
      await picture(page, "auditor-interval");
      expect(steps.taken.length).toBeLessThanOrEqual(MOST_STEPS);
      console.info(`${steps.taken.length} steps: ${steps.taken.join(", ")}`);
    }));
});
