const LANES = 25;
const LANE_BYTES = 8;
const RATE_LANES = 17;
const ROUNDS = 24;
const PAGE_BYTES = 65_536;

/** Where the lanes lie in the module's memory, behind them the message, and at the end the constants of the rounds. */
export const STATE_AT = 0;
export const MESSAGE_AT = LANES * LANE_BYTES;
export const MESSAGE_END = PAGE_BYTES - ROUNDS * LANE_BYTES;

/** Offsets of the rotations by lane x + 5y (FIPS 202, section 3.2.2, table 2). */
const ROTATIONS = [
  0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14,
] as const;

/** Opcodes of WebAssembly (core specification, section 5.4) that the module is made of. */
const OP = {
  loop: 0x03,
  end: 0x0b,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i64Load: 0x29,
  i64Store: 0x37,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Ltu: 0x49,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i64And: 0x83,
  i64Xor: 0x85,
  i64Rotl: 0x89,
} as const;
const NO_RESULT = 0x40;
const [I32, I64] = [0x7f, 0x7e];

/** Locals of the function: its parameter, the place in the message, that of the round's constant, then lanes. */
const BLOCKS = 0;
const PLACE = 1;
const ROUND = 2;
const LANE = 3;
const MOVED = LANE + LANES;
const PARITY = MOVED + LANES;
const LOCALS_OF_64 = LANES + LANES + 10;

/**
 * A WebAssembly module with a page of memory and `absorb(blocks)`, which takes blocks of 136 bytes at MESSAGE_AT into the
 * state at STATE_AT by Keccak-f[1600] (FIPS 202, section 3.3). Under 4 kB, so that a page may compile it at once.
 */
export function keccakModule(): Uint8Array<ArrayBuffer> {
  const name = (text: string) => vector(Array.from(text, (letter) => letter.charCodeAt(0)));
  const code = [2, ...[2, I32], ...[...unsigned(LOCALS_OF_64), I64], ...absorb(), OP.end];
  const constants = [0, OP.i32Const, ...signed(MESSAGE_END), OP.end, ...vector(constantBytes())];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("absorb"), 0, 0]),
    ...section(10, [1, ...vector(code)]),
    ...section(11, [1, ...constants]),
  ]);
}

function absorb(): number[] {
  return [
    ...lanes((i) => [...load(number(0), STATE_AT + LANE_BYTES * i), ...set(LANE + i)]),
    ...repeatWhile(
      [
        ...lanes((i) => (i < RATE_LANES ? absorbLane(i) : [])),
        ...number(MESSAGE_END),
        ...set(ROUND),
        ...repeatWhile(round(), [...get(ROUND), ...number(PAGE_BYTES), OP.i32Ltu]),
        ...get(PLACE),
        ...number(RATE_LANES * LANE_BYTES),
        OP.i32Add,
        ...set(PLACE),
      ],
      [...get(BLOCKS), ...number(1), OP.i32Sub, OP.localTee, BLOCKS],
    ),
    ...lanes((i) => [...number(0), ...get(LANE + i), OP.i64Store, 3, ...unsigned(STATE_AT + LANE_BYTES * i)]),
  ];
}

function absorbLane(i: number): number[] {
  return [...get(LANE + i), ...load(get(PLACE), MESSAGE_AT + LANE_BYTES * i), OP.i64Xor, ...set(LANE + i)];
}

/** θ, then ρ and π into the moved lanes, then χ back, then ι. */
function round(): number[] {
  const columns = [0, 1, 2, 3, 4];
  return [
    ...columns.flatMap((x) => [
      ...[0, 1, 2, 3, 4].flatMap((y) => [...get(LANE + x + 5 * y), ...(y > 0 ? [OP.i64Xor] : [])]),
      ...set(PARITY + x),
    ]),
    ...columns.flatMap((x) => [
      ...get(PARITY + ((x + 4) % 5)),
      ...rotated(get(PARITY + ((x + 1) % 5)), 1),
      OP.i64Xor,
      ...set(PARITY + 5 + x),
    ]),
    ...lanes((i) => {
      const [x, y] = [i % 5, Math.floor(i / 5)];
      const mixed = [...get(LANE + i), ...get(PARITY + 5 + x), OP.i64Xor];
      return [...rotated(mixed, ROTATIONS[i] ?? 0), ...set(MOVED + y + 5 * ((2 * x + 3 * y) % 5))];
    }),
    ...lanes((i) => {
      const row = 5 * Math.floor(i / 5);
      const [next, after] = [MOVED + row + ((i + 1) % 5), MOVED + row + ((i + 2) % 5)];
      const notNext = [...get(next), OP.i64Const, ...signed(-1), OP.i64Xor];
      return [...get(MOVED + i), ...notNext, ...get(after), OP.i64And, OP.i64Xor, ...set(LANE + i)];
    }),
    ...[...get(LANE), ...load(get(ROUND), 0), OP.i64Xor, ...set(LANE)],
    ...[...get(ROUND), ...number(LANE_BYTES), OP.i32Add, ...set(ROUND)],
  ];
}

function lanes(write: (i: number) => number[]): number[] {
  return Array.from({ length: LANES }, (_, i) => write(i)).flat();
}

/** Runs `body` once, and again as long as `condition` gives no zero. */
function repeatWhile(body: readonly number[], condition: readonly number[]): number[] {
  return [OP.loop, NO_RESULT, ...body, ...condition, OP.brIf, 0, OP.end];
}

function rotated(value: readonly number[], by: number): number[] {
  return by === 0 ? [...value] : [...value, OP.i64Const, ...signed(by), OP.i64Rotl];
}

function load(address: readonly number[], offset: number): number[] {
  return [...address, OP.i64Load, 3, ...unsigned(offset)];
}

function number(value: number): number[] {
  return [OP.i32Const, ...signed(value)];
}

function get(local: number): number[] {
  return [OP.localGet, local];
}

function set(local: number): number[] {
  return [OP.localSet, local];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...vector(content)];
}

function vector(content: readonly number[]): number[] {
  return [...unsigned(content.length), ...content];
}

/** LEB128 of a whole number ≥ 0. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...unsigned(Math.floor(value / 0x80))];
}

/** LEB128 of a whole number with its sign. */
function signed(value: number): number[] {
  const low = value & 0x7f;
  const rest = value >> 7;
  const isLast = rest === ((low & 0x40) === 0 ? 0 : -1);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}

function constantBytes(): number[] {
  return roundConstants().flatMap((constant) =>
    Array.from({ length: LANE_BYTES }, (_, i) => Number((constant >> BigInt(8 * i)) & 0xffn)),
  );
}

/** From the shift register of x⁸ + x⁶ + x⁵ + x⁴ + 1 (FIPS 202, algorithm 5): bit 2ʲ − 1 of round i is its step j + 7i. */
function roundConstants(): bigint[] {
  let register = 1;
  const step = () => {
    const bit = register & 1;
    register = register & 0x80 ? ((register << 1) ^ 0x171) & 0xff : register << 1;
    return BigInt(bit);
  };
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j <= 6; j += 1) constant |= step() << BigInt(2 ** j - 1);
    return constant;
  });
}
