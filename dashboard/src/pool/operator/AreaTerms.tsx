import type { ReactNode } from "react";
import { durationText } from "#kernel/units/durations.ts";
import { startsAt } from "#kernel/units/interval.ts";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Loaded } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { type Area, type Terms, usePoolAreas } from "../areas.ts";
import { type Term, termsInWords } from "./termWords.tsx";
import "./areaTerms.css";

/** The rules of each market area in plain words, with what was announced for later. */
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
                  opened <Time at={area.openedAt} form="withZone" />{" "}
                  <Hash value={area.transactionHash} to="transaction" />
                </>
              }
            >
              {area.name ? <p>{area.name}</p> : null}
              <InForce area={area} />
              {announced(area).map((terms) => (
                <Announced key={terms.version} terms={terms} before={area.terms} />
              ))}
              <Parties area={area} />
            </Card>
          ))}
        </>
      )}
    </Loaded>
  );
}

/** Versions that do not hold yet. */
function announced({ terms, versions }: Area): Terms[] {
  return versions.filter(({ version }) => version > terms.version);
}

function InForce({ area }: { area: Area }) {
  const { terms } = area;
  return (
    <>
      <p>
        Version {terms.version}, in force from{" "}
        {terms.fromInterval === 0 ? "the beginning" : <Start terms={terms} />}. <Supply terms={terms} />
      </p>
      <p className="quiet small">
        Only the operator can announce other rules. They stand on the chain a week before the first interval
        that they hold for. Open a line to read what it means.
      </p>
      <TermList terms={termsInWords(terms)} />
    </>
  );
}

/** What a later version changes, and from when. */
function Announced({ terms, before }: { terms: Terms; before: Terms }) {
  const now = new Map(termsInWords(before).map(({ name, is }) => [name, is]));
  const changed = termsInWords(terms).filter(({ name, is }) => now.get(name) !== is);
  return (
    <section className="stack">
      <h3>
        Announced: version {terms.version}, from <Start terms={terms} />
      </h3>
      <p className="small">
        <Supply terms={terms} /> Announced <Time at={terms.announcedAt} form="withZone" />:{" "}
        <Hash value={terms.transactionHash} to="transaction" />
      </p>
      {changed.length === 0 ? <p>No rule is changed.</p> : <TermList terms={changed} />}
    </section>
  );
}

/** When the first interval starts that a version holds for. */
function Start({ terms: { fromInterval, intervalSeconds } }: { terms: Terms }) {
  return <Time at={startsAt(fromInterval, intervalSeconds)} form="withZone" />;
}

/** Whether a supplier stands for what is bought and not used, at a version of the rules. */
function Supply({ terms: { supply, intervalSeconds } }: { terms: Terms }) {
  if (supply === null)
    return "No supplier has accepted it: intervals are cleared, but what is bought and not used earns nothing.";
  if (supply.untilInterval === null) return "The supplier has accepted it.";
  return (
    <>
      The supplier stands for intervals that start before{" "}
      <Time at={startsAt(supply.untilInterval, intervalSeconds)} form="withZone" />; in later ones, what is
      bought and not used earns nothing.
    </>
  );
}

function TermList({ terms }: { terms: readonly Term[] }) {
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

type Party = { readonly name: string; readonly value: ReactNode; readonly meaning: string };

/** Who else has a part in the area. */
function Parties({ area }: { area: Area }) {
  return (
    <dl className="sums">
      {partiesOf(area).map(({ name, value, meaning }) => (
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

function partiesOf({ accounts, members, operator, gateway, waitingSeconds }: Area): Party[] {
  const party = (account: number, member: number) => (
    <span>
      <AccountLink account={account} /> <span className="quiet small">member {member}</span>
    </span>
  );
  return [
    {
      name: "Supplier",
      value: party(accounts.supplier, members.supplier),
      meaning: "sells what the market lacks, buys what it has left over",
    },
    { name: "Grid operator", value: party(accounts.dso, members.dso), meaning: "gets the grid fees" },
    {
      name: "Community fund",
      value: party(accounts.fund, members.fund),
      meaning: "gets what rounding leaves, less than a micro for each member and interval",
    },
    {
      name: "Operator",
      value: <Hash value={operator} />,
      meaning: "alone may submit clearings; the contract checks each",
    },
    {
      name: "Meter gateway",
      value: <Hash value={gateway} />,
      meaning: "alone publishes the readings of this area",
    },
    {
      name: "Waiting time",
      value: durationText(waitingSeconds),
      meaning: "a reading is waited for so long after its interval; then its member counts as zero",
    },
  ];
}
