import { createServer } from "node:http";
import { listenAt } from "#platform/system/listenAt.ts";
import type { VenClient } from "./venClient.ts";

/** A listener on loopback that a VTN on this machine tells of events. */
export type EventListener = {
  /** Resolves with the next notification, or after so many ms. */
  next(withinMs: number): Promise<void>;
  /** Ends the subscription, where the VTN still answers, and the listener. */
  close(): Promise<void>;
};

/** Opens a listener, and subscribes it to whatever happens to events. A notification only says that it is time to ask. */
export async function subscribeToEvents(client: VenClient, clientName: string): Promise<EventListener> {
  const waiting = new Set<() => void>();
  let isNews = false;
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200).end());
    if (request.method !== "POST") return;
    isNews = true;
    for (const wake of [...waiting]) wake();
  });
  const port = await listenAt(server, { host: "127.0.0.1", port: 0 });
  const subscription = await client.create("SUBSCRIPTION", {
    clientName,
    objectOperations: [
      {
        objects: ["EVENT"],
        operations: ["CREATE", "UPDATE"],
        callbackUrl: `http://127.0.0.1:${port}/events`,
      },
    ],
  });
  return {
    async next(withinMs) {
      if (!isNews)
        await new Promise<void>((resolve) => {
          const wake = () => {
            clearTimeout(timer);
            waiting.delete(wake);
            resolve();
          };
          const timer = setTimeout(wake, withinMs);
          waiting.add(wake);
        });
      isNews = false;
    },
    async close() {
      await client.remove("SUBSCRIPTION", subscription.id).catch(() => undefined);
      for (const wake of [...waiting]) wake();
      server.closeAllConnections();
      await new Promise<void>((closed) => {
        server.close(() => closed());
      });
    },
  };
}
