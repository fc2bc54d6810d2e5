import { Link } from "@tanstack/react-router";
import { useAddress } from "../app/address.ts";
import { useGet } from "../app/api/useGet.ts";
import { AccountCards } from "../app/parts/AccountCards.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Facts } from "../app/parts/Facts.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Loaded, Notice } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { useIdentity } from "../app/wallet/useIdentity.ts";
import { AccountLink } from "./AccountLink.tsx";
import type { Participant } from "./names.ts";

/** What everybody may see of an account: who it is to the chain, and what each field shows of it. */
export function ParticipantPage() {
  const { account } = useAddress("account");
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
              <AccountCards account={participant.account} owner={null} place="main" />
              <div className="stack">
                <OnTheChain participant={participant} />
                <AccountCards account={participant.account} owner={null} place="side" />
              </div>
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
