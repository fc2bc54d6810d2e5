import { useMemo } from "react";
import type { z } from "zod";
import type { ordersWire } from "#domains/pool/wire.ts";
import { getJson } from "../../app/api/getJson.ts";
import { useAnswer } from "../../app/api/useAnswer.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import type { Interval } from "../interval.ts";
import type { CurveOrder } from "./meritCurves.ts";
import { PriceCurves } from "./PriceCurves.tsx";

/** Orders a page of the API, and pages of a picture: more steps than a person could tell apart. */
const PAGE_ORDERS = 500;
const MAX_PAGES = 4;

/** The price in one sentence, and the curves that made it. */
export function WhyThisPrice({ interval }: { interval: Interval }) {
  const orders = useBook(interval);
  return (
    <Loaded query={orders} what="the orders">
      {(book) =>
        book.length === 0 ? (
          <Empty>No order came for this interval, so there is no price.</Empty>
        ) : (
          <div className="stack">
            <Sentence interval={interval} book={book} />
            <PriceCurves
              orders={book}
              clearedWh={Number(interval.clearedWh)}
              priceMicroPerKwh={
                interval.price.energyMicroPerKwh === null ? null : Number(interval.price.energyMicroPerKwh)
              }
            />
            {interval.isBookComplete === false ? (
              <p className="quiet small">
                Only the orders that went to the chain are shown; the others are bound by the root of the
                book.
              </p>
            ) : null}
          </div>
        )
      }
    </Loaded>
  );
}

function useBook({ areaId, intervalId, status }: Interval) {
  return useAnswer({
    queryKey: ["book", areaId, intervalId, status],
    queryFn: async ({ signal }) => {
      const orders: z.infer<typeof ordersWire>["orders"] = [];
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const path = `/v1/intervals/${areaId}/${intervalId}/orders?limit=${PAGE_ORDERS}&offset=${page * PAGE_ORDERS}`;
        const body = await getJson<z.infer<typeof ordersWire>>(path, signal);
        orders.push(...body.orders);
        if (body.orders.length < PAGE_ORDERS) break;
      }
      return orders.map(readOrder);
    },
  });
}

function readOrder(order: z.infer<typeof ordersWire>["orders"][number]): CurveOrder {
  return {
    orderId: order.orderId,
    account: order.account,
    side: order.side,
    limitPriceMicroPerKwh: Number(order.limitPriceMicroPerKwh),
    energyWh: Number(order.energyWh),
    fillWh: order.fillWh === null ? null : Number(order.fillWh),
    sequence: order.sequence,
  };
}

/** Why the price is what it is: the last bid and the last offer that were filled, and the middle of their limits. */
function Sentence({ interval, book }: { interval: Interval; book: readonly CurveOrder[] }) {
  const formats = useFormats();
  const margin = useMemo(() => marginOf(book), [book]);
  const { price, clearedWh, pricing } = interval;
  if (price.energyMicroPerKwh === null || margin === null) return <p>{whyNothing(book)}</p>;
  const [bid, offer] = [formats.price(margin.bid), formats.price(margin.offer)];
  const local = formats.price(price.energyMicroPerKwh);
  return (
    <p>
      Demand and supply met at {formats.energy(clearedWh)}. The last bid that was filled would have paid {bid}
      , the last offer asked {offer}
      {pricing === "marginal"
        ? `; the price for everybody is ${local}, the nearest to the middle of both at which nobody who got less than it wanted would trade more.`
        : pricing === "midpoint"
          ? `. Each pair trades at the middle of its two limits; that of the last pair is ${local}.`
          : `; the middle of both, ${local}, is the price for everybody.`}
    </p>
  );
}

function whyNothing(book: readonly CurveOrder[]): string {
  if (!book.some(({ side }) => side === "offer"))
    return "Nobody offered energy: all orders were bids, so nothing was traded.";
  if (!book.some(({ side }) => side === "bid"))
    return "Nobody wanted energy: all orders were offers, so nothing was traded.";
  return "No bid reached an offer: the dearest bid stayed below the cheapest offer, so nothing was traded.";
}

function marginOf(book: readonly CurveOrder[]): { bid: number; offer: number } | null {
  const filled = book.filter(({ fillWh }) => (fillWh ?? 0) > 0);
  const limits = (side: CurveOrder["side"]) =>
    filled.filter((order) => order.side === side).map((order) => order.limitPriceMicroPerKwh);
  const [bids, offers] = [limits("bid"), limits("offer")];
  if (bids.length === 0 || offers.length === 0) return null;
  return { bid: Math.min(...bids), offer: Math.max(...offers) };
}
