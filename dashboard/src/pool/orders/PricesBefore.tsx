import type { z } from "zod";
import type { pricesWire } from "#domains/pool/wire.ts";
import type { depthWire } from "#domains/pool/wireDepth.ts";
import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Price } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";
import { type Fact, Facts } from "../../app/parts/Facts.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { IntervalLink } from "../../metering/IntervalLink.tsx";
import { byCent, type CentLevel } from "./bookDepth.ts";

type Depth = z.infer<typeof depthWire>;
type Prices = z.infer<typeof pricesWire>["areas"][number];

/** Intervals whose prices and books are shown: two hours of quarter-hours. */
const SHOWN_INTERVALS = 8;

/** What a price is set against: the price now, the last ones, and how much was wished at which price. */
export function PricesBefore({ areaId, prices }: { areaId: number; prices: Prices | undefined }) {
  const query = useGet<Depth>(`/v1/areas/${areaId}/depth?intervals=${SHOWN_INTERVALS}`);
  return (
    <Card title="What others pay and ask" aside="before you set your price">
      {prices === undefined ? null : <Facts facts={factsOf(prices)} />}
      <Loaded query={query} what="the last prices">
        {(depth) => <LastPrices areaId={areaId} depth={depth} />}
      </Loaded>
    </Card>
  );
}

function factsOf({ current, next }: Prices): Fact[] {
  return [
    { name: "Price now", value: <PriceOf interval={current} /> },
    { name: "Price next", value: <PriceOf interval={next} /> },
  ];
}

function PriceOf({ interval: { price, startsAt, endsAt } }: { interval: Prices["current"] }) {
  const { span } = useFormats();
  return (
    <>
      {price.energyMicroPerKwh === null ? (
        price.state === "pending" ? (
          "not known yet"
        ) : (
          "nothing is traded"
        )
      ) : (
        <Price micro={price.energyMicroPerKwh} />
      )}{" "}
      <span className="quiet small">{span(startsAt, endsAt)}</span>
    </>
  );
}

function LastPrices({ areaId, depth: { intervals, levels } }: { areaId: number; depth: Depth }) {
  if (intervals.length === 0) return <Empty>No interval is cleared yet.</Empty>;
  const columns: Column<Depth["intervals"][number]>[] = [
    {
      head: "Interval",
      cell: ({ intervalId }) => (
        <span className="wrapping">
          <IntervalLink areaId={areaId} intervalId={intervalId} />
        </span>
      ),
    },
    {
      head: "Price per kWh",
      isNumber: true,
      cell: ({ localPriceMicroPerKwh: price }) =>
        price === null ? "nothing traded" : <Price micro={price} form="bare" />,
    },
    { head: "Contracted", isNumber: true, cell: ({ clearedWh }) => <Energy wh={clearedWh} /> },
  ];
  return (
    <>
      <DataTable
        caption="The last prices"
        columns={columns}
        rows={intervals}
        keyOf={({ intervalId }) => intervalId}
      />
      <DataTable
        caption="How much was wished at which price"
        columns={DEPTH_COLUMNS}
        rows={byCent(levels)}
        keyOf={({ priceMicroPerKwh }) => String(priceMicroPerKwh)}
      />
      <p className="quiet small">
        What all members together wished in these {intervals.length} intervals, by whole cents per kWh. Whose
        orders they are is not shown here, and orders whose gate is still open are in none of it: until it
        closes only their owner and the operator see them.
      </p>
    </>
  );
}

const DEPTH_COLUMNS: readonly Column<CentLevel>[] = [
  { head: "At", cell: ({ priceMicroPerKwh }) => <Price micro={priceMicroPerKwh} form="bare" /> },
  { head: "To buy", isNumber: true, cell: ({ bidWh }) => <EnergyOrNone wh={bidWh} /> },
  { head: "To sell", isNumber: true, cell: ({ offerWh }) => <EnergyOrNone wh={offerWh} /> },
  { head: "Sold", isNumber: true, cell: ({ filledOfferWh }) => <EnergyOrNone wh={filledOfferWh} /> },
];

function EnergyOrNone({ wh }: { wh: bigint }) {
  return wh === 0n ? <span className="quiet">–</span> : <Energy wh={wh} />;
}
