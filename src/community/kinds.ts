import type { AreaKind } from "./areaKind.ts";
import type { AreaScenario, ScenarioOf } from "./areaScenario.ts";
import { depotKind } from "./depot/depotKind.ts";
import { poolKind } from "./pool/poolKind.ts";

/** The kinds of markets that a community may have, a line each. */
const KINDS: { readonly [Kind in AreaScenario["kind"]]: AreaKind<ScenarioOf<Kind>> } = {
  pool: poolKind,
  depot: depotKind,
};

/** What a community's market brings. */
export function kindOf<S extends AreaScenario>({ kind }: S): AreaKind<S> {
  return KINDS[kind] as unknown as AreaKind<S>;
}
