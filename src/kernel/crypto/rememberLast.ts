/** A function that remembers its last result of each value. */
export type Remembering<Value extends object, Context, Result> = {
  (value: Value, context: Context): Result;
  /** Gives a copy, with the same fields as far as the function reads them, what is known of the value that it was made of. */
  carry<Copy extends Value>(value: Value, copy: Copy): Copy;
  /** Takes over what was computed elsewhere, in another thread, of a value with the same fields. */
  adopt(value: Value, context: Context, result: Result): void;
};

/**
 * `compute` with a memory of one result a value: that of the last context, as long as the value lives. For what is dear to
 * compute of data that nobody changes, so that it goes with the data through a process. A copy has no memory of its own:
 * anyone who makes one with other fields is answered anew.
 */
export function rememberLast<Value extends object, Context, Result>(
  compute: (value: Value, context: Context) => Result,
  isSame: (a: Context, b: Context) => boolean,
): Remembering<Value, Context, Result> {
  const known = new WeakMap<Value, { readonly context: Context; readonly result: Result }>();
  const ask = (value: Value, context: Context): Result => {
    const last = known.get(value);
    if (last && isSame(last.context, context)) return last.result;
    const result = compute(value, context);
    known.set(value, { context, result });
    return result;
  };
  const carry = <Copy extends Value>(value: Value, copy: Copy): Copy => {
    const last = known.get(value);
    if (last) known.set(copy, last);
    return copy;
  };
  const adopt = (value: Value, context: Context, result: Result) => {
    known.set(value, { context, result });
  };
  return Object.assign(ask, { carry, adopt });
}

/** Whether two lists of bytes are the same. */
export function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || (a.length === b.length && a.every((byte, i) => byte === b[i]));
}
