import { encodeFunctionData, parseAbi } from "viem";
import type { Address } from "#kernel/crypto/hex.ts";
import { assert, present } from "#kernel/units/assert.ts";
import { createSender } from "#platform/chain/sender.ts";
import type { KeyPair } from "#platform/runtime/keyring.ts";
import type { BenchMarket } from "./market.ts";
import { deployPeer, sendWithBlock } from "./peerContract.ts";
import type { QuotaGas } from "./quotaPeriod.ts";
import { type PeriodPlan, TARIFF_MICRO_PER_KWH } from "./quotaPlan.ts";

/** The naive contract with a key for each station, by member; who deployed it is its DSO. */
export type NaiveStations = {
  readonly market: BenchMarket;
  readonly contract: Address;
  readonly dso: KeyPair;
  readonly keys: ReadonlyMap<number, KeyPair>;
};

const SOURCE = new URL("../contracts/test/naive/NaiveQuotas.sol", import.meta.url);
const ABI = parseAbi([
  "function endow(address[] to, uint256 amountMicro)",
  "function initialize(uint256 period, uint32 marginW, uint32 tariffMicroPerKwh)",
  "function submitDemand(uint256 period, uint32 demandW, uint64 depositMicro)",
  "function allocate(uint256 period)",
  "function bid(uint256 period, uint48 priceMicroPerKw, uint48 quotaW)",
  "function offer(uint256 period, uint48 priceMicroPerKw, uint48 quotaW)",
  "function auction(uint256 period)",
  "function report(uint256 period, uint256 interval, address[] of_, uint128[] importWh)",
  "function pay(uint256 period)",
  "function withdraw(uint256 period)",
  "function balanceMicro(address owner) view returns (uint256)",
  "function stationOf(uint256 period, address owner) view returns ((uint32 demandW, uint32 quotaW, uint64 depositMicro, bool hasOrder, bool isPaid, bool isWithdrawn))",
]);
const ENDOWMENT_MICRO = 10n ** 15n;
/** Owners a transaction, well below 10 M gas. */
const ENDOWED_AT_ONCE = 128;

/** Deploys the naive contract; no balance starts from zero. */
export async function openNaive(market: BenchMarket): Promise<NaiveStations> {
  const { keyring, scenario } = market;
  // Keys of its own, since the others' senders count their transactions themselves.
  const keys = new Map(scenario.homes.map(({ id, member }) => [member, keyring.key(`naive station ${id}`)]));
  const dso = keyring.key("naive DSO");
  const contract = await deployPeer(createSender(market.network, dso.hex), SOURCE);
  const naive = { market, contract, dso, keys };
  const owners = [...keys.values()].map(({ address }) => address);
  for (let from = 0; from < owners.length; from += ENDOWED_AT_ONCE)
    await call(naive, dso, "endow", [owners.slice(from, from + ENDOWED_AT_ONCE), ENDOWMENT_MICRO]);
  await call(naive, dso, "endow", [[dso.address], ENDOWMENT_MICRO]);
  return naive;
}

/** Runs a period as planned on the naive contract, and requires that quotas and balances are what the plan says. */
export async function runNaivePeriod(
  naive: NaiveStations,
  period: number,
  plan: PeriodPlan,
): Promise<QuotaGas> {
  const { dso } = naive;
  const at = BigInt(period);
  const before = await balancesOf(naive);
  const margin = await call(naive, dso, "initialize", [at, plan.marginW, Number(TARIFF_MICRO_PER_KWH)]);
  const demand = await eachStation(naive, plan, ({ demandW, depositMicro }) => [
    "submitDemand",
    [at, demandW, depositMicro],
  ]);
  const allocation = await call(naive, dso, "allocate", [at]);
  const ordered = await eachStation(naive, plan, ({ order }) => [
    order.side,
    [at, order.limitPriceMicroPerThousand, order.quantity],
  ]);
  const auction = ordered + (await call(naive, dso, "auction", [at]));
  const readings = (await report(naive, at, plan, 0)) + (await report(naive, at, plan, 1));
  const payment = await eachStation(naive, plan, () => ["pay", [at]]);
  const withdrawal = await eachStation(naive, plan, () => ["withdraw", [at]]);
  await requirePlanned({ naive, at, plan, before });
  return { margin, demand, allocation, auction, readings, payment, withdrawal };
}

/** What a station sends in a step. */
type Step = (station: PeriodPlan["stations"][number]) => [functionName: string, args: readonly unknown[]];

async function eachStation(naive: NaiveStations, plan: PeriodPlan, step: Step): Promise<number> {
  let gas = 0;
  for (const station of plan.stations)
    gas += await call(naive, keyOf(naive, station.member), ...step(station));
  return gas;
}

function report(naive: NaiveStations, at: bigint, { stations }: PeriodPlan, interval: 0 | 1) {
  const owners = stations.map(({ member }) => keyOf(naive, member).address);
  const importWh = stations.map((station) => BigInt(station.importWh[interval]));
  return call(naive, naive.dso, "report", [at, BigInt(interval), owners, importWh]);
}

/** Sends one call, and gives its gas. */
async function call(
  { market, contract: to }: NaiveStations,
  key: KeyPair,
  functionName: string,
  args: readonly unknown[],
): Promise<number> {
  const data = encodeFunctionData({ abi: ABI, functionName, args } as Parameters<
    typeof encodeFunctionData
  >[0]);
  const receipt = await sendWithBlock({ network: market.network, key, to, data });
  assert(receipt.status === "success", `${functionName} of the naive contract failed`);
  return Number(receipt.gasUsed);
}

async function requirePlanned({
  naive,
  at,
  plan,
  before,
}: {
  readonly naive: NaiveStations;
  readonly at: bigint;
  readonly plan: PeriodPlan;
  readonly before: ReadonlyMap<number, bigint>;
}): Promise<void> {
  const { client } = naive.market.network;
  const after = await balancesOf(naive);
  for (const { member, finalQuotaW, gainMicro } of plan.stations) {
    const args = [at, keyOf(naive, member).address] as const;
    const { quotaW } = await client.readContract({
      address: naive.contract,
      abi: ABI,
      functionName: "stationOf",
      args,
    });
    assert(quotaW === finalQuotaW, `station ${member} has a naive quota of ${quotaW} W, not ${finalQuotaW}`);
    const gained = (after.get(member) ?? 0n) - (before.get(member) ?? 0n);
    assert(gained === gainMicro, `station ${member} gained ${gained} naive micro, not ${gainMicro}`);
  }
}

async function balancesOf({
  market,
  contract: address,
  keys,
}: NaiveStations): Promise<ReadonlyMap<number, bigint>> {
  const { client } = market.network;
  const balances = new Map<number, bigint>();
  for (const [member, key] of keys) {
    const args = [key.address] as const;
    balances.set(
      member,
      await client.readContract({ address, abi: ABI, functionName: "balanceMicro", args }),
    );
  }
  return balances;
}

function keyOf({ keys }: NaiveStations, member: number): KeyPair {
  return present(keys.get(member), "the key of a station");
}
