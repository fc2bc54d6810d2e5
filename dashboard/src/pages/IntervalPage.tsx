import { Link, useParams } from "@tanstack/react-router";
import type { z } from "zod";
import type { intervalWire, pricesWire } from "#api/wire.ts";
import { useGet } from "../api/useGet.ts";
import { useFormats } from "../format/locale.tsx";
import { Energy, Money, Price } from "../parts/Amount.tsx";
import { Card } from "../parts/Card.tsx";
import { Figure, Figures } from "../parts/Figure.tsx";
import { Stage } from "../parts/Stage.tsx";
import { Loaded } from "../parts/States.tsx";
import { ChainBehind } from "./interval/ChainBehind.tsx";
import { CheckYourself } from "./interval/CheckYourself.tsx";
import { Delivered } from "./interval/Delivered.tsx";
import { PaymentsSum } from "./interval/PaymentsSum.tsx";
import { Trades } from "./interval/Trades.tsx";
import { useEvidence } from "./interval/useEvidence.ts";
import { WhyThisPrice } from "./interval/WhyThisPrice.tsx";
import "./IntervalPage.css";

export type Interval = z.infer<typeof intervalWire>;

/** Why this price? And who can prove it? */
export function IntervalPage() {
  const { areaId, intervalId } = useParams({ from: "/intervals/$areaId/$intervalId" });
  const interval = useGet<Interval>(`/v1/intervals/${areaId}/${intervalId}`);
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
      <Outcome interval={interval} />
      <div className="interval-grid">
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
            {(body) => <PaymentsSum evidence={body} />}
          </Loaded>
        </Card>
        <div className="interval-wide">
          <Card title="Contracted and metered">
            <Loaded query={evidence} what="the readings">
              {(body) => <Delivered evidence={body} />}
            </Loaded>
          </Card>
        </div>
        <div className="interval-wide">
          <Card title="The chain behind it">
            <ChainBehind interval={interval} />
          </Card>
        </div>
      </div>
    </div>
  );
}

function IntervalHead({ interval }: { interval: Interval }) {
  const formats = useFormats();
  const { data } = useGet<z.infer<typeof pricesWire>>("/v1/prices");
  const { areaId, intervalId, startsAt, endsAt } = interval;
  const params = (id: number) => ({ areaId: String(areaId), intervalId: String(id) });
  return (
    <div className="row spread">
      <div>
        <h1>
          {formats.day(startsAt)}, {formats.span(startsAt, endsAt)}
        </h1>
        <p className="quiet small">
          Interval {intervalId} of area {areaId}, {formats.zone(startsAt)}
        </p>
      </div>
      <div className="row">
        {data ? <Stage interval={interval} now={data.now} /> : null}
        <nav className="row" aria-label="Other intervals">
          <Link className="button" to="/intervals/$areaId/$intervalId" params={params(intervalId - 1)}>
            Earlier
          </Link>
          <Link className="button" to="/intervals/$areaId/$intervalId" params={params(intervalId + 1)}>
            Later
          </Link>
        </nav>
      </div>
    </div>
  );
}

function Outcome({ interval }: { interval: Interval }) {
  const formats = useFormats();
  const { price, clearedWh, trades, orders, welfareMicro, gridFeeMicro } = interval;
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
        label="Energy traded"
        meaning="sun"
        value={<Energy wh={clearedWh} form="fine" />}
        note={`${formats.count(trades)} trades from ${formats.count(orders)} orders`}
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
        value={<Money micro={gridFeeMicro} form="fine" />}
        note="to the grid operator, on what was delivered"
      />
    </Figures>
  );
}
