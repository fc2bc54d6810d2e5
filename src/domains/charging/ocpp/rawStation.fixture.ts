import WebSocket, { type ClientOptions } from "ws";

/** A frame of OCPP-J, written by hand: what the product's own library would write or refuse does not matter here. */
export type Frame = readonly unknown[];

export type RawStation = {
  /** Sends a call and gives the frame that answers it. */
  call(method: string, parameters: unknown): Promise<Frame>;
  /** Sends any text. */
  send(text: string): void;
  /** The next frame with this message id. */
  answerTo(id: string): Promise<Frame>;
  /** The next call of a method from the central system, whether it came already or not. */
  called(method: string): Promise<{ readonly parameters: Record<string, unknown> }>;
  /** Resolves with the code with which the connection ended. */
  readonly closed: Promise<number>;
  terminate(): void;
};

/** What a station answers to a call: a result, or null for silence. */
export type Answer = (parameters: Record<string, unknown>, count: number) => unknown;

const ACCEPT: Answer = () => ({ status: "Accepted" });

/** Connects as a station; rejects with the HTTP status when it is refused. */
export async function connectRaw(
  url: string,
  {
    stationId,
    password,
    version = "ocpp1.6",
    answers = {},
    options = {},
  }: {
    stationId: string;
    password?: string;
    version?: string | string[];
    answers?: Record<string, Answer>;
    options?: ClientOptions;
  },
): Promise<RawStation> {
  const auth = password === undefined ? {} : { auth: `${stationId}:${password}` };
  const socket = new WebSocket(`${url}/${stationId}`, version, { ...auth, ...options });
  const frames = waiting<Frame>();
  const calls = waiting<{ parameters: Record<string, unknown> }>();
  const counts = new Map<string, number>();
  socket.on("message", (data) => {
    const frame = JSON.parse(data.toString()) as [number, string, string, Record<string, unknown>];
    const [type, id, method, parameters] = frame;
    if (type !== 2) return frames.put(id, frame);
    const count = counts.get(method) ?? 0;
    counts.set(method, count + 1);
    calls.put(method, { parameters });
    const answer = (answers[method] ?? ACCEPT)(parameters, count);
    if (answer !== null) socket.send(JSON.stringify([3, id, answer]));
  });
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  await new Promise<void>((opened, refused) => {
    socket.once("open", () => opened());
    socket.once("unexpected-response", (_, { statusCode }) => refused(new Error(`HTTP ${statusCode}`)));
    socket.once("error", refused);
  });
  socket.on("error", () => undefined);
  let sent = 0;
  return {
    call(method, parameters) {
      const id = `call-${++sent}`;
      socket.send(JSON.stringify([2, id, method, parameters]));
      return frames.take(id);
    },
    send: (text) => socket.send(text),
    answerTo: (id) => frames.take(id),
    called: (method) => calls.take(method),
    closed,
    terminate: () => socket.terminate(),
  };
}

/** Values by key, each taken once, in their order, by anyone who waits for it or comes later. */
function waiting<Value>() {
  const values = new Map<string, Value[]>();
  const takers = new Map<string, ((value: Value) => void)[]>();
  return {
    put(key: string, value: Value): void {
      const taker = takers.get(key)?.shift();
      if (taker !== undefined) taker(value);
      else values.set(key, [...(values.get(key) ?? []), value]);
    },
    take(key: string): Promise<Value> {
      const value = values.get(key)?.shift();
      if (value !== undefined) return Promise.resolve(value);
      return new Promise((resolve) => takers.set(key, [...(takers.get(key) ?? []), resolve]));
    },
  };
}
