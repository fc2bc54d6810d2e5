import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { durationText } from "#kernel/units/durations.ts";
import { Price } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { type Area, type Terms, usePoolAreas } from "./areas.ts";

/** "By which rules?": fees, factors, band, interval, gate and who operates, in words, for everybody. */
export function RulesPage() {
  const query = usePoolAreas();
  return (
    <div className="stack">
      <h1>The rules of the market</h1>
      <p>
        Neighbours sell each other electricity for short spans of time. These rules stand on the chain, where
        its contract keeps them; a change is announced before it holds. The figures come from there.
      </p>
      <Loaded query={query} what="the rules">
        {({ areas }) =>
          areas.length === 0 ? (
            <Empty>No market is held here yet.</Empty>
          ) : (
            areas.map((area) => <AreaRules key={area.areaId} area={area} />)
          )
        }
      </Loaded>
    </div>
  );
}

function AreaRules({ area }: { area: Area }) {
  const { terms, name, areaId, versions } = area;
  const next = versions.filter(({ version }) => version > terms.version);
  return (
    <Card title={name ?? `Area ${areaId}`} aside={`rules, version ${terms.version}`}>
      <When terms={terms} />
      <HowPriced terms={terms} />
      <WhatItCosts terms={terms} />
      <Deviations terms={terms} waitingSeconds={area.waitingSeconds} />
      <WhoActs area={area} />
      {next.length === 0 ? null : (
        <Rule title="What changes">
          A newer version of the rules is announced, from interval {next[0]?.fromInterval} on. The{" "}
          <Link to="/operator">operator’s page</Link> compares the two.
        </Rule>
      )}
    </Card>
  );
}

function Rule({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      <p>{children}</p>
    </section>
  );
}

function When({ terms }: { terms: Terms }) {
  return (
    <Rule title="When one trades">
      Energy is traded for intervals of {durationText(terms.intervalSeconds)}. Orders for an interval are
      taken until its gate closes, {durationText(terms.gateClosureSeconds)} before it begins, and at most
      seven days ahead. Then all of them are matched at once: who was quicker has no advantage. Nobody but the
      operator and its owner sees an order before its gate closes.
    </Rule>
  );
}

const PRICING: Readonly<Record<Terms["pricing"], string>> = {
  uniform:
    "All trades of an interval have one price: the middle between the last bid and the last offer that were filled.",
  marginal:
    "All trades of an interval have one price: the one nearest to the middle at which nobody who got less than it wanted would trade more.",
  midpoint: "Each trade has its own price, halfway between the limits of its buyer and its seller.",
};

function HowPriced({ terms }: { terms: Terms }) {
  return (
    <Rule title="How the price is made">
      {PRICING[terms.pricing]} The cheapest offers and the highest bids go first. Nobody pays more or gets
      less than the limit of its order. A limit lies between <Price micro={terms.floorMicroPerKwh} /> and{" "}
      <Price micro={terms.ceilingMicroPerKwh} />: about what the supplier pays for energy fed in, and what it
      charges. No order is above what the member’s connection carries.
    </Rule>
  );
}

function WhatItCosts({ terms }: { terms: Terms }) {
  return (
    <Rule title="What it costs besides">
      Who buys pays the grid operator <Price micro={terms.gridFeeMicroPerKwh} /> for energy that was bought
      and used. There is no other fee. The supplier’s tariff applies to all other energy, as it would without
      a market.
    </Rule>
  );
}

const PERMILLE = 1_000;

function Deviations({ terms, waitingSeconds }: { terms: Terms; waitingSeconds: number }) {
  const factor = Number(terms.penaltyPermille) / PERMILLE;
  return (
    <Rule title="What a deviation costs">
      Who sold more than it delivers pays for the rest the local price or the supplier’s price of{" "}
      <Price micro={terms.upstreamPriceMicroPerKwh} />, whichever is higher
      {factor === 1 ? "" : `, times ${factor}`}, and keeps what it was paid. Who bought more than it uses has
      paid for it, and gets <Price micro={terms.surplusPriceMicroPerKwh} /> from the supplier for the rest
      {terms.supply === null ? "; no supplier stands behind these rules now, so that it gets nothing" : ""}. A
      reading of the meter is waited for {durationText(waitingSeconds)}; without it, it counts as zero.
    </Rule>
  );
}

function WhoActs({ area }: { area: Area }) {
  const account = (number: number, name: string) => (
    <Link to="/participants/$account" params={{ account: String(number) }}>
      {name}
    </Link>
  );
  const { supplier, dso, fund } = area.accounts;
  return (
    <Rule title="Who operates it">
      The operator <Hash value={area.operator} /> takes the orders and clears them. It can’t set a price nor
      leave out an order that counts; the contract verifies each clearing. The meter gateway{" "}
      <Hash value={area.gateway} /> publishes the readings. {account(supplier, "The supplier")} replaces what
      is missing, {account(dso, "the grid operator")} gets the grid fee, and{" "}
      {account(fund, "the community fund")} what rounding leaves. Anybody can{" "}
      <Link to="/audit">check all of it</Link>.
    </Rule>
  );
}
