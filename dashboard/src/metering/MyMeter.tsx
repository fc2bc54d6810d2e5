import type { z } from "zod";
import type { devicesWire } from "#domains/accounts/wire.ts";
import { useGet } from "../app/api/useGet.ts";
import type { AccountCardProps } from "../app/pageDomain.ts";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";

type Devices = z.infer<typeof devicesWire>;

/** The metering point, and the keys that sign its readings. */
export function MyMeter({ account }: AccountCardProps) {
  const query = useGet<Devices>(`/v1/participants/${account}/devices`);
  return (
    <Card title="My meter">
      <Loaded query={query} what="the meter">
        {({ meterId, devices }) =>
          meterId === null ? (
            <Empty>No meter is enrolled for this account. It can hold money, but trades no energy.</Empty>
          ) : (
            <>
              <p>
                Metering point <Hash value={meterId} />
                <br />
                <span className="quiet small">
                  A hash: the national number stays with the registrar. Only readings signed with a device key
                  that was valid at the time count.
                </span>
              </p>
              <DataTable
                caption="Device keys"
                columns={COLUMNS}
                rows={devices}
                keyOf={({ deviceKey }) => deviceKey}
              />
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

const COLUMNS: readonly Column<Devices["devices"][number]>[] = [
  { head: "Device key", cell: ({ deviceKey }) => <Hash value={deviceKey} /> },
  { head: "Valid from", cell: ({ validFrom }) => <Time at={validFrom} /> },
  {
    head: "Until",
    cell: ({ validUntil }) => (validUntil === null ? "now in use" : <Time at={validUntil} />),
  },
];
