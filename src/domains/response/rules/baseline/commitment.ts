import { type Hex, toHex, wordOf } from "#kernel/crypto/hex.ts";
import { keccak256, keccak256Text } from "#kernel/crypto/typedData.ts";
import type { BaselineInputs } from "./baselineInputs.ts";
import { BASELINE_VERSION, type BaselineMethod } from "./baselineMethod.ts";
import { type ComputedBaseline, computeBaseline } from "./computeBaseline.ts";
import { type BaselineRefusal, refuseBaseline } from "./likeDays.ts";

const TAG = keccak256Text("commonwatt.baseline.v1");

/**
 * What is fixed before an event begins: the method with its parameters, all that it may look at, and the code.
 *
 * @property hash keccak256 over the tag, the version, the method's hash and the inputs' hash, 32 bytes each
 */
export type BaselineCommitment = {
  readonly method: BaselineMethod["name"];
  readonly version: number;
  readonly inputsHash: Hex;
  readonly hash: Hex;
};

/** The commitment to a baseline (R8.38). The order in which fields or holidays are written makes no difference; any value does. */
export function commitmentOf(method: BaselineMethod, inputs: BaselineInputs): BaselineCommitment {
  const methodHash = keccak256Text(JSON.stringify(Object.entries(method).sort(byName)));
  const inputsHash = keccak256Text(JSON.stringify(fieldsOf(inputs)));
  return {
    method: method.name,
    version: BASELINE_VERSION,
    inputsHash: toHex(inputsHash),
    hash: toHex(keccak256(TAG, wordOf(BASELINE_VERSION), methodHash, inputsHash)),
  };
}

/** The baseline that was committed to; a refusal where method, inputs or code are others than those. */
export function computeCommitted(
  commitment: Pick<BaselineCommitment, "hash">,
  method: BaselineMethod,
  inputs: BaselineInputs,
): ComputedBaseline | BaselineRefusal {
  const { hash } = commitmentOf(method, inputs);
  if (hash !== commitment.hash)
    return refuseBaseline(
      "otherCommitment",
      `${inputs.date}: ${method.name} with these inputs has the commitment ${hash}, and ${commitment.hash} was made`,
    );
  return computeBaseline(method, inputs);
}

/** Values in an order of their own. */
function fieldsOf(inputs: BaselineInputs): readonly unknown[] {
  const { intervalSeconds, date, from, until, noticeAt, days, holidays, beforeNoticeWh, temperatureC } =
    inputs;
  return [
    intervalSeconds,
    date,
    from,
    until,
    noticeAt,
    days.map((day) => [day.date, day.energyWh, day.temperatureC, day.hasEvent]),
    [...new Set(holidays)].sort(),
    beforeNoticeWh,
    temperatureC,
  ];
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
