/** What the supplier pays for exported and asks for imported energy, micro per kWh. */
export type TariffPrices = {
  readonly feedInMicroPerKwh: number;
  readonly retailMicroPerKwh: number;
};

/** The supplier's tariff, published ahead of every interval; index 0 is the scenario's first interval (R3.9, R5.6). */
export type Tariff = { at(index: number): TariffPrices };
