import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { z } from "zod";
import type { intervalWire } from "#domains/pool/wire.ts";
import type { DashboardCommunity } from "./dashboard.fixture.ts";
import { expectShown, figureOf, valuesIn } from "./pageContent.fixture.ts";
import { commonwatt } from "./program.fixture.ts";
import type { countedSteps } from "./steps.fixture.ts";

type Step = ReturnType<typeof countedSteps>["take"];
type Row = Readonly<Record<string, string>>;

const SCENARIO = ["--scenario", "scenarios/riverside", "--days", "0.5", "--no-chain", "--json"];
/** Of the day's intervals, which the running market has had. */
const COMPARED = 8;

/**
 * Whether another pricing rule would do better: the rules of the market that runs, the same community in memory by two rules, an
 * interval of one run beside the same on the running market's page, and both runs in one table and picture.
 */
export async function compareRules(page: Page, step: Step, market: DashboardCommunity): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-researcher-"));
  try {
    await step(
      "the rules",
      page.getByRole("contentinfo").getByRole("link", { name: "the market’s rules" }).click(),
    );
    await page.getByRole("heading", { name: "How the price is made" }).first().waitFor();
    const csv = join(directory, "uniform.csv");
    const uniform = await run(step, directory, { pricing: "uniform", more: ["--intervals", csv] });
    const midpoint = await run(step, directory, { pricing: "midpoint", more: [] });
    await step("an interval", openTraded(page, market, rowsOf(readFileSync(csv, "utf8"))));
    const picture = join(directory, "pricing.svg");
    const compared = commonwatt(["compare", uniform, midpoint, "--picture", picture], { directory });
    await step("compare", compared);
    const { exitCode, stdout } = await compared;
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^pricing +uniform +midpoint$/m)]);
    await step("the picture", page.setContent(readFileSync(picture, "utf8")));
    await page.getByText("midpoint").first().waitFor();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Runs the community in memory; gives the file of the run. */
async function run(
  step: Step,
  directory: string,
  { pricing, more }: { readonly pricing: string; readonly more: readonly string[] },
): Promise<string> {
  const done = commonwatt(["simulate", ...SCENARIO, "--pricing", pricing, ...more], { directory });
  await step(`simulate ${pricing}`, done);
  const { exitCode, stdout, stderr } = await done;
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  const file = join(directory, `${pricing}.json`);
  writeFileSync(file, stdout);
  return file;
}

/** The running market came to the same; of the first interval with a trade its page says so. */
async function openTraded(page: Page, market: DashboardCommunity, rows: readonly Row[]): Promise<void> {
  const first = rows.slice(0, COMPARED);
  const told = await Promise.all(
    first.map(({ interval_id: id }) => market.get<z.infer<typeof intervalWire>>(`/v1/intervals/1/${id}`)),
  );
  expect(told.map(({ clearedWh, price }) => [clearedWh, price.energyMicroPerKwh ?? ""])).toEqual(
    first.map((row) => [row.cleared_wh, row.local_price_micro_per_kwh]),
  );
  const traded = first.find((row) => row.local_price_micro_per_kwh !== "")!;
  await page.goto(`${market.origin}/intervals/1/${traded.interval_id}`);
  const energy = figureOf(page, "Contracted energy").locator(".figure-value");
  await expectShown(async () => (await valuesIn(energy))[0], traded.cleared_wh);
}

function rowsOf(csv: string): Row[] {
  const [names = "", ...lines] = csv.trim().split("\r\n");
  return lines.map((line) => {
    const cells = line.split(",");
    return Object.fromEntries(names.split(",").map((name, i) => [name, cells[i] ?? ""]));
  });
}
