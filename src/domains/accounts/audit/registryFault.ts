import type { AccountsEvent } from "#domains/accounts/events.ts";

type RegistryEvent = Extract<AccountsEvent, { readonly contract: "registry" }>;

/** An event of the registry about an account. */
export type AccountEvent = Exclude<RegistryEvent, { readonly kind: "membershipsSet" }>;

/** What is wrong with an event of the registry; `finding` is a sentence without its place. */
export type RegistryFault = { readonly rule: string; readonly finding: string };
