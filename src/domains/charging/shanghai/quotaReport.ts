import type { Pricing } from "#kernel/auction/order.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { type ComputedCase, computeCase, feeOnFirstQuota, type QuotaOutcome } from "./quotaOutcome.ts";
import { type ByStation, byStation, PRINTED, STATIONS, type StationName } from "./shanghaiCase.ts";

/** Where the book and its own numbers part: what is printed, what comes out, and why. */
export type Erratum = {
  readonly id: string;
  readonly printed: string;
  readonly computed: string;
  readonly note: string;
};

/**
 * Gas of the steps of a period; of those that each station takes, the most that a transaction took.
 *
 * @property settlements count of the transactions that paid and withdrew
 */
export type QuotaGas = Readonly<
  Record<
    | "initialize"
    | "demand"
    | "allocate"
    | "clear"
    | "pay"
    | "withdraw"
    | "settlements"
    | "total"
    | "perStation",
    number
  >
>;

/** The case for programs. Powers in W, money in micro tokens: whole numbers below 2⁵³. */
export type QuotaReport = {
  readonly beta: number;
  readonly quotasW: ByStation<number>;
  readonly trades: readonly {
    readonly buyer: StationName;
    readonly seller: StationName;
    readonly quotaW: number;
    readonly priceMicroPerKw: number;
    readonly paymentMicro: number;
  }[];
  readonly auctionPaymentMicro: ByStation<number>;
  readonly serviceFeeMicro: ByStation<number>;
  readonly serviceFeeBookBasisMicro: ByStation<number>;
  readonly balanced: boolean;
  readonly errata: readonly Erratum[];
  readonly gas: QuotaGas;
};

/** Reports what a chain came to, with the trades of the rules, which came to the same. */
export function reportQuotas({
  chain,
  computed,
  marginW,
  gas,
}: {
  readonly chain: QuotaOutcome;
  readonly computed: ComputedCase;
  readonly marginW: number;
  readonly gas: QuotaGas;
}): QuotaReport {
  return {
    beta: computed.beta,
    quotasW: chain.quotasW,
    trades: computed.trades.map((trade) => ({ ...trade, paymentMicro: Number(trade.paymentMicro) })),
    auctionPaymentMicro: byStation((name) => Number(chain.paymentMicro[name])),
    serviceFeeMicro: byStation((name) => Number(chain.feeMicro[name])),
    serviceFeeBookBasisMicro: byStation((name) => Number(feeOnFirstQuota(name, marginW, 1))),
    balanced: sumMicro(chain.paymentMicro) === 0n,
    errata: errataOf(),
    gas,
  };
}

/** The errata of the case, with their figures computed by the rules. */
export function errataOf(): readonly Erratum[] {
  const of = (marginKw: number, pricing: Pricing) =>
    computeCase({ marginW: marginKw * 1_000, pricing, intervalSeconds: 1_800 });
  const [pairwise, uniform] = [of(323, "midpoint"), of(323, "uniform")];
  return [
    marginErratum(pairwise.beta, of(343, "midpoint").beta),
    {
      id: "E9.2",
      printed: `Σ of Table 2 ${sum(PRINTED.quotasKw).toFixed(2)} kW`,
      computed: `${(sum(pairwise.quotasW) / 1_000).toFixed(3)} kW`,
      note: "rounding of the table; quotas are whole W here, and the W left over go to the largest remainders",
    },
    feeErratum(),
    halfHourErratum(pairwise),
    balanceErratum(uniform.paymentMicro),
    {
      id: "E9.6",
      printed: "Algorithm 1 prices each pair, Table 4 has one price of 23 tokens",
      computed: `D ${tokens(pairwise.paymentMicro.D)} by pairs, ${tokens(uniform.paymentMicro.D)} at one price`,
      note: "both are built; quantities are the same, and pairs are the default",
    },
    {
      id: "E9.10",
      printed: "Table 3 in kWh, prices in token per kWh",
      computed: "quota in W, prices in token per kW and period",
      note: "read as kWh in half an hour, B, D and E would end above their own demands",
    },
  ];
}

function marginErratum(beta323: number, beta343: number): Erratum {
  return {
    id: "E9.1",
    printed: `margin 343 kW, β ${PRINTED.beta}`,
    computed: `343 kW gives β ${beta343.toFixed(4)}, 323 kW gives ${beta323.toFixed(4)}`,
    note: "the printed β, quotas and fees are those of 323 kW; with 343 B and D bid for more than they lack",
  };
}

function feeErratum(): Erratum {
  const whole = byStation((name) => feeOnFirstQuota(name, 323_000, 1));
  return {
    id: "E9.3",
    printed: `fees of Table 4, A ${PRINTED.feeTokens.A}, Σ ${sum(PRINTED.feeTokens).toFixed(2)}`,
    computed: `112 tokens × the first quota, unrounded, × 1 h: A ${tokens(whole.A)}, Σ ${tokens(sumMicro(whole))}`,
    note: "nothing in it is measured and trades change nothing; the fee here is tariff × metered energy",
  };
}

function halfHourErratum({ feeMicro }: ComputedCase): Erratum {
  const half = byStation((name) => feeOnFirstQuota(name, 323_000, 0.5));
  return {
    id: "E9.4",
    printed: `fee of A ${PRINTED.feeTokens.A} for a period of 30 minutes`,
    computed: `on the first quota A ${tokens(half.A)}, Σ ${tokens(sumMicro(half))}; as metered A ${tokens(feeMicro.A)}`,
    note: "a tariff per kWh times half an hour is half of what is printed",
  };
}

function balanceErratum(uniform: ByStation<bigint>): Erratum {
  const printedSum = sum(PRINTED.paymentTokens);
  const wrong = STATIONS.filter(
    (name) => Number(uniform[name]) !== Math.round(PRINTED.paymentTokens[name] * 1e6),
  );
  const list = (give: (name: StationName) => string) =>
    wrong.map((name) => `${name} ${give(name)}`).join(", ");
  return {
    id: "E9.5",
    printed: `Σ of payments ${printedSum.toFixed(1)} tokens; ${list((name) => String(PRINTED.paymentTokens[name]))}`,
    computed: `Σ ${tokens(sumMicro(uniform))}; ${list((name) => tokens(uniform[name]))} at 23 tokens`,
    note: "the printed amounts sell 23.8 kW and buy 17.3, where 20.6 trade: B's cell is of 3.2 kW instead of 6.5, C's of 9.8 instead of 6.6",
  };
}

/** Micro tokens as tokens, to the nearest hundredth as they are printed. */
export function tokens(micro: bigint): string {
  return formatMicro(micro, 2).replace(/\.?0+$/, "");
}

export function sumMicro(values: ByStation<bigint>): bigint {
  return STATIONS.reduce((total, name) => total + values[name], 0n);
}

function sum(values: ByStation<number>): number {
  return STATIONS.reduce((total, name) => total + values[name], 0);
}
