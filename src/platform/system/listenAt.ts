import type { AddressInfo, Server } from "node:net";

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/** Whether only this machine reaches a host. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

/** Opens a server at an address, port 0 for a free one, and gives the port; rejects when it can't be opened there. */
export function listenAt(
  server: Server,
  place: { readonly host: string; readonly port: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(place, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
