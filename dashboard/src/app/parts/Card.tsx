import { type ReactNode, useId } from "react";
import "./Card.css";

/** A part of a page with its question or title, and what can be done there at the right. */
export function Card({
  title,
  aside,
  children,
  tone = "plain",
}: {
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  tone?: "plain" | "act" | "watch" | "good";
}) {
  const id = useId();
  return (
    <section className={`card tone-${tone}`} aria-labelledby={id}>
      <header className="card-head">
        <h2 id={id}>{title}</h2>
        {aside ? <div className="card-aside">{aside}</div> : null}
      </header>
      {children}
    </section>
  );
}
