import { Link } from "@tanstack/react-router";
import { useGet } from "../app/api/useGet.ts";
import { Card } from "../app/parts/Card.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { Time } from "../app/parts/Time.tsx";
import { FirstSteps, isUntouched } from "./community/FirstSteps.tsx";
import { FlowDiagram } from "./community/FlowDiagram.tsx";
import { Headline } from "./community/Headline.tsx";
import { LastIntervals } from "./community/LastIntervals.tsx";
import { PriceHistory } from "./community/PriceHistory.tsx";
import { PriceParts } from "./community/PriceParts.tsx";
import { SupplyDiagram } from "./community/SupplyDiagram.tsx";
import { Worth } from "./community/Worth.tsx";
import type { Community } from "./community.ts";
import type { Intervals } from "./interval.ts";

/** Half a day of quarter-hours. */
const SHOWN_INTERVALS = 48;

/** What happens now, and is it worth it? */
export function CommunityPage() {
  const community = useGet<Community>("/v1/community");
  return (
    <Loaded query={community} what="the community">
      {(body) => (
        <div className="stack">
          <CommunityName community={body} />
          {isUntouched(body) ? <FirstSteps community={body} /> : <CommunityView community={body} />}
        </div>
      )}
    </Loaded>
  );
}

function CommunityView({ community }: { community: Community }) {
  return (
    <>
      <Headline community={community} />
      <div className="columns">
        <EnergyNow community={community} />
        <Suppliers community={community} />
        <Card title="What a kilowatt-hour costs">
          <PriceParts community={community} />
        </Card>
        <WorthOfToday community={community} />
        <IntervalHistory community={community} />
      </div>
    </>
  );
}

function EnergyNow({ community }: { community: Community }) {
  const { flow } = community;
  if (flow === null)
    return (
      <Card title="Energy now">
        <Empty>
          The first flows come when an interval is over, at <Time at={firstEnd(community)} form="time" />.
        </Empty>
      </Card>
    );
  const time = (
    <>
      measured <Time at={flow.startsAt} form="time" />–<Time at={flow.endsAt} form="time" />
    </>
  );
  return (
    <Card title="Energy now" aside={time}>
      <FlowDiagram flow={flow} />
      <p>
        <Link to="/grid" search={{ area: community.areaId }}>
          Exchange with the grid over time
        </Link>
      </p>
    </Card>
  );
}

function Suppliers({ community }: { community: Community }) {
  const { pairs } = community.supply;
  return (
    <Card title="Who supplies whom" aside={<SupplyTime community={community} />}>
      {pairs.length > 0 ? (
        <SupplyDiagram pairs={pairs} />
      ) : (
        <Empty>Nobody has traded yet. The first trades come when a gate closes and offers meet bids.</Empty>
      )}
    </Card>
  );
}

function WorthOfToday({ community }: { community: Community }) {
  const { today } = community;
  return (
    <Card title="Is it worth it?" aside="today, all homes">
      {today.intervals > 0 ? (
        <Worth today={today} />
      ) : (
        <Empty>
          Nothing of today is settled yet. The comparison begins when meters are read, after{" "}
          <Time at={firstEnd(community)} form="time" />.
        </Empty>
      )}
    </Card>
  );
}

function IntervalHistory({ community }: { community: Community }) {
  const intervals = useGet<Intervals>(`/v1/intervals?areaId=${community.areaId}&limit=${SHOWN_INTERVALS}`);
  return (
    <>
      <div className="columns-whole">
        <Card title="Price, between feed-in and retail">
          <PriceHistory community={community} />
        </Card>
      </div>
      <div className="columns-whole">
        <Card title="Last intervals">
          <Loaded query={intervals} what="the intervals">
            {(body) => <LastIntervals intervals={body.intervals} community={community} />}
          </Loaded>
        </Card>
      </div>
    </>
  );
}

/** When the interval ends that is being delivered, or the next one where none is. */
function firstEnd({ current, next }: Community): number {
  return current.status === "collecting" ? next.endsAt : current.endsAt;
}

function CommunityName({ community: { name, areaId, description } }: { community: Community }) {
  return (
    <div>
      <h1>{name ?? `Area ${areaId}`}</h1>
      {description ? <p className="quiet small">{description}</p> : null}
    </div>
  );
}

function SupplyTime({ community: { supply, current } }: { community: Community }) {
  const { intervalId } = supply;
  if (intervalId === null) return null;
  const seconds = current.endsAt - current.startsAt;
  return (
    <>
      {intervalId < current.intervalId - 1 ? "the last trades, " : ""}contracted for{" "}
      <Time at={intervalId * seconds} form="time" />–<Time at={(intervalId + 1) * seconds} form="time" />
    </>
  );
}
