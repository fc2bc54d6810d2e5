import type { StandingWithFormer } from "#domains/accounts/rules/standing.ts";
import type { RecordedClearing } from "#domains/pool/rules/outcomeFault.ts";
import type {
  AreaEvidence,
  IntervalEvidence,
  MovementEvidence,
  PageEvidence,
  PagePositions,
  PublicationEvidence,
  ReadingEvidence,
  StepEvidence,
} from "./intervalEvidence.ts";

/**
 * A value as JSON carries it (docs/api.md): bigints in decimal digits, bytes in hexadecimal, what is kept by member as a
 * list.
 */
export type AsJson<Value> = Value extends bigint | `0x${string}` | Uint8Array
  ? string
  : Value extends ReadonlyMap<number, infer Item>
    ? readonly ({ readonly member: number } & AsJson<Item>)[]
    : Value extends readonly (infer Item)[]
      ? readonly AsJson<Item>[]
      : Value extends object
        ? { readonly [Name in keyof Value]: AsJson<Value[Name]> }
        : Value;

/** The same, but for fields that are sent `Instead`, or besides. */
type JsonWith<Value, Instead> = Omit<AsJson<Value>, keyof Instead> & Readonly<Instead>;

/** Evidence as a server sends it. Orders are packed and words in hexadecimal, as the contract takes them. */
export type IntervalEvidenceJson = AsJson<
  Pick<
    IntervalEvidence,
    | "areaId"
    | "intervalId"
    | "chainId"
    | "poolMarket"
    | "meterLedger"
    | "attempt"
    | "pages"
    | "closing"
    | "returns"
    | "abandoned"
    | "transactions"
  > &
    AreaEvidence
> & {
  /** Where the contracts stand; #domains/pool/marketContracts.ts reads what is taken from it. */
  readonly deployment: unknown;
  readonly status: IntervalEvidence["stage"];
  readonly steps: readonly StepJson[];
  readonly book: BookJson | null;
  readonly cleared: JsonWith<RecordedClearing, { localPriceMicroPerKwh: string }> | null;
  /** Each word in hexadecimal. */
  readonly positions: readonly AsJson<PagePositions>[];
  readonly readings: readonly AsJson<PublicationEvidence>[];
  readonly openedReadings: readonly OpenedReadingJson[];
  readonly movements: readonly MovementJson[];
};

type PackedOrders = { readonly bids: string; readonly offers: string };

export type StandingsJson = AsJson<ReadonlyMap<number, StandingWithFormer>>;

/** Who sent a step, and when, stands with its transaction. */
export type StepJson = JsonWith<
  Omit<StepEvidence, "sender" | "timestamp" | "standings">,
  PackedOrders & { step: number; signers: StandingsJson }
>;

/** The orders that were not submitted. */
export type BookJson = PackedOrders & {
  readonly root: string;
  readonly isComplete: boolean;
  readonly signers: StandingsJson;
};

/** `meterId` and `signature` are null where the gateway's archive is not available. */
export type OpenedReadingJson = JsonWith<
  Omit<ReadingEvidence, "areaId" | "intervalId">,
  { importWh: string; exportWh: string; meterId: string | null; signature: string | null }
>;

export type PageJson = AsJson<PageEvidence>;

export type MovementJson = AsJson<MovementEvidence> & {
  readonly account: number;
  readonly transactionHash: string;
};
