import { Hash } from "../parts/Hash.tsx";
import { Notice } from "../parts/States.tsx";
import { usePlainWords } from "./plainWords.ts";

/** What became of the last transaction, when there was one. */
export function CallOutcome({
  error,
  transactionHash,
}: {
  error: Error | null;
  transactionHash: string | null;
}) {
  const plainWords = usePlainWords();
  if (error !== null)
    return (
      <div role="alert">
        <Notice tone="act">{plainWords(error)}</Notice>
      </div>
    );
  if (transactionHash === null) return null;
  return (
    <div role="status">
      <Notice tone="good">
        <p>
          Done: <Hash value={transactionHash} to="transaction" />
        </p>
      </Notice>
    </div>
  );
}
