import { useFormats } from "../../format/locale.tsx";
import { Energy, Money, Price } from "../../parts/Amount.tsx";
import { Figure, Figures } from "../../parts/Figure.tsx";
import type { Community } from "../CommunityPage.tsx";

/** The answers at a glance: price now and next, what was saved today, how much came from neighbours. */
export function Headline({ community }: { community: Community }) {
  const formats = useFormats();
  const { current, next, nextForecast, today, homes } = community;
  return (
    <Figures>
      <PriceNow price={current.price} />
      <Figure
        label={`Next price, ${formats.span(next.startsAt, next.endsAt)}`}
        meaning="local"
        value={<NextPrice community={community} />}
        note={
          next.price.energyMicroPerKwh === null
            ? `expected: ${nextForecast.sentence}`
            : "cleared, grid fee included"
        }
      />
      <Figure
        label="Saved today"
        meaning="money"
        value={<Money micro={today.savingMicro} />}
        note={`by ${formats.count(homes)} homes, against the supplier’s tariff alone`}
      />
      <Figure
        label="From neighbours today"
        meaning="sun"
        value={formats.share(today.localShare)}
        note={
          <>
            <Energy wh={today.localWh} /> of the <Energy wh={today.importWh} /> that meters took in
          </>
        }
      />
    </Figures>
  );
}

function PriceNow({ price }: { price: Community["current"]["price"] }) {
  const { totalMicroPerKwh, energyMicroPerKwh, retailMicroPerKwh, feedInMicroPerKwh } = price;
  if (totalMicroPerKwh === null || energyMicroPerKwh === null)
    return (
      <Figure
        label="Price now"
        meaning="grid"
        value={retailMicroPerKwh === null ? "–" : <Price micro={retailMicroPerKwh} />}
        note="from the supplier; no neighbour sells just now"
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
