import { join } from "node:path";
import { type AgentBook, createAgentBook } from "#domains/pool/agentBook.ts";
import { isPool } from "../areaScenario.ts";
import type { CommunityNode } from "../communityNode.ts";
import { firstOf } from "../runningCommunities.ts";
import { openAgentFile } from "./agentFile.ts";

/** Every home of a simulated community has an agent; what members told it is kept beside the chain. */
export function openAgents(nodes: readonly CommunityNode[], now: () => number): AgentBook {
  const homes = new Map(
    nodes.map(({ founded, scenario }) => [
      founded.areaId,
      new Set(isPool(scenario) && !scenario.isMetered ? scenario.homes.map(({ member }) => member) : []),
    ]),
  );
  return createAgentBook({
    isThere: ({ areaId, member }) => homes.get(areaId)?.has(member) ?? false,
    now,
    ...openAgentFile(join(firstOf(nodes).folder, "agents.json")),
  });
}
