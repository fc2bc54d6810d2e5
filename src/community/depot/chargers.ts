import {
  fundingCalls,
  grantRoleCall,
  kycHash,
  mintCall,
  readAccountOf,
  readMargin,
  registerParticipants,
} from "#domains/accounts/participants.ts";
import { seatOf } from "#domains/accounts/rules/seat.ts";
import { readStation, registerStationCall } from "#domains/charging/chargingSessions.ts";
import { sessionSeparator, signModule, stationIdOf } from "#domains/charging/rules/signedSession.ts";
import type { PricedStation } from "#domains/charging/sessionDesk.ts";
import {
  type PublishedTariff,
  publishTariff,
  tariffHash,
} from "#domains/charging/sessions/publishedTariff.ts";
import type { ChargingTariff } from "#domains/charging/sessions/tariff.ts";
import { addMemberCall, readMembers } from "#domains/metering/areaRegistry.ts";
import { present } from "#kernel/units/assert.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Sender } from "#platform/chain/sender.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { CommunityNode } from "../communityNode.ts";
import { keyNames } from "../keyNames.ts";
import { depotKeys } from "./depotKeys.ts";
import { stationMeterId } from "./members.ts";

type DepotNode = CommunityNode<DepotScenario>;

/** Who takes part in charging over the chain besides the stations' owners, by seats. */
export type ChargingPeople = { readonly payee: number; readonly driver: number };

/** The same by their accounts. */
export type ChargingAccounts = { readonly payee: number; readonly driver: number };

/** What a driver has for charging in the demonstration, micro. */
const WALLET_MICRO = 1_000_000_000n;
/** What the operator asks beside the area's own tariff: for its stations, and for standing there. */
const SERVICE_MICRO_PER_KWH = 100_000n;
const SESSION_FEE_MICRO = 350_000n;
const IDLE_MICRO_PER_HOUR = 6_000_000n;
const IDLE_GRACE_SECONDS = 900;
const MINUTES_PER_HOUR = 60;
const YEARS_SECONDS = 2 * 366 * 86_400;
const ATTESTATION = { number: 1n, expiresAt: 2n ** 64n - 1n } as const;

/** What a session at a depot costs: the area's tariff by time of day, and what the operator asks beside it. */
export function chargingTariff({ name, tariff, currency }: DepotScenario): ChargingTariff {
  const rising = [...tariff].sort((one, other) => one.fromHour - other.fromHour);
  const last = present(rising.at(-1), "a step of the tariff");
  const steps = rising[0]?.fromHour === 0 ? rising : [{ ...last, fromHour: 0 }, ...rising];
  return {
    tariffId: `${name} charging`,
    currency,
    sessionFeeMicro: SESSION_FEE_MICRO,
    idleGraceSeconds: IDLE_GRACE_SECONDS,
    prices: steps.map(({ fromHour, tariffMicroPerKwh }) => ({
      fromMinute: fromHour * MINUTES_PER_HOUR,
      energyMicroPerKwh: BigInt(tariffMicroPerKwh) + SERVICE_MICRO_PER_KWH,
      timeMicroPerHour: 0n,
      idleMicroPerHour: IDLE_MICRO_PER_HOUR,
    })),
  };
}

/**
 * Enrols on the chain what charging over it needs and is not there yet: the operator's account, a driver's with its wallet, the
 * stations with their modules and the tariff. By the community's own keys, as its founding did; nobody else sends with them now.
 */
export async function enrolChargers(
  node: DepotNode,
  { tariff, clock }: { readonly tariff: ChargingTariff; readonly clock: LocalClock },
): Promise<{
  readonly people: ChargingPeople;
  readonly accounts: ChargingAccounts;
  readonly priced: readonly PricedStation[];
}> {
  const { scenario } = node;
  const until = scenario.startsAt + YEARS_SECONDS;
  const published = publishTariff(tariff, { clock, from: scenario.startsAt, until });
  await appoint(node);
  const { people, accounts } = await enrolPeople(node);
  for (const { id, member } of scenario.stations) await enrolStation(node, { id, member, published });
  const priced = scenario.stations.map(({ id }) => ({
    stationId: id,
    stationHash: stationHashOf(scenario, id),
    payee: people.payee,
    ...{ tariff, published },
  }));
  return { people, accounts, priced };
}

/** A depot beside another community has no registrar or certifier of its own before. */
async function appoint({ network, senders, keyring, founded, scenario, chain }: DepotNode): Promise<void> {
  const { deployment } = founded;
  const last = present(scenario.stations.at(-1), "a station");
  if ((await readStation(network, deployment, stationHashOf(scenario, last.id))) !== null) return;
  const admin = senders.of(present(chain.fundingPrivateKey, "the key that funds a demonstration"));
  await admin.sendAll([
    grantRoleCall(deployment, "REGISTRAR_ROLE", keyring.key(keyNames.registrar).address),
    grantRoleCall(deployment, "CERTIFIER_ROLE", keyring.key(keyNames.certifier).address),
  ]);
}

async function enrolPeople(node: DepotNode) {
  const { network, senders, keyring, founded } = node;
  const registrar = senders.of(keyring.key(keyNames.registrar).hex);
  const payee = await memberOfKey(node, { registrar, key: depotKeys.chargingOperator });
  const { member, account } = await memberOfKey(node, { registrar, key: depotKeys.driver });
  const { deployment, areaId } = founded;
  const wallet = { market: "chargingSessions", areaId, member };
  if ((await readMargin(network, deployment, wallet)) === 0n) {
    const driver = senders.of(keyring.key(depotKeys.driver).hex);
    const admin = senders.of(present(node.chain.fundingPrivateKey, "the key that funds a demonstration"));
    // A stop between the two calls does not fill the wallet twice.
    await admin.send(mintCall(deployment, driver.address, WALLET_MICRO), `wallet of ${driver.address}`);
    await driver.sendAll(fundingCalls(deployment, { ...wallet, amountMicro: WALLET_MICRO }));
  }
  return {
    people: { payee: seatOf({ areaId, member: payee.member }), driver: seatOf({ areaId, member }) },
    accounts: { payee: payee.account, driver: account },
  };
}

/** The member without a meter that a key's account is; it is registered and added where it is not yet. */
async function memberOfKey(
  { network, keyring, founded }: DepotNode,
  { registrar, key }: { readonly registrar: Sender; readonly key: string },
): Promise<{ readonly member: number; readonly account: number }> {
  const { deployment, areaId } = founded;
  const { address, hex } = keyring.key(key);
  let account = await readAccountOf(network, deployment, address);
  if (account === 0) {
    const people = [{ owner: address, kycHash: kycHash(key, hex) }];
    [account = 0] = await registerParticipants(registrar, deployment, people);
  }
  const find = async () =>
    (await readMembers(network, deployment, areaId)).find(
      (member) => member.account === account && member.meterId === null,
    );
  if (!(await find())) await registrar.send(addMemberCall(deployment, { areaId, account }));
  return { account, member: present(await find(), `a member of account ${account}`).member };
}

async function enrolStation(
  { network, senders, keyring, founded, scenario }: DepotNode,
  { id, member, published }: { id: string; member: number; published: PublishedTariff },
): Promise<void> {
  const { deployment, areaId } = founded;
  const stationId = stationHashOf(scenario, id);
  if ((await readStation(network, deployment, stationId)) !== null) return;
  const moduleKey = keyring.key(depotKeys.module(id)).address;
  const attestation = { stationId, meterId: stationMeterId(scenario, id), moduleKey, ...ATTESTATION };
  const separator = sessionSeparator(deployment.chainId, addressOf(deployment, "chargingSessions"));
  const { privateKey } = keyring.key(keyNames.certifier);
  const signature = signModule(attestation, { separator, privateKey });
  const place = { seat: seatOf({ areaId, member }), tariffHash: tariffHash(published) };
  const owner = senders.of(keyring.key(depotKeys.station(id)).hex);
  await owner.send(registerStationCall(deployment, { ...place, attestation, signature }));
}

function stationHashOf({ name }: Pick<DepotScenario, "name">, id: string) {
  return stationIdOf(`${name}/${id}`);
}
