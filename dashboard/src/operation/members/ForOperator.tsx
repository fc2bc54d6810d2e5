import { type ReactNode, Suspense } from "react";
import { useSessionState } from "../../app/api/session.ts";
import { lazyPart } from "../../app/lazyPart.ts";
import { Loaded, Loading, Notice } from "../../app/parts/States.tsx";

/** The wallet's library is large; who is signed in needs none of it. */
const SignInHere = lazyPart(() => import("../../app/wallet/SignInHere.tsx"), "SignInHere");

/** What an operator alone may see; for everybody else the ways to sign in as one. */
export function ForOperator({ what, children }: { what: string; children: ReactNode }) {
  const session = useSessionState();
  return (
    <Loaded query={session} what="who you are">
      {({ session: signedIn }) =>
        signedIn?.roles.includes("operator") ? (
          children
        ) : (
          <>
            {signedIn ? (
              <Notice tone="watch">
                You are signed in as {signedIn.name ?? `account ${signedIn.account ?? signedIn.address}`},
                which runs no market area.
              </Notice>
            ) : null}
            <Suspense fallback={<Loading what="the ways to sign in" />}>
              <SignInHere what={what} roles="operator" />
            </Suspense>
          </>
        )
      }
    </Loaded>
  );
}
