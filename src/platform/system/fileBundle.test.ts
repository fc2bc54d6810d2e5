import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openForBundle, packBundle, unpackBundle } from "./fileBundle.ts";

/* Issue of faults: a backup of what grows meanwhile, and one that was damaged on its way. */

let directory: string;
let source: string;
let bundle: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-bundle-"));
  source = join(directory, "source");
  bundle = join(directory, "a.backup");
  mkdirSync(join(source, "readings"), { recursive: true });
  writeFileSync(join(source, "readings", "day.archive"), "first packet");
  writeFileSync(join(source, "empty.json"), "");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const NAMES = ["readings/day.archive", "empty.json"];

async function packAll(onOpen = () => {}) {
  const files = await Promise.all(NAMES.map((name) => openForBundle(source, name)));
  onOpen();
  try {
    return await packBundle(files, { to: bundle, about: { network: "riverside" } });
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()));
  }
}

function unpack() {
  const into = mkdtempSync(join(directory, "into-"));
  return unpackBundle(bundle, into).then((found) => ({ ...found, into }));
}

it("gives back each file as long as it was when it was opened, and what was said of them", async () => {
  const packed = await packAll(() =>
    appendFileSync(join(source, "readings", "day.archive"), ", second packet"),
  );
  const { into, about, files } = await unpack();
  expect(readFileSync(join(into, "readings", "day.archive"), "utf8")).toBe("first packet");
  expect(readFileSync(join(into, "empty.json"), "utf8")).toBe("");
  expect(about).toEqual({ network: "riverside" });
  expect(files).toEqual(packed.files);
  expect(files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ["readings/day.archive", 12],
    ["empty.json", 0],
  ]);
});

it("leaves nothing behind when a file got shorter meanwhile", async () => {
  await expect(packAll(() => writeFileSync(join(source, "readings", "day.archive"), "x"))).rejects.toThrow();
  expect(readdirSync(directory)).toEqual(["source"]);
});

it.each([
  ["no bundle at all", () => Buffer.from("no bundle")],
  ["a bundle that was cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 40)],
  [
    "a file that was changed",
    (bytes: Buffer) => gzipSync(replace(gunzipSync(bytes), "first packet", "worst packet")),
  ],
  [
    "a file that would lie elsewhere",
    (bytes: Buffer) =>
      gzipSync(replace(gunzipSync(bytes), "readings/day.archive", "readings/../../../evil".slice(0, 20))),
  ],
])("refuses %s", async (_, damage) => {
  await packAll();
  writeFileSync(bundle, damage(readFileSync(bundle)));
  await expect(unpack()).rejects.toThrow(/can't be used: .*; take another backup/);
});

function replace(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  expect(at).toBeGreaterThanOrEqual(0);
  const changed = Buffer.from(bytes);
  changed.write(to.padEnd(from.length, "\0"), at);
  return changed;
}
