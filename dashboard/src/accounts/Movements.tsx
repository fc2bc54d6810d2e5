import { Link } from "@tanstack/react-router";
import type { z } from "zod";
import type { movementsWire } from "#domains/accounts/wire.ts";
import { duringPath } from "../app/during.ts";
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
import { useHasSeveralMembers } from "./useHasSeveralMembers.ts";

type Movement = z.infer<typeof movementsWire>["movements"][number];

const ROWS_PER_PAGE = 10;

/** How the money of an account moved, the latest first, with the transaction behind each. */
export function Movements({ account, during }: AccountCardProps) {
  const hasSeveral = useHasSeveralMembers(account);
  return (
    <Card title="How my money moved" aside="the latest first">
      <PagedTable
        key={`${during?.from} ${during?.to}`}
        path={duringPath(`/v1/participants/${account}/movements`, during)}
        rowsOf={({ movements }: z.infer<typeof movementsWire>) => movements}
        rowsPerPage={ROWS_PER_PAGE}
        columns={hasSeveral ? WITH_MEMBER : COLUMNS}
        keyOf={({ transactionHash, kind }, index) => `${transactionHash} ${kind} ${index}`}
        caption="Movements of money"
        what="the movements"
        empty={<Empty>{during ? "No money moved in this time." : "No money has moved yet."}</Empty>}
      />
    </Card>
  );
}

const COLUMNS: readonly Column<Movement>[] = [
  {
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
  },
  { head: "Free", isNumber: true, cell: ({ freeMicro }) => <Change micro={freeMicro} /> },
  { head: "Margin", isNumber: true, cell: ({ marginMicro }) => <Change micro={marginMicro} /> },
  { head: "Reserved", isNumber: true, cell: ({ escrowMicro }) => <Change micro={escrowMicro} /> },
];

/** Whose margin it was, where an account has several. */
const WITH_MEMBER: readonly Column<Movement>[] = [
  ...COLUMNS,
  {
    head: "Metering point",
    isExtra: true,
    cell: ({ areaId, member }) =>
      areaId === null || member === null ? (
        <span className="quiet">–</span>
      ) : (
        capitalised(memberText({ areaId, member }))
      ),
  },
];

function MovementName({ kind }: { kind: string }) {
  return useWords().movement(kind);
}

function Change({ micro }: { micro: string }) {
  return micro === "0" ? <span className="quiet">–</span> : <Money micro={micro} isSigned form="fine" />;
}
