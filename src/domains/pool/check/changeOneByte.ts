import { accountOfReading } from "#domains/metering/rules/meterReading.ts";
import { openPositionWord } from "#domains/pool/rules/positionWord.ts";
import { PACKED_ORDER_BYTES } from "#domains/pool/rules/signedOrder.ts";
import { hasBit } from "#kernel/crypto/bitmap.ts";
import { fromHex, type Hex, numberOf, toHex } from "#kernel/crypto/hex.ts";
import { type Random, seededRandom } from "#kernel/units/random.ts";
import type { CheckSubject } from "./checkOutcome.ts";
import type { IntervalEvidenceJson, MovementJson, PageJson } from "./intervalEvidenceJson.ts";

/** In what a byte is changed. */
export type ChangeChoice = "order" | "reading" | "position" | "payment";

/** Evidence with one byte changed, and which: in words, and the item that a check must name. */
export type ChangedEvidence = {
  readonly json: IntervalEvidenceJson;
  readonly sentence: string;
  readonly subject: CheckSubject;
};

/** A way to change one byte. */
type Change = (random: Random) => ChangedEvidence;

/**
 * Changes one byte of one item of an interval's evidence, so that a reader sees the check fail and name it (R6.3). The
 * same seed changes the same byte. Null when the interval has no such item.
 */
export function changeOneByte(
  json: IntervalEvidenceJson,
  choice: ChangeChoice,
  seed: number,
): ChangedEvidence | null {
  const random = seededRandom(seed);
  const changes = CHANGES[choice](json);
  const change = changes[pick(random, changes.length)];
  return change ? change(random) : null;
}

const CHANGES = {
  order: orderChanges,
  reading: readingChanges,
  position: positionChanges,
  payment: paymentChanges,
} as const satisfies Record<ChangeChoice, (json: IntervalEvidenceJson) => readonly Change[]>;

/** Fields of a packed order whose change leaves its account, and so its name, as it is: first byte, end, and name. */
const ORDER_FIELDS = [
  { from: 0, to: 64, name: "signature" },
  { from: 67, to: 71, name: "limit price" },
  { from: 71, to: 75, name: "energy" },
  { from: 75, to: 76, name: "sequence" },
] as const;
const ACCOUNT_AT = 64;

type OrderSide = "bids" | "offers";

function orderChanges(json: IntervalEvidenceJson): Change[] {
  const sources = [...json.steps, ...(json.book ? [json.book] : [])];
  const onSide = (side: OrderSide): Change[] => {
    let position = 0;
    return sources.flatMap((source, at) =>
      Array.from({ length: Math.floor((source[side].length - 2) / 2 / PACKED_ORDER_BYTES) }, (_, i) => {
        position += 1;
        return changeOrder({ json, at, side, index: i, position });
      }),
    );
  };
  return [...onSide("bids"), ...onSide("offers")];
}

/** Changes order `index` of a step, or behind the last step, of the orders that were not submitted. */
function changeOrder({
  json,
  at,
  side,
  index,
  position,
}: {
  json: IntervalEvidenceJson;
  at: number;
  side: OrderSide;
  index: number;
  position: number;
}): Change {
  return (random) => {
    const source = json.steps[at] ?? json.book;
    const packed = fromHex((source?.[side] ?? "0x") as Hex);
    const start = index * PACKED_ORDER_BYTES;
    const account = numberOf(packed.subarray(start + ACCOUNT_AT, start + ACCOUNT_AT + 3));
    const { from, to, name } = ORDER_FIELDS[pick(random, ORDER_FIELDS.length)] ?? ORDER_FIELDS[0];
    const byte = from + pick(random, to - from);
    const changed = toHex(withByteChanged(packed, start + byte, random));
    const order = side === "bids" ? "bid" : "offer";
    return {
      sentence: `byte ${byte - from + 1} of the ${name} of ${order} ${position} of account ${account}`,
      subject: { side: order, position, account: Number(account) },
      json: json.steps[at]
        ? { ...json, steps: json.steps.map((step, i) => (i === at ? { ...step, [side]: changed } : step)) }
        : { ...json, book: json.book && { ...json.book, [side]: changed } },
    };
  };
}

/** A byte of a reading's signature, or of the reading as the settlement opened it; of readings whose signature is known. */
function readingChanges(json: IntervalEvidenceJson): Change[] {
  const signed = json.openedReadings.filter(
    ({ signature, meterId }) => signature !== null && meterId !== null,
  );
  const accounts = new Set(signed.map(({ account }) => account));
  const ofSignatures = signed.map(
    ({ account, signature }): Change =>
      (random) => {
        const bytes = fromHex(signature as Hex);
        const byte = pick(random, bytes.length);
        const changed = toHex(withByteChanged(bytes, byte, random));
        return {
          sentence: `byte ${byte + 1} of the signature of the reading of account ${account}`,
          subject: { account },
          json: {
            ...json,
            openedReadings: json.openedReadings.map((reading) =>
              reading.account === account ? { ...reading, signature: changed } : reading,
            ),
          },
        };
      },
  );
  const ofLeaves = json.pages.flatMap((page) =>
    openedLeaves(page)
      .filter(({ account }) => accounts.has(account))
      .map(({ index, account }) => changeLeaf({ json, page, index, account })),
  );
  return [...ofSignatures, ...ofLeaves];
}

function openedLeaves({ shown }: PageJson): readonly { index: number; account: number }[] {
  if (shown === null) return [];
  const bits = shown.opened.map(BigInt);
  return shown.leaves.flatMap((leaf, index) =>
    hasBit(bits, index) ? [{ index, account: accountOfReading(BigInt(leaf)) }] : [],
  );
}

function changeLeaf({
  json,
  page,
  index,
  account,
}: {
  json: IntervalEvidenceJson;
  page: PageJson;
  index: number;
  account: number;
}): Change {
  return (random) => {
    const { shown } = page;
    const bytes = wordBytes(shown?.leaves[index] ?? "0");
    const byte = pick(random, bytes.length);
    const changed = String(numberOf(withByteChanged(bytes, byte, random)));
    const leaves = shown?.leaves.with(index, changed) ?? [];
    return {
      sentence: `byte ${byte + 1} of the opened reading of account ${account}`,
      subject: { account },
      json: {
        ...json,
        pages: json.pages.map((other) =>
          other === page && shown ? { ...page, shown: { ...shown, leaves } } : other,
        ),
      },
    };
  };
}

function positionChanges(json: IntervalEvidenceJson): Change[] {
  return json.steps.flatMap((step) =>
    step.positions.map(
      (word, index): Change =>
        (random) => {
          const bytes = fromHex(word as Hex);
          const byte = pick(random, bytes.length);
          const positions = step.positions.with(index, toHex(withByteChanged(bytes, byte, random)));
          const { account } = openPositionWord(numberOf(bytes));
          return {
            sentence: `byte ${byte + 1} of the position of account ${account} in step ${step.step + 1} of the clearing`,
            subject: { account },
            json: {
              ...json,
              steps: json.steps.map((other) => (other === step ? { ...step, positions } : other)),
            },
          };
        },
    ),
  );
}

/** A digit of an amount that a movement changed; only of a settled interval, since others' movements are not complete. */
function paymentChanges(json: IntervalEvidenceJson): Change[] {
  if (json.closing === null) return [];
  return json.movements.flatMap((movement, index) =>
    AMOUNTS.filter((name) => BigInt(movement[name]) !== 0n).map(
      (name): Change =>
        (random) => {
          const { account, kind } = movement;
          const { text, digit } = withDigitChanged(movement[name], random);
          return {
            sentence: `byte ${digit + 1} of the ${name} of the movement "${kind}" of account ${account}`,
            subject: { account },
            json: { ...json, movements: json.movements.with(index, { ...movement, [name]: text }) },
          };
        },
    ),
  );
}

const AMOUNTS = ["marginMicro", "escrowMicro"] as const satisfies readonly (keyof MovementJson)[];

/** An amount's text with another digit in one place. */
function withDigitChanged(text: string, random: Random): { text: string; digit: number } {
  const first = text.startsWith("-") ? 1 : 0;
  const digit = first + pick(random, text.length - first);
  const other = (Number(text[digit]) + 1 + pick(random, 9)) % 10;
  return { text: `${text.slice(0, digit)}${other}${text.slice(digit + 1)}`, digit };
}

function withByteChanged(bytes: Uint8Array, at: number, random: Random): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ (1 + pick(random, 255));
  return changed;
}

function wordBytes(decimal: string): Uint8Array {
  return fromHex(`0x${BigInt(decimal).toString(16).padStart(64, "0")}`);
}

function pick(random: Random, count: number): number {
  return Math.floor(random() * count);
}
