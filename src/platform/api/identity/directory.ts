/** An account as the API needs it to tell whose something is. */
export type Registered = {
  readonly account: number;
  /** Address of its owner, in lower case. */
  readonly owner: string;
  /** The areas that it is a member of, rising. */
  readonly areaIds: readonly number[];
  /** Whether it has a metering point in use, and so something to trade. */
  readonly hasMeter: boolean;
};

/** Who operates an area, and the accounts that are parties of it without trading there. */
export type AreaParties = {
  readonly areaId: number;
  readonly operator: string;
  readonly supplier: number;
  readonly dso: number;
  readonly fund: number;
};

/** Who is registered, and who operates which area, as the chain knows it now. */
export type Directory = {
  /** The account that an address, in lower case, owns. */
  byAddress(address: string): Promise<Registered | null>;
  /** The registered ones among some accounts, which are few, in no order. */
  among(accounts: readonly number[]): Promise<readonly Registered[]>;
  areas(): Promise<readonly AreaParties[]>;
};
