import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy, Price } from "../../app/parts/Amount.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";
import { Empty } from "../../app/parts/States.tsx";
import type { Community } from "../community.ts";
import type { Interval } from "../interval.ts";
import { Stage } from "../Stage.tsx";
import { withRunning } from "./priceNow.ts";

const SHOWN_AT_FIRST = 8;

/** The newest intervals, each with its stage in the life of a delivery interval. */
export function LastIntervals({
  intervals,
  community,
}: {
  intervals: readonly Interval[];
  community: Community;
}) {
  const [shows, setShows] = useState<"few" | "all">("few");
  const columns = useColumns(community.now);
  const { areaId } = community;
  const rows = withRunning<Row, Row>(intervals, community, (interval) => ({
    areaId,
    readings: null,
    ...interval,
  }));
  if (rows.length === 0) return <Empty>No interval has been cleared yet.</Empty>;
  return (
    <div className="stack">
      <DataTable
        caption="The newest intervals"
        columns={columns}
        rows={shows === "all" ? rows : rows.slice(0, SHOWN_AT_FIRST)}
        keyOf={({ intervalId }) => intervalId}
      />
      {rows.length > SHOWN_AT_FIRST ? (
        <button
          type="button"
          className="button start"
          aria-expanded={shows === "all"}
          onClick={() => setShows(shows === "all" ? "few" : "all")}
        >
          {shows === "all" ? "Show fewer" : `Show all ${rows.length}`}
        </button>
      ) : null}
    </div>
  );
}

type Row = Pick<Interval, "areaId" | "intervalId" | "startsAt" | "endsAt" | "status" | "readings" | "price"> &
  Partial<Pick<Interval, "clearedWh" | "trades" | "orders">>;

function useColumns(now: number): Column<Row>[] {
  const formats = useFormats();
  return [
    {
      head: "Delivery",
      cell: ({ areaId, intervalId, startsAt, endsAt, clearedWh }) =>
        clearedWh === undefined ? (
          formats.span(startsAt, endsAt)
        ) : (
          <Link
            to="/intervals/$areaId/$intervalId"
            params={{ areaId: String(areaId), intervalId: String(intervalId) }}
          >
            {formats.span(startsAt, endsAt)}
          </Link>
        ),
    },
    { head: "Stage", cell: (row) => <Stage interval={row} now={now} /> },
    {
      head: "Price per kWh",
      isNumber: true,
      cell: ({ price }) =>
        price.energyMicroPerKwh === null ? (
          <span className="quiet">{price.state === "none" ? "no trade" : "not yet"}</span>
        ) : (
          <Price micro={price.energyMicroPerKwh} form="bare" />
        ),
    },
    {
      head: "Contracted",
      isNumber: true,
      isExtra: true,
      cell: ({ clearedWh }) => (clearedWh === undefined ? "–" : <Energy wh={clearedWh} />),
    },
    { head: "Orders", isNumber: true, isExtra: true, cell: ({ orders }) => orders ?? "–" },
    { head: "Trades", isNumber: true, isExtra: true, cell: ({ trades }) => trades ?? "–" },
  ];
}
