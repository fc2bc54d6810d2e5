import { keyNames } from "#community/keyNames.ts";
import { homeMeterId } from "#community/pool/members.ts";
import { fundingCalls, mintCall, readMargins } from "#domains/accounts/participants.ts";
import { quotaMarketContract } from "#domains/charging/contracts.generated.ts";
import {
  allocateCall,
  announceQuotaTermsCall,
  clearQuotasCall,
  initializeCall,
  payEnergyCall,
  readQuotaW,
  submitDemandCall,
  withdrawDepositCall,
} from "#domains/charging/quotaMarket.ts";
import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import { planQuotaClearing } from "#domains/charging/rules/quotaClearingPlan.ts";
import { intervalsOfPeriod, windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { quotaSeparator, signQuotaOrder } from "#domains/charging/rules/signedQuotaOrder.ts";
import { publishCall } from "#domains/metering/meterLedger.ts";
import { ledgerSeparator, readingWord, signReading } from "#domains/metering/rules/meterReading.ts";
import { proveReading, type ReadingProof } from "#domains/metering/rules/readingProof.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import { assert, present } from "#kernel/units/assert.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { contractCall, createSender, type Sender } from "#platform/chain/sender.ts";
import type { Home } from "#world/households/home.ts";
import type { BenchMarket } from "./market.ts";
import { type PeriodPlan, QUOTA_TERMS, type StationPlan, TARIFF_MICRO_PER_KWH } from "./quotaPlan.ts";

/** Steps of a period whose gas is measured. */
export const QUOTA_STEPS = [
  "margin",
  "demand",
  "allocation",
  "auction",
  "readings",
  "payment",
  "withdrawal",
] as const;

/** Gas of all transactions of each step of a period, of everybody. */
export type QuotaGas = Readonly<Record<(typeof QUOTA_STEPS)[number], number>>;

/** A bench's community whose homes are stations behind one transformer: each with its sender. */
export type Stations = {
  readonly market: BenchMarket;
  readonly dso: Sender;
  readonly senders: ReadonlyMap<number, Sender>;
};

const MARGIN_MICRO = 10_000_000_000n;
const CNY_MICRO_PER_ETHER = 20_000_000_000n;
const VERSION = 1;
/** Stations whose payments and withdrawals fit a transaction of 10 M gas and 120 kB. */
export const SETTLED_AT_ONCE = 32;

/** Makes stations of the homes: the quota market's terms, and a margin in it for each. */
export async function openStations(market: BenchMarket): Promise<Stations> {
  const { network, deployment, areaId, keyring, scenario, admin } = market;
  const senderOf = (name: string) => createSender(network, keyring.key(name).hex);
  const dso = senderOf(keyNames.gridOperator);
  await dso.send(announceQuotaTermsCall(deployment, { areaId, terms: QUOTA_TERMS }));
  const senders = new Map<number, Sender>();
  for (const { id, member } of scenario.homes) {
    const sender = senderOf(keyNames.home(id));
    const margin = { market: "quotaMarket", areaId, member, amountMicro: MARGIN_MICRO };
    await admin.send(mintCall(deployment, sender.address, MARGIN_MICRO));
    await sender.sendAll(fundingCalls(deployment, margin));
    senders.set(member, sender);
  }
  return { market, dso, senders };
}

/**
 * Runs a period as planned, in its windows, and requires that quotas and margins are what the plan says. Each station pays and
 * withdraws itself, or the DSO does both for many stations in a transaction; then all of that is the payment.
 */
export async function runQuotaPeriod(
  stations: Stations,
  { period, plan, settle }: { period: number; plan: PeriodPlan; settle: "each" | "together" },
): Promise<QuotaGas> {
  const { setNextBlockTime } = stations.market.chain;
  const windows = windowsOf(period, QUOTA_TERMS);
  const before = await marginsOf(stations);
  await setNextBlockTime(windows.opensAt);
  const margin = await initialize(stations, period, plan);
  const demand = await demandAll(stations, period, plan);
  await setNextBlockTime(windows.demandEndsAt);
  const allocation = await allocate(stations, period, plan);
  await setNextBlockTime(windows.ordersEndAt);
  const auction = await clear(stations, period, plan);
  await setNextBlockTime(windows.endsAt);
  const { readings, proofsOf } = await publishAll(stations, period, plan);
  const settled = await (settle === "each" ? settleEach : settleTogether)(stations, period, plan, proofsOf);
  await requirePlanned({ stations, period, plan, before });
  return { margin, demand, allocation, auction, readings, ...settled };
}

async function initialize({ market, dso }: Stations, period: number, { marginW }: PeriodPlan) {
  const { deployment, areaId } = market;
  const said = {
    forecastW: QUOTA_TERMS.ratingW - marginW,
    reserveW: 0,
    cnyMicroPerEther: CNY_MICRO_PER_ETHER,
  };
  const opening = { areaId, period, tariffMicroPerKwh: TARIFF_MICRO_PER_KWH, ...said };
  return gasOf(await dso.send(initializeCall(deployment, opening)));
}

async function demandAll({ market, senders }: Stations, period: number, plan: PeriodPlan): Promise<number> {
  const { deployment, areaId } = market;
  let gas = 0;
  for (const { member, demandW, depositMicro } of plan.stations) {
    const call = submitDemandCall(deployment, { areaId, period, member, demandW, depositMicro });
    gas += gasOf(await senderOf(senders, member).send(call));
  }
  return gas;
}

async function allocate({ market, dso }: Stations, period: number, { stations, marginW }: PeriodPlan) {
  const { deployment, areaId } = market;
  const allocation = allocateQuotas({ demands: stations, marginW });
  return gasOf(await dso.send(allocateCall(deployment, { areaId, period }, allocation)));
}

async function clear({ market, dso }: Stations, period: number, { stations }: PeriodPlan): Promise<number> {
  const { deployment, areaId, keyring } = market;
  const separator = quotaSeparator(deployment.chainId, addressOf(deployment, "quotaMarket"));
  const context = { separator, areaId, period };
  const signed = stations.map(({ order, member }) =>
    signQuotaOrder(order, context, keyring.key(keyNames.home(homeOf(market, member).id)).privateKey),
  );
  const plan = planQuotaClearing(signed, QUOTA_TERMS.pricing, context);
  return gasOf(await dso.send(clearQuotasCall(deployment, plan)));
}

/** Readings are published interval by interval. */
async function publishAll({ market }: Stations, period: number, plan: PeriodPlan) {
  const { intervalSeconds } = market.scenario;
  const intervals = intervalsOfPeriod(period, { ...QUOTA_TERMS, intervalSeconds });
  const published: Awaited<ReturnType<typeof publish>>[] = [];
  for (const [i, intervalId] of intervals.entries())
    published.push(await publish({ market, intervalId, index: i === 0 ? 0 : 1, plan }));
  return {
    readings: published.reduce((sum, { gas }) => sum + gas, 0),
    proofsOf: (member: number) => published.map(({ tree, context }) => proveReading(tree, context, member)),
  };
}

type ProofsOf = (member: number) => readonly ReadingProof[];

async function settleEach(
  { market, senders }: Stations,
  period: number,
  { stations }: PeriodPlan,
  proofsOf: ProofsOf,
) {
  const { deployment, areaId } = market;
  let [payment, withdrawal] = [0, 0];
  for (const { member } of stations) {
    const place = { areaId, period, member };
    const sender = senderOf(senders, member);
    payment += gasOf(await sender.send(payEnergyCall(deployment, place, proofsOf(member))));
    withdrawal += gasOf(await sender.send(withdrawDepositCall(deployment, place)));
  }
  return { payment, withdrawal };
}

async function settleTogether(
  { market, dso }: Stations,
  period: number,
  { stations }: PeriodPlan,
  proofsOf: ProofsOf,
) {
  const { deployment, areaId } = market;
  let payment = 0;
  for (let from = 0; from < stations.length; from += SETTLED_AT_ONCE) {
    const calls = stations.slice(from, from + SETTLED_AT_ONCE).flatMap(({ member }) => {
      const place = { areaId, period, member };
      return [payEnergyCall(deployment, place, proofsOf(member)), withdrawDepositCall(deployment, place)];
    });
    const call = contractCall({
      address: addressOf(deployment, "quotaMarket"),
      abi: quotaMarketContract.abi,
      functionName: "multicall",
      args: [calls.map(({ data }) => data)],
    });
    payment += gasOf(await dso.send(call));
  }
  return { payment, withdrawal: 0 };
}

async function publish({
  market,
  intervalId,
  index,
  plan,
}: {
  readonly market: BenchMarket;
  readonly intervalId: number;
  readonly index: 0 | 1;
  readonly plan: PeriodPlan;
}) {
  const { deployment, areaId, gateway } = market;
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const words = plan.stations.map((station) =>
    readingWord(signStation({ market, station, intervalId, importWh: station.importWh[index] })),
  );
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version: VERSION });
  const tree = buildReadingTree(words, context, new Set(plan.stations.map(({ member }) => member)));
  const call = publishCall(deployment, { areaId, intervalId, root: tree.root, meters: words.length });
  return { tree, context, gas: gasOf(await gateway.send(call)) };
}

function signStation({
  market,
  station: { member },
  intervalId,
  importWh,
}: {
  readonly market: BenchMarket;
  readonly station: StationPlan;
  readonly intervalId: number;
  readonly importWh: number;
}) {
  const { deployment, areaId, scenario, keyring } = market;
  const { id } = homeOf(market, member);
  const separator = ledgerSeparator(deployment.chainId, addressOf(deployment, "meterLedger"));
  const energy = { importWh, exportWh: 0, quality: "measured", version: VERSION } as const;
  const reading = { meterId: homeMeterId(scenario, id), member, areaId, intervalId, ...energy };
  return signReading(reading, separator, keyring.key(keyNames.device(id)).privateKey);
}

async function requirePlanned({
  stations,
  period,
  plan,
  before,
}: {
  readonly stations: Stations;
  readonly period: number;
  readonly plan: PeriodPlan;
  readonly before: ReadonlyMap<number, bigint>;
}): Promise<void> {
  const { network, deployment, areaId } = stations.market;
  const after = await marginsOf(stations);
  for (const { member, finalQuotaW, gainMicro } of plan.stations) {
    const quotaW = await readQuotaW(network, deployment, { areaId, period, member });
    assert(quotaW === finalQuotaW, `station ${member} has a quota of ${quotaW} W, not ${finalQuotaW}`);
    const gained = (after.get(member) ?? 0n) - (before.get(member) ?? 0n);
    assert(gained === gainMicro, `station ${member} gained ${gained} micro, not ${gainMicro}`);
  }
}

function marginsOf({ market, senders }: Stations): Promise<ReadonlyMap<number, bigint>> {
  const { network, deployment, areaId } = market;
  return readMargins(network, deployment, { market: "quotaMarket", areaId, members: [...senders.keys()] });
}

function homeOf({ scenario }: BenchMarket, member: number): Home {
  return present(
    scenario.homes.find((home) => home.member === member),
    "the home of a member",
  );
}

function senderOf(senders: ReadonlyMap<number, Sender>, member: number): Sender {
  return present(senders.get(member), "a station's sender");
}

function gasOf({ gasUsed }: { readonly gasUsed: bigint }): number {
  return Number(gasUsed);
}
