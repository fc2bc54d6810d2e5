import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import type { Answer } from "../app/api/answer.ts";
import { useRefresh } from "../app/api/live.tsx";
import { useMarketClock } from "../app/api/marketClock.ts";
import type { SessionState } from "../app/api/session.ts";
import { useAnswer } from "../app/api/useAnswer.ts";
import type { Owner } from "../app/pageDomain.ts";
import { FieldProblem } from "../app/parts/DecimalField.tsx";
import { type Fact, Facts } from "../app/parts/Facts.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Notice } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { CallOutcome } from "../app/wallet/CallOutcome.tsx";
import { AccountLink } from "./AccountLink.tsx";
import type { Participant } from "./names.ts";
import type { Signing } from "./signing.ts";

/** Who signs the orders of one's own account, and letting another key do it. */
export function SignerForm({ state, session, participant }: Owner & { participant: Participant }) {
  const signing = useSigning(state, participant.account);
  const clock = useMarketClock();
  const announce = useSetAgent(state, session.address);
  if (!signing.isTold || !clock.isTold) return null;
  const { owner, nextSigner, changeableAt } = signing.body;
  const { now } = clock.body;
  return (
    <section className="stack" aria-label="Who signs my orders">
      <h3>Who signs my orders</h3>
      <Facts facts={factsOf(participant, signing.body, now)} />
      <p className="small">
        Another key can sign orders for you, such as that of a program. It can do nothing else: the money
        stays yours alone. A change counts for gates that close an hour later or after that; orders for
        earlier ones are signed as before.
      </p>
      {now < changeableAt ? (
        <Notice>
          <p>
            The last change is not an hour in force yet. Another one can be announced from{" "}
            <Time at={changeableAt} form="withZone" />.
          </p>
        </Notice>
      ) : (
        <>
          <AgentField isBusy={announce.isPending} onAgent={announce.mutate} />
          {nextSigner === owner ? null : (
            <button
              type="button"
              className="button"
              disabled={announce.isPending}
              onClick={() => announce.mutate(owner)}
            >
              Sign with my own key again
            </button>
          )}
        </>
      )}
      <CallOutcome error={announce.error} transactionHash={announce.data ?? null} />
    </section>
  );
}

/** The key that signs now, the one that will, and the entity that signs in their place. */
function factsOf(
  { entity, entityFrom }: Participant,
  { owner, signer, nextSigner, from }: Signing,
  now: number,
): Fact[] {
  const nameOf = (address: string) =>
    address === owner ? (
      <>
        your own key, <Hash value={address} />
      </>
    ) : (
      <Hash value={address} />
    );
  const isAhead = now < from && signer !== nextSigner;
  const facts: Fact[] = [{ name: "Now", value: nameOf(isAhead ? signer : nextSigner) }];
  if (isAhead) facts.push({ name: "For gates that close from", value: <Time at={from} form="withZone" /> });
  if (isAhead) facts.push({ name: "Then", value: nameOf(nextSigner) });
  if (entity !== null)
    facts.push({ name: "In place of your key", value: <EntityThatSigns {...{ entity, entityFrom, now }} /> });
  return facts;
}

function EntityThatSigns({
  entity,
  entityFrom,
  now,
}: {
  entity: number;
  entityFrom: number | null;
  now: number;
}) {
  return (
    <>
      <AccountLink account={entity} />
      {entityFrom !== null && now < entityFrom ? (
        <>
          , for gates that close from <Time at={entityFrom} form="withZone" />
        </>
      ) : null}
    </>
  );
}

function AgentField({ isBusy, onAgent }: { isBusy: boolean; onAgent: (agent: string) => void }) {
  const id = useId();
  const [text, setText] = useState("");
  const agent = text.trim();
  const isAddress = ADDRESS.test(agent);
  const problem = agent === "" || isAddress ? null : "Write an address: 0x and 40 hexadecimal digits.";
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isAddress) onAgent(agent);
      }}
    >
      <div>
        <label className="field">
          <span>Address of the key that signs orders</span>
          <input
            value={text}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={problem !== null}
            aria-describedby={id}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        <FieldProblem id={id}>{problem}</FieldProblem>
      </div>
      <button type="submit" className="button" disabled={!isAddress || isBusy}>
        {isBusy ? "Waiting for the wallet and the chain…" : "Let this key sign my orders"}
      </button>
    </form>
  );
}

/** Twenty bytes that are not all zero. */
const ADDRESS = /^0x(?!0{40}$)[0-9a-fA-F]{40}$/;

/** What only the chain has whole: who signed until a change counts. */
function useSigning(state: SessionState, account: number): Answer<Signing> {
  return useAnswer({
    queryKey: ["api", `registry/${account}`],
    queryFn: async () => {
      const { readSigning } = await import("./signing.ts");
      return readSigning(state, account);
    },
  });
}

function useSetAgent(state: SessionState, owner: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: async (agent: string) => {
      const { setAgent } = await import("./signing.ts");
      return setAgent(state, { owner, agent });
    },
    onSettled: () => refresh("standing"),
  });
}
