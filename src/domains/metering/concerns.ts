import { endsAt, intervalAt, startsAt } from "#kernel/units/interval.ts";
import {
  type Concern,
  type ConcernAsked,
  type ConcernReport,
  incidentsOf,
  NO_PLACE,
} from "#platform/api/concerns.ts";
import { dateTimeText } from "#platform/api/localTime.ts";
import { countWords } from "#platform/api/words.ts";
import { listMeteredAreas, type MeteredArea } from "./queries/areas.ts";
import { listMembers } from "./queries/members.ts";
import { listCorrected, newestReadInterval } from "./queries/meterHealth.ts";
import type { MeteringContext } from "./routes/meteringContext.ts";

/** A corrected reading is told of once, however many there are. */
const MAX_CORRECTED = 500;
/** A reading needs some time from the meter to the chain: so many intervals behind the others, a meter is silent. */
const LATE_INTERVALS = 2;

/** A metering point that is in use, in its area. */
type Meter = { readonly area: MeteredArea; readonly account: number; readonly member: number };

/** A meter that is silent, readings that were refused, and readings that were corrected. */
export async function meteringConcerns(
  context: MeteringContext,
  asked: ConcernAsked,
): Promise<ConcernReport> {
  const meters = await metersOf(context, asked);
  const heard = [];
  for (const meter of meters) heard.push({ meter, newest: await hearMeter(context, meter) });
  const known = heard.flatMap(({ meter, newest }) => (newest === null ? [] : [endOf(meter.area, newest)]));
  return {
    lookedAt: meters.length === 0 ? [] : [{ what: metersWords(meters), until: latest(known) }],
    concerns: [
      ...(await silentMeters(context, heard)),
      ...refusedReadings(context, asked),
      ...(await correctedReadings(context, asked, meters)),
    ],
  };
}

async function metersOf({ store }: MeteringContext, asked: ConcernAsked): Promise<Meter[]> {
  const { account, areaIds } = asked;
  const areas = new Map((await listMeteredAreas(store.db)).map((area) => [area.areaId, area]));
  const members = await listMembers(store.db, [account]);
  return members.flatMap(({ areaId, member, meterId, retiredAt }) => {
    const area = areas.get(areaId);
    const isShown = areaIds === undefined || areaIds.includes(areaId);
    const isInUse = meterId !== null && retiredAt === null;
    return area && isShown && isInUse ? [{ area, account, member }] : [];
  });
}

function hearMeter({ store }: MeteringContext, { area, account, member }: Meter): Promise<number | null> {
  return newestReadInterval(store.db, { areaId: area.areaId, account, member });
}

type Heard = { readonly meter: Meter; readonly newest: number | null };

/** A meter is silent when the area has readings of later intervals, or should have by its waiting time. */
async function silentMeters(context: MeteringContext, heard: readonly Heard[]): Promise<Concern[]> {
  const concerns: Concern[] = [];
  for (const { meter, newest } of heard) {
    const { area, member } = meter;
    const others = await newestReadInterval(context.store.db, area);
    if (others === null) continue;
    const awaited = intervalAt(context.now() - area.waitingSeconds, area.intervalSeconds) - 1;
    const reached = Math.max(others, awaited);
    if (newest !== null && reached - newest < LATE_INTERVALS) continue;
    const since = newest === null ? area.openedAt : endOf(area, newest);
    concerns.push({
      ...NO_PLACE,
      kind: "silentMeter",
      severity: "act",
      since,
      title: `Your meter is silent since ${dateTimeText(since, context.timeZone)}`,
      detail: missingWords({ member, newest, reached }),
      whatToDo:
        "Look whether the meter has power and its connection; tell the operator if both are fine. What it does not tell counts as zero.",
      areaId: area.areaId,
      intervalId: newest,
    });
  }
  return concerns;
}

function missingWords({
  member,
  newest,
  reached,
}: {
  member: number;
  newest: number | null;
  reached: number;
}): string {
  if (newest === null) return `No reading of member ${member} is known.`;
  return `${countWords(reached - newest, "reading")} of member ${member} are missing after it.`;
}

/** What was sent in a meter's name and not taken. */
function refusedReadings({ incidents }: MeteringContext, asked: ConcernAsked): Concern[] {
  return incidentsOf(incidents, "refusedReading", asked).map(
    ({ at, reason, sentence, count, areaId, intervalId }) => {
      const isForged = reason === "invalidSignature";
      return {
        ...NO_PLACE,
        kind: isForged ? "forgedReading" : "refusedReading",
        severity: isForged ? "act" : "watch",
        since: at,
        title: isForged
          ? "Somebody sent a reading in your meter’s name"
          : "A reading of your meter was refused",
        detail: `${sentence}${count > 1 ? ` (${countWords(count, "time")})` : ""}. It counts for nothing.`,
        whatToDo: isForged
          ? "Tell the operator: it is not signed by the key that is registered for your meter."
          : "Nothing once; tell the operator if it comes again.",
        areaId,
        intervalId,
      };
    },
  );
}

async function correctedReadings(
  context: MeteringContext,
  { account, from }: ConcernAsked,
  meters: readonly Meter[],
): Promise<Concern[]> {
  const areas = new Map(meters.map(({ area }) => [area.areaId, area]));
  const concerns: Concern[] = [];
  for (const [areaId, area] of areas) {
    const fromIntervalId = intervalAt(from, area.intervalSeconds);
    const asked = { account, areaId, fromIntervalId, limit: MAX_CORRECTED };
    const corrected = await listCorrected(context.store.db, asked);
    const first = corrected.at(-1);
    const [newest] = corrected;
    if (first === undefined || newest === undefined) continue;
    const since = startsAt(first.intervalId, area.intervalSeconds);
    concerns.push({
      ...NO_PLACE,
      kind: "correctedReading",
      severity: "watch",
      since,
      title: `${countWords(corrected.length, "reading")} of yours ${corrected.length === 1 ? "was" : "were"} corrected`,
      detail: `The last one is of ${dateTimeText(startsAt(newest.intervalId, area.intervalSeconds), context.timeZone)}; the bill goes by what was corrected.`,
      whatToDo: "Compare the interval with your meter, and ask the operator why if it is not yours.",
      areaId,
      intervalId: newest.intervalId,
    });
  }
  return concerns;
}

function endOf({ intervalSeconds }: MeteredArea, intervalId: number): number {
  return endsAt(intervalId, intervalSeconds);
}

function metersWords(meters: readonly Meter[]): string {
  return meters.length === 1 ? "readings of your meter" : `readings of your ${meters.length} meters`;
}

function latest(seconds: readonly number[]): number | null {
  return seconds.length === 0 ? null : Math.max(...seconds);
}
