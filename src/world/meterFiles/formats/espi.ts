import type { ColumnRole } from "../hints.ts";
import { instantTimes } from "../instants.ts";
import { FileRefusedError } from "../question.ts";
import type { Written, WrittenColumn } from "../written.ts";
import type { TextFormat } from "./format.ts";
import { child, childrenOf, type Element, parseXml, textAt } from "./xml.ts";

/** Codes of the standard: Wh and W, and the direction of the flow. */
const [WATT_HOURS, WATTS] = ["72", "38"];
const ROLES: Readonly<Record<string, ColumnRole>> = {
  "1": "import",
  "19": "export",
  "4": "net",
  "0": "import",
  "": "import",
};
/** Accumulation: the states of a counter. */
const CUMULATIVE = new Set(["1", "3"]);

type Entry = { readonly content: Element; readonly self: string; readonly related: readonly string[] };
type Reading = { readonly at: number; readonly value: number; readonly seconds: number };

/**
 * Green Button's XML (NAESB REQ.21, ESPI): blocks of readings under a reading type, which gives unit, power of ten and direction.
 * Times are unix seconds.
 */
export const espi: TextFormat = {
  kind: "text",
  name: "greenbutton",
  title: "Green Button (ESPI)",
  recognises: (text) => /<(\w+:)?(IntervalBlock|IntervalReading)[\s>]/.test(text),
  read(text) {
    const entries = childrenOf(child(parseXml(text), "feed"), "entry").map(toEntry);
    const groups = groupBlocks(entries);
    const meters = [...new Set(groups.map(({ meter }) => meter))];
    const written = meters.flatMap((meter) =>
      toWritten(
        meter,
        groups.filter((group) => group.meter === meter),
      ),
    );
    if (written.length === 0) throw new FileRefusedError("it has no readings of electricity in Wh or W");
    return written;
  },
};

function toEntry(entry: Element): Entry {
  const links = childrenOf(entry, "link").map((link) => ({
    rel: textAt(link, "@rel"),
    href: textAt(link, "@href"),
  }));
  const href = (rel: string) => links.filter((link) => link.rel === rel).map((link) => link.href);
  return {
    content: child(entry, "content") ?? "",
    self: href("self")[0] ?? "",
    related: [...href("related"), ...href("up")],
  };
}

type Group = {
  readonly meter: string | null;
  readonly type: Element | undefined;
  readonly readings: readonly Reading[];
};

/** Blocks by the reading type of the meter reading above them; the only type where links name none. */
function groupBlocks(entries: readonly Entry[]): readonly Group[] {
  const types = entries.filter(({ content }) => child(content, "ReadingType") !== undefined);
  const readings = entries.filter(({ content }) => child(content, "MeterReading") !== undefined);
  const groups = new Map<string, { meter: string | null; type: Element | undefined; readings: Reading[] }>();
  for (const entry of entries) {
    const blocks = childrenOf(entry.content, "IntervalBlock");
    if (blocks.length === 0) continue;
    const above = readings.find(
      ({ self }) => self !== "" && [entry.self, ...entry.related].some((href) => href.startsWith(self)),
    );
    const type =
      types.find(({ self }) => above?.related.includes(self)) ?? (types.length === 1 ? types[0] : undefined);
    const meter = /UsagePoint\/([^/]+)/.exec(entry.self || (entry.related[0] ?? ""))?.[1] ?? null;
    const key = `${meter} ${type?.self ?? ""}`;
    const group = groups.get(key) ?? { meter, type: child(type?.content, "ReadingType"), readings: [] };
    group.readings.push(...blocks.flatMap(readBlock));
    groups.set(key, group);
  }
  return [...groups.values()];
}

function readBlock(block: Element): readonly Reading[] {
  return childrenOf(block, "IntervalReading").map((reading) => ({
    at: Number(textAt(reading, "timePeriod", "start")),
    seconds: Number(textAt(reading, "timePeriod", "duration")),
    value: Number(textAt(reading, "value") || Number.NaN),
  }));
}

function toWritten(meter: string | null, groups: readonly Group[]): readonly Written[] {
  const columns = groups.flatMap(toColumn);
  if (columns.length === 0) return [];
  return [
    {
      meter,
      columns,
      zone: null,
      times: "start",
      stepSeconds: groups[0]?.readings[0]?.seconds || null,
      rows: groups.reduce((sum, { readings }) => sum + readings.length, 0),
      refused: [],
      facts: columns.map(({ name, role, unit }) => ({
        what: `"${name}"`,
        says: `${role}, ${unit}`,
        because: "its reading type",
      })),
      warnings: [],
    },
  ];
}

function toColumn({ type, readings }: Group): readonly WrittenColumn[] {
  const uom = textAt(type, "uom");
  if (uom !== WATT_HOURS && uom !== WATTS) return [];
  const direction = textAt(type, "flowDirection");
  const role = ROLES[direction];
  if (role === undefined)
    throw new FileRefusedError(`its flow direction ${direction} is neither taken, fed in nor net`);
  const factor = 10 ** Number(textAt(type, "powerOfTenMultiplier") || 0);
  return [
    {
      name: `flow ${direction || "unsaid"}`,
      role,
      quantity: uom === WATTS ? "power" : "energy",
      unit: uom === WATTS ? "W" : "Wh",
      isRegister: CUMULATIVE.has(textAt(type, "accumulationBehaviour")),
      values: Float64Array.from(readings, ({ value }) => value * factor),
      times: instantTimes(
        Float64Array.from(readings, ({ at }) => at),
        readings.map((_, at) => at + 1),
      ),
    },
  ];
}
