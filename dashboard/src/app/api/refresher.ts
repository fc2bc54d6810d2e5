/** A transaction's events come together; their answers are asked for once. */
const GATHER_MS = 150;
/** A market may run faster than a person reads: what changed is asked for at most this often. */
const REFRESH_MS = 2_000;

/** Gathers what is to be asked for again. */
export type Refresher = {
  readonly add: (answers: readonly string[]) => void;
  /** To be called when somebody may look again. */
  readonly wake: () => void;
  readonly close: () => void;
};

/** Calls `refresh` with all that was added, a short while later, and only while somebody looks; nothing is lost. */
export function createRefresher({
  refresh,
  isSeen,
}: {
  refresh: (answers: ReadonlySet<string>) => void;
  isSeen: () => boolean;
}): Refresher {
  let due = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let restUntil = 0;
  const run = () => {
    timer = undefined;
    if (!isSeen()) return;
    restUntil = Date.now() + REFRESH_MS;
    const answers = due;
    due = new Set();
    refresh(answers);
  };
  const wake = () => {
    if (due.size === 0 || timer !== undefined || !isSeen()) return;
    timer = setTimeout(run, Math.max(GATHER_MS, restUntil - Date.now()));
  };
  return {
    add(answers) {
      for (const answer of answers) due.add(answer);
      wake();
    },
    wake,
    close: () => clearTimeout(timer),
  };
}
