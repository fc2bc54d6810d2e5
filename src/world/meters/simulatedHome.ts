import { crc16 } from "#world/meterFiles/formats/dsmr.ts";

/** Kinds of meters that are simulated, each in the form in which a real one speaks. */
export const SIMULATED_METERS = [
  "dsmr",
  "mqtt-homeassistant",
  "mqtt-shelly",
  "mqtt-tasmota",
  "mqtt-zigbee2mqtt",
  "homewizard",
  "shelly",
] as const;
export type SimulatedMeter = (typeof SIMULATED_METERS)[number];

/** Registers of a simulated home, whole Wh. */
export type HomeRegisters = { readonly importWh: number; readonly exportWh: number };

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;
const MEAN_LOAD_W = 380;
const LOAD_SWING_W = 160;
const PEAK_SUN_W = 2_400;
/** Half of a day's turn: the sun shines from six to six, UTC. */
const DAWN = 0.25;
/** The registers began to count then. */
const BEGAN_AT = 1_700_000_000;

/**
 * Registers at a time, unix seconds: a load that is highest in the evening, and sun by day, each on a register of its own. They follow from the
 * time alone, so that a meter that was away has counted on.
 */
export function registersAt(at: number): HomeRegisters {
  return {
    importWh: Math.floor((loadEnergy(at) - loadEnergy(BEGAN_AT)) / SECONDS_PER_HOUR),
    exportWh: Math.floor((sunEnergy(at) - sunEnergy(BEGAN_AT)) / SECONDS_PER_HOUR),
  };
}

const TURN = 2 * Math.PI;

/** Ws of the load since the epoch: its power is mean − swing · sin(turn · day's part), highest at 18:00. */
function loadEnergy(at: number): number {
  const phase = TURN * (at / SECONDS_PER_DAY);
  return MEAN_LOAD_W * at + ((LOAD_SWING_W * SECONDS_PER_DAY) / TURN) * (Math.cos(phase) - 1);
}

/** Ws of the sun since the epoch: the upper half of a sine that rises at dawn. */
function sunEnergy(at: number): number {
  const days = at / SECONDS_PER_DAY - DAWN;
  const day = Math.floor(days);
  const half = Math.min(TURN * (days - day), Math.PI);
  const perDay = (2 * PEAK_SUN_W * SECONDS_PER_DAY) / TURN;
  return day * perDay + (perDay / 2) * (1 - Math.cos(half));
}

/** A P1 telegram of DSMR 5 with these registers, its checksum included. */
export function telegramOf({ importWh, exportWh }: HomeRegisters, at: number): string {
  const kwh = (wh: number) => `${(wh / 1_000).toFixed(3).padStart(10, "0")}*kWh`;
  const lines = [
    "/CWT5SIMULATED METER",
    "",
    "1-3:0.2.8(50)",
    `0-0:1.0.0(${winterTime(at)})`,
    "0-0:96.1.1(53494D554C4154454431)",
    `1-0:1.8.1(${kwh(importWh)})`,
    `1-0:1.8.2(${kwh(0)})`,
    `1-0:2.8.1(${kwh(exportWh)})`,
    `1-0:2.8.2(${kwh(0)})`,
    "!",
  ];
  const text = lines.join("\r\n");
  return `${text}${crc16(text).toString(16).toUpperCase().padStart(4, "0")}\r\n`;
}

/** 251130202004W: an hour ahead of UTC, as a meter that never changes its clock. */
function winterTime(at: number): string {
  const iso = new Date((Math.floor(at) + SECONDS_PER_HOUR) * 1_000).toISOString();
  return `${iso.slice(2, 19).replace(/[-T:]/g, "")}W`;
}

/** What a simulated device answers to anyone who asks over HTTP, by path. */
export function httpAnswerOf(
  meter: "homewizard" | "shelly",
  { importWh, exportWh }: HomeRegisters,
): { readonly path: string; readonly body: unknown } {
  if (meter === "homewizard") {
    const body = {
      meter_model: "Simulated",
      total_power_import_kwh: importWh / 1_000,
      total_power_export_kwh: exportWh / 1_000,
    };
    return { path: "/api/v1/data", body };
  }
  return {
    path: "/rpc/EMData.GetStatus",
    body: { id: 0, total_act: importWh, total_act_ret: exportWh },
  };
}

/** What a simulated device publishes over MQTT, and the template that reads it. */
export function mqttMessagesOf(
  meter: "mqtt-homeassistant" | "mqtt-shelly" | "mqtt-tasmota" | "mqtt-zigbee2mqtt",
  { importWh, exportWh }: HomeRegisters,
): readonly { readonly topic: string; readonly text: string }[] {
  const json = (topic: string, value: unknown) => [{ topic, text: JSON.stringify(value) }];
  switch (meter) {
    case "mqtt-homeassistant":
      return [
        { topic: "homeassistant/sensor/meter_import/state", text: String(importWh / 1_000) },
        { topic: "homeassistant/sensor/meter_export/state", text: String(exportWh / 1_000) },
      ];
    case "mqtt-shelly":
      return json("shellypro3em/status/emdata:0", { id: 0, total_act: importWh, total_act_ret: exportWh });
    case "mqtt-tasmota":
      return json("tele/meter/SENSOR", { SML: { Total_in: importWh / 1_000, Total_out: exportWh / 1_000 } });
    case "mqtt-zigbee2mqtt":
      return json("zigbee2mqtt/meter", { energy: importWh / 1_000, produced_energy: exportWh / 1_000 });
  }
}
