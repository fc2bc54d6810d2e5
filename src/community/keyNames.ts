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
  device: (id: string) => `device ${id}`,
} as const;
