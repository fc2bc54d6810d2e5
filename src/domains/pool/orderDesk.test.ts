import { beforeEach, describe, expect, it } from "vitest";
import { type AreaTerms, gateClosesAt } from "#domains/pool/rules/area.ts";
import type { Order } from "#domains/pool/rules/order.ts";
import { orderDigest, poolSeparator, signOrder } from "#domains/pool/rules/signedOrder.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { createKeyring } from "#platform/runtime/keyring.ts";
import { type DeskRefused, type OpenOrder, openOrderDesk, type SubmittedOrder } from "./orderDesk.ts";

const AREA_ID = 3;
const INTERVAL_ID = 2_000;
const TERMS: AreaTerms = {
  intervalSeconds: 900,
  gateClosureSeconds: 300,
  pricing: "uniform",
  floorMicroPerKwh: -50_000n,
  ceilingMicroPerKwh: 320_000n,
  upstreamPriceMicroPerKwh: 320_000n,
  penaltyPermille: 1_000n,
  surplusPriceMicroPerKwh: -50_000n,
  gridFeeMicroPerKwh: 0n,
};
/** Later terms have another band and close the gate earlier. */
const NEXT_TERMS: AreaTerms = { ...TERMS, ceilingMicroPerKwh: 250_000n, gateClosureSeconds: 600 };
const NEXT_TERMS_FROM = INTERVAL_ID + 10;
const GATE = INTERVAL_ID * 900 - 300;
const separator = poolSeparator(31_337, "0x00000000000000000000000000000000000000a6");
const keyring = createKeyring("desk");
const MEMBERS = [4, 5];
/** 20 MW: no order of these tests but one is above what the connection carries in a quarter of an hour. */
const CAPACITY_W = 20_000_000;
const BID: Order<number> = {
  participant: 4,
  side: "bid",
  energyWh: 500,
  limitPriceMicroPerKwh: 200_000,
  sequence: 0,
};

let time: number;
let kept: OpenOrder[];
let refusals: DeskRefused[];
let isDiskFull: boolean;
/** Of gates from this second on, the agent signs. */
let signerFrom: number;
let desk: ReturnType<typeof openDesk>;

function openDesk() {
  return openOrderDesk({
    areaId: AREA_ID,
    terms: { of: (intervalId) => (intervalId < NEXT_TERMS_FROM ? TERMS : NEXT_TERMS) },
    separator,
    directory: {
      async standingOf({ areaId, member, closesAt }) {
        const isMember = areaId === AREA_ID && MEMBERS.includes(member);
        const signer = isMember
          ? keyring.key(closesAt < signerFrom ? `home ${member}` : "agent").address
          : null;
        return { signer, isTradable: signer !== null, capacityW: isMember ? CAPACITY_W : 0 };
      },
      accountOf: async ({ member }) => (MEMBERS.includes(member) ? 100 + member : null),
    },
    ...{ currency: "EUR", timeZone: "Europe/Berlin" },
    now: () => time,
    keep: async (order) => {
      if (isDiskFull) throw new Error("no space left");
      kept.push(order);
    },
    onRefusal: (refused) => void refusals.push(refused),
  });
}

beforeEach(() => {
  time = GATE - 1_000;
  kept = [];
  refusals = [];
  isDiskFull = false;
  signerFrom = Number.POSITIVE_INFINITY;
  desk = openDesk();
});

function signed(
  order: Partial<Order<number>> = {},
  { intervalId = INTERVAL_ID, areaId = AREA_ID, key = "home 4" } = {},
): SubmittedOrder {
  const whole = { ...BID, ...order };
  const context = { separator, areaId, intervalId };
  return { ...signOrder(whole, context, keyring.key(key).privateKey), areaId, intervalId };
}

describe("an order that its owner signed", () => {
  it("is accepted, named by its hash, kept, and waits for its gate", async () => {
    const order = signed();
    const orderId = toHex(orderDigest(order, { separator, areaId: AREA_ID, intervalId: INTERVAL_ID }));
    const open = { ...order, orderId, receivedAt: time };
    expect(await desk.submit(order)).toEqual({ status: "accepted", orderId, receivedAt: time });
    expect(kept).toEqual([open]);
    expect(desk.openOrders()).toEqual([open]);
    expect(desk.openOrders({ intervalId: INTERVAL_ID + 1 })).toEqual([]);
  });

  it("is told of when it is refused, with whose it is", async () => {
    const answers = [
      await desk.submit(signed({ energyWh: 0 })),
      await desk.submit(signed({ participant: 99 })),
      await desk.submit(signed()),
    ];
    const [empty, unknown] = answers;
    expect(refusals).toEqual([
      { ...empty, member: 4, account: 104, intervalId: INTERVAL_ID },
      { ...unknown, member: 99, account: null, intervalId: INTERVAL_ID },
    ]);
    expect(refusals.map(({ reason }) => reason)).toEqual(["zeroEnergy", "unknownParticipant"]);
  });

  it("is not accepted unless it is kept, and may be sent again", async () => {
    isDiskFull = true;
    await expect(desk.submit(signed())).rejects.toThrow("no space left");
    expect(desk.openOrders()).toEqual([]);
    isDiskFull = false;
    expect(await desk.submit(signed())).toMatchObject({ status: "accepted" });
  });

  it("is taken in the last second before the gate closes, and not in the next", async () => {
    expect(gateClosesAt(INTERVAL_ID, TERMS)).toBe(GATE);
    time = GATE - 1;
    expect(await desk.submit(signed())).toMatchObject({ status: "accepted" });
    time = GATE;
    expect(await desk.submit(signed({ sequence: 1 }))).toMatchObject({ reason: "gateClosed" });
  });

  it("is taken at both ends of the price band, and up to what the connection carries", async () => {
    const orders = [
      signed({ limitPriceMicroPerKwh: -50_000 }),
      signed({ limitPriceMicroPerKwh: 320_000 }),
      signed({ energyWh: 5_000_000 }),
      signed({ energyWh: 1, sequence: 15 }),
    ];
    for (const order of orders) expect(await desk.submit(order)).toMatchObject({ status: "accepted" });
    expect(desk.openOrders()).toHaveLength(4);
  });

  it("is signed by the one who signs when its gate closes, not by the one who does when it comes", async () => {
    signerFrom = GATE;
    const before = signed({}, { intervalId: INTERVAL_ID - 1 });
    expect(await desk.submit(before)).toMatchObject({ status: "accepted" });
    expect(await desk.submit(signed())).toMatchObject({ reason: "invalidSignature" });
    expect(await desk.submit(signed({}, { key: "agent" }))).toMatchObject({ status: "accepted" });
  });

  it("meets the terms of its own interval", async () => {
    const dear = { limitPriceMicroPerKwh: 300_000 };
    const last = signed(dear, { intervalId: NEXT_TERMS_FROM - 1 });
    expect(await desk.submit(last)).toMatchObject({ status: "accepted" });
    const first = signed(dear, { intervalId: NEXT_TERMS_FROM });
    expect(await desk.submit(first)).toMatchObject({ reason: "priceOutsideBand" });
    time = NEXT_TERMS_FROM * 900 - 600;
    const late = signed({}, { intervalId: NEXT_TERMS_FROM });
    expect(await desk.submit(late)).toMatchObject({ reason: "gateClosed" });
  });

  it("of another price or sequence is another order", async () => {
    const orders = [signed(), signed({ limitPriceMicroPerKwh: 1 }), signed({ sequence: 9 })];
    for (const order of orders) expect(await desk.submit(order)).toMatchObject({ status: "accepted" });
  });
});

describe("a member that bids and offers in one interval", () => {
  it("is refused the second side, with a reason, and may trade on it in another interval", async () => {
    await desk.submit(signed());
    expect(await desk.submit(signed({ side: "offer" }))).toMatchObject({
      status: "refused",
      reason: "bothSides",
      detail: expect.stringMatching(/member 4 has a bid in interval \d+ already/),
    });
    const later = signed({ side: "offer" }, { intervalId: INTERVAL_ID + 1 });
    expect(await desk.submit(later)).toMatchObject({ status: "accepted" });
  });

  it("is told so only when it signed: nobody else learns what stands in the book", async () => {
    await desk.submit(signed());
    const forged = [signed({ side: "offer" }, { key: "home 6" }), signed({}, { key: "home 6" })];
    for (const order of forged)
      expect(await desk.submit(order)).toMatchObject({ reason: "invalidSignature" });
  });

  it("stands on no side when its first order was not kept", async () => {
    isDiskFull = true;
    await expect(desk.submit(signed())).rejects.toThrow();
    isDiskFull = false;
    expect(await desk.submit(signed({ side: "offer" }))).toMatchObject({ status: "accepted" });
  });
});

describe("the desk refuses", () => {
  it.each([
    ["zeroEnergy", signed({ energyWh: 0 }), /0 kWh/],
    ["energyOutOfRange", signed({ energyWh: 2 ** 32 }), /4294967296 Wh/],
    ["sequenceOutOfRange", signed({ sequence: 16 }), /16 is outside 0…15/],
    [
      "aboveConnection",
      signed({ energyWh: 5_000_001 }),
      /5000\.001 kWh are more than the 5000\.00 kWh .* 20000\.00 kW/,
    ],
    [
      "priceOutsideBand",
      signed({ limitPriceMicroPerKwh: 320_001 }),
      /€0\.320 per kWh is less than €0\.001 above .*€0\.320/,
    ],
    [
      "priceOutsideBand",
      signed({ limitPriceMicroPerKwh: -50_001 }),
      /-€0\.050 per kWh is less than €0\.001 below .*-€0\.050/,
    ],
    ["unknownParticipant", signed({ participant: 6 }, { key: "home 6" }), /member 6 may not trade in area 3/],
    ["unknownArea", signed({}, { areaId: 4 }), /area 4/],
    ["intervalTooFar", signed({}, { intervalId: INTERVAL_ID + 7 * 96 + 1 }), /7 days/],
    ["gateClosed", signed({}, { intervalId: INTERVAL_ID - 2 }), /closed at 21 Jan 1970, 20:25/],
    ["invalidSignature", signed({}, { key: "home 5" }), /not signed by the signer of member 4/],
    ["invalidSignature", { ...signed(), energyWh: 501 }, /not signed/],
    ["invalidSignature", { ...signed(), intervalId: INTERVAL_ID + 1 }, /not signed/],
    ["invalidSignature", { ...signed(), signature: new Uint8Array(64) }, /not signed/],
  ])("%s", async (reason, order, words) => {
    const answer = await desk.submit(order);
    expect(answer).toMatchObject({ status: "refused", reason });
    expect(answer.status === "refused" && answer.detail).toMatch(words);
    expect(answer.status === "refused" && answer.detail).not.toMatch(/micro|unix/i);
    expect(desk.openOrders()).toEqual([]);
    expect(kept).toEqual([]);
  });

  it("an order that is there already, even when both come at once", async () => {
    const answers = await Promise.all([desk.submit(signed()), desk.submit(signed({ energyWh: 7 }))]);
    expect(answers.map((answer) => answer.status)).toEqual(["accepted", "refused"]);
    expect(answers[1]).toMatchObject({ reason: "duplicateId" });
    expect(desk.openOrders()).toHaveLength(1);
  });
});

describe("a book", () => {
  it("is taken once, and only of its interval", async () => {
    await desk.submit(signed());
    await desk.submit(signed({}, { intervalId: INTERVAL_ID + 1 }));
    expect(desk.takeBook(INTERVAL_ID).map((order) => order.intervalId)).toEqual([INTERVAL_ID]);
    expect(desk.takeBook(INTERVAL_ID)).toEqual([]);
    expect(desk.openOrders().map((order) => order.intervalId)).toEqual([INTERVAL_ID + 1]);
  });

  it("is restored after a restart, though the gate closed in between, and keeps out what it holds", async () => {
    await desk.submit(signed());
    await desk.submit(signed({}, { intervalId: INTERVAL_ID + 1 }));
    time = GATE;
    const restarted = openDesk();
    restarted.restore(kept);
    expect(restarted.openOrders()).toEqual(kept);
    expect(restarted.takeBook(INTERVAL_ID)).toEqual(kept.slice(0, 1));
    const again = await restarted.submit(signed({}, { intervalId: INTERVAL_ID + 1 }));
    expect(again).toMatchObject({ reason: "duplicateId" });
  });
});
