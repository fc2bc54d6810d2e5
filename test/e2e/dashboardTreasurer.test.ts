import type { Locator, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { movementsWire } from "#domains/accounts/wire.ts";
import type { billsWire } from "#domains/billing/wire.ts";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import { cardOf, expectShown, formats, rowsOf, valuesIn } from "./pageContent.fixture.ts";
import { countedSteps, picture } from "./steps.fixture.ts";

type Bills = z.infer<typeof billsWire>["bills"];
type ExplainedBill = z.infer<typeof explainedBillWire>;
type Movements = z.infer<typeof movementsWire>;

/** Orchard Walk 4 has sun. */
const MEMBER = { account: 27, part: "walk 4", name: "Orchard Walk 4" };
/** What a person does in two minutes, at some six seconds each. */
const MOST_STEPS = 20;

const micro = (text: string) => BigInt(text);
const sumOf = (values: readonly string[]) => values.reduce((sum, value) => sum + micro(value), 0n);
/** €1,234.50 as cents. */
const cents = (text: string) => BigInt(text.replace(/[^\d-]/g, ""));

describeDashboard("the treasurer's pages", someHours, (suite) => {
  let cookie: string;
  const get = <T>(path: string) => suite.market.get<T>(path, cookie);

  beforeAll(async () => {
    cookie = await suite.market.cookieOf(keyNames.operator);
  });

  it("answers an angry caller: member, month, day, interval, reason, statement, in few steps", () =>
    suite.visit("/", { cookie }, async ({ page }) => {
      const steps = countedSteps();
      const line = await dearestLine();
      await steps.take(
        "open the operator's page",
        page.getByRole("link", { name: "Operator" }).first().click(),
      );
      const find = page.getByRole("searchbox");
      await steps.take("type part of her name", find.fill(MEMBER.part));
      await steps.take("find", find.press("Enter"));
      await steps.take("open the member", page.getByRole("link", { name: new RegExp(MEMBER.name) }).click());
      await page.getByRole("heading", { name: MEMBER.name, level: 1 }).waitFor();
      await expectReconciled(page);
      const when = `${formats.date(line.startsAt)} ${formats.time(line.startsAt)}`;
      await steps.take("type the time", page.getByRole("searchbox").fill(when));
      await steps.take("go there", page.getByRole("searchbox").press("Enter"));
      const asked = cardOf(page, /^The interval of/);
      await asked.getByText(line.reason).waitFor();
      const total = micro(line.netMicro) + micro(line.beyondMicro ?? "0");
      const [, , whole, net, beyond] = await valuesIn(asked);
      expect([whole, net, beyond]).toEqual([String(total), line.netMicro, line.beyondMicro]);
      await expectReconciled(page);
      await picture(page, "treasurer-caller");
      const statement = page.getByRole("link", { name: /^Statement of/ });
      const [sheet] = await Promise.all([
        page.context().waitForEvent("page"),
        steps.take("open the statement", statement.click()),
      ]);
      await sheet.getByRole("heading", { name: /^Statement for/ }).waitFor();
      await expectStatement(sheet);
      await picture(sheet, "treasurer-statement");
      console.log(`${steps.taken.length} steps: ${steps.taken.join(", ")}`);
      expect(steps.taken.length).toBeLessThanOrEqual(MOST_STEPS);
    }));

  it("shows all members of a month; rows and columns add up as they are shown, and are the API's to the micro", () =>
    suite.visit("/operator", { cookie }, async ({ page }) => {
      await page.getByRole("link", { name: "All members and their bills" }).click();
      const { from, to } = await month();
      const { bills } = await get<{ bills: Bills }>(`/v1/bills?from=${from}&to=${to}&limit=500`);
      const table = page.getByRole("table", { name: "Bills of all members" });
      await expectShown(async () => (await rowsOf(table)).length, bills.length + 1);
      const shown = (await rowsOf(table)).map((row) => row.slice(5).map(cents));
      for (const row of shown) expect(row[0]! + row[1]! + row[2]!).toBe(row[3]);
      for (const column of [0, 1, 2, 3]) {
        const parts = shown.slice(0, -1).reduce((sum, row) => sum + row[column]!, 0n);
        expect(parts).toBe(shown.at(-1)![column]);
      }
      const exact = await table
        .locator("tbody tr")
        .evaluateAll((rows) =>
          rows.map((row) => [...row.querySelectorAll("data")].at(-1)!.getAttribute("value")),
        );
      expect(exact.slice(0, -1)).toEqual(bills.map(({ marketBillMicro }) => marketBillMicro));
      expect(exact.at(-1)).toBe(String(sumOf(bills.map(({ marketBillMicro }) => marketBillMicro))));
      await picture(page, "members");
    }));

  it("has all statements of a month on one page, and finds by a short hash as it is shown", () =>
    suite.visit("/members", { cookie }, async ({ page }) => {
      const [sheet] = await Promise.all([
        page.context().waitForEvent("page"),
        page.getByRole("link", { name: "All statements, to print" }).click(),
      ]);
      const { from, to } = await month();
      const { bills } = await get<{ bills: Bills }>(`/v1/bills?from=${from}&to=${to}&limit=500`);
      await expectShown(() => sheet.locator("article").count(), bills.length);
      const { owner } = await get<{ owner: string }>(`/v1/participants/${MEMBER.account}`);
      await page.getByRole("searchbox").fill(`${owner.slice(0, 8)}…${owner.slice(-4)}`);
      await page.getByRole("searchbox").press("Enter");
      await page
        .getByRole("link", { name: new RegExp(MEMBER.name) })
        .first()
        .waitFor();
    }));

  it("keeps a member's bill from who is signed in as another", async () => {
    const other = await suite.market.cookieOf(keyNames.supplier);
    await suite.visit(`/members/${MEMBER.account}`, { cookie: other }, async ({ page, requests }) => {
      await page.getByText(/Sign in to see a member’s bill/).waitFor();
      expect(requests.filter((url) => url.includes("/bill"))).toEqual([]);
    });
  });

  /** The line that cost her most. */
  async function dearestLine(): Promise<ExplainedBill["lines"][number]> {
    const { lines } = await get<ExplainedBill>(`/v1/participants/${MEMBER.account}/bill?limit=500`);
    const costOf = (line: (typeof lines)[number]) => micro(line.netMicro) + micro(line.beyondMicro ?? "0");
    return lines.reduce((dearest, line) => (costOf(line) > costOf(dearest) ? line : dearest));
  }

  /** The month that the market's clock is in, in Berlin. */
  async function month(): Promise<{ from: number; to: number }> {
    const { lines } = await get<ExplainedBill>(`/v1/participants/${MEMBER.account}/bill?limit=1`);
    const [year = 0, number = 0] = new Date(lines[0]!.startsAt * 1_000).toISOString().split("-").map(Number);
    const { startOfDate } = await import("../../dashboard/src/billing/span.ts");
    const first = (of: number) =>
      `${year + Math.floor((of - 1) / 12)}-${String(((of - 1) % 12) + 1).padStart(2, "0")}-01`;
    return {
      from: startOfDate(first(number), "Europe/Berlin"),
      to: startOfDate(first(number + 1), "Europe/Berlin"),
    };
  }

  /** Each column of the card adds up exactly and as it is shown; what passes the account is what the ledger says. */
  async function expectReconciled(page: Page): Promise<void> {
    const card = cardOf(page, "Where the money goes");
    const tables = card.getByRole("table");
    await expectShown(() => tables.count(), 2);
    for (const table of await tables.all()) {
      const [lines, foot] = [table.locator("tbody data"), table.locator("tfoot data")];
      expect(sumOf(await exactOf(lines))).toBe(sumOf(await exactOf(foot)));
      const shown = (await lines.allTextContents()).reduce((sum, text) => sum + cents(text), 0n);
      expect(shown).toBe(cents((await foot.textContent())!));
    }
    const through = (await exactOf(tables.first().locator("tbody data")))[0]!;
    const moved = tables.nth(1).locator("tr", { hasText: "Settled trades" }).locator("data");
    expect(micro(through)).toBe(-micro((await exactOf(moved))[0] ?? "0"));
  }

  async function expectStatement(sheet: Page): Promise<void> {
    for (const name of ["Issuer", "Number", "Period"]) await sheet.getByText(name, { exact: true }).waitFor();
    const figures = await sheet
      .locator("section", { hasText: "Where the money goes" })
      .locator("tr td:last-child")
      .allTextContents();
    const values = figures.filter((text) => /\d/.test(text)).map((text) => micro(text.replace(/[.,]/g, "")));
    expect(values.slice(0, -1).reduce((sum, value) => sum + value, 0n)).toBe(values.at(-1));
    const { movements } = await get<Movements>(`/v1/participants/${MEMBER.account}/movements?limit=1`);
    expect(movements).toHaveLength(1);
  }
});

function exactOf(data: Locator): Promise<string[]> {
  return data.evaluateAll((all) => all.map((each) => each.getAttribute("value") ?? ""));
}
