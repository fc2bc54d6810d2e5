import { expect, it } from "vitest";
import { itemsOfCharges } from "./charges.ts";

it("shows what charges are for in their field's words, with energy whichever way it went", () => {
  const items = itemsOfCharges([
    { kind: "pool.trades", energyWh: "500", amountMicro: "87500", words: "bought from neighbours" },
    { kind: "pool.trades", energyWh: "-100", amountMicro: "-17500", words: "sold to neighbours" },
    { kind: "response.reward", energyWh: null, amountMicro: "-70", words: "reward for saved energy" },
  ]);
  expect(items).toEqual([
    { name: "Bought from neighbours", energyWh: 500n, micro: 87_500n },
    { name: "Sold to neighbours", energyWh: 100n, micro: -17_500n },
    { name: "Reward for saved energy", energyWh: null, micro: -70n },
  ]);
});
