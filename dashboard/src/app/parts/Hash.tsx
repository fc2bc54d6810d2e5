import { Link } from "@tanstack/react-router";
import { useState } from "react";
import "./Hash.css";

/** Characters shown before and after the gap. */
const HEAD_CHARACTERS = 8;
const TAIL_CHARACTERS = 4;
/** How long the button says that it copied. */
const COPIED_MS = 2_000;

/** A hash, address or signature in short: the whole on pointing, and a button that copies it. */
export function Hash({ value, to = "none" }: { value: string; to?: "transaction" | "none" }) {
  return (
    <span className="hash">
      {to === "transaction" ? (
        <Link to="/transactions/$hash" params={{ hash: value }} className="hash-text" title={value}>
          {shortHash(value)}
        </Link>
      ) : (
        <span className="hash-text" title={value}>
          {shortHash(value)}
        </span>
      )}
      <CopyButton value={value} />
    </span>
  );
}

/** The first and last characters, enough to tell two hashes apart at a glance. */
export function shortHash(value: string): string {
  if (value.length <= HEAD_CHARACTERS + TAIL_CHARACTERS + 1) return value;
  return `${value.slice(0, HEAD_CHARACTERS)}…${value.slice(-TAIL_CHARACTERS)}`;
}

function CopyButton({ value }: { value: string }) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  const say = (said: "copied" | "refused") => {
    setState(said);
    setTimeout(() => setState("idle"), COPIED_MS);
  };
  // A page that was not fetched over TLS or from this machine has no clipboard.
  const copy = () =>
    navigator.clipboard
      ? navigator.clipboard.writeText(value).then(
          () => say("copied"),
          () => say("refused"),
        )
      : say("refused");
  return (
    <button
      type="button"
      className={`copy copy-${state}`}
      aria-label={`Copy ${shortHash(value)}`}
      title={TITLES[state]}
      onClick={() => void copy()}
    >
      <svg aria-hidden="true" width="14" height="14" viewBox="0 0 24 24">
        <path d={state === "copied" ? "M5 13l4 4L19 7" : "M9 9h11v11H9zM5 15H4V4h11v1"} />
      </svg>
      <span className="visually-hidden" role="status">
        {state === "idle" ? "" : TITLES[state]}
      </span>
    </button>
  );
}

const TITLES = {
  idle: "Copy",
  copied: "Copied",
  refused: "This browser does not let the page copy",
} as const;
