import { expect, it } from "vitest";
import { groupCommit } from "./groupCommit.ts";

it("writes what comes together at once and in its order, what comes later by itself", async () => {
  const written: number[][] = [];
  const keep = groupCommit<number>((items) => void written.push([...items]));
  await Promise.all([keep(3), keep(1), keep(2)]);
  await keep(4);
  expect(written).toEqual([[3, 1, 2], [4]]);
});

it("nothing is kept before it is written", async () => {
  let isWritten = false;
  const keep = groupCommit<number>(() => {
    isWritten = true;
  });
  const kept = keep(1).then(() => isWritten);
  expect(isWritten).toBe(false);
  expect(await kept).toBe(true);
});

it("tells each of a group that could not be written, and goes on with the next", async () => {
  let isFull = true;
  const keep = groupCommit<number>(() => {
    if (isFull) throw new Error("no space left");
  });
  const results = await Promise.allSettled([keep(1), keep(2)]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  isFull = false;
  await keep(3);
});
