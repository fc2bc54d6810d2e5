// Takes the pictures of docs/screenshots: every page of the dashboard with Riverside in the evening, and of charging with its
// depot, wide and on a phone, light and dark. Seeds are fixed, so that the pictures change only with the product. Names after
// the command choose some of them; COMMONWATT_PICTURES names a folder for the same without loss.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { keyNames } from "#community/keyNames.ts";
import { openSessionsApi } from "#domains/charging/routes/sessionsApi.fixture.ts";
import { idOf, saltOf, TOLD } from "#domains/charging/sessionHistory.fixture.ts";
import { signIn } from "#platform/api/identity/signIn.fixture.ts";
import { AREA_ID, keyOf } from "#platform/store/marketHistory.fixture.ts";
import { browserCookie, startBrowser } from "../test/chromium.ts";
import { startStillCommunity } from "../test/e2e/dashboard.fixture.ts";
import { PERIOD, startQuotaDepot } from "../test/e2e/quotaDepot.fixture.ts";

const CHOSEN = process.argv.slice(2);
const LOSSLESS = process.env.COMMONWATT_PICTURES;
const FOLDER = fileURLToPath(new URL("../docs/screenshots", import.meta.url));
/** Intervals since 09:00: the sun is low, cars and batteries charge, and six homes sell to fifteen. */
const SETTLED = 38;
/** Of WebP, 0 … 1. */
const QUALITY = 0.3;
const PATIENCE_MS = 60_000;

const SIZES = {
  wide: { viewport: { width: 1_280, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true },
} as const;
/** Room for the head of the page above what is shown. */
const HEAD_PIXELS = 84;

/** A home with sun and a battery. */
const HOME = keyNames.home("weir-row-1");

/** Where pages are served. */
type Site = { readonly origin: string; readonly cookieOf: (who: string) => Promise<string> };

type Picture = {
  readonly name: string;
  readonly path: string;
  /** Riverside without. */
  readonly site?: Site;
  /** Whose key of the demonstration is signed in with. */
  readonly signedIn?: string;
  /** Resolves when all that is to be seen is there. */
  readonly ready: (page: Page) => Promise<void>;
  /** What the picture begins with, instead of the page's own top. */
  readonly from?: (page: Page, size: keyof typeof SIZES) => Locator;
};

const market = await startStillCommunity({ settled: SETTLED });
const depot = await startQuotaDepot(52_030);
const sessions = await startSessions();
const browser = await startBrowser();
try {
  const pictures = [...(await choosePictures()), ...chargingPictures()];
  for (const folder of [FOLDER, ...(LOSSLESS ? [LOSSLESS] : [])]) mkdirSync(folder, { recursive: true });
  for (const picture of pictures)
    if (CHOSEN.length === 0 || CHOSEN.includes(picture.name)) await take(picture);
  if (CHOSEN.length === 0) removeOthers(pictures);
  const sizes = readdirSync(FOLDER).map((file) => statSync(`${FOLDER}/${file}`).size);
  const kB = (bytes: number) => `${Math.round(bytes / 1_000)} kB`;
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  console.log(`${sizes.length} pictures, ${kB(total)}, the largest ${kB(Math.max(...sizes))}`);
} finally {
  await browser.close();
  await sessions.stop();
  await depot.stop();
  await market.stop();
}

/** Pictures of pages that are no more. */
function removeOthers(pictures: readonly Picture[]): void {
  const names = pictures.flatMap((picture) =>
    Object.keys(SIZES).flatMap((size) =>
      schemesOf(picture).map((scheme) => `${picture.name}-${size}-${scheme}.webp`),
    ),
  );
  for (const file of readdirSync(FOLDER)) if (!names.includes(file)) rmSync(`${FOLDER}/${file}`);
}

/** Charging sessions as the contract would log them. */
async function startSessions(): Promise<Site & { stop: () => Promise<void> }> {
  const dashboardDirectory = fileURLToPath(new URL("../dist/dashboard", import.meta.url));
  const { api, close } = await openSessionsApi({ dashboardDirectory });
  const origin = await api.app.listen({ host: "127.0.0.1", port: 0 });
  const cookieOf = async (member: string) => (await signIn(api.app, keyOf(Number(member)))).cookie;
  return { origin, cookieOf, stop: close };
}

function chargingPictures(): Picture[] {
  const areaId = depot.depot.areaId;
  const quotas = { origin: depot.origin, cookieOf: (who: string) => depot.cookieOf(who as "C") };
  const region = (name: string | RegExp) => (page: Page) =>
    page.getByRole("region", { name }).first().waitFor();
  const session = `/charging/session/${AREA_ID}/${idOf(TOLD[2]!)}#${saltOf(TOLD[2]!)}`;
  return [
    {
      name: "transformer",
      path: "/transformer",
      site: quotas,
      signedIn: "dso",
      ready: region(/gave up or bought/),
    },
    {
      name: "quotas",
      path: `/charging/${areaId}/${PERIOD}`,
      site: quotas,
      ready: region("How the margin was divided"),
    },
    {
      name: "station",
      path: "/station",
      site: quotas,
      signedIn: "C",
      ready: region("Deposit of the newest period"),
    },
    { name: "session", path: session, site: sessions, signedIn: "5", ready: region("Invoice") },
    { name: "charging-prices", path: "/charging/prices", site: sessions, ready: region(/./) },
  ];
}

async function choosePictures(): Promise<Picture[]> {
  const settled = await market.get<{ intervals: { intervalId: number }[] }>(
    "/v1/intervals?status=settled&limit=1",
  );
  const intervalId = settled.intervals[0]?.intervalId ?? 0;
  const interval = `/intervals/1/${intervalId}`;
  const { transactions } = await market.get<{ transactions: { transactionHash: string }[] }>(
    `/v1${interval}/evidence`,
  );
  await refuseAnOrder(intervalId);
  const heading = (name: string | RegExp) => (page: Page) =>
    page.getByRole("heading", { name }).first().waitFor();
  return [
    { name: "community", path: "/", ready: heading("Last intervals") },
    {
      name: "interval",
      path: interval,
      ready: (page) => page.getByText("Sum of all payments").waitFor(),
    },
    {
      name: "check-passed",
      path: interval,
      ready: (page) => check(page, "Check this interval"),
      from: (page, size) => page.locator(`.check-step:nth-child(${size === "wide" ? 3 : 4})`),
    },
    {
      name: "check-failed",
      path: interval,
      ready: (page) => check(page, "Change one byte, check again"),
      from: (page, size) => page.locator(size === "wide" ? ".check form .row" : ".check-change"),
    },
    { name: "my-energy", path: "/me", signedIn: HOME, ready: heading("Line by line") },
    {
      name: "my-bill",
      path: "/me",
      signedIn: HOME,
      ready: heading("Line by line"),
      from: (page) => page.getByRole("region", { name: "Line by line" }),
    },
    { name: "rules", path: "/rules", ready: heading("How the price is made") },
    {
      name: "standing-order",
      path: "/order",
      signedIn: HOME,
      ready: heading("Standing order"),
      from: (page) => page.getByRole("region", { name: "Standing order" }),
    },
    {
      name: "new-order",
      path: "/order",
      signedIn: HOME,
      ready: heading("Before you sign"),
      from: (page) => page.getByRole("region", { name: "What do you want?" }),
    },
    {
      name: "order",
      path: `/orders/${await findSharedOffer()}`,
      ready: heading("From signature to payment"),
    },
    {
      name: "operator",
      path: "/operator",
      signedIn: keyNames.operator,
      ready: heading("Gas and money"),
    },
    {
      name: "members",
      path: "/members",
      signedIn: keyNames.operator,
      ready: (page) => page.getByRole("link", { name: "Mill Lane 1" }).waitFor(),
    },
    {
      name: "member",
      path: "/members/16",
      signedIn: keyNames.operator,
      ready: heading("Line by line"),
    },
    {
      name: "grid",
      path: "/grid",
      signedIn: keyNames.gridOperator,
      ready: heading("Missing readings"),
    },
    { name: "status", path: "/status", ready: heading("Duties that are behind") },
    { name: "audit", path: `/audit?q=1/${intervalId}`, ready: audit },
    {
      name: "transaction",
      path: `/transactions/${transactions.at(-1)?.transactionHash}`,
      ready: heading("What it did"),
    },
    { name: "participant", path: "/participants/16", ready: heading("What the chain knows of it") },
  ];
}

/** The newest offer that was filled in part because several homes offered at one price. */
async function findSharedOffer(): Promise<string | undefined> {
  const path = "/v1/orders?areaId=1&status=partlyFilled&limit=500";
  const { orders } = await market.get<{ orders: { side: string; orderId: string }[] }>(path);
  for (const { side, orderId } of orders) {
    if (side !== "offer") continue;
    const { level } = await market.get<{ level: { participants: number } | null }>(
      `/v1/orders/${orderId}/explanation`,
    );
    if (level && level.participants > 2) return orderId;
  }
  return orders[0]?.orderId;
}

/** The operator's page shows what became of it. */
async function refuseAnOrder(intervalId: number): Promise<void> {
  const order = {
    areaId: 1,
    intervalId: intervalId + 2,
    member: 9,
    side: "bid",
    sequence: 0,
    energyWh: 250,
  };
  await fetch(`${market.origin}/v1/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...order, limitPriceMicroPerKwh: 210_000, signature: `0x${"11".repeat(64)}` }),
  });
}

async function check(page: Page, button: string): Promise<void> {
  await page.getByRole("button", { name: button }).click();
  await page.locator("[data-verdict]").waitFor();
}

async function audit(page: Page): Promise<void> {
  const never = page.getByRole("button", { name: "Audit now" });
  await page.getByRole("button", { name: /^Audit (now|again)$/ }).waitFor();
  if (await never.isVisible()) await never.click();
  await page.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
  await page.getByRole("list", { name: /^Found for/ }).waitFor();
}

/** Riverside's pages show both colour schemes; others have the same, and would make the folder larger. */
function schemesOf({ site = market }: Pick<Picture, "site">): readonly ("light" | "dark")[] {
  return site === market ? ["light", "dark"] : ["light"];
}

/** Takes a picture in both sizes and its colour schemes. */
async function take({ name, path, site = market, signedIn, ready, from }: Picture): Promise<void> {
  for (const size of ["wide", "phone"] as const)
    for (const colorScheme of schemesOf({ site })) {
      const context = await browser.newContext({ ...SIZES[size], colorScheme, reducedMotion: "reduce" });
      context.setDefaultTimeout(PATIENCE_MS);
      if (signedIn) await context.addCookies([browserCookie(await site.cookieOf(signedIn), site.origin)]);
      const page = await context.newPage();
      await page.goto(`${site.origin}${path}`);
      await ready(page);
      await beWhole(page);
      await page.waitForLoadState("networkidle");
      if (from) await scrollTo(page, from(page, size));
      const png = await page.screenshot({ animations: "disabled", caret: "hide" });
      await context.close();
      if (LOSSLESS) writeFileSync(`${LOSSLESS}/${name}-${size}-${colorScheme}.png`, png);
      writeFileSync(`${FOLDER}/${name}-${size}-${colorScheme}.webp`, await asWebp(png));
    }
}

/** Until nothing is being loaded, and the head says who looks. */
async function beWhole(page: Page): Promise<void> {
  await page.locator(".identity-button").waitFor();
  const loading = page.locator(".loading");
  while ((await loading.count()) > 0) await loading.first().waitFor({ state: "detached" });
}

async function scrollTo(page: Page, start: Locator): Promise<void> {
  const box = await start.boundingBox();
  await page.evaluate(`scrollBy(0, ${(box?.y ?? HEAD_PIXELS) - HEAD_PIXELS})`);
}

/** A browser writes WebP; nothing else here does. */
async function asWebp(png: Buffer): Promise<Buffer> {
  const page = await browser.newPage();
  const url = await page.evaluate<string>(`(async () => {
    const picture = new Image();
    picture.src = "data:image/png;base64,${png.toString("base64")}";
    await picture.decode();
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", ${QUALITY});
  })()`);
  await page.close();
  return Buffer.from(url.slice(url.indexOf(",") + 1), "base64");
}
