import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Api, ApiContext } from "#platform/api/apiContext.ts";

export const RPC_PATH = "/rpc";

/** What reads the chain, or sends a transaction that its sender signed. Nothing that administers the node. */
const METHODS: ReadonlySet<string> = new Set([
  "eth_blockNumber",
  "eth_call",
  "eth_chainId",
  "eth_estimateGas",
  "eth_feeHistory",
  "eth_gasPrice",
  "eth_getBalance",
  "eth_getBlockByHash",
  "eth_getBlockByNumber",
  "eth_getBlockReceipts",
  "eth_getCode",
  "eth_getLogs",
  "eth_getStorageAt",
  "eth_getTransactionByHash",
  "eth_getTransactionCount",
  "eth_getTransactionReceipt",
  "eth_maxPriorityFeePerGas",
  "eth_sendRawTransaction",
  "net_version",
  "web3_clientVersion",
]);

/** A transaction of 120 kB is twice as long in hexadecimal digits; a batch may have some of them. */
const MAX_BODY_BYTES = 1_048_576;
/** Calls a request: what a page asks at once, and a node answers within its time. */
const MAX_BATCH = 100;
const TIMEOUT_MS = 20_000;

/** Any page may ask, since nobody is known here: no cookie is sent along, and a transaction carries its own signature. */
const OPEN_TO_ALL = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
} as const;
const PREFLIGHT = {
  "access-control-allow-methods": "POST",
  "access-control-allow-headers": "content-type",
  "access-control-max-age": "86400",
} as const;

/** Codes of JSON-RPC 2.0 §5.1. */
const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;
const METHOD_NOT_FOUND = -32_601;
const INTERNAL_ERROR = -32_603;

/**
 * The chain for everybody (R6.3): an auditor or a wallet in a browser reads blocks here without the methods that
 * administer the node. Errors are in the form of JSON-RPC.
 */
export function addRpc(app: Api, { network }: ApiContext): void {
  app.options(RPC_PATH, { schema: { hide: true } }, async (_request, reply) =>
    reply
      .headers({ ...OPEN_TO_ALL, ...PREFLIGHT })
      .code(204)
      .send(),
  );
  app.post(
    RPC_PATH,
    {
      bodyLimit: MAX_BODY_BYTES,
      onRequest: async (_request, reply) => void reply.headers(OPEN_TO_ALL),
      errorHandler: (error, _request, reply) => answerFault(reply, error),
      schema: {
        tags: ["chain"],
        summary:
          "The chain by JSON-RPC: methods that read, and eth_sendRawTransaction; from pages of any site",
        body: z
          .unknown()
          .describe("A call of JSON-RPC 2.0, or a list of at most 100")
          .meta({ example: CALL_EXAMPLE }),
        response: {
          200: z.unknown().describe("Its answer, or theirs").meta({ example: ANSWER_EXAMPLE }),
          "4xx": z
            .unknown()
            .describe("Not a request of JSON-RPC; the error in its form")
            .meta({ example: REFUSAL_EXAMPLE }),
          "5xx": z
            .unknown()
            .describe("The chain does not answer; the error in its form")
            .meta({ example: FAULT_EXAMPLE }),
        },
      },
    },
    async ({ body }) =>
      Array.isArray(body) ? answerBatch(network.rpcUrl, body) : answerOne(network.rpcUrl, body),
  );
}

/* As the documentation shows them. */
const CALL_EXAMPLE = { jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] };
const ANSWER_EXAMPLE = { jsonrpc: "2.0", id: 1, result: "0xf47" };
const REFUSAL_EXAMPLE = {
  jsonrpc: "2.0",
  id: null,
  error: { code: PARSE_ERROR, message: "not JSON" },
};
const FAULT_EXAMPLE = {
  jsonrpc: "2.0",
  id: 1,
  error: { code: INTERNAL_ERROR, message: "the chain gave no answer" },
};

const callShape = z.object({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string().max(100), z.number(), z.null()]),
  method: z.string().max(100),
  params: z.array(z.unknown()).optional().default([]),
});
type Call = z.infer<typeof callShape>;
type Id = Call["id"];
type Answer = { readonly jsonrpc: "2.0"; readonly id: Id } & (
  | { readonly result: unknown }
  | { readonly error: { readonly code: number; readonly message: string } }
);

async function answerOne(rpcUrl: string, body: unknown): Promise<Answer> {
  const [answer] = await answerAll(rpcUrl, [body]);
  return answer ?? refuse(null, INTERNAL_ERROR, "no answer");
}

async function answerBatch(rpcUrl: string, bodies: readonly unknown[]): Promise<Answer | Answer[]> {
  if (bodies.length === 0) return refuse(null, INVALID_REQUEST, "an empty batch");
  if (bodies.length > MAX_BATCH)
    return refuse(null, INVALID_REQUEST, `more than ${MAX_BATCH} calls in a batch`);
  return answerAll(rpcUrl, bodies);
}

/** Passes the allowed calls on, under numbers of our own, since a client may give an id twice. */
async function answerAll(rpcUrl: string, bodies: readonly unknown[]): Promise<Answer[]> {
  const judged = bodies.map(judge);
  const calls = judged.flatMap((each, number) => ("method" in each ? [{ ...each, id: number }] : []));
  const answers = calls.length === 0 ? new Map<number, NodeAnswer>() : await askNode(rpcUrl, calls);
  return judged.map((each, number) => {
    if (!("method" in each)) return each;
    const { id } = each;
    const answer = answers.get(number);
    if (!answer) return refuse(id, INTERNAL_ERROR, "the chain gave no answer");
    return answer.error === undefined
      ? { jsonrpc: "2.0", id, result: answer.result ?? null }
      : { jsonrpc: "2.0", id, error: answer.error };
  });
}

/** The call, or why it is none that is passed on. */
function judge(body: unknown): Call | Answer {
  const { success, data } = callShape.safeParse(body);
  if (!success) return refuse(null, INVALID_REQUEST, "not a call of JSON-RPC 2.0 with an id");
  if (METHODS.has(data.method)) return data;
  return refuse(data.id, METHOD_NOT_FOUND, `the method ${data.method} is not offered here`);
}

const nodeAnswer = z.object({
  id: z.int(),
  result: z.unknown().optional(),
  error: z.object({ code: z.int(), message: z.string(), data: z.unknown().optional() }).optional(),
});
type NodeAnswer = z.infer<typeof nodeAnswer>;

async function askNode(rpcUrl: string, calls: readonly Call[]): Promise<ReadonlyMap<number, NodeAnswer>> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(calls),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answers = z.array(nodeAnswer).parse(await response.json());
  return new Map(answers.map((answer) => [answer.id, answer]));
}

function refuse(id: Id, code: number, message: string): Answer {
  return { jsonrpc: "2.0", id, error: { code, message } };
}

/** What came before the call could be read is the client's fault; all else the chain's, of which nothing is told. */
function answerFault(reply: FastifyReply, { statusCode }: { readonly statusCode?: number }): FastifyReply {
  const isClients = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
  const body = isClients
    ? refuse(null, PARSE_ERROR, statusCode === 413 ? "more than 1 MiB" : "the request can't be read as JSON")
    : refuse(null, INTERNAL_ERROR, "the chain does not answer");
  return reply
    .code(isClients ? statusCode : 503)
    .type("application/json; charset=utf-8")
    .serializer((value: unknown) => JSON.stringify(value))
    .send(body);
}
