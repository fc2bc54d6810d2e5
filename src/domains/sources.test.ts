import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/* Ids of the specification: documents use those that docs/sources.md explains; what a program says has none. */

const ID = /\b(?:R\d+\.\d+|AMB-\d+|E\d+\.\d+)\b/g;
/** `E9.5 to E9.8`, `R8.29–R8.31` */
const RANGE = /\b([RE]\d+)\.(\d+)(?: to |–)\1\.(\d+)\b/g;
const ROOT = join(import.meta.dirname, "../..");

function filesUnder(folder: string, form: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => form.test(name))
    .map((name) => join(folder, name));
}

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const explained = new Set(
  [...read("docs/sources.md").matchAll(/^\| (\S+) \| .{10,} \|$/gm)].map(([, id]) => id),
);

test("every id in a document has a line in docs/sources.md", () => {
  const documents = ["docs", "cases", "scenarios"].flatMap((folder) => filesUnder(folder, /\.(md|yaml)$/));
  const own = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const unknown = [...documents, ...own].flatMap((path) => {
    const text = read(path);
    const inRanges = [...text.matchAll(RANGE)].flatMap(([, group, from, to]) =>
      Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => `${group}.${Number(from) + i}`),
    );
    const ids = [...[...text.matchAll(ID)].map(([id]) => id), ...inRanges];
    return ids.filter((id) => !explained.has(id)).map((id) => `${path}: ${id}`);
  });
  expect(explained.size).toBeGreaterThan(30);
  expect(unknown).toEqual([]);
});

/** Report the errata of a source by their ids: they are what these are about. */
const ERRATA_REPORTS = new Set([
  "src/domains/charging/shanghai/quotaReport.ts",
  "src/world/response/twoStageErrata.ts",
]);

test("no text of a page, of the API or of the command line has an id", () => {
  const sources = ["src", "dashboard/src"].flatMap((folder) =>
    filesUnder(folder, /\.tsx?$/).filter(
      (path) => !/\.(test|fixture|generated)\./.test(path) && !ERRATA_REPORTS.has(path),
    ),
  );
  const shown = sources.flatMap((path) => {
    const code = read(path)
      .replace(/\/\*[\s\S]*?\*\//g, "")
      .replace(/(^|\s)\/\/.*$/gm, "");
    return [...code.matchAll(ID)].map(([id]) => `${path}: ${id}`);
  });
  expect(sources.length).toBeGreaterThan(300);
  expect(shown).toEqual([]);
});
