import type { Address } from "#kernel/crypto/hex.ts";
import { type AddressBook, addressOf, type ContractSpec } from "#platform/chain/contractSpec.ts";
import { type Call, contractCall } from "#platform/chain/sender.ts";
import { areaRegistryBytecode, meterLedgerBytecode } from "./bytecode.generated.ts";
import { meterLedgerContract } from "./contracts.generated.ts";
import { areaEvents, ledgerEvents } from "./events.ts";

export const meterLedger: ContractSpec = {
  ...ledgerEvents,
  ...meterLedgerBytecode,
  construct: ["registry"],
};

export const areaRegistry: ContractSpec = {
  ...areaEvents,
  ...areaRegistryBytecode,
  construct: ["registry", "meterLedger"],
};

/** Lets a contract claim readings for a purpose; the administrator's to send. */
export function admitClaimantCall(
  contracts: AddressBook,
  { purpose, claimant }: { readonly purpose: number; readonly claimant: Address },
): Call {
  return contractCall({
    address: addressOf({ contracts }, "meterLedger"),
    abi: meterLedgerContract.abi,
    functionName: "admitClaimant",
    args: [purpose, claimant],
  });
}
