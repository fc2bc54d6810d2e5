import type { Operator } from "../app/api/operator.ts";
import { useGet } from "../app/api/useGet.ts";
import { Loaded } from "../app/parts/States.tsx";
import { AreaTerms } from "../pool/operator/AreaTerms.tsx";
import { RecentIntervals } from "../pool/operator/RecentIntervals.tsx";
import { Throughput } from "../pool/operator/Throughput.tsx";
import { Exceptions } from "./Exceptions.tsx";
import { Health } from "./Health.tsx";
import { Spending } from "./Spending.tsx";

/** Exceptions and health first, also on a phone; then what the market does and costs. */
export function OperatorDesk() {
  const query = useGet<Operator>("/v1/operator");
  return (
    <Loaded query={query} what="the operator’s desk">
      {(operator) => (
        <div className="stack">
          <div className={operator.exceptions.length > 0 ? "columns columns-left columns-top" : "stack"}>
            <Exceptions operator={operator} />
            <Health checks={operator.health} />
          </div>
          <Throughput operator={operator} />
          <div className="columns columns-left columns-top">
            <RecentIntervals />
            <Spending spending={operator.spending} />
          </div>
          <AreaTerms />
        </div>
      )}
    </Loaded>
  );
}
