import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSimulatedStation } from "#domains/charging/station/simulatedStation.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { startBrowser } from "../chromium.ts";
import { describeInBrowser, visit } from "./browser.fixture.ts";
import { cardOf, valuesIn } from "./pageContent.fixture.ts";
import { type Running, startCommonwatt } from "./program.fixture.ts";

/* A driver on a phone: it signs a hold on the page, charges with the token that it gets, sees its invoice, and disputes it. */

const UP = ["up", "--scenario", "scenarios/depot", "--port", "0", "--ocpp-port", "0", "--speed", "240"];
const JOINING = /--url (\S+) --id (works-gate) --password (\S+) --token \S+ --module (\S+)/;
const PHONE = { width: 390, height: 844 };
const START_MS = 600_000;
const VEHICLE = {
  ...{ capacityWh: 60_000, storedWh: 30_000, stopsAtWh: 48_000, maxPowerW: 3_680 },
  phases: 1,
} as const;
/** More than a charger could take before a quota is carried to it. */
const ENOUGH_WH = 500;

describeInBrowser("a driver beside its car", () => {
  let directory: string;
  let running: Running;
  let origin: string;
  let browser: Browser;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "commonwatt-hold-"));
    running = startCommonwatt(UP, { directory });
    [, origin = ""] = await running.line(/page and API +(http:\S+)/);
    browser = await startBrowser();
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    running?.process.kill("SIGINT");
    await running?.finished;
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it("signs a hold, charges, gets its invoice, disputes it and sees what came of it (R8.17, R2.65)", {
    timeout: START_MS,
  }, async () => {
    const path = "/charging/prices?station=works-gate";
    await visit(browser, path, { origin, viewport: PHONE }, async ({ page }) => {
      const heldMicro = await signHold(page);
      const token = await page.locator("main code").first().textContent();
      await charge(token ?? "");
      const invoice = cardOf(page, "Invoice");
      await invoice.locator('[data-adds-up="true"]').waitFor();
      const [totalMicro = "0"] = await valuesIn(invoice.locator("[data-invoice-total]"));
      const money = cardOf(page, "Your money");
      await keepPicture(page, "invoice");
      await cardOf(page, "If something is wrong")
        .getByRole("button", { name: "Dispute this charge" })
        .click();
      const outcome = cardOf(page, "If something is wrong").locator("[data-outcome]");
      await outcome.waitFor();
      expect(await outcome.getAttribute("data-outcome")).toBe("proven");
      expect(await valuesIn(outcome)).toEqual([totalMicro, totalMicro, "0"]);
      expect(await factIn(money, "Returned to you")).toBe(`${BigInt(heldMicro) - BigInt(totalMicro)}`);
      expect(await factIn(money, "Paid to the station’s owner")).toBe(totalMicro);
      await keepPicture(page, "outcome");
    });
  });

  it("signs nothing that the station has not announced, and nothing that the wallet does not bear", {
    timeout: START_MS,
  }, async () => {
    const before = async (page: Page) => {
      await page.route("**/charging-prices", async (route) => {
        const answer = await route.fetch();
        const text = await answer.text();
        await route.fulfill({ response: answer, body: text.replace('"350000"', '"349999"') });
      });
    };
    await visit(browser, "/charging/prices", { origin, viewport: PHONE, before }, async ({ page }) => {
      await page.getByRole("button", { name: /^Driver at/ }).click();
      const hold = cardOf(page, "Hold and charge");
      const sign = hold.getByRole("button", { name: "Sign and hold" });
      await sign.click();
      await hold.getByRole("alert").getByText("has not announced these prices on the chain").waitFor();
      await page.getByLabel("Battery, kWh").fill("2000");
      await page.getByLabel("Charged now, %").fill("5");
      await hold.getByText("Your wallet has less than that").waitFor();
      expect(await sign.isDisabled()).toBe(true);
      await keepPicture(page, "refused");
    });
  });

  /** Takes the demonstration's driver, signs for what the page asks, and waits for the session's own page; gives what is held, micro. */
  async function signHold(page: Page): Promise<string> {
    await page.getByRole("button", { name: /^Driver at/ }).click();
    const hold = cardOf(page, "Hold and charge");
    const sign = hold.getByRole("button", { name: "Sign and hold" });
    await sign.waitFor();
    await keepPicture(page, "hold");
    const heldMicro = await factIn(hold, "Held, the most that you pay");
    await sign.click();
    await page.waitForURL(/\/charging\/session\/2\/0x[0-9a-f]{64}#0x[0-9a-f]{64}$/);
    await page
      .locator("[data-promise]")
      .getByText(/by \d\d:\d\d/)
      .waitFor();
    expect(await factIn(cardOf(page, "Your money"), "Held, the most that you pay")).toBe(heldMicro);
    await keepPicture(page, "held");
    return heldMicro;
  }

  /** A charger joins as the station, the driver shows its token there, charges and leaves. */
  async function charge(token: string): Promise<void> {
    expect(token).toMatch(/^[0-9a-f]{20}$/);
    const [, url = "", stationId = "", password = "", module = ""] = await running.line(JOINING);
    const clock = { now: await marketNow(origin) };
    const station = createSimulatedStation({
      ...{ url, stationId, password, version: "ocpp1.6", mostA: 32, ratedW: 22_000 },
      now: () => clock.now,
      moduleKey: fromHex(module as Hex),
    });
    await station.connect();
    await station.flush();
    station.plugIn(VEHICLE, token);
    while (station.view().registerWh < ENOUGH_WH) {
      const now = await marketNow(origin);
      station.step(now - clock.now);
      clock.now = now;
      await station.flush();
    }
    station.unplug();
    await station.flush();
  }
});

/** The market's time, which the charger's clock goes by, unix seconds. */
async function marketNow(origin: string): Promise<number> {
  const answer = await fetch(`${origin}/v1/status`);
  return ((await answer.json()) as { marketNow: number }).marketNow;
}

/** The amount of a fact by its name, micro. */
async function factIn(card: Locator, name: string): Promise<string> {
  const value = card.locator("dt", { hasText: name }).locator("xpath=following-sibling::dd[1]");
  const [micro = ""] = await valuesIn(value);
  return micro;
}

/** A picture to look at, where SCREENSHOTS names a folder. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/hold-${name}.png`, fullPage: true });
}
