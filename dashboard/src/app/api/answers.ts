import type { EventKind } from "#platform/chain/chainEvent.ts";

/** Answers of the API that change together, by their addresses. */
const ADDRESSES = {
  areas: /^\/v1\/areas$/,
  session: /^\/v1\/session$/,
  /** The list of all participants, for their names. */
  names: /^\/v1\/participants\?/,
  meters: /^\/v1\/participants\/\d+(\/devices)?$/,
  /** Also what the page reads from the clearing house itself. */
  money: /^(\/v1\/participants\/\d+(\/movements\?.*)?|house\/.*)$/,
  bills: /^\/v1\/participants\/\d+\/(bill|series)\?/,
  orders: /^\/v1\/(participants\/\d+\/orders\?|orders|intervals\/\d+\/\d+\/orders\?)/,
  trails: /\/trail$/,
  market: /^\/v1\/(prices$|community$|intervals\?|intervals\/\d+\/\d+$)/,
  trades: /^\/v1\/trades\?/,
  operator: /^\/v1\/operator$/,
  records: /^\/v1\/(lookup\?|transactions\/)/,
  /** The auditor tells of its work in a stream of its own. */
  audit: /^\/v1\/audit$/,
} as const satisfies Record<string, RegExp>;

export type Answer = keyof typeof ADDRESSES;

export const ALL_ANSWERS = Object.keys(ADDRESSES) as readonly Answer[];

const REGISTERED = ["names", "meters", "session", "market", "operator", "records"] as const;
const METERED = ["meters", "session", "market", "operator"] as const;
const MOVED = ["money", "operator", "records"] as const;
const CLEARED = ["market", "orders", "trades", "money", "trails", "operator", "records"] as const;
const SETTLED = ["market", "bills", "money", "trails", "operator", "records"] as const;

/** What can be another after an event of each kind; nothing where no page shows what it changes. */
export const CHANGED_BY: Readonly<Record<EventKind, readonly Answer[]>> = {
  areaCreated: ["areas", "session", "market", "operator"],
  supplyAccepted: [],
  participantRegistered: REGISTERED,
  participantSuspended: METERED,
  participantReinstated: METERED,
  identityDisclosed: [],
  entityJoined: METERED,
  entityLeft: METERED,
  meterEnrolled: METERED,
  meterRetired: METERED,
  deviceKeyRotated: ["meters"],
  deviceKeyRevoked: ["meters"],
  marketAdmitted: [],
  deposited: MOVED,
  withdrawn: MOVED,
  marginAdded: MOVED,
  marginWithdrawalAnnounced: MOVED,
  marginWithdrawn: MOVED,
  marginOverflowed: MOVED,
  // Money is held and released with the clearing or the settlement that causes it.
  held: [],
  released: [],
  stepVerified: CLEARED,
  intervalCleared: CLEARED,
  // Who holds no position is billed by the reading at once.
  readingsPublished: ["market", "bills", "trails", "operator", "records"],
  pageClaimed: [],
  pageSettled: SETTLED,
  intervalSettled: SETTLED,
  pageVoided: SETTLED,
  intervalVoided: SETTLED,
};

/** Whether the answer at an address is one of these. */
export function isAnswer(path: string, answers: Iterable<Answer>): boolean {
  return [...answers].some((answer) => ADDRESSES[answer].test(path));
}
