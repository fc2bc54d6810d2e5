import type { ReactNode } from "react";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money, Price } from "../../app/parts/Amount.tsx";
import { Figure, Figures } from "../../app/parts/Figure.tsx";
import type { Community } from "../community.ts";
import { type Priced, priceNow } from "./priceNow.ts";

/** The answers at a glance: price now and next, what was saved today, how much came from neighbours. */
export function Headline({ community }: { community: Community }) {
  const formats = useFormats();
  const { next, nextForecast, today, homes } = community;
  return (
    <Figures>
      <PriceNow community={community} />
      <Figure
        label={
          <>
            Next price, <span className="nowrap">{formats.span(next.startsAt, next.endsAt)}</span>
          </>
        }
        meaning="local"
        value={<NextPrice community={community} />}
        note={NEXT_NOTES[next.price.state] ?? `expected: ${nextForecast.sentence}`}
      />
      <SavedToday today={today} homes={homes} />
      <Figure
        label="From neighbours today"
        meaning="sun"
        value={today.importWh === "0" ? "–" : formats.share(today.localShare)}
        note={
          today.importWh === "0" ? (
            "meters took nothing in so far"
          ) : (
            <>
              <Energy wh={today.localWh} /> of the <Energy wh={today.importWh} /> that meters took in
            </>
          )
        }
      />
    </Figures>
  );
}

const NEXT_NOTES: Partial<Record<Priced["price"]["state"], string>> = {
  known: "cleared, grid fee included",
  none: "cleared, and no neighbour trades: the supplier’s price",
};

function SavedToday({ today, homes }: Pick<Community, "today" | "homes">) {
  const { count } = useFormats();
  const saving = BigInt(today.savingMicro);
  return (
    <Figure
      label={saving < 0n ? "Lost today" : "Saved today"}
      meaning="money"
      value={today.intervals === 0 ? "–" : <Money micro={saving < 0n ? -saving : saving} />}
      note={
        today.intervals === 0
          ? "nothing of today is settled yet"
          : `by ${count(homes)} homes, against the supplier’s tariff alone`
      }
    />
  );
}

function PriceNow({ community }: { community: Community }) {
  const now = priceNow(community);
  switch (now.state) {
    case "known":
      return <NeighboursPrice label="Price now, from a neighbour" interval={now.interval} />;
    case "none":
      return (
        <SuppliersPrice interval={now.interval} note="from the supplier; no neighbour trades just now" />
      );
    case "pending":
      return now.before === null ? (
        <FirstPrice community={community} />
      ) : (
        <PriceBefore before={now.before} running={now.interval} />
      );
  }
}

/** The newest price that is known, while the running interval is being cleared. */
function PriceBefore({ before, running }: { before: Priced; running: Priced }) {
  const { span } = useFormats();
  const label = (
    <>
      Newest price, <span className="nowrap">{span(before.startsAt, before.endsAt)}</span>
    </>
  );
  const waiting = `that of ${span(running.startsAt, running.endsAt)} is not known yet`;
  return before.price.state === "known" ? (
    <NeighboursPrice label={label} interval={before} more={waiting} />
  ) : (
    <SuppliersPrice label={label} interval={before} note={`no neighbour traded; ${waiting}`} />
  );
}

/** Nothing is cleared yet: the supplier's price is all that is known. */
function FirstPrice({ community: { current, next } }: { community: Community }) {
  const { time } = useFormats();
  return (
    <SuppliersPrice
      interval={current}
      note={`from the supplier; the market’s first price comes before ${time(next.startsAt)}`}
    />
  );
}

function SuppliersPrice({
  label = "Price now",
  interval: { price },
  note,
}: {
  label?: ReactNode;
  interval: Priced;
  note: string;
}) {
  const { retailMicroPerKwh } = price;
  return (
    <Figure
      label={label}
      meaning="grid"
      value={retailMicroPerKwh === null ? "–" : <Price micro={retailMicroPerKwh} />}
      note={note}
    />
  );
}

function NeighboursPrice({
  label,
  interval: { price },
  more,
}: {
  label: ReactNode;
  interval: Priced;
  more?: string;
}) {
  const { totalMicroPerKwh, energyMicroPerKwh, retailMicroPerKwh, feedInMicroPerKwh } = price;
  return (
    <Figure
      label={label}
      meaning="local"
      value={totalMicroPerKwh === null ? "–" : <Price micro={totalMicroPerKwh} />}
      note={
        <>
          {retailMicroPerKwh === null ? null : (
            <>
              the supplier asks <Price micro={retailMicroPerKwh} />;{" "}
            </>
          )}
          {energyMicroPerKwh === null ? null : (
            <>
              who sells gets <Price micro={energyMicroPerKwh} />
            </>
          )}
          {feedInMicroPerKwh === null ? null : (
            <>
              {" "}
              instead of <Price micro={feedInMicroPerKwh} />
            </>
          )}
          {more === undefined ? null : `; ${more}`}
        </>
      }
    />
  );
}

/** Grid fee and levies are known ahead; only the energy's price is expected. */
function NextPrice({ community: { next, nextForecast, leviesMicroPerKwh } }: { community: Community }) {
  const { state, energyMicroPerKwh, retailMicroPerKwh } = next.price;
  if (state === "none") return retailMicroPerKwh === null ? "–" : <Price micro={retailMicroPerKwh} />;
  const energy = energyMicroPerKwh ?? nextForecast.energyMicroPerKwh;
  if (energy === null) return "–";
  return <Price micro={BigInt(energy) + BigInt(next.price.gridFeeMicroPerKwh) + BigInt(leviesMicroPerKwh)} />;
}
