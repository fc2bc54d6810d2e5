import { fromHex, type Hex, numberOf, toHex } from "#kernel/crypto/hex.ts";
import { type Random, seededRandom } from "#kernel/units/random.ts";
import type { PeriodEvidenceJson } from "./periodEvidenceJson.ts";

/** In what a byte is changed. */
export const PERIOD_CHANGES = ["order", "reading", "payment"] as const;
export type PeriodChange = (typeof PERIOD_CHANGES)[number];

/** Evidence with one byte changed, which, in words, and the station that a check must name. */
export type ChangedPeriod = {
  readonly json: PeriodEvidenceJson;
  readonly sentence: string;
  readonly member: number;
};

/** Bytes of a packed order; those of its member, from 64 on, are left as they are. */
const ORDER_BYTES = 75;
const [MEMBER_FROM, MEMBER_TO] = [64, 66];

/**
 * Changes one byte of one item of a period's evidence, so that a reader sees the check fail and name it (R6.3). The same seed
 * changes the same byte. Null when the period has no such item.
 */
export function changeByteOfPeriod(
  json: PeriodEvidenceJson,
  choice: PeriodChange,
  seed: number,
): ChangedPeriod | null {
  const random = seededRandom(seed);
  const changes = CHANGES[choice](json);
  return changes[pick(random, changes.length)]?.(random) ?? null;
}

type Change = (random: Random) => ChangedPeriod;

const CHANGES = {
  order: orderChanges,
  reading: readingChanges,
  payment: paymentChanges,
} as const satisfies Record<PeriodChange, (json: PeriodEvidenceJson) => readonly Change[]>;

function orderChanges(json: PeriodEvidenceJson): Change[] {
  const { auction } = json;
  const book = auction?.book;
  if (!auction || !book) return [];
  return (["bids", "offers"] as const).flatMap((side) => {
    const packed = fromHex(book[side] as Hex);
    return Array.from({ length: Math.floor(packed.length / ORDER_BYTES) }, (_, i): Change => {
      const from = i * ORDER_BYTES;
      const member = Number(numberOf(packed.subarray(from + MEMBER_FROM, from + MEMBER_TO)));
      return (random) => {
        const at = pick(random, ORDER_BYTES - (MEMBER_TO - MEMBER_FROM));
        const byte = at < MEMBER_FROM ? at : at + MEMBER_TO - MEMBER_FROM;
        const changed = Uint8Array.from(packed);
        changed[from + byte] = (changed[from + byte] ?? 0) ^ (1 + pick(random, 255));
        return {
          sentence: `byte ${byte + 1} of the ${side === "bids" ? "bid" : "offer"} of member ${member}`,
          member,
          json: { ...json, auction: { ...auction, book: { ...book, [side]: toHex(changed) } } },
        };
      };
    });
  });
}

type Payment = PeriodEvidenceJson["payments"][number];

function readingChanges(json: PeriodEvidenceJson): Change[] {
  return json.payments.flatMap((payment, at) =>
    (payment.brought ?? []).flatMap((brought, i): Change[] => {
      if (brought.reading.reading === "0") return [];
      return [
        (random) => {
          const word = BigInt(brought.reading.reading) ^ (BigInt(1 + pick(random, 255)) << BYTE_OF_READING);
          const changed = { ...brought, reading: { ...brought.reading, reading: String(word) } };
          const list = (payment.brought ?? []).map((each, j) => (j === i ? changed : each));
          return {
            sentence: `a byte of the reading of interval ${i + 1} of member ${payment.member}`,
            member: payment.member,
            json: withPayment(json, at, { ...payment, brought: list }),
          };
        },
      ];
    }),
  );
}

/** The lowest byte of a packed reading. */
const BYTE_OF_READING = 0n;

function paymentChanges(json: PeriodEvidenceJson): Change[] {
  return json.payments.flatMap((payment, at) =>
    (["feeMicro", "penaltyMicro", "meteredWh"] as const).map(
      (figure): Change =>
        (random) => {
          const digits = payment[figure];
          const place = pick(random, digits.length);
          const digit = (Number(digits[place]) + 1 + pick(random, 9)) % 10;
          const changed = `${digits.slice(0, place)}${digit}${digits.slice(place + 1)}`;
          return {
            sentence: `a digit of the ${NAMES[figure]} of member ${payment.member}`,
            member: payment.member,
            json: withPayment(json, at, { ...payment, [figure]: String(BigInt(changed)) }),
          };
        },
    ),
  );
}

const NAMES = { feeMicro: "fee", penaltyMicro: "penalty", meteredWh: "energy" } as const;

function withPayment(json: PeriodEvidenceJson, at: number, payment: Payment): PeriodEvidenceJson {
  return { ...json, payments: json.payments.map((each, i) => (i === at ? payment : each)) };
}

function pick(random: Random, length: number): number {
  return Math.floor(random() * length);
}
