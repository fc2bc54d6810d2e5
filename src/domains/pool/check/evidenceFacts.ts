import type { StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import { accountOfReading } from "#domains/metering/rules/meterReading.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaTerms } from "#domains/pool/rules/area.ts";
import { openPositionWord } from "#domains/pool/rules/positionWord.ts";
import type { SignedOrder } from "#domains/pool/rules/signedOrder.ts";
import { hasBit } from "#kernel/crypto/bitmap.ts";
import { toHex, wordOf } from "#kernel/crypto/hex.ts";
import { formatMicro } from "#kernel/units/money.ts";
import type { CheckSubject } from "./checkOutcome.ts";
import { bookOf } from "./evidenceBook.ts";
import type {
  IntervalEvidence,
  PageEvidence,
  ReturnEvidence,
  StepEvidence,
  TransactionEvidence,
} from "./intervalEvidence.ts";
import { outcomeText } from "./submissionFault.ts";

/**
 * One thing that evidence says, so that two tellings can be held against each other.
 *
 * @property key the same in both tellings
 * @property name of the item, with the account that it is said to belong to
 * @property text what is said; null when this telling does not know
 */
export type EvidenceFact = {
  readonly key: string;
  readonly name: string;
  readonly text: string | null;
  readonly subject: CheckSubject;
};

/** All that the chain can tell of an interval, item by item, in the order of its story. */
export function factsOf(evidence: IntervalEvidence): readonly EvidenceFact[] {
  return [
    ...areaFacts(evidence),
    ...evidence.steps.flatMap(stepFacts),
    ...bookOf(evidence).submitted.map(({ order, position }) => orderFact(order, position)),
    ...recordedFacts(evidence),
    ...evidence.pages.flatMap(pageFacts),
    ...evidence.returns.flatMap(returnFacts),
    ...evidence.transactions.map(transactionFact),
  ];
}

/** Who signs for an account, and whether it may trade. */
export function standingFact(
  account: number,
  place: string,
  standing: Pick<StandingWithFormer, "signer" | "isTradable"> | undefined,
): EvidenceFact {
  const text = standing && `${standing.signer}, ${standing.isTradable ? "may" : "may not"} trade`;
  return fact(`the signer of account ${account} at ${place}`, text ?? "nobody", { account });
}

function areaFacts({ chainId, poolMarket, meterLedger, area, stage }: IntervalEvidence): EvidenceFact[] {
  const { operator, accounts, terms } = area;
  const { supplier, dso, fund } = accounts;
  return [
    fact("the chain", `${chainId}`),
    fact("the pool market", poolMarket),
    fact("the meter ledger", meterLedger),
    fact("the stage of the interval", stage),
    fact("the area's operator", operator),
    fact("the area's accounts", `supplier ${supplier}, DSO ${dso}, fund ${fund}`),
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

function stepFacts(step: StepEvidence, i: number): EvidenceFact[] {
  const name = `transaction ${i + 1} of the clearing`;
  const subject = { step: i + 1 };
  const { transactionHash, sender, timestamp, pricing, isLast, heldMicro } = step;
  return [
    fact(name, transactionHash, subject),
    fact(`the sender of ${name}`, sender, subject),
    fact(`the time of ${name}`, `${timestamp} s`, subject),
    fact(`the pricing of ${name}`, `${pricing}${isLast ? ", as the last one" : ""}`, subject),
    fact(`the outcome that ${name} declares`, outcomeText(step.outcome), subject),
    fact(`what ${name} took into escrow`, microText(heldMicro), subject),
    ...[...step.standings].map(([account, standing]) => standingFact(account, name, standing)),
  ];
}

function orderFact(order: SignedOrder, position: number): EvidenceFact {
  const { side, participant, energyWh, limitPriceMicroPerKwh, sequence, signature } = order;
  const price = formatMicro(BigInt(limitPriceMicroPerKwh), 6);
  const text = [participant, energyWh, price, sequence, toHex(signature)].join("/");
  return {
    key: `${side} ${position}`,
    name: `${side} ${position} of account ${participant} (${energyWh} Wh at ${price})`,
    text,
    subject: { side, position, account: participant },
  };
}

function recordedFacts({ cleared, publication, closing }: IntervalEvidence): EvidenceFact[] {
  const facts: EvidenceFact[] = [];
  if (cleared)
    facts.push(
      fact("the recorded pricing", cleared.pricing),
      fact("the recorded local price", `${cleared.localPriceMicroPerKwh} micro/kWh`),
      fact("the recorded cleared energy", `${cleared.clearedWh} Wh`),
      fact("the recorded root of the book", cleared.bookRoot),
    );
  if (publication)
    facts.push(
      fact("the published root of the readings", publication.root),
      fact("the published version of the readings", `${publication.version}`),
      fact("the number of published readings", `${publication.meters}`),
    );
  if (closing)
    facts.push(
      fact("what the supplier got", microText(closing.supplierMicro)),
      fact("what rounding left", microText(closing.remainderMicro)),
      fact("what the closing paid out of escrow", microText(closing.releasedMicro)),
    );
  return facts;
}

function pageFacts(evidence: PageEvidence) {
  const { page, transactionHash, timestamp, positions, shown, gridFeeMicro, releasedMicro } = evidence;
  const name = `the settlement of page ${page}`;
  const subject = { page };
  return [
    fact(name, transactionHash, subject),
    fact(`the time of ${name}`, `${timestamp} s`, subject),
    fact(`the grid fee of page ${page}`, microText(gridFeeMicro), subject),
    fact(`what ${name} paid out of escrow`, microText(releasedMicro), subject),
    ...positions.flatMap((words, step) =>
      words.map((word, i) => positionFact(word, { page, step: step + 1, i })),
    ),
    fact(`the readings of page ${page}`, shown ? "shown" : "none, settled as contracted", subject),
    ...(shown ? shownFacts(page, shown) : []),
  ];
}

function returnFacts({ page, transactionHash, timestamp, releasedMicro }: ReturnEvidence): EvidenceFact[] {
  const name = `the return of page ${page}`;
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

function positionFact(
  word: bigint,
  { page, step, i }: { page: number; step: number; i: number },
): EvidenceFact {
  const { account } = openPositionWord(word);
  return {
    key: `position ${i} of page ${page} in step ${step}`,
    name: `the position of account ${account} in step ${step} of the clearing`,
    text: toHex(wordOf(word)),
    subject: { page, step, account },
  };
}

function shownFacts(
  page: number,
  { opened, leaves, segmentIndex, segments, path }: ShownReadings,
): EvidenceFact[] {
  return [
    fact(`the place of page ${page} in the tree`, `${segmentIndex} of ${segments}: ${path.join(" ")}`, {
      page,
    }),
    ...leaves.map((leaf, i): EvidenceFact => {
      const account = hasBit(opened, i) ? accountOfReading(leaf) : null;
      return {
        key: `leaf ${i} of page ${page}`,
        name:
          account === null
            ? `sealed reading ${i + 1} of page ${page}`
            : `the opened reading of account ${account}`,
        text: `${account === null ? "sealed" : "opened"} ${toHex(wordOf(leaf))}`,
        subject: account === null ? { page } : { page, account },
      };
    }),
  ];
}

function fact(name: string, text: string | null, subject: CheckSubject = {}): EvidenceFact {
  return { key: name, name, text, subject };
}

function microText(micro: bigint | null): string | null {
  return micro === null ? null : `${micro} micro`;
}
