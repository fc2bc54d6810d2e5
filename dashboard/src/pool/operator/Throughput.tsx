import { durationText } from "#kernel/units/durations.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy } from "../../app/parts/Amount.tsx";
import { Figure, Figures } from "../../app/parts/Figure.tsx";
import { Loaded } from "../../app/parts/States.tsx";
import { type PoolOperator, useOperator } from "./useOperator.ts";
import "./throughput.css";

/** What the market got done, and whether it keeps up with its clock. */
export function Throughput() {
  const query = useOperator();
  return (
    <section className="stack throughput" aria-labelledby="throughput-head">
      <h2 id="throughput-head">Throughput</h2>
      <Loaded query={query} what="the throughput">
        {({ throughput }) => <ThroughputFigures throughput={throughput} />}
      </Loaded>
    </section>
  );
}

/** What the pool says where nothing needs the operator: how far it is. */
export function SettledUpTo() {
  const operator = useOperator();
  const { withZone } = useFormats();
  if (!operator.isTold) return null;
  const { lastSettledAt, lagSeconds } = operator.body.throughput;
  if (lastSettledAt === null || lagSeconds === null) return <p>No interval is settled yet.</p>;
  const lag = lagSeconds === 0 ? "its present moment" : `${durationText(lagSeconds)} behind its clock`;
  return (
    <p>
      The market has settled everything up to {withZone(lastSettledAt)}, {lag}.
    </p>
  );
}

function ThroughputFigures({ throughput }: Pick<PoolOperator, "throughput">) {
  const { count, time } = useFormats();
  const { intervals, settledIntervals, orders, trades, clearedWh, lagSeconds, lastSettledAt } = throughput;
  return (
    <Figures>
      <Figure
        label="Behind the market’s clock"
        value={lagSeconds === null ? "–" : durationText(lagSeconds)}
        note={lastSettledAt === null ? "nothing settled yet" : `settled up to ${time(lastSettledAt)}`}
      />
      <Figure
        label="Settled an hour of the world’s clock"
        value={throughput.processedPerHour === null ? "–" : count(Math.round(throughput.processedPerHour))}
        note={throughput.processedPerHour === null ? "not known yet" : "intervals, over the last hour"}
      />
      <Figure
        label="Intervals settled"
        value={count(settledIntervals)}
        note={`of ${count(intervals)} on the chain`}
      />
      <Figure label="Orders" value={count(orders)} note={`${perInterval(orders, intervals)} an interval`} />
      <Figure label="Trades" value={count(trades)} note={`${perInterval(trades, intervals)} an interval`} />
      <Figure
        label="Contracted locally"
        value={<Energy wh={clearedWh} />}
        note={`${count(throughput.settlements)} payments to accounts`}
        meaning="local"
      />
    </Figures>
  );
}

function perInterval(total: number, intervals: number): string {
  return intervals === 0 ? "0" : (total / intervals).toFixed(1);
}
