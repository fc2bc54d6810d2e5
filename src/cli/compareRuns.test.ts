import { describe, expect, it } from "vitest";
import { drawComparison } from "./comparePicture.ts";
import { changedRules, figuresOf, otherDifferences, parseRuns } from "./compareRuns.ts";

const RUN = {
  scenario: "riverside",
  currency: "CHF",
  seed: 13,
  startsAt: "2025-05-12T07:00:00.000Z",
  rules: { pricing: "uniform", gridFeeMicroPerKwh: "30000" },
  intervals: { total: 96, settled: 95, failed: 1 },
  participants: {
    a: { marketBillMicro: "1500000", savingMicro: "-20000" },
    b: { marketBillMicro: "-250000", savingMicro: "720000" },
  },
  community: {
    localShare: 0.4256,
    peakImportW: 6_900,
    peakExportW: 46_400,
    clearedWh: "58100",
    welfareMicro: "3800000",
    gridFeeMicro: "920000",
  },
};
const parsed = (change: object = {}, name = "one") =>
  parseRuns(JSON.stringify({ ...RUN, ...change }), `${name}.json`, name);

describe("a run's figures", () => {
  it("have the model's names, units and the currency", () => {
    const [one] = parsed();
    expect(figuresOf(one!).map(({ label, unit, text }) => `${label} ${text} ${unit}`)).toEqual([
      "intervals settled 95 of 96",
      "local share of imports 42.6 %",
      "traded 58.1 kWh",
      "peak import 6.9 kW",
      "peak export 46.4 kW",
      "grid fees to the DSO 0.92 CHF",
      "bills with market 1.25 CHF",
      "saved by all homes 0.70 CHF",
      "least saving of a home -0.02 CHF",
      "welfare 3.80 CHF",
    ]);
  });

  it("are those of each community where a run has several", () => {
    const text = JSON.stringify({ communities: [RUN, { ...RUN, scenario: "hamlet" }] });
    expect(parseRuns(text, "both.json", "both").map(({ name }) => name)).toEqual([
      "both/riverside",
      "both/hamlet",
    ]);
  });
});

describe("what differs", () => {
  it("is the rules, and other things only where they do", () => {
    const rules = { ...RUN.rules, pricing: "midpoint" };
    const list = [...parsed(), ...parsed({ rules }, "two")];
    expect(changedRules(list)).toEqual(["pricing"]);
    expect(otherDifferences(list)).toEqual([]);
    expect(otherDifferences([...list, ...parsed({ seed: 14 }, "three")])).toEqual(["seed"]);
  });
});

describe("a file that is no run", () => {
  it.each([
    ["{", /two\.json .*not JSON/],
    [JSON.stringify({ ...RUN, currency: 3 }), /`currency`/],
    [JSON.stringify({ communities: [{ ...RUN, community: {} }] }), /`communities\.0\.community\.localShare`/],
  ])("is refused by its name and key", (text, message) => {
    expect(() => parseRuns(text, "two.json", "two")).toThrow(message);
  });
});

it("draws a bar for each run and figure, whatever a name holds", () => {
  const figures = figuresOf(parsed()[0]!);
  const svg = drawComparison([
    { name: "<uniform> & co", figures },
    { name: "midpoint", figures },
  ]);
  expect(svg.match(/<rect x=/g)).toHaveLength(2 * figures.length);
  expect(svg).toContain("&lt;uniform&gt; &amp; co");
  expect(svg).not.toContain("NaN");
});
