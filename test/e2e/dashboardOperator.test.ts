import type { Page } from "playwright-core";
import { createPublicClient, http } from "viem";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { ordersWire, tradesWire } from "#domains/pool/wire.ts";
import type { operatorWire } from "#domains/pool/wireOperator.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { auditWire, trailWire, transactionWire } from "#platform/api/wireAudit.ts";
import type { sessionStateWire } from "#platform/api/wireSession.ts";
import type { Visit } from "./browser.fixture.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import { cardOf, expectShown, figureOf, formats, rowsOf, valuesIn } from "./pageContent.fixture.ts";

type Operator = z.infer<typeof operatorWire>;
type Trade = z.infer<typeof tradesWire>["trades"][number];

describeDashboard("the pages of the operator and the auditor", someHours, (suite) => {
  let cookie: string;
  let operator: Operator;
  let trade: Trade;
  const open = (path: string, look: (visit: Visit) => Promise<void>) => suite.visit(path, { cookie }, look);
  const chain = () => createPublicClient({ transport: http(`${suite.market.origin}/rpc`) });

  beforeAll(async () => {
    cookie = await suite.market.cookieOf(keyNames.operator);
    operator = await suite.market.get<Operator>("/v1/operator", cookie);
    const { trades } = await suite.market.get<z.infer<typeof tradesWire>>("/v1/trades?areaId=1&limit=500");
    trade = trades.reduce((oldest, one) => (one.intervalId < oldest.intervalId ? one : oldest));
  });

  it("shows the operator's desk to the operator alone", () =>
    suite.visit("/operator", {}, async ({ page, requests }) => {
      await page.getByText("Sign in to see what needs the operator").waitFor();
      expect(requests.filter((url) => url.endsWith("/v1/operator"))).toEqual([]);
      await page.getByRole("main").getByRole("button", { name: "Operator" }).click();
      await page.getByRole("heading", { name: /^Nothing needs you/ }).waitFor();
    }));

  it("shows health, throughput and gas as the API says, and the gas as the chain does", () =>
    open("/operator", async ({ page }) => {
      await cardOf(page, "Health").getByText(`all ${operator.health.length} up`).waitFor();
      const names = await cardOf(page, "Health").locator("strong").allTextContents();
      expect(names.map((name) => name.toLowerCase())).toEqual(operator.health.map(({ name }) => name));
      const { throughput, spending } = operator;
      const figure = (label: string) => figureOf(page, label).locator(".figure-value").textContent();
      await expectShown(() => figure("Intervals settled"), formats.count(throughput.settledIntervals));
      await expectShown(() => figure("Orders"), formats.count(throughput.orders));
      await expectShown(() => figure("Trades"), formats.count(throughput.trades));
      await expectShown(() => valuesIn(figureOf(page, "Contracted locally")), [throughput.clearedWh]);

      const card = cardOf(page, "Gas and money");
      await expectShown(() => valuesIn(card), [spending.gridFeeMicro, spending.remainderMicro]);
      const gas = (await rowsOf(card.getByRole("table"))).map((row) =>
        BigInt(row.at(-1)!.replaceAll(",", "")),
      );
      expect(gas.reduce((sum, each) => sum + each, 0n)).toBe(BigInt(spending.gasUsed));
      const ofPool = ["clear", "settle", "announceTerms", "acceptSupply"];
      const told = spending.byPurpose.filter(({ purpose }) =>
        purpose?.split("+").every((call) => ofPool.includes(call)),
      );
      expect(told.reduce((sum, { gasUsed }) => sum + BigInt(gasUsed), 0n)).toBe(await gasOfPoolOnChain());
    }));

  it("says what to do about an order that was refused", async () => {
    const interval = (await suite.market.get<{ areas: { next: { intervalId: number } }[] }>("/v1/prices"))
      .areas[0]!.next;
    const order = {
      areaId: 1,
      intervalId: interval.intervalId,
      member: 4,
      side: "bid",
      limitPriceMicroPerKwh: 200_000,
      energyWh: 100,
      sequence: 0,
      signature: `0x${"11".repeat(64)}`,
    };
    const answer = await fetch(`${suite.market.origin}/v1/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
    });
    expect(answer.ok).toBe(false);
    const { exceptions } = await suite.market.get<Operator>("/v1/operator", cookie);
    const refused = exceptions.find(({ kind }) => kind === "refusedOrder")!;
    await open("/operator", async ({ page }) => {
      const item = page.getByRole("listitem").filter({ hasText: refused.title });
      await item.getByText(refused.whatToDo).waitFor();
      await item.getByRole("link").first().waitFor();
    });
  });

  it("runs the audit on asking, and shows what was checked, up to the chain's own block", () =>
    open("/audit", async ({ page }) => {
      await page.getByRole("button", { name: /^Audit (now|again)$/ }).click();
      await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
      const { last } = await suite.market.get<z.infer<typeof auditWire>>("/v1/audit");
      expect(last).toMatchObject({ verdict: "clean", discrepancy: null });
      const block = await chain().getBlock({ blockNumber: BigInt(last!.toBlock!) });
      expect(last!.toBlockHash).toBe(block.hash);
      const rows = await rowsOf(cardOf(page, "What was checked").getByRole("table"));
      expect(rows.map((row) => row.at(-1))).toHaveLength(Object.keys(last!.checked).length);
      expect(rows.find(([kind]) => kind === "Trades")!.at(-1)).toBe(
        formats.count(last!.checked["pool.trades"]!),
      );
      expect(last!.checked["pool.trades"]).toBe(operator.throughput.trades);
      await page.getByTitle(last!.toBlockHash!).waitFor();
    }));

  it("finds an order and follows it from its signature to its payment", () =>
    open("/audit", async ({ page }) => {
      await lookUp(page, trade.offerOrderId);
      await page.locator(`a[href="/orders/${trade.offerOrderId}"]`).click();
      const trail = await suite.market.get<z.infer<typeof trailWire>>(
        `/v1/orders/${trade.offerOrderId}/trail`,
        cookie,
      );
      const stages = trail.steps.map(({ stage }) => stage);
      expect(stages[0]).toBe("signed");
      expect(stages.at(-1)).toBe("paid");
      const card = cardOf(page, "From signature to payment");
      for (const { sentence } of trail.steps) await card.getByText(beforeHash(sentence)).first().waitFor();
      const hashes = trail.steps.flatMap(({ transactionHash }) => transactionHash ?? []);
      const links = card.locator('a[href^="/transactions/"]');
      const hrefs = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
      expect(hrefs).toEqual(hashes.map((hash) => `/transactions/${hash}`));
      await links.last().click();
      await page.getByRole("heading", { level: 1, name: "Transaction" }).waitFor();
    }));

  it("finds a reading and a participant", () =>
    open("/audit", async ({ page }) => {
      const id = `1/${trade.intervalId}/${trade.sellerMember}`;
      await lookUp(page, id);
      const trail = await suite.market.get<z.infer<typeof trailWire>>(
        `/v1/intervals/1/${trade.intervalId}/readings/${trade.sellerMember}/trail`,
        cookie,
      );
      for (const { sentence } of trail.steps) await page.getByText(beforeHash(sentence)).first().waitFor();
      await lookUp(page, "Mill Lane 3");
      await page
        .getByRole("main")
        .getByRole("link", { name: /Mill Lane 3/ })
        .click();
      await page.getByRole("heading", { level: 1, name: "Mill Lane 3" }).waitFor();
      const { orders } = await suite.market.get<z.infer<typeof ordersWire>>(
        "/v1/participants/6/orders?limit=10",
        cookie,
      );
      const links = cardOf(page, /^Its orders/).locator('a[href^="/orders/"]');
      await expectShown(() => links.count(), orders.length);
    }));

  it("shows a transaction as the chain's receipt has it", async () => {
    const { transactions } = await suite.market.get<{ transactions: { transactionHash: Hex }[] }>(
      `/v1/intervals/1/${trade.intervalId}/evidence`,
    );
    const hash = transactions[0]!.transactionHash;
    const receipt = await chain().getTransactionReceipt({ hash });
    const told = await suite.market.get<z.infer<typeof transactionWire>>(`/v1/transactions/${hash}`);
    await open(`/transactions/${hash}`, async ({ page }) => {
      const facts = cardOf(page, "On the chain");
      await facts.getByText(formats.count(receipt.blockNumber), { exact: true }).waitFor();
      await facts.getByText(formats.count(receipt.gasUsed), { exact: true }).waitFor();
      await facts.getByTitle(receipt.from).first().waitFor();
      await cardOf(page, "What it did").getByText(`${told.events.length} events`).waitFor();
    });
  });

  async function lookUp(page: Page, text: string): Promise<void> {
    await page.getByRole("searchbox").fill(text);
    await page.getByRole("button", { name: "Look up" }).click();
    await page.getByRole("list", { name: `Found for ${text}` }).waitFor();
  }

  /** Gas of all transactions to the market's contract, block by block. */
  async function gasOfPoolOnChain(): Promise<bigint> {
    const { chain: place } = await suite.market.get<z.infer<typeof sessionStateWire>>("/v1/session");
    const client = chain();
    const head = await client.getBlockNumber();
    let gas = 0n;
    for (let number = 0n; number <= head; number += 1n) {
      const { transactions } = await client.getBlock({ blockNumber: number });
      const receipts = await Promise.all(transactions.map((hash) => client.getTransactionReceipt({ hash })));
      for (const { to, gasUsed } of receipts) if (to === place.contracts.poolMarket) gas += gasUsed;
    }
    return gas;
  }
});

/** Pages show hashes in short. */
function beforeHash(sentence: string): string {
  return sentence.slice(0, `${sentence}0x`.indexOf("0x")).trim();
}
