import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money, Price } from "../../app/parts/Amount.tsx";
import { type Fact, Facts } from "../../app/parts/Facts.tsx";
import { Notice } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import type { OpenInterval } from "./openIntervals.ts";
import { type PricedWish, shownWorstCase, worstCase } from "./worstCase.ts";

/** The margin that covers an order, and what of it does not count since it is to leave before delivery; micro. */
export type OrderMargin = { readonly countedMicro: bigint; readonly leavingMicro: bigint };

/** What one should know before signing: limits, gate closure, what it can bring and cost, and whether the margin covers it. */
export function BeforeSigning({
  wish,
  terms,
  isSupplied,
  interval,
  margin,
  openMicro,
  openCount,
}: {
  wish: PricedWish;
  terms: AreaTerms;
  /** Whether a supplier stands behind these terms. */
  isSupplied: boolean;
  interval: OpenInterval;
  margin: OrderMargin;
  /** What the own open orders can take of the margin at most. */
  openMicro: bigint;
  openCount: number;
}) {
  const { worstMicro } = worstCase(wish, terms);
  return (
    <>
      <p className="order-words">
        <OrderWords wish={wish} interval={interval} />
      </p>
      <Facts facts={factsOf(wish, terms, interval)} />
      <p className="small">
        <WorstWords wish={wish} terms={terms} isSupplied={isSupplied} />
      </p>
      <Cover
        neededMicro={worstMicro + openMicro}
        worstMicro={worstMicro}
        openMicro={openMicro}
        openCount={openCount}
        margin={margin}
      />
    </>
  );
}

function OrderWords({ wish, interval }: { wish: PricedWish; interval: OpenInterval }) {
  const formats = useFormats();
  const span = `${formats.day(interval.startsAt)}, ${formats.span(interval.startsAt, interval.endsAt)}`;
  const isBid = wish.side === "bid";
  return (
    <>
      You {isBid ? "buy" : "sell"} up to <Energy wh={wish.energyWh} form="fine" /> for <strong>{span}</strong>
      , at <Price micro={wish.limitPriceMicroPerKwh} /> or {isBid ? "less" : "more"}. Less of it may be
      filled, or nothing.
    </>
  );
}

function factsOf(wish: PricedWish, terms: AreaTerms, interval: OpenInterval): Fact[] {
  const exact = worstCase(wish, terms);
  const shown = shownWorstCase(exact);
  const { tradeMicro, worstMicro } = exact;
  const isBid = wish.side === "bid";
  const charge = (name: string, of: "gridFeeMicro" | "shortfallMicro"): Fact[] =>
    exact[of] === 0n ? [] : [{ name, value: <Money micro={exact[of]} shown={shown[of]} /> }];
  const received = tradeMicro < 0n;
  return [
    {
      name: "Price band",
      value: (
        <>
          <Price micro={terms.floorMicroPerKwh} /> to <Price micro={terms.ceilingMicroPerKwh} />
        </>
      ),
    },
    { name: "Gate closes", value: <Time at={interval.gateClosesAt} form="withZone" /> },
    {
      name: received ? "You receive, at least" : isBid ? "You pay for it, at most" : "You pay, at most",
      value: received ? (
        <Money micro={-tradeMicro} shown={-shown.tradeMicro} />
      ) : (
        <Money micro={tradeMicro} shown={shown.tradeMicro} />
      ),
    },
    ...charge("Grid fee on it", "gridFeeMicro"),
    ...charge("If you deliver nothing", "shortfallMicro"),
    {
      name: "In all, at worst",
      value: (
        <strong>
          you pay <Money micro={worstMicro} shown={shown.worstMicro} />
        </strong>
      ),
    },
  ];
}

function WorstWords({
  wish: { side },
  terms: { surplusPriceMicroPerKwh: surplus },
  isSupplied,
}: {
  wish: PricedWish;
  terms: AreaTerms;
  isSupplied: boolean;
}): ReactNode {
  if (side === "bid")
    return (
      <>
        At worst everything is filled at your limit, and you pay it whether you use it or not.{" "}
        {isSupplied || surplus < 0n ? (
          <>
            What you don’t use the supplier takes at <Price micro={surplus} />
            {surplus > 0n ? "; it earns nothing in an interval for which the supplier does not stand" : ""}.
          </>
        ) : (
          "No supplier stands behind this market: what you don’t use earns nothing."
        )}
      </>
    );
  return (
    <>
      At worst everything is sold at your limit and your meter delivers nothing: the supplier replaces it at
      your cost, and what you received stays yours. What you deliver is not charged.
    </>
  );
}

function Cover({
  neededMicro,
  worstMicro,
  openMicro,
  openCount,
  margin: { countedMicro, leavingMicro },
}: {
  neededMicro: bigint;
  worstMicro: bigint;
  openMicro: bigint;
  openCount: number;
  margin: OrderMargin;
}) {
  const besides =
    openCount === 0 ? null : (
      <>
        {", "}besides your {openCount === 1 ? "open order" : `${openCount} open orders`} (
        <Money micro={openMicro} /> at most)
      </>
    );
  if (countedMicro >= neededMicro)
    return (
      <Notice tone="good">
        <p>
          Your margin of <Money micro={countedMicro} /> covers it{besides}.
        </p>
      </Notice>
    );
  return (
    <Notice tone="watch">
      <p>
        Your margin of <Money micro={countedMicro} />{" "}
        {countedMicro < worstMicro ? "does not cover it" : "may not cover it"}
        {besides}.{" "}
        {leavingMicro === 0n ? null : (
          <>
            <Money micro={leavingMicro} /> more does not count: it is announced to leave before delivery.{" "}
          </>
        )}
        A clearing that can’t reserve the worst case goes on without your orders.{" "}
        <Link to="/me">Add margin</Link> first.
      </p>
    </Notice>
  );
}
