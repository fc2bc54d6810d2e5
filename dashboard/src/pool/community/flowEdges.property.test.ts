import fc from "fast-check";
import { expect, it } from "vitest";
import { type FlowNode, flowEdges } from "./flowEdges.ts";

const wh = fc.nat(100_000);
/** Energy that balances: the grid takes or gives what is over. */
const energies = fc.record({ loadWh: wh, pvWh: wh, chargedWh: wh, dischargedWh: wh }).map((energy) => {
  const overWh = energy.pvWh + energy.dischargedWh - energy.loadWh - energy.chargedWh;
  return { ...energy, gridImportWh: Math.max(-overWh, 0), gridExportWh: Math.max(overWh, 0) };
});

it("gives homes what they used, takes from the sun what it gave, and meets the grid's sums", () => {
  fc.assert(
    fc.property(energies, (energy) => {
      const edges = flowEdges(energy);
      const sum = (side: "from" | "to", node: FlowNode) =>
        edges.filter((edge) => edge[side] === node).reduce((total, { energyWh }) => total + energyWh, 0);
      expect(sum("to", "homes")).toBe(energy.loadWh);
      expect(sum("from", "sun")).toBe(energy.pvWh);
      expect(sum("from", "grid") - sum("to", "grid")).toBe(energy.gridImportWh - energy.gridExportWh);
      expect(sum("to", "battery") - sum("from", "battery")).toBe(energy.chargedWh - energy.dischargedWh);
      expect(edges.every(({ energyWh }) => energyWh > 0)).toBe(true);
    }),
  );
});
