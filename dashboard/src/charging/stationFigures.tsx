import { Energy, Money } from "../app/parts/Amount.tsx";
import type { Column } from "../app/parts/DataTable.tsx";
import { Power } from "./Power.tsx";
import type { StationInPeriod } from "./quotas.ts";

/** What a station was given and paid in a period. */
type Figures = Pick<
  StationInPeriod,
  "allocatedW" | "quotaW" | "quotaMicro" | "meteredWh" | "feeMicro" | "penaltyMicro"
>;

/** Quota, auction, energy and its price. What is not known yet is a dash. */
export const STATION_FIGURES: readonly Column<Figures>[] = [
  {
    head: "Quota",
    isNumber: true,
    cell: ({ quotaW }) => (quotaW === null ? "–" : <Power w={quotaW} />),
  },
  {
    head: "Auction",
    isNumber: true,
    isExtra: true,
    cell: ({ quotaMicro, allocatedW }) => (allocatedW === null ? "–" : <Money micro={quotaMicro} />),
  },
  {
    head: "Drawn",
    isNumber: true,
    isExtra: true,
    cell: ({ meteredWh }) => (meteredWh === null ? "–" : <Energy wh={meteredWh} />),
  },
  {
    head: "Fee",
    isNumber: true,
    isExtra: true,
    cell: ({ feeMicro }) => (feeMicro === null ? "–" : <Money micro={feeMicro} />),
  },
  {
    head: "Penalty",
    isNumber: true,
    isExtra: true,
    cell: ({ penaltyMicro }) => (penaltyMicro === null ? "–" : <Money micro={penaltyMicro} />),
  },
];
