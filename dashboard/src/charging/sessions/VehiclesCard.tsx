import { useGet } from "../../app/api/useGet.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { Energy } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { DataTable } from "../../app/parts/DataTable.tsx";
import { Empty, Loaded } from "../../app/parts/States.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { Power } from "../Power.tsx";
import type { StationVehicles } from "./sessions.ts";
import { waitingWords } from "./waitingWords.ts";

const LOOKS_AGAIN_MS = 10_000;

/** Who is there, what does each get, and why does a vehicle wait? */
export function VehiclesCard({ areaId, member }: { areaId: number; member: number }) {
  const path = `/v1/areas/${areaId}/stations/${member}/vehicles`;
  const query = useGet<StationVehicles>(path, { everyMs: LOOKS_AGAIN_MS });
  return (
    <Card title="Vehicles now">
      <Loaded query={query} what="the vehicles">
        {({ now }) =>
          now === null ? (
            <Empty>This server does not run the station, and does not know its vehicles.</Empty>
          ) : (
            <Vehicles now={now} />
          )
        }
      </Loaded>
    </Card>
  );
}

function Vehicles({ now }: { now: NonNullable<StationVehicles["now"]> }) {
  const formats = useFormats();
  const { vehicles, limitW, limitUntil, points } = now;
  const waiting = vehicles.flatMap((vehicle) =>
    vehicle.waiting === null ? [] : [{ id: vehicle.id, words: waitingWords(vehicle.waiting, now, formats) }],
  );
  return (
    <div className="stack">
      <p>
        {vehicles.length === 0
          ? `No vehicle wants energy at its ${points} points.`
          : `${vehicles.length} of ${points} points have a vehicle that wants energy.`}{" "}
        The station may draw <Power w={limitW} /> until <Time at={limitUntil} form="time" />.
      </p>
      {vehicles.length === 0 ? null : (
        <DataTable
          caption="Vehicles at the station"
          rows={vehicles}
          keyOf={({ id }) => id}
          columns={[
            { head: "Vehicle", cell: ({ id }) => id },
            { head: "Gets", isNumber: true, cell: ({ offeredW }) => <Power w={offeredW} /> },
            { head: "Still wants", isNumber: true, cell: ({ wantedWh }) => <Energy wh={wantedWh} /> },
            { head: "Leaves", cell: ({ leavesAt }) => <Time at={leavesAt} form="time" /> },
          ]}
        />
      )}
      {waiting.length === 0 ? null : (
        <ul className="stack" aria-label="Why vehicles wait">
          {waiting.map(({ id, words }) => (
            <li key={id}>
              <strong>{id}</strong> waits. {words}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
