import { DomainError } from "#kernel/units/domainError.ts";
import { fromHex, type Hex } from "./hex.ts";

const COMPACT_BYTES = 64;
/** Recovery ids as wallets write them. */
const PARITY_OF_V: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 1],
  [27, 0],
  [28, 1],
]);

/**
 * A signature as wallets write it: takes 64 bytes as they are, and folds the parity of 65 bytes (r, s, v) into s (EIP-2098).
 *
 * @throws MalformedSignatureError
 */
export function readSignature(text: string): Uint8Array {
  const bytes = fromHex(text.toLowerCase() as Hex);
  if (bytes.length === COMPACT_BYTES) return bytes;
  const compact = bytes.slice(0, COMPACT_BYTES);
  const parity = PARITY_OF_V.get(bytes[COMPACT_BYTES] ?? -1);
  const high = compact[32] ?? 0;
  if (parity === undefined || high >= 0x80) throw new MalformedSignatureError();
  compact[32] = high | (parity << 7);
  return compact;
}

export class MalformedSignatureError extends DomainError {
  readonly code = "malformedSignature";

  constructor() {
    super("a signature of 65 bytes is r, s in its lower half, and v of 0, 1, 27 or 28");
  }
}
