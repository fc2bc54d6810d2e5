import { type ReactNode, useState } from "react";
import { useFormats } from "../format/locale.tsx";
import { Notice } from "../parts/States.tsx";
import type { CheckState } from "./checkRun.ts";
import "./Check.css";

/** A byte to change, to see a check fail; each seed changes another one. */
export type OneByteChange<Choice extends string> = { readonly choice: Choice; readonly seed: number };

/** A check that must fail, since one byte is changed before it. */
export function OneByte<Choice extends string>({
  choices,
  isRunning,
  onChange,
}: {
  choices: readonly [Choice, ...Choice[]];
  isRunning: boolean;
  onChange: (change: OneByteChange<Choice>) => void;
}) {
  const [choice, setChoice] = useState<Choice>(choices[0]);
  return (
    <fieldset className="check-change">
      <legend className="small quiet">See it fail</legend>
      <select
        aria-label="What to change a byte in"
        value={choice}
        onChange={({ target }) => setChoice(choices.find((each) => each === target.value) ?? choices[0])}
      >
        {choices.map((each) => (
          <option key={each} value={each}>
            in {each === "order" ? "an" : "a"} {each}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="button"
        disabled={isRunning}
        onClick={() => onChange({ choice, seed: randomSeed() })}
      >
        Change one byte, check again
      </button>
    </fieldset>
  );
}

/** What was changed on purpose. */
export function Changed({ sentence }: { sentence: string | null }) {
  if (sentence === null) return null;
  return (
    <Notice tone="watch">
      <p>Changed on purpose, in this browser only: {sentence}.</p>
    </Notice>
  );
}

/** The answer of the whole check in one line, and what there is to say of it. */
export function Verdict({
  state,
  children,
}: {
  state: Pick<CheckState, "phase" | "reports" | "failure" | "milliseconds">;
  children?: ReactNode;
}) {
  const formats = useFormats();
  if (state.phase === "failed")
    return (
      <Notice tone="act">
        <p role="alert">The check could not be made: {state.failure}.</p>
      </Notice>
    );
  if (state.phase !== "done") return null;
  const failed = state.reports.filter(({ status }) => status === "failed").length;
  const items = state.reports.reduce((sum, { checked }) => sum + checked, 0);
  const took = `${formats.count(items)} items in ${((state.milliseconds ?? 0) / 1_000).toFixed(1)} s`;
  const open = state.reports.filter(({ status }) => status === "notPossible").length;
  return (
    <Notice tone={failed > 0 ? "act" : "good"}>
      <p role="status" data-verdict={failed > 0 ? "failed" : "passed"}>
        <strong>
          {failed > 0 ? `${failed} of the steps failed.` : "All that could be checked is right."}
        </strong>{" "}
        {took}
        {open > 0 ? `; ${open} steps are not possible yet` : ""}.
      </p>
      {children}
    </Notice>
  );
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
