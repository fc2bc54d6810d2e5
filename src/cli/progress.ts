import type { ProgressLine } from "#platform/runtime/progressLine.ts";

/** Words for a person while a command works, on standard error. */
export type Progress = {
  say(sentence: string): void;
  /** Shows how far a count is; on a terminal in one line, elsewhere at each tenth. */
  count(what: string, done: number, total: number): void;
  end(): void;
};

const REDRAW_MS = 100;
/** Four counts a second are enough for anyone who shows them again. */
const REPORT_MS = 250;

export function createProgress(stream: NodeJS.WriteStream): Progress {
  let isLineOpen = false;
  let drawnAt = 0;
  let tenth = 0;
  const close = () => {
    if (isLineOpen) stream.write("\n");
    isLineOpen = false;
  };
  return {
    say(sentence) {
      close();
      stream.write(`${sentence}\n`);
    },
    count(what, done, total) {
      if (stream.isTTY) {
        const now = performance.now();
        if (now - drawnAt < REDRAW_MS && done < total) return;
        drawnAt = now;
        stream.write(`\r${done} of ${total} ${what}`);
        isLineOpen = true;
        return;
      }
      const reached = Math.floor((10 * done) / total);
      if (reached > tenth) stream.write(`${done} of ${total} ${what}\n`);
      tenth = Math.max(tenth, reached);
    },
    end: close,
  };
}

/** The same for a program that reads it: JSON lines, of counts the first and then at most four a second. */
export function createJsonProgress(stream: Pick<NodeJS.WritableStream, "write">): Progress {
  let reportedAt = Number.NEGATIVE_INFINITY;
  const write = (line: ProgressLine) => void stream.write(`${JSON.stringify(line)}\n`);
  return {
    say: (sentence) => write({ kind: "sentence", sentence }),
    count(what, done, total) {
      const now = performance.now();
      if (now - reportedAt < REPORT_MS) return;
      reportedAt = now;
      write({ kind: "count", what, done, total });
    },
    end() {},
  };
}
