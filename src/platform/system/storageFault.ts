import { DomainError } from "#kernel/units/domainError.ts";

/** What a disk refuses with, by the names of the operating system, of PostgreSQL, and the numbers of its WebAssembly. */
const FULL = "full";
const READ_ONLY = "readOnly";
const FORBIDDEN = "forbidden";
const FAILING = "failing";
const KINDS = new Map<string | number, keyof typeof WORDS>([
  ...(["ENOSPC", "EDQUOT", "EFBIG", "53100", 51] as const).map((code) => [code, FULL] as const),
  ...(["EROFS", 69] as const).map((code) => [code, READ_ONLY] as const),
  ...(["EACCES", "EPERM", 2, 63] as const).map((code) => [code, FORBIDDEN] as const),
  ...(["EIO", "58030", 29] as const).map((code) => [code, FAILING] as const),
]);
const WORDS = {
  [FULL]: ["the disk is full", "free some space"],
  [READ_ONLY]: ["the disk can't be written", "mount it for writing"],
  [FORBIDDEN]: [
    "this user may not write there",
    "give it the right to, or choose another COMMONWATT_DIRECTORY",
  ],
  [FAILING]: ["the disk fails", "look at it, and restore a backup onto another one"],
} as const;

/**
 * What the disk refused, when that is the reason of an error, or of one of the errors that led to it: null when it is not. What the
 * program confirmed before is on the disk; what it was writing is dropped or finished at the next start.
 */
export function storageFault(error: unknown): StorageFaultError | null {
  for (const each of reasonsOf(error)) {
    if (each instanceof StorageFaultError) return each;
    const kind = kindOf(each);
    // A port that may not be taken is refused with the same code; a disk names the file.
    if (kind !== undefined && (kind !== FORBIDDEN || pathOf(each) !== null))
      return new StorageFaultError(kind, pathOf(each), error);
  }
  return null;
}

/** What WebAssembly throws is no Error. */
type Reason = Readonly<Partial<Record<"code" | "name" | "errno" | "path" | "cause", unknown>>>;
const DEEPEST = 16;

/** The error and what caused it, to the root. */
function* reasonsOf(error: unknown): Generator<Reason> {
  let next = error;
  for (let depth = 0; typeof next === "object" && next !== null && depth < DEEPEST; depth += 1) {
    yield next;
    next = (next as Reason).cause;
  }
}

function kindOf({ code, name, errno }: Reason): keyof typeof WORDS | undefined {
  if (typeof code === "string") return KINDS.get(code);
  return name === "ErrnoError" && typeof errno === "number" ? KINDS.get(errno) : undefined;
}

function pathOf({ path }: Reason): string | null {
  return typeof path === "string" ? path : null;
}

/** The disk did not take what had to be written. */
export class StorageFaultError extends DomainError {
  readonly code = "storageFault";

  constructor(kind: keyof typeof WORDS, path: string | null, cause: unknown) {
    const [what, remedy] = WORDS[kind];
    super(
      `${what}${path === null ? "" : ` (${path})`}: ${remedy}, and start again; what was confirmed is kept`,
      { cause },
    );
  }
}
