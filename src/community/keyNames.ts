/** Names of the keys of a community in its keyring, whatever its kind. */
export const keyNames = {
  operator: "operator",
  meterGateway: "meterGateway",
  registrar: "registrar",
  certifier: "certifier",
  supplier: "supplier",
  gridOperator: "gridOperator",
  fund: "fund",
  home: (id: string) => `home ${id}`,
  device: (id: string) => `device ${id}`,
} as const;
