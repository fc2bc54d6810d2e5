import { durationText } from "#kernel/units/durations.ts";
import type { Formats } from "../../app/format/formats.ts";
import type { StationVehicles, VehicleNow } from "./sessions.ts";

type Now = NonNullable<StationVehicles["now"]>;
type Waiting = NonNullable<VehicleNow["waiting"]>;

/** Why a vehicle does not charge, in one sentence, from the schedule's own figures. */
export function waitingWords(waiting: Waiting, now: Now, formats: Formats): string {
  const { leastW, freeW, slackSeconds, ahead } = waiting;
  const kW = formats.capacity;
  switch (waiting.kind) {
    case "noQuota":
      return `The station may draw nothing in this period${rationing(now, formats)}.`;
    case "belowLeast":
      return `The station may draw ${kW(now.limitW)}${rationing(now, formats)}; the vehicle pauses below ${kW(leastW)}.`;
    case "tooManyStarts":
      return "It began to charge as often within the hour as it may.";
    case "lessSlack":
      return `${ahead === 1 ? "Another vehicle has" : `${ahead} others have`} less time to spare than its ${slackText(slackSeconds)}, and ${ahead === 1 ? "leaves" : "leave"} ${kW(freeW)} of ${kW(now.limitW)}${rationing(now, formats)}; it pauses below ${kW(leastW)}.`;
    case "othersGoOn":
      return `Others go on charging, so that they do not pause and start again, and leave ${kW(freeW)} of ${kW(now.limitW)}${rationing(now, formats)}.`;
    case "price":
      return "Energy is cheaper later, before it leaves.";
    case "later":
      return `It has ${slackText(slackSeconds)} to spare: what it was promised comes later.`;
  }
}

/** How much of its demand the station got, where the margin did not suffice for all. */
function rationing({ isRationed, demandW, limitW }: Now, formats: Formats): string {
  if (isRationed !== true || demandW === null || limitW >= demandW) return "";
  return `, since this period’s quota was rationed (of ${formats.capacity(demandW)} asked for)`;
}

function slackText(seconds: number): string {
  return seconds <= 0 ? "no time" : durationText(seconds);
}
