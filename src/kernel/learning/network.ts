import { assert } from "#kernel/units/assert.ts";
import { normalDeviate, type Random } from "#kernel/units/random.ts";

/**
 * A network of fully connected layers, rectified between them and linear at its end, on flat arrays of 64 bits.
 *
 * @property sizes units a layer, from inputs to outputs
 * @property weights of all layers, one after the other; layer l has sizes[l + 1] rows of sizes[l] weights and a bias
 */
export type Network = { readonly sizes: readonly number[]; readonly weights: Float64Array };

/** Memory for one pass through a network of these sizes: what each layer gives, and the error that comes back to it. */
export type Pass = { readonly outputs: readonly Float64Array[]; readonly errors: readonly Float64Array[] };

/** A network with random weights of He's deviation, √(2 / inputs of the layer), and no bias. */
export function createNetwork(sizes: readonly number[], random: Random): Network {
  assert(
    sizes.length >= 2 && sizes.every((size) => Number.isInteger(size) && size > 0),
    `sizes ${sizes} are no layers`,
  );
  const weights = new Float64Array(countWeights(sizes));
  let at = 0;
  for (let layer = 1; layer < sizes.length; layer += 1) {
    const inputs = sizes[layer - 1] as number;
    const deviation = Math.sqrt(2 / inputs);
    for (let unit = 0; unit < (sizes[layer] as number); unit += 1) {
      for (let input = 0; input < inputs; input += 1) weights[at++] = deviation * normalDeviate(random);
      at += 1;
    }
  }
  return { sizes, weights };
}

export function createPass({ sizes }: Network): Pass {
  return {
    outputs: sizes.map((size) => new Float64Array(size)),
    errors: sizes.map((size) => new Float64Array(size)),
  };
}

/** Gives the network's outputs for `inputs`; they stand in `pass` until it is used again. */
export function runForward({ sizes, weights }: Network, inputs: ArrayLike<number>, pass: Pass): Float64Array {
  const [first] = pass.outputs as [Float64Array];
  first.set(inputs);
  let at = 0;
  for (let layer = 1; layer < sizes.length; layer += 1) {
    const [from, to] = [pass.outputs[layer - 1] as Float64Array, pass.outputs[layer] as Float64Array];
    const isLast = layer === sizes.length - 1;
    for (let unit = 0; unit < to.length; unit += 1) {
      let sum = 0;
      for (let input = 0; input < from.length; input += 1)
        sum += (weights[at++] as number) * (from[input] as number);
      sum += weights[at++] as number;
      to[unit] = isLast || sum > 0 ? sum : 0;
    }
  }
  return pass.outputs.at(-1) as Float64Array;
}

/**
 * Adds to `gradient`, which is as long as the weights, the derivatives of an error whose derivatives by the outputs are `outputErrors`.
 * `pass` must hold the forward run of the same inputs.
 */
export function runBackward(
  { sizes, weights }: Network,
  {
    outputErrors,
    pass,
    gradient,
  }: { readonly outputErrors: ArrayLike<number>; readonly pass: Pass; readonly gradient: Float64Array },
): void {
  (pass.errors.at(-1) as Float64Array).set(outputErrors);
  let end = weights.length;
  for (let layer = sizes.length - 1; layer >= 1; layer -= 1) {
    const from = pass.outputs[layer - 1] as Float64Array;
    const [back, error] = [pass.errors[layer - 1] as Float64Array, pass.errors[layer] as Float64Array];
    const row = from.length + 1;
    const start = end - row * error.length;
    back.fill(0);
    for (let unit = 0; unit < error.length; unit += 1) {
      const of = error[unit] as number;
      if (of === 0) continue;
      const at = start + unit * row;
      for (let input = 0; input < from.length; input += 1) {
        gradient[at + input] = (gradient[at + input] as number) + of * (from[input] as number);
        back[input] = (back[input] as number) + of * (weights[at + input] as number);
      }
      gradient[at + from.length] = (gradient[at + from.length] as number) + of;
    }
    // Through the rectifier: what gave nothing takes no part.
    if (layer > 1)
      for (let input = 0; input < from.length; input += 1) if ((from[input] as number) <= 0) back[input] = 0;
    end = start;
  }
}

function countWeights(sizes: readonly number[]): number {
  return sizes.slice(1).reduce((sum, size, i) => sum + size * ((sizes[i] as number) + 1), 0);
}
