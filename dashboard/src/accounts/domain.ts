import { ACCOUNTS_COUNTS } from "#domains/accounts/audit/accountsCounts.ts";
import type { AccountsFact } from "#domains/accounts/events.ts";
import { ACCOUNT_MOVEMENTS } from "#domains/accounts/rules/movementWords.ts";
import { lazyPage, lazyPart } from "../app/lazyPart.ts";
import type { PageDomain } from "../app/pageDomain.ts";
import { ACCOUNTS_WORDS } from "./words.ts";

/** Kinds of events that pages hear of. */
type Kind = Exclude<AccountsFact["kind"], "tokenTransferred">;

const STANDING = ["standing", "session"] as const;
const MOVED = ["money"] as const;

/** What each kind of its events changes; nothing where no page shows it. */
const CHANGED_BY: Readonly<Record<Kind, readonly string[]>> = {
  membershipsSet: [],
  participantRegistered: ["names", ...STANDING],
  participantSuspended: STANDING,
  participantReinstated: STANDING,
  identityDisclosed: [],
  signerAnnounced: STANDING,
  ownerNamed: [],
  ownerChanged: ["names", ...STANDING],
  recoveryProposed: [],
  recoveryRefused: [],
  entitySet: STANDING,
  entityRequested: [],
  entityJoined: STANDING,
  entityLeft: STANDING,
  marketAdmitted: [],
  marketRetired: [],
  deposited: MOVED,
  withdrawn: MOVED,
  marginAdded: MOVED,
  marginWithdrawalAnnounced: MOVED,
  marginWithdrawn: MOVED,
  marginOverflowed: MOVED,
  marginTransferred: MOVED,
  // Money is held and released with the clearing or the settlement that causes it.
  held: [],
  released: [],
};

/** Who takes part, and the money of each. */
export const accounts: PageDomain = {
  name: "accounts",
  pages: [
    {
      path: "/participants/$account",
      component: lazyPage(() => import("./ParticipantPage.tsx"), "ParticipantPage"),
    },
  ],
  accountCards: [
    { shownTo: "owner", place: "main", component: lazyPart(() => import("./Movements.tsx"), "Movements") },
    { shownTo: "owner", place: "side", component: lazyPart(() => import("./MyAccount.tsx"), "MyAccount") },
  ],
  answers: {
    session: /^\/v1\/session$/,
    /** The list of all participants, for their names. */
    names: /^\/v1\/participants\?/,
    /** Also what the page reads from the registry itself. */
    standing: /^(\/v1\/participants\/\d+|registry\/.*)$/,
    /** Also what the page reads from the clearing house itself. */
    money: /^(\/v1\/participants\/\d+(\/movements\?.*)?|house\/.*)$/,
  },
  changedBy: CHANGED_BY,
  words: { ...ACCOUNTS_WORDS, movements: ACCOUNT_MOVEMENTS },
  counts: ACCOUNTS_COUNTS,
  found: {
    participant: {
      name: "Participant",
      address: (account) => ({ to: "/participants/$account", params: { account } }),
    },
  },
};
