/** Numbered accounts of every community: the operators first, then the homes in the scenario's order. */
export const SUPPLIER_ACCOUNT = 1;
export const DSO_ACCOUNT = 2;
export const FUND_ACCOUNT = 3;
export const FIRST_HOME_ACCOUNT = 4;
