import { hourOf, openSessionArchive } from "./sessionArchive.ts";
import { REMEMBERED_DAYS } from "./sessionBook.ts";
import type { SessionRecord } from "./sessions/sessionRecord.ts";

/** What was heard of a station's energy. */
export type HeardEnergy = {
  take(record: SessionRecord): void;
  /** By which the station's registers rose in what was heard in `[from, until)`, unix seconds by our clock; whole Wh. */
  energyWh(stationId: string, span: { readonly from: number; readonly until: number }): bigint;
};

type Registers = { lowestWh: bigint; highestWh: bigint };

const SECONDS_PER_DAY = 86_400;

/**
 * Counts what chargers draw when it is heard: each reading as far as it widens what was known of its session's register. So nothing
 * is counted twice or lost, however late or often a message comes, and a charger's clock does not matter. From the archive
 * of sessions of the last days; `now` in unix seconds.
 */
export function openHeardEnergy(directory: string, now: number): HeardEnergy {
  const heard = createHeardEnergy();
  const archive = openSessionArchive(directory);
  const earliest = hourOf(Math.max(0, now - REMEMBERED_DAYS * SECONDS_PER_DAY));
  for (const file of archive.files().filter((name) => name >= earliest))
    for (const item of archive.read(file)) if (item.kind !== "settled") heard.take(item);
  return heard;
}

export function createHeardEnergy(): HeardEnergy {
  const sessions = new Map<string, Registers>();
  /** By station, what was heard at each second. */
  const rises = new Map<string, Map<number, bigint>>();
  let forgotten = 0;
  return {
    take(record) {
      const { stationId, receivedAt } = record;
      const riseWh = widen(sessions, record);
      const ofStation = rises.get(stationId) ?? new Map<number, bigint>();
      rises.set(stationId, ofStation);
      if (riseWh > 0n) ofStation.set(receivedAt, (ofStation.get(receivedAt) ?? 0n) + riseWh);
      const day = Math.floor(receivedAt / SECONDS_PER_DAY);
      if (day > forgotten) for (const each of rises.values()) forget(each, day - REMEMBERED_DAYS);
      forgotten = Math.max(forgotten, day);
    },
    energyWh(stationId, { from, until }) {
      let sum = 0n;
      for (const [at, riseWh] of rises.get(stationId) ?? []) if (at >= from && at < until) sum += riseWh;
      return sum;
    },
  };
}

/** By how much the span of a session's register grows with a record, Wh. */
function widen(sessions: Map<string, Registers>, { stationId, sessionId, registers }: SessionRecord): bigint {
  const key = JSON.stringify([stationId, sessionId]);
  let riseWh = 0n;
  for (const { registerWh } of registers) {
    const known = sessions.get(key);
    if (known === undefined) {
      sessions.set(key, { lowestWh: registerWh, highestWh: registerWh });
      continue;
    }
    const before = known.highestWh - known.lowestWh;
    if (registerWh < known.lowestWh) known.lowestWh = registerWh;
    if (registerWh > known.highestWh) known.highestWh = registerWh;
    riseWh += known.highestWh - known.lowestWh - before;
  }
  return riseWh;
}

function forget(rises: Map<number, bigint>, beforeDay: number): void {
  for (const at of rises.keys()) if (at < beforeDay * SECONDS_PER_DAY) rises.delete(at);
}
