import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import { isPaid } from "#domains/pool/rules/stage.ts";
import type { pricesWire } from "#domains/pool/wire.ts";
import { useAddress } from "../app/address.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { useDay } from "../app/format/useDay.ts";
import { Energy, Money, Price } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Figure, Figures } from "../app/parts/Figure.tsx";
import { Loaded } from "../app/parts/States.tsx";
import { IntervalNotes } from "./IntervalNotes.tsx";
import { ChainBehind } from "./interval/ChainBehind.tsx";
import { CheckYourself } from "./interval/CheckYourself.tsx";
import { Delivered } from "./interval/Delivered.tsx";
import { PaymentsSum } from "./interval/PaymentsSum.tsx";
import { Trades } from "./interval/Trades.tsx";
import { useEvidence } from "./interval/useEvidence.ts";
import { WhyThisPrice } from "./interval/WhyThisPrice.tsx";
import { type Interval, type Neighbours, useInterval, useNeighbours } from "./interval.ts";
import { Stage } from "./Stage.tsx";

/** Why this price? And who can prove it? */
export function IntervalPage() {
  const { areaId, intervalId } = useAddress("areaId", "intervalId");
  const interval = useInterval({ areaId: Number(areaId), intervalId: Number(intervalId) });
  return (
    <Loaded query={interval} what="the interval">
      {(body) => <IntervalView key={body.intervalId} interval={body} />}
    </Loaded>
  );
}

function IntervalView({ interval }: { interval: Interval }) {
  const evidence = useEvidence(interval);
  return (
    <div className="stack">
      <IntervalHead interval={interval} />
      <IntervalNotes interval={interval} />
      <Outcome interval={interval} />
      <div className="columns columns-left">
        <Card title="Why this price?">
          <WhyThisPrice interval={interval} />
        </Card>
        <Card title="Check it yourself" tone="good">
          <CheckYourself interval={interval} />
        </Card>
        <Card title="Trades">
          <Trades interval={interval} />
        </Card>
        <Card title="Payments sum to zero">
          <Loaded query={evidence} what="the payments">
            {({ books }) => <PaymentsSum areaId={interval.areaId} books={books} />}
          </Loaded>
        </Card>
        <div className="columns-whole">
          <Card title="Contracted and metered">
            <Loaded query={evidence} what="the readings">
              {({ evidence: read, books }) => <Delivered evidence={read} books={books} />}
            </Loaded>
          </Card>
        </div>
        <div className="columns-whole">
          <Card title="The chain behind it">
            <Loaded query={evidence} what="the transactions">
              {(body) => <ChainBehind interval={interval} evidence={body} />}
            </Loaded>
          </Card>
        </div>
      </div>
    </div>
  );
}

function IntervalHead({ interval }: { interval: Interval }) {
  const formats = useFormats();
  const day = useDay();
  const prices = useGet<z.infer<typeof pricesWire>>("/v1/prices");
  const neighbours = useNeighbours(interval);
  const { areaId, intervalId, startsAt, endsAt } = interval;
  return (
    <div className="row spread">
      <div>
        <h1>
          {day(startsAt)}, {formats.span(startsAt, endsAt)}
        </h1>
        <p className="quiet small">
          Interval {intervalId} of area {areaId}, {formats.zone(startsAt)}
          {neighbours ? placeWords(neighbours) : ""}
        </p>
      </div>
      <div className="row">
        {prices.isTold ? <Stage interval={interval} now={prices.body.now} /> : null}
        <nav className="row" aria-label="Other intervals">
          <Move areaId={areaId} to={neighbours?.earlier ?? null} name="Earlier" />
          <Move areaId={areaId} to={neighbours?.later ?? null} name="Later" />
        </nav>
      </div>
    </div>
  );
}

function placeWords({ earlier, later }: Neighbours): string {
  const words = [earlier === null ? "the first" : "", later === null ? "the newest so far" : ""];
  return words.map((word) => (word === "" ? "" : `; ${word}`)).join("");
}

/** Leads to a neighbour; there is none before the first interval, and none after the newest. */
function Move({ areaId, to, name }: { areaId: number; to: number | null; name: string }) {
  if (to === null)
    return (
      <button type="button" className="button" disabled>
        {name}
      </button>
    );
  return (
    <Link
      className="button"
      to="/intervals/$areaId/$intervalId"
      params={{ areaId: String(areaId), intervalId: String(to) }}
    >
      {name}
    </Link>
  );
}

function Outcome({ interval }: { interval: Interval }) {
  const formats = useFormats();
  const { price, clearedWh, trades, orders, welfareMicro, gridFeeMicro, status } = interval;
  return (
    <Figures>
      <Figure
        label={interval.pricing === "midpoint" ? "Price of the marginal pair" : "Price for everybody"}
        meaning="local"
        value={price.energyMicroPerKwh === null ? "–" : <Price micro={price.energyMicroPerKwh} />}
        note={
          <>
            grid fee <Price micro={price.gridFeeMicroPerKwh} /> on top for who buys
          </>
        }
      />
      <Figure
        label="Contracted energy"
        meaning="sun"
        value={<Energy wh={clearedWh} form="fine" />}
        note={`in ${formats.count(trades)} trades from ${formats.count(orders)} orders, before delivery`}
      />
      <Figure
        label="Gained by trading"
        meaning="money"
        value={welfareMicro === null ? "–" : <Money micro={welfareMicro} form="fine" />}
        note="what buyers were ready to pay less what sellers asked"
      />
      <Figure
        label="Grid fee"
        meaning="grid"
        value={isPaid(status) ? <Money micro={gridFeeMicro} form="fine" /> : "–"}
        note={
          isPaid(status)
            ? "to the grid operator, on what was delivered"
            : "to the grid operator, with the settlement"
        }
      />
    </Figures>
  );
}
