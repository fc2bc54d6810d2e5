import { type Abi, decodeErrorResult, type Hex } from "viem";
import { DomainError } from "#kernel/units/domainError.ts";

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

/** Turns revert data into the error that a contract raised, as the interface of the called contract names it. */
export function refusalOf(
  { label, abi = [] }: { readonly label: string; readonly abi?: Abi },
  data: Hex | undefined,
): ContractRefusalError {
  if (!data || data === "0x") return new ContractRefusalError(label, "no reason given", {});
  return decode(label, abi, data) ?? new ContractRefusalError(label, data, {});
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
