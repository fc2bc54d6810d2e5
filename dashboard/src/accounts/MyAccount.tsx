import "./account.css";
import { useGet } from "../app/api/useGet.ts";
import { useMarkets } from "../app/markets.ts";
import type { AccountCardProps } from "../app/pageDomain.ts";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Loaded } from "../app/parts/States.tsx";
import { MoneyForm } from "./MoneyForm.tsx";
import type { Participant } from "./names.ts";

/** The money of one's account: where it is, and moving it. */
export function MyAccount({ account, owner }: AccountCardProps) {
  const markets = useMarkets();
  const query = useGet<Participant>(`/v1/participants/${account}`);
  return (
    <Card title="My account" aside={`account ${account}`}>
      <Loaded query={query} what="the account">
        {(participant) => (
          <>
            <Balances participant={participant} />
            {owner && markets.length > 0 ? (
              <MoneyForm {...owner} markets={markets} participant={participant} />
            ) : null}
          </>
        )}
      </Loaded>
    </Card>
  );
}

function Balances({ participant }: { participant: Participant }) {
  const places = [
    { name: "Free", micro: participant.freeMicro, note: "yours to withdraw at any time" },
    { name: "Margin", micro: participant.marginMicro, note: "covers the orders you sign" },
    { name: "Reserved", micro: participant.escrowMicro, note: "for trades that wait for their settlement" },
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
