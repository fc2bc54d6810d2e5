import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { runCommand } from "#cli/exit.ts";
import { registerReproduce } from "#cli/reproduce.ts";
import type { TwoStageReport } from "#world/response/twoStageReport.ts";

/* The command as a person runs it: generated prices, tables and pictures; recorded ones where they are. */

const PRICES = join("..", "shared", "data", "prices");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "commonwatt-two-stage-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

describe("commonwatt reproduce two-stage-dr", () => {
  it("prints the golden example, both schemes and the errata, and draws five figures (R7.21, R7.23, E7.6)", async () => {
    const picture = join(folder, "figures.svg");
    const { printed } = await run("--picture", picture);
    expect(printed).toMatch(/^Upstream prices: synthetic, generated from the seed, no recording\./m);
    expect(printed).toMatch(/^prosumer 1 pays +-6\.667$/m);
    expect(printed).toMatch(/^objective as printed, \(5\)–\(8\) +125\.000$/m);
    expect(printed).toMatch(/^served by it, kWh +0\.000$/m);
    expect(printed).toMatch(/^participation +60\.0 %$/m);
    expect(printed).toContain("within 10.0 %");
    for (const id of ["E7.1", "E7.2", "E7.3", "E7.4", "E7.5", "E7.6", "E7.7", "E7.8"])
      expect(printed).toContain(`\n${id}\n`);
    const svg = readFileSync(picture, "utf8");
    for (const figure of [5, 6, 7, 8, 9]) expect(svg).toContain(`Figure ${figure}: `);
    expect(svg).not.toContain("NaN");
  });

  it.skipIf(!existsSync(PRICES))(
    "takes recorded prices, negative ones too, and prints the same by the same seed (R7.22)",
    async () => {
      const { printed } = await run("--data", PRICES, "--seed", "2", "--json");
      const report: TwoStageReport = JSON.parse(printed);
      expect(Object.keys(report)).toEqual(
        expect.arrayContaining([
          "prices",
          "golden",
          "participation",
          "parBefore",
          "parAfter",
          "correlation",
          "gap",
          "declaredGap",
        ]),
      );
      expect(report.source).toMatchObject({ isRecorded: true, seed: 2 });
      expect(report.market.upstream.flat().some((price) => price < 0)).toBe(true);
      expect(report.parAfter).toBeLessThan(report.parBefore);
      expect((await run("--data", PRICES, "--seed", "2", "--json")).printed).toBe(printed);
    },
  );

  it("says what is wrong with its options", async () => {
    expect((await run("--picture", "figures.png")).said).toContain(
      "--picture figures.png does not end with .svg",
    );
    expect((await run("--data", join(folder, "nowhere"))).said).toContain("can't be read");
    writeFileSync(join(folder, "prices.json"), "{}");
    expect((await run("--data", folder)).said).toContain("prices.json has no list `5MIN` of prices");
    expect((await run("--seed", "-1")).exitCode).toBe(2);
  });
});

async function run(...args: string[]): Promise<{ printed: string; said: string; exitCode: unknown }> {
  let [printed, said] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  const program = new Command("commonwatt").exitOverride();
  registerReproduce(program);
  await runCommand(() => program.parseAsync(["reproduce", "two-stage-dr", ...args], { from: "user" }));
  vi.restoreAllMocks();
  const { exitCode } = process;
  process.exitCode = undefined;
  return { printed, said, exitCode };
}
