import type { CheckFault } from "#domains/metering/check/checkOutcome.ts";
import type { MovementEvidence } from "./intervalEvidence.ts";

/** A change of one member's balances by one kind of cause, micro. */
export type MovedMoney = Pick<MovementEvidence, "member" | "kind" | "marginMicro" | "escrowMicro">;

/** Every expected movement was recorded, with its amounts, and no other; null when it is so. */
export function findMovementFault(
  expected: readonly MovedMoney[],
  recorded: readonly MovementEvidence[],
): CheckFault | null {
  const due = sumByCause(expected);
  const booked = sumByCause(recorded);
  const free = recorded.find(({ freeMicro }) => freeMicro !== 0n);
  if (free)
    return movementFault(free, `changes the free balance by ${free.freeMicro} micro, which no interval does`);
  for (const key of new Set([...due.keys(), ...booked.keys()])) {
    const [is, was] = [due.get(key), booked.get(key)];
    const [marginMicro, escrowMicro] = [is?.marginMicro ?? 0n, is?.escrowMicro ?? 0n];
    const isSame = (was?.marginMicro ?? 0n) === marginMicro && (was?.escrowMicro ?? 0n) === escrowMicro;
    const named = was ?? is;
    if (isSame || !named) continue;
    const words = `is recorded as ${was?.marginMicro ?? 0n} micro of margin and ${was?.escrowMicro ?? 0n} micro of escrow; it is ${marginMicro} and ${escrowMicro} micro`;
    return movementFault(named, words);
  }
  return null;
}

function movementFault({ member, kind }: { member: number; kind: string }, words: string): CheckFault {
  return { finding: `the movement "${kind}" of member ${member} ${words}`, subject: { member } };
}

function sumByCause(list: readonly MovedMoney[]): Map<string, MovedMoney> {
  const sums = new Map<string, MovedMoney>();
  for (const { member, kind, marginMicro, escrowMicro } of list) {
    const key = `${member} ${kind}`;
    const sum = sums.get(key);
    sums.set(key, {
      member,
      kind,
      marginMicro: (sum?.marginMicro ?? 0n) + marginMicro,
      escrowMicro: (sum?.escrowMicro ?? 0n) + escrowMicro,
    });
  }
  return sums;
}
