import { type ReactNode, useId } from "react";

/** A field for a number that a person types, with what is wrong with it below. */
export function DecimalField({
  label,
  text,
  problem,
  onText,
}: {
  label: string;
  text: string;
  /** Null when nothing is wrong. */
  problem: string | null;
  onText: (text: string) => void;
}) {
  const id = useId();
  return (
    <div>
      <label className="field">
        <span>{label}</span>
        <input
          inputMode="decimal"
          autoComplete="off"
          value={text}
          aria-invalid={problem !== null}
          aria-describedby={id}
          onChange={({ target }) => onText(target.value)}
        />
      </label>
      <FieldProblem id={id}>{problem}</FieldProblem>
    </div>
  );
}

/** What is wrong with the field that `id` describes; said aloud when it comes. */
export function FieldProblem({ id, children }: { id: string; children: ReactNode }) {
  return (
    <p id={id} className="field-problem small" role="status">
      {children}
    </p>
  );
}
