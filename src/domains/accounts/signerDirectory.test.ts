import { beforeEach, expect, it } from "vitest";
import type { Address } from "#kernel/crypto/hex.ts";
import { openSignerDirectory } from "./signerDirectory.ts";

const ANNA: Address = `0x${"a1".repeat(20)}`;
const BEN: Address = `0x${"be".repeat(20)}`;

let time: number;
let head: number;
let changedIn: Set<number>;
let registered: Map<number, Address>;
let asked: string[];
let isDown: boolean;
let directory: ReturnType<typeof openSignerDirectory>;

beforeEach(() => {
  [time, head, isDown] = [1_000, 10, false];
  changedIn = new Set();
  registered = new Map([[4, ANNA]]);
  asked = [];
  directory = openSignerDirectory(
    {
      async headBlock() {
        if (isDown) throw new Error("the node is down");
        asked.push("head");
        return head;
      },
      async hasChanged(from, to) {
        asked.push(`logs ${from}…${to}`);
        return [...changedIn].some((block) => block >= from && block <= to);
      },
      async read(account) {
        asked.push(`account ${account}`);
        return registered.get(account) ?? null;
      },
    },
    () => time,
  );
});

it("reads an account once for all orders of a second, also when they come together", async () => {
  const answers = await Promise.all([4, 4, 5, 4].map((account) => directory.signerOf(account)));
  expect(answers).toEqual([ANNA, ANNA, null, ANNA]);
  expect(await directory.signerOf(4)).toBe(ANNA);
  expect(asked).toEqual(["head", "account 4", "account 5"]);
});

it("knows an account as long as blocks leave the registry as it is", async () => {
  await directory.signerOf(4);
  [time, head] = [1_001, 12];
  expect(await directory.signerOf(4)).toBe(ANNA);
  time = 1_002;
  expect(await directory.signerOf(4)).toBe(ANNA);
  expect(asked).toEqual(["head", "account 4", "head", "logs 11…12", "head"]);
});

it("reads anew in the second after the registry changed", async () => {
  await directory.signerOf(4);
  registered.set(4, BEN);
  registered.set(5, ANNA);
  [time, head] = [1_001, 12];
  changedIn.add(11);
  expect(await directory.signerOf(4)).toBe(BEN);
  expect(await directory.signerOf(5)).toBe(ANNA);
});

it("forgets what it read from a chain that is shorter now", async () => {
  await directory.signerOf(4);
  registered.set(4, BEN);
  [time, head] = [1_001, 3];
  expect(await directory.signerOf(4)).toBe(BEN);
});

it("answers nothing while the node is down, and is right afterwards", async () => {
  await directory.signerOf(4);
  [time, isDown] = [1_001, true];
  await expect(directory.signerOf(4)).rejects.toThrow("the node is down");
  registered.set(4, BEN);
  isDown = false;
  expect(await directory.signerOf(4)).toBe(BEN);
});
