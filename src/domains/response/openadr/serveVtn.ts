import type { AddressInfo } from "node:net";
import { DomainError } from "#kernel/units/domainError.ts";
import { isLoopback } from "#platform/system/listenAt.ts";
import { createVtnServer } from "./http/vtnServer.ts";
import type { CallbackPolicy } from "./notify/callbackPolicy.ts";
import { openVtn, type VtnOptions } from "./vtn.ts";
import type { VtnDesk } from "./vtnDesk.ts";

/** A VTN that answers; `url` is where on this machine. */
export type ServedVtn = {
  readonly url: string;
  readonly desk: VtnDesk;
  /** No client is registered yet. */
  readonly hasNoClient: boolean;
  close(): Promise<void>;
};

export type VtnAddress = {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How clients reach the VTN, where a proxy with TLS stands before it; null where they reach it itself. */
  readonly publicUrl: string | null;
};

/**
 * Opens the VTN of a directory and its HTTP server. It speaks without TLS, so that it is reached on loopback, or through a proxy.
 * Without `callbacks` a VTN that has a public address proves each callback, and one that has none calls this machine too.
 *
 * @throws InsecureVtnError beyond loopback without a public address over TLS
 */
export async function serveVtn(
  { host, port, publicUrl }: VtnAddress,
  options: Omit<VtnOptions, "callbacks"> & { readonly callbacks?: CallbackPolicy | undefined },
): Promise<ServedVtn> {
  if (!isLoopback(host) && !publicUrl?.startsWith("https://")) throw new InsecureVtnError(host);
  const callbacks = options.callbacks ?? (publicUrl === null ? "local" : "proven");
  const vtn = openVtn({ ...options, callbacks });
  let url = "";
  const tokenUrl = () => `${(publicUrl ?? url).replace(/\/$/, "")}/auth/token`;
  const app = await createVtnServer(vtn, { tokenUrl });
  const close = async () => {
    await app.close();
    await vtn.close();
  };
  try {
    await app.listen({ host, port });
  } catch (error) {
    await close();
    throw error;
  }
  const name = host.includes(":") ? `[${host}]` : host;
  url = `http://${name}:${(app.server.address() as AddressInfo).port}`;
  return { url, desk: vtn.desk, hasNoClient: vtn.clients.isEmpty(), close };
}

export class InsecureVtnError extends DomainError {
  readonly code = "insecureVtn";

  constructor(host: string) {
    super(
      `a VTN on ${host} would take secrets in the clear: put a proxy with TLS before it and say its address, https://…, as the public one`,
    );
  }
}
