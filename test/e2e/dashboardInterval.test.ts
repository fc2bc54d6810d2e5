import type { Page } from "playwright-core";
import { createPublicClient, http, parseEventLogs } from "viem";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { participantsWire } from "#domains/accounts/wire.ts";
import { poolMarketContract } from "#domains/pool/contracts.generated.ts";
import type { intervalsWire, intervalWire, ordersWire, tradesWire } from "#domains/pool/wire.ts";
import type { evidenceWire } from "#domains/pool/wireEvidence.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { Visit } from "./browser.fixture.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import {
  amountsOf,
  cardOf,
  expectShown,
  figureOf,
  formats,
  rowsOf,
  tableBehind,
  valuesIn,
} from "./pageContent.fixture.ts";

type Interval = z.infer<typeof intervalWire>;

describeDashboard("the page of an interval", someHours, (suite) => {
  let interval: Interval;
  let nameOf: (account: number) => string;
  const open = (look: (visit: Visit) => Promise<void>, others: string[] = []) =>
    suite.visit(`/intervals/1/${interval.intervalId}`, { others }, look);

  beforeAll(async () => {
    const settled = await suite.market.get<z.infer<typeof intervalsWire>>(
      "/v1/intervals?status=settled&limit=1",
    );
    interval = settled.intervals[0]!;
    const { participants } = await suite.market.get<z.infer<typeof participantsWire>>(
      "/v1/participants?limit=500",
    );
    nameOf = (account) => participants.find((one) => one.account === account)!.name!;
  });

  it("shows price, energy, gain and grid fee as the API says", () =>
    open(async ({ page }) => {
      const figureValues = (label: string) => valuesIn(figureOf(page, label).locator(".figure-value"));
      await figureOf(page, "Price for everybody").waitFor();
      await expectShown(() => figureValues("Price for everybody"), [interval.clearingPriceMicroPerKwh]);
      await expectShown(() => figureValues("Contracted energy"), [interval.clearedWh]);
      await expectShown(() => figureValues("Gained by trading"), [interval.welfareMicro]);
      await expectShown(() => figureValues("Grid fee"), [interval.gridFeeMicro]);
      const { trades, orders } = interval;
      await figureOf(page, "Contracted energy")
        .getByText(`in ${trades} trades from ${orders} orders, before delivery`)
        .waitFor();
    }));

  it("shows every order of the book and what was filled of it", () =>
    open(async ({ page }) => {
      const { orders } = await suite.market.get<z.infer<typeof ordersWire>>(
        `/v1/intervals/1/${interval.intervalId}/orders?limit=500`,
      );
      const table = await tableBehind(cardOf(page, "Why this price?"));
      const expected = orders.map(({ side, account, limitPriceMicroPerKwh, energyWh, fillWh }) =>
        [
          side,
          nameOf(account),
          formats.price(limitPriceMicroPerKwh),
          formats.fineEnergy(energyWh),
          formats.fineEnergy(fillWh!),
        ].join(),
      );
      await expectShown(async () => (await rowsOf(table)).map((row) => row.join()).sort(), expected.sort());
    }));

  it("names the order behind a step, on pointing and by keyboard", () =>
    open(async ({ page }) => {
      const card = cardOf(page, "Why this price?");
      await card.getByRole("img").hover({ position: { x: 90, y: 60 } });
      await card.getByText(/^Bid of /).waitFor();
      await card.getByRole("button", { name: "Next order" }).focus();
      await page.keyboard.press("Enter");
      await card.getByText(/^(Bid|Offer) of /).waitFor();
      expect(await card.getByRole("link", { name: "Why?" }).getAttribute("href")).toMatch(/^\/orders\/0x/);
    }));

  it("lists the trades", () =>
    open(async ({ page }) => {
      const { trades } = await suite.market.get<z.infer<typeof tradesWire>>(
        `/v1/trades?areaId=1&intervalId=${interval.intervalId}&limit=500`,
      );
      const table = cardOf(page, "Trades").getByRole("table");
      const shown = trades.slice(0, 20);
      await expectShown(
        async () => (await rowsOf(table)).map(([seller, buyer]) => [seller, buyer]),
        shown.map(({ seller, buyer }) => [nameOf(seller), nameOf(buyer)]),
      );
      await expectShown(
        () => amountsOf(table),
        shown.map(({ energyWh, priceMicroPerKwh }) => [energyWh, priceMicroPerKwh]),
      );
      const sum = trades.reduce((total, { energyWh }) => total + BigInt(energyWh), 0n);
      expect(String(sum)).toBe(interval.clearedWh);
    }));

  it("shows payments that sum to zero, with the chain's grid fee among them", () =>
    open(async ({ page }) => {
      const card = cardOf(page, "Payments sum to zero");
      await card.getByText("Sum of all payments").waitFor();
      const sideSum = async (title: string) => {
        const side = card.locator("section", { has: page.getByRole("heading", { name: title }) });
        const values = (await valuesIn(side)).map(BigInt);
        const together = values.pop()!;
        expect(values.reduce((sum, micro) => sum + micro, 0n)).toBe(together);
        const shown = (await side.locator("data").allTextContents()).map(fineUnits);
        expect(shown.slice(0, -1).reduce((sum, each) => sum + each, 0)).toBe(shown.at(-1));
        return together;
      };
      expect(await sideSum("Pay")).toBe(await sideSum("Get"));
      expect((await valuesIn(card)).at(-1)).toBe("0");
      const dso = card.locator("li", { hasText: "grid fee" });
      await expectShown(() => valuesIn(dso), [String(await gridFeeOnChain())]);
    }));

  it("shows what each participant paid as its balances moved, and asks for the evidence once", () =>
    open(async ({ page, requests }) => {
      const { movements, parties } = await suite.market.get<z.infer<typeof evidenceWire>>(
        `/v1/intervals/1/${interval.intervalId}/evidence`,
      );
      const paid = new Map<number, bigint>();
      const accountOf = new Map(movements.map(({ member, account }) => [member, account]));
      for (const { member, kind, marginMicro } of movements)
        if (member !== parties.supplier && ["reserved", "settled"].includes(kind))
          paid.set(member, (paid.get(member) ?? 0n) - BigInt(marginMicro));
      const table = cardOf(page, "Contracted and metered").getByRole("table");
      await table.waitFor();
      const expected = [...paid].sort(([a], [b]) => a - b);
      expect(expected.length).toBeGreaterThan(5);
      expect((await amountsOf(table)).map((amounts) => amounts.at(-1))).toEqual(
        expected.map(([, micro]) => String(micro)),
      );
      await expectShown(
        async () => (await rowsOf(table)).map(([name]) => name),
        expected.map(([member]) => nameOf(accountOf.get(member)!)),
      );
      expect(requests.filter((url) => url.endsWith("/evidence"))).toHaveLength(1);
    }));

  it("leads to its neighbours, and says where there is none", async () => {
    const { intervals } = await suite.market.get<z.infer<typeof intervalsWire>>(
      "/v1/intervals?areaId=1&limit=500",
    );
    const [newest, second, first] = [intervals[0]!, intervals[1]!, intervals.at(-1)!];
    await suite.visit(`/intervals/1/${newest.intervalId}`, {}, async ({ page }) => {
      await page.getByText("the newest so far").waitFor();
      expect(await page.getByRole("button", { name: "Later" }).isDisabled()).toBe(true);
      await page.getByRole("link", { name: "Earlier" }).click();
      await page
        .getByRole("heading", { level: 1, name: formats.span(second.startsAt, second.endsAt) })
        .waitFor();
      await page.getByRole("link", { name: "Later" }).waitFor();
      await page.goto(`/intervals/1/${first.intervalId}`);
      await page.getByText("; the first").waitFor();
      expect(await page.getByRole("button", { name: "Earlier" }).isDisabled()).toBe(true);
    });
  });

  it("shows the chain behind it: the transactions, blocks and gas of the chain's own receipts", () =>
    open(async ({ page }) => {
      const table = cardOf(page, "The chain behind it").getByRole("table");
      await table.waitFor();
      const rows = await rowsOf(table);
      const receipts = await receiptsOf(page);
      expect(receipts.length).toBeGreaterThanOrEqual(3);
      expect(rows.map(([, , block, gas]) => [block, gas])).toEqual(
        receipts.map(({ blockNumber, gasUsed }) => [formats.count(blockNumber), formats.count(gasUsed)]),
      );
      const gas = receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
      expect(String(gas)).toBe(interval.gasUsed);
      expect(receipts.every(({ status }) => status === "success")).toBe(true);
    }));

  it("is checked in the browser with the server's data", () =>
    open(async ({ page }) => {
      await page.getByRole("button", { name: "Check this interval" }).click();
      await expectPassed(page);
    }));

  it.each([
    ["at the page's own address", ""],
    ["at an address of another origin", "localhost"],
  ])("is checked with the data of a node %s", (_where, hostname) => {
    const node = new URL("/rpc", suite.market.origin);
    if (hostname !== "") node.hostname = hostname;
    return open(
      async ({ page, requests }) => {
        await page.getByRole("radio", { name: /a node of the chain/ }).check();
        await page.getByLabel("Address of the node").fill(node.href);
        await page.getByRole("button", { name: "Check this interval" }).click();
        await expectPassed(page);
        expect(requests.filter((asked) => asked === node.href).length).toBeGreaterThan(3);
        // Both are names of one gateway, which is no second opinion.
        expect(await page.locator('[data-node="gateway"]').textContent()).toMatch(/own gateway/);
        expect(await page.locator("[data-independent]").getAttribute("data-independent")).toBe("false");
        await page.getByLabel("Address of the node").fill("https://node.example/rpc");
        await page.locator('[data-node="elsewhere"]').waitFor();
        await page.getByLabel("Address of the node").fill(node.href);
        const comparison = page.locator('[data-step="serverAgainstChain"]');
        expect(await comparison.getAttribute("data-status")).toBe("passed");
        await page.getByLabel("What to change a byte in").selectOption("position");
        await page.getByRole("button", { name: "Change one byte, check again" }).click();
        await page.locator('[data-verdict="failed"]').waitFor();
        expect(await comparison.getAttribute("data-status")).toBe("failed");
      },
      [node.origin],
    );
  });

  it.each(["order", "reading", "position", "payment"])(
    "fails by name when a byte of a %s is changed",
    (choice) =>
      open(async ({ page }) => {
        await page.getByLabel("What to change a byte in").selectOption(choice);
        await page.getByRole("button", { name: "Change one byte, check again" }).click();
        await page.locator('[data-verdict="failed"]').waitFor();
        const changed = await page.getByText("Changed on purpose").textContent();
        const member = /member \d+/.exec(changed!)![0];
        const findings = await page.locator('[data-status="failed"]').allTextContents();
        expect(findings.join("\n")).toMatch(new RegExp(`${member}\\b`));
        await page.getByRole("button", { name: "Check this interval" }).click();
        await expectPassed(page);
      }),
  );

  async function expectPassed(page: Page): Promise<void> {
    const answer = page.locator("[data-verdict]").or(page.getByRole("alert"));
    await answer.waitFor();
    await expectShown(() => page.locator('[data-status="failed"]').allTextContents(), []);
    expect(await answer.textContent()).toMatch(/All that could be checked is right/);
    await page.locator('[data-verdict="passed"]').waitFor();
    const steps = page.getByRole("list", { name: "Steps of the check" }).locator("li");
    for (const step of await steps.all()) expect(await step.getAttribute("data-status")).toBe("passed");
  }

  async function receiptsOf(page: Page) {
    const links = page.locator('a[href^="/transactions/0x"]');
    const hashes = await links.evaluateAll((all) => all.map((link) => link.getAttribute("title") as Hex));
    const client = createPublicClient({ transport: http(`${suite.market.origin}/rpc`) });
    return Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })));
  }

  async function gridFeeOnChain(): Promise<bigint> {
    const client = createPublicClient({ transport: http(`${suite.market.origin}/rpc`) });
    const logs = await client.getLogs({ fromBlock: 0n });
    const pages = parseEventLogs({ abi: poolMarketContract.abi, logs, eventName: "PageSettled" });
    return pages
      .filter(({ args }) => args.intervalId === interval.intervalId)
      .reduce((sum, { args }) => sum + args.gridFeeMicro, 0n);
  }
});

/** Money with four decimals as it is shown, in ten-thousandths. */
function fineUnits(text: string): number {
  return Number(text.replace(/[^\d]/g, ""));
}
