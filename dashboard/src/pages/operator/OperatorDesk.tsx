import { useGet } from "../../api/useGet.ts";
import { Loaded } from "../../parts/States.tsx";
import { AreaTerms } from "./AreaTerms.tsx";
import { Exceptions } from "./Exceptions.tsx";
import { Health } from "./Health.tsx";
import type { Operator } from "./operator.ts";
import { RecentIntervals } from "./RecentIntervals.tsx";
import { Spending } from "./Spending.tsx";
import { Throughput } from "./Throughput.tsx";

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
