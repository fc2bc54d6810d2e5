import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiFixture, openApiFixture } from "#platform/api/api.fixture.ts";
import { type ChainFixture, openChainFixture } from "#platform/api/chain.fixture.ts";
import { keySigner, signInAt } from "#platform/api/identity/signIn.fixture.ts";
import {
  accountOf,
  INTERVAL_SECONDS,
  keyOf,
  ordinaryOrders,
  WAITING_SECONDS,
} from "#platform/store/marketHistory.fixture.ts";
import { startBrowser } from "../chromium.ts";
import { describeInBrowser, visit } from "./browser.fixture.ts";
import { cardOf, expectShown, figureOf, formats, rowsOf, valuesIn } from "./pageContent.fixture.ts";
import { insertYear, YEAR, yearLine } from "./yearOfLines.fixture.ts";

const DASHBOARD = resolve("dist/dashboard");
/** Compressed script of a first load at most, bytes. */
const MAX_SCRIPT_BYTES = 250_000;

/** Names in this market have markup in them. */
describeInBrowser("the dashboard as it is delivered", () => {
  let chain: ChainFixture;
  let api: ApiFixture;
  let browser: Browser;
  let origin: string;
  const cookieOf = async (member: number) => (await signInAt(origin, keySigner(keyOf(member)))).cookie;

  beforeAll(async () => {
    chain = await openChainFixture();
    api = await openApiFixture({ dashboardDirectory: DASHBOARD, network: chain.network });
    origin = await api.app.listen({ host: "127.0.0.1", port: 0 });
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
    await chain?.close();
  });

  it.each(["/", "/me", "/intervals/1/101", "/audit"])(
    "forbids script and style within %s, and has none",
    async (path) => {
      const answer = await fetch(`${origin}${path}`);
      const policy = answer.headers.get("content-security-policy") ?? "";
      const directives = new Map(
        policy.split("; ").map((text) => [text.split(" ")[0], text.split(" ").slice(1).join(" ")]),
      );
      expect(directives.get("default-src")).toBe("'none'");
      for (const name of ["script-src", "style-src", "connect-src", "worker-src"])
        expect(directives.get(name)).toBe("'self'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      const html = await answer.text();
      const scripts = html.match(/<script[^>]*>/g) ?? [];
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts) expect(script).toMatch(/ src="\/assets\//);
      expect(html).not.toMatch(/<style| style=| on[a-z]+=|javascript:/i);
    },
  );

  it("loads at most 250 kB of compressed script at first", () =>
    visit(browser, "/", { origin }, async ({ page, requests }) => {
      await page.getByRole("button", { name: "Sign in" }).waitFor();
      await page.waitForLoadState("networkidle");
      const scripts = requests.filter((url) => url.endsWith(".js")).map((url) => new URL(url).pathname);
      expect(new Set(scripts).size).toBe(scripts.length);
      const bytes = scripts.map((path) => readFileSync(`${DASHBOARD}${path}.gz`).length);
      const total = bytes.reduce((sum, each) => sum + each, 0);
      expect(total).toBeGreaterThan(10_000);
      expect(total).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
    }));

  it("shows names with markup in them as text", async () => {
    const cookie = await cookieOf(4);
    await visit(browser, "/", { origin, cookie }, async ({ page }) => {
      const name = `Home "4" <script>alert(1)</script>`;
      const shown: string[] = [];
      page.on("dialog", (dialog) => void shown.push(dialog.message()));
      await page.getByRole("heading", { level: 1, name: "Riverside <b>&", exact: true }).waitFor();
      await page.getByRole("button", { name }).waitFor();
      await page.getByRole("link", { name: "My energy" }).click();
      await page.getByRole("heading", { level: 1, name: `My energy: ${name}` }).waitFor();
      expect(await page.locator("script:not([src])").count()).toBe(0);
      expect(await page.locator("main b").count()).toBe(0);
      expect(shown).toEqual([]);
    });
  });

  it("has each metering point of an account with several, and the one chosen that orders", async () => {
    api.history.openMeteredArea(2, { 9: 5 });
    await api.follow();
    const cookie = await cookieOf(5);
    const metered = ["Area 1, member 5", "Area 2, member 9"];
    await visit(browser, `/participants/${accountOf(5)}`, { origin, cookie }, async ({ page }) => {
      const table = cardOf(page, "What the chain knows of it").getByRole("table");
      await expectShown(
        async () => (await rowsOf(table)).map(([member, , connection]) => [member, connection]),
        metered.map((member) => [member, formats.capacity(17_250)]),
      );
      await page.goto("/me");
      const meters = cardOf(page, "My meters");
      await meters.getByText("Member 9 of area 2, connection of").waitFor();
      const account = cardOf(page, "My account");
      const choice = account.getByLabel("Metering point that the margin is for");
      await expectShown(
        () => choice.getByRole("option").allTextContents(),
        metered.map((member) => `${member} (${formats.capacity(17_250)})`),
      );
      await account.getByText("Add margin", { exact: true }).click();
      const margins = await valuesIn(account.locator("p", { hasText: "into your margin" }));
      expect(margins).toEqual(["5"]);

      await page.goto("/order");
      const trading = page.getByLabel("Metering point that trades");
      // No chain stands behind this page: what a notice leaves of a margin is not known, and no form is shown without.
      const unknown = page.getByText("Can’t show what your margin covers");
      await unknown.waitFor();
      await trading.selectOption({ index: 1 });
      await page.getByText("No market is held in area 2 so far.").waitFor();
      await trading.selectOption({ index: 0 });
      await unknown.waitFor();
    });
  });

  it("says what an interval has out of the ordinary: clearings given up, no supplier, readings that never came", async () => {
    const { history } = api;
    history.abandon(history.clear(103, ordinaryOrders(103), { maxStepOrders: 3, onlySteps: 1 }));
    const unsupplied = history.clear(103, ordinaryOrders(103), { isSupplied: false });
    history.publish(103, { 4: [450, 0], 5: [700, 0], 6: [0, 650] });
    history.settle(unsupplied);
    history.returnPage(history.clear(104, ordinaryOrders(104)));
    await api.follow();
    await visit(browser, "/intervals/1/103", { origin }, async ({ page }) => {
      await page.getByText("One clearing was given up before delivery").waitFor();
      await page.getByText("No supplier stood for this interval").waitFor();
      await page.goto("/intervals/1/104");
      await page
        .getByText("did not come in time: what was reserved went back, and no trade counts")
        .waitFor();
      expect(await page.getByText("No supplier stood").count()).toBe(0);
    });
    const cookie = await cookieOf(7);
    await visit(browser, "/me?span=day&at=1970-01-02", { origin, cookie }, async ({ page }) => {
      const lines = cardOf(page, "Line by line").getByRole("listitem");
      const waited = formats.withZone(104 * INTERVAL_SECONDS + WAITING_SECONDS);
      await lines.filter({ hasText: `no reading came by ${waited}` }).waitFor();
      await expectShown(() => lines.filter({ hasText: "no reading came by" }).count(), 1);
    });
  });

  it("draws a year of quarter-hours of a participant, each of them", async () => {
    await insertYear(api.store);
    const cookie = await cookieOf(YEAR.member);
    const lines = Array.from({ length: YEAR.lines }, (_, i) => yearLine(i));
    await visit(browser, `/me?span=year&at=${YEAR.date}`, { origin, cookie }, async ({ page }) => {
      const paid = figureOf(page, "You paid");
      await paid.getByText(`${formats.count(YEAR.lines)} intervals`).waitFor();
      await expectShown(
        () => valuesIn(paid),
        [String(lines.reduce((sum, { costMicro }) => sum + costMicro, 0))],
      );
      const card = cardOf(page, /^In and out through the meter/);
      const energy = card.getByRole("figure").first();
      const kwh = (wh: number) => (wh / 1_000).toFixed(2);
      const dayWh = lines.slice(0, 96).reduce((sum, { importWh }) => sum + importWh, 0);
      await energy.getByText("Show as table").click();
      const days = await rowsOf(energy.getByRole("table"));
      expect(days[0]).toEqual(["31 Dec 1971", kwh(50 * 96), kwh(dayWh)]);

      await card.getByLabel("every interval").check();
      await energy.getByText(formats.dateTime(lines.at(-1)!.startsAt)).waitFor();
      const intervals = await rowsOf(energy.getByRole("table"));
      const newest = lines.slice(-intervals.length).reverse();
      expect(intervals).toEqual(
        newest.map(({ startsAt, importWh, exportWh }) => [
          formats.dateTime(startsAt),
          kwh(exportWh),
          kwh(importWh),
        ]),
      );
      expect(await page.evaluate<number>(COVERED)).toBeGreaterThan(0.98);
    });
  });
});

/** Share of the picture's width, from its first interval to its end, in which the line of what was imported is. */
const COVERED = `(() => {
  const canvas = document.querySelector(".chart canvas");
  const probe = document.createElement("i");
  probe.style.color = "var(--home)";
  document.body.append(probe);
  const [red, green, blue] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
  probe.remove();
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const isThere = (x) => {
    for (let at = x * 4; at < data.length; at += width * 4)
      if (data[at] === red && data[at + 1] === green && data[at + 2] === blue) return true;
    return false;
  };
  const columns = Array.from({ length: width }, (_, x) => isThere(x));
  const [first, last] = [columns.indexOf(true), width - 18 * devicePixelRatio];
  return columns.filter(Boolean).length / (last - first);
})()`;
