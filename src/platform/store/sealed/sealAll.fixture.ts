import type { Store } from "#platform/store/openStore.ts";
import { sealNext } from "./seal.ts";

/** Seals all that is old enough; gives how many times a table had rows of a group to seal. */
export async function sealAll(
  store: Pick<Store, "db" | "sealed">,
  domains: Parameters<typeof sealNext>[1] = [],
): Promise<number> {
  let steps = 0;
  while (await sealNext(store, domains)) steps += 1;
  return steps;
}
