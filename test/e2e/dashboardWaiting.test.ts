import type { Page, Request, Route } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { intervalsWire, tradesWire } from "#domains/pool/wire.ts";
import { describeDashboard, someHours } from "./dashboardSuite.fixture.ts";

/*
 * No page may show an absence that it has not been told. Each answer of a page is held back while all others are there, and
 * what the page then says of having none of something, it must say with all answers too. The market stands still meanwhile.
 */

/** How a page says that there is none of something: in words, or a zero alone. */
const ABSENCE =
  /\b(no|none|nothing|nobody|never|not|neither|nor|empty|without|can’t)\b|^\D{0,4}0([.,]0+)?( ?(kWh|MWh|kW|%|things))?$/i;

/** Streams never end, and are no answers. */
const STREAM = /\/events$/;

/** Without these no page has anything, or accounts are shown by their numbers: they are held back on one page. */
const OF_EVERY_PAGE = /^\/v1\/(session|participants\?limit=500)$/;

const HOME = keyNames.home("orchard-walk-4");

type Place = {
  readonly path: string;
  readonly signedIn: string | null;
  /** A step on the page; the answers that it asks for are held back too. */
  readonly step?: (page: Page) => Promise<void>;
};

const previousDay = (page: Page) => page.getByRole("link", { name: "Previous day" }).click();

const PLACES: readonly Place[] = [
  { path: "/", signedIn: null, step: (page) => page.getByRole("button", { name: "6 hours" }).click() },
  { path: "/status", signedIn: null },
  { path: "/audit?q=Orchard", signedIn: null },
  { path: "/grid", signedIn: null, step: previousDay },
  { path: "/me", signedIn: HOME, step: previousDay },
  { path: "/me", signedIn: keyNames.gridOperator },
  { path: "/order", signedIn: HOME },
  { path: "/operator", signedIn: keyNames.operator },
  { path: "/members/27", signedIn: keyNames.operator },
  { path: "/intervals/1/INTERVAL", signedIn: null },
  { path: "/orders/ORDER", signedIn: null },
];

describeDashboard("pages that wait", someHours, (suite) => {
  const ids = new Map<string, string>();

  beforeAll(async () => {
    const { intervals } = await suite.market.get<z.infer<typeof intervalsWire>>(
      "/v1/intervals?status=settled&limit=1",
    );
    const { intervalId } = intervals[0]!;
    const { trades } = await suite.market.get<z.infer<typeof tradesWire>>(
      `/v1/trades?areaId=1&intervalId=${intervalId}`,
    );
    ids.set("INTERVAL", String(intervalId)).set("ORDER", trades[0]!.offerOrderId);
  });

  it.each(PLACES)(
    "$path says of nothing that there is none before it was told ($signedIn)",
    // What comes late by itself is no absence: a slow machine gets another look.
    { retry: 2 },
    async (place) => {
      const path = place.path.replace(/[A-Z]{2,}$/, (name) => ids.get(name) ?? name);
      const cookie = place.signedIn === null ? {} : { cookie: await suite.market.cookieOf(place.signedIn) };
      const answers = holdAnswers();
      await suite.visit(path, { ...cookie, before: answers.before }, async ({ page }) => {
        await answers.settled(page);
        const told = new Set(await absencesOfWhole(page));
        const untold: Record<string, string[]> = {};
        for (const held of answers
          .asked()
          .filter((address) => place.path === "/" || !OF_EVERY_PAGE.test(address))) {
          answers.hold((address) => address === held);
          await page.reload({ waitUntil: "commit" });
          await answers.settled(page);
          untold[held] = await absencesIn(page);
          await answers.release();
        }
        // Once more with all of them: by now each part of the page was loaded.
        await page.reload();
        await answers.settled(page);
        for (const text of await absencesOfWhole(page)) told.add(text);
        for (const [held, absences] of Object.entries(untold)) {
          const wrong = absences.filter((text) => !told.has(text));
          if (wrong.length > 0) untold[held] = wrong;
          else delete untold[held];
        }
        if (place.step) {
          await answers.settled(page);
          answers.hold(() => true);
          await place.step(page);
          await answers.settled(page);
          const early = await absencesIn(page);
          await answers.release();
          await answers.settled(page);
          const late = new Set(await absencesIn(page));
          const wrong = early.filter((text) => !late.has(text));
          if (wrong.length > 0) untold["the step"] = wrong;
        }
        expect(untold).toEqual({});
      });
    },
  );
});

/** Lets the answers of the API pass but for those that are held. */
function holdAnswers() {
  const addresses = new Set<string>();
  const waiting: Route[] = [];
  let isHeld: (address: string) => boolean = () => false;
  const parts = new Set<Request>();
  let running = 0;
  const pass = async (route: Route) => {
    running += 1;
    try {
      await route.fulfill({ response: await route.fetch() });
    } catch {
      // The page has left meanwhile.
    } finally {
      running -= 1;
    }
  };
  const answer = async (route: Route) => {
    const { pathname, search } = new URL(route.request().url());
    if (STREAM.test(pathname)) return route.continue();
    const address = `${pathname}${search}`;
    addresses.add(address);
    if (isHeld(address)) waiting.push(route);
    else await pass(route);
  };
  return {
    async before(page: Page) {
      page.on("request", (request) => {
        if (isPart(request)) parts.add(request);
      });
      const end = (request: Request) => parts.delete(request);
      page
        .on("requestfinished", end)
        .on("requestfailed", end)
        .on("framenavigated", () => parts.clear());
      await page.route("**/v1/**", answer);
    },
    asked: () => [...addresses],
    hold(which: (address: string) => boolean) {
      isHeld = which;
    },
    async release() {
      isHeld = () => false;
      await Promise.all(waiting.splice(0).map(pass));
    },
    /** Waits until the page has drawn all that it was told, and asks for nothing more. */
    async settled(page: Page) {
      for (let quiet = 0; quiet < QUIET_LOOKS; quiet = running + parts.size === 0 ? quiet + 1 : 0)
        await page.evaluate(DRAWN);
    },
  };
}

/** Parts of the page come when they are needed; the chain is asked by a page too. */
function isPart(request: Request): boolean {
  return (
    ["script", "stylesheet", "fetch"].includes(request.resourceType()) && !request.url().includes("/v1/")
  );
}

/** An answer is read, drawn, and asks for the next one, or for a script: each takes a look at the most. */
const QUIET_LOOKS = 4;

/** Two frames, and what they left to do: run by the page. */
const DRAWN = "new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(d))))";

/** The same of a page of which nothing is missing: what is asked for last comes into it last. */
async function absencesOfWhole(page: Page): Promise<string[]> {
  await page.waitForLoadState("networkidle");
  return absencesIn(page);
}

/** The texts on the page that say of something that there is none, each as it stands in its element. */
async function absencesIn(page: Page): Promise<string[]> {
  const texts = await page.locator("body *").evaluateAll((all) =>
    all.map((each) =>
      [...each.childNodes]
        .flatMap((node) => (node.nodeName === "#text" ? (node.textContent ?? "") : []))
        .join(" ")
        .trim(),
    ),
  );
  return [...new Set(texts.filter((text) => ABSENCE.test(text)))];
}
