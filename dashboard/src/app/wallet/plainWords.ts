import { ProblemError, ServerGoneError } from "../api/getJson.ts";
import type { Formats } from "../format/formats.ts";
import { useFormats } from "../format/locale.tsx";
import { asSentence } from "../format/sentences.ts";
import { useWords } from "../pageDomains.tsx";
import type { Words } from "../words.ts";

/** Causes of causes that are looked at. */
const MAX_DEPTH = 12;
/** EIP-1193: the person said no. */
const REJECTED = 4_001;

/** Says what went wrong with a wallet, a contract or the server, as a sentence for its owner. */
export function usePlainWords(): (error: unknown) => string {
  const formats = useFormats();
  const words = useWords();
  return (error) => plainWords(error, words, formats);
}

function plainWords(error: unknown, words: Words, formats: Formats): string {
  if (error instanceof ServerGoneError) return "The server does not answer. Nothing was sent.";
  if (error instanceof ProblemError) return asSentence(error.message);
  const causes = causesOf(error);
  if (causes.some(({ code }) => code === REJECTED)) return "You declined in your wallet. Nothing was sent.";
  const refusal = causes.find(({ data }) => typeof data?.errorName === "string")?.data;
  if (refusal?.errorName) return words.refusal(refusal.errorName, refusal.args ?? [], formats);
  const [first] = causes;
  return asSentence(first?.shortMessage ?? first?.message ?? "something went wrong");
}

type Cause = {
  readonly code?: number;
  readonly shortMessage?: string;
  readonly message?: string;
  readonly data?: { readonly errorName?: string; readonly args?: readonly unknown[] };
  readonly cause?: unknown;
};

/** viem wraps errors in errors; the contract's own stands somewhere in the chain of causes. */
function causesOf(error: unknown): Cause[] {
  const causes: Cause[] = [];
  let each: unknown = error;
  while (typeof each === "object" && each !== null && causes.length < MAX_DEPTH) {
    causes.push(each as Cause);
    each = (each as Cause).cause;
  }
  return causes;
}
