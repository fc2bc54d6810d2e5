import { createReadStream } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "#kernel/units/domainError.ts";
import { readTelegramStates, splitStream } from "#world/meters/telegramStates.ts";
import type { MeterSource, SourceListener } from "./runMeter.ts";
import { createSmartyReader } from "./smarty.ts";

/** A port that lost its device comes back: a serial server is restarted, a cable is put in again. */
const RECONNECT_MS = 5_000;
/** A meter sends at least each ten seconds: a connection that says nothing for so long is dead. */
const SILENCE_MS = 60_000;

type TelegramOptions = {
  /** `tcp://host:port` of a serial server, a file, or `-` for standard input. */
  readonly from: string;
  /** Key of Luxembourg's meters, 16 bytes; null where telegrams come in clear. */
  readonly decryptionKey: Uint8Array | null;
};

/** Reads P1 telegrams of a serial port over TCP, of a file or of standard input. */
export function telegramSource({ from, decryptionKey }: TelegramOptions): MeterSource {
  const tcp = /^tcp:\/\/([^/:]+|\[[^\]]+\]):(\d{1,5})\/?$/.exec(from);
  if (!tcp && /^[a-z]+:\/\//.test(from)) throw new NoSourceError(from);
  return async (listener, signal) => {
    const take = takerOf(decryptionKey, listener);
    if (!tcp) return readStream(from === "-" ? process.stdin : createReadStream(from), take);
    const [, host = "", port = ""] = tcp;
    while (!signal.aborted) {
      await readSocket({ host: host.replace(/[[\]]/g, ""), port: Number(port) }, { take, listener, signal });
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  };
}

function takerOf(decryptionKey: Uint8Array | null, listener: SourceListener): (piece: Buffer) => void {
  if (decryptionKey === null) return createTelegramReader(listener);
  const { fault } = listener;
  return createSmartyReader(decryptionKey, { telegram: (text) => tellTelegram(text, listener), fault });
}

/** Takes pieces of a stream, and tells of each whole telegram. */
function createTelegramReader(listener: SourceListener): (piece: Buffer) => void {
  let rest = "";
  return (piece) => {
    const split = splitStream(rest + piece.toString("latin1"));
    rest = split.rest;
    for (const telegram of split.telegrams) tellTelegram(telegram, listener);
  };
}

/** Tells what a telegram says. */
function tellTelegram(telegram: string, listener: SourceListener): void {
  const states = readTelegramStates(telegram);
  if ("fault" in states) listener.fault(states.fault);
  else listener.states(states);
}

async function readStream(stream: AsyncIterable<unknown>, take: (piece: Buffer) => void): Promise<void> {
  for await (const piece of stream) take(Buffer.from(piece as Uint8Array));
}

function readSocket(
  place: { host: string; port: number },
  {
    take,
    listener,
    signal,
  }: { take: (piece: Buffer) => void; listener: SourceListener; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(place);
    const end = () => socket.destroy();
    signal.addEventListener("abort", end, { once: true });
    socket.setTimeout(SILENCE_MS, end);
    socket.on("data", take);
    socket.on("error", (error) => listener.fault(`${place.host}:${place.port}: ${error.message}`));
    socket.on("close", () => {
      signal.removeEventListener("abort", end);
      resolve();
    });
  });
}

export class NoSourceError extends DomainError {
  readonly code = "noSource";

  constructor(from: string) {
    super(`${from} is no place of telegrams: tcp://host:port, a file, or - for standard input`);
  }
}
