import { failed, passed } from "#domains/metering/check/checkOutcome.ts";
import { type EvidenceFact, factsOf, standingFact } from "./evidenceFacts.ts";
import type { CheckReport } from "./intervalCheck.ts";
import type { ChainIntervalEvidence, IntervalEvidence, RestEvidence } from "./intervalEvidence.ts";

const KEY = "serverAgainstChain";
const TITLE = "What the server says is what the chain says";
/** A difference is spelled out when both tellings are about this short. */
const SHORT_TEXT = 80;

/**
 * The evidence of an interval with everything from the chain that is on it. Only what is not comes from the server: the
 * orders that were not submitted and the devices' signatures, which the recorded roots bind, and the movements by member,
 * which the check computes anew. Who signs for a member, and which key a device has, is the chain's to say.
 */
export function mergeEvidence(
  fromChain: ChainIntervalEvidence,
  fromServer: IntervalEvidence,
): IntervalEvidence {
  const { standings, devices, ...evidence } = fromChain;
  const { rest, readings, movements } = fromServer;
  return {
    ...evidence,
    rest: rest && {
      ...rest,
      standings: new Map(
        membersOf(rest).flatMap((member) => {
          const standing = standings.get(member);
          return standing ? [[member, standing] as const] : [];
        }),
      ),
    },
    readings: readings.map((reading) => {
      const device = devices.get(reading.member);
      return {
        ...reading,
        meterId: device?.meterId ?? reading.meterId,
        deviceKey: device?.deviceKey ?? null,
      };
    }),
    movements,
  };
}

/** Holds what the server says against the chain, and names the first difference. */
export function compareEvidence(fromChain: ChainIntervalEvidence, fromServer: IntervalEvidence): CheckReport {
  const said = [...factsOf(fromServer), ...registryFacts(fromServer, fromServer)];
  const known = new Map(
    [...factsOf(fromChain), ...registryFacts(fromServer, fromChain)].map((fact) => [fact.key, fact]),
  );
  const count = said.length;
  const report = { key: KEY, title: TITLE } as const;
  const keys = new Set(said.map(({ key }) => key));
  for (const fact of said) {
    const finding = findDifference(fact, known.get(fact.key));
    if (finding !== null) return { ...report, ...failed(count, { finding, subject: fact.subject }) };
  }
  const untold = [...known.values()].find(({ key }) => !keys.has(key));
  if (!untold) return { ...report, ...passed(count) };
  const finding = `${untold.name} is on the chain, and the server does not tell of it`;
  return { ...report, ...failed(count, { finding, subject: untold.subject }) };
}

function findDifference(said: EvidenceFact, known: EvidenceFact | undefined): string | null {
  if (!known) return `${said.name} is not on the chain`;
  if (said.text === known.text) return null;
  const isShort = said.text.length <= SHORT_TEXT && known.text.length <= SHORT_TEXT;
  const words = `: the server says ${said.text}, the chain ${known.text}`;
  return `${said.name} is not what the chain says${isShort ? words : ""}`;
}

/** What a telling says of the members of the orders that were not submitted and of the devices, as the server lists them. */
function registryFacts(
  { rest, readings }: IntervalEvidence,
  telling: IntervalEvidence | ChainIntervalEvidence,
): EvidenceFact[] {
  const isChain = "standings" in telling;
  const standings = isChain ? telling.standings : telling.rest?.standings;
  return [
    ...(rest ? membersOf(rest) : []).map((member) =>
      standingFact(member, "the clearing", standings?.get(member)),
    ),
    ...readings.map((reading) => {
      const { member } = reading;
      const device = isChain ? telling.devices.get(member) : reading;
      const name = `the device of member ${member}`;
      return {
        key: name,
        name,
        text: `${device?.meterId} with key ${device?.deviceKey}`,
        subject: { member },
      };
    }),
  ];
}

function membersOf({ bids, offers }: RestEvidence): readonly number[] {
  return [...new Set([...bids, ...offers].map(({ participant }) => participant))];
}
