import { sentenceOf } from "#kernel/units/domainError.ts";
import type { ChainFault } from "./anvilFault.ts";
import { BlockWriteError } from "./blockArchive.ts";
import { type ChainRecorder, NodeRenewalError, RewrittenChainError } from "./chainStateRecorder.ts";

/** Blocks that nobody asked a checkpoint for are recorded at this pace. */
const RECORD_EVERY_MS = 500;

/** When a recorder works: at each checkpoint, in the background, and for the last time. */
export type ChainRecording = {
  /** Records now; a snapshot that is due is queued behind. To be called in turn. */
  record(): Promise<void>;
  /** Ends the background work, records and writes a snapshot, unless the chain has failed. */
  finish(): Promise<void>;
};

type RecordingParts = {
  readonly recorder: ChainRecorder;
  readonly fault: ChainFault;
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  readonly onNotice: (sentence: string) => void;
};

/** Starts to record in the background. */
export function createRecording({ recorder, fault, inTurn, onNotice }: RecordingParts): ChainRecording {
  let isFinishing = false;
  let takesSnapshots = true;

  const record = async () => {
    await recorder.record().catch((error: unknown) => {
      if (isFatal(error)) fault.report(error.message);
      throw error;
    });
    if (takesSnapshots && recorder.isSnapshotDue()) void inTurn(snapshotIfDue);
  };
  const snapshotIfDue = async () => {
    if (!isFinishing && takesSnapshots && recorder.isSnapshotDue()) await notingFailure(recorder.renew());
  };
  const notingFailure = async (snapshot: Promise<void>) => {
    await snapshot.catch((error: unknown) => {
      takesSnapshots = false;
      if (isFatal(error)) fault.report(error.message);
      else onNotice(`the embedded chain goes on with its archive alone: ${sentenceOf(error)}`);
    });
  };
  const recordInBackground = async () => {
    if (isFinishing || fault.reason() !== null) return;
    await record().catch((error: unknown) => {
      if (fault.reason() === null) onNotice(`recording is tried again: ${sentenceOf(error)}`);
    });
  };
  const stopTimer = repeatEvery(RECORD_EVERY_MS, () => inTurn(recordInBackground));
  return {
    record,
    finish: async () => {
      isFinishing = true;
      stopTimer();
      await inTurn(async () => {
        if (fault.reason() !== null) return;
        await recorder.record();
        await notingFailure(recorder.snapshot());
        // What came in while the snapshot was written.
        await recorder.record();
      });
    },
  };
}

/** Repeats the work, each time so many milliseconds after it was done; gives back the function that ends it. */
function repeatEvery(milliseconds: number, work: () => Promise<void>): () => void {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = () => {
    if (isOver) return;
    timer = setTimeout(() => void work().finally(schedule), milliseconds).unref();
  };
  schedule();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** After these nothing may be written any more, or there is no node. */
function isFatal(error: unknown): error is Error {
  return (
    error instanceof BlockWriteError ||
    error instanceof RewrittenChainError ||
    error instanceof NodeRenewalError
  );
}
