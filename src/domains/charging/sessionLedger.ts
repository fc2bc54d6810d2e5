import type { Address, Hex } from "#kernel/crypto/hex.ts";
import { openArchive } from "#platform/store/archive.ts";
import { groupCommit } from "#platform/store/groupCommit.ts";
import type { SignedHold } from "./chargingSessions.ts";
import { hourOf } from "./sessionArchive.ts";
import type { ChargingSession } from "./sessions/chargingSession.ts";
import type { Invoice } from "./sessions/invoice.ts";
import type { PublishedTariff } from "./sessions/publishedTariff.ts";
import type { SessionStatement } from "./sessions/sessionStatement.ts";
import type { ChargingTariff } from "./sessions/tariff.ts";

/** What a driver gave before it charged. */
export type HeldSession = {
  /** The session's name on the chain. */
  readonly id: Hex;
  /** What the driver shows at the station; the beginning of the name. */
  readonly idToken: string;
  /** As OCPP names the station, and as the chain does. */
  readonly stationId: string;
  readonly stationHash: Hex;
  readonly salt: Hex;
  readonly hold: SignedHold;
  readonly tariff: ChargingTariff;
  readonly published: PublishedTariff;
};

/** What a session came to. */
export type InvoicedSession = {
  readonly id: Hex;
  readonly session: ChargingSession;
  readonly invoice: Invoice;
  readonly statement: SessionStatement;
  /** The invoice's total, or the hold where that is less. */
  readonly amountMicro: bigint;
  readonly invoiceHash: Hex;
};

/** The module's signature of a session's statement. */
export type SignedSession = { readonly id: Hex; readonly moduleKey: Address; readonly signature: Hex };

/** All that the operator has of a session; null for what it has not yet. */
export type LedgerEntry = {
  readonly held: HeldSession;
  readonly invoiced: InvoicedSession | null;
  readonly signed: SignedSession | null;
  readonly isEnded: boolean;
};

/**
 * The operator's own book of sessions that go over the chain: what no chain has, and every proof needs. It is on the disk when a
 * call is done.
 */
export type SessionLedger = {
  hold(held: HeldSession): Promise<void>;
  invoice(invoiced: InvoicedSession): Promise<void>;
  sign(signed: SignedSession): Promise<void>;
  /** Nothing of it is in escrow any more. */
  end(id: Hex): Promise<void>;
  entry(id: Hex): LedgerEntry | null;
  ofToken(idToken: string): LedgerEntry | null;
  /** In the order in which they were held for. */
  entries(): readonly LedgerEntry[];
};

type LedgerItem = { readonly at: number } & (
  | { readonly kind: "held"; readonly of: HeldSession }
  | { readonly kind: "invoiced"; readonly of: InvoicedSession }
  | { readonly kind: "signed"; readonly of: SignedSession }
  | { readonly kind: "ended"; readonly of: { readonly id: Hex } }
);

/** A hold of two weeks, three days to dispute, two to answer, and as long again to look at the invoice. */
const REMEMBERED_SECONDS = 40 * 86_400;
const BIGINT = "$n";

/** Opens the ledger in `directory`, with what it holds of the last weeks; `now` in unix seconds. */
export function openSessionLedger(directory: string, now: () => number): SessionLedger {
  const archive = openArchive<LedgerItem>({
    directory,
    codec: { encode, decode },
    fileOf: ({ at }) => hourOf(at),
  });
  const entries = new Map<Hex, LedgerEntry>();
  const tokens = new Map<string, Hex>();
  const earliest = hourOf(Math.max(0, now() - REMEMBERED_SECONDS));
  for (const file of archive.files().filter((name) => name >= earliest))
    for (const item of archive.read(file)) take({ entries, tokens }, item);
  const commit = groupCommit<LedgerItem>((items) => archive.append(items));
  const add = async (item: LedgerItem) => {
    await commit(item);
    take({ entries, tokens }, item);
  };
  return {
    hold: (of) => add({ kind: "held", at: now(), of }),
    invoice: (of) => add({ kind: "invoiced", at: now(), of }),
    sign: (of) => add({ kind: "signed", at: now(), of }),
    end: (id) => add({ kind: "ended", at: now(), of: { id } }),
    entry: (id) => entries.get(id) ?? null,
    ofToken: (idToken) => entries.get(tokens.get(idToken) ?? "0x") ?? null,
    entries: () => [...entries.values()],
  };
}

/** What is known already stays: a second invoice of a session changes nothing. */
function take(
  { entries, tokens }: { readonly entries: Map<Hex, LedgerEntry>; readonly tokens: Map<string, Hex> },
  item: LedgerItem,
): void {
  const known = entries.get(item.of.id);
  if (item.kind === "held") {
    if (known !== undefined) return;
    entries.set(item.of.id, { held: item.of, invoiced: null, signed: null, isEnded: false });
    tokens.set(item.of.idToken, item.of.id);
    return;
  }
  if (known === undefined) return;
  const added = {
    ...(item.kind === "invoiced" && { invoiced: known.invoiced ?? item.of }),
    ...(item.kind === "signed" && { signed: known.signed ?? item.of }),
    ...(item.kind === "ended" && { isEnded: true }),
  };
  entries.set(item.of.id, { ...known, ...added });
}

function encode(item: LedgerItem): unknown {
  return JSON.parse(
    JSON.stringify(item, (_, value) => (typeof value === "bigint" ? { [BIGINT]: `${value}` } : value)),
  );
}

/** A packet fits its checksum, so that its items are those which were written. */
function decode(value: unknown): LedgerItem | null {
  if (typeof value !== "object" || value === null || !("kind" in value)) return null;
  return JSON.parse(JSON.stringify(value), (_, each) =>
    typeof each === "object" && each !== null && BIGINT in each ? BigInt(each[BIGINT]) : each,
  ) as LedgerItem;
}
