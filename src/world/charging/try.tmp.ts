import { seededRandom } from "#kernel/units/random.ts";
import { runMonteCarlo } from "./monteCarlo.ts";
import { createVisits } from "#world/stations/vehicles.ts";
const USES = ["workplace","workplace","workplace","stop","stop","overnight","overnight","workplace"] as const;
const MON = 1_767_571_200;
const draw = (random: () => number) => {
  const seed = Math.floor(random() * 2 ** 31);
  return USES.flatMap((use, i) => createVisits({ id: `s${i}`, member: i + 1, use, points: use === "stop" ? 3 : 12 }, { seed, timeZone: "UTC" })(MON, MON + 86_400)
    .filter(({ arrivesAt }) => arrivesAt >= MON)
    .map((v) => ({ station: i + 1, arrivesAt: v.arrivesAt - MON, leavesAt: Math.min(86_400, v.leavesAt - MON), wantedWh: v.wantedWh, isThreePhase: v.phases.length === 3 })));
};
const r = runMonteCarlo({ days: 5, seed: 1, draw, ratingW: undefined, onDay: () => {} });
for (const [k, v] of Object.entries(r.regimes)) console.log(k, Object.entries(v).map(([f, e]) => `${f} ${e.mean.toFixed(2)}±${e.plusMinus.toFixed(2)}`).join("  "));
console.log(r.vehiclesADay, r.ratingW);
