import type { SessionBook } from "../sessionBook.ts";
import type { SessionRecord } from "../sessions/sessionRecord.ts";
import type { Authorise } from "./authorisation.ts";
import { RefusedCallError } from "./refusedCall.ts";
import type { EnrolledStation } from "./station.ts";

/** Answers to a station's calls, by the method's name; parameters fit the schema of the version already. */
export type Answers = Readonly<
  Record<string, (context: AnswerContext, parameters: never) => object | Promise<object>>
>;

/** What answers are made from. */
export type AnswerContext = {
  readonly station: EnrolledStation;
  /** Unix seconds. */
  readonly now: () => number;
  readonly authorise: Authorise;
  readonly sessions: Pick<SessionBook, "numberOf" | "runningAt">;
  /** Takes a record in; it is on the disk when this is done. */
  readonly keep: (record: SessionRecord) => Promise<void>;
  /** How often a station without anything to say is to be heard, s. */
  readonly heartbeatSeconds: number;
  readonly booted: (name: { readonly vendor: string; readonly model: string }) => void;
  readonly status: (evseId: number, status: string) => void;
};

/**
 * Refuses a charging point that the station was not enrolled with.
 *
 * @throws RefusedCallError that the station is answered with
 */
export function requireEvse({ evses }: EnrolledStation, evseId: number): void {
  if (!Number.isInteger(evseId) || evseId < 0 || evseId > evses)
    throw new RefusedCallError(
      "PropertyConstraintViolation",
      `this station has charging points 1 to ${evses}, not ${evseId}`,
    );
}
