import { expect, test } from "vitest";
import { type CsvCell, csvText } from "./csv.ts";

async function lineOf(...cells: CsvCell[]): Promise<string> {
  async function* pages() {
    yield [cells];
  }
  const columns = cells.map((_, i) => [`c${i}`, (row: readonly CsvCell[]) => row[i] ?? null] as const);
  const pieces = [];
  for await (const piece of csvText(columns, pages())) pieces.push(piece);
  return pieces.slice(1).join("");
}

test("numbers stand as they are, negative ones too; null is empty", async () => {
  expect(await lineOf(1, -2n, null, 3)).toBe("1,-2,,3\r\n");
});

test.each([
  ["plain", "plain"],
  ["", ""],
  ["a,b", '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ["two\r\nlines", '"two\r\nlines"'],
  [" blank", '" blank"'],
])("a text is quoted by RFC 4180: %j", async (text, written) => {
  expect(await lineOf(text, 1)).toBe(`${written},1\r\n`);
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])(
  "a text that a spreadsheet would compute is text: %j",
  async (text) => {
    expect(await lineOf(text, 1)).toMatch(/^"?'/);
  },
);

test("pages are written one by one as they come, below the names", async () => {
  const asked: number[] = [];
  async function* pages() {
    for (const page of [1, 2]) {
      asked.push(page);
      yield [page * 10, page * 10 + 1];
    }
  }
  const text = csvText<number>([["energy_wh", (row) => row]], pages());
  expect((await text.next()).value).toBe("energy_wh\r\n");
  expect(asked).toEqual([]);
  expect((await text.next()).value).toBe("10\r\n11\r\n");
  expect(asked).toEqual([1]);
  expect((await text.next()).value).toBe("20\r\n21\r\n");
  expect((await text.next()).done).toBe(true);
});
