import type { Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import type { ordersWire, pricesWire } from "#domains/pool/wire.ts";
import type { concernsWire } from "#platform/api/wireConcerns.ts";
import { startNextDayCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";
import { cardOf, expectShown, figureOf, valuesIn } from "./pageContent.fixture.ts";

/* A member with a phone: is something wrong, what did yesterday cost, and why its dearest quarter of an hour? */

const HOME = { account: 27, key: keyNames.home("orchard-walk-4") };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

type Bill = z.infer<typeof explainedBillWire>;

describeDashboard("a member with a phone", startNextDayCommunity, (suite) => {
  let cookie: string;
  const open = (path: string, look: (page: Page) => Promise<void>) =>
    suite.visit(path, { cookie, ...PHONE }, ({ page }) => look(page));
  const ofHome = <T>(path: string) => suite.market.get<T>(`/v1/participants/${HOME.account}/${path}`, cookie);

  beforeAll(async () => {
    cookie = await suite.market.cookieOf(HOME.key);
  });

  it("reads whether something is wrong without a step, with what was looked at", () =>
    open("/me", async (page) => {
      const { concerns, lookedAt } = await ofHome<z.infer<typeof concernsWire>>("concerns");
      expect(concerns.filter(({ severity }) => severity === "act")).toEqual([]);
      const card = cardOf(page, /^Nothing (is wrong|needs you)/);
      await card.waitFor();
      await expectShown(() => card.getByRole("listitem").count(), concerns.length);
      const costs = concerns.flatMap(({ costMicro }) => (costMicro === null ? [] : [costMicro]));
      await expectShown(() => valuesIn(card), costs);
      for (const { what } of lookedAt) await card.getByText(what).waitFor();
      expect(await isAbove(page, /^Nothing (is wrong|needs you)/, "Line by line")).toBe(true);
    }));

  it("finds in two steps what yesterday cost, and why the dearest line did", () =>
    open("/me", async (page) => {
      let steps = 0;
      const step = async (act: Promise<unknown>) => {
        steps += 1;
        await act;
      };
      await cardOf(page, "Line by line").waitFor();
      await step(page.getByRole("link", { name: "Previous day" }).tap());
      await page.waitForURL(/at=/);
      const { from, to } = await downloadedTime(page);
      const bill = await ofHome<Bill>(`bill?from=${from}&to=${to}&order=dearest&limit=1`);
      const paid = figureOf(page, /^You (paid|earned)/).locator(".figure-value");
      await expectShown(() => valuesIn(paid), [bill.bill!.marketBillMicro.replace("-", "")]);
      await step(page.getByLabel("Order of the lines").selectOption("dearest"));
      const first = cardOf(page, "Line by line").getByRole("listitem").first();
      const dearest = bill.lines[0]!;
      await first.getByText(dearest.reason).waitFor();
      const cost = BigInt(dearest.netMicro) + BigInt(dearest.beyondMicro!);
      expect((await valuesIn(first))[0]).toBe(String(cost).replace("-", ""));
      expect(steps).toBe(2);
      const width = await page.locator("html").evaluate((html) => html.scrollWidth);
      expect(width).toBeLessThanOrEqual(390);
    }));

  it("has every list and download of the page obey the day", () =>
    open("/me", async (page) => {
      await page.getByRole("link", { name: "Previous day" }).tap();
      await page.waitForURL(/at=/);
      const during = await downloadedTime(page);
      const { orders } = await ofHome<z.infer<typeof ordersWire>>(
        `orders?from=${during.from}&to=${during.to}&limit=10`,
      );
      expect(orders.length).toBeGreaterThan(0);
      const links = cardOf(page, /^My orders/).locator('a[href^="/orders/"]');
      await expectShown(
        () => links.evaluateAll((all) => all.map((link) => link.getAttribute("href"))),
        orders.map(({ orderId }) => `/orders/${orderId}`),
      );
      const csv = await (
        await page.request.get(
          `/v1/participants/${HOME.account}/bill.csv?from=${during.from}&to=${during.to}`,
        )
      ).text();
      const { bill } = await ofHome<Bill>(`bill?from=${during.from}&to=${during.to}&limit=1`);
      expect(csv.trim().split(/\r?\n/)).toHaveLength(bill!.intervals + 1);
    }));

  it("opens a day of the week into its intervals, and says why a month can't be forecast yet", () =>
    open("/me?span=week", async (page) => {
      const card = cardOf(page, "Line by line");
      await card.locator("summary").last().tap();
      await card.getByRole("listitem").first().waitFor();
      expect(await card.getByRole("listitem").count()).toBeGreaterThan(16);
      await page.getByText(/can’t be forecast yet: that takes 3 whole days/).waitFor();
    }));

  it("is told of an order that somebody else signed in its name", async () => {
    const { areas } = await suite.market.get<z.infer<typeof pricesWire>>("/v1/prices");
    const { areaId, next } = areas[0]!;
    const answer = await fetch(`${suite.market.origin}/v1/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ areaId, intervalId: next.intervalId + 8, member: HOME.account, side: "offer", sequence: 0 },
        ...{ limitPriceMicroPerKwh: 200_000, energyWh: 100, signature: `0x${"11".repeat(64)}` },
      }),
    });
    expect(await answer.json()).toMatchObject({ reason: "invalidSignature" });
    await open("/me", async (page) => {
      const card = cardOf(page, "One thing needs you");
      await card.getByText("Somebody tried to trade in your name").waitFor();
      await card.getByText(/It took part in nothing and cost nothing/).waitFor();
    });
  });
});

/** The time of the page's downloads. */
async function downloadedTime(page: Page): Promise<{ from: string; to: string }> {
  const href = await cardOf(page, "To keep")
    .getByRole("link", { name: /^Bill, line by line/ })
    .getAttribute("href");
  const query = new URL(href!, "http://page").searchParams;
  return { from: query.get("from")!, to: query.get("to")! };
}

async function isAbove(page: Page, upper: RegExp, lower: string): Promise<boolean> {
  const [one, other] = await Promise.all([
    cardOf(page, upper).boundingBox(),
    cardOf(page, lower).boundingBox(),
  ]);
  return one!.y < other!.y;
}
