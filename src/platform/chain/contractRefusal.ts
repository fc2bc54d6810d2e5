import { type Abi, decodeErrorResult, type Hex } from "viem";
import { DomainError } from "#kernel/units/domainError.ts";
import { clearingHouseContract, poolMarketContract, testTokenContract } from "./contracts.generated.ts";

/**
 * A contract refused a call. `refusal` is the name of the Solidity error (contracts/src/libraries/Errors.sol), `values`
 * its arguments by name, which carry their units.
 */
export class ContractRefusalError extends DomainError {
  readonly code = "contractRefusal";
  readonly refusal: string;
  readonly values: Readonly<Record<string, string>>;

  constructor(call: string, refusal: string, values: Readonly<Record<string, string>>) {
    const list = Object.entries(values).map(([name, value]) => `${name} ${value}`);
    super(`${call} was refused: ${refusal}${list.length > 0 ? ` (${list.join(", ")})` : ""}`);
    this.refusal = refusal;
    this.values = values;
  }
}

/** Turns revert data into the error that the contract raised. */
export function refusalOf(call: string, data: Hex | undefined): ContractRefusalError {
  if (data && data !== "0x") {
    for (const abi of [poolMarketContract.abi, clearingHouseContract.abi, testTokenContract.abi] as Abi[]) {
      const refusal = decode(call, abi, data);
      if (refusal) return refusal;
    }
  }
  return new ContractRefusalError(call, data && data !== "0x" ? data : "no reason given", {});
}

function decode(call: string, abi: Abi, data: Hex): ContractRefusalError | null {
  try {
    const { errorName, args, abiItem } = decodeErrorResult({ abi, data });
    const inputs = "inputs" in abiItem ? (abiItem.inputs ?? []) : [];
    const values = inputs.map((input, i) => [input.name ?? `argument ${i}`, String(args?.[i])]);
    return new ContractRefusalError(call, errorName, Object.fromEntries(values));
  } catch {
    return null;
  }
}
