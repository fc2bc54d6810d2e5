import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { z } from "zod";
import type { movementsWire } from "#domains/accounts/wire.ts";
import { capitalised } from "../app/format/sentences.ts";
import type { AccountCardProps } from "../app/pageDomain.ts";
import { useWords } from "../app/pageDomains.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import type { Column } from "../app/parts/DataTable.tsx";
import { PagedTable } from "../app/parts/PagedTable.tsx";
import { Empty } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { memberText } from "./members.ts";
import { shownMovement } from "./shownMovement.ts";
import { useHasSeveralMembers } from "./useHasSeveralMembers.ts";

type Movement = z.infer<typeof movementsWire>["movements"][number];

const ROWS_PER_PAGE = 10;

/** The account like a bank's statement: date, what for, paid, received, and what it held after it; the latest first. */
export function Movements({ account, during }: AccountCardProps) {
  const hasSeveral = useHasSeveralMembers(account);
  const [isAll, setAll] = useState(false);
  const query = [
    ...(isAll ? [] : ["only=payments"]),
    ...(during ? [`from=${during.from}`, `to=${during.to}`] : []),
  ].join("&");
  const columns = isAll ? POCKETS : PAYMENTS;
  return (
    <Card
      title="How my money moved"
      aside={
        <label className="row small">
          <input type="checkbox" checked={isAll} onChange={({ target }) => setAll(target.checked)} />
          between free, margin and reserved too
        </label>
      }
    >
      <PagedTable
        key={query}
        path={`/v1/participants/${account}/movements${query === "" ? "" : `?${query}`}`}
        rowsOf={({ movements }: z.infer<typeof movementsWire>) => movements}
        rowsPerPage={ROWS_PER_PAGE}
        columns={hasSeveral ? [...columns, MEMBER] : columns}
        keyOf={({ transactionHash, kind }, index) => `${transactionHash} ${kind} ${index}`}
        caption="Movements of money"
        what="the movements"
        empty={<Empty>No money moved in this time.</Empty>}
      />
    </Card>
  );
}

const WHAT: Column<Movement> = {
  head: "What",
  cell: ({ kind, timestamp, transactionHash }) => (
    <div className="wrapping">
      <Link to="/transactions/$hash" params={{ hash: transactionHash }}>
        <MovementName kind={kind} />
      </Link>
      <br />
      <span className="quiet small">
        <Time at={timestamp} />
      </span>
    </div>
  ),
};

const BALANCE: Column<Movement> = {
  head: "Balance",
  isNumber: true,
  cell: ({ balanceMicro }) => <Money micro={balanceMicro} form="fine" />,
};

/** What changes what the account holds in all. */
const PAYMENTS: readonly Column<Movement>[] = [
  WHAT,
  {
    head: "You paid",
    isNumber: true,
    cell: (row) => <Amount micro={-BigInt(row.wholeMicro)} shown={-shownMovement(row).whole} />,
  },
  {
    head: "You received",
    isNumber: true,
    cell: (row) => <Amount micro={BigInt(row.wholeMicro)} shown={shownMovement(row).whole} />,
  },
  BALANCE,
];

/** Which of its pockets changed, too. */
const POCKETS: readonly Column<Movement>[] = [
  WHAT,
  { head: "Free", isNumber: true, cell: ({ freeMicro }) => <Change micro={freeMicro} /> },
  { head: "Margin", isNumber: true, cell: ({ marginMicro }) => <Change micro={marginMicro} /> },
  { head: "Reserved", isNumber: true, cell: ({ escrowMicro }) => <Change micro={escrowMicro} /> },
  BALANCE,
];

/** Whose margin it was, where an account has several. */
const MEMBER: Column<Movement> = {
  head: "Metering point",
  isExtra: true,
  cell: ({ areaId, member }) =>
    areaId === null || member === null ? (
      <span className="quiet">–</span>
    ) : (
      capitalised(memberText({ areaId, member }))
    ),
};

/** Nothing in the column of the other direction. */
function Amount({ micro, shown }: { micro: bigint; shown: bigint }) {
  return micro > 0n ? <Money micro={micro} shown={shown} form="fine" /> : null;
}

function MovementName({ kind }: { kind: string }) {
  return useWords().movement(kind);
}

function Change({ micro }: { micro: string }) {
  return micro === "0" ? <span className="quiet">–</span> : <Money micro={micro} isSigned form="fine" />;
}
