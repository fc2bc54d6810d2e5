import type { Scenario } from "#world/simulation/scenario.ts";
import type { DepotScenario } from "#world/stations/depotScenario.ts";

/** A community of any kind, as its folder describes it; `kind` says which market it has. */
export type AreaScenario = Scenario | DepotScenario;

/** The scenario of communities of one kind. */
export type ScenarioOf<Kind extends AreaScenario["kind"]> = Extract<AreaScenario, { readonly kind: Kind }>;

/** Whether a community has homes and a pool. */
export function isPool(scenario: AreaScenario): scenario is ScenarioOf<"pool"> {
  return scenario.kind === "pool";
}
