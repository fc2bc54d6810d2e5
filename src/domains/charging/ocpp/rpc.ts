import ocppRpc from "ocpp-rpc";

/** What we use of the library: a CommonJS module, of which Node sees some exports by name and others not. */
export const { RPCClient, RPCServer, RPCError, createRPCError } = ocppRpc;

export type RPCClient = InstanceType<typeof RPCClient>;
export type RPCServer = InstanceType<typeof RPCServer>;
