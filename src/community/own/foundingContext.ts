import type { Address } from "#kernel/crypto/hex.ts";
import { present } from "#kernel/units/assert.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { Network } from "#platform/chain/network.ts";
import type { Sender } from "#platform/chain/sender.ts";
import type { Senders } from "#platform/chain/senders.ts";
import { keyNames } from "../keyNames.ts";
import { HERE } from "./communityFile.ts";
import type { MemberRow } from "./membersFile.ts";
import type { OwnCommunity } from "./ownCommunity.ts";
import type { OwnKeys } from "./ownKeys.ts";

/** What `found` works with; `deployment` and `areaId` are null as long as there are none. */
export type Founding = {
  readonly own: OwnCommunity;
  readonly keys: OwnKeys;
  readonly network: Network;
  readonly senders: Senders;
  /** Where this network is kept. */
  readonly folder: string;
  deployment: Deployment | null;
  areaId: number | null;
};

/** One thing that is missing on the chain: in words with amounts, and how it is done. */
export type Step = { readonly sentence: string; readonly run: () => Promise<void> };

/** What a look at the chain came to: what is missing, and what of the file can't be had. */
export type Look = { readonly steps: readonly Step[]; readonly notes: readonly string[] };

/**
 * A part of a founding. It looks at the chain each time, so that a founding goes on where it stopped, and a second one has
 * nothing to do.
 */
export type Phase = (founding: Founding) => Promise<Look>;

export const NOTHING_MISSING: Look = { steps: [], notes: [] };

export function senderOf({ senders, keys }: Founding, name: string): Sender {
  return senders.of(keys.key(name).hex);
}

/** The deployment, once it is there: what runs after the first phase may rely on it. */
export function deploymentOf({ deployment }: Founding): Deployment {
  return present(deployment, "the contracts of the community");
}

export function areaOf({ areaId }: Founding): number {
  return present(areaId, "the area of the community");
}

export const PARTY_NAMES = ["supplier", "dso", "fund"] as const;
type Party = (typeof PARTY_NAMES)[number];

/** The key of a party in the keyring. */
export const PARTY_KEYS: Readonly<Record<Party, string>> = {
  supplier: keyNames.supplier,
  dso: keyNames.gridOperator,
  fund: keyNames.fund,
};

export function ownerOfParty({ own, keys }: Founding, party: Party): Address {
  const place = own.file.parties[party];
  return place === HERE ? keys.addressOf(PARTY_KEYS[party]) : place;
}

export function ownerOfMember({ keys }: Pick<Founding, "keys">, { id, owner }: MemberRow): Address {
  return owner === HERE ? keys.addressOf(keyNames.home(id)) : owner;
}

export function deviceOfMember({ keys }: Pick<Founding, "keys">, { id, device }: MemberRow): Address {
  return device === HERE ? keys.addressOf(keyNames.device(id)) : device;
}
