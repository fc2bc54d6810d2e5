import { getRouteApi, Link } from "@tanstack/react-router";
import type { Participant } from "../api/names.ts";
import { useGet } from "../api/useGet.ts";
import { AccountLink } from "../parts/AccountLink.tsx";
import { Card } from "../parts/Card.tsx";
import { Facts } from "../parts/Facts.tsx";
import { Hash } from "../parts/Hash.tsx";
import { Loaded, Notice } from "../parts/States.tsx";
import { Time } from "../parts/Time.tsx";
import { useIdentity } from "../wallet/useIdentity.ts";
import { OrdersTable } from "./orders/OrdersTable.tsx";
import "./orders/orders.css";

const route = getRouteApi("/participants/$account");

/** What everybody may see of an account: who it is to the chain, and its orders. */
export function ParticipantPage() {
  const { account } = route.useParams();
  const query = useGet<Participant>(`/v1/participants/${encodeURIComponent(account)}`);
  const { session } = useIdentity();
  return (
    <div className="stack">
      <Loaded query={query} what="the participant">
        {(participant) => (
          <>
            <h1>{participant.name ?? `Account ${participant.account}`}</h1>
            {session?.account === participant.account ? <Own /> : null}
            <div className="columns columns-left columns-top" key={participant.account}>
              <Card title="Its orders, and what became of each">
                <OrdersTable account={participant.account} />
              </Card>
              <OnTheChain participant={participant} />
            </div>
          </>
        )}
      </Loaded>
    </div>
  );
}

function Own() {
  return (
    <Notice tone="good">
      <p>
        This is you. What you paid, earned, and why stands on <Link to="/me">My energy</Link>.
      </p>
    </Notice>
  );
}

function OnTheChain({ participant }: { participant: Participant }) {
  const { account, address, kycHash, isVerified, entity, areaId, meterId, registeredAt } = participant;
  return (
    <Card title="What the chain knows of it">
      <Facts
        facts={[
          { name: "Account", value: account },
          { name: "Address", value: <Hash value={address} /> },
          { name: "Membership", value: isVerified ? "registered, may trade" : "suspended" },
          { name: "Since", value: <Time at={registeredAt} /> },
          {
            name: "Signed for by",
            value: entity === null ? "itself" : <AccountLink account={entity} />,
          },
          { name: "Area", value: areaId === null ? "trades in none" : `area ${areaId}` },
          { name: "Metering point", value: meterId === null ? "none" : <Hash value={meterId} /> },
          { name: "Identity", value: <Hash value={kycHash} /> },
        ]}
      />
      <p className="quiet small">
        Metering point and identity are salted hashes: national number and name stay with the registrar.
      </p>
    </Card>
  );
}
