import { compareFacts, type EvidenceFact } from "#domains/metering/check/compareFacts.ts";
import { factsOf, standingFact } from "./evidenceFacts.ts";
import type { CheckReport } from "./intervalCheck.ts";
import type { ChainIntervalEvidence, IntervalEvidence, RestEvidence } from "./intervalEvidence.ts";

const KEY = "serverAgainstChain";
const TITLE = "What the server says is what the chain says";

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
  const known = [...factsOf(fromChain), ...registryFacts(fromServer, fromChain)];
  return { key: KEY, title: TITLE, ...compareFacts(said, known) };
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
