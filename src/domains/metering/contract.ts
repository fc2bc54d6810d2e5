import type { Address } from "#kernel/crypto/hex.ts";
import { type AddressBook, addressOf, type ContractSpec } from "#platform/chain/contractSpec.ts";
import { type Call, contractCall } from "#platform/chain/sender.ts";
import { meterLedgerBytecode } from "./bytecode.generated.ts";
import { meterLedgerContract } from "./contracts.generated.ts";
import { ledgerEvents } from "./events.ts";

/** Purpose of a claim that uses the metered energy (MeterLedger.ENERGY). */
export const ENERGY_PURPOSE = 1;

export const meterLedger: ContractSpec = {
  ...ledgerEvents,
  ...meterLedgerBytecode,
  construct: (contracts) => [addressOf({ contracts }, "registry")],
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
