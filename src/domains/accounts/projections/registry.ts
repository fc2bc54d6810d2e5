import { eq } from "drizzle-orm";
import type { AccountsEvent } from "#domains/accounts/events.ts";
import { participants } from "#domains/accounts/tables.ts";
import type { Queryable } from "#platform/store/openStore.ts";
import { forget } from "#platform/store/workingSet.ts";

type RegistryEvent = AccountsEvent<
  | "participantRegistered"
  | "participantSuspended"
  | "participantReinstated"
  | "signerAnnounced"
  | "ownerChanged"
  | "entitySet"
  | "entityJoined"
  | "entityLeft"
>;

/** What became of a participant. */
export async function projectParticipant(tx: Queryable, event: RegistryEvent): Promise<void> {
  const { account } = event;
  if (event.kind === "participantRegistered") {
    const { owner, kycHash, timestamp: registeredAt } = event;
    const standing = { isVerified: true, isEntity: false };
    await tx.insert(participants).values({ account, owner, kycHash, ...standing, registeredAt });
    forget(tx, participants);
    return;
  }
  await tx.update(participants).set(changeOf(event)).where(eq(participants.account, account));
  forget(tx, participants);
}

function changeOf(
  event: Exclude<RegistryEvent, AccountsEvent<"participantRegistered">>,
): Partial<typeof participants.$inferInsert> {
  switch (event.kind) {
    case "participantSuspended":
      return { isVerified: false };
    case "participantReinstated":
      return { isVerified: true, kycHash: event.kycHash };
    case "signerAnnounced":
      return { agent: event.signer, agentFrom: event.effectiveAt };
    case "ownerChanged":
      return { owner: event.owner };
    case "entitySet":
      return { isEntity: event.isEntity };
    case "entityJoined":
      return { entity: event.entity, entityFrom: event.effectiveAt };
    case "entityLeft":
      return { entity: null, entityFrom: event.effectiveAt };
  }
}
