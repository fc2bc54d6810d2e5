import { assert } from "#kernel/units/assert.ts";
import { divideRoundingUp } from "#kernel/units/rounding.ts";

const WEI_PER_ETHER = 10n ** 18n;
/** 100 tokens of 10⁶ micro are 1 CNY, whatever an ether costs (R9.12). */
const TOKENS_PER_CNY = 100n;

/**
 * What tokens cost in wei when an ether is `cnyMicroPerEther` micro CNY: rounded up, so that 100 tokens are never less than
 * 1 CNY (R9.12).
 */
export function weiFor({
  tokenMicro,
  cnyMicroPerEther,
}: {
  readonly tokenMicro: bigint;
  readonly cnyMicroPerEther: bigint;
}): bigint {
  assert(cnyMicroPerEther > 0n, `an ether of ${cnyMicroPerEther} micro CNY buys nothing`);
  return divideRoundingUp(tokenMicro * WEI_PER_ETHER, TOKENS_PER_CNY * cnyMicroPerEther);
}
