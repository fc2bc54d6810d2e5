import { describe, expect, it } from "vitest";
import type { HomeFlow } from "#domains/metering/flows.ts";
import type { Community } from "#world/households/community.ts";
import { createFlowHistory, withFlowHistory } from "./flowHistory.ts";

const flow = (member: number, changes: Partial<HomeFlow> = {}): HomeFlow => ({
  member,
  loadWh: 300,
  pvWh: 0,
  movedWh: 0,
  storedWh: 0,
  ...changes,
});

describe("a history of flows", () => {
  it("knows each home, and the area with what homes exchanged netted", () => {
    const history = createFlowHistory({ homes: 3, firstMember: 4 });
    history.record(1_000, [
      flow(4, { pvWh: 1_200, movedWh: 400, storedWh: 900 }),
      flow(5, { movedWh: -100, storedWh: 50 }),
      flow(6),
    ]);
    expect(history.home(1_000, 5)).toEqual(flow(5, { movedWh: -100, storedWh: 50 }));
    // Meters: 4 gives 500 Wh, 5 takes 200, 6 takes 300.
    expect(history.area(1_000)).toEqual({
      loadWh: 900,
      pvWh: 1_200,
      chargedWh: 400,
      dischargedWh: 100,
      storedWh: 950,
      gridImportWh: 0,
      gridExportWh: 0,
      localWh: 500,
    });
    expect(history.newest()).toBe(1_000);
  });

  it("knows no interval that it was not told, and no account that is no home", () => {
    const history = createFlowHistory({ homes: 1, firstMember: 4 });
    expect(history.newest()).toBeNull();
    history.record(7, [flow(4)]);
    expect(history.area(8)).toBeNull();
    expect(history.home(8, 4)).toBeNull();
    expect(history.home(7, 3)).toBeNull();
    expect(history.home(7, 5)).toBeNull();
  });

  it("drops the oldest intervals when it is full", () => {
    const homes = 200_000;
    const history = createFlowHistory({ homes, firstMember: 4 });
    for (const intervalId of [0, 96, 192, 288]) history.record(intervalId, [flow(4)]);
    expect(history.home(288, 4)).toEqual(flow(4));
    expect(history.home(0, 4)).toBeNull();
  });
});

it("a community's deliveries are recorded as they happen", () => {
  const community: Community = {
    quote: () => [],
    deliver: (intervalId) => [{ member: 4, importWh: intervalId, exportWh: 0, quality: "measured" }],
    flows: () => [flow(4, { loadWh: 12 })],
  };
  const history = createFlowHistory({ homes: 1, firstMember: 4 });
  expect(withFlowHistory(community, history).deliver(12, new Map())).toEqual([
    { member: 4, importWh: 12, exportWh: 0, quality: "measured" },
  ]);
  expect(history.home(12, 4)).toEqual(flow(4, { loadWh: 12 }));
});
