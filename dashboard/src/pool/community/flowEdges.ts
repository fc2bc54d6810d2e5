/** Energy of an area over an interval, whole Wh ≥ 0: pv + discharged + grid import = load + charged + grid export. */
export type AreaEnergy = {
  readonly loadWh: number;
  readonly pvWh: number;
  readonly chargedWh: number;
  readonly dischargedWh: number;
  readonly gridImportWh: number;
  readonly gridExportWh: number;
};

export type FlowNode = "sun" | "grid" | "battery" | "homes";

/** Energy that went from one place to another. */
export type FlowEdge = { readonly from: FlowNode; readonly to: FlowNode; readonly energyWh: number };

/**
 * Where an area's energy went, as far as sums can tell: the sun serves homes first, then batteries, then the grid;
 * batteries serve homes first; the grid gives the rest. All edges together are the sums that came in.
 */
export function flowEdges(energy: AreaEnergy): FlowEdge[] {
  const sunToHomes = Math.min(energy.pvWh, energy.loadWh);
  const sunToBattery = Math.min(energy.pvWh - sunToHomes, energy.chargedWh);
  const batteryToHomes = Math.min(energy.dischargedWh, energy.loadWh - sunToHomes);
  const edges: FlowEdge[] = [
    { from: "sun", to: "homes", energyWh: sunToHomes },
    { from: "sun", to: "battery", energyWh: sunToBattery },
    { from: "sun", to: "grid", energyWh: energy.pvWh - sunToHomes - sunToBattery },
    { from: "battery", to: "homes", energyWh: batteryToHomes },
    ...leftOver(energy, { sunToBattery, batteryToHomes }),
    { from: "grid", to: "homes", energyWh: energy.loadWh - sunToHomes - batteryToHomes },
  ];
  return edges.filter(({ energyWh }) => energyWh > 0);
}

/** One battery may charge while another discharges: that energy stays among batteries and is not drawn. */
function leftOver(
  { chargedWh, dischargedWh }: AreaEnergy,
  { sunToBattery, batteryToHomes }: { sunToBattery: number; batteryToHomes: number },
): FlowEdge[] {
  const charging = chargedWh - sunToBattery;
  const discharging = dischargedWh - batteryToHomes;
  const between = Math.min(charging, discharging);
  return [
    { from: "grid", to: "battery", energyWh: charging - between },
    { from: "battery", to: "grid", energyWh: discharging - between },
  ];
}
