import type { Formats } from "./format/formats.ts";
import { capitalised } from "./format/sentences.ts";
import type { DomainWords, FactWords, PageDomain } from "./pageDomain.ts";

/** The words of all fields. A name that no field has words for is spelled out. */
export type Words = {
  readonly event: (kind: string) => string;
  /**
   * What a transaction was for; its function's own name where there are no words, of several calls at once each name,
   * joined by "+"; null for calls to other contracts.
   */
  readonly call: (purpose: string | null) => string;
  readonly movement: (kind: string) => string;
  readonly factName: (name: string, kind: string) => string;
  /** How a fact of a kind of event is shown. */
  readonly fact: (name: string, kind: string) => FactWords;
  readonly step: (stage: string) => string;
  readonly stage: (status: string) => string;
  readonly duty: (name: string) => string;
  readonly contract: (name: string) => string;
  readonly refusal: (name: string, args: readonly unknown[], formats: Formats) => string;
};

const UNIT_SUFFIX = /(MicroPerKwh|Micro|Wh|W|Seconds)$/;

export function wordsOf(domains: readonly PageDomain[]): Words {
  const [events, calls, movements] = [
    gather(domains, "events"),
    gather(domains, "calls"),
    gather(domains, "movements"),
  ];
  const [facts, steps, contracts] = [
    gather(domains, "facts"),
    gather(domains, "steps"),
    gather(domains, "contracts"),
  ];
  const [stages, duties] = [gather(domains, "stages"), gather(domains, "duties")];
  const refusals = gather(domains, "refusals");
  const fact = (name: string, kind: string) => facts.get(`${kind}.${name}`) ?? facts.get(name) ?? {};
  return {
    event: (kind) => events.get(kind) ?? capitalised(spelledOut(kind)),
    call: (purpose) =>
      purpose === null
        ? "call of another contract"
        : purpose
            .split("+")
            .map((name) => calls.get(name) ?? name)
            .join(" and "),
    movement: (kind) => movements.get(kind) ?? capitalised(spelledOut(kind)),
    factName: (name, kind) => capitalised(fact(name, kind).name ?? spelledOut(name.replace(UNIT_SUFFIX, ""))),
    fact,
    step: (stage) => steps.get(stage) ?? capitalised(spelledOut(stage)),
    stage: (status) => stages.get(status) ?? spelledOut(status),
    duty: (name) => duties.get(name) ?? capitalised(spelledOut(name)),
    contract: (name) => contracts.get(name) ?? spelledOut(name),
    refusal: (name, args, formats) =>
      refusals.get(name)?.({
        money: (i) => formats.money(String(args[i] ?? 0)),
        time: (i) => formats.withZone(Number(args[i] ?? 0)),
      }) ?? `The contract refused: ${name}.`,
  };
}

type Table = keyof DomainWords;
type Value<Key extends Table> = NonNullable<DomainWords[Key]>[string];

function gather<Key extends Table>(
  domains: readonly PageDomain[],
  key: Key,
): ReadonlyMap<string, Value<Key>> {
  return new Map(
    domains.flatMap(({ words }) => Object.entries(words?.[key] ?? {}) as [string, Value<Key>][]),
  );
}

/** A name of code as words: `gridFeeMicro` gives "grid fee micro". */
function spelledOut(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase();
}
