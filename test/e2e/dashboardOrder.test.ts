import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { intervalWire, ordersWire, pricesWire } from "#domains/pool/wire.ts";
import type { explanationWire } from "#domains/pool/wireExplanation.ts";
import type { sessionStateWire } from "#platform/api/wireSession.ts";
import { demonstrationKey, startLiveCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";
import { cardOf, expectShown, formats, valuesIn } from "./pageContent.fixture.ts";
import { injectWallet, type TestWallet } from "./testWallet.fixture.ts";

/** A home without sun; its number in the area is that of its account. */
const HOME = { name: "Mill Lane 2", account: 5, key: keyNames.home("mill-lane-2") };
/** Gates that close before the order's own, while the form is being filled. */
const LEAD = 10;

const start = () => startLiveCommunity({ speed: 300 });

describeDashboard("an order with a wallet of one's own", start, (suite) => {
  let wallet: TestWallet;
  const open = (look: (page: Page) => Promise<void>) =>
    suite.visit(
      "/order",
      {
        async before(page) {
          const { chain } = await suite.market.get<z.infer<typeof sessionStateWire>>("/v1/session");
          wallet = await injectWallet(page, demonstrationKey(HOME.key), chain.chainId);
        },
      },
      ({ page }) => look(page),
    );

  it(
    "is signed in with, states limits and the worst payment, is declined, signed, and followed to its fill",
    () =>
      open(async (page) => {
        await signInWithWallet(page);
        await chooseInterval(page, LEAD);
        await page.getByText("Buy", { exact: true }).click();
        await page.getByLabel("Energy (kWh)").fill("0.2");
        await page.getByLabel(/^Limit price/).fill("0.33");
        await page.getByText(/^Above the band/).waitFor();
        expect(await page.getByRole("button", { name: "Sign and send" }).isDisabled()).toBe(true);
        await page.getByLabel(/^Limit price/).fill("0.32");
        await page.getByLabel("Energy (kWh)").fill("900");
        await page.getByText(/^Your connection carries/).waitFor();
        expect(await page.getByRole("button", { name: "Sign and send" }).isDisabled()).toBe(true);
        await page.getByLabel("Energy (kWh)").fill("0.2");

        const before = cardOf(page, "Before you sign");
        await before.getByText("In all, at worst").waitFor();
        const { gridFeeMicroPerKwh } = (await prices()).areas[0]!.next.price;
        const worst = BigInt(Math.ceil(0.2 * 320_000)) + BigInt(Math.ceil(0.2 * Number(gridFeeMicroPerKwh)));
        expect(await valuesIn(before)).toContain(String(worst));

        wallet.declines = true;
        await page.getByRole("button", { name: "Sign and send" }).click();
        await page.getByText("You declined in your wallet. Nothing was sent.").waitFor();
        expect((await ownOrders()).filter(isMine)).toEqual([]);
        wallet.declines = false;
        await page.getByRole("button", { name: "Sign and send" }).click();

        const follow = cardOf(page, /^Your order: buy/);
        await follow.getByText(/^Received/).waitFor();
        expect(wallet.asked.filter((method) => method === "eth_signTypedData_v4")).toHaveLength(1);
        await follow.getByText("against the meter").waitFor({ state: "detached" });
        const order = (await ownOrders()).find(isMine)!;
        expect(order).toMatchObject({ member: HOME.account, status: "filled", fillWh: "200" });
        const interval = await suite.market.get<z.infer<typeof intervalWire>>(
          `/v1/intervals/1/${order.intervalId}`,
        );
        expect(interval.status).toBe("settled");
        const cleared = follow.getByRole("listitem").filter({ hasText: "Cleared" });
        await expectShown(() => valuesIn(cleared), ["200", interval.clearingPriceMicroPerKwh]);
        await follow.getByText(formats.withZone(interval.settledAt!)).waitFor();

        await follow.getByRole("link", { name: "Why did this come of it?" }).click();
        const why = await suite.market.get<z.infer<typeof explanationWire>>(
          `/v1/orders/${order.orderId}/explanation`,
        );
        await page.getByText(why.sentence).waitFor();
        await page.getByText(why.rule).waitFor();
        expect(new URL(page.url()).pathname).toBe(`/orders/${order.orderId}`);
      }),
    240_000,
  );

  async function signInWithWallet(page: Page): Promise<void> {
    await page.getByRole("main").getByRole("button", { name: "Wallet of this browser" }).click();
    await page.getByRole("button", { name: HOME.name }).waitFor();
    await page.getByRole("button", { name: "Sign and send" }).waitFor();
    expect(wallet.asked).toContain("personal_sign");
  }

  async function chooseInterval(page: Page, lead: number): Promise<void> {
    const { intervalId } = (await prices()).areas[0]!.next;
    await page.getByLabel(/^Delivery interval/).selectOption(String(intervalId + lead));
  }

  function prices() {
    return suite.market.get<z.infer<typeof pricesWire>>("/v1/prices");
  }

  async function ownOrders() {
    const path = `/v1/participants/${HOME.account}/orders?limit=500`;
    return (await suite.market.get<z.infer<typeof ordersWire>>(path)).orders;
  }
});

/** The home's own agent bids too, but never this. */
function isMine({
  energyWh,
  limitPriceMicroPerKwh,
}: {
  energyWh: string;
  limitPriceMicroPerKwh: string;
}): boolean {
  return energyWh === "200" && limitPriceMicroPerKwh === "320000";
}
