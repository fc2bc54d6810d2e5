import { ProblemError } from "../app/api/getJson.ts";
import { Loaded, Notice } from "../app/parts/States.tsx";
import { Trail, useTrail } from "../app/parts/Trail.tsx";
import { IntervalLink } from "./IntervalLink.tsx";
import "./readingTrail.css";

/** The way of a meter reading from its signature to its payment; `id` is area/interval/member. */
export function ReadingTrail({ id }: { id: string }) {
  const [areaId = "", intervalId = "", member = ""] = id.split("/");
  const query = useTrail(`/v1/intervals/${areaId}/${intervalId}/readings/${member}/trail`);
  return (
    <div className="stack reading-trail">
      <p className="small">
        Interval <IntervalLink areaId={Number(areaId)} intervalId={Number(intervalId)} />
      </p>
      {isSealed(query.error) ? (
        <Notice>
          This reading is sealed: only its hash is on the chain, since no trade needed it. Its owner and the
          operator can follow it after signing in.
        </Notice>
      ) : (
        <Loaded query={query} what="the reading’s way">
          {(trail) => <Trail trail={trail} />}
        </Loaded>
      )}
    </div>
  );
}

/** Whether the reading is not for this reader's eyes. */
function isSealed(error: Error | null): boolean {
  return error instanceof ProblemError && (error.status === 401 || error.status === 403);
}
