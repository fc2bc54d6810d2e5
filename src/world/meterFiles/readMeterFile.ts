import { type Cells, splitText } from "./delimited.ts";
import type { TableFormat, TextFormat } from "./formats/format.ts";
import { FORMATS, PLAIN_TABLE } from "./formats/formats.ts";
import { type Hints, joinHints } from "./hints.ts";
import { jsonTable, looksLikeJson } from "./jsonTable.ts";
import { readLongTable } from "./longTable.ts";
import { toRecording } from "./onGrid.ts";
import { checkPlausible } from "./plausible.ts";
import { FileRefusedError, type Question } from "./question.ts";
import type { Fact, MeterStates, Recording } from "./recording.ts";
import { findTable, type Table } from "./table.ts";
import { unfold } from "./unfold.ts";
import { readWideTable } from "./wideTable.ts";
import type { Written } from "./written.ts";

/** A file that has been opened: its text, or the cells of a workbook; and how its bytes were read. */
export type OpenedFile = { readonly file: string; readonly facts?: readonly Fact[] } & (
  | { readonly text: string }
  | { readonly cells: Cells }
  | { readonly unreadable: string }
);

/** What became of a file: its meters, or what keeps it from being read. */
export type MeterFile =
  | {
      readonly status: "read";
      readonly file: string;
      readonly format: string;
      readonly recordings: readonly Recording[];
      readonly states: readonly MeterStates[];
    }
  | {
      readonly status: "refused";
      readonly file: string;
      readonly format: string | null;
      readonly reason: string;
      readonly questions: readonly Question[];
    };

/** Reads a file as it is, with what is known of it beside its text; a refusal is part of the result. */
export function readMeterFile(opened: OpenedFile, hints: Hints): MeterFile {
  const { file } = opened;
  let format: string | null = null;
  try {
    const understood = understand(opened, hints);
    format = understood.format.name;
    const facts = [...(opened.facts ?? []), understood.format.fact];
    const all = understood.written();
    const recordings = all
      .filter(({ states }) => states === undefined)
      .map((written) => {
        const recording = toRecording(
          file,
          { ...written, facts: [...facts, ...written.facts] },
          understood.hints,
        );
        return checkPlausible(recording, understood.hints);
      });
    return { status: "read", file, format, recordings, states: all.flatMap(({ states }) => states ?? []) };
  } catch (error) {
    if (!(error instanceof FileRefusedError)) throw error;
    return { status: "refused", file, format, reason: error.reason, questions: error.questions };
  }
}

type Understood = {
  readonly format: { readonly name: string; readonly fact: Fact };
  readonly hints: Hints;
  readonly written: () => readonly Written[];
};

function understand(opened: OpenedFile, hints: Hints): Understood {
  if ("unreadable" in opened) throw new FileRefusedError(opened.unreadable);
  if ("text" in opened) {
    const text = textFormat(opened.text, hints);
    if (text !== null)
      return { format: named(text, hints), hints, written: () => text.read(opened.text, hints) };
  }
  const table = findTable(unfold("cells" in opened ? opened.cells : cellsOf(opened.text)), hints);
  const format = tableFormat(table, hints);
  const joined = format === null ? hints : joinHints(hints, format.hints(table));
  return {
    format: format === null ? PLAIN : named(format, hints),
    hints: joined,
    written: () => readWideTable(table, joined) ?? readLongTable(table, joined),
  };
}

/** @throws FileRefusedError when it is XML of no known format */
function cellsOf(text: string): Cells {
  if (/^\s*</.test(text)) throw new FileRefusedError("it is XML or HTML of no format that is known");
  return looksLikeJson(text) ? jsonTable(text) : splitText(text);
}

const PLAIN = {
  name: PLAIN_TABLE,
  fact: { what: "format", says: "a table", because: "its columns are read by their names" },
};

function named({ name, title }: TableFormat | TextFormat, hints: Hints) {
  const because = hints.format === undefined ? "its columns or first lines are those" : "it was said";
  return { name, fact: { what: "format", says: title, because } };
}

function textFormat(text: string, { format }: Hints): TextFormat | null {
  const texts = FORMATS.filter((each) => each.kind === "text");
  if (format !== undefined) return texts.find(({ name }) => name === format) ?? null;
  return texts.find((each) => each.recognises(text)) ?? null;
}

function tableFormat(table: Table, { format }: Hints): TableFormat | null {
  const tables = FORMATS.filter((each) => each.kind === "table");
  if (format !== undefined) return tables.find(({ name }) => name === format) ?? null;
  return tables.find((each) => each.recognises(table)) ?? null;
}
