import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Money, Price } from "../../app/parts/Amount.tsx";
import { Figure, Figures } from "../../app/parts/Figure.tsx";
import type { Community } from "../community.ts";

/** The answers at a glance: price now and next, what was saved today, how much came from neighbours. */
export function Headline({ community }: { community: Community }) {
  const formats = useFormats();
  const { current, next, nextForecast, today, homes } = community;
  return (
    <Figures>
      <PriceNow current={current} next={next} />
      <Figure
        label={
          <>
            Next price, <span className="nowrap">{formats.span(next.startsAt, next.endsAt)}</span>
          </>
        }
        meaning="local"
        value={<NextPrice community={community} />}
        note={
          next.price.energyMicroPerKwh === null
            ? `expected: ${nextForecast.sentence}`
            : "cleared, grid fee included"
        }
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

function PriceNow({ current, next }: Pick<Community, "current" | "next">) {
  const { time } = useFormats();
  const { totalMicroPerKwh, energyMicroPerKwh, retailMicroPerKwh, feedInMicroPerKwh } = current.price;
  if (totalMicroPerKwh === null || energyMicroPerKwh === null)
    return (
      <Figure
        label="Price now"
        meaning="grid"
        value={retailMicroPerKwh === null ? "–" : <Price micro={retailMicroPerKwh} />}
        note={
          retailMicroPerKwh === null
            ? `the first interval begins at ${time(next.startsAt)}`
            : "from the supplier; no neighbour sells just now"
        }
      />
    );
  return (
    <Figure
      label="Price now, from a neighbour"
      meaning="local"
      value={<Price micro={totalMicroPerKwh} />}
      note={
        <>
          {retailMicroPerKwh === null ? null : (
            <>
              the supplier asks <Price micro={retailMicroPerKwh} />;{" "}
            </>
          )}
          who sells gets <Price micro={energyMicroPerKwh} />
          {feedInMicroPerKwh === null ? null : (
            <>
              {" "}
              instead of <Price micro={feedInMicroPerKwh} />
            </>
          )}
        </>
      }
    />
  );
}

/** Grid fee and levies are known ahead; only the energy's price is expected. */
function NextPrice({ community: { next, nextForecast, leviesMicroPerKwh } }: { community: Community }) {
  const energy = next.price.energyMicroPerKwh ?? nextForecast.energyMicroPerKwh;
  if (energy === null) return "–";
  return <Price micro={BigInt(energy) + BigInt(next.price.gridFeeMicroPerKwh) + BigInt(leviesMicroPerKwh)} />;
}
