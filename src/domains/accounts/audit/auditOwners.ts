import type { AccountsEvent } from "#domains/accounts/events.ts";
import type { RegistryState } from "#domains/accounts/registryState.ts";
import { RECOVERY_NOTICE_SECONDS } from "#domains/accounts/rules/registryConstants.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import type { AccountEvent, RegistryFault } from "./registryFault.ts";

const NOBODY: Address = `0x${"0".repeat(40)}`;

/** What is wrong with who becomes, or is to become, the owner of an account; null when nothing is. */
export function findOwnerFault(event: AccountEvent, state: RegistryState): RegistryFault | null {
  switch (event.kind) {
    case "ownerNamed":
      return event.owner === NOBODY ? null : findOwnerTwice(event.owner, state);
    case "participantRegistered":
      return findOwnerTwice(event.owner, state);
    case "recoveryProposed":
      return findOwnerTwice(event.owner, state) ?? findProposalFault(event);
    case "recoveryRefused":
      return state.participantOf(event.account)?.recovery?.owner === event.owner
        ? null
        : fault(`nobody proposed ${event.owner} as the owner of account ${event.account}`);
    case "ownerChanged":
      return findOwnerTwice(event.owner, state) ?? findChangeFault(event, state);
    default:
      return null;
  }
}

function findOwnerTwice(owner: Address, state: RegistryState): RegistryFault | null {
  const other = state.accountOf(owner);
  return other === null ? null : { rule: "ownerTwice", finding: `${owner} owns account ${other} already` };
}

function findProposalFault({
  account,
  owner,
  takeableAt,
  timestamp,
}: AccountsEvent<"recoveryProposed">): RegistryFault | null {
  if (takeableAt === timestamp + RECOVERY_NOTICE_SECONDS) return null;
  return fault(
    `${owner} may take account ${account} ${takeableAt - timestamp} s after it was proposed, not ${RECOVERY_NOTICE_SECONDS} s`,
  );
}

/** The owner before named this one, or the registrar did and nobody objected while that was possible. */
function findChangeFault(
  { account, owner, timestamp }: AccountsEvent<"ownerChanged">,
  state: RegistryState,
): RegistryFault | null {
  const { namedOwner = null, recovery = null } = state.participantOf(account) ?? {};
  const isRecovered = recovery?.owner === owner && timestamp >= recovery.takeableAt;
  if (namedOwner === owner || isRecovered) return null;
  return fault(`account ${account} goes to ${owner}, whom its owner did not name and no recovery brought`);
}

function fault(finding: string): RegistryFault {
  return { rule: "ownerChange", finding };
}
