import type { IntervalId } from "#kernel/units/interval.ts";
import type { DutyReport } from "./duty.ts";

/**
 * A duty whose time has come, and which its last run left undone: it failed, or waits for something.
 *
 * @property since unix seconds of the market's clock at which it was due
 * @property waitsFor in words; null where it failed
 */
export type BehindDuty = {
  readonly name: string;
  readonly areaId: number;
  readonly intervalId: IntervalId;
  readonly since: number;
  readonly waitsFor: string | null;
};

/** Knows which duties are behind, of all areas of a process. */
export type DutyWatch = {
  noted(report: DutyReport): void;
  /** What is tried again, the longest behind first; what was given up is an incident, and not here any more. */
  behind(): readonly BehindDuty[];
};

export function createDutyWatch(): DutyWatch {
  const undone = new Map<string, BehindDuty>();
  return {
    noted(report) {
      const { duty, intervalId } = report;
      const { name, areaId } = duty;
      const key = `${areaId} ${name} ${intervalId}`;
      undone.delete(key);
      if (!report.isTriedAgain) return;
      const waitsFor = "done" in report && report.done.status === "waiting" ? report.done.for : null;
      undone.set(key, { name, areaId, intervalId, since: duty.dueAt(intervalId), waitsFor });
    },
    behind: () => [...undone.values()].sort(byTime),
  };
}

function byTime(one: BehindDuty, other: BehindDuty): number {
  const byPlace = one.areaId - other.areaId || one.intervalId - other.intervalId;
  return one.since - other.since || byPlace || (one.name < other.name ? -1 : 1);
}
