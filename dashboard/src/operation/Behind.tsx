import type { z } from "zod";
import type { statusWire } from "#platform/api/wireStatus.ts";
import { useWords } from "../app/pageDomains.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Time } from "../app/parts/Time.tsx";
import { IntervalLink } from "../metering/IntervalLink.tsx";

type Duty = z.infer<typeof statusWire>["dutiesBehind"][number];

/** What the roles owe that was due and is not done, the longest first. */
export function Behind({ duties, hasSeveralAreas }: { duties: readonly Duty[]; hasSeveralAreas: boolean }) {
  const { duty: dutyWords } = useWords();
  return (
    <Card
      title="Duties that are behind"
      tone={duties.some(({ waitsFor }) => waitsFor === null) ? "act" : "plain"}
      aside={duties.length === 0 ? "none" : String(duties.length)}
    >
      {duties.length === 0 ? (
        <p className="quiet">What was due is done, or in work for the first time.</p>
      ) : (
        <ul className="status-list" aria-label="Duties that are behind">
          {duties.map(({ name, areaId, area, intervalId, since, waitsFor }) => (
            <li key={`${areaId} ${name} ${intervalId}`}>
              <strong>{dutyWords(name)}</strong>
              {hasSeveralAreas ? ` in ${area}` : ""}, interval {intervalId} (
              <IntervalLink areaId={areaId} intervalId={intervalId} />
              ): behind since <Time at={since} />;{" "}
              {waitsFor === null ? "it failed and is tried again" : `it waits for ${waitsFor}`}.
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
