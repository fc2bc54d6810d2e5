import type { ReactNode } from "react";
import "./Steps.css";

export type ProcessStep = {
  readonly title: ReactNode;
  readonly isDone: boolean;
  readonly children: ReactNode;
};

/** What happens one after the other, side by side: done, or still to come. */
export function Steps({ label, steps }: { label: string; steps: readonly ProcessStep[] }) {
  return (
    <ol className="steps" aria-label={label} aria-live="polite">
      {steps.map(({ title, isDone, children }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps never move
        <li key={i} className={isDone ? "step-done" : "step-ahead"}>
          <strong>{title}</strong>
          <span className="small">{children}</span>
          {isDone ? <span className="visually-hidden"> (done)</span> : null}
        </li>
      ))}
    </ol>
  );
}
