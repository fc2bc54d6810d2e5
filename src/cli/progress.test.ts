import { expect, it } from "vitest";
import { createJsonProgress, createProgress } from "./progress.ts";

function record(isTTY: boolean) {
  let text = "";
  const write = (part: string) => {
    text += part;
    return true;
  };
  return { stream: { isTTY, write } as unknown as NodeJS.WriteStream, text: () => text };
}

it("shows a count at each tenth where nobody watches a terminal", () => {
  const { stream, text } = record(false);
  const progress = createProgress(stream);
  for (let done = 1; done <= 25; done += 1) progress.count("blocks", done, 25);
  progress.end();
  const lines = text().trimEnd().split("\n");
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("3 of 25 blocks");
  expect(lines.at(-1)).toBe("25 of 25 blocks");
});

it("draws a count in one line of a terminal, always to its end", () => {
  const { stream, text } = record(true);
  const progress = createProgress(stream);
  for (let done = 1; done <= 1_000; done += 1) progress.count("intervals", done, 1_000);
  progress.end();
  progress.end();
  expect(text()).toMatch(/\r1000 of 1000 intervals\n$/);
  expect(text().split("\n")).toHaveLength(2);
  expect(text().split("\r").length).toBeLessThan(500);
});

it("puts a sentence on a line of its own", () => {
  const { stream, text } = record(true);
  const progress = createProgress(stream);
  progress.say("starting");
  progress.count("blocks", 2, 2);
  progress.say("done");
  expect(text()).toBe("starting\n\r2 of 2 blocks\ndone\n");
});

it("reports to a program in JSON lines: sentences, and a count now and then", () => {
  const { stream, text } = record(false);
  const progress = createJsonProgress(stream);
  progress.say("starting");
  for (let done = 1; done <= 1_000; done += 1) progress.count("blocks", done, 1_000);
  progress.end();
  const lines = text().trimEnd().split("\n");
  expect(lines.length).toBeLessThan(100);
  expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([
    { kind: "sentence", sentence: "starting" },
    { kind: "count", what: "blocks", done: 1, total: 1_000 },
  ]);
});
