import type { Operator } from "../app/api/operator.ts";
import { useGet } from "../app/api/useGet.ts";
import { Loaded } from "../app/parts/States.tsx";
import { Exceptions } from "./Exceptions.tsx";
import { Health } from "./Health.tsx";
import { OperatorCards } from "./OperatorCards.tsx";

/** Exceptions and health first, also on a phone; then what each field does and costs. */
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
          <OperatorCards place="figures" />
          <div className="columns columns-left columns-top">
            <OperatorCards place="main" />
            <OperatorCards place="side" />
          </div>
          <OperatorCards place="rules" />
        </div>
      )}
    </Loaded>
  );
}
