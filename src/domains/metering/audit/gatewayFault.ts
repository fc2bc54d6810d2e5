import type { AreaRecord } from "#domains/metering/areaState.ts";
import type { EventPlace } from "#platform/chain/contractSpec.ts";

/**
 * Only the area's own gateway publishes its readings and changes its device keys. Of a transaction that called another contract
 * than ours (`purpose` is null) nobody can tell who called in the end.
 */
export function findGatewayFault(
  { sender, purpose }: EventPlace,
  area: AreaRecord | null,
): { readonly rule: string; readonly finding: string } | null {
  if (purpose === null || area?.gateway === sender) return null;
  return {
    rule: "gateway",
    finding: `${sender} is not the gateway of the area, which is ${area?.gateway ?? "not there"}`,
  };
}
