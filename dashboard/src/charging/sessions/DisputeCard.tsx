import { useMutation } from "@tanstack/react-query";
import { whenTold } from "../../app/api/answer.ts";
import { useRefresh } from "../../app/api/live.tsx";
import { type SessionState, useSessionState } from "../../app/api/session.ts";
import { Money } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { CallOutcome } from "../../app/wallet/CallOutcome.tsx";
import type { ChainSession } from "./sessions.ts";

/** Until when a charge can be disputed, how, and what comes of it. */
export function DisputeCard({ session }: { session: ChainSession }) {
  const state = whenTold(useSessionState(), (told) => told, null);
  const { disputableUntil, sessionStage } = session;
  if (disputableUntil === null) return null;
  return (
    <Card title="If something is wrong">
      <div className="stack">
        <p>
          You can dispute this charge until <Time at={disputableUntil} form="withZone" />. Then the operator
          has two days to prove it on the chain, with your tariff and what the station’s module signed: you
          pay what that comes to, and nothing without a proof.
        </p>
        {sessionStage !== "charged" ? (
          <p className="quiet">
            {sessionStage === "disputed" ? (
              "It is disputed, and waits for the operator’s proof."
            ) : (
              <Outcome session={session} />
            )}
          </p>
        ) : state?.session?.account === session.driver ? (
          <DisputeButton state={state} owner={state.session.address} id={session.id} />
        ) : (
          <p className="quiet">
            Sign in with the key of the wallet that was held, and a button for it is here.
          </p>
        )}
      </div>
    </Card>
  );
}

/** What came of it, where it was disputed. */
function Outcome({
  session: { provenMicro, amountMicro, paidMicro, returnedMicro },
}: {
  session: ChainSession;
}) {
  const returned = <Money micro={returnedMicro ?? "0"} />;
  if (provenMicro !== null)
    return (
      <span data-outcome="proven">
        It was disputed. By tariff and module it comes to <Money micro={provenMicro} />: you paid{" "}
        <Money micro={paidMicro ?? "0"} />, and {returned} came back.
      </span>
    );
  if (paidMicro === "0" && amountMicro !== "0")
    return (
      <span data-outcome="returned">
        It was disputed, and nobody proved it: all of it, {returned}, came back.
      </span>
    );
  return <span data-outcome="over">It is over: nothing can be disputed any more.</span>;
}

function DisputeButton({ state, owner, id }: { state: SessionState; owner: string; id: string }) {
  const refresh = useRefresh();
  const sending = useMutation({
    mutationFn: async () => {
      const module = await import("./dispute.ts");
      return module.dispute(state, { owner, id });
    },
    onSettled: () => refresh("sessions"),
  });
  return (
    <>
      <button type="button" className="button" disabled={sending.isPending} onClick={() => sending.mutate()}>
        {sending.isPending ? "Waiting for the wallet and the chain…" : "Dispute this charge"}
      </button>
      <CallOutcome error={sending.error} transactionHash={sending.data ?? null} />
    </>
  );
}
