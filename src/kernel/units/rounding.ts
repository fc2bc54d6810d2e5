/**
 * Integer division with its rounding in the name. `divisor` must be positive; the dividend may have either sign.
 * Up is towards +∞, down towards −∞, so that a payer's amount rounds up and a payee's (negative) amount rounds down in
 * size with the same function.
 */
export function divideRoundingUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend > 0n && quotient * divisor !== dividend ? quotient + 1n : quotient;
}

/** See {@link divideRoundingUp}; rounds towards −∞. */
export function divideRoundingDown(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient;
}
