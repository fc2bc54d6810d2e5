import type { SchedulingSite, WaitingVehicle } from "./waitingVehicle.ts";

/** What bears on the intervals that come: what each lacks still, and since when it charged and began to. */
type State = { readonly left: readonly number[]; readonly charged: readonly (readonly boolean[])[] };

/**
 * Whether some schedule in whole W keeps every promise, by trying all of them. For few vehicles, intervals and watts; intervals are
 * a quarter of an hour long, and `wantedWh` a quarter of a whole number.
 */
export function keepsAll(vehicles: readonly WaitingVehicle[], site: SchedulingSite): boolean {
  let states = new Map<string, State>();
  const first: State = {
    left: vehicles.map(({ wantedWh }) => wantedWh * 4),
    charged: vehicles.map(() => [false, false, false, false]),
  };
  states.set(JSON.stringify(first), first);
  for (const [interval, limitW] of site.limitW.entries()) {
    const next = new Map<string, State>();
    for (const state of states.values())
      for (const powers of powersAt(vehicles, { interval, limitW, site, state })) {
        const reached: State = {
          left: state.left.map((left, i) => Math.max(0, left - powers[i]!)),
          charged: state.charged.map((charged, i) => [...charged, powers[i]! > 0].slice(-4)),
        };
        next.set(JSON.stringify(reached), reached);
      }
    states = next;
  }
  return [...states.values()].some(({ left }) => left.every((each) => each === 0));
}

type At = {
  readonly interval: number;
  readonly limitW: number;
  readonly site: SchedulingSite;
  readonly state: State;
};

function powersAt(vehicles: readonly WaitingVehicle[], at: At): number[][] {
  let all: number[][] = [[]];
  for (const [i, vehicle] of vehicles.entries())
    all = all.flatMap((powers) => optionsOf(vehicle, i, at).map((power) => [...powers, power]));
  return all.filter((powers) => {
    if (powers.reduce((sum, power) => sum + power, 0) > at.limitW) return false;
    return [0, 1, 2].every((phase) => {
      const onPhase = vehicles.map(({ phases }, i) =>
        phases.includes(phase as 0 | 1 | 2) ? powers[i]! / phases.length : 0,
      );
      return onPhase.reduce((sum, power) => sum + power, 0) <= at.site.phaseLimitW + 1e-9;
    });
  });
}

function optionsOf(
  { from, until, leastW, mostW }: WaitingVehicle,
  i: number,
  { interval, site, state }: At,
): number[] {
  if (interval < from || interval >= until || state.left[i] === 0) return [0];
  const charged = state.charged[i]!;
  const starts = [1, 2, 3].filter((k) => charged[k]! && !charged[k - 1]!).length;
  if (!charged[3] && starts >= site.mostStartsAnHour) return [0];
  return [0, ...Array.from({ length: mostW - leastW + 1 }, (_, n) => leastW + n)];
}
