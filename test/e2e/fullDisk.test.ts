import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { commonwatt } from "./program.fixture.ts";

/*
 * A disk that is full, or can't be written: the program says what to do, and goes on from what it confirmed. The disk is one of memory,
 * which only an administrator may mount: elsewhere the tests are skipped.
 */

const disk = mkdtempSync(join(tmpdir(), "commonwatt-disk-"));
const directory = join(disk, "workspace");
const mount = (options: string) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk]).status === 0;
const isMounted = mount("size=8m");

const UP = ["up", "--port", "0", "--speed", "1e9", "--intervals"];
const up = (intervals: number) => commonwatt([...UP, String(intervals)], { directory });
/** Whichever met it first, the database or the chain's record. */
const FULL =
  /^commonwatt: .*free (some space|the disk), and start again; what was (confirmed|settled) is kept$/m;
/** A founded community with the first intervals. */
const SOME_MEGABYTES = 42;
const MORE_THAN_FIT = 200;

afterAll(() => {
  if (isMounted) spawnSync("umount", [disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.runIf(isMounted)("a disk that takes no more", () => {
  it("is told when a community is founded on it, and one is founded once there is space", async () => {
    const refused = await up(1);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringMatching(FULL)]);
    expect(mount(`remount,size=${SOME_MEGABYTES}m`)).toBe(true);
    expect(await up(1)).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("is told by a community that runs, which later goes on with nothing lost", async () => {
    const stopped = await up(MORE_THAN_FIT);
    expect([stopped.exitCode, stopped.stderr]).toEqual([1, expect.stringMatching(FULL)]);
    expect(stopped.stderr).not.toMatch(/insert into|params/);
    const said = [...stopped.stdout.matchAll(/^(.*) settled: /gm)].map(([, at]) => at);
    mount("remount,size=200m");
    const goesOn = await up(1);
    expect([goesOn.exitCode, goesOn.stderr]).toEqual([0, ""]);
    const [, count = "0"] = /going on after (\d+) settled intervals/.exec(goesOn.stdout) ?? [];
    expect(Number(count)).toBeGreaterThanOrEqual(said.length);
    expect((await commonwatt(["audit"], { directory })).stdout).toMatch(/^CLEAN/);
  });

  it("is told when it can only be read", async () => {
    mount("remount,ro");
    for (const { exitCode, stderr } of [await up(1), await commonwatt(["audit"], { directory })])
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringMatching(/the disk can't be written.*mount it for writing/),
      ]);
  });
});
