import type { HeardEnergy } from "#domains/charging/heardEnergy.ts";
import type { QuotaDesk } from "#domains/charging/quotaDesk.ts";
import { submitDemandCall } from "#domains/charging/quotaMarket.ts";
import type { QuotaTermsSchedule, QuotaView } from "#domains/charging/quotaView.ts";
import { depositNeededMicro } from "#domains/charging/rules/charges.ts";
import { bidMicro } from "#domains/charging/rules/quotaOrderFault.ts";
import { type PeriodId, type QuotaTerms, windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { quotaSeparator, signQuotaOrder } from "#domains/charging/rules/signedQuotaOrder.ts";
import type { StationsNow } from "#domains/charging/schedule/stationNow.ts";
import type { MeterGateway } from "#domains/metering/meterGateway.ts";
import { ledgerSeparator, signReading } from "#domains/metering/rules/meterReading.ts";
import { present } from "#kernel/units/assert.ts";
import { endsAt, type IntervalId, intervalAt, startsAt } from "#kernel/units/interval.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { readEach } from "#platform/chain/readEach.ts";
import type { Sender } from "#platform/chain/sender.ts";
import type { Done, Duty } from "#platform/runtime/duty.ts";
import type { Keyring } from "#platform/runtime/keyring.ts";
import type { ConventionalLoad } from "#world/stations/conventionalLoad.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { StationWorld } from "#world/stations/stationWorld.ts";
import type { CommunityMember } from "../communityMember.ts";
import { depotKeys } from "./depotKeys.ts";
import { depotMembers, loadMeter } from "./members.ts";

/** A station that acts in this process: what it knows, and its key's sender. */
export type ActingStation = {
  readonly id: string;
  readonly member: number;
  readonly world: StationWorld;
  readonly sender: Sender;
};

/** What the stations of a depot need: themselves, their keys, and whom they speak to. */
type StationsOptions = {
  readonly scenario: DepotScenario;
  readonly stations: readonly ActingStation[];
  readonly load: ConventionalLoad;
  /** What chargers that joined drew. */
  readonly heard: Pick<HeardEnergy, "energyWh">;
  readonly keyring: Keyring;
  readonly deployment: Deployment;
  readonly areaId: number;
  readonly now: () => number;
  readonly desk: Pick<QuotaDesk, "submit">;
  readonly gateway: Pick<MeterGateway, "collect">;
  readonly view: Pick<QuotaView, "periodOf" | "stationOf" | "quotaW">;
  readonly terms: Pick<QuotaTermsSchedule, "of">;
};

/** What a meter of the depot registered in an interval. */
export type DepotReading = { readonly member: number; readonly importWh: number };

/** What came of an interval: readings, and how many vehicles left, with and without all that they were promised. */
type Delivered = {
  readonly readings: readonly DepotReading[];
  readonly left: number;
  readonly short: number;
};

/** The stations of a depot, and the meter of its transformer, as actors of their own: nobody else knows their vehicles. */
export type Stations = {
  /** Lives through an interval of the past again, so that vehicles have what they got. */
  relive(intervalId: IntervalId): Promise<void>;
  readonly duties: Record<"demand" | "trade" | "deliver", Duty>;
  /** What the meters registered in an interval that was delivered lately. */
  readingsOf(intervalId: IntervalId): readonly DepotReading[];
  /** A station of this process in the interval that runs, by its quota; null of another. */
  readonly now: StationsNow;
};

/** Intervals whose readings are remembered, until they are with the gateway for sure. */
const REMEMBERED = 256;
/** A demand that finds no margin looks again so often, seconds. */
const LOOKS_AGAIN_SECONDS = 60;
const SECONDS_PER_HOUR = 3_600;

type State = StationsOptions & {
  readonly members: ReadonlyMap<number, CommunityMember>;
  readonly delivered: Map<IntervalId, Delivered>;
};

/** Stations demand when the period before begins, trade when the margin is divided, and hand in readings when an interval is over. */
export function openStations(options: StationsOptions): Stations {
  const { scenario, areaId, terms } = options;
  const members = new Map(depotMembers(scenario).map((each) => [each.member, each]));
  const state: State = { ...options, members, delivered: new Map() };
  const common = { role: "world", areaId } as const;
  const windows = (period: PeriodId) => windowsOf(period, terms.of(period));
  const isOver = (intervalId: IntervalId) => endsAt(intervalId, scenario.intervalSeconds);
  return {
    async relive(intervalId) {
      await deliverOnce(state, intervalId);
    },
    duties: {
      demand: {
        ...common,
        name: "demand",
        standsOn: "newest",
        dueAt: (period) => windows(period).opensAt,
        triesUntil: (period) => windows(period).demandEndsAt,
        run: (period) => demand(state, period),
      },
      trade: {
        ...common,
        name: "trade",
        standsOn: "newest",
        dueAt: (period) => windows(period).allocationEndsAt,
        triesUntil: (period) => windows(period).ordersEndAt,
        run: (period) => trade(state, period),
      },
      deliver: {
        ...common,
        name: "deliver",
        standsOn: "newest",
        dueAt: isOver,
        triesUntil: (intervalId) => isOver(intervalId + 1),
        run: (intervalId) => deliver(state, intervalId),
      },
    },
    readingsOf: (intervalId) => state.delivered.get(intervalId)?.readings ?? [],
    now: (member) => stationNow(state, member),
  };
}

/** Each station by itself: whom the chain refuses holds up nobody else. */
async function demand(state: State, period: PeriodId): Promise<Done> {
  const { now, terms, view, stations } = state;
  if (now() >= windowsOf(period, terms.of(period)).demandEndsAt) return NOTHING;
  const { stage, tariffMicroPerKwh } = await view.periodOf(period);
  if (stage === "none") return { status: "waiting", for: "the margin", againAt: now() + LOOKS_AGAIN_SECONDS };
  if (stage !== "open") return NOTHING;
  const sent = await Promise.allSettled(
    stations.map((station) => demandOf(state, station, { period, tariffMicroPerKwh })),
  );
  const failed = sent.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return { status: "done", work: `demanded for period ${period}` };
}

async function demandOf(
  { deployment, areaId, terms, view }: State,
  { member, world, sender }: ActingStation,
  { period, tariffMicroPerKwh }: { readonly period: PeriodId; readonly tariffMicroPerKwh: bigint },
): Promise<void> {
  if ((await view.stationOf(period, member)).demandW > 0) return;
  const demandW = world.demandW(period, await view.quotaW(period - 1, member));
  if (demandW === 0) return;
  const depositMicro = depositFor(demandW, tariffMicroPerKwh, terms.of(period));
  await sender.send(submitDemandCall(deployment, { areaId, period, member, demandW, depositMicro }));
}

/** Covers whatever part of its demand a station bids for, at the highest price. */
function depositFor(demandW: number, tariffMicroPerKwh: bigint, terms: QuotaTerms): bigint {
  const { periodSeconds, penaltyPermille, ceilingMicroPerKw } = terms;
  return depositNeededMicro({
    prices: { tariffMicroPerKwh, penaltyPermille: BigInt(penaltyPermille) },
    periodSeconds,
    demandW,
    auctionMicro: bidMicro({ quantity: demandW, limitPriceMicroPerThousand: ceilingMicroPerKw }),
  });
}

async function trade(state: State, period: PeriodId): Promise<Done> {
  const { now, terms, view, stations, desk } = state;
  if (now() >= windowsOf(period, terms.of(period)).ordersEndAt) return NOTHING;
  if ((await view.periodOf(period)).stage !== "rationed") return NOTHING;
  const orders = await readEach(stations, async (station) => {
    const { id, member, world } = station;
    if ((await view.stationOf(period, member)).demandW === 0) return [];
    const [quotaNowW, quotaW] = await Promise.all([
      view.quotaW(period - 1, member),
      view.quotaW(period, member),
    ]);
    const wanted = world.orders(period, { quotaNowW, quotaW });
    return wanted.map((order) =>
      signStationOrder(state, { id, period, order: { ...order, participant: member } }),
    );
  });
  await Promise.all(orders.flat().map((order) => desk.submit(order)));
  return { status: "done", work: `handed in ${orders.flat().length} orders for period ${period}` };
}

function signStationOrder(
  { keyring, deployment, areaId }: State,
  { id, period, order }: { id: string; period: PeriodId; order: Parameters<typeof signQuotaOrder>[0] },
) {
  const separator = quotaSeparator(deployment.chainId, addressOf(deployment, "quotaMarket"));
  const key = keyring.key(depotKeys.station(id)).privateKey;
  return { ...signQuotaOrder(order, { separator, areaId, period }, key), areaId, period };
}

async function deliver(state: State, intervalId: IntervalId): Promise<Done> {
  const { readings, left, short } = await deliverOnce(state, intervalId);
  await Promise.all(
    readings.map((reading) => state.gateway.collect(signStationReading(state, intervalId, reading))),
  );
  return {
    status: "done",
    work: `handed in the readings of interval ${intervalId}${promisesOf(left, short)}`,
  };
}

function promisesOf(left: number, short: number): string {
  return left === 0 ? "" : `; of ${left} vehicles that left ${left - short} had all that they were promised`;
}

async function deliverOnce(state: State, intervalId: IntervalId): Promise<Delivered> {
  const { delivered, scenario, stations, terms, view, load } = state;
  const known = delivered.get(intervalId);
  if (known) return known;
  const { intervalSeconds } = scenario;
  const begins = startsAt(intervalId, intervalSeconds);
  const period = intervalAt(begins, terms.of(0).periodSeconds);
  const quotasW = await readEach(stations, ({ member }) => view.quotaW(period, member));
  const joinedWh = stations.map(({ id }) => joinedEnergyWh(state, id, intervalId));
  const deliveries = stations.map(({ world }, i) => {
    const leftWh = ((quotasW[i] ?? 0) * intervalSeconds) / SECONDS_PER_HOUR - (joinedWh[i] ?? 0);
    const leftW = Math.floor((leftWh * SECONDS_PER_HOUR) / intervalSeconds);
    return world.deliver(intervalId, Math.max(0, leftW));
  });
  const readings: DepotReading[] = stations.map(({ member }, i) => ({
    member,
    importWh: (deliveries[i]?.importWh ?? 0) + (joinedWh[i] ?? 0),
  }));
  const loadWh = Math.round((load.actualW(begins) * intervalSeconds) / SECONDS_PER_HOUR);
  readings.push({ member: loadMeter(scenario).member, importWh: loadWh });
  const leaving = deliveries.flatMap((each) => each.leaving);
  const short = leaving.filter(({ lackingWh }) => lackingWh > 0).length;
  const result = { readings, left: leaving.length, short };
  delivered.set(intervalId, result);
  const [oldest] = delivered.keys();
  if (delivered.size > REMEMBERED && oldest !== undefined) delivered.delete(oldest);
  return result;
}

/**
 * What a charger that joined as a station drew, Wh, by what was heard of its registers within the interval: its clock does not
 * matter. The station's own vehicles get what it leaves of the quota. No more is counted than the connection carries.
 */
function joinedEnergyWh({ heard, scenario }: State, stationId: string, intervalId: IntervalId): number {
  const { intervalSeconds, stations } = scenario;
  const span = { from: startsAt(intervalId, intervalSeconds), until: endsAt(intervalId, intervalSeconds) };
  const { connectionW } = present(
    stations.find(({ id }) => id === stationId),
    `the station ${stationId}`,
  );
  const mostWh = Math.floor((connectionW * intervalSeconds) / SECONDS_PER_HOUR);
  return Math.min(mostWh, Number(heard.energyWh(stationId, span)));
}

async function stationNow(state: State, member: number): ReturnType<StationsNow> {
  const { scenario, stations, terms, view, now } = state;
  const { intervalSeconds } = scenario;
  const station = stations.find((each) => each.member === member);
  const points = scenario.stations.find((each) => each.member === member)?.points;
  if (station === undefined || points === undefined) return null;
  const { periodSeconds } = terms.of(0);
  const intervalId = intervalAt(now(), intervalSeconds);
  const period = intervalAt(now(), periodSeconds);
  const quotaW = await view.quotaW(period, member);
  return {
    startsAt: startsAt(intervalId, intervalSeconds),
    limitUntil: endsAt(period, periodSeconds),
    points,
    ...station.world.now(intervalId, quotaW),
  };
}

function signStationReading(
  { areaId, keyring, deployment, members }: State,
  intervalId: IntervalId,
  { member, importWh }: DepotReading,
) {
  const { meterId, device } = present(members.get(member), `the meter of member ${member}`);
  const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
  const value = { importWh, exportWh: 0, quality: "measured", version: 1 } as const;
  const reading = { ...value, meterId, member, areaId, intervalId };
  return signReading(reading, separator, keyring.key(device).privateKey);
}

const NOTHING: Done = { status: "nothingToDo" };
