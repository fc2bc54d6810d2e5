import { LIFE, type LifeStage, lifeStage } from "./lifeStage.ts";
import "./Stage.css";

/** The stage in words, with how far along it is as dots. */
export function Stage({ interval, now }: { interval: Parameters<typeof lifeStage>[0]; now: number }) {
  const name = lifeStage(interval, now);
  return (
    <span className={`stage stage-${name.replaceAll(" ", "-")}`}>
      <span className="stage-dots" aria-hidden="true">
        {LIFE.map((step, i) => (
          <span key={step} className={i <= progressOf(name) ? "done" : ""} />
        ))}
      </span>
      {name}
    </span>
  );
}

function progressOf(name: LifeStage): number {
  if (name === "corrected" || name === "given back") return LIFE.length - 1;
  if (name === "awaiting readings") return 2;
  return LIFE.indexOf(name);
}
