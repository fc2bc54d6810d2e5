import { expect, it } from "vitest";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { settlementPrices, supplierReserveMicro } from "#domains/pool/rules/area.ts";
import { reopenClearing } from "#domains/pool/rules/clearingPlan.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import { billPage, positionsOfPage, sumOf } from "#domains/pool/rules/pageSettlement.ts";
import { reservesOf } from "#domains/pool/rules/reserves.ts";
import { addressOfKey } from "#kernel/crypto/signature.ts";
import { auditEvents } from "#platform/audit/auditor.ts";
import type { Replay } from "#platform/audit/replay.ts";
import { DEPLOYMENT } from "#platform/chain/deployment.fixture.ts";
import { createHistory, HOMES, keyOf, ordinaryOrders, TERMS } from "#platform/store/marketHistory.fixture.ts";
import { replayDomains } from "./audit.ts";
import type { DomainEvent } from "./domains.ts";

const FIRST = 1_950_000;
const METERED = { 4: [400, 0], 5: [300, 0], 6: [0, 350], 7: [0, 200] } as const;
const { poolMarket, clearingHouse } = DEPLOYMENT.contracts;

type EventOf<Kind> = Extract<DomainEvent, { kind: Kind }>;

/** What the contracts would log beside the market's own events: the money that moves, and the claims. */
function withMoney() {
  let heldMicro = 0n;
  let last: { positions: ReturnType<typeof reopenClearing>["positions"]; localPrice: bigint } | null = null;
  const release = (event: DomainEvent, amountMicro: bigint) => {
    heldMicro -= amountMicro;
    return {
      ...event,
      contract: "clearingHouse",
      kind: "released",
      market: poolMarket,
      amountMicro,
    } as DomainEvent;
  };
  const clear = (event: EventOf<"intervalCleared">) => {
    const { positions } = reopenClearing({ steps: [event.submission!], pricing: "uniform" });
    last = { positions, localPrice: BigInt(event.localPriceMicroPerKwh) };
    const prices = settlementPrices(TERMS, last.localPrice);
    heldMicro = sumOf(reservesOf(positions, prices)) + supplierReserveMicro(event.clearedWh, prices);
    return [{ ...release(event, 0n), kind: "held", amountMicro: heldMicro } as DomainEvent, event];
  };
  const settle = (event: EventOf<"pageSettled">) => {
    const { positions, localPrice } = last!;
    const prices = settlementPrices(TERMS, localPrice);
    const ofPage = positionsOfPage(positions, event.page);
    const metered = new Map(
      Object.entries(METERED).map(([account, [importWh, exportWh]]) => [
        Number(account),
        { importWh: BigInt(importWh), exportWh: BigInt(exportWh) },
      ]),
    );
    const reserves = reservesOf(ofPage, prices);
    const { releasedMicro } = billPage({ merged: mergePositions(ofPage), reserves, metered, prices });
    return [claimOf(event), release(event, releasedMicro), event];
  };
  return (event: DomainEvent): DomainEvent[] => {
    if (event.kind === "deposited") {
      const from = addressOfKey(keyOf(event.account));
      return [
        event,
        { ...event, contract: "token", kind: "tokenTransferred", from, to: clearingHouse } as DomainEvent,
      ];
    }
    if (event.kind === "areaCreated")
      return [event, { ...event, kind: "supplyAccepted", supplier: 1 } as DomainEvent];
    if (event.kind === "intervalCleared") return clear(event);
    if (event.kind === "pageSettled") return settle(event);
    if (event.kind === "intervalSettled") return [release(event, heldMicro), event];
    return [event];
  };
}

function claimOf(event: EventOf<"pageSettled">): DomainEvent {
  const claim = {
    contract: "meterLedger",
    kind: "pageClaimed",
    claimPurpose: ENERGY_PURPOSE,
    claimant: poolMarket,
  };
  return { ...event, ...claim } as DomainEvent;
}

/** A history of `intervals`: every other one is cleared and settled, in the others meters alone register something. */
function* longHistory(intervals: number): Generator<DomainEvent> {
  const history = createHistory();
  const complete = withMoney();
  let told = 0;
  for (let intervalId = FIRST; intervalId < FIRST + intervals; intervalId += 1) {
    const plan = intervalId % 2 === 0 ? history.clear(intervalId, ordinaryOrders(intervalId)) : null;
    history.publish(intervalId, METERED);
    if (plan) history.settle(plan);
    const news = history.events.slice(told);
    told = history.events.length;
    yield* news.flatMap(complete);
  }
}

/** Audits events, and tells after each one how many intervals the replays keep. */
async function audit(events: Iterable<DomainEvent>) {
  let replays: readonly Replay[] = [];
  let most = 0;
  function* watched() {
    for (const event of events) {
      yield event;
      most = Math.max(most, new Set(replays.flatMap((replay) => replay.retained?.() ?? [])).size);
    }
  }
  const report = await auditEvents({
    events: watched(),
    deployment: DEPLOYMENT,
    startReplays: (base) => {
      replays = replayDomains(base, { readings: null, orders: null, balancesOf: null });
      return replays;
    },
  });
  return { report, most };
}

it("keeps a bounded number of intervals, however long the history is", async () => {
  const [month, longer] = [await audit(longHistory(450)), await audit(longHistory(600))];
  expect(longer.report).toMatchObject({ verdict: "clean", checked: { "pool.settlements": 300 } });
  expect(longer.report).toMatchObject({ checked: { "metering.opened": 300 * HOMES.length } });
  expect(longer.most).toBe(month.most);
  expect(longer.most).toBeLessThan(200);
});

it("still finds what was done long ago done again", async () => {
  const events = [...longHistory(450)];
  const head = events.at(-1)!;
  const again = (kind: DomainEvent["kind"], changes: object = {}) => {
    const old = events.find((event) => event.kind === kind)!;
    const { block, timestamp } = head;
    return { ...old, ...changes, block: block + 1, timestamp, transactionHash: "0xa9a1" } as DomainEvent;
  };
  const ruleOf = async (event: DomainEvent) => {
    const { report } = await audit([...events, event]);
    return report.verdict === "clean" ? "clean" : report.discrepancy.rule;
  };
  expect(await ruleOf(again("pageClaimed"))).toBe("claim");
  expect(await ruleOf(again("pageClaimed", { claimPurpose: 2 }))).toBe("clean");
  expect(await ruleOf(again("readingsPublished"))).toBe("publicationVersion");
  expect(await ruleOf(again("readingsPublished", { version: 2 }))).toBe("publicationInUse");
  const unsettled = { intervalId: FIRST + 1 };
  expect(await ruleOf(again("readingsPublished", { ...unsettled, version: 2 }))).toBe("clean");
  expect(await ruleOf(again("readingsPublished", { ...unsettled, version: 3 }))).toBe("publicationVersion");
  expect(await ruleOf(again("intervalCleared"))).toBe("deliveryOver");
  expect(await ruleOf(again("pageSettled"))).toBe("stage");
});
