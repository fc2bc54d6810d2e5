const WORD_BITS = 256;

/** Flags as the contract takes them: flag i is bit i % 256 of word ⌊i / 256⌋. */
export function packBits(flags: readonly boolean[]): bigint[] {
  const words = Array.from({ length: Math.ceil(flags.length / WORD_BITS) }, () => 0n);
  flags.forEach((isSet, i) => {
    const word = Math.floor(i / WORD_BITS);
    if (isSet) words[word] = (words[word] ?? 0n) | (1n << BigInt(i % WORD_BITS));
  });
  return words;
}

/** Whether flag `index` is set; false behind the last word. */
export function hasBit(words: readonly bigint[], index: number): boolean {
  const word = words[Math.floor(index / WORD_BITS)] ?? 0n;
  return ((word >> BigInt(index % WORD_BITS)) & 1n) === 1n;
}
