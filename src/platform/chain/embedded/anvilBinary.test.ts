import { accessSync, constants } from "node:fs";
import { expect, it } from "vitest";
import { AnvilMissingError, anvilBinaryPath } from "./anvilBinary.ts";

it("finds an executable for this platform", () => {
  accessSync(anvilBinaryPath(), constants.X_OK);
});

it.each([
  ["sunos-sparc", /sunos-sparc.*--rpc/],
  [process.platform === "darwin" ? "linux-x64" : "darwin-x64", /@foundry-rs\/anvil-.*-amd64.*npm install/],
])("names the platform %s that it has no program for, and the way out", (platform, words) => {
  expect(() => anvilBinaryPath(platform)).toThrow(AnvilMissingError);
  expect(() => anvilBinaryPath(platform)).toThrow(words);
  expect(() => anvilBinaryPath(platform)).toThrow(platform);
});
