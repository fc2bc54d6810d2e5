import { Card } from "../parts/Card.tsx";
import { Notice } from "../parts/States.tsx";
import { type Role, RoleChoice, rolesInOrder } from "./RoleChoice.tsx";
import { type Identity, useIdentity } from "./useIdentity.ts";
import { WalletChoice } from "./WalletChoice.tsx";

/** Roles that a reader of a demonstration finds at once; the header's menu has all. */
const ROLES_AT_ONCE = 6;

/** What a page shows to a user who is not signed in: why, and the shortest way in. */
export function SignInHere({ what, roles = "home" }: { what: string; roles?: Role["role"] }) {
  const identity = useIdentity();
  const { state, isChanging, failure, signIn } = identity;
  return (
    <Card title={`Sign in to see ${what}`}>
      <DemonstrationRoles identity={identity} kind={roles} />
      <p>
        {state?.demonstration ? "Or sign" : "Sign"} in with an Ethereum account of your own: your wallet signs
        a short text. It costs nothing and moves no money.
      </p>
      {state ? (
        <WalletChoice state={state} isBusy={isChanging} onChoose={(uid) => signIn({ kind: "wallet", uid })} />
      ) : null}
      {isChanging ? (
        <p className="quiet" role="status">
          Signing in…
        </p>
      ) : null}
      {failure ? (
        <div role="alert">
          <Notice tone="act">{failure}</Notice>
        </div>
      ) : null}
    </Card>
  );
}

function DemonstrationRoles({ identity, kind }: { identity: Identity; kind: Role["role"] }) {
  const { state, session, isChanging, signIn } = identity;
  if (!state?.demonstration) return null;
  const { sentence, roles } = state.demonstration;
  const offered = rolesInOrder(roles).filter(({ role }) => role === kind);
  return (
    <>
      <p>
        Look through the eyes of one of these; the menu at the top has all roles. <strong>{sentence}</strong>
      </p>
      <RoleChoice
        roles={offered.slice(0, ROLES_AT_ONCE)}
        current={session?.address ?? null}
        isBusy={isChanging}
        onChoose={(address) => signIn({ kind: "role", address })}
      />
    </>
  );
}
