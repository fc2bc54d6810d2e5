import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

it("gives back what a process no longer uses, though the machine has memory", () => {
  const script = join(import.meta.dirname, "smallHeap.fixture.ts");
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", script], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(Number(stdout)).toBeGreaterThan(60e6);
});
