import type { AreaFlow, FlowHistory, HomeFlow } from "#domains/metering/flows.ts";
import type { IntervalId } from "#kernel/units/interval.ts";
import type { Community } from "#world/households/community.ts";

/** Intervals of one block of memory, and what all blocks may take: more than a year of a thousand homes' hours. */
const BLOCK_INTERVALS = 96;
const MAX_BYTES = 256 * 2 ** 20;
const FIELDS = 4;
const BYTES_A_VALUE = 4;

/** A history of homes with consecutive numbers from `firstMember` on; the oldest intervals are dropped when it is full. */
export function createFlowHistory({
  homes,
  firstMember,
}: {
  homes: number;
  firstMember: number;
}): FlowHistory {
  const rowValues = homes * FIELDS;
  const maxBlocks = Math.max(2, Math.floor(MAX_BYTES / (BLOCK_INTERVALS * rowValues * BYTES_A_VALUE)));
  const blocks = new Map<number, { readonly values: Int32Array; readonly known: Set<IntervalId> }>();
  let newest: IntervalId | null = null;

  const rowOf = (intervalId: IntervalId): Int32Array | null => {
    const block = blocks.get(Math.floor(intervalId / BLOCK_INTERVALS));
    if (!block?.known.has(intervalId)) return null;
    const at = (intervalId % BLOCK_INTERVALS) * rowValues;
    return block.values.subarray(at, at + rowValues);
  };
  const openRow = (intervalId: IntervalId): Int32Array => {
    const number = Math.floor(intervalId / BLOCK_INTERVALS);
    const block = blocks.get(number) ?? {
      values: new Int32Array(BLOCK_INTERVALS * rowValues),
      known: new Set<IntervalId>(),
    };
    blocks.set(number, block);
    block.known.add(intervalId);
    const [oldest] = blocks.keys();
    if (blocks.size > maxBlocks && oldest !== undefined) blocks.delete(oldest);
    const at = (intervalId % BLOCK_INTERVALS) * rowValues;
    return block.values.subarray(at, at + rowValues);
  };
  const homeAt = (row: Int32Array, home: number): HomeFlow => {
    const [loadWh = 0, pvWh = 0, movedWh = 0, storedWh = 0] = row.subarray(
      home * FIELDS,
      (home + 1) * FIELDS,
    );
    return { member: firstMember + home, loadWh, pvWh, movedWh, storedWh };
  };

  return {
    record(intervalId, flows) {
      const row = openRow(intervalId);
      for (const { member, loadWh, pvWh, movedWh, storedWh } of flows)
        row.set([loadWh, pvWh, movedWh, storedWh], (member - firstMember) * FIELDS);
      newest = Math.max(newest ?? intervalId, intervalId);
    },
    newest: () => newest,
    area(intervalId) {
      const row = rowOf(intervalId);
      return row && sumArea(Array.from({ length: homes }, (_, home) => homeAt(row, home)));
    },
    home(intervalId, member) {
      const row = rowOf(intervalId);
      const home = member - firstMember;
      return row && home >= 0 && home < homes ? homeAt(row, home) : null;
    },
  };
}

/** Σ of the homes; what they exchange with one another stays inside the area. */
function sumArea(flows: readonly HomeFlow[]): AreaFlow {
  const sums = { loadWh: 0, pvWh: 0, chargedWh: 0, dischargedWh: 0, storedWh: 0 };
  let [importWh, exportWh] = [0, 0];
  for (const { loadWh, pvWh, movedWh, storedWh } of flows) {
    sums.loadWh += loadWh;
    sums.pvWh += pvWh;
    sums.chargedWh += Math.max(movedWh, 0);
    sums.dischargedWh += Math.max(-movedWh, 0);
    sums.storedWh += storedWh;
    const meterWh = loadWh - pvWh + movedWh;
    importWh += Math.max(meterWh, 0);
    exportWh += Math.max(-meterWh, 0);
  }
  const localWh = Math.min(importWh, exportWh);
  return { ...sums, gridImportWh: importWh - localWh, gridExportWh: exportWh - localWh, localWh };
}

/** A community whose deliveries are recorded as they happen. */
export function withFlowHistory(community: Community, history: FlowHistory): Community {
  return {
    ...community,
    deliver(intervalId, positions) {
      const readings = community.deliver(intervalId, positions);
      history.record(intervalId, community.flows());
      return readings;
    },
  };
}
