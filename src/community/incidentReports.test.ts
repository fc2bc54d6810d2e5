import { expect, it } from "vitest";
import { createIncidents } from "#platform/runtime/incidents.ts";
import { incidentReports } from "./incidentReports.ts";

function open() {
  const clock = { now: 1_000 };
  const incidents = createIncidents(() => clock.now);
  const reports = incidentReports(incidents, 1);
  const advance = (seconds: number) => {
    clock.now += seconds;
  };
  return { incidents, ...reports, advance };
}

const refused = {
  status: "refused" as const,
  orderId: "0xaa" as const,
  reason: "invalidSignature" as const,
  detail: "the order is not signed by its owner",
  intervalId: 7,
  member: 9,
};

it("keeps what roles refused with its time, the newest first", () => {
  const { incidents, onRefusedOrder, onRefusedReading, onFailedTransaction, onFailedInterval, advance } =
    open();
  onRefusedOrder({ ...refused, account: 4 });
  advance(10);
  onRefusedReading({ member: null, account: null, intervalId: 7, meterId: "0x01", reason: "unknownMeter" });
  advance(10);
  onFailedTransaction({
    label: "settle",
    transactionHash: "0xbb",
    cause: new Error("no\nstack of a library"),
  });
  advance(10);
  onFailedInterval(7, "nobody answers");
  expect(incidents.list()).toEqual([
    expect.objectContaining({ kind: "failedInterval", at: 1_030, intervalId: 7, sentence: "nobody answers" }),
    expect.objectContaining({
      kind: "failedTransaction",
      transactionHash: "0xbb",
      reason: "settle",
      sentence: "no",
    }),
    expect.objectContaining({ kind: "refusedReading", account: null, reason: "unknownMeter" }),
    {
      kind: "refusedOrder",
      at: 1_000,
      areaId: 1,
      account: 4,
      intervalId: 7,
      orderId: "0xaa",
      transactionHash: null,
      resolvedAt: null,
      reason: "invalidSignature",
      sentence: "the order is not signed by its owner",
      count: 1,
    },
  ]);
});

it("counts the refusals of an account for one reason instead of keeping each", () => {
  const { incidents, onRefusedOrder, advance } = open();
  for (let i = 0; i < 5_000; i += 1) {
    advance(1);
    onRefusedOrder({ ...refused, account: 4, orderId: `0x${i}` });
  }
  onRefusedOrder({ ...refused, account: 5 });
  onRefusedOrder({ ...refused, account: 4, reason: "gateClosed" });
  expect(incidents.list().map(({ account, reason, count }) => [account, reason, count])).toEqual(
    [
      [4, "invalidSignature", 5_000],
      [5, "invalidSignature", 1],
      [4, "gateClosed", 1],
    ].reverse(),
  );
  expect(incidents.list()[2]).toMatchObject({ orderId: "0x4999", at: 6_000 });
});

it("counts those of two areas apart", () => {
  const { incidents } = open();
  for (const areaId of [1, 2])
    incidentReports(incidents, areaId).onRefusedOrder({ ...refused, account: null });
  expect(incidents.list().map(({ areaId, count }) => [areaId, count])).toEqual([
    [2, 1],
    [1, 1],
  ]);
});

it("forgets the oldest, and no flood of orders drives out what failed", () => {
  const { incidents, onRefusedOrder, onFailedTransaction } = open();
  onFailedTransaction({ label: "settle", transactionHash: "0xbb", cause: "reverted" });
  for (let account = 0; account < 3_000; account += 1) onRefusedOrder({ ...refused, account });
  const list = incidents.list();
  expect(list.filter(({ kind }) => kind === "refusedOrder")).toHaveLength(250);
  expect(list.some(({ account }) => account === 2_999)).toBe(true);
  expect(list.some(({ account }) => account === 2_749)).toBe(false);
  expect(list.some(({ kind }) => kind === "failedTransaction")).toBe(true);
});

it("passes over an order that is there already", () => {
  const { incidents, onRefusedOrder } = open();
  onRefusedOrder({ ...refused, account: 4, reason: "duplicateId" });
  expect(incidents.list()).toEqual([]);
});
