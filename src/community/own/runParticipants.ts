import { privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { z } from "zod";
import { poolSeparator, signOrder } from "#domains/pool/rules/signedOrder.ts";
import { toHex } from "#kernel/crypto/hex.ts";
import { DomainError, sentenceOf } from "#kernel/units/domainError.ts";
import { type IntervalId, intervalAt } from "#kernel/units/interval.ts";
import { addressOf, type Deployment } from "#platform/chain/contractSpec.ts";
import { type Duty, runDuties } from "#platform/runtime/duty.ts";
import type { KeyPair } from "#platform/runtime/keyring.ts";
import type { MarketClock } from "#platform/runtime/marketClock.ts";
import type { Scenario } from "#world/simulation/scenario.ts";
import { keyNames } from "../keyNames.ts";
import { HERE } from "./communityFile.ts";
import { createMemberAgent, type MemberAgent, ordersAt } from "./memberAgent.ts";
import type { OwnCommunity } from "./ownCommunity.ts";
import { openKeys } from "./ownKeys.ts";
import { ownScenario } from "./ownScenario.ts";
import type { FoundedOwn } from "./runOwn.ts";

/** A member whose agent runs here, with what it knows. */
type Client = {
  readonly id: string;
  readonly member: number;
  readonly account: number;
  readonly key: KeyPair;
  readonly agent: MemberAgent;
  cookie: string | null;
};

type Participants = {
  readonly own: OwnCommunity;
  readonly founded: FoundedOwn;
  readonly passphrase: string;
  readonly clock: MarketClock;
  /** Where the community's API answers. */
  readonly api: string;
  readonly say: (sentence: string) => void;
};

/**
 * Runs the agents of the members whose keys are here: each signs in, learns from its own meter's readings, and orders
 * before each gate (R5.9). They find the community by the address of its API, and know nothing else of it.
 *
 * @throws NoMembersHereError, ClockStoppedError
 */
export async function runParticipants(options: Participants): Promise<void> {
  const { own, founded, clock, say } = options;
  const scenario = ownScenario(own, founded.record);
  const clients = clientsOf(options, scenario);
  if (clients.length === 0) throw new NoMembersHereError(own.file.members);
  say(`agents of ${clients.map(({ id }) => id).join(", ")} order at ${options.api}`);
  const duty = orderingDuty(options, scenario, clients);
  const from = intervalAt(clock.now(), scenario.intervalSeconds) + 1;
  for await (const report of runDuties([{ duty, from }], clock)) {
    if ("error" in report) say(`interval ${report.intervalId}: ${sentenceOf(report.error)}`);
    else if (report.done.status === "done") say(report.done.work);
  }
}

function clientsOf({ own, founded, passphrase }: Participants, scenario: Scenario): readonly Client[] {
  const keys = openKeys(own.keysFolder, passphrase);
  const { terms, tariff, firstIntervalId } = scenario;
  const rangeAt = (intervalId: IntervalId) => {
    const { feedInMicroPerKwh, retailMicroPerKwh } = tariff.at(intervalId - firstIntervalId);
    const highestMicroPerKwh = retailMicroPerKwh - Number(terms.gridFeeMicroPerKwh);
    return { lowestMicroPerKwh: feedInMicroPerKwh, highestMicroPerKwh };
  };
  const kept = new Set(own.members.filter(({ owner }) => owner === HERE).map(({ id }) => id));
  return founded.record.members
    .filter(({ id }) => kept.has(id))
    .map(({ id, member, account }) => ({
      ...{ id, member, account, cookie: null },
      key: keys.key(keyNames.home(id)),
      agent: createMemberAgent({ member, terms, rangeAt }),
    }));
}

function orderingDuty(options: Participants, scenario: Scenario, clients: readonly Client[]): Duty {
  const { terms } = scenario;
  return {
    name: "order",
    role: "participant",
    areaId: options.founded.record.areaId,
    dueAt: (intervalId) => ordersAt(intervalId, terms),
    triesUntil: (intervalId) => ordersAt(intervalId, terms) + 1,
    async run(intervalId) {
      const outcomes = await Promise.allSettled(clients.map((client) => order(options, client, intervalId)));
      const failed = outcomes.flatMap((outcome, i) =>
        outcome.status === "rejected" ? [`${clients[i]?.id}: ${sentenceOf(outcome.reason)}`] : [],
      );
      for (const sentence of failed) options.say(`interval ${intervalId}: ${sentence}`);
      const sent = outcomes.filter((outcome) => outcome.status === "fulfilled" && outcome.value);
      return { status: "done", work: `interval ${intervalId}: ${sent.length} orders` };
    },
  };
}

/** Whether the member has an order in the interval's book now. */
async function order(options: Participants, client: Client, intervalId: IntervalId): Promise<boolean> {
  const { founded, api } = options;
  for (const reading of await readReadings(options, client)) client.agent.observe(reading);
  const wanted = client.agent.quote(intervalId);
  if (wanted === null) return false;
  const { areaId } = founded.record;
  const context = { separator: separatorOf(founded.deployment), areaId, intervalId };
  const { participant: member, ...signed } = signOrder(wanted, context, client.key.privateKey);
  const body = { ...signed, areaId, intervalId, member, signature: toHex(signed.signature) };
  const answer = await send(`${api}/v1/orders`, body, null);
  if (answer.status === 201) return true;
  const { reason, detail } = problem.parse(await answer.json());
  // Sent before a restart of ours: it is there.
  if (reason === "duplicateId") return true;
  throw new OrderRefusedError(client.id, detail ?? reason ?? `status ${answer.status}`);
}

const problem = z.object({ reason: z.string().optional(), detail: z.string().optional() });
const session = z.object({ chain: z.object({ chainId: z.int() }) });
const nonceAnswer = z.object({ nonce: z.string() });
const readingsAnswer = z.object({
  readings: z.array(
    z.object({
      member: z.int(),
      intervalId: z.int(),
      importWh: z.string().nullable(),
      exportWh: z.string().nullable(),
    }),
  ),
});

/** Readings that an agent learns from: a fortnight of quarter-hours is three pages; what it has seen it knows. */
const READINGS = 500;
const SIGNED_OUT = 401;

/** The newest readings of the member's meter, the oldest first. Signs in where the session is over. */
async function readReadings({ api }: Participants, client: Client) {
  const path = `${api}/v1/participants/${client.account}/readings?limit=${READINGS}`;
  const ask = async () => {
    client.cookie ??= await signIn(api, client.key);
    return fetch(path, { headers: { cookie: client.cookie } });
  };
  let answer = await ask();
  if (answer.status === SIGNED_OUT) {
    client.cookie = null;
    answer = await ask();
  }
  if (answer.status !== 200)
    throw new OrderRefusedError(client.id, `its readings were answered ${answer.status}`);
  const { readings } = readingsAnswer.parse(await answer.json());
  return readings
    .filter(({ member, importWh }) => member === client.member && importWh !== null)
    .map(({ intervalId, importWh, exportWh }) => ({
      intervalId,
      importWh: Number(importWh),
      exportWh: Number(exportWh),
    }))
    .reverse();
}

async function signIn(api: string, { hex }: KeyPair): Promise<string> {
  const account = privateKeyToAccount(hex);
  const { chain } = session.parse(await (await fetch(`${api}/v1/session`)).json());
  const { nonce } = nonceAnswer.parse(await (await send(`${api}/v1/session/nonce`, null, null)).json());
  const { host: domain, origin: uri } = new URL(api);
  const message = createSiweMessage({
    ...{ domain, uri, nonce, version: "1" },
    address: account.address,
    chainId: chain.chainId,
    statement: "Sign in to Commonwatt.",
  });
  const answer = await send(
    `${api}/v1/session`,
    { message, signature: await account.signMessage({ message }) },
    null,
  );
  const cookie = answer.headers.get("set-cookie")?.split(";")[0];
  if (answer.status !== 200 || cookie === undefined)
    throw new SignInRefusedError(account.address, answer.status);
  return cookie;
}

function send(url: string, body: object | null, cookie: string | null): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { ...(body && { "content-type": "application/json" }), ...(cookie && { cookie }) },
    ...(body && { body: JSON.stringify(body, wholeNumbers) }),
  });
}

function wholeNumbers(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function separatorOf(deployment: Deployment): Uint8Array {
  return poolSeparator(deployment.chainId, addressOf(deployment, "poolMarket"));
}

export class NoMembersHereError extends DomainError {
  readonly code = "noMembersHere";

  constructor(members: string) {
    super(`no member of ${members} has its key here (owner: here): there is no agent to run`);
  }
}

export class OrderRefusedError extends DomainError {
  readonly code = "orderRefused";

  constructor(id: string, reason: string) {
    super(`the agent of ${id} could not order: ${reason}`);
  }
}

export class SignInRefusedError extends DomainError {
  readonly code = "signInRefused";

  constructor(address: string, status: number) {
    super(`the API answered ${status} when ${address} signed in`);
  }
}
