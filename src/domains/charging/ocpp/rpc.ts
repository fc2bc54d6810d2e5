import type ocppRpc from "ocpp-rpc";

/** The library of OCPP-J. It reads the schemas of three versions when it loads, which other commands need not wait for. */
export async function loadRpc(): Promise<typeof ocppRpc> {
  // A CommonJS module, of which Node sees some exports by name and others not.
  return (await import("ocpp-rpc")).default;
}
