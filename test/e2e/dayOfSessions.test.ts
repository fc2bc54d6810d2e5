import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { fundingCalls, mintCall, readMargin } from "#domains/accounts/participants.ts";
import { auditNetwork } from "#domains/audit.ts";
import type { Carried } from "#domains/charging/carryQuotas.ts";
import {
  allocateCall,
  announceQuotaTermsCall,
  initializeCall,
  submitDemandCall,
} from "#domains/charging/quotaMarket.ts";
import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import { depositNeededMicro } from "#domains/charging/rules/charges.ts";
import { scheduleVehicles } from "#domains/charging/schedule/scheduleVehicles.ts";
import type { WaitingVehicle } from "#domains/charging/schedule/waitingVehicle.ts";
import type { SessionOffer } from "#domains/charging/sessionDesk.ts";
import type { LedgerEntry } from "#domains/charging/sessionLedger.ts";
import { estimateMicro } from "#domains/charging/sessions/estimateMicro.ts";
import { statementTotalMicro } from "#domains/charging/sessions/publishedTariff.ts";
import { createSimulatedStation, type SimulatedStation } from "#domains/charging/station/simulatedStation.ts";
import { MINIMUM_CURRENT_A, VOLTAGE_V } from "#domains/charging/station/vehicle.ts";
import { seededRandom } from "#kernel/units/random.ts";
import { createSender } from "#platform/chain/sender.ts";
import { foundSessions, MONDAY, PRICES, type SessionsOnChain } from "./sessionsOnChain.fixture.ts";
import { type OperatorProcess, type OperatorSetup, startOperator } from "./stationOperator.fixture.ts";

/*
 * Stations of OCPP under one transformer, whose quotas are divided on the chain and carried to them, and whose sessions are held,
 * charged and paid on the chain, by an operator that is killed now and then. COMMONWATT_DEEP=1 runs the whole day with three kills,
 * otherwise three hours with one.
 */

const isDeep = Boolean(process.env.COMMONWATT_DEEP);
/** A whole day takes minutes, more on a busy machine. */
const PATIENCE_MS = isDeep ? 2_400_000 : 300_000;
const STATIONS = 20;
const PERIOD_SECONDS = 1_800;
const PERIODS = isDeep ? 48 : 6;
/** After the step of a period: while vehicles charge, while it works, and after holds were taken. */
const KILLS = isDeep ? [9, 22, 35] : [3];
const STEP_SECONDS = 300;
const RATING_W = 160_000;
const CONVENTIONAL_W = 60_000;
const RESERVE_W = 10_000;
const MARGIN_W = RATING_W - CONVENTIONAL_W - RESERVE_W;
const MOST_A = 16;
const AMPERE_W = 3 * VOLTAGE_V;
const RATED_W = 32 * AMPERE_W;
const MOST_W = MOST_A * AMPERE_W;
const LEAST_W = MINIMUM_CURRENT_A * AMPERE_W;
const EFFICIENCY = 0.92;
const CAPACITY_WH = 60_000;
const FIRST_MEMBER = 4;
const TARIFF_MICRO_PER_KWH = 1_000n;
const DEPOSIT_PRICES = { tariffMicroPerKwh: TARIFF_MICRO_PER_KWH, penaltyPermille: 2_000n };
const FIRST_PERIOD = MONDAY / PERIOD_SECONDS + 10;
const DAY = 86_400;

/** A vehicle at a station, from one period to before another, counted from the day's first. */
type Stay = {
  readonly station: number;
  readonly from: number;
  readonly until: number;
  /** At the meter. */
  readonly wantedWh: number;
  promisedWh: number;
  registerWh: number;
  token: string | null;
  isHere: boolean;
  deliveredWh: number | null;
};

let world: SessionsOnChain;
let operator: OperatorProcess | undefined;
const stations: SimulatedStation[] = [];
const clock = { now: 0 };
/** By period and station, as the chain gave them. */
const quotasW = new Map<number, ReadonlyMap<number, number>>();

afterAll(async () => {
  await Promise.all(stations.map((station) => station.disconnect()));
  await operator?.kill();
  await world?.close();
});

it("keeps the transformer, the promises and the money, whenever the operator is killed", {
  timeout: PATIENCE_MS,
}, async () => {
  const startsAt = (FIRST_PERIOD - 2) * PERIOD_SECONDS;
  clock.now = startsAt;
  const stays = staysOfTheDay();
  world = await foundSessions({ stations: STATIONS, drivers: STATIONS, chainId: 52_030, startsAt });
  await foundQuotas();
  operator = await startOperator(setupOf(0));
  const setup = setupOf(Number(new URL(operator.url).port));
  await connectStations(operator.url);
  let peakW = 0;
  for (let period = 0; period <= PERIODS; period += 1) {
    peakW = Math.max(peakW, await runPeriod(stays, period, setup));
  }
  await finishDay();
  const gone = stays.filter(({ deliveredWh }) => deliveredWh !== null);
  expect(gone).toHaveLength(stays.length);
  expect(peakW).toBeGreaterThan(0);
  expect(peakW + CONVENTIONAL_W).toBeLessThanOrEqual(RATING_W);
  // A register shows whole Wh, rounded down.
  for (const { promisedWh, deliveredWh } of gone) expect(deliveredWh).toBeGreaterThanOrEqual(promisedWh - 1);
  expect(gone.filter(({ promisedWh }) => promisedWh > 0).length).toBeGreaterThan(gone.length / 2);
  await requireInvoices(stays);
});

/** Each station has a vehicle, in the whole day several, one after the other; energies from a seed. */
function staysOfTheDay(): Stay[] {
  const random = seededRandom(20_260_105);
  return Array.from({ length: STATIONS }, (_, station) => station).flatMap((station) => {
    const stays: Stay[] = [];
    for (let from = 1 + Math.floor(random() * 2); from + 3 <= PERIODS; ) {
      const until = Math.min(PERIODS, from + 3 + Math.floor(random() * (isDeep ? 9 : 2)));
      const wantedWh = 4_000 + Math.floor(random() * 12_000);
      const none = { promisedWh: 0, registerWh: 0, token: null, isHere: false, deliveredWh: null };
      stays.push({ station, from, until, wantedWh, ...none });
      from = until + 1 + Math.floor(random() * 6);
    }
    return stays;
  });
}

function setupOf(port: number): OperatorSetup {
  const { directory, chain, deployment, keyring, published, payee } = world;
  return {
    directory: join(directory, "operator"),
    rpcUrl: chain.rpcUrl,
    deployment,
    ownerKey: keyring.key("owner").hex,
    stations: stations_(),
    // Without a quota a station draws nothing: twenty safe limits are within any transformer.
    enrolment: { password: "a-password-of-24-letters", ratedW: RATED_W, safeLimitW: 0 },
    ...{ published, payee, port, now: clock.now },
  };
}

function stations_(): string[] {
  return Array.from({ length: STATIONS }, (_, i) => `station-${i + 1}`);
}

async function connectStations(url: string): Promise<void> {
  for (const stationId of stations_()) {
    const station = createSimulatedStation({
      url,
      stationId,
      password: "a-password-of-24-letters",
      version: stations.length % 2 === 0 ? "ocpp1.6" : "ocpp2.0.1",
      mostA: MOST_A,
      ratedW: RATED_W,
      now: () => clock.now,
      moduleKey: world.keyring.key(`module of ${stationId}`).privateKey,
    });
    stations.push(station);
    await station.connect();
    await station.flush();
  }
}

/** One period of the day: vehicles leave and come, quotas of the next are divided, those of this one are carried and drawn. */
async function runPeriod(stays: readonly Stay[], period: number, setup: OperatorSetup): Promise<number> {
  clock.now = (FIRST_PERIOD + period) * PERIOD_SECONDS;
  await world.chain.setNextBlockTime(clock.now);
  for (const stay of stays) if (stay.isHere && stay.until === period) leave(stay);
  await flushAll();
  await carry(period);
  await arrive(stays, period);
  if (period < PERIODS) await divide(stays, period + 1);
  let peakW = 0;
  for (let step = 0; step < PERIOD_SECONDS / STEP_SECONDS; step += 1) {
    peakW = Math.max(
      peakW,
      stations.reduce((sum, station) => sum + station.view().powerW, 0),
    );
    // A quota ends with its period, to which its last second belongs.
    clock.now += STEP_SECONDS - 1;
    for (const station of stations) station.step(STEP_SECONDS);
    clock.now += 1;
    // Stations set their clocks by the operator's.
    await operator!.ask(clock.now, { kind: "clock" });
    if (step === 2 && KILLS.includes(period)) await killAndRestart(period, setup);
    await flushAll();
  }
  await operator!.ask(clock.now, { kind: "work" });
  return peakW;
}

/** The operator dies: in idle, in the midst of its work, or after it took drivers' holds; its stations come back by themselves. */
async function killAndRestart(period: number, setup: OperatorSetup): Promise<void> {
  const way = KILLS.indexOf(period);
  const work = way === 0 ? null : operator!.ask(clock.now, { kind: "work" }).catch(() => null);
  if (way !== 1) await flushAll();
  await operator!.kill();
  await work;
  // They go on while nobody listens, and keep what they have to say.
  operator = await startOperator({ ...setup, now: clock.now });
  for (const station of stations) {
    await station.disconnect();
    await station.connect();
  }
  await flushAll();
  await carry(period);
}

async function carry(period: number): Promise<void> {
  const carried = await operator!.ask<Carried>(clock.now, {
    kind: "carry",
    areaId: world.areaId,
    period: FIRST_PERIOD + period,
    firstMember: FIRST_MEMBER,
    periodSeconds: PERIOD_SECONDS,
  });
  expect([...new Set(carried.values())]).toEqual(["accepted"]);
}

/** Drivers sign for an estimate, and plug in once their holds are on the chain. */
async function arrive(stays: readonly Stay[], period: number): Promise<void> {
  const coming = stays.filter(({ from }) => from === period);
  if (coming.length === 0) return;
  const offers = coming.map((stay) => offerOf(stay, stays.indexOf(stay)));
  const answers = await operator!.ask<{ idToken: string }[]>(clock.now, { kind: "offers", offers });
  await operator!.ask(clock.now, { kind: "work" });
  for (const [i, stay] of coming.entries()) {
    stay.token = answers[i]!.idToken;
    expect(stay.token).toMatch(/^[0-9a-f]{20}$/);
    stay.isHere = true;
    const storedWh = 5_000;
    const stopsAtWh = storedWh + Math.ceil(stay.wantedWh * EFFICIENCY);
    const station = stations[stay.station]!;
    stay.registerWh = station.view().registerWh;
    station.plugIn(
      { capacityWh: CAPACITY_WH, storedWh, stopsAtWh, maxPowerW: MOST_W, phases: 3 },
      stay.token,
    );
  }
  await flushAll();
}

function offerOf({ station, until, wantedWh }: Stay, salt: number): SessionOffer {
  const chargingSeconds = 12 * 3_600;
  const limitMicro = estimateMicro(PRICES, {
    energyWh: BigInt(wantedWh) + 1_000n,
    chargingSeconds,
    idleSeconds: chargingSeconds,
  });
  const expiresAt = (FIRST_PERIOD + until) * PERIOD_SECONDS + DAY;
  const of = { station: `station-${station + 1}`, salt: salt + 1, limitMicro, expiresAt };
  const { signed, salt: word } = world.signFor(station, of);
  return { stationId: of.station, salt: word, hold: signed };
}

function leave(stay: Stay): void {
  const station = stations[stay.station]!;
  station.unplug();
  stay.isHere = false;
  stay.deliveredWh = station.view().registerWh - stay.registerWh;
}

/** The next period's quotas: what the plan of all vehicles here asks for, in whole amperes. New vehicles are promised what is left. */
async function divide(stays: readonly Stay[], period: number): Promise<void> {
  const demandsW = planOf(stays, period);
  const { deployment, areaId, admin, chain, network, keyring } = world;
  const place = { areaId, period: FIRST_PERIOD + period };
  const dso = createSender(network, keyring.key("dso").hex);
  const prices = { tariffMicroPerKwh: TARIFF_MICRO_PER_KWH, cnyMicroPerEther: 20_000_000_000n };
  await dso.send(
    initializeCall(deployment, { ...place, forecastW: CONVENTIONAL_W, reserveW: RESERVE_W, ...prices }),
  );
  const demands = [...demandsW].map(([station, demandW]) => ({ member: FIRST_MEMBER + station, demandW }));
  const calls = demands.map(({ member, demandW }) => {
    const need = { prices: DEPOSIT_PRICES, periodSeconds: PERIOD_SECONDS, demandW, auctionMicro: 0n };
    return submitDemandCall(deployment, {
      ...place,
      member,
      demandW,
      depositMicro: depositNeededMicro(need),
    });
  });
  await operator!.ask(clock.now, { kind: "send", calls });
  const allocation = allocateQuotas({ demands, marginW: MARGIN_W });
  expect(allocation.isRationed).toBe(false);
  await chain.setNextBlockTime((FIRST_PERIOD + period - 1) * PERIOD_SECONDS + 300);
  await admin.send(allocateCall(deployment, place, allocation));
}

function planOf(stays: readonly Stay[], period: number): Map<number, number> {
  const here = stays.filter(({ isHere, until }) => isHere && until > period);
  for (const stay of here.filter(({ from }) => from === period - 1)) {
    // Never more than is left when all older promises are kept.
    stay.promisedWh = stay.wantedWh;
    for (let lacking = shortfallOf(here, period); lacking > 0; lacking = shortfallOf(here, period)) {
      stay.promisedWh = Math.max(0, stay.promisedWh - lacking);
      if (stay.promisedWh === 0) break;
    }
  }
  const demandsW = new Map<number, number>();
  for (const { id, offeredW } of scheduled(here, period)) {
    const offered = offeredW[0] ?? 0;
    if (offered > 0) demandsW.set(Number(id), Math.ceil(offered / AMPERE_W) * AMPERE_W);
  }
  quotasW.set(period, demandsW);
  return demandsW;
}

/** Since it came. */
function drawnWh({ station, registerWh }: Stay): number {
  return stations[station]!.view().registerWh - registerWh;
}

/** What a station's quota of a period gives, which begins when those of the next are planned. */
function quotaWh(station: number, period: number): number {
  return ((quotasW.get(period)?.get(station) ?? 0) * PERIOD_SECONDS) / 3_600;
}

function shortfallOf(here: readonly Stay[], period: number): number {
  return scheduled(here, period).reduce((sum, { shortfallWh }) => sum + Math.ceil(shortfallWh), 0);
}

function scheduled(here: readonly Stay[], period: number) {
  const vehicles: WaitingVehicle[] = here.map((stay) => ({
    id: `${stay.station}`,
    from: 0,
    until: stay.until - period,
    wantedWh: Math.max(0, stay.promisedWh - drawnWh(stay) - quotaWh(stay.station, period - 1)),
    mostW: MOST_W,
    leastW: LEAST_W,
    phases: [0, 1, 2],
  }));
  const intervals = Math.max(1, ...vehicles.map(({ until }) => until));
  // Each may be raised to a whole ampere.
  const limitW = MARGIN_W - STATIONS * AMPERE_W;
  return scheduleVehicles(vehicles, {
    site: {
      limitW: Array.from({ length: intervals }, () => limitW),
      phaseLimitW: limitW,
      intervalSeconds: PERIOD_SECONDS,
      mostStartsAnHour: 4,
    },
    rule: "leastLaxity",
  });
}

async function flushAll(): Promise<void> {
  await Promise.all(stations.map((station) => station.flush()));
}

/** Late messages are waited for, sessions are charged, and three days later paid. */
async function finishDay(): Promise<void> {
  clock.now += 1_800;
  await world.chain.setNextBlockTime(clock.now);
  await operator!.ask(clock.now, { kind: "work" });
  clock.now += 3 * DAY + 60;
  await world.chain.setNextBlockTime(clock.now);
  await operator!.ask(clock.now, { kind: "work" });
}

/** Every session is invoiced by its meter, on the chain to the micro, and paid; the audit is clean. */
async function requireInvoices(stays: readonly Stay[]): Promise<void> {
  const entries = await operator!.ask<LedgerEntry[]>(clock.now, { kind: "entries" });
  expect(operator!.troubles).toEqual([]);
  expect(entries).toHaveLength(stays.length);
  let owedMicro = 0n;
  for (const stay of stays) {
    const { held, invoiced, signed, isEnded } = entries.find((entry) => entry.held.idToken === stay.token)!;
    expect([invoiced !== null, signed !== null, isEnded]).toEqual([true, true, true]);
    const { session, invoice, statement, amountMicro } = invoiced!;
    expect(session.energyWh).toBe(BigInt(stay.deliveredWh!));
    expect(statementTotalMicro(held.published, statement)).toBe(invoice.totalMicro);
    expect(invoice.lines.reduce((sum, line) => sum + line.amountMicro, 0n)).toBe(invoice.totalMicro);
    expect(amountMicro).toBe(invoice.totalMicro);
    owedMicro += amountMicro;
  }
  const { network, deployment, areaId } = world;
  const market = { market: "chargingSessions", areaId, member: FIRST_MEMBER };
  expect(await readMargin(network, deployment, market)).toBe(owedMicro);
  const report = await auditNetwork({ network, deployment });
  expect(report).toMatchObject({ verdict: "clean" });
  expect(report.checked).toMatchObject({
    "charging.stations": STATIONS,
    "charging.holds": stays.length,
    "charging.sessions": stays.length,
    "charging.openSessions": 0,
  });
}

/** Terms of quotas, and margins of the stations in their market. */
async function foundQuotas(): Promise<void> {
  const { deployment, areaId, owner, admin, network, keyring } = world;
  const dso = createSender(network, keyring.key("dso").hex);
  const windows = { demandSeconds: 300, allocationSeconds: 420, orderSeconds: 600, clearingSeconds: 900 };
  const prices = { floorMicroPerKw: 0, ceilingMicroPerKw: 100_000_000, penaltyPermille: 2_000 };
  const terms = { periodSeconds: PERIOD_SECONDS, ...windows, ratingW: RATING_W, ...prices } as const;
  await dso.send(announceQuotaTermsCall(deployment, { areaId, terms: { ...terms, pricing: "midpoint" } }));
  const amountMicro = 10_000_000n;
  await admin.send(mintCall(deployment, owner.address, BigInt(STATIONS) * amountMicro));
  for (let i = 0; i < STATIONS; i += 1) {
    const margin = { market: "quotaMarket", areaId, member: FIRST_MEMBER + i, amountMicro };
    await owner.sendAll(fundingCalls(deployment, margin));
  }
}
