import { useFormats } from "../../app/format/locale.tsx";
import { useWords } from "../../app/pageDomains.tsx";
import { Money } from "../../app/parts/Amount.tsx";
import { Card } from "../../app/parts/Card.tsx";
import { DataTable } from "../../app/parts/DataTable.tsx";
import { Loaded } from "../../app/parts/States.tsx";
import { type PoolOperator, useOperator } from "./useOperator.ts";
import "./spending.css";

type Purpose = PoolOperator["spending"]["byPurpose"][number];

/** Below it a share says only that it is small. */
const SMALLEST_SHARE = 0.01;

/** What the chain cost in gas, for what, and the money that went to the grid operator and the fund. */
export function Spending() {
  const query = useOperator();
  return (
    <Card title="Gas and money" aside="since the market began">
      <Loaded query={query} what="gas and money">
        {({ spending }) => <Sums spending={spending} />}
      </Loaded>
    </Card>
  );
}

function Sums({ spending }: Pick<PoolOperator, "spending">) {
  const { count } = useFormats();
  return (
    <>
      <dl className="sums">
        <Sum
          label="Gas in all"
          value={count(spending.gasUsed)}
          note={`${count(spending.transactions)} transactions`}
        />
        <Sum
          label="Gas per trade"
          value={spending.gasPerTrade === null ? "–" : count(spending.gasPerTrade)}
        />
        <Sum
          label="Grid fees passed on"
          value={<Money micro={spending.gridFeeMicro} />}
          note="to the grid operator"
        />
        <Sum
          label="Left by rounding"
          value={<Money micro={spending.remainderMicro} />}
          note={`${count(spending.remainderMicro)} micro, in the community’s fund`}
        />
      </dl>
      <PurposeTable purposes={spending.byPurpose} gasUsed={BigInt(spending.gasUsed)} />
    </>
  );
}

function Sum({ label, value, note }: { label: string; value: React.ReactNode; note?: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <strong>{value}</strong>
        {note ? <span className="quiet small">{note}</span> : null}
      </dd>
    </div>
  );
}

function PurposeTable({ purposes, gasUsed }: { purposes: readonly Purpose[]; gasUsed: bigint }) {
  const { count, share } = useFormats();
  const words = useWords();
  const rows = [...purposes].sort((a, b) => Number(BigInt(b.gasUsed) - BigInt(a.gasUsed)));
  const shareText = (ratio: number) =>
    ratio > 0 && ratio < SMALLEST_SHARE ? `< ${share(SMALLEST_SHARE)}` : share(ratio);
  const shareOf = ({ gasUsed: own }: Purpose) => (gasUsed === 0n ? 0 : Number(own) / Number(gasUsed));
  return (
    <DataTable
      caption="Gas by purpose"
      rows={rows}
      keyOf={({ purpose }) => purpose ?? ""}
      columns={[
        {
          head: "What for",
          cell: (row) => (
            <span className="purpose">
              {words.call(row.purpose)}
              <span className="bar" aria-hidden="true">
                <span style={{ width: `${shareOf(row) * 100}%` }} />
              </span>
            </span>
          ),
        },
        { head: "Share", cell: (row) => shareText(shareOf(row)), isNumber: true, isExtra: true },
        { head: "Transactions", cell: (row) => count(row.transactions), isNumber: true, isExtra: true },
        { head: "Gas", cell: (row) => count(row.gasUsed), isNumber: true },
      ]}
    />
  );
}
