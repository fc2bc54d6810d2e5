import {
  type AnnouncedTerms,
  openAnnouncedTerms,
  type TermsSource,
} from "#domains/metering/announcedTerms.ts";
import { pricingOf } from "#kernel/auction/pricingNumber.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import { quotaMarketContract } from "./contracts.generated.ts";
import { readQuotaW } from "./quotaMarket.ts";
import type { PeriodId, QuotaTerms } from "./rules/quotaTerms.ts";

/** How far a period's quotas are: `fits` where all demands were met, `rationed` where an auction may follow. */
export type QuotaStage = "none" | "open" | "fits" | "rationed" | "cleared";

/** As QuotaLib.Stage counts. */
const STAGES: readonly QuotaStage[] = ["none", "open", "fits", "rationed", "cleared"];

/** A period as the chain has it. */
export type QuotaPeriod = {
  readonly stage: QuotaStage;
  readonly tariffMicroPerKwh: bigint;
  readonly marginW: number;
  readonly totalDemandW: number;
};

/** A station in a period; `demandW` is 0 of one that did not demand, `depositMicro` what of it is in escrow. */
export type QuotaStation = {
  readonly demandW: number;
  readonly boughtW: number;
  readonly soldW: number;
  readonly depositMicro: bigint;
  readonly isPaid: boolean;
  readonly isWithdrawn: boolean;
};

/** What the roles of an area's quotas ask the chain. */
export type QuotaView = TermsSource<QuotaTerms> & {
  periodOf(period: PeriodId): Promise<QuotaPeriod>;
  stationOf(period: PeriodId, member: number): Promise<QuotaStation>;
  /** What a station may draw in a period, W; 0 before its margin is divided. */
  quotaW(period: PeriodId, member: number): Promise<number>;
};

/** Which terms the periods of an area go by. */
export type QuotaTermsSchedule = AnnouncedTerms<QuotaTerms>;

/** Reads one area from the chain's newest block. */
export function createQuotaView(network: Network, deployment: Deployment, areaId: number): QuotaView {
  const { client } = network;
  const market = { address: addressOf(deployment, "quotaMarket"), abi: quotaMarketContract.abi } as const;
  return {
    schedule: () => client.readContract({ ...market, functionName: "scheduleOf", args: [areaId] }),
    async termsOf(version) {
      const args = [areaId, version] as const;
      const terms = await client.readContract({ ...market, functionName: "termsOf", args });
      const { floor: floorMicroPerKw, ceiling: ceilingMicroPerKw, pricing, ...rest } = terms;
      return { ...rest, floorMicroPerKw, ceilingMicroPerKw, pricing: pricingOf(pricing) };
    },
    async periodOf(period) {
      const args = [areaId, period] as const;
      const found = await client.readContract({ ...market, functionName: "periodOf", args });
      const { stage, tariff, marginW, totalDemandW } = found;
      return {
        stage: STAGES[stage] ?? "none",
        tariffMicroPerKwh: BigInt(tariff),
        marginW,
        totalDemandW: Number(totalDemandW),
      };
    },
    async stationOf(period, member) {
      const args = [areaId, period, member] as const;
      const { depositMicro, ...station } = await client.readContract({
        ...market,
        functionName: "stationOf",
        args,
      });
      return { ...station, depositMicro: BigInt(depositMicro) };
    },
    quotaW: (period, member) => readQuotaW(network, deployment, { areaId, period, member }),
  };
}

/** @throws NoQuotaTermsError when the area has no quotas */
export async function openQuotaTerms(
  areaId: number,
  view: TermsSource<QuotaTerms>,
): Promise<QuotaTermsSchedule> {
  const terms = await openAnnouncedTerms(view);
  if (terms === null) throw new NoQuotaTermsError(areaId);
  return terms;
}

export class NoQuotaTermsError extends DomainError {
  readonly code = "noQuotaTerms";

  constructor(areaId: number) {
    super(`area ${areaId} has no charging quotas: no terms were announced`);
  }
}
