import type { FastifyRequest } from "fastify";
import type { Address } from "#kernel/crypto/hex.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import type { AreaParties, Registered } from "./directory.ts";
import type { Session } from "./sessions.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Of the one who sent the request; null when nobody is signed in. */
    session: Session | null;
  }
}

/**
 * Who asks, as the chain knows the address now: a session proves the address only, so that an account or an area that is
 * registered, moved or taken away counts from the next request on.
 */
export type Viewer = {
  readonly address: Address;
  /** The account with this address; null when there is none. */
  readonly participant: Registered | null;
  readonly operatedAreas: readonly AreaParties[];
};

/** Something that belongs to an account in an area; null where an account is in none. */
type Belonging = { readonly account: number; readonly areaId: number | null };

type Access = Pick<ApiContext, "directory">;

/** Who is signed in; null when nobody is. */
export async function findViewer({ directory }: Access, { session }: FastifyRequest): Promise<Viewer | null> {
  if (session === null) return null;
  const { address } = session;
  const areas = await directory.areas();
  return {
    address,
    participant: await directory.byAddress(address),
    operatedAreas: areas.filter(({ operator }) => operator === address),
  };
}

/** Whether it is the viewer's own, or of an area that the viewer operates (R7.20). */
export function maySee(viewer: Viewer | null, { account, areaId }: Belonging): boolean {
  if (viewer === null) return false;
  const isOwn = viewer.participant?.account === account;
  return isOwn || viewer.operatedAreas.some((area) => area.areaId === areaId || isPartyOf(area, account));
}

/** Whether the account is the viewer's own, or of an area that the viewer operates. */
export function maySeeAccount(
  viewer: Viewer | null,
  { account, areaIds }: Pick<Registered, "account" | "areaIds">,
): boolean {
  return [null, ...areaIds].some((areaId) => maySee(viewer, { account, areaId }));
}

/** A participant as somebody may see it; `shownAreaIds` are the areas whose lines those are, undefined for all. */
export type Shown = Registered & { readonly shownAreaIds: readonly number[] | undefined };

/**
 * The participant, for the owner of the account, who sees all of it, or the operator of its areas, who sees what is of them.
 *
 * @throws SignInRequiredError, NotYoursError; NotFoundError when nobody has the account
 */
export async function requireOwner(
  context: Access,
  request: FastifyRequest,
  account: number,
): Promise<Shown> {
  const viewer = await requireViewer(context, request);
  const participant = await requireParticipant(context, account);
  if (!maySeeAccount(viewer, participant)) throw new NotYoursError(`account ${account}`);
  const isOwn = viewer.participant?.account === account;
  return {
    ...participant,
    shownAreaIds: isOwn ? undefined : viewer.operatedAreas.map(({ areaId }) => areaId),
  };
}

/**
 * Who asks, when it operates an area: `areaId`, or any.
 *
 * @throws SignInRequiredError, NotYoursError
 */
export async function requireOperator(
  context: Access,
  request: FastifyRequest,
  areaId?: number,
): Promise<Viewer> {
  const viewer = await requireViewer(context, request);
  const isOperator = viewer.operatedAreas.some((area) => areaId === undefined || area.areaId === areaId);
  if (!isOperator) throw new NotYoursError(areaId === undefined ? "any area" : `area ${areaId}`);
  return viewer;
}

/** @throws NotFoundError when nobody has the account */
export async function requireParticipant({ directory }: Access, account: number): Promise<Registered> {
  const [participant] = await directory.among([account]);
  if (!participant) throw new NotFoundError(`participant with account ${account}`);
  return participant;
}

async function requireViewer(context: Access, request: FastifyRequest): Promise<Viewer> {
  const viewer = await findViewer(context, request);
  if (viewer === null) throw new SignInRequiredError();
  return viewer;
}

/** The supplier, the grid operator and the fund of an area trade in none. */
function isPartyOf({ supplier, dso, fund }: AreaParties, account: number): boolean {
  return [supplier, dso, fund].includes(account);
}

export class SignInRequiredError extends DomainError {
  readonly code = "signInRequired";

  constructor() {
    super("this is shown only to its owner and the operator: sign in first");
  }
}

export class NotYoursError extends DomainError {
  readonly code = "notYours";

  constructor(what: string) {
    super(`you neither own nor operate ${what}`);
  }
}
