/** Names of the keys of a depot in its community's keyring, beside those that every community has. */
export const depotKeys = {
  station: (id: string) => `station ${id}`,
  chargingOperator: "chargingOperator",
  driver: "driver",
  /** The sealed meter in a charging station, and what a charger shows at the central system. */
  module: (id: string) => `module ${id}`,
  charger: (id: string) => `charger ${id}`,
} as const;
