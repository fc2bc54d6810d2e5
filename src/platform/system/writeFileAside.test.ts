import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { writeFileAside } from "./writeFileAside.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "write-aside-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("creates and replaces a file and leaves nothing beside it", () => {
  const path = join(directory, "file");
  writeFileAside(path, Buffer.from("a long first content"));
  writeFileAside(path, Buffer.from("second"));
  expect(readFileSync(path, "utf8")).toBe("second");
  expect(readdirSync(directory)).toEqual(["file"]);
});

it("is not disturbed by what an interrupted write left", () => {
  const path = join(directory, "file");
  writeFileSync(`${path}.tmp`, "half of something much longer than the new content");
  writeFileAside(path, Buffer.from("whole"));
  expect(readFileSync(path, "utf8")).toBe("whole");
});

it("keeps what is there when it can't replace it", () => {
  const path = join(directory, "taken");
  mkdirSync(join(path, "by a directory"), { recursive: true });
  expect(() => writeFileAside(path, Buffer.from("new"))).toThrow();
  expect(readdirSync(directory)).toEqual(["taken"]);
});
