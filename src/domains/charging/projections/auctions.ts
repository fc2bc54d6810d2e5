import { and, eq } from "drizzle-orm";
import { accountsOfMembers } from "#domains/accounts/queries/seats.ts";
import { writeCharges } from "#domains/billing/projections/charges.ts";
import { QUOTA } from "#domains/charging/rules/chargingCharges.ts";
import { planQuotaClearing } from "#domains/charging/rules/quotaClearingPlan.ts";
import { quotaOrderDigest, quotaSeparator } from "#domains/charging/rules/signedQuotaOrder.ts";
import { quotaOrders, quotaTerms, quotaTrades } from "#domains/charging/tables.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import { insertAll } from "#platform/store/insertAll.ts";
import {
  type ChargingProjection,
  changePeriod,
  changeStation,
  type PeriodRow,
  periodOf,
  stationOf,
} from "./chargingProjection.ts";
import { moveQuotaMoney } from "./moveQuotaMoney.ts";

/** A station bought quota, paid of its deposit, or sold some, paid into its margin: both in one step (E9.7). */
export async function projectTraded(projection: ChargingProjection<"quotaTraded">): Promise<void> {
  const { tx, event } = projection;
  const { member, quotaW, paymentMicro } = event;
  const here = await periodOf(tx, event);
  const station = await stationOf(tx, here, event);
  await changeStation(tx, station, { tradedW: quotaW, quotaMicro: paymentMicro });
  await writeCharges(tx, here, {
    domain: "charging",
    members: [member],
    charges: [{ kind: QUOTA, energyWh: null, amountMicro: paymentMicro, member, account: station.account }],
  });
  const isBuyer = quotaW > 0;
  await moveQuotaMoney(projection, here, [
    { member, kind: "quotaPaid", [isBuyer ? "escrow" : "margin"]: -paymentMicro },
  ]);
}

/** The auction is cleared: its price, what rounding left, and the orders and trades, where they reached the market directly. */
export async function projectCleared(projection: ChargingProjection<"quotasCleared">): Promise<void> {
  const { tx, event } = projection;
  const here = await periodOf(tx, event);
  const { localPriceMicroPerKw, clearedW, remainderMicro, bookRoot } = event;
  const counts = event.submission === null ? null : await writeBook(projection, here);
  await changePeriod(tx, event, {
    stage: "cleared",
    ...{ localPriceMicroPerKw, clearedW, remainderMicro, bookRoot, ...counts },
    isBookKnown: counts !== null,
    clearedAt: event.timestamp,
    clearedIn: event.transactionHash,
  });
  await moveQuotaMoney(projection, here, [
    { member: here.fund, kind: "remainderBooked", margin: remainderMicro },
  ]);
}

/** Orders in merit order with their fills, and who traded with whom, by the rule that the contract verified. */
async function writeBook(
  { tx, event, deployment }: ChargingProjection<"quotasCleared">,
  { areaId, period, intervalId, termsVersion }: PeriodRow,
): Promise<{ orders: number; trades: number }> {
  const { bids = [], offers = [] } = event.submission ?? {};
  const [terms] = await tx
    .select({ pricing: quotaTerms.pricing })
    .from(quotaTerms)
    .where(and(eq(quotaTerms.areaId, areaId), eq(quotaTerms.version, termsVersion)));
  const { pricing } = present(terms, "the terms of a cleared period");
  const separator = quotaSeparator(deployment.chainId, addressOf(deployment, "quotaMarket"));
  const context = { separator, areaId, period };
  const { book, auction } = planQuotaClearing([...bids, ...offers], pricing, context);
  const accounts = await accountsOfMembers(tx, areaId);
  const rows = ([book.bids, book.offers] as const).flatMap((orders) =>
    orders.map((order, place) => {
      const { side, participant: member, limitPriceMicroPerThousand, quantity, sequence, signature } = order;
      const { bidFills, offerFills } = auction.clearing;
      return {
        orderId: toHex(quotaOrderDigest(order, context)),
        ...{ areaId, intervalId, period, side, place, member, sequence },
        account: present(accounts.get(member), `the account of member ${member}`),
        limitPriceMicroPerKw: limitPriceMicroPerThousand,
        quotaW: quantity,
        signature: toHex(signature),
        filledW: (side === "bid" ? bidFills : offerFills)[place] ?? 0,
      };
    }),
  );
  await insertAll(tx, quotaOrders, rows);
  const trades = auction.trades.map((trade, number) => ({ areaId, intervalId, period, number, ...trade }));
  await insertAll(tx, quotaTrades, trades);
  return { orders: rows.length, trades: trades.length };
}
