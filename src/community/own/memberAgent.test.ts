import { expect, it } from "vitest";
import { createMemberAgent } from "./memberAgent.ts";

const TERMS = { intervalSeconds: 900, gateClosureSeconds: 300 };
const RANGE = { lowestMicroPerKwh: 80_000, highestMicroPerKwh: 290_000 };
const agent = () => createMemberAgent({ member: 4, terms: TERMS, rangeAt: () => RANGE });

it("orders nothing before it knows a reading, and then what its meter counted (R5.9)", () => {
  const ada = agent();
  expect(ada.quote(100)).toBeNull();
  ada.observe({ intervalId: 98, importWh: 0, exportWh: 120 });
  expect(ada.quote(100)).toMatchObject({ participant: 4, side: "offer", energyWh: 120 });
  ada.observe({ intervalId: 99, importWh: 40, exportWh: 0 });
  expect(ada.quote(101)).toMatchObject({ side: "bid", energyWh: 40 });
});

it("never bids above retail less the grid fee, nor offers below feed-in (R5.6)", () => {
  const bob = agent();
  bob.observe({ intervalId: 98, importWh: 300, exportWh: 0 });
  const bid = bob.quote(100)?.limitPriceMicroPerKwh ?? Number.NaN;
  expect(bid).toBeLessThanOrEqual(RANGE.highestMicroPerKwh);
  expect(bid).toBeGreaterThanOrEqual(RANGE.lowestMicroPerKwh);
});

it("takes a reading once, and expects by the time of day what days before had", () => {
  const ada = agent();
  const slots = 96;
  for (let day = 0; day < 3; day += 1)
    for (let slot = 0; slot < slots; slot += 1) {
      const exportWh = slot === 50 ? 200 : 0;
      const reading = { intervalId: day * slots + slot, importWh: exportWh ? 0 : 25, exportWh };
      ada.observe(reading);
      ada.observe({ ...reading, importWh: 9_999 });
    }
  expect(ada.quote(3 * slots + 50)).toMatchObject({ side: "offer", energyWh: 200 });
  expect(ada.quote(3 * slots + 51)).toMatchObject({ side: "bid", energyWh: 25 });
});
