import { expect, it } from "vitest";
import type { Order } from "#kernel/auction/order.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { type OpenQuotaOrder, openQuotaDesk, type RefusedQuotaOrder } from "./quotaDesk.ts";
import type { QuotaPeriod } from "./quotaView.ts";
import { BOOK_TIMES, type QuotaTerms, windowsOf } from "./rules/quotaTerms.ts";
import { quotaSeparator, signQuotaOrder } from "./rules/signedQuotaOrder.ts";

const AREA = 2;
const PERIOD = 1_000;
const TERMS: QuotaTerms = {
  ...{ ...BOOK_TIMES, ratingW: 100_000, floorMicroPerKw: 0, ceilingMicroPerKw: 200_000 },
  penaltyPermille: 2_000,
  pricing: "uniform",
};
const WINDOWS = windowsOf(PERIOD, TERMS);
const SEPARATOR = quotaSeparator(31_337, `0x${"11".repeat(20)}`);
const key = (member: number) => new Uint8Array(32).fill(member);

/** Stations 4 and 5 demanded 10 kW each and got 6 kW; 6 demanded nothing; nobody signs for 7. */
function openDesk({
  at = WINDOWS.allocationEndsAt,
  stage = "rationed",
}: {
  at?: number;
  stage?: QuotaPeriod["stage"];
} = {}) {
  const kept: OpenQuotaOrder[] = [];
  const refused: RefusedQuotaOrder[] = [];
  const disk = { isFull: false };
  const demands = (member: number) => member === 4 || member === 5;
  const desk = openQuotaDesk({
    areaId: AREA,
    terms: { of: () => TERMS },
    view: {
      periodOf: async () => ({ stage, tariffMicroPerKwh: 300_000n, marginW: 12_000, totalDemandW: 20_000 }),
      stationOf: async (_, member) => ({
        ...{ demandW: demands(member) ? 10_000 : 0, boughtW: 0, soldW: 0, depositMicro: 5_000_000n },
        ...{ isPaid: false, isWithdrawn: false },
      }),
      quotaW: async (_, member) => (demands(member) ? 6_000 : 0),
    },
    separator: SEPARATOR,
    directory: {
      standingOf: async ({ member }) =>
        member === 7
          ? { signer: null, isTradable: false, capacityW: 0 }
          : { signer: addressOfKey(key(member)), isTradable: true, capacityW: 11_000 },
      accountOf: async ({ member }) => 20 + member,
    },
    ...{ currency: "EUR", timeZone: "Europe/Berlin" },
    now: () => at,
    keep: async (order) => {
      if (disk.isFull) throw new Error("no room on the disk");
      kept.push(order);
    },
    onRefusal: (order) => void refused.push(order),
  });
  return { desk, kept, refused, disk };
}

function order(changes: Partial<Order<number>> & { areaId?: number; signedBy?: number } = {}) {
  const { areaId = AREA, signedBy, ...rest } = changes;
  const asked: Order<number> = {
    ...{ participant: 4, quantity: 2_000, limitPriceMicroPerThousand: 50_000, sequence: 0 },
    side: "offer",
    ...rest,
  };
  const context = { separator: SEPARATOR, areaId: AREA, period: PERIOD };
  return { ...signQuotaOrder(asked, context, key(signedBy ?? asked.participant)), areaId, period: PERIOD };
}

it("keeps an order before it answers, and gives the book out once, when its window is over", async () => {
  const { desk, kept } = openDesk();
  expect(await desk.submit(order())).toMatchObject({
    status: "accepted",
    receivedAt: WINDOWS.allocationEndsAt,
  });
  expect(await desk.submit(order({ participant: 5, side: "bid", quantity: 3_000 }))).toMatchObject({
    status: "accepted",
  });
  expect(kept.map(({ participant }) => participant)).toEqual([4, 5]);
  expect(desk.takeBook(PERIOD)).toEqual(kept);
  expect(desk.takeBook(PERIOD)).toEqual([]);
});

it.each([
  ["unknownArea", { areaId: 3 }, {}],
  ["gateNotOpen", {}, { at: WINDOWS.allocationEndsAt - 1 }],
  ["gateClosed", {}, { at: WINDOWS.ordersEndAt }],
  ["notRationed", {}, { stage: "fits" as const }],
  ["unknownParticipant", { participant: 7 }, {}],
  ["zeroQuantity", { quantity: 0 }, {}],
  ["priceOutsideBand", { limitPriceMicroPerThousand: 200_001 }, {}],
  ["sequenceOutOfRange", { sequence: 16 }, {}],
  ["invalidSignature", { signedBy: 5 }, {}],
  ["noDemand", { participant: 6 }, {}],
  ["sellsMoreThanQuota", { quantity: 6_001 }, {}],
  ["aboveCapacity", { side: "bid" as const, quantity: 5_001 }, {}],
  // The fee of 10 kW is 1.5, the penalty 3.0: 0.5 is left for bids.
  ["bidNotCovered", { side: "bid" as const, quantity: 4_000, limitPriceMicroPerThousand: 125_001 }, {}],
])("refuses with %s", async (reason, changes, how) => {
  const { desk, kept, refused } = openDesk(how);
  const answer = await desk.submit(order(changes));
  expect(answer).toMatchObject({ status: "refused", reason, detail: expect.stringMatching(/.{12,}/) });
  expect(answer.status === "refused" && answer.detail).not.toMatch(/micro|unix/i);
  expect(refused).toHaveLength(1);
  expect(kept).toHaveLength(0);
});

it("says amounts with their currency, power in kW, times as a clock shows them", async () => {
  const detail = async (changes: Parameters<typeof order>[0], how: Parameters<typeof openDesk>[0] = {}) => {
    const answer = await openDesk(how).desk.submit(order(changes));
    return answer.status === "refused" ? answer.detail : "";
  };
  expect(await detail({ limitPriceMicroPerThousand: 200_001 })).toMatch(
    /€0\.200 per kW is less than €0\.001/,
  );
  expect(await detail({ quantity: 6_001 })).toMatch(/its quota of 6\.00 kW/);
  expect(await detail({ side: "bid", quantity: 4_000, limitPriceMicroPerThousand: 125_001 })).toMatch(
    /a bid of up to €0\.50, .* its deposit of €5\.00/,
  );
  expect(await detail({}, { at: WINDOWS.ordersEndAt })).toMatch(
    / were taken until \d+ \w+ \d{4}, \d\d:\d\d$/,
  );
});

it("tells the owner alone what stands in the book", async () => {
  const { desk } = openDesk();
  await desk.submit(order());
  expect(await desk.submit(order())).toMatchObject({ reason: "duplicateId" });
  expect(await desk.submit(order({ side: "bid" }))).toMatchObject({ reason: "bothSides" });
  expect(await desk.submit(order({ side: "bid", signedBy: 5 }))).toMatchObject({
    reason: "invalidSignature",
  });
});

it("counts the offers of a station together", async () => {
  const { desk } = openDesk();
  expect(await desk.submit(order({ quantity: 4_000 }))).toMatchObject({ status: "accepted" });
  expect(await desk.submit(order({ quantity: 2_001, sequence: 1 }))).toMatchObject({
    reason: "sellsMoreThanQuota",
  });
  expect(await desk.submit(order({ quantity: 2_000, sequence: 1 }))).toMatchObject({ status: "accepted" });
});

it("has accepted nothing that it could not keep", async () => {
  const { desk, disk } = openDesk();
  disk.isFull = true;
  await expect(desk.submit(order())).rejects.toThrow("no room");
  expect(desk.takeBook(PERIOD)).toEqual([]);
});

it("takes orders back after a restart", async () => {
  const { desk, kept } = openDesk();
  await desk.submit(order());
  const { desk: next } = openDesk();
  next.restore(kept);
  expect(await next.submit(order())).toMatchObject({ reason: "duplicateId" });
  expect(next.takeBook(PERIOD)).toEqual(kept);
});
