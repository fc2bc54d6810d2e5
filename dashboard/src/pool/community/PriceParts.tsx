import { Price } from "../../app/parts/Amount.tsx";
import { ChartTable } from "../../app/parts/Chart.tsx";
import type { Community } from "../community.ts";
import "./PriceParts.css";
import { offersOf, shownOffer } from "./priceOffers.ts";

const KIND_NAMES = { energy: "Energy", fee: "Grid fee", levies: "Levies" } as const;

/** What a bought kWh is made of: from a neighbour, and from the supplier (R2.50). */
export function PriceParts({ community }: { community: Community }) {
  const offers = offersOf(community).map((offer) => ({ name: offer.name, ...shownOffer(offer) }));
  const highest = Math.max(1, ...offers.map(({ total }) => Number(total.micro)));
  return (
    <figure className="price-parts">
      {offers.map((offer) => (
        <div key={offer.name} className="price-offer">
          <div className="row spread">
            <span>{offer.name}</span>
            <strong>
              <Price {...offer.total} />
            </strong>
          </div>
          <div className="price-bar" aria-hidden="true">
            {offer.parts.map(({ kind, micro }) => (
              <span
                key={kind}
                className={`price-part price-${kind}`}
                style={{ width: `${(Number(micro) * 100) / highest}%` }}
              />
            ))}
          </div>
          <ul className="price-legend">
            {offer.parts.map(({ kind, micro, shown }) => (
              <li key={kind}>
                <span className={`price-swatch price-${kind}`} aria-hidden="true" />
                {KIND_NAMES[kind]} <Price micro={micro} shown={shown} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      <SellerGain community={community} />
      <ChartTable
        title="What a bought kWh is made of"
        head={["From", "Energy", "Grid fee", "Levies", "Together"]}
        rows={offers.map((offer) => [
          offer.name,
          ...offer.parts.map(({ kind, micro, shown }) => <Price key={kind} micro={micro} shown={shown} />),
          <Price key="together" {...offer.total} />,
        ])}
      />
    </figure>
  );
}

function SellerGain({ community: { current } }: { community: Community }) {
  const { energyMicroPerKwh, feedInMicroPerKwh } = current.price;
  if (energyMicroPerKwh === null || feedInMicroPerKwh === null) return null;
  return (
    <p className="quiet">
      Who sells to a neighbour gets <Price micro={energyMicroPerKwh} />, from the supplier it would be{" "}
      <Price micro={feedInMicroPerKwh} />.
    </p>
  );
}
