import type { Locator, Page } from "playwright-core";
import { createPublicClient, http } from "viem";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import { clearingHouseContract, participantRegistryContract } from "#domains/accounts/contracts.generated.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { movementsWire } from "#domains/accounts/wire.ts";
import type { explainedBillWire } from "#domains/billing/wireReasons.ts";
import type { seriesWire } from "#domains/billing/wireSeries.ts";
import type { devicesWire } from "#domains/metering/wire.ts";
import type { ordersWire } from "#domains/pool/wire.ts";
import type { communityWire } from "#domains/pool/wireCommunity.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { sessionStateWire } from "#platform/api/wireSession.ts";
import { accountOf, FIRST_ACCOUNT, PARTIES } from "#world/simulation/accounts.ts";
import type { Visit } from "./browser.fixture.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";
import { cardOf, expectShown, figureOf, formats, rowsOf, valuesIn } from "./pageContent.fixture.ts";

type Bill = z.infer<typeof explainedBillWire>;
type State = z.infer<typeof sessionStateWire>;

/** A home with sun that sells by day. */
const HOME = { name: "Orchard Walk 4", account: 27, key: keyNames.home("orchard-walk-4") };
/** Its metering point in the clearing house. */
const SEAT = seatOf({ areaId: 1, member: 27 });
/** A home that no other test here looks at. */
const OTHER_HOME = { account: 7, key: keyNames.home("mill-lane-4") };

/** The page shows the day that the market is in: 12 May 2025 in Berlin, from its midnight on. */
const RIVERSIDE_DAY = Date.parse("2025-05-12T00:00:00+02:00") / 1_000;

describeDashboard("the pages of a person", someHours, (suite) => {
  let cookie: string;
  let bill: Bill;
  const open = (path: string, look: (visit: Visit) => Promise<void>) => suite.visit(path, { cookie }, look);
  const ofHome = <T>(path: string) => suite.market.get<T>(`/v1/participants/${HOME.account}/${path}`, cookie);

  beforeAll(async () => {
    cookie = await suite.market.cookieOf(HOME.key);
    bill = await ofHome<Bill>("bill?limit=48");
  });

  it("shows nothing of anybody before one is signed in, and says what the demonstration's keys are", () =>
    suite.visit("/me", {}, async ({ page, requests }) => {
      const { demonstration } = await suite.market.get<State>("/v1/session");
      await page.getByRole("main").getByText(demonstration!.sentence).waitFor();
      await page.getByText("Sign in to see").waitFor();
      expect(requests.filter((url) => /\/(bill|series|movements)/.test(url))).toEqual([]);
    }));

  it("signs in with a role of the demonstration, changes the role, and forgets it on signing out", () =>
    suite.visit("/me", {}, async ({ page, requests }) => {
      await page.getByRole("main").getByRole("button", { name: "Mill Lane 1" }).click();
      await headingOf(page, "My energy: Mill Lane 1");
      await page.getByRole("button", { name: "Mill Lane 1" }).click();
      await page.getByRole("dialog").getByRole("button", { name: HOME.name }).click();
      await headingOf(page, `My energy: ${HOME.name}`);
      await cardOf(page, "My account").getByText(`account ${HOME.account}`).waitFor();
      await page.getByRole("button", { name: HOME.name }).click();
      const asked = requests.length;
      await page.getByRole("dialog").getByRole("button", { name: "Operator", exact: true }).click();
      await page.getByText("You are signed in as the operator").waitFor();
      await page.getByRole("button", { name: "Operator", exact: true }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByText("Sign in to see").waitFor();
      expect(await page.getByRole("region", { name: "My account" }).count()).toBe(0);
      // Nobody asks in another's name for what only the home may see.
      const later = requests.slice(asked).filter((url) => url.includes(`/v1/participants/${HOME.account}/`));
      expect(later).toEqual([]);
    }));

  it("shows what the day cost and saved, to the micro as the API says", () =>
    open("/me", async ({ page }) => {
      const { marketBillMicro, tariffBillMicro, savingMicro } = bill.bill!;
      const figureValues = (label: RegExp) => valuesIn(figureOf(page, label).locator(".figure-value"));
      await figureOf(page, /^You (paid|earned)/).waitFor();
      await expectShown(() => figureValues(/^You (paid|earned)/), [marketBillMicro.replace("-", "")]);
      await expectShown(() => figureValues(/tariff alone/), [savingMicro.replace("-", "")]);
      const statement = cardOf(page, "How the total is made");
      const parts = (await valuesIn(statement.locator("tbody td"))).map(BigInt);
      expect(parts.length).toBeGreaterThanOrEqual(2);
      const total = parts.reduce((sum, micro) => sum + micro, 0n);
      await expectShown(
        () => valuesIn(statement.locator("tfoot")),
        [String(total), tariffBillMicro, savingMicro.replace("-", "")],
      );
      expect(String(total)).toBe(marketBillMicro);
      await statement.getByText(bill.summary!).waitFor();
    }));

  it("explains each line, and its lines add up to the total", () =>
    open("/me", async ({ page }) => {
      const lines = cardOf(page, "Line by line").getByRole("listitem");
      await lines.first().waitFor();
      const shown = await lines.evaluateAll((all) =>
        all.map((line) => [
          line.querySelector("a")?.getAttribute("href"),
          line.querySelector("data")?.getAttribute("value"),
          line.querySelector("p")?.textContent,
        ]),
      );
      const amounts = bill.lines.map(({ netMicro, beyondMicro }) => BigInt(netMicro) + BigInt(beyondMicro!));
      const expected = bill.lines.map(({ areaId, intervalId, reason }, i) => [
        `/intervals/${areaId}/${intervalId}`,
        String(amounts[i]).replace("-", ""),
        reason,
      ]);
      expect(shown.length).toBeGreaterThanOrEqual(10);
      expect(shown).toEqual(expected.slice(0, shown.length));
      const sum = amounts.reduce((total, micro) => total + micro, 0n);
      expect(String(sum)).toBe(bill.bill!.marketBillMicro);
    }));

  it("draws what was used and generated, with every interval in the table behind it", () =>
    open("/me", async ({ page }) => {
      const { today } = await suite.market.get<z.infer<typeof communityWire>>("/v1/community");
      const series = await ofHome<z.infer<typeof seriesWire>>(`series?from=${today.from}&to=${today.to}`);
      const card = cardOf(page, /^Used and generated/);
      await card.getByText("Show as table").first().click();
      const rows = await rowsOf(card.getByRole("table").first());
      const kwh = (wh: number | null | undefined) =>
        wh === null || wh === undefined ? "–" : (wh / 1_000).toFixed(2);
      expect(rows.reverse()).toEqual(
        series.startsAt.map((at, i) => [formats.dateTime(at), kwh(series.pvWh[i]), kwh(series.loadWh[i])]),
      );
      await expectShown(() => card.locator("canvas").count(), 2);
    }));

  it("lists the orders with what became of each, and shows the meter's key", () =>
    open("/me", async ({ page }) => {
      const { orders } = await ofHome<z.infer<typeof ordersWire>>("orders?limit=10");
      const links = cardOf(page, /^My orders/).locator('a[href^="/orders/"]');
      await expectShown(
        () => hrefsOf(links),
        orders.map(({ orderId }) => `/orders/${orderId}`),
      );
      const { meters } = await ofHome<z.infer<typeof devicesWire>>("devices");
      const meter = meters[0]!;
      expect([meters.length, meter.member]).toEqual([1, HOME.account]);
      const card = cardOf(page, "My meter");
      for (const hash of [meter.meterId, ...meter.devices.map(({ deviceKey }) => deviceKey)])
        await card.getByTitle(hash).first().waitFor();
      await card.getByText(`connection of ${formats.capacity(meter.capacityW)}`).waitFor();
    }));

  it("shows the account's money as the chain has it, and how it moved", () =>
    open("/me", async ({ page }) => {
      const account = cardOf(page, "My account");
      await account.locator(".balances").waitFor();
      const [free, margin, escrow] = await valuesIn(account.locator(".balances strong"));
      const { chain } = await suite.market.get<State>("/v1/session");
      const house = { address: chain.contracts.clearingHouse as Address, abi: clearingHouseContract.abi };
      const client = createPublicClient({ transport: http(`${suite.market.origin}/rpc`) });
      expect(free).toBe(
        String(await client.readContract({ ...house, functionName: "freeMicro", args: [HOME.account] })),
      );
      const args = [chain.contracts.poolMarket as Address, SEAT] as const;
      expect(margin).toBe(String(await client.readContract({ ...house, functionName: "marginMicro", args })));
      const { movements } = await ofHome<z.infer<typeof movementsWire>>("movements?limit=500");
      const sumOf = (key: "freeMicro" | "marginMicro" | "escrowMicro") =>
        String(movements.reduce((sum, movement) => sum + BigInt(movement[key]), 0n));
      expect([free, margin, escrow]).toEqual([
        sumOf("freeMicro"),
        sumOf("marginMicro"),
        sumOf("escrowMicro"),
      ]);
    }));

  it("pages through the movements of money, up to the last of them", async () => {
    // The supplier stands behind every interval: its money moves twice in each.
    const ofSupplier = await suite.market.cookieOf(keyNames.supplier);
    const supplier = accountOf({ firstAccount: FIRST_ACCOUNT }, PARTIES.supplier);
    const path = `/v1/participants/${supplier}/movements?from=${RIVERSIDE_DAY}&limit=20&offset=10`;
    const { movements } = await suite.market.get<z.infer<typeof movementsWire>>(path, ofSupplier);
    expect(movements.length).toBeGreaterThan(0);
    await suite.visit("/me", { cookie: ofSupplier }, async ({ page }) => {
      const card = cardOf(page, "How my money moved");
      const links = card.locator('tbody a[href^="/transactions/"]');
      const expected = movements.map(({ transactionHash }) => `/transactions/${transactionHash}`);
      await card.getByRole("checkbox", { name: /between free, margin and reserved/ }).check();
      await card.getByRole("button", { name: "Older" }).click();
      await expectShown(() => hrefsOf(links), expected.slice(0, 10));
      const older = card.getByRole("button", { name: "Older" });
      expect(await older.isDisabled()).toBe(movements.length <= 10);
    });
  });

  it("announces margin with the demonstration's key: the chain has it, and the page says until when", () =>
    open("/me", async ({ page }) => {
      const account = cardOf(page, "My account");
      await account.getByText("Take margin out").click();
      await account.getByText(/can be taken out for 60 min, then the notice lapses/).waitFor();
      await account.getByLabel(/^Amount/).fill("12.5");
      await account.getByRole("button", { name: "Take margin out" }).click();
      await account.getByText(/^Done:/).waitFor();
      await account.getByText("of margin is announced to leave").waitFor();
      const { chain } = await suite.market.get<State>("/v1/session");
      const client = createPublicClient({ transport: http(`${suite.market.origin}/rpc`) });
      const [amountMicro] = await client.readContract({
        address: chain.contracts.clearingHouse as Address,
        abi: clearingHouseContract.abi,
        functionName: "noticeOf",
        args: [chain.contracts.poolMarket as Address, SEAT],
      });
      expect(amountMicro).toBe(12_500_000n);
    }));

  it("lets another key sign orders from an hour later on: the registry has it, and the page says from when", async () => {
    const ofOther = await suite.market.cookieOf(OTHER_HOME.key);
    const agent = `0x${"a1".repeat(20)}`;
    await suite.visit("/me", { cookie: ofOther }, async ({ page }) => {
      const signer = cardOf(page, "Who signs my orders");
      await signer.getByText("your own key").waitFor();
      await signer.getByLabel("Address of the key that signs orders").fill("0x12");
      await signer.getByText("Write an address: 0x and 40 hexadecimal digits.").waitFor();
      const send = signer.getByRole("button", { name: "Let this key sign my orders" });
      expect(await send.isDisabled()).toBe(true);
      await signer.getByLabel("Address of the key that signs orders").fill(agent);
      await send.click();
      await signer.getByText(/^Done:/).waitFor();
      const { chain } = await suite.market.get<State>("/v1/session");
      const client = createPublicClient({ transport: http(`${suite.market.origin}/rpc`) });
      const [, from, nextSigner] = await client.readContract({
        address: chain.contracts.registry as Address,
        abi: participantRegistryContract.abi,
        functionName: "signings",
        args: [OTHER_HOME.account],
      });
      expect(nextSigner.toLowerCase()).toBe(agent);
      await signer.getByText("For gates that close from").waitFor();
      await signer.getByText(formats.withZone(from), { exact: true }).waitFor();
      await signer.getByTitle(agent).waitFor();
      // Until the change is an hour in force, there is no other.
      await signer.getByText(formats.withZone(from + 3_600)).waitFor();
      expect(await send.count()).toBe(0);
    });
  });

  it("gives the statement to print and everything as CSV", () =>
    open("/me", async ({ page }) => {
      const card = cardOf(page, "To keep");
      await card.getByRole("link").first().waitFor();
      const hrefs = await card
        .getByRole("link")
        .evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
      const answers = await Promise.all(hrefs.map((href) => page.request.get(href)));
      expect(
        answers.map((answer) => [answer.status(), answer.headers()["content-type"]?.split(";")[0]]),
      ).toEqual([
        [200, "text/html"],
        [200, "text/csv"],
        [200, "text/csv"],
        [200, "text/csv"],
      ]);
      const [statement = "", lines = ""] = await Promise.all(answers.map((answer) => answer.text()));
      expect(statement).toContain(HOME.name);
      expect(lines.trim().split(/\r?\n/)).toHaveLength(bill.bill!.intervals + 1);
      await page.goto(hrefs[0]!);
      await page.getByRole("heading", { level: 1 }).waitFor();
    }));
});

function hrefsOf(links: Locator): Promise<(string | null)[]> {
  return links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
}

async function headingOf(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name }).waitFor();
}
