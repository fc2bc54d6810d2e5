import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as nextLook } from "node:timers/promises";
import type { z } from "zod";
import { keyNames } from "#community/keyNames.ts";
import type { ordersWire, pricesWire } from "#domains/pool/wire.ts";
import { keySigner, signInAt } from "#platform/api/identity/signIn.fixture.ts";
import { createKeyring, type KeyPair } from "#platform/runtime/keyring.ts";
import { type Running, startCommonwatt } from "./program.fixture.ts";
import { copyRecordedMarket } from "./recordedMarket.fixture.ts";

/** So slow that the market stands still for years. */
const STILL = "1e-6";
const DEFAULT_SPEED = "900";

/** Account of Orchard Walk 4, which has sun. */
const LAST_HOME = 27;
const LOOK_AGAIN_MS = 100;

/** Half past midnight. */
const INTERVALS_TO_NEXT_DAY = 63;

/** The demonstration's keys follow from its scenario's name and seed, by the names of `keyNames`. */
const KEYRING = createKeyring("demonstration riverside 13");

export function demonstrationKey(name: string): KeyPair {
  return KEYRING.key(name);
}

/** The product as its operator runs it, from the command line, in a directory of its own. */
export type DashboardCommunity = {
  readonly origin: string;
  /** The chain's own JSON-RPC address, of another origin than the page. */
  readonly chainUrl: string;
  readonly get: <T>(path: string, cookie?: string) => Promise<T>;
  /** Signs in with the key of a name of `keyNames`; gives the cookie. */
  readonly cookieOf: (keyName: string) => Promise<string>;
  /** Kills the program as a power cut would, or starts it anew at the same address. */
  readonly kill: () => Promise<void>;
  readonly start: (speed: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Riverside after some hours, standing still: `settled` intervals and perhaps a few more are settled, one is being
 * delivered, and one collects orders. What the API says then stays as it is.
 */
export async function startStillCommunity({ settled }: { settled: number }): Promise<DashboardCommunity> {
  const community = await openAfter(settled);
  while (!(await hasQuoted(community))) await nextLook(LOOK_AGAIN_MS);
  return community;
}

/** Riverside after midnight, standing still: its first day, from 09:00 on, is yesterday. */
export function startNextDayCommunity(): Promise<DashboardCommunity> {
  return openAfter(INTERVALS_TO_NEXT_DAY);
}

/** The same, which then goes on at the speed of `npm start`. */
export function startRunningCommunity(): Promise<DashboardCommunity> {
  return openAfter(INTERVALS_TO_NEXT_DAY, DEFAULT_SPEED);
}

async function openAfter(settled: number, speed = STILL): Promise<DashboardCommunity> {
  return openCommunity(await copyRecordedMarket(settled), speed);
}

/** Whether the last of the homes has sent its order for the interval that collects them; by day it always has one. */
async function hasQuoted({ get, cookieOf }: DashboardCommunity): Promise<boolean> {
  const { areas } = await get<z.infer<typeof pricesWire>>("/v1/prices");
  const { areaId, next } = areas[0]!;
  const path = `/v1/participants/${LAST_HOME}/orders?status=open`;
  const { orders } = await get<z.infer<typeof ordersWire>>(path, await cookieOf(keyNames.operator));
  return orders.some((order) => order.areaId === areaId && order.intervalId === next.intervalId);
}

/** Riverside before its first gate closes, standing still. */
export function startFoundedCommunity(): Promise<DashboardCommunity> {
  return startLiveCommunity({ speed: Number(STILL) });
}

/** Riverside from its first interval, at `speed` market seconds a second. */
export function startLiveCommunity({ speed }: { speed: number }): Promise<DashboardCommunity> {
  return openCommunity(mkdtempSync(join(tmpdir(), "commonwatt-dashboard-")), String(speed));
}

async function openCommunity(directory: string, speed: string): Promise<DashboardCommunity> {
  let running = startCommonwatt(["up", "--port", "0", "--speed", speed], { directory });
  const origin = await addressOf(running);
  const [, chainUrl = ""] = await running.line(/chain +(http:\S+)/);
  const kill = async () => {
    running.process.kill("SIGKILL");
    await running.finished;
  };
  return {
    origin,
    chainUrl,
    get: (path, cookie) => get(`${origin}${path}`, cookie),
    cookieOf: async (name) => (await signInAt(origin, keySigner(demonstrationKey(name).privateKey))).cookie,
    kill,
    async start(nextSpeed) {
      const { port } = new URL(origin);
      running = startCommonwatt(["up", "--port", port, "--speed", String(nextSpeed)], { directory });
      await addressOf(running);
    },
    async stop() {
      // A chain ends with its program only when that is asked to stop.
      running.process.kill("SIGINT");
      await running.finished;
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function addressOf(running: Running): Promise<string> {
  const [, origin = ""] = await running.line(/page and API +(http:\S+)/);
  return origin;
}

async function get<T>(url: string, cookie?: string): Promise<T> {
  const answer = await fetch(url, { headers: cookie ? { cookie } : {} });
  if (!answer.ok) throw new Error(`${url} was answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}
