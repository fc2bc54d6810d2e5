import { describe, expect, it } from "vitest";
import { tellingsOf } from "#domains/pool/intervalEvidence.fixture.ts";
import { signOrder } from "#domains/pool/rules/signedOrder.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { createHistory, homeOrder, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { keyOf } from "./evidence.fixture.ts";
import { orderContextOf } from "./evidenceBook.ts";
import { type CheckKey, checkInterval } from "./intervalCheck.ts";
import type { ChainIntervalEvidence, IntervalEvidence, StepEvidence } from "./intervalEvidence.ts";
import { compareEvidence, mergeEvidence } from "./mergeEvidence.ts";

/*
 * What a server could change, and which step fails: the table of docs/decisions/011, row by row. A lie that the interval's
 * own figures do not give away fails only against the chain.
 */

const KEPT = homeOrder(100, { ...ordinaryOrders(100)[4]!, participant: 7, limitPriceMicroPerKwh: 85_000 });

/** A settled interval with an order that stayed at the desk, as chain and server tell of it. */
function tellingsWith(importWh: number) {
  const history = createHistory();
  const plan = history.clear(100, [...ordinaryOrders(100), KEPT]);
  history.publish(100, { 4: [importWh, 0], 5: [700, 0], 6: [0, 550], 7: [0, 100] });
  history.settle(plan);
  return tellingsOf(history, 100);
}

const { fromChain, fromServer: server } = tellingsWith(450);
const { area, rest, pages, readings } = server;
const [step, page] = [server.steps[0]!, pages[0]!];
const [cleared, closing, publication] = [server.cleared!, server.closing!, server.publication!];
const OTHER = toHex(wordOf(0xbad, 20));
const STRANGER = keyOf(5);
const ROOT = toHex(wordOf(0xbad));

const changeStep = (changes: Partial<StepEvidence>): Partial<IntervalEvidence> => ({
  steps: [{ ...step, ...changes }],
});
const changeTerms = (terms: Partial<typeof area.terms>): Partial<IntervalEvidence> => ({
  area: { ...area, terms: { ...area.terms, ...terms } },
});

/** The steps that fail, and those that are not possible, without a node. */
function outcomesOf(evidence: IntervalEvidence) {
  const reports = [...checkInterval(evidence)];
  const keysOf = (status: string) =>
    reports.filter((report) => report.status === status).map(({ key }) => key);
  return { failed: keysOf("failed"), notPossible: keysOf("notPossible") };
}

function outcomesWithNode(chain: ChainIntervalEvidence, evidence: IntervalEvidence) {
  return {
    comparison: compareEvidence(chain, evidence).status,
    ...outcomesOf(mergeEvidence(chain, evidence)),
  };
}

it("an honest server passes every step, alone and against the chain", () => {
  expect(outcomesOf(server)).toEqual({ failed: [], notPossible: [] });
  expect(outcomesWithNode(fromChain, server)).toEqual({ comparison: "passed", failed: [], notPossible: [] });
});

describe("a lie that the interval's own figures give away, and the chain as well", () => {
  const [bid] = step.bids;
  const word = page.positions[0]![0]! + (1n << 32n);
  it.each<[string, Partial<IntervalEvidence>, CheckKey]>([
    [
      "a submitted order",
      changeStep({ bids: [{ ...bid!, energyWh: 501 }, ...step.bids.slice(1)] }),
      "orderSignatures",
    ],
    ["the price band", changeTerms({ ceilingMicroPerKwh: 250_000n }), "orderLimits"],
    ["the recorded root of the book", { cleared: { ...cleared, bookRoot: ROOT } }, "bookRoot"],
    ["the recorded price", { cleared: { ...cleared, localPriceMicroPerKwh: 1 } }, "clearing"],
    ["the recorded energy", { cleared: { ...cleared, clearedWh: 1n } }, "clearing"],
    ["who cleared", changeStep({ sender: OTHER }), "clearing"],
    [
      "a position",
      { pages: [{ ...page, positions: [[word, ...page.positions[0]!.slice(1)]] }] },
      "positions",
    ],
    ["the published root of the readings", { publication: { ...publication, root: ROOT } }, "readingProofs"],
    ["a settlement before its time", { pages: [{ ...page, timestamp: step.timestamp }] }, "settlement"],
    ["the grid fee", { pages: [{ ...page, gridFeeMicro: 0n }] }, "settlement"],
    ["the area's prices", changeTerms({ gridFeeMicroPerKwh: 0n }), "settlement"],
    ["what the supplier got", { closing: { ...closing, supplierMicro: 0n } }, "money"],
    ["what rounding left", { closing: { ...closing, remainderMicro: 99n } }, "money"],
  ])("%s", (_what, lie, key) => {
    const told = { ...server, ...lie };
    expect(outcomesOf(told).failed).toContain(key);
    expect(outcomesWithNode(fromChain, told)).toEqual({ comparison: "failed", failed: [], notPossible: [] });
  });
});

describe("a lie about what is not on the chain: keys and roots bind it, with a node or without", () => {
  const forged = { ...KEPT, signature: step.bids[0]!.signature };
  it.each<[string, Partial<IntervalEvidence>, CheckKey]>([
    ["an order at the desk that nobody signed", { rest: { ...rest!, bids: [forged] } }, "orderSignatures"],
    ["an order at the desk kept back", { rest: { ...rest!, bids: rest!.bids.slice(1) } }, "bookRoot"],
    [
      "a device's signature",
      {
        readings: readings.map((reading) => ({
          ...reading,
          signature: readings[0]!.signature.map((b) => b ^ 1),
        })),
      },
      "deviceSignatures",
    ],
    [
      "a movement of an account",
      { movements: [{ account: 4, kind: "settled", freeMicro: 0n, marginMicro: 1n, escrowMicro: 0n }] },
      "money",
    ],
  ])("%s", (_what, lie, key) => {
    const told = { ...server, ...lie };
    expect(outcomesOf(told).failed).toContain(key);
    expect(outcomesWithNode(fromChain, told).failed).toContain(key);
  });

  it.each<[string, Partial<IntervalEvidence>, CheckKey]>([
    [
      "the orders at the desk, as not available",
      { rest: { ...rest!, bids: [], isComplete: false } },
      "omittedOrders",
    ],
    ["the devices' signatures", { readings: [] }, "deviceSignatures"],
  ])("left out: %s", (_what, lie, key) => {
    const told = { ...server, ...lie };
    expect(outcomesOf(told)).toMatchObject({ failed: [], notPossible: expect.arrayContaining([key]) });
    expect(outcomesWithNode(fromChain, told).notPossible).toContain(key);
  });
});

describe("a lie that only the chain gives away", () => {
  /** The root binds orders, not signatures: whoever is said to sign for an account could have signed. */
  const signedByStranger = () => {
    const bids = [signOrder(KEPT, orderContextOf(server), STRANGER)];
    const [account, standing] = [KEPT.participant, rest!.standings.get(KEPT.participant)!];
    return { bids, standings: new Map([[account, { ...standing, signer: addressOfKey(STRANGER) }]]) };
  };
  it.each<[string, Partial<IntervalEvidence>]>([
    ["not settled yet", { stage: "cleared", pages: [], closing: null }],
    ["times that could be right", changeStep({ timestamp: step.timestamp + 1 })],
    ["number of readings", { publication: { ...publication, meters: 99 } }],
    ["gas, block and purpose of a transaction", { transactions: server.transactions.slice(1) }],
    [
      "another operator, who cleared",
      { area: { ...area, operator: OTHER }, ...changeStep({ sender: OTHER }) },
    ],
    ["who signs for an order at the desk, with his signature", { rest: { ...rest!, ...signedByStranger() } }],
  ])("%s", (_what, lie) => {
    const told = { ...server, ...lie };
    expect(outcomesOf(told).failed).toEqual([]);
    expect(outcomesWithNode(fromChain, told).comparison).toBe("failed");
  });

  it("an interval of the server's own making, whole", () => {
    const { fromServer: made } = tellingsWith(400);
    expect(outcomesOf(made)).toEqual({ failed: [], notPossible: [] });
    expect(outcomesWithNode(fromChain, made).comparison).toBe("failed");
  });
});

it("of what went through escrow a server may say that it does not know; every movement is computed all the same", () => {
  const told = { ...server, ...changeStep({ heldMicro: null }), pages: [{ ...page, releasedMicro: null }] };
  expect(outcomesOf(told).failed).toEqual([]);
  expect(outcomesWithNode(fromChain, told).comparison).toBe("passed");
});
