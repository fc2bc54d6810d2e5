import { DomainError } from "#kernel/units/domainError.ts";

type Kind = {
  readonly what: string;
  readonly remedy: string;
  /** Names of the operating system, of PostgreSQL, and numbers of its WebAssembly. */
  readonly codes: readonly (string | number)[];
  /** A port that may not be taken is refused with the same code; a disk names the file. */
  readonly namesFile?: true;
};

const KINDS: readonly Kind[] = [
  { what: "the disk is full", remedy: "free some space", codes: ["ENOSPC", "EDQUOT", "EFBIG", "53100", 51] },
  { what: "the disk can't be written", remedy: "mount it for writing", codes: ["EROFS", 69] },
  {
    what: "this user may not write there",
    remedy: "give it the right to, or choose another COMMONWATT_DIRECTORY",
    codes: ["EACCES", "EPERM", 2, 63],
    namesFile: true,
  },
  {
    what: "the disk fails",
    remedy: "look at it, and restore a backup onto another one",
    codes: ["EIO", "58030", 29],
  },
];

/**
 * What the disk refused, when that is the reason of an error, or of one of the errors that led to it: null when it is not. What the
 * program confirmed before is on the disk; what it was writing is dropped or finished at the next start.
 */
export function storageFault(error: unknown): StorageFaultError | null {
  for (const reason of reasonsOf(error)) {
    if (reason instanceof StorageFaultError) return reason;
    const path = typeof reason.path === "string" ? reason.path : null;
    const kind = KINDS.find(
      ({ codes, namesFile }) => codes.includes(codeOf(reason)) && (path !== null || !namesFile),
    );
    if (kind !== undefined) return new StorageFaultError(kind, path, error);
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

function codeOf({ code, name, errno }: Reason): string | number {
  if (typeof code === "string") return code;
  return name === "ErrnoError" && typeof errno === "number" ? errno : "";
}

/** The disk did not take what had to be written. */
export class StorageFaultError extends DomainError {
  readonly code = "storageFault";

  constructor({ what, remedy }: Pick<Kind, "what" | "remedy">, path: string | null, cause: unknown) {
    super(
      `${what}${path === null ? "" : ` (${path})`}: ${remedy}, and start again; what was confirmed is kept`,
      { cause },
    );
  }
}
