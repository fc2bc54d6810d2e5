import { kycHash, readAccountOf, registerParticipants } from "#domains/accounts/participants.ts";
import {
  certifyDevice,
  changeCapacityCall,
  directoryOf,
  enrolCall,
  meterIdOf,
  openArea,
  publishDirectoryCall,
  readArea,
  readAreasOf,
  readMembers,
  readMeter,
} from "#domains/metering/areaRegistry.ts";
import type { MemberRecord } from "#domains/metering/areaState.ts";
import type { Address } from "#kernel/crypto/hex.ts";
import { readEach } from "#platform/chain/readEach.ts";
import { keyNames } from "../keyNames.ts";
import { waitingSecondsOf } from "./communityFile.ts";
import {
  areaOf,
  deploymentOf,
  deviceOfMember,
  type Founding,
  type Look,
  NOTHING_MISSING,
  ownerOfMember,
  ownerOfParty,
  PARTY_NAMES,
  type Phase,
  senderOf,
} from "./foundingContext.ts";
import type { MemberRow } from "./membersFile.ts";

const SECONDS_PER_MINUTE = 60;
/** The first certificate of each device, which is used at once: its end is the largest second that the contract holds. */
const CERTIFICATE = { number: 1n, expiresAt: 2n ** 64n - 1n } as const;

type Participant = { readonly identity: string; readonly owner: Address };

/** Accounts of the parties and of the members' owners. */
export const accountsPhase: Phase = async (founding) => {
  const wanted = participantsOf(founding);
  const missing = founding.deployment === null ? wanted : await withoutAccount(founding, wanted);
  if (missing.length === 0) return NOTHING_MISSING;
  const names = missing.map(({ identity }) => identity).join(", ");
  return {
    steps: [
      {
        sentence: `register ${missing.length} participants: ${names}`,
        run: async () => {
          const registrar = senderOf(founding, keyNames.registrar);
          const participants = (await withoutAccount(founding, wanted)).map(({ identity, owner }) => ({
            owner,
            kycHash: kycHash(identity, founding.keys.key(`salt ${identity}`).hex),
          }));
          await registerParticipants(registrar, deploymentOf(founding), participants);
        },
      },
    ],
    notes: [],
  };
};

/** Each owner once, the parties first. */
function participantsOf(founding: Founding): readonly Participant[] {
  const parties = PARTY_NAMES.map((party) => ({ identity: party, owner: ownerOfParty(founding, party) }));
  const members = founding.own.members.map((row) => ({
    identity: row.name,
    owner: ownerOfMember(founding, row),
  }));
  const byOwner = new Map<Address, Participant>();
  for (const each of [...parties, ...members]) if (!byOwner.has(each.owner)) byOwner.set(each.owner, each);
  return [...byOwner.values()];
}

async function withoutAccount(founding: Founding, wanted: readonly Participant[]) {
  const deployment = deploymentOf(founding);
  const accounts = await readEach(wanted, ({ owner }) => readAccountOf(founding.network, deployment, owner));
  return wanted.filter((_, i) => accounts[i] === 0);
}

/** The area of this community: the one that its operator's key operates. */
export const areaPhase: Phase = async (founding) => {
  const { own, network, keys, deployment } = founding;
  const { intervalMinutes, waitingHours } = own.file;
  const operator = keys.addressOf(keyNames.operator);
  if (founding.areaId === null && deployment !== null)
    founding.areaId = (await readAreasOf(network, deployment, operator))[0]?.areaId ?? null;
  if (founding.areaId === null)
    return {
      steps: [
        {
          sentence: `open a market area with intervals of ${intervalMinutes} minutes, whose readings are waited for ${waitingHours} hours`,
          run: () => open(founding),
        },
      ],
      notes: [],
    };
  const area = await readArea(network, deploymentOf(founding), founding.areaId);
  return { steps: [], notes: area === null ? [] : areaNotes(founding, area) };
};

function areaNotes(
  { own, keys }: Founding,
  area: { readonly intervalSeconds: number; readonly waitingSeconds: number; readonly gateway: Address },
): readonly string[] {
  const notes: string[] = [];
  if (area.intervalSeconds !== own.file.intervalMinutes * SECONDS_PER_MINUTE)
    notes.push(
      `intervalMinutes: the area has ${area.intervalSeconds / SECONDS_PER_MINUTE} minutes for ever; another length needs another community`,
    );
  if (area.waitingSeconds !== waitingSecondsOf(own.file))
    notes.push(`waitingHours: the area waits ${area.waitingSeconds} s for ever`);
  const gateway = keys.addressOf(keyNames.meterGateway);
  if (area.gateway !== gateway)
    notes.push(`keys: the area's gateway is ${area.gateway}, the key here is ${gateway}`);
  return notes;
}

async function open(founding: Founding): Promise<void> {
  const { own, network, keys } = founding;
  const deployment = deploymentOf(founding);
  const account = (party: (typeof PARTY_NAMES)[number]) =>
    readAccountOf(network, deployment, ownerOfParty(founding, party));
  founding.areaId = await openArea(senderOf(founding, keyNames.operator), deployment, {
    intervalSeconds: own.file.intervalMinutes * SECONDS_PER_MINUTE,
    waitingSeconds: waitingSecondsOf(own.file),
    gateway: keys.addressOf(keyNames.meterGateway),
    supplier: await account("supplier"),
    dso: await account("dso"),
    fund: await account("fund"),
  });
}

/** The metering points of the members, and what their connections carry. */
export const metersPhase: Phase = async (founding) => {
  const { own } = founding;
  if (founding.areaId === null)
    return own.members.length === 0 ? NOTHING_MISSING : enrolling(founding, own.members);
  const there = await readMembers(founding.network, deploymentOf(founding), founding.areaId);
  const seen = await readEach(own.members, (row) => lookAtMeter(founding, row, there));
  const unknown = own.members.filter((_, i) => seen[i]?.kind === "missing");
  const enrol = unknown.length === 0 ? NOTHING_MISSING : enrolling(founding, unknown);
  const changed = own.members.filter((_, i) => seen[i]?.kind === "otherCapacity");
  return {
    steps: [...enrol.steps, ...changed.map((row) => capacityStep(founding, row))],
    notes: [
      ...seen.flatMap((each) => (each.kind === "note" ? [each.note] : [])),
      ...strangers(founding, there),
    ],
  };
};

type SeenMeter =
  | { readonly kind: "missing" | "same" | "otherCapacity" }
  | { readonly kind: "note"; readonly note: string };

async function lookAtMeter(
  founding: Founding,
  row: MemberRow,
  members: readonly MemberRecord[],
): Promise<SeenMeter> {
  const { network } = founding;
  const deployment = deploymentOf(founding);
  const meter = await readMeter(network, deployment, meterIdOf(row.meteringPoint));
  if (meter === null) return { kind: "missing" };
  if (meter.areaId !== founding.areaId)
    return { kind: "note", note: `${row.id}: its metering point is in area ${meter.areaId}, not in ours` };
  const device = deviceOfMember(founding, row);
  if (meter.deviceKey !== device)
    return {
      kind: "note",
      note: `${row.id}: its meter's key on the chain is ${meter.deviceKey ?? "revoked"}, not ${device}; a new key needs a new certificate`,
    };
  const there = members.find(({ member }) => member === meter.member);
  const account = await readAccountOf(network, deployment, ownerOfMember(founding, row));
  if (there?.account !== account)
    return {
      kind: "note",
      note: `${row.id}: its account is ${there?.account}, whose owner alone hands it over`,
    };
  return { kind: there.capacityW === row.connectionW ? "same" : "otherCapacity" };
}

/** Metering points of the area that the file does not name: nobody is put out by a line that was deleted. */
function strangers(founding: Founding, members: readonly MemberRecord[]): readonly string[] {
  const known = new Set(founding.own.members.map(({ meteringPoint }) => meterIdOf(meteringPoint)));
  return members
    .filter(({ meterId, capacityW }) => meterId !== null && capacityW > 0 && !known.has(meterId))
    .map(({ member }) => `member ${member} of the area is not in the file; it stays a member`);
}

function enrolling(founding: Founding, rows: readonly MemberRow[]): Look {
  return {
    steps: [
      {
        sentence: `enrol ${rows.length} metering points: ${rows.map(({ id, connectionW }) => `${id} (${connectionW} W)`).join(", ")}`,
        run: () => enrol(founding, rows),
      },
    ],
    notes: [],
  };
}

async function enrol(founding: Founding, rows: readonly MemberRow[]): Promise<void> {
  const { network, keys } = founding;
  const [deployment, areaId] = [deploymentOf(founding), areaOf(founding)];
  const registrar = senderOf(founding, keyNames.registrar);
  const certifierKey = keys.key(keyNames.certifier).privateKey;
  const calls = await readEach(rows, async (row) => {
    const meterId = meterIdOf(row.meteringPoint);
    const deviceKey = deviceOfMember(founding, row);
    const account = await readAccountOf(network, deployment, ownerOfMember(founding, row));
    const certificate = certifyDevice(deployment, { meterId, deviceKey, ...CERTIFICATE }, certifierKey);
    return enrolCall(deployment, {
      areaId,
      meterId,
      account,
      capacityW: row.connectionW,
      deviceKey,
      certificate,
    });
  });
  await registrar.sendAll(calls);
  const members = await readMembers(network, deployment, areaId);
  const directories = new Set(members.map(({ member }) => directoryOf(member)));
  await registrar.sendAll(
    [...directories].map((directory) => publishDirectoryCall(deployment, { areaId, directory })),
  );
}

function capacityStep(founding: Founding, { id, meteringPoint, connectionW }: MemberRow) {
  return {
    sentence: `change what the connection of ${id} carries to ${connectionW} W`,
    run: async () => {
      const call = { meterId: meterIdOf(meteringPoint), capacityW: connectionW };
      await senderOf(founding, keyNames.registrar).send(changeCapacityCall(deploymentOf(founding), call));
    },
  };
}
