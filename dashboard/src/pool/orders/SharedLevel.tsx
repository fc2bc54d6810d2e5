import type { z } from "zod";
import type { explanationWire } from "#domains/pool/wireExplanation.ts";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";

type Level = NonNullable<z.infer<typeof explanationWire>["level"]>;
type LevelOrder = Level["orders"][number];

/** The orders of one price that shared what was left: who, how much, and what each got. */
export function SharedLevel({ level, ownId }: { level: Level; ownId: string }) {
  const formats = useFormats();
  return (
    <Card
      title="Who shared this price"
      aside={`${level.participants} ${level.participants === 1 ? "participant" : "participants"}`}
    >
      <p>
        <Energy wh={level.filledWh} form="fine" /> were left for <Energy wh={level.levelWh} form="fine" /> at
        this price: {formats.share(level.share)} of each.
      </p>
      <DataTable
        caption="Orders at the same price"
        columns={COLUMNS}
        rows={level.orders}
        keyOf={({ orderId }) => orderId}
        markOf={({ orderId }) => (orderId === ownId ? "marked" : undefined)}
      />
    </Card>
  );
}

const COLUMNS: readonly Column<LevelOrder>[] = [
  { head: "Who", cell: ({ account }) => <AccountLink account={account} /> },
  { head: "Wanted", isNumber: true, cell: ({ energyWh }) => <Energy wh={energyWh} form="fine" /> },
  { head: "Got", isNumber: true, cell: ({ fillWh }) => <Energy wh={fillWh} form="fine" /> },
  { head: "Share", cell: (order) => <FillBar {...order} /> },
];

/** A bar of what was filled, with its percentage. */
export function FillBar({ energyWh, fillWh }: { energyWh: string; fillWh: string }) {
  const { share } = useFormats();
  const ratio = Number(energyWh) > 0 ? Number(fillWh) / Number(energyWh) : 0;
  return (
    <span className="fill">
      <span className="fill-bar" aria-hidden="true">
        <span style={{ width: `${ratio * 100}%` }} />
      </span>
      {share(ratio)}
    </span>
  );
}
