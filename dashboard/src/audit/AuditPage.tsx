import { useQueryTexts } from "../app/address.ts";
import { whenTold } from "../app/api/answer.ts";
import { AuditAnswer } from "./AuditAnswer.tsx";
import { CheckedTable } from "./CheckedTable.tsx";
import { LookUp } from "./LookUp.tsx";
import { OwnAudit } from "./OwnAudit.tsx";
import { useAudit } from "./useAudit.ts";
import "./audit.css";

/** Whether anything is wrong, what was verified, and the way of any single thing from signature to payment. */
export function AuditPage() {
  const { q = "" } = useQueryTexts("q");
  const audit = useAudit();
  const last = whenTold(audit.query, ({ last }) => last, null);
  return (
    <div className="stack">
      <header>
        <h1>Audit</h1>
        <p className="quiet">
          Is anything wrong? The whole chain is read again and every figure computed anew, from the signatures
          up.
        </p>
      </header>
      <AuditAnswer audit={audit} />
      <LookUp key={q} q={q} />
      <div className={last ? "columns columns-left columns-top" : "stack"}>
        {last ? <CheckedTable result={last} /> : null}
        <OwnAudit result={last} />
      </div>
    </div>
  );
}
