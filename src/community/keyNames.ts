/** Names of the keys of a community in its keyring. */
export const keyNames = {
  operator: "operator",
  meterGateway: "meterGateway",
  registrar: "registrar",
  certifier: "certifier",
  supplier: "supplier",
  gridOperator: "gridOperator",
  fund: "fund",
  home: (id: string) => `home ${id}`,
  station: (id: string) => `station ${id}`,
  chargingOperator: "chargingOperator",
  driver: "driver",
  /** The sealed meter in a charging station, and what a charger shows at the central system. */
  module: (id: string) => `module ${id}`,
  charger: (id: string) => `charger ${id}`,
  device: (id: string) => `device ${id}`,
} as const;
