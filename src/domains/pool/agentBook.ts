import type { MemberPlace } from "#domains/accounts/rules/seat.ts";
import { type AgentSettings, FREE_AGENT } from "./rules/agentSettings.ts";

/** Settings of a member's agent, from a second of the market's clock on. */
export type AgentVersion = AgentSettings & { readonly setAt: number };

/** The settings of a member's agent, the oldest first. */
export type AgentRecord = MemberPlace & { readonly versions: readonly AgentVersion[] };

/** What members have told the agents of their homes. */
export type AgentBook = {
  /** Whether a home's agent orders for the member. */
  isThere(place: MemberPlace): boolean;
  /** What holds now, with since when; null where nothing was ever set. */
  newest(place: MemberPlace): AgentVersion | null;
  /** What held at a second of the market's clock. */
  settingsAt(place: MemberPlace, at: number): AgentSettings;
  /** Sets it from the next second on, once it is kept. */
  set(place: MemberPlace, settings: AgentSettings): AgentVersion;
};

type AgentBookOptions = {
  readonly isThere: (place: MemberPlace) => boolean;
  readonly now: () => number;
  /** What was kept before. */
  readonly kept?: readonly AgentRecord[];
  /** Makes all records durable before they count. */
  readonly keep?: (records: readonly AgentRecord[]) => void;
};

/** Versions of a member that are kept: a restart asks for what held at the gates of the last hours. */
const MAX_VERSIONS = 64;

/** A book of settings. A version counts from the second after it was set: what was ordered in that second stands. */
export function createAgentBook({ isThere, now, kept = [], keep }: AgentBookOptions): AgentBook {
  const records = new Map(kept.map((record) => [keyOf(record), record]));
  const versionsOf = (place: MemberPlace) => records.get(keyOf(place))?.versions ?? [];
  return {
    isThere,
    newest: (place) => versionsOf(place).at(-1) ?? null,
    settingsAt: (place, at) => versionsOf(place).findLast(({ setAt }) => setAt <= at) ?? FREE_AGENT,
    set({ areaId, member }, { leastOfferMicroPerKwh, mostBidMicroPerKwh, isPaused }) {
      const version = {
        ...{ leastOfferMicroPerKwh, mostBidMicroPerKwh, isPaused },
        setAt: Math.floor(now()) + 1,
      };
      const versions = [...versionsOf({ areaId, member }), version].slice(-MAX_VERSIONS);
      const record = { areaId, member, versions };
      const key = keyOf(record);
      keep?.([...records.values()].filter((each) => keyOf(each) !== key).concat(record));
      records.set(key, record);
      return version;
    },
  };
}

function keyOf({ areaId, member }: MemberPlace): string {
  return `${areaId} ${member}`;
}
