/** An account as the API needs it to tell whose something is. */
export type Registered = {
  readonly account: number;
  readonly address: string;
  /** The area that it is metered in; null where it is in none. */
  readonly areaId: number | null;
  readonly meterId: string | null;
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
  /** The account that an address, in lower case, answers for. */
  byAddress(address: string): Promise<Registered | null>;
  /** The registered ones among some accounts, which are few, in no order. */
  among(accounts: readonly number[]): Promise<readonly Registered[]>;
  areas(): Promise<readonly AreaParties[]>;
};
