import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { OcppVersion } from "#domains/charging/ocpp/version.ts";
import {
  type DemonstrationStep,
  demonstrationRecord,
  runDemonstration,
} from "#domains/charging/station/demonstration.ts";
import {
  createSimulatedStation,
  type SimulatedStation,
  type StationSight,
} from "#domains/charging/station/simulatedStation.ts";
import type { Vehicle } from "#domains/charging/station/vehicle.ts";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import { invoiceTable, sightHeading, sightLine } from "./chargePointTable.ts";
import { UsageError } from "./exit.ts";
import { numberBetween, positive, wholeNumber } from "./optionValues.ts";

type Options = {
  readonly url?: string;
  readonly id: string;
  readonly password?: string;
  readonly token?: string;
  readonly module?: string;
  readonly ocpp: "1.6" | "2.0.1";
  readonly stations: number;
  readonly limit: number;
  readonly battery: number;
  readonly charge: number;
  readonly target: number;
  readonly phases: "1" | "3";
  readonly speed: number;
  readonly json?: true;
};

const WATT_PER_KILOWATT = 1_000;
const MILLIS_PER_SECOND = 1_000;
const PERCENT = 100;
const STEP_SECONDS = 60;
const LIVE_STEP_SECONDS = 10;
const FAST_PAUSE_SECONDS = 0.5;
/** A session is settled a quarter of an hour after its end, and its module is asked with the next period. */
const STAYS_SECONDS = 7_200;
const SHOWN_EVERY_SECONDS = 600;
const VEHICLE_W = 11_000;
const ONE_PHASE_W = 3_680;
const RATED_W = 22_000;
const MOST_A = 32;
/** More sockets than a process may open by custom. */
const MOST_STATIONS = 1_000;
const VERSIONS = { "1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1" } as const satisfies Record<string, OcppVersion>;

const EXAMPLES = `
Examples:
  commonwatt charge-point
  commonwatt charge-point --stations 8 --limit 40 --speed 0
  commonwatt charge-point --url ws://127.0.0.1:9000/ocpp --id station-1 --password <password>
`;

/** Adds `commonwatt charge-point`: a simulated charging station, by itself or at a central system (R6.13). */
export function registerChargePoint(program: Command): void {
  program
    .command("charge-point")
    .description("a simulated charging station with a vehicle, which speaks OCPP")
    .option("--url <address>", "central system to connect to; without it, one of its own on loopback")
    .option("--id <name>", "the station's name at --url", "station-1")
    .option("--password <password>", "the station's password at --url")
    .option("--token <token>", "what the driver shows at the station at --url")
    .option(
      "--module <key>",
      "key of the station's metering module, which signs what it measured",
      privateKey,
    )
    .addOption(
      new Option("--ocpp <version>", "version of OCPP").choices(Object.keys(VERSIONS)).default("2.0.1"),
    )
    .option("--stations <number>", "stations, without --url", wholeNumber(1, MOST_STATIONS), 1)
    .option("--limit <kW>", "what all stations together may draw, without --url", positive, 22)
    .option("--battery <kWh>", "the vehicle's battery", positive, 60)
    .option("--charge <percent>", "what is in it at the start", wholeNumber(0, PERCENT), 40)
    .option("--target <percent>", "what it stays for", wholeNumber(1, PERCENT), 90)
    .addOption(
      new Option("--phases <number>", "phases that the vehicle charges on").choices(["1", "3"]).default("3"),
    )
    .option(
      "--speed <times>",
      "how fast time goes, without --url; 0 as fast as it can",
      numberBetween(0, 1e9),
      600,
    )
    .option("--json", "print sessions, invoices and charge detail records as one JSON value")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false)
    .exitOverride()
    .action((options: Options) =>
      options.url === undefined ? demonstrate(options) : connectTo(options, options.url),
    );
}

async function demonstrate(options: Options): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "commonwatt-charging-"));
  const show = (text: string) => void (options.json ? null : process.stdout.write(`${text}\n`));
  show(sightHeading());
  try {
    const result = await runDemonstration({
      stations: options.stations,
      version: VERSIONS[options.ocpp],
      limitW: options.limit * WATT_PER_KILOWATT,
      vehicle: vehicleOf(options),
      directory,
      onStep: (step) => showStep(step, options.speed, show),
    });
    if (options.json) process.stdout.write(`${JSON.stringify(demonstrationRecord(result))}\n`);
    else show(invoiceTable(result));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Shows the first station each ten minutes of its time. */
async function showStep(
  { at, sights }: DemonstrationStep,
  speed: number,
  show: (text: string) => void,
): Promise<void> {
  const [first] = sights;
  if (at % SHOWN_EVERY_SECONDS === 0 && first !== undefined) show(sightLine(at, first, sights));
  if (speed > 0) await delay((STEP_SECONDS * MILLIS_PER_SECOND) / speed);
}

/**
 * Charges by the central system's clock, however fast that goes, until the vehicle has what it stays for, or the program is interrupted;
 * then the station stays until its module has signed what is charged.
 */
async function connectTo(options: Options, url: string): Promise<void> {
  if (options.password === undefined) throw new UsageError("a station at --url needs its --password");
  const station = createSimulatedStation({
    url,
    stationId: options.id,
    password: options.password,
    version: VERSIONS[options.ocpp],
    mostA: MOST_A,
    ratedW: RATED_W,
    now: () => Math.floor(Date.now() / MILLIS_PER_SECOND),
    ...(options.module !== undefined && { moduleKey: fromHex(options.module as Hex) }),
  });
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  await station.connect();
  await station.flush();
  station.plugIn(vehicleOf(options), options.token ?? options.id);
  process.stdout.write(`${sightHeading()}\n`);
  let shownAt = 0;
  await goOn(station, interrupted, (sight) => {
    if (sight.isSatisfied || sight.at - shownAt >= SHOWN_EVERY_SECONDS || sight.at < shownAt) {
      process.stdout.write(`${sightLine(sight.at, sight, [sight])}\n`);
      shownAt = sight.at;
    }
    return !interrupted.signal.aborted && !sight.isSatisfied;
  });
  station.unplug();
  await station.flush();
  if (options.module !== undefined) await stayForSignature(station);
  await station.disconnect();
}

/** What no module signed is not charged: the operator asks a quarter of an hour after the session's end, with its next work. */
async function stayForSignature(station: SimulatedStation): Promise<void> {
  const leftAt = station.view().at;
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  process.stdout.write(
    "the vehicle has left; the station stays until its module has signed what is charged (Ctrl-C ends it before)\n",
  );
  await goOn(station, interrupted, ({ signed, at }) => {
    if (signed > 0) process.stdout.write("its module has signed the session\n");
    return signed === 0 && at - leftAt < STAYS_SECONDS && !interrupted.signal.aborted;
  });
}

/** Goes on as long as it shall; a central system whose time goes fast is asked more often. */
async function goOn(
  station: SimulatedStation,
  interrupted: AbortController,
  shallGoOn: (sight: StationSight) => boolean,
): Promise<void> {
  let before = station.view().at;
  let pauseSeconds = FAST_PAUSE_SECONDS;
  while (shallGoOn(station.view())) {
    await delay(pauseSeconds * MILLIS_PER_SECOND, null, interrupted).catch(() => undefined);
    station.beat();
    await station.flush();
    const { at } = station.view();
    const passed = Math.max(0, at - before);
    station.step(passed);
    await station.flush();
    pauseSeconds = passed > LIVE_STEP_SECONDS ? FAST_PAUSE_SECONDS : LIVE_STEP_SECONDS;
    before = at;
  }
}

/** A key of the demonstration, as hexadecimal digits. */
function privateKey(text: string): string {
  if (!/^0x[0-9a-f]{64}$/.test(text))
    throw new InvalidArgumentError("a key has 64 hexadecimal digits after 0x");
  return text;
}

function vehicleOf({ battery, charge, target, phases }: Options): Vehicle {
  const capacityWh = battery * WATT_PER_KILOWATT;
  const isThreePhase = phases === "3";
  return {
    capacityWh,
    storedWh: (capacityWh * charge) / PERCENT,
    stopsAtWh: (capacityWh * target) / PERCENT,
    maxPowerW: isThreePhase ? VEHICLE_W : ONE_PHASE_W,
    phases: isThreePhase ? 3 : 1,
  };
}
