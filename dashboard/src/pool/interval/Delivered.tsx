import type { IntervalEvidence } from "#domains/pool/check/intervalEvidence.ts";
import { MemberLink } from "../../accounts/MemberLink.tsx";
import { Energy, Money } from "../../app/parts/Amount.tsx";
import { type Column, DataTable } from "../../app/parts/DataTable.tsx";
import { Empty, Notice } from "../../app/parts/States.tsx";
import { contractedPositions, type IntervalBooks, type SettledMember } from "./intervalBooks.ts";

const columnsOf = (areaId: number): readonly Column<SettledMember>[] => [
  { head: "Participant", cell: ({ member }) => <MemberLink areaId={areaId} member={member} /> },
  { head: "Bought", isNumber: true, cell: ({ position }) => <Wh energyWh={position.boughtWh} /> },
  { head: "Sold", isNumber: true, cell: ({ position }) => <Wh energyWh={position.soldWh} /> },
  {
    head: "Metered in",
    isNumber: true,
    isExtra: true,
    cell: ({ metered }) => <Metered energyWh={metered?.importWh ?? null} />,
  },
  {
    head: "Metered out",
    isNumber: true,
    isExtra: true,
    cell: ({ metered }) => <Metered energyWh={metered?.exportWh ?? null} />,
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
  if (books.members.length === 0 && books.isWhole)
    return <Empty>Nobody held a position, so no reading was opened.</Empty>;
  const missing = books.members.filter(({ metered }) => metered === null).length;
  return (
    <div className="stack">
      {missing > 0 ? (
        <Notice tone="watch">
          {missing === 1 ? "One reading" : `${missing} readings`} did not come in time and counted as zero.
        </Notice>
      ) : null}
      {books.isClaimed ? (
        <Notice tone="watch">
          Other markets had claimed some of this energy before: it counts there, and not here.
        </Notice>
      ) : null}
      {books.isWhole ? null : (
        <Notice tone="watch">
          A part was settled through another contract, so that its readings cannot be read here.
        </Notice>
      )}
      <DataTable
        caption="Contracted energy against the meter"
        columns={columnsOf(evidence.areaId)}
        rows={books.members}
        keyOf={({ member }) => member}
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

/** What a meter registered; null of one without a reading. */
function Metered({ energyWh }: { energyWh: bigint | null }) {
  return energyWh === null ? <span className="quiet">no reading</span> : <Wh energyWh={energyWh} />;
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
