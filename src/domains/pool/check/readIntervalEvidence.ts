import type { StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import { QUALITY_NUMBER, type ReadingQuality } from "#domains/metering/rules/meterReading.ts";
import { pageOf } from "#domains/metering/rules/readingTree.ts";
import type { ShownReadings } from "#domains/metering/rules/shownReadings.ts";
import type { AreaAccounts, AreaTerms } from "#domains/pool/rules/area.ts";
import type { DeclaredOutcome } from "#domains/pool/rules/clearingPlan.ts";
import type { EnergyRationing } from "#domains/pool/rules/energyRationing.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import { openPositionWord } from "#domains/pool/rules/positionWord.ts";
import { PACKED_ORDER_BYTES, type SignedOrder, unpackOrders } from "#domains/pool/rules/signedOrder.ts";
import { STAGES } from "#domains/pool/rules/stage.ts";
import type { Pricing, Side } from "#kernel/auction/order.ts";
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
  ClosingEvidence,
  IntervalEvidence,
  MovementEvidence,
  PageEvidence,
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

const PRICINGS: readonly Pricing[] = ["uniform", "midpoint"];
const QUALITIES = Object.keys(QUALITY_NUMBER) as ReadingQuality[];
const [BITS_8, BITS_16, BITS_24, BITS_32] = [8, 16, 24, 32].map((bits) => 2 ** bits - 1);
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
  const steps = listOf(fieldOf(root, "steps"), (step) => readStep(step, byHash));
  const areaId = wholeOf(fieldOf(root, "areaId"), 0, BITS_16);
  const intervalId = wholeOf(fieldOf(root, "intervalId"), 0, BITS_32);
  return {
    chainId: wholeOf(fieldOf(root, "chainId")),
    poolMarket: hexOf(fieldOf(root, "poolMarket"), 20),
    meterLedger: hexOf(fieldOf(root, "meterLedger"), 20),
    areaId,
    intervalId,
    stage: wordIn(fieldOf(root, "status"), STAGES),
    area: {
      operator: hexOf(fieldOf(root, "operator"), 20),
      accounts: readAccounts(fieldOf(root, "accounts")),
      terms: readTerms(fieldOf(root, "terms")),
    },
    steps,
    rest: nullOr(fieldOf(root, "book"), readRest),
    cleared: nullOr(fieldOf(root, "cleared"), readCleared),
    publication: nullOr(fieldOf(root, "readings"), (readings) => ({
      root: hexOf(fieldOf(readings, "root"), 32),
      version: wholeOf(fieldOf(readings, "version"), 1, BITS_8),
      meters: wholeOf(fieldOf(readings, "meters"), 0, BITS_32),
    })),
    readings: listOf(fieldOf(root, "openedReadings"), (reading) =>
      readReading(reading, { areaId, intervalId }),
    ).flatMap((reading) => reading ?? []),
    pages: listOf(fieldOf(root, "pages"), (page) => readPage(page, steps)),
    closing: nullOr(fieldOf(root, "closing"), readClosing),
    returns: listOf(fieldOf(root, "returns"), readReturn),
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
    timestamp: transaction.timestamp,
    pricing: wordIn(fieldOf(json, "pricing"), PRICINGS),
    outcome: readOutcome(fieldOf(json, "outcome")),
    bids: readOrders(fieldOf(json, "bids"), "bid"),
    offers: readOrders(fieldOf(json, "offers"), "offer"),
    isLast: flagOf(fieldOf(json, "isLast")),
    standings: readStandings(fieldOf(json, "signers")),
    positions: listOf(fieldOf(json, "positions"), readWord),
    heldMicro: nullOr(fieldOf(json, "heldMicro"), decimalOf),
  };
}

function readOutcome(json: JsonValue<AsJson<DeclaredOutcome>>): DeclaredOutcome {
  const price = (name: "marginalBid" | "marginalOffer") =>
    wholeOf(fieldOf(json, name), LEAST_PRICE, GREATEST_PRICE);
  return {
    areaId: wholeOf(fieldOf(json, "areaId"), 0, BITS_16),
    intervalId: wholeOf(fieldOf(json, "intervalId"), 0, BITS_32),
    marginalBid: price("marginalBid"),
    marginalOffer: price("marginalOffer"),
    bids: readRationing(fieldOf(json, "bids")),
    offers: readRationing(fieldOf(json, "offers")),
    firstAccount: wholeOf(fieldOf(json, "firstAccount"), 0, BITS_24),
    lastAccount: wholeOf(fieldOf(json, "lastAccount"), 0, BITS_24),
    bookRoot: hexOf(fieldOf(json, "bookRoot"), 32),
  };
}

function readRationing(json: JsonValue<EnergyRationing>): EnergyRationing {
  return {
    levelWh: wholeOf(fieldOf(json, "levelWh")),
    filledWh: wholeOf(fieldOf(json, "filledWh")),
    cutRemainder: wholeOf(fieldOf(json, "cutRemainder")),
    cutParticipant: wholeOf(fieldOf(json, "cutParticipant"), 0, BITS_24),
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
      wholeOf(fieldOf(standing, "account"), 0, BITS_24),
      {
        signer: nullOr(fieldOf(standing, "signer"), (signer) => hexOf(signer, 20)),
        isTradable: flagOf(fieldOf(standing, "isTradable")),
        formerSigners: listOf(fieldOf(standing, "formerSigners"), (signer) => hexOf(signer, 20)),
      },
    ]),
  );
}

function readRest(json: JsonValue<BookJson>): RestEvidence {
  return {
    isComplete: flagOf(fieldOf(json, "isComplete")),
    bids: readOrders(fieldOf(json, "bids"), "bid"),
    offers: readOrders(fieldOf(json, "offers"), "offer"),
    standings: readStandings(fieldOf(json, "signers")),
  };
}

function readAccounts(json: JsonValue<AreaAccounts>) {
  const account = (name: keyof AreaAccounts) => wholeOf(fieldOf(json, name), 0, BITS_24);
  return { supplier: account("supplier"), dso: account("dso"), fund: account("fund") };
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
    pricing: wordIn(fieldOf(json, "pricing"), PRICINGS),
    localPriceMicroPerKwh: wholeOf(localPrice, LEAST_PRICE, GREATEST_PRICE),
    clearedWh: unsignedOf(fieldOf(json, "clearedWh"), 64),
    bookRoot: hexOf(fieldOf(json, "bookRoot"), 32),
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
    account: wholeOf(fieldOf(json, "account"), 0, BITS_24),
    importWh: energy("importWh"),
    exportWh: energy("exportWh"),
    quality: wordIn(fieldOf(json, "quality"), QUALITIES),
    version: wholeOf(fieldOf(json, "version"), 1, BITS_8),
    deviceKey: nullOr(fieldOf(json, "deviceKey"), (deviceKey) => hexOf(deviceKey, 20)),
  };
  return meterId === null || signature === null ? null : { ...reading, meterId, signature };
}

/** The positions of a page are those that the steps made for its accounts. */
function readPage(json: JsonValue<PageJson>, steps: readonly StepEvidence[]): PageEvidence {
  const page = wholeOf(fieldOf(json, "page"), 0, BITS_16);
  const isOnPage = (word: bigint) => pageOf(openPositionWord(word).account) === page;
  return {
    page,
    transactionHash: hexOf(fieldOf(json, "transactionHash"), 32),
    timestamp: wholeOf(fieldOf(json, "timestamp")),
    positions: steps.map(({ positions }) => (positions ?? []).filter(isOnPage)),
    shown: nullOr(fieldOf(json, "shown"), readShown),
    gridFeeMicro: decimalOf(fieldOf(json, "gridFeeMicro")),
    releasedMicro: nullOr(fieldOf(json, "releasedMicro"), decimalOf),
  };
}

function readShown(json: JsonValue<AsJson<ShownReadings>>): ShownReadings {
  return {
    opened: listOf(fieldOf(json, "opened"), (bits) => unsignedOf(bits, 256)),
    leaves: listOf(fieldOf(json, "leaves"), (leaf) => unsignedOf(leaf, 256)),
    segmentIndex: wholeOf(fieldOf(json, "segmentIndex")),
    segments: wholeOf(fieldOf(json, "segments"), 0, BITS_32),
    path: listOf(fieldOf(json, "path"), (sibling) => hexOf(sibling, 32)),
  };
}

function readClosing(json: JsonValue<AsJson<ClosingEvidence>>): ClosingEvidence {
  return {
    supplierMicro: decimalOf(fieldOf(json, "supplierMicro")),
    remainderMicro: decimalOf(fieldOf(json, "remainderMicro")),
    releasedMicro: nullOr(fieldOf(json, "releasedMicro"), decimalOf),
  };
}

function readReturn(json: JsonValue<AsJson<ReturnEvidence>>): ReturnEvidence {
  return {
    page: wholeOf(fieldOf(json, "page"), 0, BITS_16),
    transactionHash: hexOf(fieldOf(json, "transactionHash"), 32),
    timestamp: wholeOf(fieldOf(json, "timestamp")),
    releasedMicro: nullOr(fieldOf(json, "releasedMicro"), decimalOf),
  };
}

function readMovement(json: JsonValue<MovementJson>): MovementEvidence {
  return {
    account: wholeOf(fieldOf(json, "account"), 0, BITS_24),
    kind: textOf(fieldOf(json, "kind")),
    freeMicro: decimalOf(fieldOf(json, "freeMicro")),
    marginMicro: decimalOf(fieldOf(json, "marginMicro")),
    escrowMicro: decimalOf(fieldOf(json, "escrowMicro")),
  };
}

function readWord(json: JsonValue<string>): bigint {
  return numberOf(fromHex(hexOf(json, 32)));
}
