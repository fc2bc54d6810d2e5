import type { z } from "zod";
import type { transactionWire } from "#platform/api/wireAudit.ts";
import { useFormats } from "../../app/format/locale.tsx";
import { useWords } from "../../app/pageDomains.tsx";
import { type Fact, Facts } from "../../app/parts/Facts.tsx";
import { Hash } from "../../app/parts/Hash.tsx";
import { Time } from "../../app/parts/Time.tsx";
import { IntervalLink } from "../../metering/IntervalLink.tsx";

export type Transaction = z.infer<typeof transactionWire>;

/** Where a transaction stands, who sent it, what for and at what cost. */
export function TransactionFacts({ transaction }: { transaction: Transaction }) {
  const { count } = useFormats();
  const { transactionHash, block, isFinal, timestamp, purpose, gasUsed, areaId, intervalId } = transaction;
  const facts: Fact[] = [
    { name: "Hash", value: <Hash value={transactionHash} /> },
    {
      name: "Block",
      value: isFinal ? count(block) : `${count(block)}, not final yet: the chain may still replace it`,
    },
    { name: "Time", value: <Time at={timestamp} form="withZone" /> },
    { name: "Sender", value: <Sender transaction={transaction} /> },
    { name: "What for", value: <PurposeText purpose={purpose} /> },
    { name: "Gas", value: count(gasUsed) },
  ];
  if (areaId !== null && intervalId !== null)
    facts.push({ name: "Interval", value: <IntervalLink areaId={areaId} intervalId={intervalId} /> });
  return <Facts facts={facts} />;
}

function PurposeText({ purpose }: { purpose: string | null }) {
  const words = useWords().call(purpose);
  return (
    <>
      {words}
      {purpose !== null && purpose !== words ? (
        <>
          {" "}
          (<code>{purpose}</code>)
        </>
      ) : null}
    </>
  );
}

/** Who sent it, by name where the reader may know it. */
function Sender({ transaction: { sender, senderName } }: { transaction: Transaction }) {
  return (
    <span className="row sender">
      {senderName === null ? null : <span>{senderName}</span>}
      <Hash value={sender} />
    </span>
  );
}
