import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { pricesWire } from "#domains/pool/wire.ts";
import { type Running, startCommonwatt } from "./program.fixture.ts";

/** A community at the world's own pace. Its intervals take a quarter of an hour; its clock is seen to go at once. */

let directory: string;
let running: Running;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "commonwatt-realtime-"));
  running = startCommonwatt(["up", "--port", "0", "--realtime"], { directory });
});
afterAll(async () => {
  running?.process.kill("SIGKILL");
  await running?.finished;
  rmSync(directory, { recursive: true, force: true });
});

it("has the world's time, which goes on between two events", async () => {
  const [, address] = await running.line(/page and API +(http:\S+)/);
  const prices = async () => {
    const response = await fetch(`${address}/v1/prices`);
    return (await response.json()) as z.infer<typeof pricesWire>;
  };
  const first = await prices();
  expect(first.clockSpeed).toBe(1);
  expect(Math.abs(first.now - Date.now() / 1_000)).toBeLessThan(10);
  await expect.poll(async () => (await prices()).now, { timeout: 10_000 }).toBeGreaterThan(first.now);
  const { current, next } = (await prices()).areas[0]!;
  expect(current.startsAt).toBeLessThanOrEqual(Date.now() / 1_000);
  expect(next.endsAt).toBeGreaterThan(Date.now() / 1_000);
});

it("stops when it is asked to, in the middle of its waiting", async () => {
  running.process.kill("SIGINT");
  const { exitCode, stderr } = await running.finished;
  expect([exitCode, stderr]).toEqual([0, ""]);
});
