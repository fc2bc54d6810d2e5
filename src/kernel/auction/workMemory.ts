/**
 * Memory that grows and is kept between calls: pages fresh from the system cost a clearing more than its own work on
 * them. Each taker is for one purpose of one module, holds what the last call left there, and never leaves the module
 * that made it; results are given in arrays of their own.
 */
export type Take<TypedArray> = (length: number) => TypedArray;

/** Takes the same whole numbers of 32 bits again and again. */
export function reuseUint32(): Take<Uint32Array> {
  let memory = new Uint32Array(0);
  return (length) => {
    if (memory.length < length) memory = new Uint32Array(roomFor(length));
    return memory.subarray(0, length);
  };
}

/** Takes the same doubles again and again. */
export function reuseFloat64(): Take<Float64Array> {
  let memory = new Float64Array(0);
  return (length) => {
    if (memory.length < length) memory = new Float64Array(roomFor(length));
    return memory.subarray(0, length);
  };
}

/** A power of two, so that slowly growing books do not ask the system again each time. */
function roomFor(length: number): number {
  return 2 ** Math.ceil(Math.log2(length));
}
