import type { ReactNode } from "react";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { durationText } from "../../app/format/durations.ts";
import { Price } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Loaded } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { type Area, usePoolAreas } from "../areas.ts";
import "./areaTerms.css";

type Term = { readonly name: string; readonly value: ReactNode; readonly meaning: string };

const PERMILLE = 1_000;

/** The rules of each market area in plain words. */
export function AreaTerms() {
  const query = usePoolAreas();
  return (
    <Loaded query={query} what="the market areas">
      {({ areas }) => (
        <>
          {areas.map((area) => (
            <Card
              key={area.areaId}
              title={`Rules of market area ${area.areaId}`}
              aside={
                <>
                  created <Time at={area.createdAt} form="withZone" />{" "}
                  <Hash value={area.transactionHash} to="transaction" />
                </>
              }
            >
              {area.name ? <p>{area.name}</p> : null}
              <p className="quiet small">
                Fixed on the chain when the area was created; nobody can change them, the operator neither.
                Other rules need a new area. Open a line to read what it means.
              </p>
              <TermList area={area} />
              <Parties area={area} />
            </Card>
          ))}
        </>
      )}
    </Loaded>
  );
}

function TermList({ area }: { area: Area }) {
  const terms = [...marketTerms(area), ...settlementTerms(area)];
  return (
    <ul className="terms">
      {terms.map(({ name, value, meaning }) => (
        <li key={name}>
          <details>
            <summary title={meaning}>
              <span className="quiet">{name}</span>
              <strong>{value}</strong>
            </summary>
            <p className="small">{meaning}</p>
          </details>
        </li>
      ))}
    </ul>
  );
}

function marketTerms({ terms }: Area): Term[] {
  return [
    {
      name: "Delivery interval",
      value: durationText(terms.intervalSeconds),
      meaning: "Energy is traded, metered and settled for spans of this length.",
    },
    {
      name: "Gate closure",
      value: `${durationText(terms.gateClosureSeconds)} before delivery`,
      meaning: "Until then orders for an interval are taken; then its book is cleared.",
    },
    {
      name: "Pricing",
      value: terms.pricing === "uniform" ? "one price for all" : "middle of each pair",
      meaning:
        terms.pricing === "uniform"
          ? "All trades of an interval have one price, where supply meets demand."
          : "Each trade has the price halfway between the two limits of its buyer and seller.",
    },
    priceTerm(
      "Lowest price",
      terms.floorMicroPerKwh,
      "No order may ask or bid less. It is meant to be what the supplier pays for energy fed in.",
    ),
    priceTerm(
      "Highest price",
      terms.ceilingMicroPerKwh,
      "No order may ask or bid more. It is meant to be what the supplier charges for energy.",
    ),
  ];
}

function settlementTerms({ terms }: Area): Term[] {
  return [
    priceTerm(
      "Supplier’s price",
      terms.upstreamPriceMicroPerKwh,
      "At least this is paid for energy from the supplier that replaces what a seller did not deliver.",
    ),
    {
      name: "Factor on a shortfall",
      value: `× ${Number(terms.penaltyPermille) / PERMILLE}`,
      meaning:
        "A seller pays for what it did not deliver: this factor times the local price or the supplier’s, whichever is higher.",
    },
    priceTerm(
      "Price of unused energy",
      terms.surplusPriceMicroPerKwh,
      "What a buyer gets from the supplier for energy that it bought and did not use.",
    ),
    priceTerm(
      "Grid fee",
      terms.gridFeeMicroPerKwh,
      "Paid to the grid operator for each kWh that was traded and delivered.",
    ),
  ];
}

function priceTerm(name: string, microPerKwh: string, meaning: string): Term {
  return { name, value: <Price micro={microPerKwh} />, meaning };
}

/** Who else has a part in the area. */
function Parties({ area: { accounts, operator } }: { area: Area }) {
  const parties: readonly Term[] = [
    {
      name: "Supplier",
      value: <AccountLink account={accounts.supplier} />,
      meaning: "sells what the market lacks, buys what it has left over",
    },
    { name: "Grid operator", value: <AccountLink account={accounts.dso} />, meaning: "gets the grid fees" },
    {
      name: "Community fund",
      value: <AccountLink account={accounts.fund} />,
      meaning: "gets what rounding leaves, less than a micro for each account and interval",
    },
    {
      name: "Operator",
      value: <Hash value={operator} />,
      meaning: "alone may submit clearings; the contract checks each",
    },
  ];
  return (
    <dl className="sums">
      {parties.map(({ name, value, meaning }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value}
            <span className="quiet small">{meaning}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
