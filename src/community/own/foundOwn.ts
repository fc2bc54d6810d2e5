import { readAccountOf } from "#domains/accounts/participants.ts";
import { meterIdOf, readArea, readMeter } from "#domains/metering/areaRegistry.ts";
import { present } from "#kernel/units/assert.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { intervalAt, startsAt } from "#kernel/units/interval.ts";
import { BRIEF, insist } from "#platform/chain/patience.ts";
import { keyNames } from "../keyNames.ts";
import type { CommunityFile, TariffPeriod } from "./communityFile.ts";
import { contractsPhase, rolesPhase } from "./contractsPhase.ts";
import {
  areaOf,
  deploymentOf,
  type Founding,
  ownerOfMember,
  ownerOfParty,
  type PARTY_NAMES,
  type Phase,
} from "./foundingContext.ts";
import { accountsPhase, areaPhase, metersPhase } from "./membersPhases.ts";
import { etherPhase, marginsPhase, supplyPhase, termsPhase } from "./moneyPhases.ts";
import { type OwnRecord, readOwnRecord, writeOwnRecord } from "./ownCommunity.ts";
import { beginsAt } from "./ownScenario.ts";

const PHASES: readonly Phase[] = [
  etherPhase,
  contractsPhase,
  rolesPhase,
  accountsPhase,
  areaPhase,
  metersPhase,
  termsPhase,
  supplyPhase,
  marginsPhase,
];

/** What a founding would do now, in its order, and what of the file can't be had. */
export type FoundingPlan = { readonly sentences: readonly string[]; readonly notes: readonly string[] };

/**
 * Looks at the chain, and says what is missing there of what the file says. Nothing is sent.
 *
 * @throws RoleMissingError, EtherMissingError, ContractsUnfitError, TariffChangedError where it can't be founded
 */
export async function planFounding(founding: Founding): Promise<FoundingPlan> {
  await insist(() => requireOwnFolder(founding), waiting());
  const sentences: string[] = [];
  const notes: string[] = [];
  for (const phase of PHASES) {
    const look = await insist(() => phase(founding), waiting());
    sentences.push(...look.steps.map(({ sentence }) => sentence));
    notes.push(...look.notes);
  }
  return { sentences, notes };
}

/** Does what is missing, part by part; each part looks at the chain first. Gives the record of the community. */
export async function found(founding: Founding, onProgress: (sentence: string) => void): Promise<OwnRecord> {
  for (const phase of PHASES) {
    // A part looks at the chain first: after a fault of the node it is begun again as a whole.
    await insist(async () => {
      const { steps } = await phase(founding);
      for (const { sentence, run } of steps) {
        onProgress(sentence);
        await run();
      }
    }, waiting());
  }
  const record = await insist(() => recordOf(founding), waiting());
  writeOwnRecord(founding.folder, record);
  return record;
}

/** A node that is away for a moment, or has closed a connection that rested, is asked again. */
const waiting = () => ({ patience: BRIEF, signal: new AbortController().signal });

/** A folder belongs to one operator's key; and prices that people were billed by stay. */
async function requireOwnFolder({ folder, keys, own, network }: Founding): Promise<void> {
  const known = readOwnRecord(folder);
  if (known === null) return;
  const operator = keys.addressOf(keyNames.operator);
  if (known.operator !== operator) throw new OtherCommunityError(folder, known.operator, operator);
  const { timestamp } = await network.client.getBlock();
  const changed = changedTariff(known.tariffs, own.file, Number(timestamp));
  if (changed !== null) throw new TariffChangedError(own.path, changed);
}

/** The first tariff that has begun and is not what it was; null when there is none. */
function changedTariff(known: OwnRecord["tariffs"], file: CommunityFile, now: number): string | null {
  const hasBegun = ({ from }: Pick<TariffPeriod, "from">) => beginsAt(from, file.timeZone) <= now;
  const begun = file.tariff.filter(hasBegun);
  for (const [i, before] of known.filter(({ from }) => hasBegun({ from })).entries())
    if (!isSameTariff(before, begun[i])) return before.from ?? "the beginning";
  const added = begun[known.length];
  return added === undefined ? null : (added.from ?? "the beginning");
}

function isSameTariff(one: OwnRecord["tariffs"][number], other: TariffPeriod | undefined): boolean {
  return (
    other !== undefined &&
    one.from === other.from &&
    one.retailPerKwh === other.retailPerKwh &&
    one.feedInPerKwh === other.feedInPerKwh &&
    one.gridFeePerKwh === other.gridFeePerKwh &&
    one.leviesPerKwh === other.leviesPerKwh
  );
}

async function recordOf(founding: Founding): Promise<OwnRecord> {
  const { own, network, keys, folder } = founding;
  const [deployment, areaId] = [deploymentOf(founding), areaOf(founding)];
  const area = present(await readArea(network, deployment, areaId), `area ${areaId}`);
  const { timestamp } = await network.client.getBlock();
  const { intervalSeconds } = area;
  const partyOf = (party: (typeof PARTY_NAMES)[number]) =>
    readAccountOf(network, deployment, ownerOfParty(founding, party));
  const nextInterval = startsAt(intervalAt(Number(timestamp), intervalSeconds) + 1, intervalSeconds);
  const members = [];
  for (const row of own.members) {
    const meterId = meterIdOf(row.meteringPoint);
    const { member } = present(await readMeter(network, deployment, meterId), `the meter of ${row.id}`);
    const account = await readAccountOf(network, deployment, ownerOfMember(founding, row));
    members.push({ id: row.id, name: row.name, member, account, meterId });
  }
  return {
    operator: keys.addressOf(keyNames.operator),
    areaId,
    foundedAt: readOwnRecord(folder)?.foundedAt ?? nextInterval,
    tariffs: [...own.file.tariff],
    parties: { supplier: await partyOf("supplier"), dso: await partyOf("dso"), fund: await partyOf("fund") },
    members,
  };
}

export class OtherCommunityError extends DomainError {
  readonly code = "otherCommunity";

  constructor(folder: string, there: string, here: string) {
    super(`${folder} holds the community of the operator ${there}; the key here is ${here}`);
  }
}

export class TariffChangedError extends DomainError {
  readonly code = "tariffChanged";

  constructor(path: string, from: string) {
    super(
      `${path}: \`tariff\`: prices from ${from} on have begun and stay as they were; add a tariff whose \`from\` is to come`,
    );
  }
}
