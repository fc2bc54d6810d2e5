import { FileRefusedError } from "../question.ts";
import type { TextFormat } from "./format.ts";

const MILLIS_PER_SECOND = 1_000;
const MARKET_OFFSET_SECONDS = 36_000;
const FACTORS: Readonly<Record<string, number>> = { WH: 1, KWH: 1_000, MWH: 1_000_000 };

/** AEMO's NEM13: what a counter ran between two readings, months apart; no intervals. */
export const nem13: TextFormat = {
  kind: "text",
  name: "nem13",
  title: "NEM13 (AEMO)",
  recognises: (text) => /^\s*100,NEM13,/.test(text) || /^250,/.test(text),
  read(text) {
    const records = text.split(/\r\n|\n|\r/).map((line) => line.split(",").map((cell) => cell.trim()));
    const states = records.filter(([kind]) => kind === "250").map(readRecord);
    if (states.length === 0) throw new FileRefusedError("it has no reading (250)");
    return states.map((state) => ({
      meter: state.meter,
      columns: [],
      zone: null,
      times: null,
      stepSeconds: null,
      rows: 1,
      refused: [],
      facts: [],
      warnings: [],
      states: state,
    }));
  },
};

/** Direction E is energy out of the grid, to the customer; I the other way. */
function readRecord(cells: readonly string[]) {
  const factor = FACTORS[(cells[19] ?? "").toUpperCase()];
  const energyWh = Number(cells[18]) * (factor ?? Number.NaN);
  if (Number.isNaN(energyWh)) throw new FileRefusedError(`"${cells[18]} ${cells[19]}" is no energy`);
  const isImport = cells[7] !== "I";
  return {
    meter: cells[1] ?? null,
    from: marketTime(cells[9] ?? ""),
    until: marketTime(cells[14] ?? ""),
    importWh: isImport ? Math.round(energyWh) : 0,
    exportWh: isImport ? 0 : Math.round(energyWh),
  };
}

function marketTime(written: string): number | null {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(written)?.slice(1).map(Number);
  if (parts === undefined) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) / MILLIS_PER_SECOND - MARKET_OFFSET_SECONDS;
}
