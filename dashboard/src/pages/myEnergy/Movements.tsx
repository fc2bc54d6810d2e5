import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { z } from "zod";
import type { movementsWire } from "#api/wire.ts";
import { useGet } from "../../api/useGet.ts";
import { Money } from "../../parts/Amount.tsx";
import { type Column, DataTable, Pager } from "../../parts/DataTable.tsx";
import { Empty, Loaded } from "../../parts/States.tsx";
import { Time } from "../../parts/Time.tsx";

type Movement = z.infer<typeof movementsWire>["movements"][number];

const ROWS_PER_PAGE = 10;

const KINDS: ReadonlyMap<string, string> = new Map([
  ["deposited", "Deposited"],
  ["withdrawn", "Withdrawn"],
  ["marginAdded", "Put into margin"],
  ["marginWithdrawn", "Taken out of margin"],
  ["marginOverflowed", "Margin beyond its limit freed"],
  ["reserved", "Reserved for trades"],
  ["returned", "Given back"],
  ["settled", "Settled"],
  ["gridFee", "Grid fee received"],
  ["supplierPaid", "Supplier settled"],
  ["remainderBooked", "What rounding left"],
]);

/** How the money of an account moved, the latest first, with the transaction behind each. */
export function Movements({ account }: { account: number }) {
  const [page, setPage] = useState(0);
  const query = useGet<{ movements: Movement[] }>(
    `/v1/participants/${account}/movements?limit=${ROWS_PER_PAGE}&offset=${page * ROWS_PER_PAGE}`,
  );
  return (
    <Loaded query={query} what="the movements">
      {({ movements }) => (
        <>
          {movements.length === 0 ? (
            <Empty>No money has moved yet.</Empty>
          ) : (
            <DataTable
              caption="Movements of money"
              columns={COLUMNS}
              rows={movements.map((movement, i) => ({ ...movement, i }))}
              keyOf={({ transactionHash, kind, i }) => `${transactionHash} ${kind} ${i}`}
            />
          )}
          <Pager
            label="Pages of the movements"
            page={page}
            hasMore={movements.length === ROWS_PER_PAGE}
            onPage={setPage}
          />
        </>
      )}
    </Loaded>
  );
}

const COLUMNS: readonly Column<Movement & { i: number }>[] = [
  {
    head: "What",
    cell: ({ kind, timestamp, transactionHash }) => (
      <div className="wrapping">
        <Link to="/transactions/$hash" params={{ hash: transactionHash }}>
          {KINDS.get(kind) ?? kind}
        </Link>
        <br />
        <span className="quiet small">
          <Time at={timestamp} />
        </span>
      </div>
    ),
  },
  { head: "Free", isNumber: true, cell: ({ freeMicro }) => <Change micro={freeMicro} /> },
  { head: "Margin", isNumber: true, cell: ({ marginMicro }) => <Change micro={marginMicro} /> },
  { head: "Reserved", isNumber: true, cell: ({ escrowMicro }) => <Change micro={escrowMicro} /> },
];

function Change({ micro }: { micro: string }) {
  return micro === "0" ? <span className="quiet">–</span> : <Money micro={micro} isSigned form="fine" />;
}
