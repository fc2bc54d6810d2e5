import type { RetailParts } from "#domains/billing/rules/tariff.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { PARTIES } from "#world/simulation/accounts.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { type CommunityFile, type TariffPeriod, termsOfFile } from "./communityFile.ts";
import type { MemberRow } from "./membersFile.ts";
import type { OwnRecord } from "./ownCommunity.ts";

/** Nobody draws anything in a community with meters of its own. */
const NO_SEED = 0;
/** How its members trade is decided by their agents, which know no attitude of a simulation. */
const NO_ATTITUDE = { reach: 0, adaptation: 0, reserveShare: 0 } as const;
const SECONDS_PER_MINUTE = 60;

/**
 * A founded community as the roles know one: its setting, its terms and tariff, and its members in the place of homes. It
 * has no series: what its members use and make, their meters say.
 */
export function ownScenario(
  { file, members }: { readonly file: CommunityFile; readonly members: readonly MemberRow[] },
  record: OwnRecord,
): Scenario {
  const intervalSeconds = file.intervalMinutes * SECONDS_PER_MINUTE;
  const firstIntervalId = intervalAt(record.foundedAt, intervalSeconds);
  const connections = new Map(members.map(({ id, connectionW }) => [id, connectionW]));
  const periods = file.tariff.map((period) => ({
    ...period,
    beginsAt: beginsAt(period.from, file.timeZone),
  }));
  return {
    kind: "pool",
    name: "community",
    title: file.name,
    description: null,
    seed: NO_SEED,
    timeZone: file.timeZone,
    currency: file.currency,
    firstAccount: 1,
    accounts: new Map([
      [PARTIES.supplier, record.parties.supplier],
      [PARTIES.dso, record.parties.dso],
      [PARTIES.fund, record.parties.fund],
      ...record.members.map(({ member, account }) => [member, account] as const),
    ]),
    startsAt: record.foundedAt,
    firstIntervalId,
    intervalSeconds,
    intervals: 0,
    terms: termsOfFile(file),
    homes: record.members.map(({ id, name, member }) => ({
      ...{ id, name, member, battery: null, attitude: NO_ATTITUDE },
      connectionW: connections.get(id) ?? 0,
    })),
    series: { intervals: Number.POSITIVE_INFINITY, read: () => undefined },
    tariff: {
      at: (index) => {
        const startsAt = record.foundedAt + index * intervalSeconds;
        const period = periods.findLast((each) => each.beginsAt <= startsAt) ?? periods[0];
        return {
          feedInMicroPerKwh: period?.feedInPerKwh ?? 0,
          retailMicroPerKwh: period?.retailPerKwh ?? 0,
        };
      },
    },
    forecast: "learned",
    retailParts: partsOf(file.tariff[0]),
    isMetered: true,
  };
}

function partsOf({ gridFeePerKwh, leviesPerKwh }: Partial<TariffPeriod> = {}): RetailParts | null {
  if (gridFeePerKwh === undefined || leviesPerKwh === undefined) return null;
  return { gridFeeMicroPerKwh: gridFeePerKwh, leviesMicroPerKwh: leviesPerKwh };
}

const MILLIS_PER_SECOND = 1_000;
const SECONDS_PER_DAY = 86_400;

/** The first second of a local day, unix seconds; without a day the beginning of time. */
export function beginsAt(day: string | undefined, timeZone: string): number {
  if (day === undefined) return Number.NEGATIVE_INFINITY;
  const midnight = Date.parse(`${day}T00:00:00Z`) / MILLIS_PER_SECOND;
  const clock = createLocalClock(timeZone);
  // Where a zone skips midnight, the day begins with what follows: where it was still the offset of the day before.
  return clock.instantsOf(midnight)[0] ?? midnight - clock.offsetAt(midnight - SECONDS_PER_DAY);
}
