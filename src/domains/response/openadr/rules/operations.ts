import type { ObjectType } from "../model/objects.ts";

/** Scopes of a token, as OpenADR 3.1.1 names them; `read_bl` stands at operations there and is not among its definitions. */
export const SCOPES = [
  "read_all",
  "read_bl",
  "read_targets",
  "read_ven_objects",
  "write_programs",
  "write_events",
  "write_reports",
  "write_subscriptions",
  "write_vens",
] as const;
export type Scope = (typeof SCOPES)[number];

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** What a request asks for, its address with the names of its parameters in braces. */
export type Operation = {
  readonly method: Method;
  readonly path: string;
  /** Null where a client need not say who it is. */
  readonly scope: Scope | null;
  readonly subject: Subject;
};

export type Subject =
  | { readonly kind: "objects"; readonly objectType: ObjectType }
  | { readonly kind: "object"; readonly objectType: ObjectType; readonly idName: string }
  | { readonly kind: "notifiers" | "topics" | "authServer" | "token" };

type Collection = {
  readonly objectType: ObjectType;
  readonly path: string;
  readonly idName: string;
  readonly read: Scope;
  readonly write: Scope;
};

const COLLECTIONS: readonly Collection[] = [
  {
    objectType: "PROGRAM",
    path: "/programs",
    idName: "programID",
    read: "read_targets",
    write: "write_programs",
  },
  { objectType: "EVENT", path: "/events", idName: "eventID", read: "read_targets", write: "write_events" },
  {
    objectType: "REPORT",
    path: "/reports",
    idName: "reportID",
    read: "read_ven_objects",
    write: "write_reports",
  },
  {
    objectType: "SUBSCRIPTION",
    path: "/subscriptions",
    idName: "subscriptionID",
    read: "read_ven_objects",
    write: "write_subscriptions",
  },
  { objectType: "VEN", path: "/vens", idName: "venID", read: "read_ven_objects", write: "write_vens" },
  {
    objectType: "RESOURCE",
    path: "/resources",
    idName: "resourceID",
    read: "read_ven_objects",
    write: "write_vens",
  },
];

const TOPICS: readonly (readonly [string, Scope])[] = [
  ["programs", "read_all"],
  ["programs/{programID}", "read_all"],
  ["events", "read_bl"],
  ["programs/{programID}/events", "read_all"],
  ["reports", "read_bl"],
  ["subscriptions", "read_bl"],
  ["vens", "read_bl"],
  ["vens/{venID}", "read_ven_objects"],
  ["resources", "read_bl"],
  ["vens/{venID}/events", "read_ven_objects"],
  ["vens/{venID}/programs", "read_ven_objects"],
  ["vens/{venID}/resources", "read_ven_objects"],
];

/** All operations of OpenADR 3.1.1, each with its scope. */
export const OPERATIONS: readonly Operation[] = [
  ...COLLECTIONS.flatMap(operationsOf),
  { method: "GET", path: "/auth/server", scope: null, subject: { kind: "authServer" } },
  { method: "POST", path: "/auth/token", scope: null, subject: { kind: "token" } },
  { method: "GET", path: "/notifiers", scope: "read_all", subject: { kind: "notifiers" } },
  ...TOPICS.map(
    ([topic, scope]): Operation => ({
      method: "GET",
      path: `/notifiers/mqtt/topics/${topic}`,
      scope,
      subject: { kind: "topics" },
    }),
  ),
];

function operationsOf({ objectType, path, idName, read, write }: Collection): Operation[] {
  const objects: Subject = { kind: "objects", objectType };
  const object: Subject = { kind: "object", objectType, idName };
  const one = `${path}/{${idName}}`;
  return [
    { method: "GET", path, scope: read, subject: objects },
    { method: "POST", path, scope: write, subject: objects },
    { method: "GET", path: one, scope: read, subject: object },
    { method: "PUT", path: one, scope: write, subject: object },
    { method: "DELETE", path: one, scope: write, subject: object },
  ];
}

const isRead = (scope: Scope) => scope.startsWith("read_");

/**
 * Whether scopes suffice for an operation. Business logic, which has `read_all`, reads whatever is read. At the addresses of notifiers
 * `read_all` means that all who read anything may come: every VEN has to find out there how it can be told, and
 * the description knows no "forbidden" there.
 */
export function suffices(scopes: ReadonlySet<Scope>, needed: Scope): boolean {
  if (scopes.has(needed)) return true;
  if (!isRead(needed)) return false;
  return scopes.has("read_all") || (needed === "read_all" && [...scopes].some(isRead));
}

/** The scopes that clients of each role have unless they are given others. */
export const SCOPES_OF_ROLE = {
  business: SCOPES.filter((scope) => scope !== "write_reports"),
  ven: ["read_targets", "read_ven_objects", "write_reports", "write_subscriptions", "write_vens"],
} as const satisfies Record<string, readonly Scope[]>;
export type Role = keyof typeof SCOPES_OF_ROLE;
