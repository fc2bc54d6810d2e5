import "./account.css";
import type { ReactNode } from "react";
import { MICRO_PER_CENT, roundParts, roundToNearest } from "#kernel/units/roundedParts.ts";
import { useGet } from "../app/api/useGet.ts";
import { capitalised } from "../app/format/sentences.ts";
import { type Market, useMarkets } from "../app/markets.ts";
import type { AccountCardProps } from "../app/pageDomain.ts";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Loaded } from "../app/parts/States.tsx";
import { MoneyForm } from "./MoneyForm.tsx";
import { type MarketMoney, marketMoney, memberText, tradingMembers } from "./members.ts";
import type { Participant } from "./names.ts";
import { SignerForm } from "./SignerForm.tsx";

/** One's account: where its money is and moving it, and who signs its orders. */
export function MyAccount({ account, owner }: AccountCardProps) {
  const markets = useMarkets();
  const query = useGet<Participant>(`/v1/participants/${account}`);
  return (
    <Card title="My account" aside={`account ${account}`}>
      <Loaded query={query} what="the account">
        {(participant) => (
          <>
            <Balances participant={participant} />
            <Margins participant={participant} markets={markets} />
            {owner && markets.length > 0 ? (
              <MoneyForm {...owner} markets={ownMarkets(participant, markets)} participant={participant} />
            ) : null}
            {owner && tradingMembers(participant).length > 0 ? (
              <SignerForm {...owner} participant={participant} />
            ) : null}
          </>
        )}
      </Loaded>
    </Card>
  );
}

/** The markets in which an account has money; all of them where it has none in any. */
function ownMarkets({ margins }: Participant, markets: readonly Market[]): readonly Market[] {
  const own = markets.filter(({ address }) => margins.some(({ market }) => market === address));
  return own.length > 0 ? own : markets;
}

/** What the money in markets is called, and what it is for. */
const IN_MARKETS: Record<MarketMoney, { readonly name: string; readonly note: string }> = {
  orders: { name: "Margin", note: "covers the orders you sign" },
  surpluses: { name: "Margin", note: "covers the surpluses you take; what settlements pay you comes to it" },
  income: { name: "Income in the market", note: "what settlements paid you" },
};

function Balances({ participant }: { participant: Participant }) {
  const meaning = marketMoney(participant);
  const reserved = { micro: participant.escrowMicro, note: "for trades that wait for their settlement" };
  const places = [
    { name: "Free", micro: participant.freeMicro, note: "yours to withdraw at any time" },
    { ...IN_MARKETS[meaning], micro: participant.marginMicro },
    ...(meaning === "income" ? [] : [{ name: "Reserved", ...reserved }]),
  ];
  return (
    <dl className="balances">
      {places.map(({ name, micro, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>
              <Money micro={micro} />
            </strong>
            <span className="quiet small">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

type Margin = Participant["margins"][number];

/** A margin's part of what the account has in all, written so that the parts add up to it. */
function partOf(
  margins: readonly Margin[],
  which: "marginMicro" | "escrowMicro",
  participant: Participant,
): (margin: Margin) => ReactNode {
  const total = roundToNearest(BigInt(participant[which]), MICRO_PER_CENT);
  const exact = margins.map((margin) => BigInt(margin[which]));
  const shown = roundParts(exact, { unit: MICRO_PER_CENT, total }).parts;
  return (margin) => <Money micro={margin[which]} shown={shown[margins.indexOf(margin)] ?? margin[which]} />;
}

/** Each metering point has margins of its own, one in each market; shown where there are several. */
function Margins({ participant, markets }: { participant: Participant; markets: readonly Market[] }) {
  const { margins } = participant;
  if (margins.length < 2) return null;
  const titleOf = (address: string) =>
    markets.find((market) => market.address === address)?.title ?? "market";
  const columns: Column<Margin>[] = [
    {
      head: "Metering point",
      cell: (margin) => (
        <>
          {capitalised(memberText(margin))}
          {markets.length > 1 ? `, ${titleOf(margin.market)}` : ""}
        </>
      ),
    },
    { head: "Margin", isNumber: true, cell: partOf(margins, "marginMicro", participant) },
    { head: "Reserved", isNumber: true, cell: partOf(margins, "escrowMicro", participant) },
  ];
  return (
    <DataTable
      caption="Margins by metering point"
      columns={columns}
      rows={margins}
      keyOf={(margin) => `${margin.market} ${memberText(margin)}`}
    />
  );
}
