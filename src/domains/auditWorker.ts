import { parentPort, workerData } from "node:worker_threads";
import { present } from "#kernel/units/assert.ts";
import { serveRanges } from "#platform/audit/serveRanges.ts";
import { connectBatching, connectNetwork } from "#platform/chain/network.ts";
import type { WorkerTask } from "./audit.ts";
import { blocksAhead } from "./audit.ts";
import { openAuditArchives } from "./auditArchives.ts";

/** A worker thread of the audit: reads blocks, and computes what needs no history. */
const { rpcUrl, archives, ...task } = workerData as WorkerTask;
const network = await connectNetwork({ rpcUrl, expectedChainId: task.deployment.chainId });
const client = await connectBatching(network);
const sources = openAuditArchives(archives);
serveRanges(present(parentPort, "the port of a worker"), blocksAhead({ client, ...task, ...sources }));
