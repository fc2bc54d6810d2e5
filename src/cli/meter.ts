import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Config } from "#community/config.ts";
import { meterIdOf } from "#domains/metering/areaRegistry.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { tellHomeAssistant } from "#meters/homeAssistant.ts";
import { httpGateway } from "#meters/httpGateway.ts";
import { askPlace, type MeterPlace, type MeterSight, placeOf } from "#meters/meterPlace.ts";
import { mqttGateway } from "#meters/mqttGateway.ts";
import { openOutbox } from "#meters/outbox.ts";
import { runMeter } from "#meters/runMeter.ts";
import { readKeyFile } from "#platform/runtime/keyFile.ts";
import { acquireProcessLock } from "#platform/system/processLock.ts";
import { SIMULATED_METERS } from "#world/meters/simulatedHome.ts";
import { UsageError } from "./exit.ts";
import { chosenSource, type SourceOptions } from "./meterSource.ts";
import { numberBetween } from "./optionValues.ts";

type Options = SourceOptions & {
  readonly gateway: string;
  readonly meter: string;
  readonly key: string;
  readonly mqtt?: string;
  readonly mqttAuthority?: string;
  readonly homeAssistant?: string;
  readonly json?: true;
};

const MILLIS_PER_SECOND = 1_000;

const EXAMPLES = `
Examples:
  commonwatt meter --meter AT0010000000000000001000000000001 --key device.json --dsmr tcp://192.168.1.20:2001
  commonwatt meter --meter 0x5f0e… --key device.json --mqtt-meter mqtt://homeassistant.local --template meter.yaml
  commonwatt meter --meter 0x5f0e… --key device.json --simulate homewizard
Rules and templates: docs/meters.md. What is read is kept on disk until the gateway has it.
`;

/** `commonwatt meter`: reads a meter, signs what it measured in each interval, and hands it in (R8.26). */
export function registerMeter(program: Command, config: Config): void {
  program
    .command("meter")
    .description("read a meter beside it, sign what it measured, and hand that in to a community's gateway")
    .requiredOption("--meter <id>", "metering point: its number in the community (0x…), or the national one")
    .requiredOption("--key <file>", "key of its device; an encrypted one opens with COMMONWATT_PASSPHRASE")
    .option("--gateway <url>", "where the community's interface is", "http://127.0.0.1:8080")
    .option("--mqtt <url>", "hand readings in over MQTT, at the gateway's broker or any other")
    .option("--mqtt-authority <file>", "certificate of who signed the broker's, PEM")
    .option(
      "--dsmr <place>",
      "P1 telegrams: tcp://host:port of a serial server, a file, or - for standard input",
    )
    .option("--decryption-key <hex>", "key of Luxembourg's encrypted telegrams, 32 digits", aesKey)
    .option("--homewizard <url>", "a HomeWizard meter on this network")
    .option("--shelly <url>", "a Shelly meter on this network; with a path where its registers are elsewhere")
    .option("--mqtt-meter <url>", "a broker at which the meter's registers are published; needs --template")
    .option("--template <file>", "YAML that names topic, path, unit and direction of each register")
    .addOption(new Option("--simulate <kind>", "a simulated meter").choices(SIMULATED_METERS))
    .option("--every <seconds>", "how often a device is asked", numberBetween(0.1, 3_600), 10)
    .option("--home-assistant <url>", "tell Home Assistant of the home, by discovery at its broker of MQTT")
    .option("--json", "print each reading as a line of JSON")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => meter(options, config));
}

async function meter(options: Options, config: Config): Promise<void> {
  const stopper = new AbortController();
  const stop = () => stopper.abort();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await readAndHandIn(options, config, stopper.signal);
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

async function readAndHandIn(options: Options, config: Config, signal: AbortSignal): Promise<void> {
  const meterId = meterIdFrom(options.meter);
  const deviceKey = fromHex(
    readKeyFile({
      path: options.key,
      passphrase: config.passphrase,
      warn: (sentence) => say(`warning: ${sentence}`),
    }),
  );
  const sight = await askPlace(options.gateway, meterId);
  warnOfKey(sight, deviceKey);
  const folder = join(config.directory, "meters", meterId.slice(2, 18));
  const lock = acquireProcessLock(join(folder, "lock"));
  const source = await chosenSource(options, marketClock(sight));
  const place = placeOf(sight);
  const outbox = openOutbox(join(folder, "outbox"), place);
  const authority =
    options.mqttAuthority === undefined ? undefined : readFileSync(options.mqttAuthority, "utf8");
  const gateway =
    options.mqtt === undefined
      ? httpGateway(options.gateway)
      : await mqttGateway({ broker: options.mqtt, place, deviceKey, authority, say });
  say(source.says);
  const waiting = outbox.pending().length;
  if (waiting > 0) say(`${waiting} readings wait on disk`);
  const ended = new AbortController();
  const stop = () => ended.abort();
  signal.addEventListener("abort", stop, { once: true });
  const telling =
    options.homeAssistant === undefined
      ? null
      : tellHome(options, { place, deviceKey, signal: ended.signal });
  try {
    await runMeter({
      ...{ place, deviceKey, outbox, gateway, signal, say },
      capacityW: sight.capacityW,
      source: source.source,
      now: source.now,
      onReading: (reading) =>
        void process.stdout.write(`${lineOf(reading, place.intervalSeconds, options.json)}\n`),
    });
  } finally {
    stop();
    await telling;
    await source.close();
    await gateway.close();
    await outbox.close();
    lock.release();
  }
}

/** How often Home Assistant is told: prices change with the interval, and what is settled a little later. */
const HOME_MS = 30_000;

function tellHome(
  { homeAssistant = "", gateway }: Options,
  home: { place: MeterPlace; deviceKey: Uint8Array; signal: AbortSignal },
): Promise<void> {
  return tellHomeAssistant({ ...home, broker: homeAssistant, gateway, everyMs: HOME_MS, say });
}

type Line = { intervalId: number; importWh: number; exportWh: number; quality: string };

function lineOf(
  { intervalId, importWh, exportWh, quality }: Line,
  length: number,
  json: true | undefined,
): string {
  if (json) return JSON.stringify({ intervalId, importWh, exportWh, quality });
  const start = new Date(intervalId * length * MILLIS_PER_SECOND)
    .toISOString()
    .slice(0, 16)
    .replace("T", " ");
  return `${start}  import ${importWh} Wh  export ${exportWh} Wh  ${quality}`;
}

/** The market's time, which goes on from what the gateway said, at its speed. */
function marketClock({ now, clockSpeed }: MeterSight): () => number {
  const beganAt = performance.now();
  if (clockSpeed === 1) {
    const offset = now - Date.now() / MILLIS_PER_SECOND;
    // In real time the computer's own clock counts: it is kept right, while the way of an answer takes its time.
    if (Math.abs(offset) < MAX_OFFSET_SECONDS) return () => Date.now() / MILLIS_PER_SECOND;
  }
  return () => now + ((performance.now() - beganAt) / MILLIS_PER_SECOND) * clockSpeed;
}

const MAX_OFFSET_SECONDS = 120;

function warnOfKey({ deviceKey, meterId }: MeterSight, key: Uint8Array): void {
  if (deviceKey !== addressOfKey(key))
    say(`warning: the key in force at ${meterId} is another; readings wait until this one is enrolled`);
}

function meterIdFrom(text: string): Hex {
  return /^0x[0-9a-fA-F]{64}$/.test(text) ? (text.toLowerCase() as Hex) : meterIdOf(text);
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

function aesKey(text: string): Uint8Array {
  if (!/^[0-9a-fA-F]{32}$/.test(text)) throw new UsageError("--decryption-key has not 32 hexadecimal digits");
  return fromHex(`0x${text.toLowerCase()}`);
}
