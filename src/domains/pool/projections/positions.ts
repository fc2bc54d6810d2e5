import { and, asc, between, eq } from "drizzle-orm";
import { PAGE_ACCOUNTS } from "#domains/metering/rules/readingTree.ts";
import { settlementPrices } from "#domains/pool/rules/area.ts";
import { mergePositions } from "#domains/pool/rules/mergePositions.ts";
import { type AccountPosition, openPositionWord } from "#domains/pool/rules/positionWord.ts";
import { reserveMicro } from "#domains/pool/rules/settlement.ts";
import { positions } from "#domains/pool/tables.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { type AreaRow, termsOf } from "./areas.ts";
import type { IntervalKey, IntervalRow } from "./intervals.ts";
import { movePoolMoney } from "./movePoolMoney.ts";
import type { PoolProjection } from "./poolProjection.ts";

/** All that an account holds of an interval, and what was reserved for it. */
export type Holding = AccountPosition & { readonly reserveMicro: bigint };

/**
 * Writes the positions of a clearing, one list a step, and books their reserves out of the accounts' margins. Gives what
 * each account holds.
 */
export async function insertPositions(
  projection: PoolProjection<"intervalCleared"> | PoolProjection<"pageSettled">,
  {
    area,
    localPrice,
    steps,
  }: {
    area: AreaRow;
    localPrice: number;
    steps: readonly (readonly AccountPosition[])[];
  },
): Promise<Holding[]> {
  const prices = settlementPrices(termsOf(area), BigInt(localPrice));
  const { tx, event } = projection;
  const { areaId, intervalId } = event;
  const rows = steps.flatMap((list, step) =>
    list.map((position) => ({
      areaId,
      intervalId,
      step,
      ...position,
      reserveMicro: reserveMicro(position, prices),
    })),
  );
  await insertAll(tx, positions, rows);
  const holdings = mergeHoldings(rows);
  await movePoolMoney(
    projection,
    holdings.map(({ account, reserveMicro: reserve }) => ({
      account,
      kind: "reserved",
      margin: -reserve,
      escrow: reserve,
    })),
  );
  return holdings;
}

/** Holdings of the accounts of a page, by rising account; of all pages without one. */
export async function holdingsOf(
  tx: Queryable,
  { areaId, intervalId }: IntervalKey,
  page?: number,
): Promise<Holding[]> {
  const first = (page ?? 0) * PAGE_ACCOUNTS;
  const last = page === undefined ? LAST_ACCOUNT : first + PAGE_ACCOUNTS - 1;
  const rows = await tx
    .select()
    .from(positions)
    .where(
      and(
        eq(positions.areaId, areaId),
        eq(positions.intervalId, intervalId),
        between(positions.account, first, last),
      ),
    )
    .orderBy(asc(positions.account), asc(positions.step));
  return mergeHoldings(rows);
}

/**
 * The holdings of a page that is being settled. Where the book was submitted through another contract, they are not
 * known until now and are taken from what the settlement shows, which the contract checked.
 */
export async function settledHoldings(
  projection: PoolProjection<"pageSettled">,
  { area, interval }: { area: AreaRow; interval: IntervalRow },
): Promise<Holding[]> {
  const { tx, event } = projection;
  const known = await holdingsOf(tx, event, event.page);
  if (known.length > 0 || event.submission === null) return known;
  const steps = event.submission.positions.map((words) => words.map(openPositionWord));
  const localPrice = Number(interval.localPriceMicroPerKwh ?? 0n);
  return insertPositions(projection, { area, localPrice, steps });
}

/** Largest account number: 24 bits. */
const LAST_ACCOUNT = 2 ** 24 - 1;

function mergeHoldings(rows: readonly Holding[]): Holding[] {
  const reserves = new Map<number, bigint>();
  for (const { account, reserveMicro: reserve } of rows)
    reserves.set(account, (reserves.get(account) ?? 0n) + reserve);
  return [...mergePositions([rows]).values()].map((position) => ({
    account: position.account,
    boughtWh: position.boughtWh,
    soldWh: position.soldWh,
    exactPayment: position.exactPayment,
    reserveMicro: reserves.get(position.account) ?? 0n,
  }));
}
