import { admitMarketCall } from "#domains/accounts/contract.ts";
import { admitClaimantCall, ENERGY_PURPOSE } from "#domains/metering/contract.ts";
import { addressOf, type ContractSpec } from "#platform/chain/contractSpec.ts";
import { poolAreaLibBytecode, poolMarketBytecode, poolSettlementLibBytecode } from "./bytecode.generated.ts";
import { poolAreaLibContract, poolSettlementLibContract } from "./contracts.generated.ts";
import { poolEvents } from "./events.ts";

export const poolAreaLib: ContractSpec = {
  name: "poolAreaLib",
  ...poolAreaLibContract,
  ...poolAreaLibBytecode,
};

export const poolSettlementLib: ContractSpec = {
  name: "poolSettlementLib",
  ...poolSettlementLibContract,
  ...poolSettlementLibBytecode,
};

export const poolMarket: ContractSpec = {
  ...poolEvents,
  ...poolMarketBytecode,
  construct: (contracts) =>
    ["registry", "clearingHouse", "meterLedger"].map((name) => addressOf({ contracts }, name)),
  grants: (contracts) => {
    const market = addressOf({ contracts }, "poolMarket");
    return [
      admitMarketCall(contracts, market),
      admitClaimantCall(contracts, { purpose: ENERGY_PURPOSE, claimant: market }),
    ];
  },
};
