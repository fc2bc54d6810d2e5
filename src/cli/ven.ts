import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import type { FlexibleLoad } from "#domains/response/openadr/rules/simulatedLoad.ts";
import { demonstrateVen } from "#domains/response/openadr/ven/demonstration.ts";
import { type FollowedEvent, startVen } from "#domains/response/openadr/ven/simulatedVen.ts";
import { type EventListener, subscribeToEvents } from "#domains/response/openadr/ven/subscribeToEvents.ts";
import { createVenClient, VtnUnreachableError } from "#domains/response/openadr/ven/venClient.ts";
import { UsageError } from "./exit.ts";
import { numberBetween, positive, seed } from "./optionValues.ts";
import { followedRecord, followedTable } from "./venTable.ts";

type Options = {
  readonly url?: string;
  readonly id: string;
  readonly secret?: string;
  readonly name?: string;
  readonly load: number;
  readonly flexible: number;
  readonly seed: number;
  readonly poll: number;
  readonly subscribe?: true;
  readonly once?: true;
  readonly json?: true;
};

const WATT_PER_KILOWATT = 1_000;
const MILLIS_PER_SECOND = 1_000;
const PERCENT = 100;

const EXAMPLES = `
Examples:
  commonwatt ven
  commonwatt ven --url http://127.0.0.1:3000 --id home-7 --secret <secret> --once
  commonwatt ven --url http://127.0.0.1:3000 --id home-7 --secret <secret> --subscribe
`;

/** Adds `commonwatt ven`: a simulated OpenADR client with one flexible load. */
export function registerVen(program: Command): void {
  program
    .command("ven")
    .description("a simulated OpenADR 3.1 client (VEN), which follows events and reports what it used")
    .option("--url <address>", "server to join; without it, one of its own on loopback, with three events")
    .option("--id <client>", "the client's id at --url", "home")
    .option("--secret <text>", "the client's secret at --url")
    .option("--name <name>", "the VEN's name, where it is not registered yet (default: the client's id)")
    .option("--load <kW>", "what its load draws at most", positive, 8)
    .option(
      "--flexible <percent>",
      "part of its energy that may be used at another time",
      numberBetween(0, PERCENT),
      40,
    )
    .option("--seed <number>", "of the load's day", seed, 1)
    .option("--poll <seconds>", "how often it asks for events", positive, 10)
    .option("--subscribe", "have the server tell of events as well, on this machine")
    .option("--once", "follow all events that are there now as if they were over, and end")
    .option("--json", "print each event as one line of JSON")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) =>
      options.url === undefined ? demonstrate(options) : joinServer(options, options.url),
    );
}

async function demonstrate(options: Options): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-openadr-"));
  try {
    for (const followed of await demonstrateVen(directory, loadOf(options))) show(followed, options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function joinServer(options: Options, url: string): Promise<void> {
  const { id, secret, name = id } = options;
  if (secret === undefined) throw new UsageError("a VEN at --url needs its --secret");
  const client = createVenClient({ url, clientID: id, secret });
  const ven = await startVen(client, { name, load: loadOf(options) });
  if (options.once) {
    for (const followed of await ven.followUntil(Number.POSITIVE_INFINITY)) show(followed, options);
    return;
  }
  const stopped = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.abort());
  const listener = options.subscribe ? await subscribeToEvents(client, ven.ven.venName) : null;
  try {
    while (!stopped.signal.aborted) {
      const followed = await ven.followUntil(Date.now() / MILLIS_PER_SECOND).catch(orNothing);
      for (const each of followed) show(each, options);
      await pause(options.poll * MILLIS_PER_SECOND, listener, stopped.signal);
    }
  } finally {
    await listener?.close();
  }
}

/** A server that is away is asked again; what it then knows is not reported twice. */
function orNothing(error: unknown): readonly FollowedEvent[] {
  if (!(error instanceof VtnUnreachableError)) throw error;
  process.stderr.write(`commonwatt: ${error.message}; it is asked again\n`);
  return [];
}

/** Until it is time to ask again, the server tells something, or the program is to end. */
async function pause(ms: number, listener: EventListener | null, signal: AbortSignal): Promise<void> {
  const timer = delay(ms, undefined, { signal }).catch(() => undefined);
  await (listener === null ? timer : Promise.race([timer, listener.next(ms)]));
}

function show(followed: FollowedEvent, { json }: Options): void {
  process.stdout.write(`${json ? JSON.stringify(followedRecord(followed)) : followedTable(followed)}\n`);
}

function loadOf({ load, flexible, seed }: Options): FlexibleLoad {
  return { seed, ratedW: load * WATT_PER_KILOWATT, flexibleShare: flexible / PERCENT };
}
