/** A network with whole capacities. Arc e has its reverse in e ^ 1; a residual is what may still flow. */
export type FlowNetwork = {
  readonly nodes: number;
  readonly addArc: (from: number, to: number, capacity: number) => number;
  readonly residual: (arc: number) => number;
  readonly setResidual: (arc: number, capacity: number) => void;
  /** Sends at most `limit` more from one node to another, rerouting what flows already, and gives what was sent. */
  readonly push: (from: number, to: number, limit: number) => number;
  /** The residuals now, and back to them. */
  readonly save: () => readonly number[];
  readonly restore: (residuals: readonly number[]) => void;
};

/** An empty network of so many nodes; flows are found by Dinic's algorithm (1970), and are whole since capacities are. */
export function createFlowNetwork(nodes: number): FlowNetwork {
  const heads: number[] = [];
  const residuals: number[] = [];
  const arcsOf: number[][] = Array.from({ length: nodes }, () => []);
  const at = (values: readonly number[], index: number) => values[index] ?? 0;
  const graph: Graph = { heads, residuals, arcsOf };
  return {
    nodes,
    addArc(from, to, capacity) {
      const arc = heads.length;
      heads.push(to, from);
      residuals.push(capacity, 0);
      arcsOf[from]?.push(arc);
      arcsOf[to]?.push(arc + 1);
      return arc;
    },
    residual: (arc) => at(residuals, arc),
    setResidual(arc, capacity) {
      residuals[arc] = capacity;
    },
    push: (from, to, limit) => pushFlow(graph, { from, to, limit }),
    save: () => [...residuals],
    restore(saved) {
      for (const [arc, value] of saved.entries()) residuals[arc] = value;
    },
  };
}

type Graph = {
  readonly heads: readonly number[];
  readonly residuals: number[];
  readonly arcsOf: readonly (readonly number[])[];
};

type Search = { readonly to: number; readonly levels: Int32Array; readonly next: Int32Array };

function pushFlow(graph: Graph, { from, to, limit }: { from: number; to: number; limit: number }): number {
  let sent = 0;
  while (sent < limit) {
    const levels = levelsFrom(graph, from, to);
    if ((levels[to] ?? -1) < 0) break;
    const search: Search = { to, levels, next: new Int32Array(graph.arcsOf.length) };
    for (;;) {
      const more = advance(graph, search, { node: from, limit: limit - sent });
      if (more === 0) break;
      sent += more;
    }
  }
  return sent;
}

/** Fewest arcs from a node to each other one; −1 where none leads. */
function levelsFrom({ heads, residuals, arcsOf }: Graph, from: number, to: number): Int32Array {
  const levels = new Int32Array(arcsOf.length).fill(-1);
  const queue = [from];
  levels[from] = 0;
  for (let i = 0; i < queue.length && (levels[to] ?? 0) < 0; i += 1) {
    const node = queue[i] ?? from;
    for (const arc of arcsOf[node] ?? []) {
      const head = heads[arc] ?? 0;
      if ((residuals[arc] ?? 0) <= 0 || (levels[head] ?? 0) >= 0) continue;
      levels[head] = (levels[node] ?? 0) + 1;
      queue.push(head);
    }
  }
  return levels;
}

/** One path along rising levels; 0 when there is none left. As deep as a path is long. */
function advance(graph: Graph, search: Search, { node, limit }: { node: number; limit: number }): number {
  if (node === search.to || limit === 0) return limit;
  const arcs = graph.arcsOf[node] ?? [];
  for (let i = search.next[node] ?? 0; i < arcs.length; i += 1) {
    search.next[node] = i;
    const arc = arcs[i] ?? 0;
    const [head, room] = [graph.heads[arc] ?? 0, graph.residuals[arc] ?? 0];
    if (room <= 0 || search.levels[head] !== (search.levels[node] ?? 0) + 1) continue;
    const sent = advance(graph, search, { node: head, limit: Math.min(limit, room) });
    if (sent === 0) continue;
    graph.residuals[arc] = room - sent;
    graph.residuals[arc ^ 1] = (graph.residuals[arc ^ 1] ?? 0) + sent;
    return sent;
  }
  search.next[node] = arcs.length;
  return 0;
}
