import {
  ADMINISTRATOR as ADMINISTRATOR_ROLE,
  grantRoleCall,
  readHasRole,
} from "#domains/accounts/participants.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { keyNames } from "../keyNames.ts";
import { deploymentOf, type Founding, senderOf } from "./foundingContext.ts";
import { ADMINISTRATOR } from "./ownKeys.ts";

/** Roles on the contracts that a community's keys need, by the name of the key. */
export const COMMUNITY_ROLES = [
  ["REGISTRAR_ROLE", keyNames.registrar],
  ["OPERATOR_ROLE", keyNames.operator],
  ["CERTIFIER_ROLE", keyNames.certifier],
] as const;

/** Addresses by the names of their keys. */
export type RoleHolders = Readonly<Record<(typeof COMMUNITY_ROLES)[number][1], Address>>;

/** A role that an address lacks. */
export type MissingRole = { readonly role: string; readonly name: string; readonly holder: Address };

/** The roles that a community's keys lack on the contracts of a founding. */
export async function missingRoles(
  founding: Founding,
  holders: RoleHolders,
): Promise<readonly MissingRole[]> {
  const deployment = deploymentOf(founding);
  const missing: MissingRole[] = [];
  for (const [role, name] of COMMUNITY_ROLES) {
    const holder = holders[name];
    if (!(await readHasRole(founding.network, deployment, { role, holder })))
      missing.push({ role, name, holder });
  }
  return missing;
}

/** Whether the administrator of a founding may give out roles on its contracts. */
export function isAdministrator(founding: Founding): Promise<boolean> {
  const holder = founding.keys.addressOf(ADMINISTRATOR);
  return readHasRole(founding.network, deploymentOf(founding), { role: ADMINISTRATOR_ROLE, holder });
}

/**
 * What another community lacks to work with our contracts.
 *
 * @throws NotAdministratorError when they are none of ours
 */
export async function planAdmission(
  founding: Founding,
  holders: RoleHolders,
): Promise<readonly MissingRole[]> {
  if (founding.deployment === null || !(await isAdministrator(founding)))
    throw new NotAdministratorError(founding.own.path);
  return missingRoles(founding, holders);
}

export async function admitCommunity(founding: Founding, missing: readonly MissingRole[]): Promise<void> {
  const administrator = senderOf(founding, ADMINISTRATOR);
  const deployment = deploymentOf(founding);
  await administrator.sendAll(missing.map(({ role, holder }) => grantRoleCall(deployment, role, holder)));
}

export class NotAdministratorError extends DomainError {
  readonly code = "notAdministrator";

  constructor(path: string) {
    super(`the community of ${path} has no contracts of its own to admit another to`);
  }
}
