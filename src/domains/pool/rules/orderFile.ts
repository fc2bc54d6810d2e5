import type { Side } from "#kernel/auction/order.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { MAX_ORDER_WH, MAX_PRICE_MICRO_PER_KWH, MIN_PRICE_MICRO_PER_KWH } from "./order.ts";

/** An order of a file: line counted from 1, the first line of the file. */
export type FileOrder = {
  readonly line: number;
  readonly participant: string;
  readonly side: Side;
  readonly energyWh: number;
  readonly limitPriceMicroPerKwh: number;
};

/** A line that holds no valid order, and a sentence that says why. */
export type RefusedLine = { readonly line: number; readonly reason: string };

const COLUMNS = ["participant", "side", "energyWh", "limitPriceMicroPerKwh"] as const;

type Column = (typeof COLUMNS)[number];

/** Four fields need no more; a line beyond it is some other file. */
const MAX_LINE_CHARACTERS = 10_000;

/** Longest part of a field that a reason quotes. */
const QUOTED_CHARACTERS = 40;

/**
 * Reads orders from CSV text with the columns participant, side, energyWh, limitPriceMicroPerKwh in any order.
 *
 * One line is one order: a quoted field ends on its line, so that a quote that is never closed spoils one line only.
 * Blanks around a field are no part of it, quoted or not; a participant is any other text without control characters.
 * A byte-order mark, CRLF and empty lines are accepted. A bad line is refused with a reason and the rest goes on.
 * A participant bids or offers in one file, not both: its first order decides, and the others are refused.
 *
 * @throws OrderFileEmptyError when there is nothing but empty lines
 * @throws OrderFileHeaderError when the first line is not the header
 */
export function parseOrderFile(text: string): {
  readonly orders: readonly FileOrder[];
  readonly rejected: readonly RefusedLine[];
} {
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const headerAt = lines.findIndex((line) => line.trim() !== "");
  const header = lines[headerAt];
  if (header === undefined) throw new OrderFileEmptyError();
  const columns = readHeader(header);

  const orders: FileOrder[] = [];
  const rejected: RefusedLine[] = [];
  for (const [i, text] of lines.entries()) {
    if (i <= headerAt || text.trim() === "") continue;
    const line = i + 1;
    const order = readOrder(text, columns);
    if (typeof order === "string") rejected.push({ line, reason: order });
    else orders.push({ line, ...order });
  }
  const oneSided = keepOneSide(orders);
  return {
    orders: oneSided.orders,
    rejected: [...rejected, ...oneSided.rejected].sort((a, b) => a.line - b.line),
  };
}

/** A participant is on the side of its first order; what it has on the other one is refused, so nobody trades with itself. */
function keepOneSide(all: readonly FileOrder[]): { orders: FileOrder[]; rejected: RefusedLine[] } {
  const first = new Map<string, FileOrder>();
  const orders: FileOrder[] = [];
  const rejected: RefusedLine[] = [];
  for (const order of all) {
    const earlier = first.get(order.participant) ?? order;
    first.set(order.participant, earlier);
    if (earlier.side === order.side) orders.push(order);
    else rejected.push({ line: order.line, reason: bothSides(order, earlier) });
  }
  return { orders, rejected };
}

function bothSides({ participant, side }: FileOrder, earlier: FileOrder): string {
  const name = quote(participant);
  return `bothSides: ${name} has ${earlier.side === "bid" ? "a bid" : "an offer"} on line ${earlier.line}, so its ${side} is refused: nobody trades with itself`;
}

function readHeader(text: string): readonly Column[] {
  const fields = splitLine(text);
  if (typeof fields === "string") throw new OrderFileHeaderError(text);
  const columns = COLUMNS.filter((column) => fields.includes(column));
  if (columns.length !== COLUMNS.length || fields.length !== COLUMNS.length) {
    throw new OrderFileHeaderError(text);
  }
  return fields as Column[];
}

/** The order of a line, or the sentence that says why there is none. */
function readOrder(text: string, columns: readonly Column[]): Omit<FileOrder, "line"> | string {
  const fields = splitLine(text);
  if (typeof fields === "string") return fields;
  if (fields.length !== columns.length) {
    return `the line has ${fields.length} ${fields.length === 1 ? "column" : "columns"} instead of ${columns.length}`;
  }
  const field = (column: Column) => fields[columns.indexOf(column)] ?? "";
  const participant = field("participant");
  const side = field("side");
  const reason =
    findNameFault(participant) ??
    findSideFault(side) ??
    findEnergyFault(field("energyWh")) ??
    findPriceFault(field("limitPriceMicroPerKwh"));
  if (reason !== null) return reason;
  return {
    participant,
    side: side === "bid" ? "bid" : "offer",
    energyWh: Number(field("energyWh")),
    limitPriceMicroPerKwh: Number(field("limitPriceMicroPerKwh")) + 0,
  };
}

function findNameFault(participant: string): string | null {
  if (participant === "") return "participant is missing";
  return /\p{Cc}/u.test(participant)
    ? `participant is ${quote(participant)}, with a control character`
    : null;
}

function findSideFault(side: string): string | null {
  return side === "bid" || side === "offer" ? null : `side is ${quote(side)}, neither bid nor offer`;
}

function findEnergyFault(energyWh: string): string | null {
  if (/^-\d+$/.test(energyWh)) return `energyWh is ${quote(energyWh)}, which is negative`;
  if (!/^\d+$/.test(energyWh)) return `energyWh is ${quote(energyWh)}, not a whole number of Wh`;
  if (/^0+$/.test(energyWh)) return "energyWh is 0 Wh: an order needs energy";
  if (Number(energyWh) <= MAX_ORDER_WH) return null;
  return `energyWh is ${quote(energyWh)}, more than the ${MAX_ORDER_WH} Wh that an order can carry`;
}

function findPriceFault(price: string): string | null {
  if (!/^[+-]?\d+$/.test(price)) {
    return `limitPriceMicroPerKwh is ${quote(price)}, not a whole number of micro per kWh`;
  }
  const isWithin = Number(price) >= MIN_PRICE_MICRO_PER_KWH && Number(price) <= MAX_PRICE_MICRO_PER_KWH;
  if (isWithin) return null;
  const range = `${MIN_PRICE_MICRO_PER_KWH} to ${MAX_PRICE_MICRO_PER_KWH}`;
  return `limitPriceMicroPerKwh is ${quote(price)}, outside ${range} micro per kWh`;
}

/** The trimmed fields of a line, or the sentence that says what is wrong with it. */
function splitLine(text: string): string[] | string {
  if (text.length > MAX_LINE_CHARACTERS) return `the line has more than ${MAX_LINE_CHARACTERS} characters`;
  if (!text.includes('"')) return text.split(",").map((field) => field.trim());
  const fields: string[] = [];
  const field = /(?:\s*"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(text);
    if (match === null) return "a quote is not closed on its line, or stands inside an unquoted field";
    fields.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
    if (match[3] === "") return fields;
  }
}

function quote(field: string): string {
  return JSON.stringify(field.length > QUOTED_CHARACTERS ? `${field.slice(0, QUOTED_CHARACTERS)}…` : field);
}

export class OrderFileEmptyError extends DomainError {
  readonly code = "orderFileEmpty";

  constructor() {
    super(`the file of orders is empty: its first line must be the header ${COLUMNS.join(",")}`);
  }
}

export class OrderFileHeaderError extends DomainError {
  readonly code = "orderFileHeader";

  constructor(found: string) {
    super(`the file of orders starts with ${quote(found.trim())} instead of the header ${COLUMNS.join(",")}`);
  }
}
