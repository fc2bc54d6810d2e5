import type { RegisterTemplate } from "./registerTemplate.ts";

const of = (
  unit: "Wh" | "kWh",
  imported: readonly [topic: string, path?: string],
  exported: readonly [topic: string, path?: string],
): RegisterTemplate => ({
  registers: [registerOf(unit, "import", imported), registerOf(unit, "export", exported)],
});

function registerOf(
  unit: "Wh" | "kWh",
  direction: "import" | "export",
  [topic, path]: readonly [topic: string, path?: string],
): RegisterTemplate["registers"][number] {
  return { topic, unit, direction, ...(path === undefined ? {} : { path }) };
}

/** Templates of makers with their usual names: to be copied and changed (docs/meters.md). */
export const TEMPLATES = {
  "mqtt-homeassistant": of(
    "kWh",
    ["homeassistant/sensor/meter_import/state"],
    ["homeassistant/sensor/meter_export/state"],
  ),
  "mqtt-shelly": of(
    "Wh",
    ["shellypro3em/status/emdata:0", "total_act"],
    ["shellypro3em/status/emdata:0", "total_act_ret"],
  ),
  "mqtt-tasmota": of("kWh", ["tele/meter/SENSOR", "SML.Total_in"], ["tele/meter/SENSOR", "SML.Total_out"]),
  "mqtt-zigbee2mqtt": of("kWh", ["zigbee2mqtt/meter", "energy"], ["zigbee2mqtt/meter", "produced_energy"]),
} as const satisfies Record<string, RegisterTemplate>;
