// Takes the pictures of docs/screenshots: every page of the dashboard with Riverside in the evening, wide and on a phone,
// light and dark. The community has a fixed seed, so that the pictures change only with the product.
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { keyNames } from "#community/keyNames.ts";
import { browserCookie, startBrowser } from "../test/chromium.ts";
import { startStillCommunity } from "../test/e2e/dashboard.fixture.ts";

const FOLDER = fileURLToPath(new URL("../docs/screenshots", import.meta.url));
/** Intervals since 09:00: the sun is low, cars and batteries charge, and six homes sell to fifteen. */
const SETTLED = 38;
/** Of WebP, 0 … 1. */
const QUALITY = 0.5;
const PATIENCE_MS = 60_000;

const SIZES = {
  wide: { viewport: { width: 1_440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true },
} as const;
/** Room for the head of the page above what is shown. */
const HEAD_PIXELS = 84;

/** A home with sun and a battery. */
const HOME = keyNames.home("weir-row-1");

type Picture = {
  readonly name: string;
  readonly path: string;
  /** Whose key of the demonstration is signed in with. */
  readonly signedIn?: string;
  /** Resolves when all that is to be seen is there. */
  readonly ready: (page: Page) => Promise<void>;
  /** What the picture begins with, instead of the page's own top. */
  readonly from?: (page: Page, size: keyof typeof SIZES) => Locator;
};

const market = await startStillCommunity({ settled: SETTLED });
const browser = await startBrowser();
try {
  const pictures = await choosePictures();
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const picture of pictures) await take(picture);
  const sizes = readdirSync(FOLDER).map((file) => statSync(`${FOLDER}/${file}`).size);
  const kB = (bytes: number) => `${Math.round(bytes / 1_000)} kB`;
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  console.log(`${sizes.length} pictures, ${kB(total)}, the largest ${kB(Math.max(...sizes))}`);
} finally {
  await browser.close();
  await market.stop();
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
      from: (page, size) => page.locator(size === "wide" ? ".check form .row" : ".check-step:nth-child(4)"),
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
    { name: "new-order", path: "/order", signedIn: HOME, ready: heading("Before you sign") },
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
      ready: (page) => page.getByRole("table", { name: "Bills of all members" }).waitFor(),
    },
    {
      name: "member",
      path: "/members/16",
      signedIn: keyNames.operator,
      ready: heading("Line by line"),
    },
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

/** Takes a picture in both sizes and both colour schemes. */
async function take({ name, path, signedIn, ready, from }: Picture): Promise<void> {
  for (const size of ["wide", "phone"] as const)
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ ...SIZES[size], colorScheme, reducedMotion: "reduce" });
      context.setDefaultTimeout(PATIENCE_MS);
      if (signedIn) await context.addCookies([browserCookie(await market.cookieOf(signedIn), market.origin)]);
      const page = await context.newPage();
      await page.goto(`${market.origin}${path}`);
      await ready(page);
      await page.waitForLoadState("networkidle");
      if (from) await scrollTo(page, from(page, size));
      const png = await page.screenshot({ animations: "disabled", caret: "hide" });
      await context.close();
      writeFileSync(`${FOLDER}/${name}-${size}-${colorScheme}.webp`, await asWebp(png));
    }
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
