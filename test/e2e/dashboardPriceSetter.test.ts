import { setTimeout as nextLook } from "node:timers/promises";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { areaWire, ordersWire } from "#domains/pool/wire.ts";
import type { agentsWire } from "#domains/pool/wireAgent.ts";
import type { depthWire } from "#domains/pool/wireDepth.ts";
import { startLiveCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";
import { cardOf, formats, rowsOf } from "./pageContent.fixture.ts";

/* Who sets a price, over a market that runs; and a newcomer who reads the rules before anything else. */

const HOME = { account: 27, key: keyNames.home("orchard-walk-4") };
const LEAST = 250_000;
const LOOK_AGAIN_MS = 100;

/** As it runs when nothing is said: a gate closes every second. */
const start = () => startLiveCommunity({ speed: 900 });

describeDashboard("who sets a price", start, (suite) => {
  let cookie: string;
  beforeAll(async () => {
    cookie = await suite.market.cookieOf(HOME.key);
  });
  const ofHome = <T>(path: string) => suite.market.get<T>(`/v1/participants/${HOME.account}/${path}`, cookie);

  it("sees the price, the last ones and the depth, tells the home’s agent in two steps, and sees it obeyed", async () => {
    const depth = () => suite.market.get<z.infer<typeof depthWire>>("/v1/areas/1/depth?intervals=8");
    while ((await depth()).intervals.length < 3) await nextLook(LOOK_AGAIN_MS);
    await suite.visit("/order", { cookie }, async ({ page }) => {
      const card = cardOf(page, "What others pay and ask");
      await card.getByText("Price now").waitFor();
      const last = card.getByRole("table", { name: "The last prices" });
      await last.waitFor();
      expect((await rowsOf(last)).length).toBeGreaterThanOrEqual(3);
      const wished = card.getByRole("table", { name: "How much was wished at which price" });
      expect((await rowsOf(wished)).length).toBeGreaterThan(1);

      const standing = cardOf(page, "Standing order");
      let steps = 0;
      await standing.getByLabel(/^Sell at least at/).fill("9");
      await standing.getByText(/^Prices of this area go from/).waitFor();
      await standing.getByLabel(/^Sell at least at/).fill("0.25");
      steps += 1;
      await standing.getByRole("button", { name: "Tell my home’s agent" }).click();
      steps += 1;
      await standing.getByText(/sells at least at/).waitFor();
      expect(steps).toBe(2);
      const { agents } = await ofHome<z.infer<typeof agentsWire>>("agents");
      const { settings } = agents[0]!;
      expect(settings).toMatchObject({ leastOfferMicroPerKwh: LEAST, isPaused: false });
      await standing.getByText(formats.withZone(settings!.since)).waitFor();

      const obeying = await offersClosedAfter(settings!.since);
      expect(obeying.length).toBeGreaterThan(0);
      for (const { limitPriceMicroPerKwh } of obeying)
        expect(Number(limitPriceMicroPerKwh)).toBeGreaterThanOrEqual(LEAST);

      await standing.getByRole("button", { name: "Let it decide by itself again" }).click();
      await standing.getByText(/at prices of its own/).waitFor();
    });
  }, 240_000);

  it("lets a newcomer read the rules in one step, with the figures that the chain has", () =>
    suite.visit("/", {}, async ({ page }) => {
      await page.getByRole("link", { name: "the market’s rules" }).click();
      await page.getByRole("heading", { level: 1, name: "The rules of the market" }).waitFor();
      const { areas } = await suite.market.get<{ areas: z.infer<typeof areaWire>[] }>("/v1/areas");
      const { terms } = areas[0]!;
      const main = page.getByRole("main");
      await main.getByRole("heading", { name: "What a deviation costs" }).waitFor();
      const text = (await main.textContent()) ?? "";
      for (const price of [
        terms.gridFeeMicroPerKwh,
        terms.floorMicroPerKwh,
        terms.ceilingMicroPerKwh,
        terms.upstreamPriceMicroPerKwh,
        terms.surplusPriceMicroPerKwh,
      ])
        expect(text).toContain(formats.price(price));
      for (const words of ["15 min", "Who operates it", "no other fee", "waited for"])
        expect(text).toContain(words);
    }));

  /** The home's offers of the first interval whose gate closes late enough for the setting to hold. */
  async function offersClosedAfter(second: number) {
    const { areas } = await suite.market.get<{ areas: z.infer<typeof areaWire>[] }>("/v1/areas");
    const { intervalSeconds, gateClosureSeconds } = areas[0]!.terms;
    for (;;) {
      const { orders } = await ofHome<z.infer<typeof ordersWire>>("orders?limit=50");
      const offers = orders.filter(
        ({ side, intervalId }) =>
          side === "offer" && intervalId * intervalSeconds - gateClosureSeconds - 1 > second,
      );
      if (offers.length > 0) return offers;
      await nextLook(LOOK_AGAIN_MS);
    }
  }
});
