import type { ContractFunctionArgs, ContractFunctionName } from "viem";
import type { AbsenceProof, ReadingProof } from "#domains/metering/rules/readingProof.ts";
import { PRICING_NUMBER } from "#kernel/auction/pricingNumber.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { type Call, contractCall } from "#platform/chain/sender.ts";
import { quotaMarketContract } from "./contracts.generated.ts";
import type { Allocation } from "./rules/allocateQuotas.ts";
import type { QuotaClearingPlan } from "./rules/quotaClearingPlan.ts";
import type { QuotaTerms } from "./rules/quotaTerms.ts";
import { packQuotaOrders } from "./rules/signedQuotaOrder.ts";

const { abi } = quotaMarketContract;

/** A period of an area's quotas. */
export type QuotaPlace = { readonly areaId: number; readonly period: number };

/** Announces a version of an area's terms; its DSO's to send. */
export function announceQuotaTermsCall(
  deployment: Deployment,
  { areaId, terms }: { readonly areaId: number; readonly terms: QuotaTerms },
): Call {
  const { floorMicroPerKw: floor, ceilingMicroPerKw: ceiling, ...rest } = terms;
  const contractTerms = { ...rest, floor, ceiling, pricing: PRICING_NUMBER[terms.pricing] };
  return quotaCall(deployment, "announceTerms", [areaId, contractTerms]);
}

/** Says what the transformer has left in a period, and what energy and an ether cost; the DSO's to send. */
export function initializeCall(
  deployment: Deployment,
  {
    areaId,
    period,
    forecastW,
    reserveW,
    tariffMicroPerKwh,
    cnyMicroPerEther,
  }: QuotaPlace & {
    readonly forecastW: number;
    readonly reserveW: number;
    readonly tariffMicroPerKwh: bigint;
    readonly cnyMicroPerEther: bigint;
  },
): Call {
  const opening = { forecastW, reserveW, tariff: Number(tariffMicroPerKwh), cnyMicroPerEther };
  return quotaCall(deployment, "initialize", [areaId, period, opening]);
}

/** Demands power, with a deposit from the station's margin; the station's to send. */
export function submitDemandCall(
  deployment: Deployment,
  {
    areaId,
    period,
    member,
    demandW,
    depositMicro,
  }: QuotaPlace & { readonly member: number; readonly demandW: number; readonly depositMicro: bigint },
): Call {
  return quotaCall(deployment, "submitDemand", [areaId, period, member, demandW, Number(depositMicro)]);
}

/** Divides the margin as planned; anybody's to send. */
export function allocateCall(
  deployment: Deployment,
  { areaId, period }: QuotaPlace,
  { quotasW, cutRemainder, cutMember }: Allocation,
): Call {
  const members = [...quotasW.keys()];
  return quotaCall(deployment, "allocate", [areaId, period, members, Number(cutRemainder), cutMember]);
}

/** Submits an auction; the DSO's to send. */
export function clearQuotasCall(deployment: Deployment, { outcome, book }: QuotaClearingPlan): Call {
  return quotaCall(deployment, "clear", [
    outcome,
    toHex(packQuotaOrders(book.bids)),
    toHex(packQuotaOrders(book.offers)),
  ]);
}

/** What shows an interval's energy: a reading, or that the publication has none; null where nothing is published, or needs be shown. */
export type MeteredProof = ReadingProof | AbsenceProof | null;

/** Pays a station's energy by what was metered in the period's intervals, in order; anybody's to send. */
export function payEnergyCall(
  deployment: Deployment,
  { areaId, period, member }: QuotaPlace & { readonly member: number },
  proofs: readonly MeteredProof[],
): Call {
  return quotaCall(deployment, "pay", [areaId, period, member, proofs.map(evidenceOf)]);
}

function evidenceOf(proof: MeteredProof) {
  if (proof === null) return { reading: NO_READING, absence: NO_ABSENCE };
  return "reading" in proof
    ? { reading: proof, absence: NO_ABSENCE }
    : { reading: NO_READING, absence: proof };
}

/** Gives a station the rest of its deposit; anybody's to send. */
export function withdrawDepositCall(
  deployment: Deployment,
  { areaId, period, member }: QuotaPlace & { readonly member: number },
): Call {
  return quotaCall(deployment, "withdraw", [areaId, period, member]);
}

/** Calls of the market in one transaction, each as if it were sent alone: all are done, or none. */
export function quotaCallsTogether(deployment: Deployment, calls: readonly Call[]): Call {
  const [only, ...more] = calls;
  if (only && more.length === 0) return only;
  const labels = [...new Set(calls.map(({ label }) => label))].join(" and ");
  return { ...quotaCall(deployment, "multicall", [calls.map(({ data }) => data)]), label: labels };
}

/** What a station may draw in a period, W, as the chain has it. */
export async function readQuotaW(
  { client }: Network,
  deployment: Deployment,
  { areaId, period, member }: QuotaPlace & { readonly member: number },
): Promise<number> {
  const address = addressOf(deployment, "quotaMarket");
  const args = [areaId, period, member] as const;
  return Number(await client.readContract({ address, abi, functionName: "quotaOf", args }));
}

const NOTHING = toHex(new Uint8Array(32));
const NO_READING = {
  ...{ reading: 0n, list: 0n, isSecond: false, otherList: 0n, otherTop: NOTHING },
  ...{ leaves: [], nodes: [], pages: [] },
};
const NO_ABSENCE = { list: 0n, top: NOTHING, otherList: 0n, otherTop: NOTHING, pages: [] };

function quotaCall<const Name extends ContractFunctionName<typeof abi, "nonpayable">>(
  deployment: Deployment,
  functionName: Name,
  args: ContractFunctionArgs<typeof abi, "nonpayable", Name>,
): Call {
  return contractCall({ address: addressOf(deployment, "quotaMarket"), abi, functionName, args });
}
