import type { Address, Hex } from "#kernel/crypto/hex.ts";

/** Whom a key of the demonstration stands for; `account` is null for an operator, who has none. */
export type DemonstrationRole = {
  readonly address: Address;
  readonly account: number | null;
  readonly name: string;
  readonly role:
    | "home"
    | "station"
    | "driver"
    | "chargingOperator"
    | "operator"
    | "supplier"
    | "gridOperator"
    | "fund";
};

/** A request by EIP-1193 to the key of `address`; `params` as a page gives them. */
export type WalletRequest = {
  readonly address: string;
  readonly method: "personal_sign" | "eth_signTypedData_v4" | "eth_sendTransaction";
  readonly params: readonly unknown[];
};

/** Answers with a signature or a transaction's hash; the keys never leave it. */
export type DemonstrationWallet = {
  readonly roles: readonly DemonstrationRole[];
  /**
   * @throws WalletRefusedError for an address, a contract or a form that the wallet does not answer; ContractRefusalError
   *   when a contract refuses the call
   */
  request(request: WalletRequest): Promise<Hex>;
};
