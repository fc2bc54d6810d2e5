import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openTestSystem, PASSWORD } from "./centralSystem.fixture.ts";
import { connectRaw } from "./rawStation.fixture.ts";
import { openStationSecurity } from "./stationSecurity.ts";

const directory = mkdtempSync(join(tmpdir(), "commonwatt-security-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("the best security of a station", () => {
  it("is kept over a restart, and never falls", () => {
    const path = join(directory, "a", "security.json");
    const before = openStationSecurity(path);
    expect(before.highestOf("station-1")).toBe(1);
    before.raise("station-1", 3);
    before.raise("station-1", 2);
    expect(openStationSecurity(path).highestOf("station-1")).toBe(3);
    expect(openStationSecurity(path).highestOf("station-2")).toBe(1);
  });

  it("is not begun anew by itself when it cannot be read", () => {
    const path = join(directory, "damaged.json");
    writeFileSync(path, '{"station-1":4}');
    expect(() => openStationSecurity(path)).toThrow("could connect with less security");
  });

  it("refuses a station with less after a restart of the central system", async () => {
    const workspace = join(directory, "b");
    openStationSecurity(join(workspace, "security.json")).raise("station-1", 2);
    const system = await openTestSystem({ directory: workspace });
    const who = { stationId: "station-1", password: PASSWORD };
    await expect(connectRaw(system.url, who)).rejects.toThrow("HTTP 401");
    expect(await system.told("refusedConnection")).toMatchObject({ reason: "securityDowngrade" });
    await system.close();
  });
});
