import { type ComputedCase, feeOnFirstQuota } from "#domains/charging/shanghai/quotaOutcome.ts";
import type { QuotaReport } from "#domains/charging/shanghai/quotaReport.ts";
import { DEMANDS_W, PRINTED, STATIONS } from "#domains/charging/shanghai/shanghaiCase.ts";
import type { Pricing } from "#kernel/auction/order.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { alignColumns } from "./alignColumns.ts";
import { renderErrata } from "./errataTable.ts";

/** A run of the case for people: what the book prints beside what the chain came to, then why they differ. */
type QuotaRun = {
  readonly report: QuotaReport;
  readonly computed: ComputedCase;
  readonly marginW: number;
  readonly pricing: Pricing;
};

export function renderQuotas(run: QuotaRun): string {
  const sections = [
    renderSummary(run),
    renderAllocation(run),
    renderTrades(run),
    renderPayments(run),
    renderFees(run),
    renderErrata("Where the book and its numbers part", run.report.errata),
    renderGas(run),
  ];
  return `${sections.join("\n\n")}\n`;
}

function renderSummary({ report, marginW, pricing }: QuotaRun): string {
  return `Margin ${kw(marginW)} kW of 390 demanded: β = ${report.beta.toFixed(4)} (printed ${PRINTED.beta}). Pricing: ${pricing}. 1 token = 0.01 CNY.`;
}

function renderAllocation({ report: { quotasW }, computed: { finalQuotasW }, marginW }: QuotaRun): string {
  const rows = STATIONS.map((name) => [
    name,
    kw(DEMANDS_W[name]),
    PRINTED.quotasKw[name].toFixed(2),
    kw(quotasW[name]),
    kw(finalQuotasW[name]),
  ]);
  const total = ["Σ", "390.000", "322.99", kw(marginW), kw(marginW)];
  return titled("Table 2: quotas, kW", [
    ["", "demand", "printed", "ours", "after the auction"],
    ...rows,
    total,
  ]);
}

function renderTrades({ report: { trades } }: QuotaRun): string {
  const rows = trades.map(({ buyer, seller, quotaW, priceMicroPerKw, paymentMicro }) => [
    `${buyer} from ${seller}`,
    kw(quotaW),
    money(BigInt(priceMicroPerKw)),
    money(BigInt(paymentMicro)),
  ]);
  return titled("Trades", [["", "kW", "tokens per kW", "tokens"], ...rows]);
}

function renderPayments({ report: { auctionPaymentMicro } }: QuotaRun): string {
  const rows = STATIONS.map((name) => [
    name,
    PRINTED.paymentTokens[name].toFixed(2),
    money(BigInt(auctionPaymentMicro[name])),
    (Number(auctionPaymentMicro[name]) / 1e6 - PRINTED.paymentTokens[name]).toFixed(2),
  ]);
  const printed = STATIONS.reduce((sum, name) => sum + PRINTED.paymentTokens[name], 0);
  const ours = STATIONS.reduce((sum, name) => sum + BigInt(auctionPaymentMicro[name]), 0n);
  const total = ["Σ", printed.toFixed(2), money(ours), (-printed).toFixed(2)];
  return titled("Table 4: auction payments, tokens", [["", "printed", "ours", "difference"], ...rows, total]);
}

function renderFees({ report, marginW }: QuotaRun): string {
  const rows = STATIONS.map((name) => [
    name,
    PRINTED.feeTokens[name].toFixed(2),
    money(BigInt(report.serviceFeeBookBasisMicro[name])),
    money(feeOnFirstQuota(name, marginW, 0.5)),
    money(BigInt(report.serviceFeeMicro[name])),
  ]);
  return titled("Table 4: service fees, tokens", [
    ["", "printed", "first quota × 1 h", "first quota × 1/2 h", "as metered"],
    ...rows,
  ]);
}

function renderGas({ report: { gas } }: QuotaRun): string {
  const { settlements, total, perStation, ...steps } = gas;
  const rows = Object.entries(steps).map(([step, used]) => [step, String(used)]);
  return titled("Gas (of what each station does, the most)", [
    ...rows,
    ["in all", String(total)],
    ["a station and period", String(perStation)],
    ["transactions that pay and withdraw", String(settlements)],
  ]);
}

function titled(title: string, rows: readonly (readonly string[])[]): string {
  return `${title}\n${alignColumns(rows, `l${"r".repeat((rows[0]?.length ?? 1) - 1)}`)}`;
}

function kw(powerW: number): string {
  return (powerW / 1_000).toFixed(3);
}

function money(micro: bigint): string {
  return formatMicro(micro, 2);
}
