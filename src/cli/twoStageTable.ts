import { TWO_STAGE_CASE } from "#world/response/twoStageCase.ts";
import type { TwoStageReport } from "#world/response/twoStageReport.ts";
import { alignColumns } from "./alignColumns.ts";
import { renderErrata } from "./errataTable.ts";
import { percent } from "./percent.ts";

/** The two-stage market for people: the golden example, both schemes hour by hour, what was compared, and why the equations are read as they are. */
export function renderTwoStage(report: TwoStageReport): string {
  const sections = [
    renderSource(report),
    renderGolden(report),
    ...report.prices.decentralised.map((_, day) => renderDay(report, day)),
    renderFigures(report),
    renderErrata("Where the book and its equations part", report.errata),
  ];
  return `${sections.join("\n\n")}\n`;
}

function renderSource({ source }: TwoStageReport): string {
  const kind = source.isRecorded ? "recorded" : "synthetic";
  return [
    `Upstream prices: ${kind}, ${source.prices}. Prosumers, weather and habits: synthetic, seed ${source.seed}. Bidders: ${source.bidders}.`,
    `Declared before the run: a gap of ${percent(TWO_STAGE_CASE.declaredGap)} in the mean price paid counts as almost the same.`,
  ].join("\n");
}

function renderGolden({ golden }: TwoStageReport): string {
  const rows = [
    ["DR price", golden.drPrice.toFixed(3)],
    ["served, kWh", golden.served.toFixed(3)],
    ["demand response, kWh", golden.dr.toFixed(3)],
    ["import, kWh", golden.import.toFixed(3)],
    ...golden.payments.map((payment, i) => [`prosumer ${i + 1} pays`, payment.toFixed(3)]),
    ["upstream gets", golden.upstream.toFixed(3)],
    ["DR fund pays", golden.fund.toFixed(3)],
    ["objective that is settled by", golden.objective?.toFixed(3) ?? "none"],
    ["objective as printed, (5)–(8)", golden.literalObjective?.toFixed(3) ?? "none"],
    ["served by it, kWh", golden.literalServed.toFixed(3)],
  ];
  return `Golden example: d = (3, 2, 1), ρ = (1, 1, 2), d^new = (2, 1.5, 1), π = 20, α = 1.5, π_market = 35\n${alignColumns(rows, "lr")}`;
}

function renderDay({ prices, market, load }: TwoStageReport, day: number): string {
  const isFirst = day === 0;
  const rows = (prices.decentralised[day] ?? []).map((paid, hour) => [
    `${String(hour).padStart(2, "0")}:00`,
    price(market.upstream[day]?.[hour]),
    price(market.local[day]?.[hour]),
    price(market.dr[day]?.[hour]),
    price(paid),
    price(prices.centralised[day]?.[hour]),
    ...(isFirst ? [energy(load.stage1[hour]), energy(load.stage2[hour])] : []),
  ]);
  const heading = [
    "",
    "upstream",
    "local π",
    "π^DR",
    "paid",
    "aggregator",
    ...(isFirst ? ["load 1", "load 2"] : []),
  ];
  return `Day ${day + 1}: prices a kWh${isFirst ? ", loads in kWh" : ""}\n${alignColumns([heading, ...rows], `l${"r".repeat(heading.length - 1)}`)}`;
}

function renderFigures(report: TwoStageReport): string {
  const { drFund, gap, declaredGap, isWithinDeclaredGap } = report;
  const rows = [
    ["participation", percent(report.participation)],
    ["peak over average, first stage", report.parBefore.toFixed(3)],
    ["peak over average, second stage", report.parAfter.toFixed(3)],
    ["correlation of price and load", report.correlation.toFixed(3)],
    [
      "gap of the mean price paid",
      `${percent(gap)}, ${isWithinDeclaredGap ? "within" : "MORE THAN"} ${percent(declaredGap)}`,
    ],
    ["mean difference of an hour", percent(report.hourlyGap)],
    ["Lerner index", report.lernerIndex.toFixed(3)],
    ["DR fund paid", drFund.paid.toFixed(3)],
    ["import that it saved would have cost", drFund.avoidedImport.toFixed(3)],
    ["hours in which eqs. (2) and (3) exclude each other", String(report.drInfeasible)],
  ];
  return `Figures\n${alignColumns(rows, "lr")}`;
}

function price(value: number | undefined): string {
  return (value ?? 0).toFixed(4);
}

function energy(value: number | undefined): string {
  return (value ?? 0).toFixed(2);
}
