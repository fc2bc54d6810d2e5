import type { AreaAccounts } from "#domains/pool/rules/area.ts";

/** The first account of a chain: of the community that is founded there first. */
export const FIRST_ACCOUNT = 1;

/** The accounts of a community, numbered one after the other: the operators first, then the homes in the scenario's order. */
export function communityAccounts(firstAccount: number): AreaAccounts & { readonly firstHome: number } {
  return {
    supplier: firstAccount,
    dso: firstAccount + 1,
    fund: firstAccount + 2,
    firstHome: firstAccount + 3,
  };
}
