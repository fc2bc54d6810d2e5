import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { demonstrationRecord, runDemonstration } from "./demonstration.ts";

const VEHICLE = {
  capacityWh: 20_000,
  storedWh: 14_000,
  stopsAtWh: 18_000,
  maxPowerW: 11_000,
  phases: 3 as const,
};

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-demonstration-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it.each(["ocpp1.6", "ocpp2.0.1"] as const)(
  "five stations of %s never draw more than their limit, and each session is invoiced",
  async (version) => {
    const limitW = 30_000;
    const loads: number[] = [];
    const result = await runDemonstration({
      stations: 5,
      version,
      limitW,
      vehicle: VEHICLE,
      directory,
      onStep: ({ sights }) => void loads.push(sights.reduce((sum, { powerW }) => sum + powerW, 0)),
    });
    expect(Math.max(...loads)).toBe(result.peakW);
    expect(result.peakW).toBeLessThanOrEqual(limitW);
    // Five times 8 A on three phases: what a fifth of the limit offers in whole amperes.
    expect(result.peakW).toBe(27_600);
    expect(result).toMatchObject({ exceptions: [], refusals: [] });
    expect(result.sessions).toHaveLength(5);
    for (const { session, invoice } of result.sessions) {
      // 4 kWh in the cells are 4.35 kWh at the meter.
      expect(Number(session.energyWh)).toBeGreaterThan(4_340);
      expect(Number(session.energyWh)).toBeLessThan(4_360);
      expect(invoice.lines.map(({ component }) => component)).toEqual(["session", "energy", "idle"]);
    }
    expect(JSON.parse(JSON.stringify(demonstrationRecord(result)))).toMatchObject({ exceptions: [] });
  },
);
