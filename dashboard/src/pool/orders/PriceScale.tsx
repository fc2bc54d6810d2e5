import type { Side } from "#kernel/auction/order.ts";
import { Price } from "../../app/parts/Amount.tsx";

type Mark = { readonly name: string; readonly micro: string; readonly color: string };

/** An order's limit beside the clearing price and the marginal orders, within the band of the area. */
export function PriceScale({
  side,
  limit,
  clearing,
  band,
}: {
  side: Side;
  limit: string;
  clearing: {
    clearingPriceMicroPerKwh: string | null;
    marginalBidMicroPerKwh: string | null;
    marginalOfferMicroPerKwh: string | null;
  } | null;
  band: { floorMicroPerKwh: string; ceilingMicroPerKwh: string };
}) {
  const place = placeWithin(band);
  const marks = marksOf(limit, clearing);
  const at = place(limit);
  const accepted = side === "bid" ? { left: 0, width: at } : { left: at, width: 100 - at };
  return (
    <div className="scale-box">
      <div className="scale" aria-hidden="true">
        <span className="scale-accepted" style={{ left: `${accepted.left}%`, width: `${accepted.width}%` }} />
        {marks.map(({ name, micro, color }) => (
          <span
            key={name}
            className="scale-mark"
            style={{ left: `${place(micro)}%`, background: `var(--${color})` }}
          />
        ))}
      </div>
      <div className="scale-ends quiet small">
        <span>
          floor <Price micro={band.floorMicroPerKwh} />
        </span>
        <span>
          ceiling <Price micro={band.ceilingMicroPerKwh} />
        </span>
      </div>
      <dl className="scale-legend">
        {marks.map(({ name, micro, color }) => (
          <div key={name}>
            <dt>
              <span className="scale-dot" style={{ background: `var(--${color})` }} aria-hidden="true" />
              {name}
            </dt>
            <dd>
              <Price micro={micro} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="quiet small">
        The coloured part is what this order accepts:{" "}
        {side === "bid" ? "its limit or less" : "its limit or more"}.
      </p>
    </div>
  );
}

function marksOf(limit: string, clearing: Parameters<typeof PriceScale>[0]["clearing"]): Mark[] {
  const known = (name: string, micro: string | null | undefined, color: string): Mark[] =>
    micro === null || micro === undefined ? [] : [{ name, micro, color }];
  return [
    ...known("Clearing price", clearing?.clearingPriceMicroPerKwh, "money"),
    ...known("Lowest bid that traded", clearing?.marginalBidMicroPerKwh, "grid"),
    ...known("Highest offer that traded", clearing?.marginalOfferMicroPerKwh, "sun"),
    { name: "Limit of this order", micro: limit, color: "local" },
  ];
}

function placeWithin({
  floorMicroPerKwh,
  ceilingMicroPerKwh,
}: {
  floorMicroPerKwh: string;
  ceilingMicroPerKwh: string;
}) {
  const [floor, ceiling] = [Number(floorMicroPerKwh), Number(ceilingMicroPerKwh)];
  const width = Math.max(1, ceiling - floor);
  return (micro: string) => Math.min(100, Math.max(0, ((Number(micro) - floor) / width) * 100));
}
