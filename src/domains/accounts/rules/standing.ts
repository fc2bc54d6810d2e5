import type { Address } from "#kernel/crypto/hex.ts";

/**
 * How the registry knows an account at some moment.
 *
 * @property signer whose signature its orders need: its owner's, or its entity's (R5.10); null when it is not registered
 * @property isTradable verified, and metered in the area
 */
export type AccountStanding = { readonly signer: Address | null; readonly isTradable: boolean };

/** Who signs for an account at some moment, and everybody who did before. */
export type StandingWithFormer = AccountStanding & { readonly formerSigners: readonly Address[] };
