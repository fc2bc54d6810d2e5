import type { FastifyRequest } from "fastify";
import type { ApiContext } from "#platform/api/apiContext.ts";
import { findViewer, maySeeAccount } from "./access.ts";
import type { Names } from "./names.ts";

/** The names that the reader may know: the own, an operator those of its area, in a demonstration everybody all. */
export async function visibleNames(context: ApiContext, request: FastifyRequest): Promise<Names> {
  const { directory, accountNames, demonstration } = context;
  if (demonstration !== null) return accountNames;
  const viewer = await findViewer(context, request);
  if (viewer === null) return new Map();
  const participants = await directory.among([...accountNames.keys()]);
  const visible = new Set(
    participants.filter((each) => maySeeAccount(viewer, each)).map(({ account }) => account),
  );
  return new Map([...accountNames].filter(([account]) => visible.has(account)));
}
