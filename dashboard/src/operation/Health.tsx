import type { Operator } from "../app/api/operator.ts";
import { Card } from "../app/parts/Card.tsx";
import { WorldTime } from "./WorldTime.tsx";

/** Whether chain, database and roles do their work; what is down comes first. */
export function Health({ checks }: { checks: Operator["health"] }) {
  const down = checks.filter(({ isReady }) => !isReady);
  const up = checks.filter(({ isReady }) => isReady);
  return (
    <Card
      title="Health"
      tone={down.length > 0 ? "act" : "plain"}
      aside={down.length > 0 ? `${down.length} of ${checks.length} down` : `all ${checks.length} up`}
    >
      <ul className="health">
        {[...down, ...up].map(({ name, isReady, detail, since }) => (
          <li key={name} className={isReady ? "health-up" : "health-down"}>
            <span className="health-dot" aria-hidden="true" />
            <span>
              <strong className="health-name">{name}</strong>
              <span className="quiet small">
                {detail}
                {since !== undefined && (
                  <>
                    , since <WorldTime at={since} />
                  </>
                )}
              </span>
            </span>
            <span className="health-word">{isReady ? "up" : "down"}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
