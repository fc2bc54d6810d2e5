import { concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { fromHex, type Hex, numberOf, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { keccak256 } from "#kernel/crypto/typedData.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { LocalClock } from "#kernel/units/localClock.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";
import { PARTS_OF_A_MICRO } from "./invoice.ts";
import type { SessionStatement } from "./sessionStatement.ts";
import { type ChargingTariff, type DayPrice, requireTariff } from "./tariff.ts";

/** A tariff as the chain can check it: with the time zone's offsets instead of its name. */
export type PublishedTariff = {
  /** Hash of id and currency. */
  readonly nameHash: Hex;
  readonly sessionFeeMicro: bigint;
  readonly idleGraceSeconds: number;
  readonly prices: readonly DayPrice[];
  /** How far local time is ahead of UTC from an instant on, by rising instant. */
  readonly offsets: readonly { readonly from: number; readonly offsetSeconds: number }[];
};

const QUARTER_SECONDS = 900;
const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_DAY = 86_400;
const PARTS = { wh: 18n, second: 5n };
/** Words of the head of the encoded struct, behind which its lists come. */
const HEAD_WORDS = 5;
const WORD_BYTES = 32;
const PART_BYTES = 8;

/**
 * A tariff with what the zone's clocks show between two instants (unix seconds): a station announces it anew before the last of them.
 *
 * @throws TariffImpossibleError when the prices do not cover the day
 */
export function publishTariff(
  tariff: ChargingTariff,
  { clock, from, until }: { readonly clock: LocalClock; readonly from: number; readonly until: number },
): PublishedTariff {
  requireTariff(tariff);
  const { sessionFeeMicro, idleGraceSeconds, prices } = tariff;
  const firstDay = Math.floor(from / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  const offsets = [{ from: 0, offsetSeconds: clock.offsetAt(firstDay) }];
  for (let day = firstDay; day < until; day += SECONDS_PER_DAY) {
    const offsetSeconds = clock.offsetAt(day + SECONDS_PER_DAY);
    if (offsetSeconds === clock.offsetAt(day)) continue;
    offsets.push({ from: changeAfter(clock, day), offsetSeconds });
  }
  return { nameHash: tariffNameHash(tariff), sessionFeeMicro, idleGraceSeconds, prices, offsets };
}

/** What stands for a tariff's id and currency on the chain. */
export function tariffNameHash({ tariffId, currency }: Pick<ChargingTariff, "tariffId" | "currency">): Hex {
  return toHex(keccak256(utf8ToBytes(JSON.stringify([tariffId, currency]))));
}

/** The quarter-hour of a day from which on the zone's offset is another. */
function changeAfter(clock: LocalClock, day: number): number {
  const before = clock.offsetAt(day);
  let at = day;
  while (clock.offsetAt(at) === before) at += QUARTER_SECONDS;
  return at;
}

/** What binds a tariff on the chain: the hash of its struct, as Solidity's `abi.encode` writes it. */
export function tariffHash({
  nameHash,
  sessionFeeMicro,
  idleGraceSeconds,
  prices,
  offsets,
}: PublishedTariff): Hex {
  const priceWords = prices.flatMap((price) => [
    price.fromMinute,
    price.energyMicroPerKwh,
    price.timeMicroPerHour,
    price.idleMicroPerHour,
  ]);
  const offsetWords = offsets.flatMap(({ from, offsetSeconds }) => [from, offsetSeconds]);
  const words = [
    WORD_BYTES,
    BigInt(nameHash),
    sessionFeeMicro,
    idleGraceSeconds,
    HEAD_WORDS * WORD_BYTES,
    (HEAD_WORDS + 1 + priceWords.length) * WORD_BYTES,
    prices.length,
    ...priceWords,
    offsets.length,
    ...offsetWords,
  ];
  return toHex(keccak256(concatBytes(...words.map((word) => wordOf(word)))));
}

/**
 * What a session costs by a published tariff and what its module said: the same as its invoice's total, micro, rounded up once.
 *
 * @throws StatementImpossibleError when the parts do not add up to what the register rose, or a quarter-hour has no price
 */
export function statementTotalMicro(tariff: PublishedTariff, statement: SessionStatement): bigint {
  let exact = tariff.sessionFeeMicro * PARTS_OF_A_MICRO;
  let grace = tariff.idleGraceSeconds;
  let totalWh = 0n;
  const first = Math.floor(statement.startedAt / QUARTER_SECONDS);
  for (const [i, { energyWh, chargingSeconds, idleSeconds }] of statement.parts.entries()) {
    const price = priceAt(tariff, (first + i) * QUARTER_SECONDS);
    const free = Math.min(idleSeconds, grace);
    grace -= free;
    totalWh += BigInt(energyWh);
    exact +=
      BigInt(energyWh) * price.energyMicroPerKwh * PARTS.wh +
      BigInt(chargingSeconds) * price.timeMicroPerHour * PARTS.second +
      BigInt(idleSeconds - free) * price.idleMicroPerHour * PARTS.second;
    if (chargingSeconds + idleSeconds > QUARTER_SECONDS)
      throw new StatementImpossibleError(`part ${i} is longer than a quarter-hour`);
  }
  if (statement.fromWh + totalWh !== statement.toWh)
    throw new StatementImpossibleError(`its parts are ${totalWh} Wh, its register rose otherwise`);
  return divideRoundingUp(exact, PARTS_OF_A_MICRO);
}

function priceAt({ prices, offsets }: PublishedTariff, instant: number): DayPrice {
  const offset = offsets.filter(({ from }) => from <= instant).at(-1);
  const local = (instant + SECONDS_PER_DAY + (offset?.offsetSeconds ?? 0)) % SECONDS_PER_DAY;
  const minute = Math.floor(local / SECONDS_PER_MINUTE);
  const price = prices.filter(({ fromMinute }) => fromMinute <= minute).at(-1);
  if (offset === undefined || price === undefined)
    throw new StatementImpossibleError(`the tariff has no price at ${instant}`);
  return price;
}

/** The hash that an invoice leaves on the chain; its salt keeps anybody from trying what it may be of. */
export function invoiceHash({
  salt,
  session,
  totalMicro,
  statement,
}: {
  readonly salt: Hex;
  readonly session: Hex;
  readonly totalMicro: bigint;
  readonly statement: SessionStatement;
}): Hex {
  const { startedAt, fromWh, toWh } = statement;
  const figures = [totalMicro, startedAt, fromWh, toWh].map((figure) => wordOf(figure));
  return toHex(keccak256(fromHex(salt), fromHex(session), ...figures, keccak256(packParts(statement.parts))));
}

/** The parts as the contract takes them, 8 bytes each: energy (4), seconds of charging (2), seconds of standing there (2). */
export function packParts(parts: SessionStatement["parts"]): Uint8Array {
  return concatBytes(
    ...parts.flatMap(({ energyWh, chargingSeconds, idleSeconds }) => [
      wordOf(energyWh, 4),
      wordOf(chargingSeconds, 2),
      wordOf(idleSeconds, 2),
    ]),
  );
}

/** Parts out of packed bytes; a length that is no multiple of 8 leaves its rest unread, as the contract takes no such. */
export function unpackParts(bytes: Uint8Array): SessionStatement["parts"] {
  return Array.from({ length: Math.floor(bytes.length / PART_BYTES) }, (_, i) => {
    const part = bytes.subarray(i * PART_BYTES, (i + 1) * PART_BYTES);
    return {
      energyWh: Number(numberOf(part.subarray(0, 4))),
      chargingSeconds: Number(numberOf(part.subarray(4, 6))),
      idleSeconds: Number(numberOf(part.subarray(6, 8))),
    };
  });
}

export class StatementImpossibleError extends DomainError {
  readonly code = "statementImpossible";

  constructor(sentence: string) {
    super(`the statement of a session cannot be: ${sentence}`);
  }
}
