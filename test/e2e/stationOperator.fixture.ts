import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { StationEvent } from "#domains/charging/ocpp/stationEvent.ts";
import type { SessionOffer } from "#domains/charging/sessionDesk.ts";
import type { PublishedTariff } from "#domains/charging/sessions/publishedTariff.ts";
import type { SessionTrouble } from "#domains/charging/stationOperator.ts";
import type { Hex } from "#kernel/crypto/hex.ts";
import type { Deployment } from "#platform/chain/contractSpec.ts";
import type { Call } from "#platform/chain/sender.ts";

/** What an operator's process begins with. */
export type OperatorSetup = {
  readonly directory: string;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly ownerKey: Hex;
  readonly stations: readonly string[];
  readonly enrolment: { readonly password: string; readonly ratedW: number; readonly safeLimitW: number };
  readonly published: PublishedTariff;
  readonly payee: number;
  readonly port: number;
  readonly now: number;
};

/** What it is told, each at a time of the day. */
export type OperatorRequest = { readonly id: number; readonly now: number } & Told;
type Told =
  | { readonly kind: "offers"; readonly offers: readonly SessionOffer[] }
  | { readonly kind: "clock" | "work" | "entries" }
  /** Sent by the stations' owner, of whom the process has the only sender. */
  | { readonly kind: "send"; readonly calls: readonly Call[] }
  | {
      readonly kind: "carry";
      readonly areaId: number;
      readonly period: number;
      readonly firstMember: number;
      readonly periodSeconds: number;
    };

type Said =
  | { readonly kind: "ready"; readonly url: string }
  | { readonly kind: "answer"; readonly id: number; readonly result?: unknown; readonly error?: string }
  | { readonly kind: "news"; readonly event: StationEvent }
  | { readonly kind: "trouble"; readonly trouble: SessionTrouble };

export type OperatorProcess = {
  readonly url: string;
  readonly news: readonly StationEvent[];
  readonly troubles: readonly SessionTrouble[];
  /** Resolves with its answer; rejects when it ends before. */
  ask<Result>(now: number, told: Told): Promise<Result>;
  /** Kills it with SIGKILL, whatever it is doing. */
  kill(): Promise<void>;
};

/** Starts an operator in a process of its own. */
export async function startOperator(setup: OperatorSetup): Promise<OperatorProcess> {
  const child = fork(join(import.meta.dirname, "stationOperator.child.ts"), {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [news, troubles]: [StationEvent[], SessionTrouble[]] = [[], []];
  const waiting = new Map<number, { done(result: unknown): void; failed(cause: Error): void }>();
  let asked = 0;
  const url = await new Promise<string>((ready, failed) => {
    child.once("exit", (code) => {
      failed(new Error(`the operator ended with ${code}`));
      for (const each of waiting.values()) each.failed(new Error("killed"));
    });
    child.on("message", (said: Said) => {
      if (said.kind === "ready") ready(said.url);
      if (said.kind === "news") news.push(said.event);
      if (said.kind === "trouble") troubles.push(said.trouble);
      if (said.kind !== "answer") return;
      const asker = waiting.get(said.id);
      waiting.delete(said.id);
      if (said.error === undefined) asker?.done(said.result);
      else asker?.failed(new Error(said.error));
    });
    child.send(setup);
  });
  return {
    url,
    news,
    troubles,
    ask<Result>(now: number, told: Told) {
      asked += 1;
      const id = asked;
      return new Promise<Result>((done, failed) => {
        waiting.set(id, { done: done as (result: unknown) => void, failed });
        child.send({ id, now, ...told });
      });
    },
    kill: () => killed(child),
  };
}

function killed(child: ChildProcess): Promise<void> {
  return new Promise((ended) => {
    if (child.exitCode !== null || child.signalCode !== null) return ended();
    child.once("exit", () => ended());
    child.kill("SIGKILL");
  });
}
