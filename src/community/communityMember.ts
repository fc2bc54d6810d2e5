import type { Hex } from "#kernel/crypto/hex.ts";
import type { DemonstrationRole } from "#platform/api/identity/demonstrationWallet.ts";

/**
 * Who is metered in a community.
 *
 * @property member number in the area; members follow its parties, in this order
 * @property holder the member whose account it has: itself, or a party of the area that has a meter besides
 * @property key name of its owner's key in the community's keyring
 * @property device name of its meter's key there
 * @property capacityW of its connection
 */
export type CommunityMember = {
  readonly member: number;
  readonly holder: number;
  readonly name: string;
  readonly role: DemonstrationRole["role"];
  readonly key: string;
  readonly device: string;
  readonly meterId: Hex;
  readonly capacityW: number;
};
