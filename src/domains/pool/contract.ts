import { admitMarketCall } from "#domains/accounts/contract.ts";
import { admitClaimantCall } from "#domains/metering/contract.ts";
import { ENERGY_PURPOSE } from "#domains/metering/rules/purposes.ts";
import { addressOf, type ContractSpec } from "#platform/chain/contractSpec.ts";
import {
  poolClearingLibBytecode,
  poolCorrectionLibBytecode,
  poolMarketBytecode,
  poolSettlementLibBytecode,
  poolTermsLibBytecode,
} from "./bytecode.generated.ts";
import {
  poolClearingLibContract,
  poolCorrectionLibContract,
  poolSettlementLibContract,
  poolTermsLibContract,
} from "./contracts.generated.ts";
import { poolEvents } from "./events.ts";

export const poolTermsLib: ContractSpec = {
  name: "poolTermsLib",
  ...poolTermsLibContract,
  ...poolTermsLibBytecode,
};

export const poolClearingLib: ContractSpec = {
  name: "poolClearingLib",
  ...poolClearingLibContract,
  ...poolClearingLibBytecode,
};

export const poolSettlementLib: ContractSpec = {
  name: "poolSettlementLib",
  ...poolSettlementLibContract,
  ...poolSettlementLibBytecode,
};

export const poolCorrectionLib: ContractSpec = {
  name: "poolCorrectionLib",
  ...poolCorrectionLibContract,
  ...poolCorrectionLibBytecode,
};

export const poolMarket: ContractSpec = {
  ...poolEvents,
  ...poolMarketBytecode,
  construct: ["areaRegistry", "clearingHouse", "meterLedger"],
  grants: (contracts) => {
    const market = addressOf({ contracts }, "poolMarket");
    return [
      admitMarketCall(contracts, market),
      admitClaimantCall(contracts, { purpose: ENERGY_PURPOSE, claimant: market }),
    ];
  },
};
