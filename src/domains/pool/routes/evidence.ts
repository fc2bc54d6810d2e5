import type { z } from "zod";
import { memberOfSeat } from "#domains/accounts/rules/seat.ts";
import type { StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import { listMembershipEvents } from "#domains/metering/queries/membershipEvents.ts";
import { assembleEvidence } from "#domains/pool/assembleEvidence.ts";
import type { ChainIntervalEvidence, PageEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { termsAt } from "#domains/pool/queries/areas.ts";
import { findEvidence } from "#domains/pool/queries/evidence.ts";
import type { IntervalView } from "#domains/pool/queries/intervals.ts";
import { listBook } from "#domains/pool/queries/orders.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { pagesOf } from "#domains/pool/rules/pageSettlement.ts";
import { packOrders, type SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { evidenceWire } from "#domains/pool/wireEvidence.ts";
import { MAX_SIDE_ORDERS } from "#kernel/auction/book.ts";
import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { intervalParams } from "#platform/api/wire.ts";
import { requireArea } from "./areas.ts";
import { type EvidenceRows, evidenceEvents, signedOrder, wordsOf } from "./evidenceEvents.ts";
import { requireInterval } from "./intervals.ts";
import type { PoolContext } from "./poolContext.ts";

type Body = z.infer<typeof evidenceWire>;
type Key = { readonly areaId: number; readonly intervalId: number };

/** What an interval's body is made of. */
type Found = {
  readonly evidence: ChainIntervalEvidence;
  readonly rows: EvidenceRows;
  readonly interval: IntervalView;
};

/** All that a browser needs to check an interval itself: nobody has to trust the operator (R6.3). */
export function addEvidence(app: Api, context: PoolContext): void {
  const summary = "Everything that proves an interval";
  app.get(
    "/v1/intervals/:areaId/:intervalId/evidence",
    {
      schema: { params: intervalParams, ...describeRoute("intervals", summary, { body: evidenceWire }) },
    },
    async ({ params }) => evidenceBody(await findAll(context, params), context),
  );
}

/** The evidence as a reader of the chain assembles it, from the log and the rows that were made of the transactions. */
async function findAll(context: PoolContext, key: Key): Promise<Found> {
  const { db, deployment } = context.store;
  const area = await requireArea(context, key.areaId);
  const interval = await requireInterval(context, key);
  const terms = termsAt(area, key.intervalId);
  // An interval's book is bounded by what the contract clears, so it is read as a whole.
  const book = await listBook(db, { ...key, limit: 2 * MAX_SIDE_ORDERS, offset: 0 });
  const { attempt } = interval;
  const rows = { ...(await findEvidence(db, key)), book, attempt, pricing: terms.pricing };
  const toBlock = rows.events.at(-1)?.block ?? 0;
  const memberships = await listMembershipEvents(db, toBlock);
  const { version, fromInterval } = terms;
  const evidence = assembleEvidence({
    market: deployment,
    key,
    terms: { version, fromInterval, terms },
    events: evidenceEvents(rows, key),
    memberships,
  });
  return { evidence, rows, interval };
}

function evidenceBody(found: Found, { store }: PoolContext): Body {
  const { evidence, rows } = found;
  const { areaId, intervalId, chainId, poolMarket, meterLedger, attempt, area } = evidence;
  return {
    areaId,
    intervalId,
    chainId,
    poolMarket,
    meterLedger,
    deployment: store.deployment,
    status: evidence.stage,
    attempt,
    parties: area.parties,
    waitingSeconds: area.waitingSeconds,
    termsVersion: area.termsVersion,
    terms: termsBody(area.terms),
    steps: stepBodies(evidence),
    book: bookBody(found),
    cleared: evidence.cleared && {
      ...evidence.cleared,
      localPriceMicroPerKwh: String(evidence.cleared.localPriceMicroPerKwh),
      clearedWh: String(evidence.cleared.clearedWh),
    },
    positions: positionBodies(found),
    readings: [...evidence.publications],
    openedReadings: openedBodies(found),
    pages: evidence.pages.map(pageBody),
    closing: evidence.closing && {
      page: evidence.closing.page,
      supplierMicro: String(evidence.closing.supplierMicro),
      remainderMicro: String(evidence.closing.remainderMicro),
    },
    returns: evidence.returns.map((page) => ({ ...page, releasedMicro: String(page.releasedMicro) })),
    abandoned: evidence.abandoned.map(({ heldMicro, releasedMicro, ...given }) => ({
      ...given,
      heldMicro: String(heldMicro),
      releasedMicro: String(releasedMicro),
    })),
    movements: rows.movements.map(
      ({ seat, account, kind, freeMicro, marginMicro, escrowMicro, transactionHash }) => ({
        member: memberOfSeat(seat),
        account,
        kind,
        freeMicro: String(freeMicro),
        marginMicro: String(marginMicro),
        escrowMicro: String(escrowMicro),
        transactionHash,
      }),
    ),
    transactions: evidence.transactions.map((transaction) => ({
      ...transaction,
      gasUsed: String(transaction.gasUsed),
    })),
  };
}

function termsBody(terms: AreaTerms): Body["terms"] {
  return {
    intervalSeconds: terms.intervalSeconds,
    gateClosureSeconds: terms.gateClosureSeconds,
    pricing: terms.pricing,
    floorMicroPerKwh: String(terms.floorMicroPerKwh),
    ceilingMicroPerKwh: String(terms.ceilingMicroPerKwh),
    upstreamPriceMicroPerKwh: String(terms.upstreamPriceMicroPerKwh),
    penaltyPermille: String(terms.penaltyPermille),
    surplusPriceMicroPerKwh: String(terms.surplusPriceMicroPerKwh),
    gridFeeMicroPerKwh: String(terms.gridFeeMicroPerKwh),
  };
}

function stepBodies({ steps }: ChainIntervalEvidence): Body["steps"] {
  return steps.map(
    ({ transactionHash, operator, outcome, bids, offers, isLast, standings, heldMicro }, step) => ({
      step,
      transactionHash,
      operator,
      outcome,
      bids: toHex(packOrders(bids)),
      offers: toHex(packOrders(offers)),
      isLast,
      signers: [...standings].map(([member, standing]) => ({ member, ...standing, formerSigners: [] })),
      heldMicro: String(heldMicro),
    }),
  );
}

/** What is under the book's root besides the submitted orders. */
function bookBody({ evidence, rows, interval }: Found): Body["book"] {
  const { bookRoot, isBookComplete } = interval;
  if (bookRoot === null) return null;
  const rest = rows.book.filter((order) => order.step === null).map(signedOrder);
  const members = [...new Set(rest.map(({ participant }) => participant))];
  return {
    root: bookRoot,
    isComplete: isBookComplete === true,
    bids: packSide(rest, "bid"),
    offers: packSide(rest, "offer"),
    signers: members.flatMap((member) => {
      const standing = evidence.standings.get(member);
      return standing ? [signerBody(member, standing)] : [];
    }),
  };
}

function signerBody(member: number, { formerSigners, ...standing }: StandingWithFormer) {
  return { member, ...standing, formerSigners: [...formerSigners] };
}

function positionBodies({ evidence, rows }: Found): Body["positions"] {
  if (evidence.cleared === null) return [];
  const own = rows.positions.filter(({ attempt }) => attempt === rows.attempt);
  return pagesOf(own).map((page) => ({
    page,
    words: wordsOf(rows, page).map((word) => toHex(wordOf(word))),
  }));
}

function openedBodies({ evidence, rows }: Found): Body["openedReadings"] {
  return rows.openedReadings.map((reading) => ({
    member: reading.member,
    meterId: reading.meterId,
    importWh: String(reading.importWh),
    exportWh: String(reading.exportWh),
    quality: reading.quality,
    version: reading.version,
    signature: reading.signature,
    deviceKey: evidence.devices.get(reading.member)?.deviceKey ?? null,
  }));
}

function pageBody({ shown, missing, taken, claims, gridFeeMicro, releasedMicro, ...page }: PageEvidence) {
  return {
    ...page,
    shown: shown && {
      lists: shown.lists.map(String),
      opened: shown.opened.map(String),
      leaves: shown.leaves,
      pages: [...shown.pages],
    },
    missing: String(missing),
    taken: String(taken),
    claims: claims.map(({ member, energyWh }) => ({ member, energyWh: String(energyWh) })),
    gridFeeMicro: String(gridFeeMicro),
    releasedMicro: String(releasedMicro),
  };
}

/** The orders of a side as the contract takes them, in merit order. */
function packSide(orders: readonly SignedOrder[], side: SignedOrder["side"]): Hex {
  return toHex(packOrders(orders.filter((order) => order.side === side)));
}
