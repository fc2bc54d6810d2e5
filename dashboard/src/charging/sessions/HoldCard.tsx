import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { marginIn } from "../../accounts/marginIn.ts";
import type { Member } from "../../accounts/members.ts";
import type { Participant } from "../../accounts/names.ts";
import { useRefresh } from "../../app/api/live.tsx";
import { type SessionState, useSessionState } from "../../app/api/session.ts";
import { useGet } from "../../app/api/useGet.ts";
import { Money } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Facts } from "../../app/parts/Facts.tsx";
import { Loaded, Notice } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { CallOutcome } from "../../app/wallet/CallOutcome.tsx";
import { SignInHere } from "../../app/wallet/SignInHere.tsx";
import type { AskingCar } from "./CarForm.tsx";
import type { PricedStation } from "./driver.ts";
import type { HoldToSign } from "./signHold.ts";
import { worstMicro } from "./TariffCard.tsx";

type Asked = {
  readonly areaId: number;
  readonly station: PricedStation;
  readonly timeZone: string;
  readonly now: number;
  /** Null as long as something of it is none. */
  readonly car: AskingCar | null;
};

/** A session's invoice may come a day after a station was heard of last. */
const BEYOND_DEPARTURE_SECONDS = 2 * 86_400;

/** The driver's own wallet signs for a session: what is held at most, for how long, and what comes of it. */
export function HoldCard(asked: Asked) {
  const query = useSessionState();
  return (
    <Loaded query={query} what="who you are">
      {(state) =>
        state.session === null ? (
          <SignInHere what="your wallet and charge" roles="driver" />
        ) : (
          <Card title="Hold and charge">
            {state.session.account === null ? (
              <NoWallet />
            ) : (
              <OfAccount state={state} account={state.session.account} {...asked} />
            )}
          </Card>
        )
      }
    </Loaded>
  );
}

function NoWallet() {
  return (
    <p>
      Your account has no wallet among these stations. Their operator gives it one; then you pay money into it
      on your account’s page.
    </p>
  );
}

function OfAccount({ state, account, ...asked }: Asked & { state: SessionState; account: number }) {
  const query = useGet<Participant>(`/v1/participants/${account}`);
  return (
    <Loaded query={query} what="your wallet">
      {(participant) => {
        const wallet = walletIn(participant, { state, areaId: asked.areaId });
        return wallet === null ? (
          <NoWallet />
        ) : (
          <Hold
            state={state}
            driver={{ account, member: wallet.member }}
            walletMicro={wallet.micro}
            {...asked}
          />
        );
      }}
    </Loaded>
  );
}

/** The fullest wallet of an account in an area: a member's margin for sessions. */
function walletIn(
  participant: Participant,
  { state, areaId }: { state: SessionState; areaId: number },
): { readonly member: number; readonly micro: bigint } | null {
  const market = state.chain.contracts.chargingSessions;
  const microOf = (member: Member) => BigInt(marginIn(participant, { ...member, market }));
  const [fullest] = participant.members
    .filter((member) => member.areaId === areaId)
    .map((member) => ({ member: member.member, micro: microOf(member) }))
    .sort((one, other) => Number(other.micro - one.micro));
  return fullest ?? null;
}

function Hold({
  state,
  driver,
  walletMicro,
  areaId,
  station,
  timeZone,
  now,
  car,
}: Asked & {
  state: SessionState;
  driver: { account: number; member: number };
  walletMicro: bigint;
}) {
  const sending = useHold(state, areaId);
  if (car === null) return <p>Say above what your car needs.</p>;
  const limitMicro = worstMicro(station.tariff, car);
  const expiresAt = car.departsAt + BEYOND_DEPARTURE_SECONDS;
  const isEnough = walletMicro >= limitMicro;
  return (
    <div className="stack">
      <Facts
        facts={[
          { name: "Held, the most that you pay", value: <Money micro={limitMicro} /> },
          { name: "In your wallet", value: <Money micro={walletMicro} /> },
          { name: "Nothing can be charged after", value: <Time at={expiresAt} form="withZone" /> },
        ]}
      />
      <p className="small">
        Your wallet signs for one session at {station.stationId} by the prices above. What the session costs
        is charged exactly, by the station’s meter; the rest comes back at once. Neither the place nor your
        energy is on the chain, unless you dispute the charge.
      </p>
      {isEnough ? null : (
        <Notice tone="act">
          <p>Your wallet has less than that. Pay money in, or ask for less energy.</p>
        </Notice>
      )}
      <div className="row">
        <button
          type="button"
          className="button primary"
          disabled={!isEnough || sending.isPending}
          onClick={() => sending.mutate({ areaId, driver, station, timeZone, limitMicro, now, expiresAt })}
        >
          {sending.isPending ? "Waiting for the wallet and the chain…" : "Sign and hold"}
        </button>
      </div>
      <CallOutcome error={sending.error} transactionHash={null} />
    </div>
  );
}

/** Signs, and leads to the session's own page; its salt stays behind the # of the address. */
function useHold(state: SessionState, areaId: number) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async (hold: HoldToSign) => {
      const { sendHold } = await import("./signHold.ts");
      return sendHold(state, hold);
    },
    onSuccess: async ({ id, salt }) => {
      refresh("sessions");
      await navigate({
        to: "/charging/session/$areaId/$id",
        params: { areaId: String(areaId), id },
        hash: salt,
      });
    },
  });
}
