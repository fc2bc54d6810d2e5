import { Suspense } from "react";
import { useSessionState } from "../app/api/session.ts";
import { lazyPart } from "../app/lazyPart.ts";
import { Loaded, Loading, Notice } from "../app/parts/States.tsx";
import { OperatorDesk } from "./OperatorDesk.tsx";
import "./operator.css";

/** The wallet's library is large; who is signed in needs none of it. */
const SignInHere = lazyPart(() => import("../app/wallet/SignInHere.tsx"), "SignInHere");

/** What needs the operator, and how the market does. */
export function OperatorPage() {
  const session = useSessionState();
  return (
    <div className="stack">
      <header>
        <h1>Operator</h1>
        <p className="quiet">What needs a person, and how the market does.</p>
      </header>
      <Loaded query={session} what="who you are">
        {({ session: signedIn }) =>
          signedIn?.roles.includes("operator") ? (
            <OperatorDesk />
          ) : (
            <>
              {signedIn ? (
                <Notice tone="watch">
                  You are signed in as {signedIn.name ?? `account ${signedIn.account ?? signedIn.address}`},
                  which runs no market area.
                </Notice>
              ) : null}
              <Suspense fallback={<Loading what="the ways to sign in" />}>
                <SignInHere what="what needs the operator" roles="operator" />
              </Suspense>
            </>
          )
        }
      </Loaded>
    </div>
  );
}
