import { beforeEach, describe, expect, it } from "vitest";
import { replayRegistry } from "#domains/accounts/audit/auditRegistry.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import type { MeteringEvent, MeteringFact } from "#domains/metering/events.ts";
import { type Address, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { DiscrepancyFound } from "#platform/audit/auditDiscrepancy.ts";
import type { Counts } from "#platform/audit/replay.ts";
import { DEPLOYMENT, TEST_PLACE, testAddress } from "#platform/chain/deployment.fixture.ts";
import { type AreaReplay, replayAreas } from "./auditAreas.ts";

const [OPERATOR, GATEWAY, DEVICE, NEXT_DEVICE] = [1, 2, 3, 4].map(testAddress) as [
  Address,
  Address,
  Address,
  Address,
];
const METER: Hex = toHex(wordOf(1));
const OTHER_METER: Hex = toHex(wordOf(2));
const SETUP = {
  intervalSeconds: 900,
  waitingSeconds: 86_400,
  gateway: GATEWAY,
  supplier: 1,
  dso: 2,
  fund: 3,
};

type Unnamed<F> = F extends MeteringFact ? Omit<F, "contract"> : never;
type Fact = Unnamed<MeteringFact>;

let counts: Counts;
let areas: AreaReplay;

/** Replays facts that a sender called our contracts for; gives the rule that one of them breaks. */
function apply(...facts: Fact[]): string | null {
  return applyAs({ sender: GATEWAY, purpose: "call" }, ...facts);
}

function applyAs(by: { sender: Address; purpose: string | null }, ...facts: Fact[]): string | null {
  try {
    for (const fact of facts) {
      const contract = fact.kind === "stationSet" ? "meterLedger" : "areaRegistry";
      const place = { timestamp: 1_000, block: 1, transactionHash: "0x", ...by };
      areas.apply({ contract, ...fact, ...place } as MeteringEvent);
    }
    return null;
  } catch (error) {
    if (error instanceof DiscrepancyFound) return error.discrepancy.rule;
    throw error;
  }
}

const opened = (areaId: number): Fact => ({ kind: "areaOpened", areaId, operator: OPERATOR, setup: SETUP });
const added = (member: number, account: number): Fact => ({
  kind: "memberAdded",
  areaId: 1,
  member,
  account,
});
const enrolled = (member: number, changes: Partial<Extract<Fact, { kind: "meterEnrolled" }>> = {}): Fact => ({
  ...{ kind: "meterEnrolled", areaId: 1, member, meterId: METER, capacityW: 17_250 },
  ...{ deviceKey: DEVICE, certificateNumber: 5n },
  ...changes,
});

beforeEach(() => {
  counts = {};
  const registry = replayRegistry({ counts, deployment: DEPLOYMENT });
  for (const account of [1, 2, 3, 4])
    registry.apply({
      ...{ contract: "registry", kind: "participantRegistered", account, ...TEST_PLACE },
      ...{ owner: testAddress(10 + account), kycHash: "0x" },
    });
  areas = replayAreas({ counts, deployment: DEPLOYMENT, registry });
});

describe("areas and members", () => {
  it("are numbered without gaps, each member one account's", () => {
    expect(apply(opened(1), added(1, 1), added(2, 2), added(3, 3), added(4, 4))).toBeNull();
    expect(counts["metering.members"]).toBe(4);
    expect(apply(added(6, 4))).toBe("memberNumber");
    expect(apply(added(4, 3))).toBe("memberNumber");
    expect(apply(opened(3))).toBe("areaNumber");
    expect(areas.accountOfSeat(seatOf({ areaId: 1, member: 4 }))).toBe(4);
    expect(areas.accountOfSeat(seatOf({ areaId: 2, member: 4 }))).toBeNull();
    expect(areas.seats()).toHaveLength(4);
  });

  it("are of accounts and areas that there are", () => {
    expect(apply(added(1, 1))).toBe("unknownArea");
    expect(apply(opened(1), added(1, 1), added(2, 2), added(3, 3), added(4, 9))).toBe("unknownAccount");
  });

  it("begin with the parties that the area was opened with", () => {
    expect(apply(opened(1), added(1, 2))).toBe("areaParties");
  });

  it("give a later party a seat of its own", () => {
    apply(opened(1), added(1, 1), added(2, 2), added(3, 3), added(4, 4));
    expect(apply({ kind: "supplierChanged", areaId: 1, member: 1 })).toBe("areaParties");
    expect(apply(added(5, 4), { kind: "supplierChanged", areaId: 1, member: 5 })).toBeNull();
  });

  it("are told to the ledger as they are", () => {
    const { gateway, intervalSeconds, waitingSeconds } = SETUP;
    const times = { intervalSeconds, waitingSeconds, finalSeconds: 60 * 86_400 };
    const station: Fact = { kind: "stationSet", areaId: 1, gateway, ...times };
    expect(apply(opened(1), station)).toBeNull();
    expect(apply({ ...station, gateway: OPERATOR } as Fact)).toBe("station");
    expect(apply({ ...station, waitingSeconds: 1 } as Fact)).toBe("station");
    expect(apply({ ...station, finalSeconds: 1 } as Fact)).toBe("station");
    expect(apply({ ...station, areaId: 2 } as Fact)).toBe("station");
  });
});

describe("metering points", () => {
  beforeEach(() => {
    apply(opened(1), added(1, 1), added(2, 2), added(3, 3), added(4, 4));
  });

  it("are enrolled once at a time, for a new member", () => {
    expect(apply(enrolled(3))).toBe("meterTwice");
    expect(apply(enrolled(4))).toBeNull();
    expect(apply(added(5, 4), enrolled(5))).toBe("meterTwice");
    expect(apply(enrolled(5, { meterId: OTHER_METER }))).toBeNull();
    expect(apply(enrolled(5, { meterId: toHex(wordOf(3)) }))).toBe("meterTwice");
  });

  it("have certificates whose numbers rise, over a retirement too", () => {
    apply(enrolled(4));
    const rotated = (certificateNumber: bigint): Fact => ({
      kind: "deviceKeyRotated",
      meterId: METER,
      deviceKey: NEXT_DEVICE,
      certificateNumber,
    });
    expect(apply(rotated(5n))).toBe("certificate");
    expect(apply(rotated(6n))).toBeNull();
    expect(apply({ kind: "meterRetired", meterId: METER, areaId: 1, member: 4 }, added(5, 4))).toBeNull();
    expect(apply(enrolled(5, { certificateNumber: 6n }))).toBe("certificate");
    expect(apply(enrolled(5, { certificateNumber: 7n }))).toBeNull();
  });

  it("never get a revoked key back, at any meter", () => {
    apply(enrolled(4));
    const revoked: Fact = { kind: "deviceKeyRevoked", meterId: METER, deviceKey: DEVICE };
    expect(apply({ ...revoked, deviceKey: NEXT_DEVICE } as Fact)).toBe("deviceKey");
    expect(apply(revoked)).toBeNull();
    expect(apply(added(5, 4), enrolled(5, { meterId: OTHER_METER }))).toBe("certificate");
    const key = { deviceKey: DEVICE, certificateNumber: 9n };
    expect(apply({ kind: "deviceKeyRotated", meterId: METER, ...key })).toBe("certificate");
  });

  it("have their keys changed by the area's own gateway alone, as far as one can tell", () => {
    apply(enrolled(4));
    const rotated: Fact = {
      ...{ kind: "deviceKeyRotated", meterId: METER, deviceKey: NEXT_DEVICE },
      certificateNumber: 6n,
    };
    expect(applyAs({ sender: OPERATOR, purpose: "rotateDeviceKey" }, rotated)).toBe("gateway");
    expect(applyAs({ sender: OPERATOR, purpose: null }, rotated)).toBeNull();
  });

  it("are there when something is said of them, with a capacity", () => {
    expect(apply({ kind: "capacityChanged", meterId: METER, capacityW: 1 })).toBe("unknownMeter");
    expect(apply({ kind: "meterRetired", meterId: METER, areaId: 1, member: 4 })).toBe("unknownMeter");
    expect(apply(enrolled(4, { capacityW: 0 }))).toBe("capacity");
    apply(enrolled(4));
    expect(apply({ kind: "capacityChanged", meterId: METER, capacityW: 0 })).toBe("capacity");
    expect(apply({ kind: "meterRetired", meterId: METER, areaId: 1, member: 3 })).toBe("unknownMeter");
  });
});
