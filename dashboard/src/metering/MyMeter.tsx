import type { z } from "zod";
import type { devicesWire } from "#domains/metering/wire.ts";
import { whenTold } from "../app/api/answer.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import type { AccountCardProps, During } from "../app/pageDomain.ts";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { useArea } from "./areas.ts";

type Meter = z.infer<typeof devicesWire>["meters"][number];

/** The metering points of an account, and the keys that sign their readings. */
export function MyMeter({ account, during }: AccountCardProps) {
  const query = useGet<z.infer<typeof devicesWire>>(`/v1/participants/${account}/devices`);
  return (
    <Card title={whenTold(query, ({ meters }) => meters.length > 1, false) ? "My meters" : "My meter"}>
      <Loaded query={query} what="the meter">
        {({ meters }) =>
          meters.length === 0 ? (
            <Empty>No meter is enrolled for this account. It can hold money, but trades no energy.</Empty>
          ) : (
            <>
              {meters.map((meter) => (
                <OneMeter key={`${meter.areaId} ${meter.member}`} meter={meter} during={during} />
              ))}
              <p className="quiet small">
                A metering point is a hash: the national number stays with the registrar. Only readings signed
                with a device key that was valid at the time count.
              </p>
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

function OneMeter({ meter, during }: { meter: Meter; during: During | undefined }) {
  const { areaId, member, meterId, capacityW, devices } = meter;
  const { capacity } = useFormats();
  const areaName = useArea(areaId)?.name ?? `area ${areaId}`;
  return (
    <section className="stack">
      <p>
        Metering point <Hash value={meterId} />
        <br />
        <span className="quiet small">
          Member {member} of {areaName},{" "}
          {capacityW === 0 ? "retired" : `connection of ${capacity(capacityW)}`}
        </span>
      </p>
      <DataTable
        caption={`Device keys of member ${member} of ${areaName}`}
        columns={COLUMNS}
        rows={devices.filter((key) => wasValid(key, during))}
        keyOf={({ deviceKey, validFrom }) => `${deviceKey} ${validFrom}`}
      />
    </section>
  );
}

/** Whether a key signed in some part of a time. */
function wasValid(
  { validFrom, validUntil }: Meter["devices"][number],
  { from, to }: During = { from: 0, to: Number.POSITIVE_INFINITY },
): boolean {
  return validFrom < to && (validUntil === null || validUntil > from);
}

const COLUMNS: readonly Column<Meter["devices"][number]>[] = [
  { head: "Device key", cell: ({ deviceKey }) => <Hash value={deviceKey} /> },
  { head: "Valid from", cell: ({ validFrom }) => <Time at={validFrom} /> },
  {
    head: "Until",
    cell: ({ validUntil }) => (validUntil === null ? "now in use" : <Time at={validUntil} />),
  },
];
