import type { TransactionReceipt } from "viem";
import type { ChargingFact } from "#domains/charging/events.ts";
import { quotaEvents } from "#domains/charging/events.ts";
import {
  allocateCall,
  clearQuotasCall,
  initializeCall,
  payEnergyCall,
  quotaCallsTogether,
  readQuotaW,
  submitDemandCall,
  withdrawDepositCall,
} from "#domains/charging/quotaMarket.ts";
import { allocateQuotas } from "#domains/charging/rules/allocateQuotas.ts";
import { depositNeededMicro } from "#domains/charging/rules/charges.ts";
import { planQuotaClearing } from "#domains/charging/rules/quotaClearingPlan.ts";
import { bidMicro } from "#domains/charging/rules/quotaOrderFault.ts";
import { intervalsOfPeriod, windowsOf } from "#domains/charging/rules/quotaTerms.ts";
import { quotaSeparator, signQuotaOrder } from "#domains/charging/rules/signedQuotaOrder.ts";
import { publishCall } from "#domains/metering/meterLedger.ts";
import { ledgerSeparator, readingWord, signReading } from "#domains/metering/rules/meterReading.ts";
import { proveReading } from "#domains/metering/rules/readingProof.ts";
import { buildReadingTree, readingContext } from "#domains/metering/rules/readingTree.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { packCalls } from "#platform/chain/packCalls.ts";
import type { Call } from "#platform/chain/sender.ts";
import { type Depot, depotKeys, STATION_MEMBER, stationMeterId } from "./depot.ts";
import type { QuotaOutcome } from "./quotaOutcome.ts";
import type { QuotaGas } from "./quotaReport.ts";
import {
  type ByStation,
  byStation,
  DELIVERY_AT,
  DEMANDS_W,
  STATIONS,
  type StationName,
  shanghaiOrders,
  shanghaiTerms,
  TARIFF_MICRO_PER_KWH,
} from "./shanghaiCase.ts";

/** What a run is of. `importWh` is what each meter reads in each interval of the period. */
export type PeriodRun = {
  readonly depot: Depot;
  readonly marginW: number;
  readonly pricing: Pricing;
  readonly intervalSeconds: number;
  readonly importWh: ByStation<readonly bigint[]>;
  /** Whether each station settles by itself, or all together in as few transactions as they fit. */
  readonly settling: "oneByOne" | "grouped";
  /** Sets the chain's clock, unix s. */
  readonly setTime: (unixSeconds: number) => Promise<void>;
};

/** An ether is worth 20,000 CNY here; the case does not say (R9.12). */
const CNY_MICRO_PER_ETHER = 20_000_000_000n;
const PRICES = { tariffMicroPerKwh: TARIFF_MICRO_PER_KWH, penaltyPermille: 2_000n };

/**
 * Runs the delivery from 18:30 on the chain, step by step in its windows (R9.3): margin, demands with deposits, allocation, auction,
 * readings, payments and withdrawals; and gives what the contracts said of it, with the gas.
 */
export async function runPeriod(run: PeriodRun): Promise<{ chain: QuotaOutcome; gas: QuotaGas }> {
  const { depot, pricing, setTime } = run;
  const { periodSeconds } = shanghaiTerms(pricing);
  const period = DELIVERY_AT / periodSeconds;
  const windows = windowsOf(period, shanghaiTerms(pricing));
  const place = { areaId: depot.areaId, period };
  await setTime(windows.opensAt);
  const initialized = await initialize(run, place);
  const demanded = await demand(run, place);
  await setTime(windows.demandEndsAt);
  const allocated = await allocate(run, place);
  const quotasW = await readQuotas(depot, place);
  await setTime(windows.ordersEndAt);
  const cleared = await clear(run, place);
  await setTime(windows.endsAt);
  const { paid, withdrawn } = await settle(run, place);
  const facts = factsOf(depot, [cleared, ...paid]);
  return {
    chain: {
      quotasW,
      finalQuotasW: await readQuotas(depot, place),
      paymentMicro: byStation((name) => traded(facts, name)?.paymentMicro ?? 0n),
      feeMicro: byStation((name) => paidFor(facts, name)?.feeMicro ?? 0n),
      penaltyMicro: byStation((name) => paidFor(facts, name)?.penaltyMicro ?? 0n),
    },
    gas: gasOf({ initialized, demanded, allocated, cleared, paid, withdrawn }),
  };
}

type Place = { readonly areaId: number; readonly period: number };

function initialize({ depot, marginW, pricing }: PeriodRun, place: Place): Promise<TransactionReceipt> {
  const forecastW = shanghaiTerms(pricing).ratingW - marginW;
  const said = { forecastW, reserveW: 0, cnyMicroPerEther: CNY_MICRO_PER_ETHER };
  return depot.dso.send(
    initializeCall(depot.deployment, { ...place, ...said, tariffMicroPerKwh: TARIFF_MICRO_PER_KWH }),
  );
}

/** Each station puts down what its demand and its bids may cost at most (AMB-23), a quota above its demand included. */
async function demand({ depot, pricing }: PeriodRun, place: Place): Promise<readonly TransactionReceipt[]> {
  const orders = shanghaiOrders(STATION_MEMBER);
  const receipts: TransactionReceipt[] = [];
  for (const name of STATIONS) {
    const member = STATION_MEMBER[name];
    const bids = orders.filter(({ participant, side }) => participant === member && side === "bid");
    const boughtW = bids.reduce((sum, { quantity }) => sum + quantity, 0);
    const demandW = DEMANDS_W[name];
    const depositMicro = depositNeededMicro({
      prices: PRICES,
      periodSeconds: shanghaiTerms(pricing).periodSeconds,
      demandW,
      quotaW: demandW + boughtW,
      auctionMicro: bids.reduce((sum, bid) => sum + bidMicro(bid), 0n),
    });
    const call = submitDemandCall(depot.deployment, { ...place, member, demandW, depositMicro });
    receipts.push(await depot.stations[name].send(call));
  }
  return receipts;
}

/** A station divides the margin: nobody waits for the DSO. */
function allocate({ depot, marginW }: PeriodRun, place: Place): Promise<TransactionReceipt> {
  const demands = STATIONS.map((name) => ({ member: STATION_MEMBER[name], demandW: DEMANDS_W[name] }));
  const allocation = allocateQuotas({ demands, marginW });
  return depot.stations.A.send(allocateCall(depot.deployment, place, allocation));
}

function clear({ depot, pricing }: PeriodRun, place: Place): Promise<TransactionReceipt> {
  const { deployment, keyring } = depot;
  const separator = quotaSeparator(deployment.chainId, addressOf(deployment, "quotaMarket"));
  const context = { separator, ...place };
  const signed = STATIONS.flatMap((name) =>
    shanghaiOrders(STATION_MEMBER)
      .filter(({ participant }) => participant === STATION_MEMBER[name])
      .map((order) => signQuotaOrder(order, context, keyring.key(depotKeys.station(name)).privateKey)),
  );
  return depot.dso.send(clearQuotasCall(deployment, planQuotaClearing(signed, pricing, context)));
}

/** Readings of each interval are signed and published, and prove what each station pays. */
async function settle(run: PeriodRun, place: Place) {
  const { depot, pricing, intervalSeconds } = run;
  const { periodSeconds } = shanghaiTerms(pricing);
  const intervals = intervalsOfPeriod(place.period, { periodSeconds, intervalSeconds });
  const published: Awaited<ReturnType<typeof publish>>[] = [];
  for (const [i, intervalId] of intervals.entries()) published.push(await publish(run, intervalId, i));
  const stations = STATIONS.map((name) => {
    const station = { ...place, member: STATION_MEMBER[name] };
    const proofs = published.map(({ tree, context }) => proveReading(tree, context, station.member));
    const pay = payEnergyCall(depot.deployment, station, proofs);
    return { name, member: station.member, pay, withdraw: withdrawDepositCall(depot.deployment, station) };
  });
  return run.settling === "grouped" ? settleTogether(depot, stations) : settleOneByOne(depot, stations);
}

type Settling = {
  readonly name: StationName;
  readonly member: number;
  readonly pay: Call;
  readonly withdraw: Call;
};

async function settleOneByOne({ stations: senders }: Depot, stations: readonly Settling[]) {
  const [paid, withdrawn]: [TransactionReceipt[], TransactionReceipt[]] = [[], []];
  for (const { name, pay, withdraw } of stations) {
    paid.push(await senders[name].send(pay));
    withdrawn.push(await senders[name].send(withdraw));
  }
  return { paid, withdrawn };
}

/** Anybody may settle for a station: here the one who publishes the readings does it for all (R4.11). */
async function settleTogether({ admin, deployment }: Depot, stations: readonly Settling[]) {
  const groupsOf = (step: "pay" | "withdraw") =>
    packCalls(stations.map((station) => station[step])).map((calls) => quotaCallsTogether(deployment, calls));
  return { paid: await admin.sendAll(groupsOf("pay")), withdrawn: await admin.sendAll(groupsOf("withdraw")) };
}

async function publish({ depot, importWh }: PeriodRun, intervalId: number, index: number) {
  const { deployment, keyring, admin, areaId } = depot;
  const { chainId } = deployment;
  const meterLedger = addressOf(deployment, "meterLedger");
  const words = STATIONS.map((name) => {
    const reading = {
      meterId: stationMeterId(name),
      member: STATION_MEMBER[name],
      areaId,
      intervalId,
      importWh: Number(importWh[name][index] ?? 0n),
      exportWh: 0,
      quality: "measured",
      version: 1,
    } as const;
    const deviceKey = keyring.key(depotKeys.device(name)).privateKey;
    return readingWord(signReading(reading, ledgerSeparator(chainId, meterLedger), deviceKey));
  });
  const context = readingContext({ chainId, meterLedger, areaId, intervalId, version: 1 });
  const tree = buildReadingTree(words, context, new Set(Object.values(STATION_MEMBER)));
  await admin.send(publishCall(deployment, { areaId, intervalId, root: tree.root, meters: words.length }));
  return { tree, context };
}

async function readQuotas(depot: Depot, place: Place): Promise<ByStation<number>> {
  const quotasW = await Promise.all(
    STATIONS.map((name) =>
      readQuotaW(depot.network, depot.deployment, { ...place, member: STATION_MEMBER[name] }),
    ),
  );
  return byStation((_, i) => quotasW[i] ?? 0);
}

/** What the quota market said in these transactions. */
function factsOf({ deployment }: Depot, receipts: readonly TransactionReceipt[]): readonly ChargingFact[] {
  const market = addressOf(deployment, "quotaMarket");
  const logs = receipts.flatMap((receipt) => receipt.logs);
  const own = logs.filter(({ address }) => address.toLowerCase() === market);
  const written = { logs: own, input: "0x", contracts: deployment.contracts } as const;
  return quotaEvents.decode(written).flatMap((fact) => fact ?? []);
}

/** What was said of a station; null when nothing was. */
function traded(facts: readonly ChargingFact[], name: StationName): ChargingFact<"quotaTraded"> | null {
  const own = facts.flatMap((fact) => (fact.kind === "quotaTraded" ? [fact] : []));
  return own.find(({ member }) => member === STATION_MEMBER[name]) ?? null;
}

function paidFor(facts: readonly ChargingFact[], name: StationName): ChargingFact<"energyPaid"> | null {
  const own = facts.flatMap((fact) => (fact.kind === "energyPaid" ? [fact] : []));
  return own.find(({ member }) => member === STATION_MEMBER[name]) ?? null;
}

function gasOf(steps: {
  readonly initialized: TransactionReceipt;
  readonly demanded: readonly TransactionReceipt[];
  readonly allocated: TransactionReceipt;
  readonly cleared: TransactionReceipt;
  readonly paid: readonly TransactionReceipt[];
  readonly withdrawn: readonly TransactionReceipt[];
}): QuotaGas {
  const used = ({ gasUsed }: TransactionReceipt) => Number(gasUsed);
  const most = (receipts: readonly TransactionReceipt[]) => Math.max(...receipts.map(used));
  const total = Object.values(steps)
    .flat()
    .reduce((sum, receipt) => sum + used(receipt), 0);
  return {
    initialize: used(steps.initialized),
    demand: most(steps.demanded),
    allocate: used(steps.allocated),
    clear: used(steps.cleared),
    pay: most(steps.paid),
    withdraw: most(steps.withdrawn),
    settlements: steps.paid.length + steps.withdrawn.length,
    total,
    perStation: Math.round(total / STATIONS.length),
  };
}
