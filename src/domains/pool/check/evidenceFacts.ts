import type { StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import type { CheckSubject } from "#domains/metering/check/checkOutcome.ts";
import type { EvidenceFact } from "#domains/metering/check/compareFacts.ts";
import { memberOfReading } from "#domains/metering/rules/meterReading.ts";
import { membersOfBits } from "#domains/metering/rules/readingTree.ts";
import { openedWords, type ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { type MemberPosition, openPositions } from "#domains/pool/rules/positionWord.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { formatMicro } from "#kernel/units/money.ts";
import { bookOf } from "./evidenceBook.ts";
import type {
  AbandonedEvidence,
  IntervalEvidence,
  PageEvidence,
  PublicationEvidence,
  ReturnEvidence,
  StepEvidence,
  TransactionEvidence,
} from "./intervalEvidence.ts";
import { outcomeText } from "./submissionFault.ts";

/** All that the chain can tell of an interval, item by item, in the order of its story. */
export function factsOf(evidence: IntervalEvidence): readonly EvidenceFact[] {
  return [
    ...areaFacts(evidence),
    ...evidence.abandoned.flatMap(abandonedFacts),
    ...evidence.steps.flatMap(stepFacts),
    ...bookOf(evidence).submitted.map(({ order, position }) => orderFact(order, position)),
    ...recordedFacts(evidence),
    ...evidence.publications.flatMap(publicationFacts),
    ...evidence.pages.flatMap((page) => pageFacts(evidence, page)),
    ...evidence.returns.flatMap(returnFacts),
    ...evidence.transactions.map(transactionFact),
  ];
}

/** Who signs for a member, whether it may trade, and what its connection carries. */
export function standingFact(
  member: number,
  place: string,
  standing: Pick<StandingWithFormer, "signer" | "isTradable" | "capacityW"> | undefined,
): EvidenceFact {
  const text =
    standing &&
    `${standing.signer}, ${standing.isTradable ? "may" : "may not"} trade, ${standing.capacityW} W`;
  return fact(`the signer of member ${member} at ${place}`, text ?? "nobody", { member });
}

function areaFacts(evidence: IntervalEvidence): EvidenceFact[] {
  const { chainId, poolMarket, meterLedger, area, stage, attempt } = evidence;
  const { parties, waitingSeconds, termsVersion, terms } = area;
  const { supplier, dso, fund } = parties;
  return [
    fact("the chain", `${chainId}`),
    fact("the pool market", poolMarket),
    fact("the meter ledger", meterLedger),
    fact("the stage of the interval", stage),
    fact("the attempt of its clearing", `${attempt}`),
    fact("the area's parties", `supplier ${supplier}, DSO ${dso}, fund ${fund}`),
    fact("the area's waiting time", `${waitingSeconds} s`),
    fact("the version of the area's terms", `${termsVersion}`),
    ...TERMS.map((name) => fact(`the area's ${name}`, `${terms[name]}`)),
  ];
}

const TERMS: readonly (keyof AreaTerms)[] = [
  "intervalSeconds",
  "gateClosureSeconds",
  "pricing",
  "floorMicroPerKwh",
  "ceilingMicroPerKwh",
  "upstreamPriceMicroPerKwh",
  "penaltyPermille",
  "surplusPriceMicroPerKwh",
  "gridFeeMicroPerKwh",
];

function abandonedFacts(abandoned: AbandonedEvidence): EvidenceFact[] {
  const { attempt, transactionHash, timestamp, heldMicro, releasedMicro, isReturned } = abandoned;
  const name = `the end of attempt ${attempt}`;
  return [
    fact(name, transactionHash),
    fact(`the time of ${name}`, `${timestamp} s`),
    fact(`what attempt ${attempt} took into escrow`, microText(heldMicro)),
    fact(`what the supplier had back at ${name}`, microText(releasedMicro)),
    fact(`whether attempt ${attempt} is given back`, `${isReturned}`),
  ];
}

function stepFacts(step: StepEvidence, i: number): EvidenceFact[] {
  const name = `transaction ${i + 1} of the clearing`;
  const subject = { step: i + 1 };
  const { transactionHash, sender, operator, timestamp, isLast, heldMicro } = step;
  return [
    fact(name, transactionHash, subject),
    fact(`the sender of ${name}`, sender, subject),
    fact(`the area's operator at ${name}`, operator, subject),
    fact(`the time of ${name}`, `${timestamp} s`, subject),
    fact(`the place of ${name}`, isLast ? "the last one" : "not the last one", subject),
    fact(`the outcome that ${name} declares`, outcomeText(step.outcome), subject),
    fact(`what ${name} took into escrow`, microText(heldMicro), subject),
    ...[...step.standings].map(([member, standing]) => standingFact(member, name, standing)),
  ];
}

function orderFact(order: SignedOrder, position: number): EvidenceFact {
  const { side, participant: member, energyWh, limitPriceMicroPerKwh, sequence, signature } = order;
  const price = formatMicro(BigInt(limitPriceMicroPerKwh), 6);
  const text = [member, energyWh, price, sequence, toHex(signature)].join("/");
  return {
    key: `${side} ${position}`,
    name: `${side} ${position} of member ${member} (${energyWh} Wh at ${formatMicro(BigInt(limitPriceMicroPerKwh))})`,
    text,
    subject: { side, position, member },
  };
}

function recordedFacts({ cleared, closing }: IntervalEvidence): EvidenceFact[] {
  const facts: EvidenceFact[] = [];
  if (cleared)
    facts.push(
      fact("the recorded version of the terms", `${cleared.termsVersion}`),
      fact("whether a supplier stands for the interval", `${cleared.isSupplied}`),
      fact("the recorded local price", `${cleared.localPriceMicroPerKwh} micro/kWh`),
      fact("the recorded cleared energy", `${cleared.clearedWh} Wh`),
      fact("the recorded root of the book", cleared.bookRoot),
    );
  if (closing)
    facts.push(
      fact("the page that closed the interval", `${closing.page}`),
      fact("what the supplier got", microText(closing.supplierMicro)),
      fact("what rounding left", microText(closing.remainderMicro)),
    );
  return facts;
}

function publicationFacts({ version, root, meters, timestamp }: PublicationEvidence): EvidenceFact[] {
  const name = `version ${version} of the readings`;
  return [
    fact(`the published root of ${name}`, root),
    fact(`the number of readings in ${name}`, `${meters}`),
    fact(`the time of ${name}`, `${timestamp} s`),
  ];
}

function pageFacts(evidence: IntervalEvidence, settled: PageEvidence): EvidenceFact[] {
  const { page, transactionHash, timestamp, version, shown, gridFeeMicro, releasedMicro } = settled;
  const { missing, taken, claims } = settled;
  const name = `the settlement of page ${page}`;
  const subject = { page };
  const membersText = (bits: bigint) => membersOfBits(page, bits).join(", ") || "none";
  const claimed = claims.map(({ member, energyWh }) => `${energyWh} Wh of member ${member}`);
  return [
    fact(name, transactionHash, subject),
    fact(`the time of ${name}`, `${timestamp} s`, subject),
    fact(`the version of the readings at ${name}`, `${version}`, subject),
    fact(`the members without a reading at ${name}`, membersText(missing), subject),
    fact(`the members whose energy was claimed before ${name}`, membersText(taken), subject),
    fact(`what was claimed of exports before ${name}`, claimed.join(", ") || "nothing", subject),
    fact(`the grid fee of page ${page}`, microText(gridFeeMicro), subject),
    fact(`what ${name} paid out of escrow`, microText(releasedMicro), subject),
    fact(`the readings of page ${page}`, shown ? "shown" : "not to be read", subject),
    ...(shown ? [...positionFacts(evidence, page), ...shownFacts(page, shown)] : []),
  ];
}

/** The chain has the positions of a page since its settlement. */
function positionFacts({ positions, area, cleared }: IntervalEvidence, page: number): EvidenceFact[] {
  const packing = {
    pricing: area.terms.pricing,
    localPriceMicroPerKwh: cleared?.localPriceMicroPerKwh ?? 0,
  };
  return positions
    .filter((told) => told.page === page)
    .flatMap(({ words }) => openPositions(words, packing).map((position) => positionFact(page, position)));
}

function positionFact(
  page: number,
  { member, side, boughtWh, soldWh, exactPayment }: MemberPosition,
): EvidenceFact {
  const name = `the position of member ${member} on page ${page}`;
  return fact(name, `${side} ${boughtWh + soldWh} Wh for ${exactPayment}`, { page, member });
}

function returnFacts(returned: ReturnEvidence): EvidenceFact[] {
  const { attempt, page, transactionHash, timestamp, releasedMicro } = returned;
  const name = `the return of page ${page} of attempt ${attempt}`;
  return [
    fact(name, transactionHash, { page }),
    fact(`the time of ${name}`, `${timestamp} s`, { page }),
    fact(`what ${name} paid out of escrow`, microText(releasedMicro), { page }),
  ];
}

function transactionFact(transaction: TransactionEvidence): EvidenceFact {
  const { transactionHash, block, timestamp, sender, purpose, gasUsed } = transaction;
  const text = `${purpose ?? "another call"} by ${sender} in block ${block} at ${timestamp} s for ${gasUsed} gas`;
  return fact(`transaction ${transactionHash}`, text);
}

function shownFacts(page: number, shown: ShownReadings): EvidenceFact[] {
  const sets = [...shown.lists, ...shown.opened].map((bits) => bits.toString(16));
  return [
    fact(`the members with readings on page ${page}`, sets.join("/"), { page }),
    fact(`the other pages beside page ${page}`, shown.pages.join(" "), { page }),
    ...openedWords(page, shown).map((word) => {
      const member = memberOfReading(word);
      return fact(`the opened reading of member ${member}`, toHex(wordOf(word)), { page, member });
    }),
    fact(`the sealed readings of page ${page}`, shown.leaves, { page }),
  ];
}

function fact(name: string, text: string, subject: CheckSubject = {}): EvidenceFact {
  return { key: name, name, text, subject };
}

function microText(micro: bigint): string {
  return `${micro} micro`;
}
