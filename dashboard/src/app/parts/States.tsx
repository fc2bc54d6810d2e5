import type { ReactNode } from "react";
import type { Answer } from "../api/answer.ts";
import { ProblemError, ServerGoneError } from "../api/getJson.ts";
import "./States.css";

/** Shows what an answer says, or why it can’t be shown yet: loading, failed, refused. */
export function Loaded<Body>({
  query,
  children,
  what,
}: {
  query: Answer<Body>;
  children: (body: Body) => ReactNode;
  /** What is being loaded, as in "the prices". */
  what: string;
}) {
  if (query.isTold) return children(query.body);
  if (query.error) return <Failure error={query.error} what={what} onRetry={query.retry} />;
  return <Loading what={what} />;
}

/** A quiet placeholder that takes the room of what comes. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading {what}</span>
      <span className="shimmer" />
      <span className="shimmer short" />
    </div>
  );
}

/** What went wrong, in the server's words, and what can be done. */
export function Failure({ error, what, onRetry }: { error: Error; what: string; onRetry?: () => void }) {
  return (
    <div className="notice notice-act" role="alert">
      <strong>{headline(error, what)}</strong>
      <p>{sentence(error)}</p>
      {onRetry ? (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      ) : null}
    </div>
  );
}

function headline(error: Error, what: string): string {
  if (error instanceof ProblemError && error.status === 404) return "There is no such thing here";
  return `Can’t show ${what}`;
}

function sentence(error: Error): string {
  if (error instanceof ServerGoneError) return "The server does not answer. This page tries again by itself.";
  return `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`;
}

/** Nothing is there, and that is fine: says why, and what comes next. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** A sentence that stands out. */
export function Notice({
  tone = "plain",
  children,
}: {
  tone?: "plain" | "act" | "watch" | "good";
  children: ReactNode;
}) {
  return <div className={`notice notice-${tone}`}>{children}</div>;
}
