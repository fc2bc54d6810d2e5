import type { z } from "zod";
import type { MemberPlace } from "#domains/accounts/rules/seat.ts";
import { listMembers } from "#domains/metering/queries/members.ts";
import { type AreaView, listAreas, termsAt } from "#domains/pool/queries/areas.ts";
import { agentsWire, type agentWire, newAgentWire } from "#domains/pool/wireAgent.ts";
import { outsideBandText } from "#kernel/units/bandWords.ts";
import { DomainError } from "#kernel/units/domainError.ts";
import { intervalAt } from "#kernel/units/interval.ts";
import type { Api } from "#platform/api/apiContext.ts";
import { findViewer, NotYoursError, requireOwner } from "#platform/api/identity/access.ts";
import { NotFoundError } from "#platform/api/problem.ts";
import { describeRoute } from "#platform/api/routeSchema.ts";
import { accountParams } from "#platform/api/wire.ts";
import type { PoolContext } from "./poolContext.ts";

/** The settings of a home's agent: its owner's standing order. The operator reads them and can't set them. */
export function addAgents(app: Api, context: PoolContext): void {
  const path = "/v1/participants/:account/agents";
  const answer = { body: agentsWire };
  app.get(
    path,
    {
      schema: {
        params: accountParams,
        ...describeRoute("participants", "What the agents of a participant's homes are told", answer),
      },
    },
    async (request) => {
      const { account } = request.params;
      await requireOwner(context, request, account);
      return { agents: await agentsOf(context, account) };
    },
  );
  app.put(
    path,
    {
      schema: {
        params: accountParams,
        body: newAgentWire,
        ...describeRoute(
          "participants",
          "Tell the agent of a home what to order, from the next gate on",
          answer,
        ),
      },
    },
    async (request) => {
      const { account } = request.params;
      await requireOwner(context, request, account);
      const viewer = await findViewer(context, request);
      if (viewer?.participant?.account !== account) throw new NotYoursError(`account ${account}`);
      const { areaId, member, ...settings } = request.body;
      requireSettable(await agentsOf(context, account), request.body, context.currency);
      context.agents.set({ areaId, member }, settings);
      return { agents: await agentsOf(context, account) };
    },
  );
}

type Agent = z.infer<typeof agentWire>;

async function agentsOf(context: PoolContext, account: number): Promise<Agent[]> {
  const areas = new Map((await listAreas(context.store.db)).map((area) => [area.areaId, area]));
  const members = await listMembers(context.store.db, [account]);
  return members.flatMap(({ areaId, member, meterId, retiredAt }) => {
    const area = areas.get(areaId);
    return area && meterId !== null && retiredAt === null
      ? [agentBody(context, area, { areaId, member })]
      : [];
  });
}

function agentBody({ agents, now }: PoolContext, area: AreaView, place: MemberPlace): Agent {
  const { floorMicroPerKwh, ceilingMicroPerKwh } = termsAt(area, intervalAt(now(), area.intervalSeconds));
  const newest = agents.newest(place);
  return {
    ...place,
    isThere: agents.isThere(place),
    floorMicroPerKwh: String(floorMicroPerKwh),
    ceilingMicroPerKwh: String(ceilingMicroPerKwh),
    settings: newest && {
      leastOfferMicroPerKwh: newest.leastOfferMicroPerKwh,
      mostBidMicroPerKwh: newest.mostBidMicroPerKwh,
      isPaused: newest.isPaused,
      since: newest.setAt,
    },
  };
}

/** @throws NotFoundError, NoAgentError, AgentPriceError */
function requireSettable(
  agents: readonly Agent[],
  wanted: z.infer<typeof newAgentWire>,
  currency: string,
): void {
  const { areaId, member, leastOfferMicroPerKwh, mostBidMicroPerKwh } = wanted;
  const agent = agents.find((each) => each.areaId === areaId && each.member === member);
  if (agent === undefined) throw new NotFoundError(`member ${member} of area ${areaId} in this account`);
  if (!agent.isThere) throw new NoAgentError(member);
  for (const price of [leastOfferMicroPerKwh, mostBidMicroPerKwh]) {
    const isOutside = (limit: number) =>
      BigInt(limit) < BigInt(agent.floorMicroPerKwh) || BigInt(limit) > BigInt(agent.ceilingMicroPerKwh);
    if (price !== null && isOutside(price)) throw new AgentPriceError(price, agent, currency);
  }
}

export class NoAgentError extends DomainError {
  readonly code = "noAgent";

  constructor(member: number) {
    super(`no agent of this community orders for member ${member}: a standing order needs one`);
  }
}

export class AgentPriceError extends DomainError {
  readonly code = "agentPrice";

  constructor(price: number, { floorMicroPerKwh, ceilingMicroPerKwh }: Agent, currency: string) {
    const band = { floor: BigInt(floorMicroPerKwh), ceiling: BigInt(ceilingMicroPerKwh), unit: "kWh" };
    super(outsideBandText({ ...band, currency, micro: BigInt(price) }));
  }
}
