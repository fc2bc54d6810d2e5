import { admitMarketCall } from "#domains/accounts/contract.ts";
import { admitClaimantCall, ENERGY_PURPOSE } from "#domains/metering/contract.ts";
import { addressOf, type ContractSpec } from "#platform/chain/contractSpec.ts";
import { poolMarketBytecode, poolSettlementLibBytecode, poolTermsLibBytecode } from "./bytecode.generated.ts";
import { poolSettlementLibContract, poolTermsLibContract } from "./contracts.generated.ts";
import { poolEvents } from "./events.ts";

export const poolTermsLib: ContractSpec = {
  name: "poolTermsLib",
  ...poolTermsLibContract,
  ...poolTermsLibBytecode,
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
    ["areaRegistry", "clearingHouse", "meterLedger"].map((name) => addressOf({ contracts }, name)),
  grants: (contracts) => {
    const market = addressOf({ contracts }, "poolMarket");
    return [
      admitMarketCall(contracts, market),
      admitClaimantCall(contracts, { purpose: ENERGY_PURPOSE, claimant: market }),
    ];
  },
};
