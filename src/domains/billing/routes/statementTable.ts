import { formatMicro } from "#kernel/units/money.ts";

/** A row of a table of the statement. Cells are safe HTML. */
export function row(cells: readonly string[], tag: "td" | "th" = "td"): string {
  return `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
}

export function headRow(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => (cell === "" ? "<td></td>" : `<th scope="col">${cell}</th>`)).join("")}</tr>`;
}

/** All digits, so that the columns add up. */
const MICRO_DECIMALS = 6;

export function exact(micro: bigint): string {
  return grouped(formatMicro(micro, MICRO_DECIMALS));
}

/** Energy as kWh with three digits, so that points stand under each other. */
export function exactKwh(energyWh: bigint): string {
  return grouped(formatMicro(energyWh * MICRO_PER_MILLI, MILLI_DECIMALS));
}

const MICRO_PER_MILLI = 1_000n;
const MILLI_DECIMALS = 3;

/** Thousands apart, before the point. */
function grouped(figure: string): string {
  return figure.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
