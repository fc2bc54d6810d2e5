import { expect, it } from "vitest";
import { countedOf } from "./countedReading.ts";

const READING = { importWh: 30n, exportWh: 500n };
const countedIf = (taken: bigint, claimedWh: bigint) =>
  countedOf(READING, 260, { taken, exportWh: new Map([[260, claimedWh]]) });

it("a reading counts whole where nobody claimed it before, and nothing of it where another market has it", () => {
  expect(countedIf(0n, 0n)).toEqual(READING);
  expect(countedIf(1n << 5n, 0n)).toEqual(READING);
  expect(countedIf(1n << 4n, 0n)).toEqual({ importWh: 0n, exportWh: 0n });
});

it("single claims are deducted from the export, as far as it goes", () => {
  expect(countedIf(0n, 120n)).toEqual({ importWh: 30n, exportWh: 380n });
  expect(countedIf(0n, 501n)).toEqual({ importWh: 30n, exportWh: 0n });
});
