import { describe, expect, it } from "vitest";
import { tellingsOf } from "#domains/pool/intervalEvidence.fixture.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { createHistory, homeOrder, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { checkInterval } from "./intervalCheck.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";
import { compareEvidence, mergeEvidence } from "./mergeEvidence.ts";

const SPARE = homeOrder(100, { ...ordinaryOrders(100)[4]!, participant: 7, limitPriceMicroPerKwh: 85_000 });
const history = createHistory();
const plan = history.clear(100, [...ordinaryOrders(100), SPARE]);
history.publish(100, { 4: [450, 0], 5: [700, 0], 6: [0, 550], 7: [0, 100] });
history.settle(plan);
const { fromChain, fromServer } = tellingsOf(history, 100);

const OTHER = toHex(wordOf(0xbad, 20));
const [step] = fromServer.steps;
const [page] = fromServer.pages;
const [bid] = step!.bids;

const LIES: readonly (readonly [string, Partial<IntervalEvidence>, RegExp])[] = [
  [
    "another operator",
    { area: { ...fromServer.area, operator: OTHER } },
    /^the area's operator is not what .*: the server says 0x0+bad, the chain 0x[0-9a-f]{40}$/,
  ],
  [
    "cheaper energy from the grid",
    { area: { ...fromServer.area, terms: { ...fromServer.area.terms, upstreamPriceMicroPerKwh: 1n } } },
    /^the area's upstreamPriceMicroPerKwh .* the server says 1, the chain 300000$/,
  ],
  [
    "an order for more energy",
    { steps: [{ ...step!, bids: [{ ...bid!, energyWh: 501 }, ...step!.bids.slice(1)] }] },
    /^bid 1 of account 4 \(501 Wh at 0\.260000\) is not what the chain says$/,
  ],
  [
    "an order that is not on the chain",
    { steps: [{ ...step!, bids: [...step!.bids, SPARE] }] },
    /^bid \d of account 7 .* is not on the chain$/,
  ],
  [
    "no offers",
    { steps: [{ ...step!, offers: [] }] },
    /^offer 1 of account 6 .* is on the chain, and the server does not tell of it$/,
  ],
  [
    "another price",
    { cleared: { ...fromServer.cleared!, localPriceMicroPerKwh: 1 } },
    /^the recorded local price .*: the server says 1 micro\/kWh, the chain \d+ micro\/kWh$/,
  ],
  [
    "fewer readings",
    { publication: { ...fromServer.publication!, meters: 3 } },
    /^the number of published readings .* says 3, the chain 4$/,
  ],
  [
    "another position",
    {
      pages: [
        { ...page!, positions: [[page!.positions[0]![0]! + (1n << 32n), ...page!.positions[0]!.slice(1)]] },
      ],
    },
    /^the position of account 4 in step 1 of the clearing is not what the chain says/,
  ],
  [
    "another reading",
    {
      pages: [{ ...page!, shown: { ...page!.shown!, leaves: page!.shown!.leaves.map((leaf) => leaf + 1n) } }],
    },
    /^the opened reading of account 4 is not what the chain says/,
  ],
  [
    "a grid fee of nothing",
    { pages: [{ ...page!, gridFeeMicro: 0n }] },
    /^the grid fee of page 0 .* says 0 micro, the chain \d+ micro$/,
  ],
  [
    "another stage",
    { stage: "cleared" },
    /^the stage of the interval .* the server says cleared, the chain settled$/,
  ],
  [
    "another time of a settlement",
    { pages: [{ ...page!, timestamp: 1 }] },
    /^the time of the settlement of page 0 .* the server says 1 s, the chain \d+ s$/,
  ],
  [
    "no settlement",
    { stage: "settled", pages: [] },
    /^the settlement of page 0 is on the chain, and the server does not tell of it$/,
  ],
  [
    "a return that never was",
    { returns: [{ page: 0, transactionHash: page!.transactionHash, timestamp: 1, releasedMicro: null }] },
    /^the return of page 0 is not on the chain$/,
  ],
  [
    "a poorer supplier",
    { closing: { ...fromServer.closing!, supplierMicro: 0n } },
    /^what the supplier got .* says 0 micro/,
  ],
  [
    "another signer of an order at the desk",
    {
      rest: {
        ...fromServer.rest!,
        standings: new Map([[7, { signer: OTHER, isTradable: true, formerSigners: [] }]]),
      },
    },
    /^the signer of account 7 at the clearing is not what the chain says/,
  ],
  [
    "another device",
    { readings: fromServer.readings.map((reading) => ({ ...reading, deviceKey: OTHER })) },
    /^the device of account 4 is not what the chain says/,
  ],
];

describe("compareEvidence", () => {
  it("passes when server and chain tell the same", () => {
    expect(compareEvidence(fromChain, fromServer)).toMatchObject({
      key: "serverAgainstChain",
      status: "passed",
    });
    expect(compareEvidence(fromChain, fromServer).checked).toBeGreaterThan(40);
  });

  it("passes over what one of them does not know", () => {
    const unknown = { ...fromServer, closing: { ...fromServer.closing!, releasedMicro: 5n } };
    expect(compareEvidence(fromChain, unknown)).toMatchObject({ status: "passed" });
  });

  it.each(LIES)("names %s", (_what, lie, finding) => {
    const report = compareEvidence(fromChain, { ...fromServer, ...lie });
    expect(report.status === "failed" ? report.finding : report.status).toMatch(finding);
  });
});

describe("mergeEvidence", () => {
  const failuresOf = (server: IntervalEvidence) =>
    [...checkInterval(mergeEvidence(fromChain, server))].filter(({ status }) => status === "failed");

  it("believes the server nothing that is on the chain", () => {
    expect(failuresOf(fromServer)).toEqual([]);
    for (const [, lie] of LIES) expect(failuresOf({ ...fromServer, ...lie })).toEqual([]);
  });

  it("holds what is not on the chain against its roots and keys", () => {
    const forged = { ...SPARE, signature: bid!.signature };
    expect(failuresOf({ ...fromServer, rest: { ...fromServer.rest!, bids: [forged] } })).toMatchObject([
      { key: "orderSignatures", subject: { side: "bid", account: 7 } },
    ]);
    const [, ...others] = fromServer.rest!.bids;
    expect(failuresOf({ ...fromServer, rest: { ...fromServer.rest!, bids: others } })).toMatchObject([
      { key: "bookRoot" },
    ]);
    const readings = fromServer.readings.map((reading) => ({ ...reading, importWh: 7 }));
    expect(failuresOf({ ...fromServer, readings })).toMatchObject([{ key: "deviceSignatures" }]);
  });
});
