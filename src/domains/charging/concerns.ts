import { findOwed } from "#domains/billing/queries/concerns.ts";
import { formatKwh } from "#kernel/units/energy.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { type Concern, type ConcernAsked, type ConcernReport, NO_PLACE } from "#platform/api/concerns.ts";
import { countWords } from "#platform/api/words.ts";
import { listOwedPeriods, listQuotaAreas } from "./queries/quotaPeriods.ts";
import { PENALTY } from "./rules/chargingCharges.ts";

/** A deposit that is not back so long after its period is worth a look; the waiting time of readings may still run. */
const SLOW_SECONDS = 2 * 86_400;
/** Periods that are told of; they wait for the same. */
const MAX_PERIODS = 10;

/** Penalties for energy above the quota, and deposits that are not back. Nothing of it where no area has quotas. */
export async function chargingConcerns(context: ApiContext, asked: ConcernAsked): Promise<ConcernReport> {
  const { db } = context.store;
  if ((await listQuotaAreas(db)).length === 0) return { lookedAt: [], concerns: [] };
  const until = Math.floor(context.now());
  return {
    lookedAt: [{ what: "charging above your quota, and your deposits", until }],
    concerns: [...(await aboveQuota(context, asked)), ...(await heldDeposits(context, asked, until))],
  };
}

async function aboveQuota({ store }: ApiContext, asked: ConcernAsked): Promise<Concern[]> {
  const owed = await findOwed(store.db, { ...asked, kind: PENALTY });
  if (owed === null) return [];
  const { count, firstAt, amountMicro, energyWh, areaId, intervalId } = owed;
  return [
    {
      ...NO_PLACE,
      kind: "aboveQuota",
      severity: "watch",
      since: firstAt,
      title: "A station of yours drew more than its quota",
      detail: `${formatKwh(energyWh)} kWh in ${countWords(count, "interval")} were above the charging quota, and you paid a penalty for them.`,
      whatToDo:
        "Demand what you need, or let the station keep to its quota. The link leads to the dearest interval.",
      costMicro: String(amountMicro),
      areaId,
      intervalId,
    },
  ];
}

async function heldDeposits(
  { store }: ApiContext,
  { account, areaIds }: ConcernAsked,
  now: number,
): Promise<Concern[]> {
  const held = await listOwedPeriods(store.db, {
    account,
    endedBefore: now - SLOW_SECONDS,
    limit: MAX_PERIODS,
  });
  const own = held.filter(({ areaId }) => areaIds === undefined || areaIds.includes(areaId));
  const [oldest] = own;
  if (oldest === undefined) return [];
  const { areaId, intervalId, endsAt } = oldest;
  return [
    {
      ...NO_PLACE,
      kind: "depositHeld",
      severity: "watch",
      since: endsAt,
      title: "A deposit of yours is not back yet",
      detail: `Of ${countWords(own.length, "charging period")} that ended more than two days ago the deposit is still in escrow.`,
      whatToDo: "Anybody may pay and withdraw for a station, you too; ask the grid operator why nobody did.",
      areaId,
      intervalId,
    },
  ];
}
