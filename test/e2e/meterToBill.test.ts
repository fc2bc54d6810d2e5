import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCommonwatt } from "./program.fixture.ts";

/* A simulated meter outside of the community's process: its reading travels from the device to the chain (docs/meters.md). */

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-outside-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Resolves with the interval of the first publication from `intervalId` on. */
async function published(address: string, intervalId: number): Promise<number> {
  const stream = await fetch(`${address}/v1/events?lastEventId=0-0`);
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of stream.body ?? []) {
    text += decoder.decode(piece as Uint8Array, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:") || !line.includes("readingsPublished")) continue;
      const found = Number(/"intervalId":(\d+)/.exec(line)?.[1]);
      if (found >= intervalId) return found;
    }
  }
  throw new Error("the stream of events ended");
}

it("a reading travels from a device to the interval's root (R8.26)", async () => {
  const up = startCommonwatt(["up", "--outside-meters", "mill-lane-1", "--speed", "90", "--port", "0"], {
    directory,
  });
  const [, meterId = "", key = ""] = await up.line(/commonwatt meter --meter (0x\w+) --key (\S+)/);
  const [, address = ""] = await up.line(/page and API\s+(http:\S+)/);
  const meter = startCommonwatt(
    [
      "meter",
      "--meter",
      meterId,
      "--key",
      key,
      "--gateway",
      address,
      "--simulate",
      "dsmr",
      "--every",
      "0.5",
      "--json",
    ],
    { directory },
  );
  // The first intervals may be published while the meter starts: what it signs second is in time.
  const first = Number((await meter.line(/"intervalId":(\d+)/))[1]);
  const intervalId = await published(address, first + 1);
  const { readings } = (await (
    await fetch(`${address}/v1/readings?areaId=1&intervalId=${intervalId}&limit=100`)
  ).json()) as { readings: { meterId: string; leaf: string | null; proof: string }[] };
  const own = readings.find((reading) => reading.meterId === meterId);
  expect(own?.leaf).toMatch(/^0x[0-9a-f]{64}$/);
  expect(own?.proof).toMatch(/published|opened/);
  expect(readings).toHaveLength(24);
  meter.process.kill("SIGTERM");
  expect((await meter.finished).exitCode).toBe(0);
  up.process.kill("SIGTERM");
  await up.finished;
});
