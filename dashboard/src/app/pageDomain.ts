import type { RouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";
import type { CountWords } from "#platform/audit/replay.ts";
import type { Session, SessionState } from "./api/session.ts";
import type { IconName } from "./parts/Icon.tsx";

/**
 * What a field of expertise brings to the pages: plain data and functions. What it has not, it leaves out. The list that
 * names them, domains.ts, has each after those that it leans on.
 */
export type PageDomain = {
  readonly name: string;
  /** Its contract that holds margins, by its name in the deployment; a reader who trusts nobody begins at its address. */
  readonly market?: string;
  readonly pages?: readonly Page[];
  readonly accountCards?: readonly AccountCard[];
  readonly operatorCards?: readonly OperatorCard[];
  /** Answers of the API that change together: their name, and the form of their addresses. */
  readonly answers?: Readonly<Record<string, RegExp>>;
  /** The answers, its own or of the fields below, that can be others after an event of a kind. */
  readonly changedBy?: Readonly<Record<string, readonly string[]>>;
  /** Its answers that can be others after every event that changes anything. */
  readonly changedByAny?: readonly string[];
  readonly words?: DomainWords;
  /** What its audit counts, in words. */
  readonly counts?: CountWords;
  /** What a search can find of it, by the kind of hit. */
  readonly found?: Readonly<Record<string, FoundKind>>;
};

/** A page at its address. */
export type Page = {
  /** With names of its parts after a dollar: `/orders/$orderId`. */
  readonly path: string;
  readonly component: RouteComponent;
  /** Its place among the pages that the header leads to; the page at `/` is the first of them. */
  readonly tab?: {
    readonly label: string;
    readonly icon: IconName;
    /** Who is led to it, once it is known who looks; everybody where it is left out. */
    readonly isFor?: (session: Session | null) => boolean;
    /** Only where an answer of the API says that there is something to see; nobody is led to it before. */
    readonly asks?: {
      readonly path: string;
      readonly isShown: (body: unknown, session: Session | null) => boolean;
    };
  };
  /** What the footer calls it, where that leads to it. */
  readonly foot?: string;
};

/** What a field shows of one account: to its owner on "My energy", to everybody on the account's page. */
export type AccountCard = {
  readonly shownTo: "owner" | "everybody";
  readonly place: "main" | "side";
  readonly component: ComponentType<AccountCardProps>;
};

export type AccountCardProps = {
  readonly account: number;
  /** Who looks, where it is the account's owner; null for everybody else. */
  readonly owner: Owner | null;
  /** The time that the page shows, `[from, to)` in unix seconds; left out where a page shows all. */
  readonly during?: During | undefined;
};

export type During = { readonly from: number; readonly to: number };

export type Owner = { readonly state: SessionState; readonly session: Session };

/** What a field shows to the operator, below what needs a person; `calm` is a sentence where nothing does. */
export type OperatorCard = {
  readonly place: "calm" | "figures" | "main" | "side" | "rules";
  readonly component: ComponentType;
};

/** Plain words for names that the chain and the API use. */
export type DomainWords = {
  /** What an event says, by its kind. */
  readonly events?: Readonly<Record<string, string>>;
  /** What a transaction was for, by the function that it called. */
  readonly calls?: Readonly<Record<string, string>>;
  /** Why money of an account moved, by the movement's kind. */
  readonly movements?: Readonly<Record<string, string>>;
  /**
   * What a fact of an event is called, and how it is shown; under `kind.name` where one kind of event means something else
   * by the name.
   */
  readonly facts?: Readonly<Record<string, FactWords>>;
  /** Steps on the way of an order or a reading from its signature to its payment. */
  readonly steps?: Readonly<Record<string, string>>;
  /** How far an interval is, by its status. */
  readonly stages?: Readonly<Record<string, string>>;
  /** What a role owes, by the duty's name. */
  readonly duties?: Readonly<Record<string, string>>;
  /** What a contract is called, by its name in the deployment. */
  readonly contracts?: Readonly<Record<string, string>>;
  /** What an error of a contract says to the owner of an account, by its name. */
  readonly refusals?: Readonly<Record<string, RefusalWords>>;
};

export type FactWords = {
  /** Its name spelled out where there is none. */
  readonly name?: string;
  /** What its value is, where the name's unit does not say it; of `bits`, the number of them is shown. */
  readonly is?: "account" | "seat" | "time" | "permille" | "bits";
  /** Words for its values. */
  readonly values?: Readonly<Record<string, string>>;
};

/** An error's arguments as texts, by their place. */
export type RefusalArguments = {
  readonly money: (index: number) => string;
  readonly time: (index: number) => string;
};
export type RefusalWords = (args: RefusalArguments) => string;

/** How a hit of a search is shown. */
export type FoundKind = {
  readonly name: string;
} & (
  | { readonly address: (id: string) => FoundAddress }
  /** Shown in the list of hits itself. */
  | { readonly component: ComponentType<{ readonly id: string }> }
);

export type FoundAddress = { readonly to: string; readonly params: Readonly<Record<string, string>> };
