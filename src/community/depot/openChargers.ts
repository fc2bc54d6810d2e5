import { join } from "node:path";
import { carryQuotas } from "#domains/charging/carryQuotas.ts";
import type { HeardEnergy } from "#domains/charging/heardEnergy.ts";
import { enrolStation } from "#domains/charging/ocpp/station.ts";
import type { SessionOffice } from "#domains/charging/routes/sessionContext.ts";
import { sessionCommitment, sessionSeparator, signHold } from "#domains/charging/rules/signedSession.ts";
import type { PricedStation } from "#domains/charging/sessionDesk.ts";
import { reportSession } from "#domains/charging/sessionIncidents.ts";
import { tariffHash } from "#domains/charging/sessions/publishedTariff.ts";
import { reportStation } from "#domains/charging/stationIncidents.ts";
import { openStationOperator, type StationOperator } from "#domains/charging/stationOperator.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { keccak256Text } from "#kernel/crypto/typedData.ts";
import { endsAt, startsAt } from "#kernel/units/interval.ts";
import { createLocalClock } from "#kernel/units/localClock.ts";
import { addressOf } from "#platform/chain/contractSpec.ts";
import type { Duty } from "#platform/runtime/duty.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";
import type { AreaOpening } from "../areaKind.ts";
import type { DemonstrationKey } from "../demonstrationWallet.ts";
import { type ChargingAccounts, type ChargingPeople, chargingTariff, enrolChargers } from "./chargers.ts";
import { depotKeys } from "./depotKeys.ts";
import type { DepotRoles } from "./startDepotRoles.ts";

/** Chargers that join a depot over OCPP; what they need to join is in `joining`, a sentence a station. */
export type OpenChargers = {
  readonly url: string;
  readonly joining: readonly string[];
  /** Where the demonstration's driver sees its session, a sentence a station. */
  readonly pages: readonly string[];
  readonly duty: Duty;
  readonly office: SessionOffice;
  /** The driver, and who is paid. */
  readonly demonstrationKeys: readonly DemonstrationKey[];
  close(): Promise<void>;
};

const ANSWER_MS = 30_000;
const PASSWORD_CHARACTERS = 32;
/** What the demonstration's driver agrees to for a session, micro, and for how long, seconds of the market. */
const LIMIT_MICRO = 50_000_000n;
const HOLD_SECONDS = 7 * 86_400;
/** A hold that is to be shown again lasts so much longer at least. */
const LEAST_LEFT_SECONDS = 86_400;

/**
 * Opens the central system of a depot on loopback: a charger that joins as one of its stations gets the quota that the station won,
 * each period, and its sessions go over the chain. The keys are the demonstration's.
 */
export async function openChargers(
  { node, clock, incidents, indexer, ocppPort }: AreaOpening<DepotScenario>,
  { view, heard }: Pick<DepotRoles, "view"> & { readonly heard: Pick<HeardEnergy, "take"> },
): Promise<OpenChargers> {
  const { scenario, network, keyring, founded } = node;
  const { deployment, areaId } = founded;
  const zone = createLocalClock(scenario.timeZone);
  const tariff = chargingTariff(scenario);
  const { people, accounts, priced } = await enrolChargers(node, { tariff, clock: zone });
  const operator = await openStationOperator({
    directory: chargersFolder(node),
    listener: { host: "127.0.0.1", port: ocppPort ?? 0, security: { profile: 1 } },
    stations: scenario.stations.map(({ id, points, connectionW }) =>
      enrolStation({
        stationId: id,
        password: passwordOf(node, id),
        ...{ securityProfile: 1 as const, evses: points, ratedW: connectionW, safeLimitW: 0 },
      }),
    ),
    ...{ priced, network, deployment, clock: zone },
    sender: node.senders.of(keyring.key(depotKeys.chargingOperator).hex),
    now: () => Math.floor(clock.now()),
    tell: (event) => reportStation(incidents, areaId, event),
    trouble: (trouble) => reportSession(incidents, areaId, trouble),
    onRecord: heard.take,
    answerWithinMs: ANSWER_MS,
  });
  const tokens = await offerHolds(node, operator, { people, priced, now: Math.floor(clock.now()) });
  await operator.work();
  const [url = ""] = operator.central.urls;
  return {
    url,
    joining: scenario.stations.map(({ id }) =>
      joiningOf(node, { id, url, token: tokens.get(id)?.idToken ?? "" }),
    ),
    pages: [...tokens].map(([id, { path }]) => `the driver’s page of ${id} is ${path}`),
    duty: carryingDuty({ scenario, areaId, operator, view, now: clock.now }),
    office: {
      ledger: operator.ledger,
      unsettled: operator.unsettled,
      stations: priced,
      party: partyOf(scenario),
      clock: zone,
      async hold(offer) {
        const answer = await operator.hold(offer);
        // Who holds sees the session at once.
        await indexer.poke();
        return answer;
      },
    },
    demonstrationKeys: demonstrationKeysOf(node, accounts),
    close: () => operator.close(),
  };
}

type Node = AreaOpening<DepotScenario>["node"];

/** Where the records of the chargers' operator lie. */
export function chargersFolder({ folder }: Pick<Node, "folder">): string {
  return join(folder, "chargers");
}

/** Each period, its quotas are carried to the chargers that are there, and what is due of sessions goes to the chain. */
function carryingDuty({
  scenario,
  areaId,
  operator,
  view,
  now,
}: {
  readonly scenario: DepotScenario;
  readonly areaId: number;
  readonly operator: StationOperator;
  readonly view: DepotRoles["view"];
  readonly now: () => number;
}): Duty {
  const { periodSeconds } = scenario.terms;
  const rated = new Map(scenario.stations.map(({ id, connectionW }) => [id, connectionW]));
  return {
    name: "carry",
    standsOn: "newest",
    role: "operator",
    areaId,
    dueAt: (period) => startsAt(period, periodSeconds),
    triesUntil: (period) => endsAt(period, periodSeconds),
    async run(period) {
      const present = new Set(
        operator.central
          .stations()
          .flatMap(({ stationId, version }) => (version === null ? [] : [stationId])),
      );
      const there = scenario.stations.filter(({ id }) => present.has(id));
      const quotas = await Promise.all(
        there.map(async ({ id, member }) => {
          const quotaW = await view.quotaW(period, member);
          return [id, [{ period, quotaW }]] as const;
        }),
      );
      const ratedW = (id: string) => rated.get(id) ?? 0;
      await carryQuotas(operator.central, { quotas: new Map(quotas), ratedW, periodSeconds, now: now() });
      await operator.work();
      return there.length === 0
        ? { status: "nothingToDo" }
        : { status: "done", work: `carried the quotas to ${there.length} chargers` };
    },
  };
}

/** What a driver shows at a station, and where its page is: who has the salt behind the # sees the session. */
type Offered = { readonly idToken: string; readonly path: string };

/** The demonstration's driver signs for a session at each station, by which a charger can show a token. */
async function offerHolds(
  { keyring, founded, scenario }: Node,
  { desk, ledger }: StationOperator,
  {
    people,
    priced,
    now,
  }: { readonly people: ChargingPeople; readonly priced: readonly PricedStation[]; readonly now: number },
): Promise<ReadonlyMap<string, Offered>> {
  const { deployment } = founded;
  const separator = sessionSeparator(deployment.chainId, addressOf(deployment, "chargingSessions"));
  const { privateKey, hex } = keyring.key(depotKeys.driver);
  const tokens = new Map<string, Offered>();
  const saltAt = (stationId: string, at: number) =>
    toHex(keccak256Text(`${hex} ${scenario.name} ${stationId} ${at}`));
  const pathOf = (id: string, salt: string) => `/charging/session/${founded.areaId}/${id}#${salt}`;
  for (const { stationId, stationHash, published } of priced) {
    // What was signed at an earlier start and nobody charged by yet is as good: the wallet is not held anew each time.
    const known = ledger.entries().find(({ held, invoiced, isEnded }) => {
      const isOwn = held.salt === saltAt(stationId, held.hold.expiresAt - HOLD_SECONDS);
      return isOwn && invoiced === null && !isEnded && held.hold.expiresAt > now + LEAST_LEFT_SECONDS;
    });
    if (known) {
      const { id, idToken, salt: given } = known.held;
      tokens.set(stationId, { idToken, path: pathOf(id, given) });
      continue;
    }
    const salt = saltAt(stationId, now);
    const session = sessionCommitment({ salt, stationId: stationHash, tariffHash: tariffHash(published) });
    const hold = { ...people, limitMicro: LIMIT_MICRO, expiresAt: now + HOLD_SECONDS, session };
    const signature = signHold(hold, separator, privateKey);
    const answer = await desk.take({ stationId, salt, hold: { ...hold, signature } });
    if (!("idToken" in answer)) continue;
    tokens.set(stationId, { idToken: answer.idToken, path: pathOf(answer.id, salt) });
  }
  return tokens;
}

function joiningOf(node: Node, { id, url, token }: { id: string; url: string; token: string }): string {
  const module = node.keyring.key(depotKeys.module(id)).hex;
  return `commonwatt charge-point --url ${url} --id ${id} --password ${passwordOf(node, id)} --token ${token} --module ${module}`;
}

function passwordOf({ keyring }: Node, id: string): string {
  return keyring.key(depotKeys.charger(id)).hex.slice(2, 2 + PASSWORD_CHARACTERS);
}

/** With these a reader holds, charges and disputes as the driver, and sees the sessions as their payee. */
function demonstrationKeysOf(
  { keyring, scenario: { title } }: Node,
  { payee, driver }: ChargingAccounts,
): DemonstrationKey[] {
  return [
    { role: "driver", account: driver, name: `Driver at ${title}`, key: keyring.key(depotKeys.driver) },
    {
      role: "chargingOperator",
      account: payee,
      name: `Charging operator of ${title}`,
      key: keyring.key(depotKeys.chargingOperator),
    },
  ];
}

function partyOf({ name, title }: DepotScenario): SessionOffice["party"] {
  const place = { address: title, city: title, country: "DEU", latitude: "0.0000", longitude: "0.0000" };
  return { countryCode: "DE", partyId: "CWT", location: { id: name, ...place } };
}
