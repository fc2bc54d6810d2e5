import { describe, expect, it } from "vitest";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { reopenClearing } from "./clearingPlan.ts";
import { energyRationing } from "./energyRationing.ts";
import { findOutcomeFault } from "./outcomeFault.ts";
import type { SignedOrder } from "./signedOrder.ts";

const order = (side: "bid" | "offer", participant: number, energyWh: number): SignedOrder => ({
  side,
  participant,
  energyWh,
  limitPriceMicroPerKwh: side === "bid" ? 200_000 : 100_000,
  sequence: 0,
  signature: new Uint8Array(64),
});

/** Three bids of 100 Wh at one price share 200 Wh: 66 each, and one more for the members 4 and 5. */
const { book, clearing } = reopenClearing({
  pricing: "uniform",
  steps: [{ bids: [4, 5, 6].map((member) => order("bid", member, 100)), offers: [order("offer", 9, 200)] }],
});
const declared = {
  areaId: 1,
  intervalId: 7,
  marginalBid: 200_000,
  marginalOffer: 100_000,
  bids: energyRationing(clearing.bidRationing),
  offers: energyRationing(clearing.offerRationing),
  firstMember: 4,
  lastMember: 9,
  localPrice: 150_000,
  clearedWh: 200,
  bookRoot: toHex(wordOf(77)),
};
const recorded = { localPriceMicroPerKwh: 150_000, clearedWh: 200n, bookRoot: declared.bookRoot };
const faultOf = (changes: object, record = recorded) =>
  findOutcomeFault({ declared: { ...declared, ...changes }, recorded: record, book, clearing });

describe("findOutcomeFault", () => {
  it("accepts the outcome of the book", () => {
    expect(energyRationing(clearing.bidRationing)).toEqual({
      levelWh: 300,
      filledWh: 200,
      cutRemainder: 200,
      cutParticipant: 5,
    });
    expect(faultOf({})).toBeNull();
  });

  it("accepts a sharing that is written as another cut but favours the same members", () => {
    const offers = {
      ...energyRationing(clearing.offerRationing),
      cutRemainder: energyRationing(clearing.offerRationing).cutRemainder - 1,
    };
    expect(faultOf({ offers })).toBeNull();
  });

  it.each([
    ["favours another member", { bids: { ...energyRationing(clearing.bidRationing), cutParticipant: 6 } }],
    ["favours one member less", { bids: { ...energyRationing(clearing.bidRationing), cutParticipant: 4 } }],
    ["fills less", { bids: { ...energyRationing(clearing.bidRationing), filledWh: 199 } }],
    ["knows another level", { offers: { ...energyRationing(clearing.offerRationing), levelWh: 201 } }],
  ])("refuses a sharing that %s", (_what, changes) => {
    expect(faultOf(changes)).toMatchObject({ rule: "rationing" });
  });

  it("refuses other prices and another volume", () => {
    expect(faultOf({ marginalBid: 199_999 })).toMatchObject({ rule: "marginalPrice", side: "bid" });
    expect(faultOf({ marginalOffer: 100_001 })).toMatchObject({ rule: "marginalPrice", side: "offer" });
    expect(faultOf({}, { ...recorded, localPriceMicroPerKwh: 150_001 })).toMatchObject({
      rule: "localPrice",
    });
    expect(faultOf({ localPrice: 150_001 })).toMatchObject({ rule: "localPrice" });
    expect(faultOf({}, { ...recorded, clearedWh: 199n })).toMatchObject({ rule: "clearedEnergy" });
    expect(faultOf({ clearedWh: 199 })).toMatchObject({ rule: "clearedEnergy" });
  });

  it("refuses another root of the book than the one that was declared", () => {
    expect(faultOf({ bookRoot: toHex(wordOf(78)) })).toMatchObject({ rule: "bookRoot" });
  });

  it("does not read prices where nothing is traded", () => {
    const empty = reopenClearing({ pricing: "uniform", steps: [{ bids: [order("bid", 4, 1)], offers: [] }] });
    const nothing = { levelWh: 0, filledWh: 0, cutRemainder: 3, cutParticipant: 3 };
    const outcome = { ...declared, bids: nothing, offers: nothing, clearedWh: 0 };
    const zero = { ...recorded, localPriceMicroPerKwh: 0, clearedWh: 0n };
    expect(findOutcomeFault({ declared: outcome, recorded: zero, ...empty })).toBeNull();
  });
});
