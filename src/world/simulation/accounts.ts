import type { AreaParties } from "#domains/pool/rules/area.ts";

/** The first account of a chain: of the community that is founded there first. */
export const FIRST_ACCOUNT = 1;

/** Numbers of the members that an area begins with, in the order in which the registry of areas adds them. */
export const PARTIES = { supplier: 1, dso: 2, fund: 3 } as const satisfies AreaParties;

/** Number of an area's first home; the others follow in the scenario's order. */
export const FIRST_HOME = 4;

/** Where the accounts of a community's members are, see {@link accountOf}. */
export type AccountNumbers = {
  readonly firstAccount: number;
  readonly accounts?: ReadonlyMap<number, number>;
};

/**
 * The account of a member: those of a community follow each other in the order of its members, but where `accounts` says
 * another: on a chain where others register between them.
 */
export function accountOf({ firstAccount, accounts }: AccountNumbers, member: number): number {
  return accounts?.get(member) ?? firstAccount - 1 + member;
}
