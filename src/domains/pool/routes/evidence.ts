import type { z } from "zod";
import { explainEscrow } from "#domains/pool/escrowMovements.ts";
import type { PoolEvent } from "#domains/pool/events.ts";
import { findEvidence } from "#domains/pool/queries/evidence.ts";
import type { IntervalView } from "#domains/pool/queries/intervals.ts";
import { listBook, type OrderView } from "#domains/pool/queries/orders.ts";
import { positionWord } from "#domains/pool/rules/positionWord.ts";
import { packOrders } from "#domains/pool/rules/signedOrder.ts";
import { evidenceWire } from "#domains/pool/wireEvidence.ts";
import { MAX_SIDE_ORDERS } from "#kernel/auction/book.ts";
import type { Side } from "#kernel/auction/order.ts";
import { fromHex, type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { orNull } from "#platform/api/decimalText.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { intervalParams } from "#platform/api/wire.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { EventView } from "#platform/store/queries/events.ts";
import { requireArea, termsBody } from "./areas.ts";
import { type EvidencedRegistry, readRegistry } from "./evidenceRegistry.ts";
import { requireInterval } from "./intervals.ts";
import type { PoolContext } from "./poolContext.ts";

type Body = z.infer<typeof evidenceWire>;
type Rows = Awaited<ReturnType<typeof findEvidence>>;

/** What an interval's body is made of. */
type Found = {
  readonly interval: IntervalView;
  readonly rows: Rows;
  readonly book: readonly OrderView[];
  readonly registry: EvidencedRegistry;
  readonly escrow: EscrowReader;
};

/** All that a browser needs to check an interval itself: nobody has to trust the operator (R6.3). */
export function addEvidence(app: Api, context: PoolContext): void {
  const summary = "Everything that proves an interval";
  app.get(
    "/v1/intervals/:areaId/:intervalId/evidence",
    {
      schema: { params: intervalParams, ...describeRoute("intervals", summary, { body: evidenceWire }) },
    },
    async ({ params }) => evidenceBody(context, params),
  );
}

async function evidenceBody(
  context: PoolContext,
  key: { areaId: number; intervalId: number },
): Promise<Body> {
  const { db, deployment } = context.store;
  const area = await requireArea(context, key.areaId);
  const interval = await requireInterval(context, key);
  const rows = await findEvidence(db, key);
  // An interval's book is bounded by what the contract clears, so it is read as a whole.
  const book = await listBook(db, { ...key, limit: 2 * MAX_SIDE_ORDERS, offset: 0 });
  const registry = await readRegistry(db, key, rows.events);
  const found: Found = {
    interval,
    rows,
    book,
    registry,
    escrow: readEscrow(rows, addressOf(deployment, "poolMarket")),
  };
  const { chainId } = deployment;
  const poolMarket = addressOf(deployment, "poolMarket");
  const meterLedger = addressOf(deployment, "meterLedger");
  const { supplier, dso, fund } = area;
  return {
    ...key,
    chainId,
    poolMarket,
    meterLedger,
    deployment,
    status: interval.stage,
    operator: area.operator,
    accounts: { supplier, dso, fund },
    terms: termsBody(area),
    steps: stepBodies(found),
    book: bookBody(found),
    cleared: clearedBody(interval),
    readings: publicationBody(interval),
    openedReadings: openedBodies(found),
    pages: pageBodies(found),
    closing: closingBody(found),
    returns: returnBodies(found),
    movements: rows.movements.map(
      ({ account, kind, freeMicro, marginMicro, escrowMicro, transactionHash }) => ({
        account,
        kind,
        freeMicro: String(freeMicro),
        marginMicro: String(marginMicro),
        escrowMicro: String(escrowMicro),
        transactionHash,
      }),
    ),
    transactions: rows.transactions.map(({ hash, gasUsed, ...transaction }) => ({
      ...transaction,
      transactionHash: hash,
      gasUsed: String(gasUsed),
    })),
  };
}

function stepBodies({ rows, book, registry, escrow }: Found): Body["steps"] {
  const purposes = new Map(rows.transactions.map(({ hash, purpose }) => [hash, purpose]));
  return rows.steps.map(({ step, transactionHash, outcome, isLast }) => {
    const ofStep = book.filter((order) => order.step === step);
    return {
      step,
      transactionHash,
      pricing: purposes.get(transactionHash) === "clearMidpoint" ? "midpoint" : "uniform",
      outcome: JSON.parse(outcome) as Body["steps"][number]["outcome"],
      bids: packSide(ofStep, "bid"),
      offers: packSide(ofStep, "offer"),
      isLast,
      positions: rows.positions
        .filter((position) => position.step === step)
        .map((position) => toHex(wordOf(positionWord(position)))),
      signers: registry.signersAt(transactionHash, accountsOf(ofStep)),
      heldMicro: escrow(transactionHash, ["stepVerified", "intervalCleared"]),
    };
  });
}

/** What is under the book's root besides the submitted orders. */
function bookBody({ interval, rows, book, registry }: Found): Body["book"] {
  const { bookRoot, isBookComplete } = interval;
  if (bookRoot === null) return null;
  const rest = book.filter((order) => order.step === null);
  const cleared = rows.steps.at(-1)?.transactionHash;
  return {
    root: bookRoot,
    isComplete: isBookComplete === true,
    bids: packSide(rest, "bid"),
    offers: packSide(rest, "offer"),
    signers: cleared === undefined ? [] : registry.signersAt(cleared, accountsOf(rest)),
  };
}

function clearedBody({ pricing, localPriceMicroPerKwh, clearedWh, bookRoot }: IntervalView): Body["cleared"] {
  if (pricing === null || bookRoot === null) return null;
  return {
    pricing,
    localPriceMicroPerKwh: String(localPriceMicroPerKwh ?? 0n),
    clearedWh: String(clearedWh),
    bookRoot,
  };
}

function publicationBody({
  readingsRoot: root,
  readingsVersion: version,
  readingsMeters: meters,
}: IntervalView): Body["readings"] {
  return root !== null && version !== null && meters !== null ? { root, version, meters } : null;
}

function openedBodies({ rows, registry }: Found): Body["openedReadings"] {
  return rows.openedReadings.map((reading) => ({
    account: reading.account,
    meterId: reading.meterId,
    importWh: String(reading.importWh),
    exportWh: String(reading.exportWh),
    quality: reading.quality,
    version: reading.version,
    signature: reading.signature,
    deviceKey: reading.meterId === null ? null : registry.deviceKeyOf(reading.meterId as Hex),
  }));
}

function pageBodies({ rows, escrow }: Found): Body["pages"] {
  return rows.pages.map(({ page, transactionHash, timestamp, gridFeeMicro, readings }) => ({
    page,
    transactionHash,
    timestamp,
    gridFeeMicro: String(gridFeeMicro),
    shown: JSON.parse(readings) as Body["pages"][number]["shown"],
    releasedMicro: escrow(transactionHash, ["pageSettled"]),
  }));
}

function closingBody({ interval, rows, escrow }: Found): Body["closing"] {
  const { supplierMicro, remainderMicro } = interval;
  if (supplierMicro === null || remainderMicro === null) return null;
  const [closed] = ownEvents(rows, interval, "intervalSettled");
  return {
    supplierMicro: String(supplierMicro),
    remainderMicro: String(remainderMicro),
    releasedMicro: closed ? escrow(closed.transactionHash, ["intervalSettled"]) : null,
  };
}

function returnBodies({ interval, rows, escrow }: Found): Body["returns"] {
  return ownEvents(rows, interval, "pageVoided").map(({ transactionHash, timestamp, facts }) => ({
    page: (JSON.parse(facts) as { page: number }).page,
    transactionHash,
    timestamp,
    releasedMicro: escrow(transactionHash, ["pageVoided"]),
  }));
}

/** The events of an interval of one kind; others stand in its blocks as well. */
function ownEvents(
  { events }: Rows,
  { areaId, intervalId }: IntervalView,
  kind: PoolEvent["kind"],
): readonly EventView[] {
  return events.filter(
    (event) => event.kind === kind && event.intervalId === intervalId && event.areaId === areaId,
  );
}

/** What an event of a transaction, one of the kinds, moved in or out of escrow; null when it is not known. */
type EscrowReader = (transactionHash: string, kinds: readonly PoolEvent["kind"][]) => string | null;

function readEscrow({ events }: Rows, poolMarket: Hex): EscrowReader {
  const list = events.map((row) => ({
    ...escrowOf(row),
    kind: row.kind,
    transactionHash: row.transactionHash as Hex,
  }));
  const explained = explainEscrow(list, poolMarket);
  return (transactionHash, kinds) => {
    const event = list.find(
      (row) => row.transactionHash === transactionHash && (kinds as readonly string[]).includes(row.kind),
    );
    return orNull(event ? (explained.get(event) ?? null) : null);
  };
}

function escrowOf({ kind, facts }: EventView): { market?: Hex; amountMicro?: bigint } {
  if (kind !== "held" && kind !== "released") return {};
  const { market, amountMicro } = JSON.parse(facts) as { market: Hex; amountMicro: string };
  return { market, amountMicro: BigInt(amountMicro) };
}

function accountsOf(orders: readonly OrderView[]): readonly number[] {
  return [...new Set(orders.map(({ account }) => account))];
}

/** The orders of a side as the contract takes them, in merit order. */
function packSide(orders: readonly OrderView[], side: Side): Hex {
  return toHex(
    packOrders(
      orders
        .filter((order) => order.side === side)
        .map((order) => ({
          participant: order.account,
          side,
          energyWh: order.energyWh,
          limitPriceMicroPerKwh: order.limitPriceMicroPerKwh,
          sequence: order.sequence,
          signature: fromHex(order.signature as Hex),
        })),
    ),
  );
}
