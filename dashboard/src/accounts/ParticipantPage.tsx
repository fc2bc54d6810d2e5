import { Link } from "@tanstack/react-router";
import { useAddress } from "../app/address.ts";
import { whenTold } from "../app/api/answer.ts";
import { useMarketClock } from "../app/api/marketClock.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { capitalised } from "../app/format/sentences.ts";
import { AccountCards } from "../app/parts/AccountCards.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Facts } from "../app/parts/Facts.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Empty, Loaded, Notice } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { useIdentity } from "../app/wallet/useIdentity.ts";
import { AccountLink } from "./AccountLink.tsx";
import { isRetired, type Member, memberText } from "./members.ts";
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
  const { account, owner, kycHash, isVerified, isEntity, registeredAt, members } = participant;
  return (
    <Card title="What the chain knows of it">
      <Facts
        facts={[
          { name: "Account", value: account },
          { name: "Owner", value: <Hash value={owner} /> },
          { name: "Membership", value: isVerified ? "registered, may trade" : "suspended" },
          { name: "Since", value: <Time at={registeredAt} /> },
          { name: "Orders signed by", value: <Signer participant={participant} /> },
          ...(isEntity ? [{ name: "Signs for others", value: "yes" }] : []),
          { name: "Identity", value: <Hash value={kycHash} /> },
        ]}
      />
      {members.length === 0 ? (
        <Empty>It is a member of no area. It can hold money, but trades no energy.</Empty>
      ) : (
        <DataTable
          caption="Members of areas"
          columns={MEMBER_COLUMNS}
          rows={members}
          keyOf={(member) => memberText(member)}
        />
      )}
      <p className="quiet small">
        Metering points and identity are salted hashes: national number and name stay with the registrar.
      </p>
    </Card>
  );
}

const MEMBER_COLUMNS: readonly Column<Member>[] = [
  { head: "Member", cell: (member) => <span className="wrapping">{capitalised(memberText(member))}</span> },
  {
    head: "Metering point",
    cell: ({ meterId }) =>
      meterId === null ? <span className="quiet">none</span> : <Hash value={meterId} />,
  },
  { head: "Connection", isNumber: true, cell: (member) => <Connection member={member} /> },
];

function Connection({ member }: { member: Member }) {
  const { capacity } = useFormats();
  if (member.meterId === null) return <span className="quiet">–</span>;
  return isRetired(member) ? "retired" : capacity(member.capacityW);
}

/** What was announced last, and from which gate it counts where that is to come. */
function Signer({ participant: { agent, agentFrom, entity, entityFrom } }: { participant: Participant }) {
  const clock = useMarketClock();
  const from = Math.max(agentFrom ?? 0, entityFrom ?? 0);
  const own = agent === null ? "its owner" : <Hash value={agent} />;
  return (
    <>
      {entity === null ? own : <AccountLink account={entity} />}
      {whenTold(clock, ({ now }) => now < from, false) ? (
        <>
          <br />
          <span className="quiet small">
            for gates that close from <Time at={from} form="withZone" />
          </span>
        </>
      ) : null}
    </>
  );
}
