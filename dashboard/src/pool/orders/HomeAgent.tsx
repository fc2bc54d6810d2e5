import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { FREE_AGENT, isFree } from "#domains/pool/rules/agentSettings.ts";
import type { agentsWire } from "#domains/pool/wireAgent.ts";
import type { Member } from "../../accounts/members.ts";
import { sendJson } from "../../app/api/getJson.ts";
import { useRefresh } from "../../app/api/live.tsx";
import { useGet } from "../../app/api/useGet.ts";
import type { Formats } from "../../app/format/formats.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { MONEY_DECIMALS, readDecimal } from "../../app/format/readDecimal.ts";
import { Price } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { DecimalField } from "../../app/parts/DecimalField.tsx";
import { Loaded, Notice } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { usePlainWords } from "../../app/wallet/plainWords.ts";

type Agents = z.infer<typeof agentsWire>;
type Agent = Agents["agents"][number];
type Settings = NonNullable<Agent["settings"]>;

/** "At least 0.20 until I say otherwise": what the agent of the home is told, since when, and to take it back. */
export function HomeAgent({ account, member }: { account: number; member: Member }) {
  const query = useGet<Agents>(`/v1/participants/${account}/agents`);
  return (
    <Card title="Standing order" aside="until you say otherwise">
      <Loaded query={query} what="the standing order">
        {({ agents }) => {
          const own = agents.find(
            ({ areaId, member: number }) => areaId === member.areaId && number === member.member,
          );
          if (!own?.isThere)
            return (
              <p>
                A standing order is not available for this metering point: no agent of this community orders
                for it. Send an order for each interval instead.
              </p>
            );
          return <OneAgent key={own.settings?.since ?? 0} account={account} agent={own} />;
        }}
      </Loaded>
    </Card>
  );
}

function OneAgent({ account, agent }: { account: number; agent: Agent }) {
  const { settings } = agent;
  const tell = useTell(account, agent);
  return (
    <>
      <Told settings={settings} />
      <AgentForm agent={agent} tell={tell} />
      {settings && !isFree(settings) ? (
        <button
          type="button"
          className="button"
          disabled={tell.isPending}
          onClick={() => tell.mutate(FREE_AGENT)}
        >
          Let it decide by itself again
        </button>
      ) : null}
    </>
  );
}

/** What holds now. */
function Told({ settings }: { settings: Agent["settings"] }) {
  if (settings === null || isFree(settings))
    return (
      <p>
        The agent of your home orders for each interval by what it expects, at prices of its own
        {settings === null ? (
          ""
        ) : (
          <>
            , since <Time at={settings.since} form="withZone" />
          </>
        )}
        .
      </p>
    );
  return (
    <Notice tone="good">
      <p>
        <ToldWords settings={settings} /> Since <Time at={settings.since} form="withZone" />, for every gate
        that closes after it.
      </p>
    </Notice>
  );
}

function ToldWords({ settings }: { settings: Settings }) {
  const { leastOfferMicroPerKwh: least, mostBidMicroPerKwh: most, isPaused } = settings;
  if (isPaused) return <>Your home’s agent pauses: it orders nothing.</>;
  return (
    <>
      Your home’s agent{" "}
      {least === null ? null : (
        <>
          sells at least at <Price micro={least} />
        </>
      )}
      {least === null || most === null ? null : " and "}
      {most === null ? null : (
        <>
          buys at most at <Price micro={most} />
        </>
      )}
      .
    </>
  );
}

type Tell = ReturnType<typeof useTell>;

function useTell(account: number, { areaId, member }: Agent) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ leastOfferMicroPerKwh, mostBidMicroPerKwh, isPaused }: Omit<Settings, "since">) =>
      sendJson<Agents>("PUT", `/v1/participants/${account}/agents`, {
        ...{ areaId, member, leastOfferMicroPerKwh, mostBidMicroPerKwh, isPaused },
      }),
    onSuccess: () => refresh("agents"),
  });
}

function AgentForm({ agent, tell }: { agent: Agent; tell: Tell }) {
  const formats = useFormats();
  const plainWords = usePlainWords();
  const { settings } = agent;
  const [least, setLeast] = useState(textOf(settings?.leastOfferMicroPerKwh));
  const [most, setMost] = useState(textOf(settings?.mostBidMicroPerKwh));
  const [isPaused, setPaused] = useState(settings?.isPaused ?? false);
  const [leastPrice, mostPrice] = [readPrice(least, agent, formats), readPrice(most, agent, formats)];
  const canSend = leastPrice.problem === null && mostPrice.problem === null;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        tell.mutate({
          leastOfferMicroPerKwh: leastPrice.micro,
          mostBidMicroPerKwh: mostPrice.micro,
          isPaused,
        });
      }}
    >
      <DecimalField
        label={`Sell at least at (${formats.currency} per kWh; empty: as the agent thinks)`}
        text={least}
        problem={leastPrice.problem}
        onText={setLeast}
      />
      <DecimalField
        label={`Buy at most at (${formats.currency} per kWh; empty: as the agent thinks)`}
        text={most}
        problem={mostPrice.problem}
        onText={setMost}
      />
      <label className="row">
        <input type="checkbox" checked={isPaused} onChange={({ target }) => setPaused(target.checked)} />
        <span>Pause: order nothing</span>
      </label>
      <button type="submit" className="button primary" disabled={!canSend || tell.isPending}>
        Tell my home’s agent
      </button>
      <p className="quiet small">
        It holds from the next gate on. Orders that it sent before stand. A higher price than others ask means
        that less is sold here, and more goes to the supplier at its price.
      </p>
      {tell.isError ? <Notice tone="act">{plainWords(tell.error)}</Notice> : null}
    </form>
  );
}

const MICRO_PER_UNIT = 1_000_000;

function textOf(micro: number | null | undefined): string {
  return micro == null ? "" : String(micro / MICRO_PER_UNIT);
}

/** A price in the field; none where it is empty. */
function readPrice(
  text: string,
  { floorMicroPerKwh, ceilingMicroPerKwh }: Agent,
  formats: Formats,
): { readonly micro: number | null; readonly problem: string | null } {
  if (text.trim() === "") return { micro: null, problem: null };
  const micro = readDecimal(text, MONEY_DECIMALS);
  if (micro === null) return { micro, problem: "Write a price such as 0.20, with at most six decimals." };
  const isInside = micro >= BigInt(floorMicroPerKwh) && micro <= BigInt(ceilingMicroPerKwh);
  const band = `${formats.price(floorMicroPerKwh)} to ${formats.price(ceilingMicroPerKwh)}`;
  return { micro: Number(micro), problem: isInside ? null : `Prices of this area go from ${band}.` };
}
