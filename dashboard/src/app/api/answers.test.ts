import { expect, it } from "vitest";
import type { EventKind } from "#platform/chain/chainEvent.ts";
import { ALL_ANSWERS, CHANGED_BY, isAnswer } from "./answers.ts";

const EVENTS = Object.keys(CHANGED_BY) as EventKind[];

/** Every address that a page keeps up to date, and some event that changes its answer. */
it.each<[string, EventKind]>([
  ["/v1/areas", "areaCreated"],
  ["/v1/session", "participantRegistered"],
  ["/v1/participants?limit=500", "participantRegistered"],
  ["/v1/participants/4", "marginAdded"],
  ["/v1/participants/4", "meterEnrolled"],
  ["/v1/participants/4/devices", "deviceKeyRotated"],
  ["/v1/participants/4/movements?limit=10&offset=0", "intervalCleared"],
  ["house/4/0xab", "marginWithdrawalAnnounced"],
  ["/v1/participants/4/bill?from=0&to=86400&limit=16&offset=0", "intervalSettled"],
  ["/v1/participants/4/series?from=0&to=86400", "readingsPublished"],
  ["/v1/participants/4/orders?limit=10&offset=0", "intervalCleared"],
  ["/v1/orders?areaId=1&intervalId=101&account=4", "stepVerified"],
  ["/v1/orders/0xab/explanation", "intervalCleared"],
  ["/v1/orders/0xab/trail", "pageSettled"],
  ["/v1/intervals/1/101/readings/4/trail", "pageSettled"],
  ["/v1/intervals/1/101", "readingsPublished"],
  ["/v1/intervals?areaId=1&limit=48", "intervalVoided"],
  ["/v1/trades?areaId=1&intervalId=101&limit=20&offset=0", "intervalCleared"],
  ["/v1/prices", "intervalCleared"],
  ["/v1/community", "intervalSettled"],
  ["/v1/operator", "intervalSettled"],
  ["/v1/lookup?q=0xab", "deposited"],
  ["/v1/transactions/0xab", "withdrawn"],
])("%s is asked for again after %s", (path, kind) => {
  expect(isAnswer(path, CHANGED_BY[kind])).toBe(true);
});

it("asks for names, areas and the session only when somebody or an area is new", () => {
  const kindsThatChange = (path: string) => EVENTS.filter((kind) => isAnswer(path, CHANGED_BY[kind]));
  expect(kindsThatChange("/v1/participants?limit=500")).toEqual(["participantRegistered"]);
  expect(kindsThatChange("/v1/areas")).toEqual(["areaCreated"]);
  expect(kindsThatChange("/v1/session")).not.toContain("intervalCleared");
  expect(kindsThatChange("/v1/audit")).toEqual([]);
  expect(isAnswer("/v1/audit", ALL_ANSWERS)).toBe(true);
});

it("asks for no bill when a gate closes, and for no order when an interval is settled", () => {
  expect(isAnswer("/v1/participants/4/bill?from=0&to=1", CHANGED_BY.intervalCleared)).toBe(false);
  expect(isAnswer("/v1/participants/4/orders?limit=10", CHANGED_BY.intervalSettled)).toBe(false);
});
