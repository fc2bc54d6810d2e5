import { ProblemError, ServerGoneError } from "../api/getJson.ts";
import type { Formats } from "../format/formats.ts";
import { asSentence } from "../format/sentences.ts";

/** Causes of causes that are looked at. */
const MAX_DEPTH = 12;
/** EIP-1193: the person said no. */
const REJECTED = 4_001;

/** What went wrong with a wallet, a contract or the server, as a sentence for its owner. */
export function plainWords(error: unknown, formats: Formats): string {
  if (error instanceof ServerGoneError) return "The server does not answer. Nothing was sent.";
  if (error instanceof ProblemError) return asSentence(error.message);
  const causes = causesOf(error);
  if (causes.some(({ code }) => code === REJECTED)) return "You declined in your wallet. Nothing was sent.";
  const refusal = causes.find(({ data }) => typeof data?.errorName === "string")?.data;
  if (refusal?.errorName) return refusalWords(refusal.errorName, refusal.args ?? [], formats);
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

/** The contracts' errors that the owner of an account can meet (contracts/src/libraries/Errors.sol). */
function refusalWords(name: string, args: readonly unknown[], formats: Formats): string {
  const money = (i: number) => formats.money(String(args[i] ?? 0));
  const time = (i: number) => formats.withZone(Number(args[i] ?? 0));
  switch (name) {
    case "InsufficientBalance":
      return `The free balance is ${money(1)}, less than ${money(2)}.`;
    case "InsufficientMargin":
      return `The margin is ${money(1)}, less than ${money(2)}.`;
    case "ERC20InsufficientBalance":
      return `Your wallet holds ${money(1)}, less than ${money(2)}.`;
    case "ERC20InsufficientAllowance":
      return "The clearing house was not allowed to fetch this amount. Try again.";
    case "NoticeMissing":
      return "No margin was announced. Announce first; it can leave two hours later.";
    case "NoticeRunning":
      return `The notice still runs: the margin can leave from ${time(1)}.`;
    case "NoticeLapsed":
      return `The notice lapsed at ${time(1)}. Announce anew.`;
    case "MarginTooLarge":
      return `The margin is ${money(1)}; ${money(2)} more is beyond what an account can hold in a market.`;
    case "DepositsTooLarge":
      return "The clearing house holds as much as it may. Deposit less, or later.";
    case "UnknownParticipant":
      return "This address has no account in the community.";
    case "ZeroAmount":
      return "An amount above zero is needed.";
    default:
      return `The contract refused: ${name}.`;
  }
}
