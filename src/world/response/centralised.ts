import { priceBounds, type SlotTerms } from "#domains/response/rules/slotBid.ts";
import { marginalValueMicroPerKwh, type Utility } from "#domains/response/rules/utility.ts";
import type { LinearSolver } from "#kernel/optimization/linearSolver.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { TWO_STAGE_CASE } from "./twoStageCase.ts";

/** A prosumer under contract: what consumption is worth to it in each slot, and what later slots take of shifted energy, Wh. */
export type Contracted = { readonly utilities: readonly Utility[]; readonly roomWh: number };

/**
 * A slot as the aggregator sees it.
 *
 * @property fixedWh demand of those who are under no contract
 * @property capacityWh generation of all
 */
export type CentralSlot = {
  readonly terms: SlotTerms;
  readonly fixedWh: number;
  readonly capacityWh: number;
};

/**
 * What the aggregator decides for a slot.
 *
 * @property valueMicroPerKwh what a kWh more is worth to all together: what local generation is paid
 * @property paidMicroPerKwh what it bills a kWh with: what it pays for local energy and import, and no more
 */
export type CentralOutcome = {
  readonly loadWh: number;
  readonly importWh: number;
  readonly valueMicroPerKwh: number;
  readonly paidMicroPerKwh: number;
};

/** A utility's curve is taken in so many straight parts. */
const PARTS = 6;
const WH_PER_KWH = 1_000;

/**
 * The comparator: a non-profit aggregator that knows all utilities and manages consumption under contract, so that the prosumers' profits are
 * greatest over all slots together (R7.21). A linear programme; energies in kWh, money in micro. It may shift as much as the
 * market's prosumers do, and as long.
 *
 * @throws CentralisedError when the solver finds no optimum
 */
export function decideCentrally(
  slots: readonly CentralSlot[],
  contracted: readonly Contracted[],
  solver: LinearSolver,
): CentralOutcome[] {
  const solution = solver(writeProgramme(slots, contracted));
  if (solution === null)
    throw new CentralisedError(`no optimum over ${slots.length} slots and ${contracted.length} prosumers`);
  return slots.map(({ terms, fixedWh, capacityWh }, t) => {
    const managedWh = contracted.reduce(
      (sum, { utilities }, p) => sum + leastOf(utilities, t) + WH_PER_KWH * drawnOf(p, t, solution.valueOf),
      0,
    );
    const loadWh = fixedWh + managedWh;
    const importWh = WH_PER_KWH * solution.valueOf(`m${t}`);
    const { lowestMicroPerKwh, highestMicroPerKwh } = priceBounds(terms);
    // Of several prices that support an optimum the solver gives one; none is outside the bounds.
    const value = Math.min(Math.max(solution.dualOf(`balance${t}`), lowestMicroPerKwh), highestMicroPerKwh);
    const localWh = Math.min(Math.max(0, loadWh - importWh), capacityWh);
    const paid = localWh * value + (loadWh - localWh) * terms.upstreamMicroPerKwh;
    return { loadWh, importWh, valueMicroPerKwh: value, paidMicroPerKwh: loadWh > 0 ? paid / loadWh : value };
  });
}

function leastOf(utilities: readonly Utility[], t: number): number {
  return utilities[t]?.leastWh ?? 0;
}

/** What a prosumer draws beyond the least, kWh: the parts of its curve, less what it postpones, with what comes back. */
function drawnOf(p: number, t: number, primalOf: (variable: string) => number): number {
  let drawn = primalOf(`i${p}_${t}`) - primalOf(`o${p}_${t}`);
  for (let k = 0; k < PARTS; k += 1) drawn += primalOf(`q${p}_${t}_${k}`);
  return drawn;
}

type Term = readonly [factor: number, variable: string];

function writeProgramme(slots: readonly CentralSlot[], contracted: readonly Contracted[]): string {
  const objective: Term[] = slots.flatMap(({ terms }, t): Term[] => [
    [-terms.upstreamMicroPerKwh, `m${t}`],
    [Math.max(0, priceBounds(terms).lowestMicroPerKwh), `x${t}`],
  ]);
  const bounds = slots.map(({ capacityWh }, t) => ` 0 <= x${t} <= ${capacityWh / WH_PER_KWH}`);
  for (const [p, { utilities, roomWh }] of contracted.entries())
    for (const [t, utility] of utilities.entries()) {
      const part = (utility.mostWh - utility.leastWh) / PARTS;
      for (let k = 0; k < PARTS; k += 1) {
        objective.push([
          marginalValueMicroPerKwh(utility, utility.leastWh + (k + 0.5) * part),
          `q${p}_${t}_${k}`,
        ]);
        bounds.push(` 0 <= q${p}_${t}_${k} <= ${part / WH_PER_KWH}`);
      }
      bounds.push(` 0 <= i${p}_${t} <= ${roomWh / WH_PER_KWH}`);
    }
  return [
    "Maximize",
    ` obj:${termsOf(objective)}`,
    "Subject To",
    ...slots.map((slot, t) => balanceRow(slot, t, contracted)),
    ...contracted.flatMap((_, p) => slots.flatMap((_slot, t) => shiftRows(p, t, slots.length))),
    "Bounds",
    ...bounds,
    "End",
  ].join("\n");
}

/** All that is drawn, less import, with what is sold upstream, is local generation; the row's dual is what a kWh is worth. */
function balanceRow(
  { fixedWh, capacityWh }: CentralSlot,
  t: number,
  contracted: readonly Contracted[],
): string {
  const drawn = contracted.flatMap((_, p): Term[] => [
    ...Array.from({ length: PARTS }, (_part, k): Term => [1, `q${p}_${t}_${k}`]),
    [-1, `o${p}_${t}`],
    [1, `i${p}_${t}`],
  ]);
  const leastWh = contracted.reduce((sum, { utilities }) => sum + leastOf(utilities, t), 0);
  const right = (capacityWh - fixedWh - leastWh) / WH_PER_KWH;
  return ` balance${t}:${termsOf([...drawn, [-1, `m${t}`], [1, `x${t}`]])} = ${right}`;
}

/** Of what is above the least, the shiftable share may wait: `O` and `I` are what went out and came back up to a slot. */
function shiftRows(p: number, t: number, slots: number): string[] {
  const { shiftedShare, shiftHours } = TWO_STAGE_CASE;
  const name = `${p}_${t}`;
  const parts = Array.from({ length: PARTS }, (_, k): Term => [-shiftedShare, `q${name}_${k}`]);
  const before = (letter: string): Term[] => (t === 0 ? [] : [[-1, `${letter}${p}_${t - 1}`]]);
  const back = Math.min(t + shiftHours, slots - 1);
  return [
    ` share${name}:${termsOf([[1, `o${name}`], ...parts])} <= 0`,
    ` out${name}:${termsOf([[1, `O${name}`], [-1, `o${name}`], ...before("O")])} = 0`,
    ` in${name}:${termsOf([[1, `I${name}`], [-1, `i${name}`], ...before("I")])} = 0`,
    ` later${name}:${termsOf([[1, `I${name}`], ...before("O")])} <= 0`,
    ` back${name}:${termsOf([
      [1, `I${p}_${back}`],
      [-1, `O${name}`],
    ])} >= 0`,
  ];
}

function termsOf(sum: readonly Term[]): string {
  return sum.map(([factor, name]) => ` ${factor < 0 ? "-" : "+"} ${Math.abs(factor)} ${name}`).join("\n");
}

/** The aggregator's programme could not be solved. */
export class CentralisedError extends DomainError {
  readonly code = "centralised";
}
