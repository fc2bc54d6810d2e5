import { setTimeout as nextSample } from "node:timers/promises";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import type { z } from "zod";
import type { intervalsWire } from "#domains/pool/wire.ts";
import { startLiveCommunity } from "./dashboard.fixture.ts";
import { describeDashboard } from "./dashboardSuite.fixture.ts";
import { formats } from "./pageContent.fixture.ts";

/*
 * The first screen of a market that runs at the speed of `npm start`, sampled while intervals come and go: whatever it says of
 * a price is held against what the chain has of that interval afterwards, and the running interval is always there.
 */

const SAMPLES = 200;
const PAUSE_MS = 250;
const DEFAULT_SPEED = 900;
const MOST_INTERVALS = 200;

type Interval = z.infer<typeof intervalsWire>["intervals"][number];

/** What the screen says at one moment. */
type Sample = {
  readonly label: string;
  readonly value: string | null;
  readonly note: string;
  /** Delivery, stage and price of the newest rows. */
  readonly rows: readonly { readonly delivery: string; readonly stage: string; readonly price: string }[];
};

/** In one step within the page, so that no answer comes between two of its parts. */
function read(page: Page): Promise<Sample> {
  return page.locator("main").evaluate((main) => {
    const figure = main.querySelector(".figure");
    const table = [...main.querySelectorAll("table")].find((each) =>
      each.caption?.textContent?.includes("newest intervals"),
    );
    return {
      label: figure?.querySelector("dt")?.textContent ?? "",
      value: figure?.querySelector(".figure-value data")?.getAttribute("value") ?? null,
      note: figure?.querySelector(".figure-note")?.textContent ?? "",
      rows: [...(table?.tBodies[0]?.rows ?? [])].map(({ cells: [delivery, stage, price] }) => ({
        delivery: delivery?.textContent ?? "",
        stage: stage?.textContent ?? "",
        price: price?.textContent ?? "",
      })),
    };
  });
}

/** The interval that a sample's price is of: the one that it names, or the running one. */
function spanOf({ label, rows }: Sample): string | undefined {
  const named = /\d\d:\d\d–\d\d:\d\d/.exec(label)?.[0];
  return named ?? rows.find(({ stage }) => stage === "delivering")?.delivery;
}

/** What a sample says that is not so; null when all of it is. */
function falsehoodOf(sample: Sample, truth: ReadonlyMap<string, Interval>): string | null {
  const { label, value, note, rows } = sample;
  const span = spanOf(sample);
  if (span === undefined) return "no interval is running";
  for (const { delivery, price } of rows) {
    const isNone = truth.get(delivery)?.price.state === "none";
    if (price === "no trade" && !isNone) return `${delivery} is said to have no trade`;
  }
  if (/first price/.test(note)) return null;
  const price = truth.get(span)?.price;
  if (price === undefined) return `${span} has no interval`;
  if (/no neighbour trade/.test(note))
    return price.state === "none" ? null : `${label}: ${note}, though ${span} traded`;
  return value === price.totalMicroPerKwh
    ? null
    : `${label} ${value}, but ${span} has ${price.totalMicroPerKwh}`;
}

describeDashboard(
  "the first screen of a market that runs",
  () => startLiveCommunity({ speed: DEFAULT_SPEED }),
  (suite) => {
    it(
      `says nothing false in ${SAMPLES} samples, and always has the running interval`,
      () =>
        suite.visit("/", {}, async ({ page }) => {
          await page.locator("table caption", { hasText: "newest intervals" }).waitFor({ state: "attached" });
          const samples: Sample[] = [];
          while (samples.length < SAMPLES) {
            samples.push(await read(page));
            await nextSample(PAUSE_MS);
          }
          const { intervals } = await suite.market.get<z.infer<typeof intervalsWire>>(
            `/v1/intervals?limit=${MOST_INTERVALS}`,
          );
          const truth = new Map(
            intervals.map((interval) => [formats.span(interval.startsAt, interval.endsAt), interval]),
          );
          expect(samples.map((sample) => falsehoodOf(sample, truth)).filter((said) => said !== null)).toEqual(
            [],
          );
          expect(new Set(samples.map(spanOf)).size).toBeGreaterThan(10);
          const prices = samples.filter(({ note }) => /who sells gets/.test(note));
          expect(prices.length).toBeGreaterThan(0);
        }),
      180_000,
    );
  },
);
