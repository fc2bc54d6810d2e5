import type { PgTable } from "drizzle-orm/pg-core";
import type { ApiContext, ApiDomain } from "#platform/api/apiContext.ts";
import type { AuditBase, CountWords, Replay } from "#platform/audit/replay.ts";
import type { ContractSpec } from "#platform/chain/contractSpec.ts";
import type { Opens, Projection, Unfinished } from "#platform/store/projection.ts";
import type { SealedTable } from "#platform/store/sealed/sealedTable.ts";

/** What there is to say of a charge; see `Charge` of billing. */
export type ChargeToExplain = {
  readonly kind: string;
  readonly energyWh: bigint | null;
  readonly amountMicro: bigint;
};

/**
 * What a field of expertise brings to the platform: plain data and functions. What it has not, it leaves out. The order
 * of domains.ts is that in which contracts are deployed, tables created, and events projected and replayed.
 *
 * A domain names what it needs of a process beyond what all of them need: `Context` for its routes, `Sources` beside the
 * chain for its projection, `Base` for its audit. domains.ts asks a process for all of it at once.
 */
export type Domain<Context extends ApiContext = ApiContext, Sources = unknown, Base = AuditBase> = {
  readonly name: string;
  readonly contracts?: readonly ContractSpec[];
  readonly tables?: readonly PgTable[];
  /** Those of them whose old rows are sealed. */
  readonly sealed?: readonly SealedTable[];
  /** Brings the tables up to an event, within the transaction that records it. */
  readonly project?: (projection: Projection<Sources>) => Promise<void>;
  /** Accounts whose readings of an interval a settlement of this domain opens. */
  readonly opens?: Opens;
  /** Intervals whose rows its projection will change, so that they are not sealed. */
  readonly unfinished?: Unfinished;
  /** Its rules over the chain's history; throws DiscrepancyFound. */
  readonly replay?: (base: Base) => Replay;
  /** What its audit counts, by the counts' names. */
  readonly counts?: CountWords;
  /** What one of its charges is for, in words without energy and money: "bought from neighbours". */
  readonly explainCharge?: (charge: ChargeToExplain) => string;
  /** Why its events move money of accounts, in words, by the kinds of movements. */
  readonly movements?: Readonly<Record<string, string>>;
} & ApiDomain<Context>;

/** Says what charges are for, each in the words of the field that made it; the name of the kind where a field has none. */
export function chargeWordsOf(
  domains: readonly Pick<Domain, "name" | "explainCharge">[],
): (charge: ChargeToExplain) => string {
  const explain = new Map(domains.map(({ name, explainCharge }) => [name, explainCharge]));
  return (charge) => explain.get(charge.kind.split(".")[0] ?? "")?.(charge) ?? charge.kind;
}

/** The words of a kind of movement, of the field that first has some; its name where none has. */
export function movementWordsOf(domains: readonly Pick<Domain, "movements">[]): (kind: string) => string {
  const words = new Map(domains.toReversed().flatMap(({ movements = {} }) => Object.entries(movements)));
  return (kind) => words.get(kind) ?? kind;
}
