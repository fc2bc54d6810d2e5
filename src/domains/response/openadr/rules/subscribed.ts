import type { ObjectType, Subscription, VtnObject } from "../model/objects.ts";
import { programOf } from "./matches.ts";
import { hasTarget, seenBy, type Viewer } from "./sight.ts";

/** Where a client wants to be told, and with which token of its own. */
export type Callback = { readonly url: string; readonly bearerToken: string | null };

/** What happened to an object, as a subscriber may hear of it. */
export type News = { readonly operation: "CREATE" | "UPDATE" | "DELETE"; readonly object: VtnObject };

/**
 * What a subscription tells its client of a change, and where: nothing of what the client may not see, of another program, or without one of
 * the subscription's targets (OpenADR 3.1, subscriptions and object privacy). Reads are not told of.
 */
export function newsFor(
  subscription: Subscription,
  {
    news,
    viewer,
    programOfEvent,
  }: {
    readonly news: News;
    readonly viewer: Viewer;
    readonly programOfEvent: (eventID: string) => string | null;
  },
): { readonly news: News; readonly callbacks: readonly Callback[] } | null {
  const object = seenBy(viewer, news.object);
  if (object === null) return null;
  const { programID, targets, objectOperations } = subscription;
  if (programID !== undefined && programOf(object, { programOf: programOfEvent }) !== programID) return null;
  if (object.objectType !== "REPORT" && !hasTarget(object, targets ?? [])) return null;
  const callbacks = objectOperations
    .filter((each) => isAskedFor(each, object.objectType, news.operation))
    .map(({ callbackUrl, bearerToken }) => ({ url: callbackUrl, bearerToken: bearerToken ?? null }));
  return callbacks.length === 0 ? null : { news: { ...news, object }, callbacks };
}

function isAskedFor(
  { objects, operations }: Subscription["objectOperations"][number],
  type: ObjectType,
  operation: News["operation"],
): boolean {
  return objects.includes(type) && operations.includes(operation);
}
