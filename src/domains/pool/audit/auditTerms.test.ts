import { describe, expect, it } from "vitest";
import type { DomainEvent } from "#domains/domains.ts";
import { SUPPLY_NOTICE_SECONDS } from "#domains/pool/rules/termsVersion.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { TERMS_NOTICE_SECONDS } from "#kernel/units/notice.ts";
import { testAddress } from "#platform/chain/deployment.fixture.ts";
import {
  AREA_ID,
  createHistory,
  INTERVAL_SECONDS,
  OPERATOR_KEY,
  ordinaryOrders,
  TERMS,
} from "#platform/store/marketHistory.fixture.ts";
import { auditOf, changing, ruleOf } from "./auditable.fixture.ts";

type Changed = [string, (event: DomainEvent) => DomainEvent[], string];

const NOW = 90_000;
/** The first interval that starts a week after. */
const FROM = Math.ceil((NOW + TERMS_NOTICE_SECONDS) / INTERVAL_SECONDS);
const OPERATOR = addressOfKey(OPERATOR_KEY);
const second = { kind: "termsAnnounced", areaId: AREA_ID, version: 2, fromInterval: FROM } as const;
const dearer = { ...TERMS, gridFeeMicroPerKwh: 30_000n };

/** A second version, announced now, with a dearer grid. */
function announced() {
  const history = createHistory();
  history.add(NOW, { ...second, terms: dearer });
  return history;
}
const ofSecond = (facts: object) => changing("termsAnnounced", ({ version }) => (version === 2 ? facts : {}));

describe("the terms of an area", () => {
  it("hold from their first interval on, and the former ones before", async () => {
    const [before, after] = [announced(), announced()];
    before.clear(FROM - 1, ordinaryOrders(FROM - 1));
    expect(await ruleOf(auditOf(before))).toBeNull();
    after.clear(FROM, ordinaryOrders(FROM), { isSupplied: false });
    const bySecond = changing("intervalCleared", () => ({ termsVersion: 2 }));
    // By the dearer grid the buyers would have reserved 10,000 micro a kWh more.
    expect(await ruleOf(auditOf(after))).toBe("termsVersion");
    expect(await ruleOf(auditOf(after, { change: bySecond }))).toBe("reserve");
  });

  it.each<Changed>([
    ["by another than the operator", ofSecond({ sender: testAddress(1) }), "operator"],
    ["with a version left out", ofSecond({ version: 3 }), "termsVersion"],
    ["from an interval within their notice", ofSecond({ fromInterval: FROM - 1 }), "termsVersion"],
    [
      "for intervals of another length",
      ofSecond({ terms: { ...dearer, intervalSeconds: 1_800 } }),
      "areaTerms",
    ],
    [
      "against the rules of the market",
      ofSecond({ terms: { ...dearer, penaltyPermille: 999n } }),
      "areaTerms",
    ],
    ["for an area that was not opened", ofSecond({ areaId: 9 }), "unknownArea"],
  ])("are not announced %s", async (_how, change, rule) => {
    expect(await ruleOf(auditOf(announced()))).toBeNull();
    expect(await ruleOf(auditOf(announced(), { change }))).toBe(rule);
  });

  it("are not announced while others wait for their time", async () => {
    const third = (timestamp: number) => {
      const history = announced();
      const fromInterval = Math.ceil((timestamp + TERMS_NOTICE_SECONDS) / INTERVAL_SECONDS);
      history.add(timestamp, { ...second, version: 3, fromInterval, terms: TERMS });
      return ruleOf(auditOf(history));
    };
    expect(await third(FROM * INTERVAL_SECONDS - 1)).toBe("termsVersion");
    expect(await third(FROM * INTERVAL_SECONDS)).toBeNull();
  });
});

describe("a supplier", () => {
  const supply = { areaId: AREA_ID, version: 1, supplier: 1, operator: OPERATOR };
  const UNTIL = Math.ceil((NOW + SUPPLY_NOTICE_SECONDS) / INTERVAL_SECONDS);
  const withdrawn = (fromInterval: number) => {
    const history = createHistory();
    history.add(NOW, { kind: "supplyWithdrawn", areaId: AREA_ID, version: 1, fromInterval });
    return history;
  };

  it("stands for the intervals within its notice, and for no later one", async () => {
    for (const [intervalId, isSupplied] of [
      [UNTIL - 1, true],
      [UNTIL, false],
    ] as const) {
      const history = withdrawn(UNTIL);
      history.clear(intervalId, ordinaryOrders(intervalId), { isSupplied });
      expect(await ruleOf(auditOf(history))).toBeNull();
      const other = withdrawn(UNTIL);
      other.clear(intervalId, ordinaryOrders(intervalId), { isSupplied: !isSupplied });
      expect(await ruleOf(auditOf(other))).toBe("supplyNotAccepted");
    }
  });

  it("withdraws with its notice, and only where it had accepted", async () => {
    expect(await ruleOf(auditOf(withdrawn(UNTIL)))).toBeNull();
    expect(await ruleOf(auditOf(withdrawn(UNTIL - 1)))).toBe("supplyAcceptance");
    const change = (event: DomainEvent) => (event.kind === "supplyAccepted" ? [] : [event]);
    expect(await ruleOf(auditOf(withdrawn(UNTIL), { change }))).toBe("supplyAcceptance");
  });

  it.each<[string, Partial<typeof supply>, string]>([
    ["as another member", { supplier: 2 }, "supplyAcceptance"],
    ["under another operator", { operator: testAddress(1) }, "supplyAcceptance"],
    ["terms that were not announced", { version: 2 }, "termsVersion"],
  ])("does not accept %s", async (_what, facts, rule) => {
    const history = createHistory();
    history.add(NOW, { kind: "supplyAccepted", ...supply, ...facts });
    expect(await ruleOf(auditOf(history))).toBe(rule);
  });

  it("does not stand for what another operator clears than the one it accepted", async () => {
    const history = createHistory();
    history.add(NOW, { kind: "operatorChanged", areaId: AREA_ID, operator: testAddress(7) });
    history.clear(1_000, ordinaryOrders(1_000));
    const change = changing("intervalCleared", () => ({ sender: testAddress(7) }));
    expect(await ruleOf(auditOf(history, { change }))).toBe("supplyNotAccepted");
  });
});
