import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { countedMarginMicro } from "../../accounts/countedMargin.ts";
import type { HouseState } from "../../accounts/house.ts";
import type { Member } from "../../accounts/members.ts";
import { useRefresh } from "../../app/api/live.tsx";
import type { Session, SessionState } from "../../app/api/session.ts";
import type { Formats } from "../../app/format/formats.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { Notice } from "../../app/parts/States.tsx";
import { usePlainWords } from "../../app/wallet/plainWords.ts";
import { type Area, termsFor } from "../areas.ts";
import { BeforeSigning, type OrderMargin } from "./BeforeSigning.tsx";
import { DraftFields } from "./DraftFields.tsx";
import type { Order } from "./OrderState.tsx";
import { intervalFrom, leadOf, type OpenInterval, openIntervals } from "./openIntervals.ts";
import { type FieldProblems, type OrderDraft, readDraft, readRefusal } from "./orderDraft.ts";
import type { OrderPlace } from "./orderPlace.ts";
import { type SentOrder, sendOrder } from "./sendOrder.ts";
import { areaTerms, worstCase } from "./worstCase.ts";

/** Who orders, for which metering point, and with what behind it. */
export type Ordering = {
  readonly state: SessionState;
  readonly session: Session;
  readonly account: number;
  readonly member: Member;
  readonly area: Area;
  /** By the market's clock. */
  readonly now: number;
  /** Seconds of the market for each second of the world. */
  readonly speed: number;
  /** Of the metering point. */
  readonly marginMicro: bigint;
  /** Of margin that is to leave the market; null without one. */
  readonly notice: HouseState["notice"];
  /** Of the metering point. */
  readonly openOrders: readonly Order[];
};

const MICRO_PER_CENT = 10_000n;

/** "I want to sell at 0.20": what is wished, what can come of it, and the signature. */
export function OrderForm({ ordering, onSent }: { ordering: Ordering; onSent: (sent: SentOrder) => void }) {
  const { area, now } = ordering;
  const formats = useFormats();
  const plainWords = usePlainWords();
  const id = useId();
  const [draft, setDraft] = useState<OrderDraft>(() => firstDraft(area));
  const place = usePlace(ordering, draft.intervalId);
  const rules = termsFor(area.versions, place.interval.intervalId);
  const terms = areaTerms(rules);
  const { wish, problems } = readDraft(draft, { terms, capacityW: ordering.member.capacityW, formats });
  const send = useSend(onSent);
  const refusal = readRefusal(send.error);
  const closed = gateProblem(place.interval, now, formats);
  const shown = { ...closed, ...problems, ...refusalProblem(refusal) };
  const change = (changed: Partial<OrderDraft>) => {
    setDraft({ ...draft, ...changed });
    send.reset();
  };
  return (
    <form
      className="columns columns-top"
      onSubmit={(event) => {
        event.preventDefault();
        const { state, account, member } = ordering;
        if (wish) send.mutate({ state, account, member, wish, interval: place.interval });
      }}
    >
      <Card title="What do you want?">
        <DraftFields draft={draft} problems={shown} place={place} formId={id} onChange={change} />
        <SpeedNote speed={place.speed} />
      </Card>
      <Card title="Before you sign">
        {wish ? (
          <BeforeSigning
            wish={wish}
            terms={terms}
            isSupplied={rules.supply !== null}
            interval={place.interval}
            margin={marginFor(ordering, place.interval)}
            openMicro={worstOfOpen(ordering)}
            openCount={ordering.openOrders.length}
          />
        ) : (
          <p className="quiet">
            What the order can cost stands here as soon as energy and price can be read.
          </p>
        )}
        <Signing
          canSign={wish !== null && closed.interval === undefined}
          isPending={send.isPending}
          failure={send.isError && !refusal?.field ? (refusal?.words ?? plainWords(send.error)) : null}
        />
      </Card>
    </form>
  );
}

/** The last step, with what went wrong where no field is to blame. */
function Signing({
  canSign,
  isPending,
  failure,
}: {
  canSign: boolean;
  isPending: boolean;
  failure: string | null;
}) {
  return (
    <>
      <button type="submit" className="button primary" disabled={!canSign || isPending}>
        {isPending ? "Waiting for your signature…" : "Sign and send"}
      </button>
      <p className="quiet small">
        A signed order can’t be taken back. It stands until its gate closes; it counts for this interval
        alone.
      </p>
      {failure === null ? null : (
        <div role="alert">
          <Notice tone="act">{failure}</Notice>
        </div>
      )}
    </>
  );
}

function SpeedNote({ speed }: { speed: number }) {
  const formats = useFormats();
  if (speed < 2) return null;
  return (
    <p className="quiet small">
      This market runs {formats.count(speed)} times faster than the clock, so that the soonest interval moves
      on while you read.
    </p>
  );
}

function usePlace({ area, now, speed, state, session }: Ordering, intervalId: number | null): OrderPlace {
  const { versions } = area;
  const { intervalSeconds } = area.terms;
  const open = openIntervals(now, versions);
  const isDemonstrationKey =
    state.demonstration?.roles.some(({ address }) => address === session.address) ?? false;
  const lead = leadOf({ speed, intervalSeconds, isDemonstrationKey });
  const soonest = open[lead] ?? intervalFrom(0, versions);
  const chosen = intervalId === null ? null : intervalFrom(intervalId, versions);
  return { open, soonest, chosen, interval: chosen ?? soonest, speed };
}

function useSend(onSent: (sent: SentOrder) => void) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: sendOrder,
    onSuccess: (sent) => {
      onSent(sent);
      return refresh("orders");
    },
  });
}

/** Half a kWh to sell, in the middle of the band. */
function firstDraft({ terms }: Area): OrderDraft {
  const middle = (BigInt(terms.floorMicroPerKwh) + BigInt(terms.ceilingMicroPerKwh)) / 2n;
  const cents = middle / MICRO_PER_CENT;
  return { side: "offer", energyText: "0.5", priceText: (Number(cents) / 100).toFixed(2), intervalId: null };
}

function worstOfOpen({ openOrders, area }: Ordering): bigint {
  return openOrders.reduce((sum, { intervalId, side, energyWh, limitPriceMicroPerKwh }) => {
    const terms = areaTerms(termsFor(area.versions, intervalId));
    const wish = { side, energyWh: BigInt(energyWh), limitPriceMicroPerKwh: BigInt(limitPriceMicroPerKwh) };
    return sum + worstCase(wish, terms).worstMicro;
  }, 0n);
}

/** The margin that counts for an order of an interval, and what of it is announced to leave before. */
function marginFor({ marginMicro, notice, now }: Ordering, { startsAt }: OpenInterval): OrderMargin {
  const countedMicro = countedMarginMicro(marginMicro, notice, { coversFrom: startsAt, now });
  return { countedMicro, leavingMicro: marginMicro - countedMicro };
}

function gateProblem({ gateClosesAt }: OpenInterval, now: number, formats: Formats): FieldProblems {
  return now >= gateClosesAt
    ? { interval: `Its gate closed at ${formats.time(gateClosesAt)}. Choose a later one.` }
    : {};
}

function refusalProblem(refusal: ReturnType<typeof readRefusal>): FieldProblems {
  return refusal?.field ? { [refusal.field]: refusal.words } : {};
}
