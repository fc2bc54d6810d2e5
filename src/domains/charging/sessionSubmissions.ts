import type { DecodeFunctionDataReturnType } from "viem";
import { fromHex, type Hex } from "#kernel/crypto/hex.ts";
import type { ReceivedCall } from "#platform/chain/readCalls.ts";
import type { SessionProof, SignedHold } from "./chargingSessions.ts";
import type { chargingSessionsContract } from "./contracts.generated.ts";
import { unpackParts } from "./sessions/publishedTariff.ts";

/** What one call of the sessions' contract brought: a driver's signature, or a proof. */
export type SessionSubmission =
  | { readonly of: "hold"; readonly hold: SignedHold }
  | { readonly of: "proof"; readonly proof: SessionProof };

type Call = DecodeFunctionDataReturnType<typeof chargingSessionsContract.abi>;

/** What the calls of a transaction to the sessions' contract brought, in order. */
export function sessionSubmissionsOf(calls: readonly ReceivedCall[]): SessionSubmission[] {
  return calls.flatMap((call) => submissionsOf(call as Call));
}

/** Takes the signature of a driver's hold out of the list, as the contract went through its calls; null when nobody brought one. */
export function takeSignature(
  list: SessionSubmission[],
  { driver, session }: { readonly driver: number; readonly session: Hex },
): Hex | null {
  const at = list.findIndex(
    (each) => each.of === "hold" && each.hold.driver === driver && each.hold.session === session,
  );
  const [found] = at < 0 ? [] : list.splice(at, 1);
  return found?.of === "hold" ? found.hold.signature : null;
}

/** The same for the proof of a session. */
export function takeProof(list: SessionSubmission[], id: Hex): SessionProof | null {
  const at = list.findIndex((each) => each.of === "proof" && each.proof.id === id);
  const [found] = at < 0 ? [] : list.splice(at, 1);
  return found?.of === "proof" ? found.proof : null;
}

function submissionsOf(call: Call): SessionSubmission[] {
  switch (call.functionName) {
    case "hold": {
      const [holds] = call.args;
      return holds.map((hold) => ({
        of: "hold",
        hold: { ...hold, limitMicro: BigInt(hold.limitMicro) },
      }));
    }
    case "prove": {
      const [id, opening, tariff, { startedAt, fromWh, toWh, parts }, signature] = call.args;
      const statement = { startedAt, fromWh, toWh, parts: unpackParts(fromHex(parts)) };
      return [{ of: "proof", proof: { id, ...opening, tariff, statement, signature } }];
    }
    default:
      return [];
  }
}
