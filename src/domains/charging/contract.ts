import { admitMarketCall } from "#domains/accounts/contract.ts";
import { addressOf, type ContractSpec } from "#platform/chain/contractSpec.ts";
import {
  chargingSessionsBytecode,
  quotaClearingLibBytecode,
  quotaMarketBytecode,
  quotaSettlementLibBytecode,
  quotaTermsLibBytecode,
} from "./bytecode.generated.ts";
import {
  quotaClearingLibContract,
  quotaSettlementLibContract,
  quotaTermsLibContract,
} from "./contracts.generated.ts";
import { quotaEvents } from "./events.ts";
import { sessionEvents } from "./sessionEvents.ts";

export const quotaTermsLib: ContractSpec = {
  name: "quotaTermsLib",
  ...quotaTermsLibContract,
  ...quotaTermsLibBytecode,
};

export const quotaClearingLib: ContractSpec = {
  name: "quotaClearingLib",
  ...quotaClearingLibContract,
  ...quotaClearingLibBytecode,
};

export const quotaSettlementLib: ContractSpec = {
  name: "quotaSettlementLib",
  ...quotaSettlementLibContract,
  ...quotaSettlementLibBytecode,
};

/** It claims no energy: a fee on what a station drew sells no kWh, so that the same import may be settled by a pool. */
export const quotaMarket: ContractSpec = {
  ...quotaEvents,
  ...quotaMarketBytecode,
  construct: ["areaRegistry", "clearingHouse", "meterLedger"],
  grants: (contracts) => [admitMarketCall(contracts, addressOf({ contracts }, "quotaMarket"))],
};

/** Sessions and their money: what a driver's wallet is held for, charged and given back. */
export const chargingSessions: ContractSpec = {
  ...sessionEvents,
  ...chargingSessionsBytecode,
  construct: ["areaRegistry", "clearingHouse"],
  grants: (contracts) => [admitMarketCall(contracts, addressOf({ contracts }, "chargingSessions"))],
};
