import type { Address } from "#kernel/crypto/hex.ts";
import type { MemberPlace } from "./seat.ts";

/** A member of an area and a gate: who signs depends on when the gate closes, unix seconds. */
export type MemberGate = MemberPlace & { readonly closesAt: number };

/**
 * How a member of an area stands for a gate (R5.10).
 *
 * @property signer whose signature its orders need: its account's agent, owner or entity; null when nobody may sign
 * @property isTradable somebody may sign, and the member is metered
 * @property capacityW of its connection, W: no position of an interval is above capacity × length; 0 without a meter
 */
export type MemberStanding = {
  readonly signer: Address | null;
  readonly isTradable: boolean;
  readonly capacityW: number;
};

/** How a member stands, with everybody else who signs for its account at some other time. */
export type StandingWithFormer = MemberStanding & { readonly formerSigners: readonly Address[] };
