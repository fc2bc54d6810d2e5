import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { openApiFixture } from "#platform/api/api.fixture.ts";
import { openChainFixture } from "#platform/api/chain.fixture.ts";
import { keySigner, type SignedIn, signInAt } from "#platform/api/identity/signIn.fixture.ts";
import { keyOf } from "#platform/store/marketHistory.fixture.ts";
import { CHROMIUM, startBrowser } from "../test/chromium.ts";
import { insertYear, YEAR } from "../test/e2e/yearOfLines.fixture.ts";
import { type BenchRow, measuredRow } from "./row.ts";

const DASHBOARD = fileURLToPath(new URL("../dist/dashboard", import.meta.url));
const RUNS = 5;
const SECONDS_PER_YEAR = 365 * 86_400;

/**
 * A year of quarter-hours of a participant: the server's answer alone, and all of it from the click to the picture in
 * Chromium, with the answer, its reading and its drawing. Medians of five. Without a Chromium only the answer is measured.
 */
export async function benchDashboard(): Promise<BenchRow[]> {
  const chain = await openChainFixture();
  const api = await openApiFixture({ dashboardDirectory: DASHBOARD, network: chain.network });
  try {
    await insertYear(api.store);
    const origin = await api.app.listen({ host: "127.0.0.1", port: 0 });
    const signedIn = await signInAt(origin, keySigner(keyOf(YEAR.member)));
    const rows = [rowOf("year of an account, answer", await answerTimes(origin, signedIn))];
    if (CHROMIUM === null) console.error("dashboard: no Chromium on this machine, so that nothing is drawn");
    else rows.push(rowOf("year of an account, drawn", await drawTimes(origin, signedIn)));
    return rows;
  } finally {
    await api.close();
    await chain.close();
  }
}

function rowOf(name: string, milliseconds: readonly number[]): BenchRow {
  const median = milliseconds.toSorted((a, b) => a - b)[milliseconds.length >> 1] ?? 0;
  return measuredRow({
    bench: "dashboard",
    case: name,
    n: YEAR.lines,
    value: median,
    unit: "ms",
    peer: null,
    peerValue: null,
  });
}

async function answerTimes(origin: string, headers: SignedIn): Promise<number[]> {
  const { account, firstStartsAt } = YEAR;
  const range = `from=${firstStartsAt}&to=${firstStartsAt + SECONDS_PER_YEAR}`;
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const startedAt = performance.now();
    const answer = await fetch(`${origin}/v1/participants/${account}/series?${range}`, { headers });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the series was answered ${answer.status}`);
    times.push(performance.now() - startedAt);
  }
  return times;
}

/** From a day of the year to all of it, each time in a page that has not seen it. */
async function drawTimes(origin: string, { cookie }: SignedIn): Promise<number[]> {
  const browser = await startBrowser();
  const [name = "", value = ""] = cookie.split("=");
  const times: number[] = [];
  try {
    for (let run = 0; run < RUNS; run += 1) {
      const context = await browser.newContext();
      await context.addCookies([{ name, value, url: origin }]);
      const page = await context.newPage();
      await page.goto(`${origin}/me?span=month&at=${YEAR.date}`);
      times.push(await drawYear(page));
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return times;
}

/** Milliseconds by the page's own clock, from the click to the frame after the last canvas was drawn. */
async function drawYear(page: Page): Promise<number> {
  await page.getByText("In and out through the meter").waitFor();
  await page.locator(".chart canvas").nth(1).waitFor();
  return page.evaluate<number>(DRAW_YEAR);
}

const DRAW_YEAR = `new Promise((done) => {
  const startedAt = performance.now();
  const isDrawn = () =>
    document.querySelector(".span-label")?.textContent === "1971" &&
    document.querySelector(".figure-note")?.textContent.includes("35,040") &&
    document.querySelectorAll(".chart canvas").length === 2;
  const look = () => (isDrawn() ? requestAnimationFrame(() => done(performance.now() - startedAt)) : requestAnimationFrame(look));
  [...document.querySelectorAll(".span-lengths a")].find((link) => /year/i.test(link.textContent)).click();
  look();
})`;
