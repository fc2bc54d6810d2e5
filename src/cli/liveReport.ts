import type { AreaNews, OpenArea } from "#community/areaKind.ts";
import { describeCommunity } from "#platform/runtime/describeCommunity.ts";
import type { Setting } from "#world/simulation/setting.ts";
import { alignColumns } from "./alignColumns.ts";

/** What is told when communities are ready: where each goes on. */
type Opening = {
  readonly address: string;
  readonly rpcUrl: string;
  readonly areas: readonly (Pick<OpenArea, "goesOn"> & { readonly scenario: Setting })[];
};

export type LiveReport = ReturnType<typeof createLiveReport>;

/** What running communities say on the terminal: their address, and what each interval or period came to. */
export function createLiveReport(stream: NodeJS.WritableStream, scenarios: readonly Setting[]) {
  const began = performance.now();
  const line = (text: string) => stream.write(`${text}\n`);
  const placeOf = ({ title }: Setting) => (scenarios.length > 1 ? `${title}: ` : "");
  return {
    say: line,
    open({ areas, ...addresses }: Opening) {
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      for (const text of openingLines(scenarios, addresses, seconds)) line(text);
      for (const { scenario, goesOn } of areas)
        if (goesOn !== null)
          line(`  ${placeOf(scenario)}going on after ${goesOn.after}, at ${timeOf(scenario, goesOn.at)}`);
      line("");
    },
    news(scenario: Setting, { startsAt, sentence, table }: AreaNews) {
      line(`${timeOf(scenario, startsAt)}  ${placeOf(scenario)}${sentence}`);
      if (table !== null) line(`\n${alignColumns(table.rows, table.alignment)}\n`);
    },
  };
}

/** A second on the wall of the community's zone. */
function timeOf({ timeZone }: Setting, unixSeconds: number): string {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "medium", timeStyle: "short" });
  return clock.format(new Date(unixSeconds * 1_000));
}

function openingLines(
  scenarios: readonly Setting[],
  { address, rpcUrl }: Pick<Opening, "address" | "rpcUrl">,
  seconds: string,
): string[] {
  return [
    "",
    ...scenarios.map(describeCommunity),
    `  page and API  ${address}   (API documentation: ${address}/docs)`,
    `  chain         ${rpcUrl}`,
    `  ready after ${seconds} s; Ctrl-C stops, the next start goes on from there`,
  ];
}
