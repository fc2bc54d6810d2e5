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

const KEPT = homeOrder(100, { ...ordinaryOrders(100)[4]!, limitPriceMicroPerKwh: 85_000, sequence: 1 });

/**
 * A settled interval with an order that stayed at the desk, after an attempt that was given up, and without a reading of
 * member 7, as chain and server tell of it.
 */
function tellingsWith(importWh: number) {
  const history = createHistory();
  const orders = [...ordinaryOrders(100), KEPT];
  history.abandon(history.clear(100, orders, { maxStepOrders: 2, onlySteps: 1 }));
  const plan = history.clear(100, orders);
  history.publish(100, { 4: [importWh, 0], 5: [700, 0], 6: [0, 550] });
  history.settle(plan);
  return tellingsOf(history, 100);
}

const { fromChain, fromServer: server } = tellingsWith(450);
const { area, rest, pages, readings } = server;
const [step, page] = [server.steps[0]!, pages[0]!];
const [cleared, closing, publication] = [server.cleared!, server.closing!, server.publications[0]!];
const [abandoned, told] = [server.abandoned[0]!, server.positions[0]!];
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
      { positions: [{ ...told, words: [told.words[0]! + 1n, ...told.words.slice(1)] }] },
      "positions",
    ],
    [
      "the published root of the readings",
      { publications: [{ ...publication, root: ROOT }] },
      "readingProofs",
    ],
    [
      "a reading as missing though it is listed",
      { pages: [{ ...page, missing: page.missing | (1n << 4n) }] },
      "readingProofs",
    ],
    ["a missing reading as there", { pages: [{ ...page, missing: 0n }] }, "readingProofs"],
    ["a settlement before its time", { pages: [{ ...page, timestamp: step.timestamp }] }, "settlement"],
    ["the grid fee", { pages: [{ ...page, gridFeeMicro: 0n }] }, "settlement"],
    ["the area's prices", changeTerms({ gridFeeMicroPerKwh: 0n }), "settlement"],
    ["energy as claimed elsewhere", { pages: [{ ...page, taken: 1n << 6n }] }, "money"],
    ["the interval as unsupplied", { cleared: { ...cleared, isSupplied: false } }, "settlement"],
    [
      "the version of the terms that it was cleared with",
      { cleared: { ...cleared, termsVersion: 2 } },
      "clearing",
    ],
    ["the number of the attempt", { attempt: 0 }, "clearing"],
    ["an attempt that was given up, left out", { abandoned: [] }, "clearing"],
    [
      "what such an attempt took",
      { abandoned: [{ ...abandoned, heldMicro: abandoned.heldMicro + 1n }] },
      "money",
    ],
    ["what went through escrow", changeStep({ heldMicro: step.heldMicro + 1n }), "money"],
    ["what a page paid out", { pages: [{ ...page, releasedMicro: 0n }] }, "settlement"],
    [
      "what a connection carries",
      changeStep({
        standings: new Map([...step.standings].map(([member, own]) => [member, { ...own, capacityW: 1 }])),
      }),
      "clearing",
    ],
    ["what the supplier got", { closing: { ...closing, supplierMicro: 0n } }, "money"],
    ["what rounding left", { closing: { ...closing, remainderMicro: 99n } }, "money"],
  ])("%s", (_what, lie, key) => {
    const lying = { ...server, ...lie };
    expect(outcomesOf(lying).failed).toContain(key);
    expect(outcomesWithNode(fromChain, lying)).toEqual({ comparison: "failed", failed: [], notPossible: [] });
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
      "a movement of a member",
      { movements: [{ member: 4, kind: "settled", freeMicro: 0n, marginMicro: 1n, escrowMicro: 0n }] },
      "money",
    ],
  ])("%s", (_what, lie, key) => {
    const lying = { ...server, ...lie };
    expect(outcomesOf(lying).failed).toContain(key);
    expect(outcomesWithNode(fromChain, lying).failed).toContain(key);
  });

  it.each<[string, Partial<IntervalEvidence>, CheckKey]>([
    [
      "the orders at the desk, as not available",
      { rest: { ...rest!, bids: [], isComplete: false } },
      "omittedOrders",
    ],
    ["the devices' signatures", { readings: [] }, "deviceSignatures"],
  ])("left out: %s", (_what, lie, key) => {
    const lying = { ...server, ...lie };
    expect(outcomesOf(lying)).toMatchObject({ failed: [], notPossible: expect.arrayContaining([key]) });
    expect(outcomesWithNode(fromChain, lying).notPossible).toContain(key);
  });
});

describe("a lie that only the chain gives away", () => {
  /** The root binds orders, not signatures: the one who is said to sign for a member could have signed. */
  const signedByStranger = () => {
    const bids = [signOrder(KEPT, orderContextOf(server), STRANGER)];
    const [member, standing] = [KEPT.participant, rest!.standings.get(KEPT.participant)!];
    return { bids, standings: new Map([[member, { ...standing, signer: addressOfKey(STRANGER) }]]) };
  };
  it.each<[string, Partial<IntervalEvidence>]>([
    ["not settled yet", { stage: "cleared", pages: [], closing: null }],
    ["times that could be right", changeStep({ timestamp: step.timestamp + 1 })],
    ["number of readings", { publications: [{ ...publication, meters: 99 }] }],
    [
      "both versions of the terms",
      { area: { ...area, termsVersion: 2 }, cleared: { ...cleared, termsVersion: 2 } },
    ],
    ["gas, block and purpose of a transaction", { transactions: server.transactions.slice(1) }],
    ["another operator, who cleared", changeStep({ operator: OTHER, sender: OTHER })],
    ["who signs for an order at the desk, with his signature", { rest: { ...rest!, ...signedByStranger() } }],
  ])("%s", (_what, lie) => {
    const lying = { ...server, ...lie };
    expect(outcomesOf(lying).failed).toEqual([]);
    expect(outcomesWithNode(fromChain, lying).comparison).toBe("failed");
  });

  it("an interval of the server's own making, whole", () => {
    const { fromServer: made } = tellingsWith(400);
    expect(outcomesOf(made)).toEqual({ failed: [], notPossible: [] });
    expect(outcomesWithNode(fromChain, made).comparison).toBe("failed");
  });
});
