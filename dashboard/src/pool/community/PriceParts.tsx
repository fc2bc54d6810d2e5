import { Price } from "../../app/parts/Amount.tsx";
import { ChartTable } from "../../app/parts/Chart.tsx";
import type { Community } from "../community.ts";
import "./PriceParts.css";

type Offer = {
  readonly name: string;
  readonly parts: readonly { readonly kind: "energy" | "fee" | "levies"; readonly micro: bigint }[];
};

const KIND_NAMES = { energy: "Energy", fee: "Grid fee", levies: "Levies" } as const;

/** What a bought kWh is made of: from a neighbour, and from the supplier (R2.50). */
export function PriceParts({ community }: { community: Community }) {
  const offers = offersOf(community);
  const highest = Math.max(1, ...offers.map((offer) => Number(totalOf(offer))));
  return (
    <figure className="price-parts">
      {offers.map((offer) => (
        <div key={offer.name} className="price-offer">
          <div className="row spread">
            <span>{offer.name}</span>
            <strong>
              <Price micro={totalOf(offer)} />
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
            {offer.parts.map(({ kind, micro }) => (
              <li key={kind}>
                <span className={`price-swatch price-${kind}`} aria-hidden="true" />
                {KIND_NAMES[kind]} <Price micro={micro} />
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
          ...offer.parts.map(({ kind, micro }) => <Price key={kind} micro={micro} />),
          <Price key="together" micro={totalOf(offer)} />,
        ])}
      />
    </figure>
  );
}

function offersOf({ current, nextForecast, leviesMicroPerKwh, retail }: Community): Offer[] {
  const known = current.price.energyMicroPerKwh;
  const energy = known ?? nextForecast.energyMicroPerKwh;
  const local: Offer[] =
    energy === null
      ? []
      : [
          {
            name: known === null ? "From a neighbour, as expected" : "From a neighbour",
            parts: [
              { kind: "energy", micro: BigInt(energy) },
              { kind: "fee", micro: BigInt(current.price.gridFeeMicroPerKwh) },
              { kind: "levies", micro: BigInt(leviesMicroPerKwh) },
            ],
          },
        ];
  const supplier: Offer[] = retail
    ? [
        {
          name: "From the supplier",
          parts: [
            { kind: "energy", micro: BigInt(retail.energyMicroPerKwh) },
            { kind: "fee", micro: BigInt(retail.gridFeeMicroPerKwh) },
            { kind: "levies", micro: BigInt(retail.leviesMicroPerKwh) },
          ],
        },
      ]
    : wholeRetail(current.price.retailMicroPerKwh);
  return [...local, ...supplier];
}

/** A tariff whose parts are not known is shown as a whole. */
function wholeRetail(retailMicroPerKwh: string | null): Offer[] {
  if (retailMicroPerKwh === null) return [];
  return [
    { name: "From the supplier, all in", parts: [{ kind: "energy", micro: BigInt(retailMicroPerKwh) }] },
  ];
}

function totalOf({ parts }: Offer): bigint {
  return parts.reduce((sum, { micro }) => sum + micro, 0n);
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
