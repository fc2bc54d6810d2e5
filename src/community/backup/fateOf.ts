/** What becomes of a file that is there when a backup is restored: `other` is damaged on one of the two sides. */
export type Fate = "stays" | "shorter" | "other";

/** Records are replaced as a whole, and journals are tidied: what is there is newer, whatever it begins with. */
const REWRITTEN = /\.(json|journal)$/;

/** Archives only grow: of two the one that begins with the other goes further. */
export function fateOf(name: string, there: Uint8Array, backed: Uint8Array): Fate {
  if (REWRITTEN.test(name)) return "stays";
  const common = Math.min(there.length, backed.length);
  if (Buffer.compare(there.subarray(0, common), backed.subarray(0, common)) !== 0) return "other";
  return there.length >= backed.length ? "stays" : "shorter";
}
