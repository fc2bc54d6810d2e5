/** Versions of the protocol that we speak, by the names of their WebSocket subprotocols; the one that we prefer first. */
export const OCPP_VERSIONS = ["ocpp2.0.1", "ocpp1.6"] as const;

export type OcppVersion = (typeof OCPP_VERSIONS)[number];
