import { FileRefusedError, refuseWith } from "./question.ts";

/** How a file writes numbers. */
export type NumberStyle = { readonly decimal: "," | "." };

/** Cells that say that there is no value. */
const EMPTY_CELLS = new Set([
  "",
  "nan",
  "na",
  "n/a",
  "n.a.",
  "#n/a",
  "#nv",
  "#wert!",
  "#value!",
  "null",
  "none",
  "-",
  "--",
  "–",
]);

const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const GROUPED = /^[+-]?\d{1,3}([.,]\d{3})+$/;
const UNIT_TAIL = /\s*(kwh|wh|mwh|kw|w|mw|€|eur|ct|p)$/i;
const MONEY_HEAD = /^[€$£]\s*/;

/** Whether a cell says that there is no value. */
export function isEmptyCell(cell: string): boolean {
  return EMPTY_CELLS.has(cell.toLowerCase());
}

/** Whether a cell is a number in any style. */
export function looksLikeNumber(cell: string): boolean {
  return /^[+\-−]?[\d.,'’\s]*\d[\d.,'’\s]*(e[+-]?\d+)?$/i.test(cell.replace(UNIT_TAIL, ""));
}

/** A number in a file's style; NaN where a cell is none. */
export function readNumber(cell: string, { decimal }: NumberStyle): number {
  if (decimal === "." && PLAIN_NUMBER.test(cell)) return Number(cell);
  const bare = cell.replace(MONEY_HEAD, "").replace(UNIT_TAIL, "").replace("−", "-");
  const grouping = decimal === "," ? "." : ",";
  const [whole = "", ...fraction] = bare.replace(/[\s'’]/g, "").split(decimal);
  if (fraction.length > 1 || fraction.some((part) => part.includes(grouping))) return Number.NaN;
  if (whole.includes(grouping) && !GROUPED.test(whole)) return Number.NaN;
  const plain = [whole.replaceAll(grouping, ""), ...fraction].join(".");
  return PLAIN_NUMBER.test(plain) ? Number(plain) : Number.NaN;
}

/** What the cells of a file show of its style. */
type Evidence = { comma: string | null; point: string | null; open: string | null; mark: "," | "." };

/**
 * The style of some cells: what cannot be read otherwise decides it. `1.250` beside `240` is one and a quarter, or one
 * thousand two hundred and fifty: that is asked for, unless commas separate the cells.
 *
 * @param separator of the file's cells
 * @param wanted what flags or a mapping say
 * @throws FileRefusedError when both readings are possible, or neither
 */
export function decideNumberStyle(
  cells: Iterable<string>,
  { separator, wanted }: { separator: string; wanted: "," | "." | undefined },
): NumberStyle & { readonly because: string } {
  if (wanted !== undefined) return { decimal: wanted, because: "it was said" };
  const evidence: Evidence = { comma: null, point: null, open: null, mark: "." };
  for (const cell of cells) weigh(cell, evidence);
  const { comma, point, open, mark } = evidence;
  if (comma !== null && point !== null)
    throw new FileRefusedError(`"${comma}" has a decimal comma and "${point}" a decimal point`, [
      { asks: "which of the two marks decimals?", answer: 'mapping: decimal: "," or decimal: "."' },
    ]);
  if (comma !== null) return { decimal: ",", because: `"${comma}" can't be read otherwise` };
  if (point !== null) return { decimal: ".", because: `"${point}" can't be read otherwise` };
  if (open === null) return { decimal: ".", because: "all numbers are whole" };
  if (mark === "." && separator === ",") return { decimal: ".", because: "commas separate the cells" };
  throw refuseWith({
    asks: `is "${open}" a thousand and more, or a number with three decimals?`,
    answer: `mapping: decimal: "${mark === "." ? "," : "."}" (a thousand and more) or decimal: "${mark}"`,
  });
}

function weigh(cell: string, evidence: Evidence): void {
  const [hasComma, hasPoint] = [cell.includes(","), cell.includes(".")];
  if (!(hasComma || hasPoint)) return;
  // Most cells only say again what is known.
  if (hasPoint !== hasComma && (hasPoint ? evidence.point : evidence.comma) !== null) return;
  if (isEmptyCell(cell) || !looksLikeNumber(cell)) return;
  const mark = cell.lastIndexOf(",") > cell.lastIndexOf(".") ? "," : ".";
  const parts = cell
    .replace(UNIT_TAIL, "")
    .replace(/^[+\-−]/, "")
    .split(mark);
  const isBoth = hasComma && hasPoint;
  const isGroup = /^\d{3}$/.test(parts[1] ?? "") && /^[1-9]\d{0,2}$/.test(parts[0] ?? "");
  if (parts.length > 2 && !isBoth) decide(mark === "," ? "." : ",", cell, evidence);
  else if (isBoth || !isGroup) decide(mark, cell, evidence);
  else {
    evidence.open ??= cell;
    evidence.mark = mark;
  }
}

function decide(decimal: "," | ".", cell: string, evidence: Evidence): void {
  if (decimal === ",") evidence.comma ??= cell;
  else evidence.point ??= cell;
}
