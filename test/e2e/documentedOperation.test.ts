import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import { commonwatt } from "./program.fixture.ts";

/* What docs/first-community.md and docs/operate.md tell people to type and to install is what the program takes. */

const DOCUMENTS = ["docs/first-community.md", "docs/operate.md", "docs/operate/commonwatt.service"];
const directory = mkdtempSync(join(tmpdir(), "commonwatt-documented-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Commands of a document: a line of their own, or after what a unit starts. */
function commandsOf(path: string): readonly string[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.flatMap((line) => {
    const found = /^(?: {4}|ExecStart=\/usr\/bin\/)commonwatt (.*)$/.exec(line);
    return found?.[1] === undefined ? [] : [found[1]];
  });
}

it("each command that a document names has the options that it is given", async () => {
  const commands = DOCUMENTS.flatMap(commandsOf);
  expect(commands.length).toBeGreaterThan(12);
  const helps = new Map<string, string>();
  for (const text of commands) {
    const [name = ""] = text.split(" ");
    if (!helps.has(name)) helps.set(name, (await commonwatt([name, "--help"], { directory })).stdout);
    const help = helps.get(name) ?? "";
    expect(help).toContain(`Usage: commonwatt ${name}`);
    for (const option of text.match(/--[a-z-]+/g) ?? []) expect(`${help} of ${text}`).toContain(`${option} `);
  }
});

/** Names of figures that the program shows, by its sources: how they are shown is in metrics.ts. */
function shownMetrics(): ReadonlySet<string> {
  const sources = [
    "src/platform/api/operation/metrics.ts",
    "src/domains/pool/metrics.ts",
    "src/domains/charging/metrics.ts",
  ].map((path) => readFileSync(path, "utf8"));
  const names = sources.flatMap((text) => [...text.matchAll(/name: "(?:commonwatt_)?([a-z_]+)"/g)]);
  return new Set(names.map(([, name]) => `commonwatt_${name}`));
}

it("dashboard and alarms ask for figures that there are, and each alarm has its answer", () => {
  const dashboard = readFileSync("docs/operate/grafana.json", "utf8");
  const alarms = readFileSync("docs/operate/alarms.yaml", "utf8");
  const panels = (JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] }).panels;
  expect(panels.flatMap(({ targets }) => targets).length).toBeGreaterThan(7);
  const asked = [...`${dashboard}${alarms}`.matchAll(/commonwatt_[a-z_]+/g)].map(([name]) =>
    name.replace(/_bucket$/, ""),
  );
  const shown = shownMetrics();
  expect(asked.filter((name) => !shown.has(name))).toEqual([]);
  const { groups } = parse(alarms) as { groups: { rules: { alert: string }[] }[] };
  const manual = readFileSync("docs/operate.md", "utf8");
  for (const { alert } of groups.flatMap(({ rules }) => rules)) expect(manual).toContain(`| \`${alert}\` |`);
});
