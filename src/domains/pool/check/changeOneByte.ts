import type { CheckSubject } from "#domains/metering/check/checkOutcome.ts";
import { membersOfBits } from "#domains/metering/rules/readingTree.ts";
import { openPositions } from "#domains/pool/rules/positionWord.ts";
import { PACKED_ORDER_BYTES } from "#domains/pool/rules/signedOrder.ts";
import { fromHex, type Hex, numberOf, toHex } from "#kernel/crypto/hex.ts";
import { type Random, seededRandom } from "#kernel/units/random.ts";
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

/** Fields of a packed order whose change leaves its member, and so its name, as it is: first byte, end, and name. */
const ORDER_FIELDS = [
  { from: 0, to: 64, name: "signature" },
  { from: 66, to: 70, name: "limit price" },
  { from: 70, to: 74, name: "energy" },
  { from: 74, to: 75, name: "sequence" },
] as const;
const MEMBER_AT = 64;

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
    const member = Number(numberOf(packed.subarray(start + MEMBER_AT, start + MEMBER_AT + 2)));
    const { from, to, name } = ORDER_FIELDS[pick(random, ORDER_FIELDS.length)] ?? ORDER_FIELDS[0];
    const byte = from + pick(random, to - from);
    const changed = toHex(withByteChanged(packed, start + byte, random));
    const order = side === "bids" ? "bid" : "offer";
    return {
      sentence: `byte ${byte - from + 1} of the ${name} of ${order} ${position} of member ${member}`,
      subject: { side: order, position, member },
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
  const members = new Set(signed.map(({ member }) => member));
  const ofSignatures = signed.map(
    ({ member, signature }): Change =>
      (random) => {
        const bytes = fromHex(signature as Hex);
        const byte = pick(random, bytes.length);
        const changed = toHex(withByteChanged(bytes, byte, random));
        return {
          sentence: `byte ${byte + 1} of the signature of the reading of member ${member}`,
          subject: { member },
          json: {
            ...json,
            openedReadings: json.openedReadings.map((reading) =>
              reading.member === member ? { ...reading, signature: changed } : reading,
            ),
          },
        };
      },
  );
  const ofLeaves = json.pages.flatMap((page) =>
    openedLeaves(page)
      .filter(({ member }) => members.has(member))
      .map((leaf) => changeLeaf(json, page, leaf)),
  );
  return [...ofSignatures, ...ofLeaves];
}

/** An opened reading's bytes among the leaves that a settlement showed. */
type OpenedLeaf = { readonly member: number; readonly at: number };

const [OPENED_BYTES, SEALED_BYTES] = [25, 32];

function openedLeaves({ page, shown }: PageJson): readonly OpenedLeaf[] {
  if (shown === null) return [];
  let at = 0;
  return shown.lists.flatMap((list, i) => {
    const opened = BigInt(shown.opened[i] ?? 0);
    if (opened === 0n) {
      at += list === "0" ? 0 : SEALED_BYTES;
      return [];
    }
    const isOpened = new Set(membersOfBits(page, opened));
    return membersOfBits(page, BigInt(list)).flatMap((member) => {
      const leaf = { member, at };
      at += isOpened.has(member) ? OPENED_BYTES : SEALED_BYTES;
      return isOpened.has(member) ? [leaf] : [];
    });
  });
}

function changeLeaf(json: IntervalEvidenceJson, page: PageJson, { member, at }: OpenedLeaf): Change {
  return (random) => {
    const { shown } = page;
    const byte = pick(random, OPENED_BYTES);
    const leaves = toHex(withByteChanged(fromHex((shown?.leaves ?? "0x") as Hex), at + byte, random));
    return {
      sentence: `byte ${byte + 1} of the opened reading of member ${member}`,
      subject: { member },
      json: {
        ...json,
        pages: json.pages.map((other) =>
          other === page && shown ? { ...page, shown: { ...shown, leaves } } : other,
        ),
      },
    };
  };
}

/** A byte of a position's energy or payment: whose it is stays as it was. */
function positionChanges(json: IntervalEvidenceJson): Change[] {
  const { pricing } = json.terms;
  const packing = { pricing, localPriceMicroPerKwh: 0 };
  return json.positions.flatMap(({ page, words }) =>
    words.flatMap((word, index) => {
      const positions = openPositions([BigInt(word)], packing);
      return positions.map(
        ({ member }, place): Change =>
          (random) => {
            const fields = pricing === "midpoint" ? PAIRED_FIELDS : PRICED_FIELDS;
            const field = fields[pick(random, fields.length)] ?? 0;
            const bytes = fromHex(word as Hex);
            const at = bytes.length - 1 - place * (pricing === "midpoint" ? 16 : 8) - field;
            const changed = words.with(index, toHex(withByteChanged(bytes, at, random)));
            return {
              sentence: `byte ${at + 1} of the word with the position of member ${member}`,
              subject: { page, member },
              json: {
                ...json,
                positions: json.positions.map((other) =>
                  other.page === page ? { page, words: changed } : other,
                ),
              },
            };
          },
      );
    }),
  );
}

/** Bytes of a packed position from its lowest on: energy, and where it is packed, payment. */
const PRICED_FIELDS = [0, 1, 2, 3, 4];
const PAIRED_FIELDS = [...PRICED_FIELDS, 8, 9, 10, 11, 12, 13, 14, 15];

/** A digit of an amount that a movement changed; only of a settled interval, since others' movements are not complete. */
function paymentChanges(json: IntervalEvidenceJson): Change[] {
  if (json.closing === null) return [];
  return json.movements.flatMap((movement, index) =>
    AMOUNTS.filter((name) => BigInt(movement[name]) !== 0n).map(
      (name): Change =>
        (random) => {
          const { member, kind } = movement;
          const { text, digit } = withDigitChanged(movement[name], random);
          return {
            sentence: `byte ${digit + 1} of the ${name} of the movement "${kind}" of member ${member}`,
            subject: { member },
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

function pick(random: Random, count: number): number {
  return Math.floor(random() * count);
}
