import type { Cells } from "./delimited.ts";
import { normaliseName } from "./units.ts";

/* Layouts with more than one line of headers, made into a row a metering point and time before a table is looked for. */

/** The first column of what {@link unfold} makes, by which its formats are known. */
export const UNFOLDED = {
  community: "EDA Zeit",
  linky: "Horodate Enedis",
  linkyIndex: "Horodate Enedis index",
} as const;

/** A file of several header lines as a plain table; the same cells of any other. */
export function unfold(cells: Cells): Cells {
  return unfoldCommunity(cells) ?? unfoldLinky(cells) ?? cells;
}

type Row = readonly string[];
type Placed = { readonly row: Row; readonly line: number };

/** What of a community's report is measured at the meter; shares of the allocation are not. */
const MEASURED: readonly (readonly [RegExp, "consumption" | "generation"])[] = [
  [/^gesamtverbrauch_lt_messung/, "consumption"],
  [/^gesamte_gemeinschaftliche_erzeugung/, "generation"],
  [/^erzeugung_lt_messung_(?!entsprechend)/, "generation"],
];

/**
 * The energy report of an Austrian community (EDA portal, eegfaktura): metering points in columns, each with its number, direction and code
 * above the values. Of each point the measured total is taken; what the allocation made of it is left out.
 */
function unfoldCommunity({ rows, lines }: Cells): Cells | null {
  const labelled = (label: RegExp) => rows.findIndex((row) => label.test(normaliseName(row[0] ?? "")));
  const ids = rows[labelled(/^(metering_?point_?id|zahlpunkt|zahlpunktnummer)$/)];
  const codesAt = labelled(/^meter_?code$/);
  const codes = rows[codesAt];
  if (!ids || !codes) return null;
  let meter = "";
  const columns = codes.flatMap((code, index) => {
    meter = index === 0 ? meter : ids[index] || meter;
    const found = MEASURED.find(([pattern]) => pattern.test(normaliseName(code)));
    return index > 0 && found && meter !== "" ? [{ index, meter, is: found[1] }] : [];
  });
  if (columns.length === 0) return null;
  const data = rows
    .map((row, at): Placed => ({ row, line: lines[at] ?? at + 1 }))
    .slice(codesAt + 1)
    .filter(({ row }) => /^\d/.test(row[0] ?? ""));
  const unfolded = columns.flatMap(({ index, meter: id, is }) =>
    data.map(({ row, line }) => {
      const value = row[index] ?? "";
      return {
        line,
        row: [row[0] ?? "", id, is === "consumption" ? value : "", is === "generation" ? value : ""],
      };
    }),
  );
  return tableOf([UNFOLDED.community, "Zählpunkt", "Verbrauch (kWh)", "Einspeisung (kWh)"], joined(unfolded));
}

/**
 * Enedis' files of a Linky meter: a line of names, a line that says whose values these are and what, then `Horodate;Valeur`; several
 * such parts may follow one another. A curve of power is taken before states of the register.
 */
function unfoldLinky({ rows, lines }: Cells): Cells | null {
  const starts = rows.flatMap((row, at) => (normaliseName(row[0] ?? "") === "identifiant_prm" ? [at] : []));
  if (starts[0] !== 0) return null;
  const parts = starts.map((start, i) => {
    const part = rows.slice(start, starts[i + 1]);
    return partOf(part, lines.slice(start, starts[i + 1]));
  });
  const curves = parts.filter((part) => part !== null && part.kind === "curve");
  const indexes = parts.filter((part) => part !== null && part.kind === "index");
  const [kind, taken] = curves.length > 0 ? (["curve", curves] as const) : (["index", indexes] as const);
  if (taken.length === 0) return null;
  const unfolded = taken.flatMap((part) =>
    (part?.values ?? []).map(({ row: [at = "", value = ""], line }) => {
      const prm = part?.prm ?? "";
      return { line, row: [at, prm, part?.is === "import" ? value : "", part?.is === "export" ? value : ""] };
    }),
  );
  const unit = taken[0]?.unit ?? "W";
  const [first, names] =
    kind === "curve"
      ? [UNFOLDED.linky, ["Soutirage", "Injection"]]
      : [UNFOLDED.linkyIndex, ["Soutirage index", "Injection index"]];
  return tableOf([first, "PRM", ...names.map((name) => `${name} (${unit})`)], joined(unfolded));
}

type LinkyPart = {
  readonly kind: "curve" | "index";
  readonly prm: string;
  readonly is: "import" | "export";
  readonly unit: string;
  readonly values: readonly Placed[];
};

/** A part whose values are power or states of a counter; null for any other, such as the day's highest power. */
function partOf(rows: readonly Row[], lines: readonly number[]): LinkyPart | null {
  const [names = [], said = []] = rows;
  const field = (name: string) => said[names.findIndex((each) => normaliseName(each) === name)] ?? "";
  const type = normaliseName(field("type_de_donnees"));
  const kind = type.startsWith("courbe_de_charge") ? "curve" : type === "index" ? "index" : null;
  const headerAt = rows.findIndex((row) => normaliseName(row[0] ?? "") === "horodate");
  if (kind === null || headerAt < 0) return null;
  const header = rows[headerAt] ?? [];
  const wanted = kind === "curve" ? /^valeur$/ : /^ea[si]_t$/;
  const valueAt = header.findIndex((name) => wanted.test(normaliseName(name)));
  if (valueAt < 0) return null;
  const values = rows
    .map((row, at): Placed => ({ row: [row[0] ?? "", row[valueAt] ?? ""], line: lines[at] ?? at + 1 }))
    .slice(headerAt + 1)
    .filter(({ row }) => /^\d{4}-/.test(row[0] ?? ""));
  const is = /^(production|injection)/.test(normaliseName(field("grandeur_metier"))) ? "export" : "import";
  return { kind, prm: field("identifiant_prm"), is, unit: field("unite") || "W", values };
}

/**
 * Rows of one time and metering point with both directions in one. A time that comes twice, as in the repeated hour, stays two rows: a value goes
 * to the first that has none.
 */
function joined(placed: readonly Placed[]): readonly Placed[] {
  const result: { row: string[]; line: number }[] = [];
  const known = new Map<string, { row: string[]; line: number }[]>();
  for (const { row, line } of placed) {
    const key = `${row[0]} ${row[1]}`;
    const at = row[2] === "" ? 3 : 2;
    const same = known.get(key) ?? [];
    const free = same.find((each) => each.row[at] === "");
    if (free) {
      free.row[at] = row[at] ?? "";
      continue;
    }
    const added = { row: [...row], line };
    result.push(added);
    known.set(key, [...same, added]);
  }
  return result;
}

function tableOf(header: Row, placed: readonly Placed[]): Cells {
  return {
    rows: [header, ...placed.map(({ row }) => row)],
    lines: [0, ...placed.map(({ line }) => line)],
    separator: ";",
  };
}
