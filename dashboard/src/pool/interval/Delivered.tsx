import type { IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { AccountLink } from "../../accounts/AccountLink.tsx";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";
import { Empty, Notice } from "../../app/parts/States.tsx";
import { contractedPositions, type IntervalBooks, type SettledAccount } from "./intervalBooks.ts";

const COLUMNS: readonly Column<SettledAccount>[] = [
  { head: "Participant", cell: ({ account }) => <AccountLink account={account} /> },
  { head: "Bought", isNumber: true, cell: ({ position }) => <Wh energyWh={position.boughtWh} /> },
  { head: "Sold", isNumber: true, cell: ({ position }) => <Wh energyWh={position.soldWh} /> },
  {
    head: "Metered in",
    isNumber: true,
    isExtra: true,
    cell: ({ metered }) => <Wh energyWh={metered.importWh} />,
  },
  {
    head: "Metered out",
    isNumber: true,
    isExtra: true,
    cell: ({ metered }) => <Wh energyWh={metered.exportWh} />,
  },
  {
    head: "Shortfall",
    isNumber: true,
    cell: ({ settlement: { shortfallWh, shortfallMicro } }) => (
      <Deviation energyWh={shortfallWh} micro={shortfallMicro} />
    ),
  },
  {
    head: "Not consumed",
    isNumber: true,
    cell: ({ settlement: { unconsumedWh, surplusMicro } }) => (
      <Deviation energyWh={unconsumedWh} micro={-surplusMicro} />
    ),
  },
  {
    head: "Paid in all",
    isNumber: true,
    cell: ({ settlement }) => <Money micro={settlement.netMicro} form="fine" />,
  },
];

/** Readings against contracted energy, with shortfall and surplus priced as the area's terms say. */
export function Delivered({
  evidence,
  books,
}: {
  evidence: IntervalEvidence;
  /** Null before the settlement. */
  books: IntervalBooks | null;
}) {
  if (books === null) return <Waiting evidence={evidence} />;
  if (books.accounts.length === 0) return <Empty>Nobody held a position, so no reading was opened.</Empty>;
  return (
    <div className="stack">
      {books.isAsContracted ? (
        <Notice tone="watch">No readings came for part of it: that part was settled as contracted.</Notice>
      ) : null}
      <DataTable
        caption="Contracted energy against the meter"
        columns={COLUMNS}
        rows={books.accounts}
        keyOf={({ account }) => account}
      />
      <p className="quiet small">
        A seller’s shortfall is bought from the supplier at the seller’s cost; what a buyer did not consume
        goes to the supplier. Readings of homes without a position stay sealed.
      </p>
    </div>
  );
}

function Waiting({ evidence }: { evidence: IntervalEvidence }) {
  const positions = contractedPositions(evidence).length;
  return (
    <Empty>
      {positions === 0
        ? "There is no position yet: orders are still being collected or cleared."
        : `${positions} participants hold a position. Their meters’ readings come when delivery is over.`}
    </Empty>
  );
}

function Wh({ energyWh }: { energyWh: bigint }) {
  return energyWh === 0n ? <span className="quiet">–</span> : <Energy wh={energyWh} form="fine" />;
}

function Deviation({ energyWh, micro }: { energyWh: bigint; micro: bigint }) {
  if (energyWh === 0n) return <span className="quiet">–</span>;
  return (
    <>
      <Energy wh={energyWh} form="fine" />
      <br />
      <span className="quiet small">
        <Money micro={micro} isSigned form="fine" />
      </span>
    </>
  );
}
