import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openIncidentFile } from "./incidentFile.ts";
import { createIncidents } from "./incidents.ts";

let directory: string;
let path: string;
let notices: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-incidents-"));
  path = join(directory, "incidents.json");
  notices = [];
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

function open(now = 1_000) {
  const file = openIncidentFile({ path, onNotice: (sentence) => void notices.push(sentence) });
  return { file, incidents: createIncidents(() => now, file) };
}

const refused = {
  kind: "refusedOrder",
  areaId: 1,
  account: 4,
  intervalId: 7,
  orderId: "0xaa",
  reason: "gateClosed",
  sentence: "the gate is closed",
} as const;
const failed = {
  kind: "failedTransaction",
  transactionHash: "0xbb",
  reason: "settle",
  sentence: "no",
} as const;

it("knows after a restart what was refused before, and goes on counting", () => {
  const before = open();
  before.incidents.report(refused);
  before.incidents.report(failed);
  before.file.close();
  const after = open(2_000);
  expect(after.incidents.list()).toEqual(before.incidents.list());
  after.incidents.report({ ...refused, orderId: "0xcc" });
  expect(after.incidents.list()).toEqual([
    { ...refused, orderId: "0xcc", transactionHash: null, at: 2_000, count: 2, resolvedAt: null },
    expect.objectContaining({ ...failed, at: 1_000, count: 1 }),
  ]);
  after.incidents.resolve({ kind: failed.kind, reason: failed.reason, areaId: null });
  after.incidents.resolve({ kind: "stationTrouble", reason: "never said" });
  after.file.close();
  expect(open().incidents.list()).toEqual(after.incidents.list());
  expect(notices).toEqual([]);
});

it("writes a flood once, without being asked to", () => {
  vi.useFakeTimers();
  const { incidents } = open();
  for (let i = 0; i < 1_000; i += 1) incidents.report(refused);
  vi.advanceTimersByTime(1_000);
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(incidents.list());
  writeFileSync(path, "mine");
  vi.advanceTimersByTime(60_000);
  expect(readFileSync(path, "utf8")).toBe("mine");
});

it.each(["{", '[{"kind":"rain"}]', "null"])("begins anew after a damaged file: %s", (text) => {
  writeFileSync(path, text);
  const { file, incidents } = open();
  expect(incidents.list()).toEqual([]);
  expect(notices).toEqual([expect.stringMatching(/incidents\.json can't be read/)]);
  incidents.report(failed);
  file.close();
  expect(open().incidents.list()).toHaveLength(1);
});

it("says that it can't write, and goes on", () => {
  const { file, incidents } = open();
  rmSync(directory, { recursive: true });
  incidents.report(failed);
  file.close();
  expect(notices).toEqual([expect.stringMatching(/incidents can't be written to .*incidents\.json/)]);
});
