import type { MemberDirectory } from "#domains/metering/memberDirectory.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";
import { readEach } from "#platform/chain/readEach.ts";
import type { QuotaStation, QuotaTermsSchedule, QuotaView } from "./quotaView.ts";
import type { PeriodId } from "./rules/quotaTerms.ts";

/** A station that demanded in a period. */
export type DemandingStation = QuotaStation & { readonly member: number };

/** Who takes part in the periods of an area, as the chain has it. */
export type QuotaStations = {
  /** Stations that demanded in a period, by rising number, with what became of it. */
  demandingIn(period: PeriodId): Promise<readonly DemandingStation[]>;
  /** Whose readings of an interval a payment opens: who demanded in its period, whatever became of the demand. */
  opens(intervalId: number): Promise<ReadonlySet<number>>;
};

/** Asks for every metered member of the area. */
export function createQuotaStations({
  areaId,
  intervalSeconds,
  terms,
  view,
  directory,
}: {
  readonly areaId: number;
  readonly intervalSeconds: number;
  readonly terms: Pick<QuotaTermsSchedule, "of">;
  readonly view: Pick<QuotaView, "stationOf">;
  readonly directory: Pick<MemberDirectory, "meteredIn">;
}): QuotaStations {
  const demandingIn = async (period: PeriodId) => {
    const members = [...(await directory.meteredIn(areaId))].sort((a, b) => a - b);
    const stations = await readEach(members, async (member) => ({
      member,
      ...(await view.stationOf(period, member)),
    }));
    return stations.filter(({ demandW }) => demandW > 0);
  };
  return {
    demandingIn,
    async opens(intervalId) {
      const { periodSeconds } = terms.of(0);
      const period = intervalAt(startsAt(intervalId, intervalSeconds), periodSeconds);
      return new Set((await demandingIn(period)).map(({ member }) => member));
    },
  };
}
