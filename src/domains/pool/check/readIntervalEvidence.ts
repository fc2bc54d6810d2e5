import type { StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import { QUALITY_NUMBER, type ReadingQuality } from "#domains/metering/rules/meterReading.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaParties, AreaTerms } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { EnergyRationing } from "#domains/pool/rules/energyRationing.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import { PACKED_ORDER_BYTES, type SignedOrder, unpackOrders } from "#domains/pool/rules/signedOrder.ts";
import { STAGES } from "#domains/pool/rules/stage.ts";
import { PRICINGS, type Side } from "#kernel/auction/order.ts";
import { fromHex, type Hex, numberOf } from "#kernel/crypto/hex.ts";
import {
  decimalOf,
  fieldOf,
  flagOf,
  hexOf,
  type JsonValue,
  listOf,
  MalformedEvidenceError,
  nullOr,
  textOf,
  unsignedOf,
  wholeOf,
  wordIn,
} from "#kernel/crypto/jsonReader.ts";
import type {
  AbandonedEvidence,
  ClosingEvidence,
  IntervalEvidence,
  MemberClaim,
  MovementEvidence,
  PageEvidence,
  PagePositions,
  PublicationEvidence,
  ReadingEvidence,
  RestEvidence,
  ReturnEvidence,
  StepEvidence,
  TransactionEvidence,
} from "./intervalEvidence.ts";
import type {
  AsJson,
  BookJson,
  IntervalEvidenceJson,
  MovementJson,
  OpenedReadingJson,
  PageJson,
  StandingsJson,
  StepJson,
} from "./intervalEvidenceJson.ts";

const QUALITIES = Object.keys(QUALITY_NUMBER) as ReadingQuality[];
const [BITS_8, BITS_16, BITS_32] = [8, 16, 32].map((bits) => 2 ** bits - 1);
const [LEAST_PRICE, GREATEST_PRICE] = [-(2 ** 31), 2 ** 31 - 1];

/**
 * Reads the evidence that a server sent, checking the form of each value and believing none of it.
 *
 * @throws MalformedEvidenceError with the place, as in "steps[0].outcome.marginalBid is not a whole number"
 */
export function readIntervalEvidence(json: unknown): IntervalEvidence {
  const root: JsonValue<IntervalEvidenceJson> = { value: json, place: "" };
  const transactions = listOf(fieldOf(root, "transactions"), readTransaction);
  const byHash = new Map(transactions.map((transaction) => [transaction.transactionHash, transaction]));
  const areaId = wholeOf(fieldOf(root, "areaId"), 0, BITS_16);
  const intervalId = wholeOf(fieldOf(root, "intervalId"), 0, BITS_32);
  return {
    chainId: wholeOf(fieldOf(root, "chainId")),
    poolMarket: hexOf(fieldOf(root, "poolMarket"), 20),
    meterLedger: hexOf(fieldOf(root, "meterLedger"), 20),
    areaId,
    intervalId,
    stage: wordIn(fieldOf(root, "status"), STAGES),
    attempt: wholeOf(fieldOf(root, "attempt"), 0, BITS_8),
    area: {
      parties: readParties(fieldOf(root, "parties")),
      waitingSeconds: wholeOf(fieldOf(root, "waitingSeconds"), 0, BITS_32),
      termsVersion: wholeOf(fieldOf(root, "termsVersion"), 1, BITS_16),
      terms: readTerms(fieldOf(root, "terms")),
    },
    steps: listOf(fieldOf(root, "steps"), (step) => readStep(step, byHash)),
    rest: nullOr(fieldOf(root, "book"), readRest),
    cleared: nullOr(fieldOf(root, "cleared"), readCleared),
    positions: listOf(fieldOf(root, "positions"), readPositions),
    publications: listOf(fieldOf(root, "readings"), readPublication),
    readings: listOf(fieldOf(root, "openedReadings"), (reading) =>
      readReading(reading, { areaId, intervalId }),
    ).flatMap((reading) => reading ?? []),
    pages: listOf(fieldOf(root, "pages"), readPage),
    closing: nullOr(fieldOf(root, "closing"), readClosing),
    returns: listOf(fieldOf(root, "returns"), readReturn),
    abandoned: listOf(fieldOf(root, "abandoned"), readAbandoned),
    movements: listOf(fieldOf(root, "movements"), readMovement),
    transactions,
  };
}

function readTransaction(json: JsonValue<AsJson<TransactionEvidence>>): TransactionEvidence {
  return {
    transactionHash: hexOf(fieldOf(json, "transactionHash"), 32),
    block: wholeOf(fieldOf(json, "block")),
    timestamp: wholeOf(fieldOf(json, "timestamp")),
    sender: hexOf(fieldOf(json, "sender"), 20),
    purpose: nullOr(fieldOf(json, "purpose"), textOf),
    gasUsed: unsignedOf(fieldOf(json, "gasUsed"), 64),
  };
}

function readStep(
  json: JsonValue<StepJson>,
  transactions: ReadonlyMap<Hex, TransactionEvidence>,
): StepEvidence {
  const transactionHash = hexOf(fieldOf(json, "transactionHash"), 32);
  const transaction = transactions.get(transactionHash);
  if (!transaction) throw new MalformedEvidenceError(json.place, "is of a transaction that is not listed");
  return {
    transactionHash,
    sender: transaction.sender,
    operator: hexOf(fieldOf(json, "operator"), 20),
    timestamp: transaction.timestamp,
    outcome: readOutcome(fieldOf(json, "outcome")),
    bids: readOrders(fieldOf(json, "bids"), "bid"),
    offers: readOrders(fieldOf(json, "offers"), "offer"),
    isLast: flagOf(fieldOf(json, "isLast")),
    standings: readStandings(fieldOf(json, "signers")),
    heldMicro: decimalOf(fieldOf(json, "heldMicro")),
  };
}

function readOutcome(json: JsonValue<AsJson<DeclaredOutcome>>): DeclaredOutcome {
  const price = (name: "marginalBid" | "marginalOffer" | "localPrice") =>
    wholeOf(fieldOf(json, name), LEAST_PRICE, GREATEST_PRICE);
  return {
    areaId: wholeOf(fieldOf(json, "areaId"), 0, BITS_16),
    intervalId: wholeOf(fieldOf(json, "intervalId"), 0, BITS_32),
    firstMember: wholeOf(fieldOf(json, "firstMember"), 0, BITS_16),
    lastMember: wholeOf(fieldOf(json, "lastMember"), 0, BITS_16),
    marginalBid: price("marginalBid"),
    marginalOffer: price("marginalOffer"),
    localPrice: price("localPrice"),
    clearedWh: wholeOf(fieldOf(json, "clearedWh"), 0, BITS_32),
    bids: readRationing(fieldOf(json, "bids")),
    offers: readRationing(fieldOf(json, "offers")),
    bookRoot: hexOf(fieldOf(json, "bookRoot"), 32),
  };
}

function readRationing(json: JsonValue<EnergyRationing>): EnergyRationing {
  return {
    levelWh: wholeOf(fieldOf(json, "levelWh")),
    filledWh: wholeOf(fieldOf(json, "filledWh")),
    cutRemainder: wholeOf(fieldOf(json, "cutRemainder")),
    cutParticipant: wholeOf(fieldOf(json, "cutParticipant"), 0, BITS_16),
  };
}

function readOrders(json: JsonValue<string>, side: Side): SignedOrder[] {
  const bytes = fromHex(hexOf(json));
  if (bytes.length % PACKED_ORDER_BYTES !== 0)
    throw new MalformedEvidenceError(json.place, `is not in orders of ${PACKED_ORDER_BYTES} bytes`);
  return unpackOrders(bytes, side);
}

function readStandings(json: JsonValue<StandingsJson>): ReadonlyMap<number, StandingWithFormer> {
  return new Map(
    listOf(json, (standing) => [
      readMember(standing),
      {
        signer: nullOr(fieldOf(standing, "signer"), (signer) => hexOf(signer, 20)),
        isTradable: flagOf(fieldOf(standing, "isTradable")),
        capacityW: wholeOf(fieldOf(standing, "capacityW"), 0, BITS_32),
        formerSigners: listOf(fieldOf(standing, "formerSigners"), (signer) => hexOf(signer, 20)),
      },
    ]),
  );
}

function readMember(json: JsonValue<{ readonly member: number }>): number {
  return wholeOf(fieldOf(json, "member"), 0, BITS_16);
}

function readRest(json: JsonValue<BookJson>): RestEvidence {
  return {
    isComplete: flagOf(fieldOf(json, "isComplete")),
    bids: readOrders(fieldOf(json, "bids"), "bid"),
    offers: readOrders(fieldOf(json, "offers"), "offer"),
    standings: readStandings(fieldOf(json, "signers")),
  };
}

function readParties(json: JsonValue<AreaParties>): AreaParties {
  const member = (name: keyof AreaParties) => wholeOf(fieldOf(json, name), 0, BITS_16);
  return { supplier: member("supplier"), dso: member("dso"), fund: member("fund") };
}

function readTerms(json: JsonValue<AsJson<AreaTerms>>): AreaTerms {
  const amount = (name: Exclude<keyof AreaTerms, "intervalSeconds" | "gateClosureSeconds" | "pricing">) =>
    decimalOf(fieldOf(json, name));
  return {
    intervalSeconds: wholeOf(fieldOf(json, "intervalSeconds"), 1, BITS_32),
    gateClosureSeconds: wholeOf(fieldOf(json, "gateClosureSeconds"), 0, BITS_32),
    pricing: wordIn(fieldOf(json, "pricing"), PRICINGS),
    floorMicroPerKwh: amount("floorMicroPerKwh"),
    ceilingMicroPerKwh: amount("ceilingMicroPerKwh"),
    upstreamPriceMicroPerKwh: amount("upstreamPriceMicroPerKwh"),
    penaltyPermille: amount("penaltyPermille"),
    surplusPriceMicroPerKwh: amount("surplusPriceMicroPerKwh"),
    gridFeeMicroPerKwh: amount("gridFeeMicroPerKwh"),
  };
}

function readCleared(json: JsonValue<NonNullable<IntervalEvidenceJson["cleared"]>>): RecordedClearing {
  const price = fieldOf(json, "localPriceMicroPerKwh");
  const localPrice = { value: Number(decimalOf(price)), place: price.place };
  return {
    termsVersion: wholeOf(fieldOf(json, "termsVersion"), 1, BITS_16),
    isSupplied: flagOf(fieldOf(json, "isSupplied")),
    localPriceMicroPerKwh: wholeOf(localPrice, LEAST_PRICE, GREATEST_PRICE),
    clearedWh: unsignedOf(fieldOf(json, "clearedWh"), 64),
    bookRoot: hexOf(fieldOf(json, "bookRoot"), 32),
  };
}

function readPositions(json: JsonValue<AsJson<PagePositions>>): PagePositions {
  return {
    page: wholeOf(fieldOf(json, "page"), 0, BITS_8),
    words: listOf(fieldOf(json, "words"), (word) => numberOf(fromHex(hexOf(word, 32)))),
  };
}

function readPublication(json: JsonValue<AsJson<PublicationEvidence>>): PublicationEvidence {
  return {
    version: wholeOf(fieldOf(json, "version"), 1, BITS_8),
    root: hexOf(fieldOf(json, "root"), 32),
    meters: wholeOf(fieldOf(json, "meters"), 0, BITS_32),
    timestamp: wholeOf(fieldOf(json, "timestamp")),
  };
}

/** Null when the reading's signature is not available. */
function readReading(
  json: JsonValue<OpenedReadingJson>,
  key: { areaId: number; intervalId: number },
): ReadingEvidence | null {
  const energy = (name: "importWh" | "exportWh") => Number(unsignedOf(fieldOf(json, name), 32));
  const meterId = nullOr(fieldOf(json, "meterId"), (id) => hexOf(id, 32));
  const signature = nullOr(fieldOf(json, "signature"), (bytes) => fromHex(hexOf(bytes, 64)));
  const reading = {
    ...key,
    member: readMember(json),
    importWh: energy("importWh"),
    exportWh: energy("exportWh"),
    quality: wordIn(fieldOf(json, "quality"), QUALITIES),
    version: wholeOf(fieldOf(json, "version"), 1, BITS_8),
    deviceKey: nullOr(fieldOf(json, "deviceKey"), (deviceKey) => hexOf(deviceKey, 20)),
  };
  return meterId === null || signature === null ? null : { ...reading, meterId, signature };
}

function readPage(json: JsonValue<PageJson>): PageEvidence {
  return {
    page: wholeOf(fieldOf(json, "page"), 0, BITS_8),
    transactionHash: hexOf(fieldOf(json, "transactionHash"), 32),
    timestamp: wholeOf(fieldOf(json, "timestamp")),
    version: nullOr(fieldOf(json, "version"), (version) => wholeOf(version, 1, BITS_8)),
    shown: nullOr(fieldOf(json, "shown"), readShown),
    missing: unsignedOf(fieldOf(json, "missing"), 256),
    taken: unsignedOf(fieldOf(json, "taken"), 256),
    claims: listOf(fieldOf(json, "claims"), readClaim),
    gridFeeMicro: decimalOf(fieldOf(json, "gridFeeMicro")),
    releasedMicro: decimalOf(fieldOf(json, "releasedMicro")),
  };
}

function readClaim(json: JsonValue<AsJson<MemberClaim>>): MemberClaim {
  return { member: readMember(json), energyWh: unsignedOf(fieldOf(json, "energyWh"), 64) };
}

function readShown(json: JsonValue<AsJson<ShownReadings>>): ShownReadings {
  const sets = (name: "lists" | "opened"): readonly [bigint, bigint] => {
    const place = fieldOf(json, name);
    const [first, second, ...more] = listOf(place, (set) => unsignedOf(set, 256));
    if (first === undefined || second === undefined || more.length > 0)
      throw new MalformedEvidenceError(place.place, "is not two sets of members");
    return [first, second];
  };
  return {
    lists: sets("lists"),
    opened: sets("opened"),
    leaves: hexOf(fieldOf(json, "leaves")),
    pages: listOf(fieldOf(json, "pages"), (hash) => hexOf(hash, 32)),
  };
}

function readClosing(json: JsonValue<AsJson<ClosingEvidence>>): ClosingEvidence {
  return {
    page: wholeOf(fieldOf(json, "page"), 0, BITS_8),
    supplierMicro: decimalOf(fieldOf(json, "supplierMicro")),
    remainderMicro: decimalOf(fieldOf(json, "remainderMicro")),
  };
}

function readReturn(json: JsonValue<AsJson<ReturnEvidence>>): ReturnEvidence {
  return {
    attempt: wholeOf(fieldOf(json, "attempt"), 0, BITS_8),
    page: wholeOf(fieldOf(json, "page"), 0, BITS_8),
    transactionHash: hexOf(fieldOf(json, "transactionHash"), 32),
    timestamp: wholeOf(fieldOf(json, "timestamp")),
    releasedMicro: decimalOf(fieldOf(json, "releasedMicro")),
  };
}

function readAbandoned(json: JsonValue<AsJson<AbandonedEvidence>>): AbandonedEvidence {
  return {
    attempt: wholeOf(fieldOf(json, "attempt"), 0, BITS_8),
    transactionHash: hexOf(fieldOf(json, "transactionHash"), 32),
    timestamp: wholeOf(fieldOf(json, "timestamp")),
    heldMicro: decimalOf(fieldOf(json, "heldMicro")),
    releasedMicro: decimalOf(fieldOf(json, "releasedMicro")),
    isReturned: flagOf(fieldOf(json, "isReturned")),
  };
}

function readMovement(json: JsonValue<MovementJson>): MovementEvidence {
  return {
    member: readMember(json),
    kind: textOf(fieldOf(json, "kind")),
    freeMicro: decimalOf(fieldOf(json, "freeMicro")),
    marginMicro: decimalOf(fieldOf(json, "marginMicro")),
    escrowMicro: decimalOf(fieldOf(json, "escrowMicro")),
  };
}
