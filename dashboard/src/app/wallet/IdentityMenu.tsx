import { useEffect, useId, useRef, useState } from "react";
import type { Session, SessionState } from "../api/session.ts";
import { Hash } from "../parts/Hash.tsx";
import { Icon } from "../parts/Icon.tsx";
import { RoleChoice, rolesInOrder } from "./RoleChoice.tsx";
import { type Identity, useIdentity } from "./useIdentity.ts";
import { WalletChoice } from "./WalletChoice.tsx";
import "./wallet.css";

/** Who is signed in, at the end of the header; its menu signs in and out, and in a demonstration changes the role. */
export function IdentityMenu() {
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const identity = useIdentity();
  const { state, session, isChanging } = identity;
  const address = session?.address ?? null;
  const shownTo = useRef(address);
  useEffect(() => {
    // A user who has just taken another identity is done here.
    if (shownTo.current !== address) panel.current?.hidePopover();
    shownTo.current = address;
  }, [address]);
  if (state === undefined) return null;
  return (
    <div className="identity">
      <button type="button" className="button identity-button" popoverTarget={id}>
        <Icon name="home" size={18} />
        <span>{isChanging ? "One moment…" : labelOf(session)}</span>
      </button>
      <div
        ref={panel}
        id={id}
        popover="auto"
        className="identity-panel"
        role="dialog"
        aria-label="Who you are"
        onToggle={({ newState }) => setOpen(newState === "open")}
      >
        {isOpen ? <Panel identity={identity} state={state} /> : null}
      </div>
    </div>
  );
}

/** The wallet's library is fetched when the menu is opened. */
function Panel({ identity, state }: { identity: Identity; state: SessionState }) {
  const { session, isChanging, failure, signIn } = identity;
  return (
    <>
      {session ? <Who identity={identity} session={session} /> : <p>Nobody is signed in.</p>}
      {failure ? (
        <p className="notice notice-act" role="alert">
          {failure}
        </p>
      ) : null}
      <Roles identity={identity} />
      <section className="identity-group" aria-label="Your own wallet">
        <p className="identity-title">
          {state.demonstration ? "Or your own wallet" : "Sign in with your wallet"}
        </p>
        <WalletChoice state={state} isBusy={isChanging} onChoose={(uid) => signIn({ kind: "wallet", uid })} />
      </section>
    </>
  );
}

const ROLE_NAMES: Record<Session["roles"][number], string> = {
  participant: "participant",
  operator: "operator",
  gridOperator: "grid operator",
};

function Who({ identity, session }: { identity: Identity; session: Session }) {
  const { account, address, roles } = session;
  return (
    <section className="identity-group" aria-label="Signed in">
      <p>
        <strong>{labelOf(session)}</strong>
        <br />
        <span className="quiet small">
          {account === null ? "no account in the market" : `account ${account}`}
          {roles.map((role) => `, ${ROLE_NAMES[role]}`)}
        </span>
      </p>
      <p className="small">
        Address <Hash value={address} />
      </p>
      <button type="button" className="button" disabled={identity.isChanging} onClick={identity.signOut}>
        Sign out
      </button>
    </section>
  );
}

function Roles({ identity }: { identity: Identity }) {
  const { state, session, isChanging, signIn } = identity;
  if (!state?.demonstration) return null;
  const { sentence, roles } = state.demonstration;
  return (
    <section className="identity-group" aria-label="Roles of the demonstration">
      <p className="identity-title">Look through the eyes of …</p>
      <p className="quiet small">{sentence}</p>
      <RoleChoice
        roles={rolesInOrder(roles)}
        current={session?.address ?? null}
        isBusy={isChanging}
        onChoose={(address) => signIn({ kind: "role", address })}
      />
    </section>
  );
}

function labelOf(session: Session | null): string {
  if (session === null) return "Sign in";
  if (session.name) return session.name;
  return session.account === null ? shortAddress(session.address) : `Account ${session.account}`;
}

function shortAddress(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}
