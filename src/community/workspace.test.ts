import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import {
  latestNetwork,
  type NetworkRecord,
  NetworkRecordError,
  networkFolder,
  readNetwork,
  rememberLatest,
  removeNetwork,
  writeNetwork,
} from "./workspace.ts";

const RECORD: NetworkRecord = {
  name: "riverside",
  rpcUrl: null,
  scenario: {
    folder: "scenarios/riverside",
    communities: [{ name: "riverside", areaId: 1, seed: 13, startsAt: 1_747_033_200 }],
  },
  deployment: DEPLOYMENT,
};

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "commonwatt-workspace-"));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

it("knows no network at first", () => {
  expect(latestNetwork(workspace)).toBeNull();
  expect(readNetwork(workspace, "riverside")).toBeNull();
});

it("gives a network's record back, and remembers which was used last", () => {
  const remote = { ...RECORD, name: "chain-9", rpcUrl: "http://127.0.0.1:1", scenario: null };
  writeNetwork(workspace, RECORD);
  writeNetwork(workspace, remote);
  expect(readNetwork(workspace, "riverside")).toEqual(RECORD);
  expect(readNetwork(workspace, "chain-9")).toEqual(remote);
  expect(latestNetwork(workspace)).toBe("chain-9");
  rememberLatest(workspace, "riverside");
  expect(latestNetwork(workspace)).toBe("riverside");
});

it("removes a network with all it holds, and no other", () => {
  writeNetwork(workspace, RECORD);
  writeNetwork(workspace, { ...RECORD, name: "other" });
  removeNetwork(workspace, "riverside");
  removeNetwork(workspace, "never-there");
  expect(existsSync(networkFolder(workspace, "riverside"))).toBe(false);
  expect(readNetwork(workspace, "other")).not.toBeNull();
});

it.each([
  ["cut short", (text: string) => text.slice(0, 40), /it is no JSON/],
  [
    "without an address",
    (text: string) => text.replace(DEPLOYMENT.contracts.poolMarket, "0x12"),
    /poolMarket/,
  ],
  ["without a deployment", () => "{}", /deployment/],
])("names a record that is %s, with its place", (_, damage, words) => {
  writeNetwork(workspace, RECORD);
  const path = join(networkFolder(workspace, "riverside"), "network.json");
  writeFileSync(path, damage(readFileSync(path, "utf8")));
  expect(() => readNetwork(workspace, "riverside")).toThrow(NetworkRecordError);
  expect(() => readNetwork(workspace, "riverside")).toThrow(words);
  expect(() => readNetwork(workspace, "riverside")).toThrow(path);
});
