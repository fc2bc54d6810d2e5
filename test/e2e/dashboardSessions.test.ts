import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSessionsApi } from "#domains/charging/routes/sessionsApi.fixture.ts";
import { idOf, invoiceOf, PAYEE, saltOf, TOLD } from "#domains/charging/sessionHistory.fixture.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import { AREA_ID, keyOf } from "#platform/store/marketHistory.fixture.ts";
import { startBrowser } from "../chromium.ts";
import { describeInBrowser, type VisitOptions, visit } from "./browser.fixture.ts";
import { cardOf, expectShown, figureOf, rowsOf, valuesIn } from "./pageContent.fixture.ts";

/* Pages of charging over sessions as the contract would log them: their payee's, a driver's with its salt, a visitor's. */

const START_MS = 120_000;
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1_280, height: 900 };

describeInBrowser("the pages of charging sessions", () => {
  let opened: Awaited<ReturnType<typeof openSessionsApi>>;
  let origin: string;
  let browser: Browser;
  beforeAll(async () => {
    const pages = resolve("dist/dashboard");
    opened = await openSessionsApi({
      dashboardDirectory: existsSync(`${pages}/index.html`) ? pages : null,
    });
    origin = await opened.api.app.listen({ host: "127.0.0.1", port: 0 });
    browser = await startBrowser();
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    await opened?.close();
  });

  const look = (path: string, options: Partial<VisitOptions>, act: (page: Page) => Promise<void>) =>
    visit(browser, path, { origin, viewport: DESK, ...options }, ({ page }) => act(page));
  const cookieOf = async (member: number) => (await signIn(opened.api.app, keyOf(member))).cookie;
  const driverPath = (i: number) => `/charging/session/${AREA_ID}/${idOf(TOLD[i]!)}#${saltOf(TOLD[i]!)}`;
  const total = (i: number) => invoiceOf(TOLD[i]!).totalMicro;

  it("show a payee its sessions, their invoices, and earnings that are the account's", async () => {
    await look("/charging/sessions", { cookie: await cookieOf(PAYEE) }, async (page) => {
      const earnings = cardOf(page, "Earnings");
      await expectShown(() => valuesIn(figureOf(page, "Paid")), [`${total(0) + total(1)}`]);
      await expectShown(() => valuesIn(figureOf(page, "To come")), [`${total(2)}`]);
      await earnings.locator('[data-reconciled="true"]').waitFor();
      const sessions = cardOf(page, "Sessions, the newest first");
      await sessions.getByText("3.50 kWh so far, charging").waitFor();
      await sessions.getByText("nobody has plugged in yet").waitFor();
      await expectShown(async () => (await rowsOf(sessions)).length, TOLD.length);
      await sessions.getByRole("button", { name: "Show" }).last().click();
      const invoice = cardOf(page, "Invoice of the session at north");
      await invoice.locator('[data-adds-up="true"]').waitFor();
      await expectShown(() => valuesIn(invoice.locator("[data-invoice-total]")), [`${total(0)}`]);
      await keepPicture(page, "sessions");
      await sessions.getByLabel("Station").selectOption("south");
      await expectShown(async () => (await rowsOf(sessions)).length, 2);
    });
  });

  it("say why a vehicle waits", async () => {
    await look("/station", { cookie: await cookieOf(PAYEE) }, async (page) => {
      const vehicles = cardOf(page, "Vehicles now");
      await vehicles
        .getByText(
          /Another vehicle has less time to spare than its 8 h, and leaves 0.00 kW of 11.00 kW, since .* rationed/,
        )
        .waitFor();
      await keepPicture(page, "vehicles");
    });
  });

  it("show a driver price, promise and session, and nobody without its salt", async () => {
    await look(driverPath(3), { viewport: PHONE }, async (page) => {
      const promise = page.locator("[data-promise]");
      await promise.getByText(/^\d+ % by \d\d:\d\d/).waitFor();
      await cardOf(page, "Charging").getByText("3.50 kWh").waitFor();
      await expectShown(() => valuesIn(figureOf(page, "A kilowatt-hour now")), ["390000"]);
      await keepPicture(page, "driver");
      await page.getByLabel("Wanted, %").fill("35");
      await promise.getByText(/^35 % by/).waitFor();
    });
    await look(driverPath(3).replace(/#.*/, ""), { viewport: PHONE }, async (page) => {
      await page.getByText("Whose session is it?").waitFor();
      expect(await page.getByText("north").count()).toBe(0);
      await page.getByRole("textbox").fill(saltOf(TOLD[3]!));
      await page.getByText("At north.").waitFor();
    });
  });

  it("show a driver its invoice, what came back, and until when it can dispute", async () => {
    await look(driverPath(2), { viewport: PHONE, cookie: await cookieOf(5) }, async (page) => {
      const invoice = cardOf(page, "Invoice");
      await invoice.locator('[data-adds-up="true"]').waitFor();
      await expectShown(() => valuesIn(invoice.locator("[data-invoice-total]")), [`${total(2)}`]);
      await cardOf(page, "Your money").getByText("Returned to you").waitFor();
      await cardOf(page, "If something is wrong")
        .getByRole("button", { name: "Dispute this charge" })
        .waitFor();
      await keepPicture(page, "invoice");
    });
  });

  it("lead a visitor to the transformer and the prices", async () => {
    await look("/charging/prices", {}, async (page) => {
      await page.getByRole("navigation").getByText("Transformer").first().waitFor();
      await expectShown(() => valuesIn(figureOf(page, "A kilowatt-hour now")), ["390000"]);
      // 30 kWh in the battery are 32.6 at the meter, at the dearest price, and the session's fee.
      await expectShown(() => valuesIn(figureOf(page, "Your session, at most")), ["13067510"]);
      await keepPicture(page, "prices");
    });
  });

  it("fit a phone, without scrolling sideways", async () => {
    const cookie = await cookieOf(PAYEE);
    for (const path of ["/charging/sessions", "/station", driverPath(0), driverPath(3), "/charging/prices"])
      await look(path, { viewport: PHONE, cookie }, async (page) => {
        await page.locator(".card").nth(1).waitFor();
        const sideways = await page.evaluate<number>(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(sideways, path).toBeLessThanOrEqual(0);
        await keepPicture(page, `phone${path.replace(/[#].*/, "").replaceAll("/", "-").slice(0, 40)}`);
      });
  });
});

/** A picture to look at, where SCREENSHOTS names a folder. */
async function keepPicture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
