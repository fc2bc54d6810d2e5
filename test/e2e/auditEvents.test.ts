import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memberOfSeat } from "#domains/accounts/rules/seat.ts";
import { auditHistory } from "#domains/audit.ts";
import type { DomainEvent } from "#domains/domains.ts";
import type { Discrepancy } from "#platform/audit/auditDiscrepancy.ts";
import { PARTIES } from "#world/simulation/accounts.ts";
import { type AuditedCommunity, runAuditedCommunity } from "./auditedCommunity.fixture.ts";
import {
  type Change,
  change,
  drop,
  firstTraded,
  flip,
  keyOfMember,
  repeat,
  sourcesOf,
} from "./tampering.fixture.ts";

let community: AuditedCommunity;
let events: DomainEvent[];

beforeAll(async () => {
  community = await runAuditedCommunity("riverside", { intervals: 3 });
  events = await community.events();
});
afterAll(() => community.stop());

const auditChanged = async (edit: Change) => {
  const { deployment } = community.node.founded;
  const report = await auditHistory({ events: edit([...events]), deployment, ...sourcesOf(community) });
  return report.verdict === "discrepancy" ? report.discrepancy : report;
};

describe("events that no contract of ours would write", () => {
  it("has nothing against the true ones", async () => {
    expect(await auditChanged((all) => all)).toMatchObject({ verdict: "clean" });
  });

  it.each<[string, Change, Partial<Discrepancy>]>([
    ["an account number is left out", drop("participantRegistered"), { rule: "accountNumber" }],
    [
      "an owner has two accounts",
      change(
        "participantRegistered",
        () => ({ owner: keyOfMember(community, 4).address }),
        (e) => e.account === 5,
      ),
      { rule: "ownerTwice", account: 5 },
    ],
    ["a trader has no metering point", drop("meterEnrolled"), { rule: "readingPlace" }],
    ["a metering point is enrolled twice", repeat("meterEnrolled"), { rule: "meterTwice" }],
    ["a deposit without money", drop("tokenTransferred"), { rule: "tokenTransfer" }],
    ["a deposit is booked twice", repeat("deposited"), { rule: "tokenTransfer" }],
    [
      "a margin larger than the deposit",
      change("marginAdded", (e) => ({ amountMicro: e.amountMicro + 1n })),
      { rule: "freeOverdrawn" },
    ],
    [
      "margins that do not cover a trade",
      change(
        "marginAdded",
        () => ({ amountMicro: 0n }),
        (e) => memberOfSeat(e.seat) === PARTIES.supplier,
      ),
      { rule: "marginOverdrawn", member: PARTIES.supplier },
    ],
    [
      "escrow without a clearing",
      drop("intervalCleared", (e) => e.clearedWh > 0n),
      { rule: "unexplainedMovement" },
    ],
    ["a clearing without escrow", drop("held"), { rule: "reserve" }],
    [
      "a clearing by somebody else",
      change("intervalCleared", () => ({ sender: `0x${"0".repeat(40)}` })),
      { rule: "operator" },
    ],
    [
      "a clearing before the gate closed",
      change("intervalCleared", (e) => ({ timestamp: e.timestamp - 86_400 })),
      { rule: "gateOpen" },
    ],
    [
      "a clearing after delivery began",
      change("intervalCleared", (e) => ({ timestamp: e.timestamp + 86_400 })),
      { rule: "deliveryBegun" },
    ],
    [
      "a clearing that cannot be read",
      change("intervalCleared", () => ({ submission: null })),
      { rule: "hiddenSubmission" },
    ],
    ["a clearing that comes twice", repeat("intervalCleared"), { rule: "stage" }],
    ["a clearing of another area", change("intervalCleared", () => ({ areaId: 2 })), { rule: "unknownArea" }],
    [
      "another pricing rule",
      change("termsAnnounced", (e) => ({ terms: { ...e.terms, pricing: "midpoint" } })),
      {},
    ],
    [
      "another version of the terms",
      change("intervalCleared", () => ({ termsVersion: 2 })),
      { rule: "termsVersion" },
    ],
    ["terms that nobody announced", drop("termsAnnounced"), { rule: "termsVersion" }],
    [
      "terms that somebody else announced",
      change("termsAnnounced", () => ({ sender: `0x${"0".repeat(40)}` })),
      { rule: "operator" },
    ],
    ["a supplier that did not accept", drop("supplyAccepted"), { rule: "supplyNotAccepted" }],
    [
      "a supplier that accepted under another operator",
      change("supplyAccepted", () => ({ operator: `0x${"0".repeat(40)}` })),
      { rule: "supplyAcceptance" },
    ],
    ["another attempt", change("intervalCleared", () => ({ attempt: 1 })), { rule: "attempt" }],
    [
      "a connection that carries less than is traded",
      change(
        "meterEnrolled",
        () => ({ capacityW: 1 }),
        (e) => e.member === firstTraded(events).submission!.bids[0]!.participant,
      ),
      { rule: "capacity" },
    ],
    [
      "another local price",
      change("intervalCleared", (e) => ({ localPriceMicroPerKwh: e.localPriceMicroPerKwh + 1 })),
      { rule: "localPrice" },
    ],
    [
      "terms that no market accepts",
      change("termsAnnounced", (e) => ({ terms: { ...e.terms, penaltyPermille: 999n } })),
      { rule: "areaTerms" },
    ],
    [
      "a narrower price band",
      change("termsAnnounced", (e) => ({
        terms: { ...e.terms, ceilingMicroPerKwh: e.terms.floorMicroPerKwh },
      })),
      { rule: "orderPrice" },
    ],
    [
      "another grid fee",
      change("termsAnnounced", (e) => ({
        terms: { ...e.terms, gridFeeMicroPerKwh: e.terms.gridFeeMicroPerKwh + 100n },
      })),
      { rule: "reserve" },
    ],
    [
      "orders that change places",
      change(
        "intervalCleared",
        (e) => ({ submission: { ...e.submission, bids: e.submission!.bids.toReversed() } }),
        (e) => (e.submission?.bids.length ?? 0) > 1,
      ),
      { rule: "meritOrder", side: "bid" },
    ],
    [
      "a bid left out",
      change(
        "intervalCleared",
        (e) => ({ submission: { ...e.submission, bids: e.submission!.bids.slice(1) } }),
        (e) => e.clearedWh > 0n,
      ),
      {},
    ],
    [
      "an order that comes twice",
      change(
        "intervalCleared",
        (e) => ({ submission: { ...e.submission, bids: [e.submission!.bids[0], ...e.submission!.bids] } }),
        (e) => e.clearedWh > 0n,
      ),
      { rule: "meritOrder", position: 2 },
    ],
    [
      "another sharing at the margin",
      change(
        "intervalCleared",
        (e) => ({
          submission: {
            ...e.submission,
            outcome: { ...e.submission!.outcome, bids: { ...e.submission!.outcome.bids, levelWh: 1 } },
          },
        }),
        (e) => e.clearedWh > 0n,
      ),
      { rule: "rationing", side: "bid" },
    ],
    ["a second version of version 1", repeat("readingsPublished"), { rule: "publicationVersion" }],
    ["a claim that comes twice: all is taken", repeat("pageClaimed"), { rule: "gridFee", page: 0 }],
    ["a settlement without a claim", drop("pageClaimed"), { rule: "claim" }],
    [
      "a settlement without readings",
      drop("readingsPublished", (e) => e.intervalId === firstTraded(events).intervalId),
      { rule: "claim" },
    ],
    ["a settlement that comes twice", repeat("pageSettled"), { rule: "pageTwice" }],
    [
      "a settlement before delivery was over",
      change("pageSettled", (e) => ({ timestamp: e.timestamp - 900 })),
      { rule: "deliveryNotOver" },
    ],
    [
      "another grid fee in a settlement",
      change("pageSettled", (e) => ({ gridFeeMicro: e.gridFeeMicro + 1n })),
      { rule: "gridFee" },
    ],
    [
      "a reading that is sealed where a position needs it",
      change("pageSettled", (e) => {
        const { opened, ...readings } = e.submission!.readings;
        const [first, second] = opened;
        const fewer = [first & (first - 1n), second] as const;
        return { submission: { ...e.submission, readings: { ...readings, opened: fewer } } };
      }),
      { page: 0 },
    ],
    [
      "a reading that is missing though it is there",
      change("pageSettled", (e) => ({ missing: e.missing | 16n })),
      { rule: "readingMissing", page: 0 },
    ],
    [
      "another root of the book",
      change("intervalCleared", (e) => ({ bookRoot: flip(e.bookRoot, e.bookRoot.slice(2), 9) })),
      { rule: "bookRoot" },
    ],
    [
      "members beyond the declared ones",
      change(
        "intervalCleared",
        (e) => ({
          submission: { ...e.submission, outcome: { ...e.submission!.outcome, lastMember: 5 } },
        }),
        (e) => e.clearedWh > 0n,
      ),
      { rule: "memberNotTradable" },
    ],
    [
      "another position",
      change("pageSettled", (e) => ({
        submission: { ...e.submission, positions: e.submission!.positions.map((word) => word ^ 1n) },
      })),
      { rule: "positions" },
    ],
    [
      "a position too many",
      change("pageSettled", (e) => ({
        submission: { ...e.submission, positions: [...e.submission!.positions, (77n << 40n) | 1n] },
      })),
      { rule: "positions", member: 77 },
    ],
    [
      "money to nobody",
      change("released", (e) => ({ amountMicro: e.amountMicro + 1n })),
      { rule: "released" },
    ],
    [
      "more for the supplier",
      change("intervalSettled", (e) => ({ supplierMicro: e.supplierMicro + 1n })),
      { rule: "supplierPayment" },
    ],
    [
      "more for the fund",
      change("intervalSettled", (e) => ({ remainderMicro: e.remainderMicro + 1n })),
      { rule: "remainder" },
    ],
    ["an interval closed with a page in escrow", drop("pageSettled"), {}],
  ])("names it: %s", async (_what, edit, expected) => {
    const found = await auditChanged(edit);
    expect(found).toMatchObject({ sentence: expect.stringMatching(/block \d+/), ...expected });
  });
});
