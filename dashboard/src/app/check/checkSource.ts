import type { NodeOf } from "./nodeOf.ts";

/** Where a check had the chain's part from: this server's copy, or a node. */
export type CheckSource = "server" | NodeOf;

/** What an address that was typed in means for the check; null as long as it is no address. */
export function sourceHint(node: NodeOf | null): string | null {
  switch (node) {
    case "gateway":
      return "This is this server’s own gateway: it passes on what this server wants to show. A check against it is no independent one. Give the address of a node that you or somebody else runs.";
    case "sameHost":
      return "This address is on this server’s own machine: who runs the server may run it too. A check against it is no independent one.";
    case "elsewhere":
      return "This address is not this server’s. Your check is independent of this server if other people run that node.";
    case null:
      return null;
  }
}

/** What the outcome of a check rests on. */
export function sourceWords(source: CheckSource): string {
  switch (source) {
    case "server":
      return "All data came from this server: what it claims fits together. That the chain says the same was not asked.";
    case "gateway":
      return "The chain’s part came from this server’s own gateway, so no independent node was asked.";
    case "sameHost":
      return "The chain’s part came from this server’s own machine, so no independent node was asked.";
    case "elsewhere":
      return "The chain’s part came from a node at another address than this server’s.";
  }
}

/** Whether a second party was asked at all. */
export function isIndependent(source: CheckSource): boolean {
  return source === "elsewhere";
}
