import type { z } from "zod";
import type { trailWire } from "#platform/api/wireAudit.ts";
import type { Answer } from "../api/answer.ts";
import { useGet } from "../api/useGet.ts";
import { useWords } from "../pageDomains.tsx";
import { Hash } from "./Hash.tsx";
import { HashedText } from "./HashedText.tsx";
import { Time } from "./Time.tsx";
import "./Trail.css";

type Trail = z.infer<typeof trailWire>;
type Step = Trail["steps"][number];

/** The way of an order or a reading; when all of it has happened it is not asked for again. */
export function useTrail(path: string): Answer<Trail> {
  return useGet<Trail>(path, { isFinal: ({ steps }) => steps.every(({ at }) => at !== null) });
}

/** The way of an order or a reading from its signature to its payment, from the top down; what is to come is hollow. */
export function Trail({ trail }: { trail: Trail }) {
  const words = useWords();
  return (
    <ol className="trail" aria-label={trail.title}>
      {trail.steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps never move, and a stage may come twice
        <li key={i} className={`trail-step ${markOf(step)}`}>
          <span className="trail-dot" aria-hidden="true" />
          <div className="trail-head">
            <strong>{words.step(step.stage)}</strong>
            <span className="quiet small">
              {step.at === null ? "still to come" : <Time at={step.at} form="withZone" />}
            </span>
          </div>
          <p>
            <HashedText>{step.sentence}</HashedText>
          </p>
          {step.transactionHash ? (
            <p className="quiet small">
              Transaction <Hash value={step.transactionHash} to="transaction" />
            </p>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

function markOf({ stage, at }: Step): string {
  if (stage === "refused") return "trail-refused";
  return at === null ? "trail-ahead" : "trail-done";
}
