import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { registerImport } from "./import.ts";

const rows = Array.from({ length: 96 }, (_, at) => {
  const time = new Date(Date.UTC(2024, 5, 10) + at * 900_000).toISOString().slice(0, 16).replace("T", " ");
  return `${time};${at > 30 && at < 70 ? "-0,5" : "0,1"}`;
});
const HOME = ["time;usage_kwh", ...rows].join("\n");

describe("commonwatt import", () => {
  let folder = "";
  let printed = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "commonwatt-import-"));
    printed = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  async function run(...args: readonly string[]): Promise<string> {
    const program = new Command().exitOverride();
    registerImport(program);
    await program.parseAsync(["import", ...args], { from: "user" });
    return printed;
  }

  it("says what is understood, how it is known, and what the day looks like", async () => {
    const text = await run(file("home.csv", HOME), "--zone", "Europe/Berlin");
    expect(text).toContain("decimal comma");
    expect(text).toContain("Europe/Berlin (it was said)");
    expect(text).toMatch(/taken +5\.700 kWh/);
    expect(text).toMatch(/fed in +19\.500 kWh\n +0 h [▁-█]{24} 24 h, highest hour 2 kW/u);
  });

  it("asks what it does not know, fails then, and reads the others all the same", async () => {
    const [good, bad] = [
      file("good.csv", HOME.replaceAll(";", "Z;").replace("timeZ", "time")),
      file("bad.csv", HOME),
    ];
    await expect(run(bad, good)).rejects.toThrow("1 of 2 files is refused");
    expect(printed).toMatch(/bad\.csv: refused\n +question +its times.*\n +answer +--zone/);
    expect(printed).toMatch(/good\.csv\n[\s\S]*taken +5\.700 kWh/);
  });

  it("takes a mapping, writes plain tables that it reads again alike, and tells it all in JSON", async () => {
    const mapping = file(
      "ours.yaml",
      'zone: UTC\ncolumns: { "usage_kwh": { is: net, unit: kWh, sign: turned } }\n',
    );
    await run(file("home.csv", HOME), "--mapping", mapping, "--meter", "AT 1", "--out", join(folder, "out"));
    expect(readdirSync(join(folder, "out"))).toEqual(["home_AT_1.csv"]);
    const written = readFileSync(join(folder, "out/home_AT_1.csv"), "utf8").split("\n");
    expect(written.slice(0, 2)).toEqual(["timestamp_utc,load_wh,pv_wh", "2024-06-10T00:00:00.000Z,0,100"]);
    printed = "";
    const { files } = JSON.parse(await run(join(folder, "out/home_AT_1.csv"), "--json"));
    expect(files).toMatchObject([
      { status: "read", meters: [{ takenWh: 19_500, fedInWh: 5_700, intervals: 96 }] },
    ]);
  });

  it("names a mapping's key that is none", async () => {
    const mapping = file("ours.yaml", "zones: UTC\n");
    await expect(run(file("home.csv", HOME), "--mapping", mapping)).rejects.toThrow(
      /ours\.yaml is no mapping: .*zones/,
    );
  });
});
