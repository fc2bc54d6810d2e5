import { describe, expect, it } from "vitest";
import { tellingsOf } from "#domains/pool/intervalEvidence.fixture.ts";
import { fromHex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { createHistory, homeOrder, ordinaryOrders } from "#platform/store/marketHistory.fixture.ts";
import { flipBit } from "./evidence.fixture.ts";
import { checkInterval } from "./intervalCheck.ts";
import type { IntervalEvidence } from "./intervalEvidence.ts";
import { compareEvidence, mergeEvidence } from "./mergeEvidence.ts";

const SPARE = homeOrder(100, { ...ordinaryOrders(100)[4]!, limitPriceMicroPerKwh: 85_000, sequence: 1 });
const history = createHistory();
const plan = history.clear(100, [...ordinaryOrders(100), SPARE]);
history.publish(100, { 4: [450, 0], 5: [700, 0], 6: [0, 550], 7: [0, 100] });
history.settle(plan);
const { fromChain, fromServer } = tellingsOf(history, 100);

const OTHER = toHex(wordOf(0xbad, 20));
const [step] = fromServer.steps;
const [page] = fromServer.pages;
const [bid] = step!.bids;
const [told] = fromServer.positions;

const LIES: readonly (readonly [string, Partial<IntervalEvidence>, RegExp])[] = [
  [
    "another operator",
    { steps: [{ ...step!, operator: OTHER }] },
    /^the area's operator at transaction 1 of the clearing is not what .*: the server says 0x0+bad, the chain 0x[0-9a-f]{40}$/,
  ],
  [
    "cheaper energy from the grid",
    { area: { ...fromServer.area, terms: { ...fromServer.area.terms, upstreamPriceMicroPerKwh: 1n } } },
    /^the area's upstreamPriceMicroPerKwh .* the server says 1, the chain 300000$/,
  ],
  [
    "an order for more energy",
    { steps: [{ ...step!, bids: [{ ...bid!, energyWh: 501 }, ...step!.bids.slice(1)] }] },
    /^bid 1 of member 4 \(501 Wh at 0\.260\) is not what the chain says$/,
  ],
  [
    "an order that is not on the chain",
    { steps: [{ ...step!, bids: [...step!.bids, SPARE] }] },
    /^bid \d of member 5 .* is not on the chain$/,
  ],
  [
    "no offers",
    { steps: [{ ...step!, offers: [] }] },
    /^offer 1 of member 6 .* is on the chain, and the server does not tell of it$/,
  ],
  [
    "another price",
    { cleared: { ...fromServer.cleared!, localPriceMicroPerKwh: 1 } },
    /^the recorded local price .*: the server says 1 micro\/kWh, the chain \d+ micro\/kWh$/,
  ],
  [
    "fewer readings",
    { publications: [{ ...fromServer.publications[0]!, meters: 3 }] },
    /^the number of readings in version 1 of the readings .* says 3, the chain 4$/,
  ],
  [
    "another position",
    { positions: [{ ...told!, words: [told!.words[0]! + 1n, ...told!.words.slice(1)] }] },
    /^the position of member 4 on page 0 is not what the chain says/,
  ],
  [
    "another reading",
    {
      pages: [
        { ...page!, shown: { ...page!.shown!, leaves: toHex(flipBit(fromHex(page!.shown!.leaves), 0)) } },
      ],
    },
    /^the opened reading of member 4 is not what the chain says/,
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
    {
      returns: [
        { attempt: 0, page: 0, transactionHash: page!.transactionHash, timestamp: 1, releasedMicro: 0n },
      ],
    },
    /^the return of page 0 of attempt 0 is not on the chain$/,
  ],
  ["another attempt", { attempt: 1 }, /^the attempt of its clearing .* the server says 1, the chain 0$/],
  [
    "a supplier that does not stand for it",
    { cleared: { ...fromServer.cleared!, isSupplied: false } },
    /^whether a supplier stands for the interval .* the server says false, the chain true$/,
  ],
  [
    "a missing reading",
    { pages: [{ ...page!, missing: 1n << 4n }] },
    /^the members without a reading at the settlement of page 0 .* the server says 4, the chain none$/,
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
        standings: new Map([[5, { signer: OTHER, isTradable: true, capacityW: 17_250, formerSigners: [] }]]),
      },
    },
    /^the signer of member 5 at the clearing is not what the chain says/,
  ],
  [
    "another device",
    { readings: fromServer.readings.map((reading) => ({ ...reading, deviceKey: OTHER })) },
    /^the device of member 4 is not what the chain says/,
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
      { key: "orderSignatures", subject: { side: "bid", member: 5 } },
    ]);
    const [, ...others] = fromServer.rest!.bids;
    expect(failuresOf({ ...fromServer, rest: { ...fromServer.rest!, bids: others } })).toMatchObject([
      { key: "bookRoot" },
    ]);
    const readings = fromServer.readings.map((reading) => ({ ...reading, importWh: 7 }));
    expect(failuresOf({ ...fromServer, readings })).toMatchObject([{ key: "deviceSignatures" }]);
  });
});
