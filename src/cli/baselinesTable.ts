import type { BaselineMethod } from "#domains/response/rules/baseline/baselineMethod.ts";
import type { MethodErrors, PlaceboReport } from "#world/response/placeboDays.ts";
import { alignColumns } from "./alignColumns.ts";
import { percent } from "./percent.ts";

const SECONDS_PER_MINUTE = 60;
const NONE = "–";

/** The errors of each method for people: a row a method. */
export function renderBaselines(report: PlaceboReport): string {
  const { source, homes, from, to, intervalSeconds, event, groupSize, groups } = report;
  const heading = [
    "",
    "home |bias|",
    "home RRMSE",
    `bias of ${groupSize}`,
    "worst group",
    `RRMSE of ${groupSize}`,
    "days",
    "refused",
    "limited",
  ];
  const rows = report.methods.map(rowOf);
  return `${[
    `Homes: ${source}; ${homes} of them, ${from ?? NONE} to ${to ?? NONE}, intervals of ${intervalSeconds / SECONDS_PER_MINUTE} min.`,
    `Placebo event on each day from ${event.fromHour}:00 to ${event.untilHour}:00, announced at ${event.noticeHour}:00; ${groups} groups of ${groupSize} homes, drawn with replacement.`,
    "",
    alignColumns([heading, ...rows], `l${"r".repeat(heading.length - 1)}`),
  ].join("\n")}\n`;
}

function rowOf({ method, oneHome, groups, worstGroupBias, limitedShare }: MethodErrors): string[] {
  return [
    wordsOf(method),
    percentOrNone(oneHome?.bias),
    percentOrNone(oneHome?.rrmse),
    percentOrNone(groups?.bias),
    groups === null ? NONE : percentOrNone(worstGroupBias),
    percentOrNone(groups?.rrmse),
    String(groups?.days ?? 0),
    groups === null ? "all" : String(groups.refused),
    percentOrNone(limitedShare),
  ];
}

function wordsOf(method: BaselineMethod): string {
  switch (method.name) {
    case "meanOfLast":
      return `mean of the last ${method.days}`;
    case "adjustedMean":
      return `${method.days} of ${method.days}, adjusted on the day`;
    case "middleOfLast":
      return `middle ${method.days - 2 * method.dropped} of ${method.days}`;
    case "temperatureRegression":
      return "regression on temperature";
  }
}

function percentOrNone(share: number | null | undefined): string {
  return share === null || share === undefined ? NONE : percent(share);
}
