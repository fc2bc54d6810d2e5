import "./reconciliation.css";
import type { z } from "zod";
import type { movementsWire } from "#domains/accounts/wire.ts";
import type { reconciliationWire } from "#domains/billing/wire.ts";
import { MICRO_PER_CENT, roundParts } from "#kernel/units/roundedParts.ts";
import { useGet } from "../app/api/useGet.ts";
import { capitalised } from "../app/format/sentences.ts";
import { useWords } from "../app/pageDomains.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { Loaded } from "../app/parts/States.tsx";

export type ReconciliationAnswer = z.infer<typeof reconciliationWire>;
type MovementsAnswer = z.infer<typeof movementsWire>;
type Bounds = { readonly account: number; readonly from: number; readonly to: number };

/** The total of a time and in whose hands its money is; and the account itself, from its opening to its closing balance. */
export function ReconciliationCard({
  reconciliation,
  ...bounds
}: Bounds & { reconciliation: ReconciliationAnswer }) {
  const total = BigInt(reconciliation.totalMicro);
  return (
    <Card title="Where the money goes" aside="every line of the total">
      <div className="reconciliation">
        <Column
          caption="The bill"
          lines={reconciliation.lines.map(({ words, micro }) => ({
            words: capitalised(words),
            micro: BigInt(micro),
          }))}
          foot={total < 0n ? "Received in all" : "Paid in all"}
        />
        <AccountColumn {...bounds} />
      </div>
      <p className="quiet small">
        What the supplier asks and pays stands on the supplier’s own bill. Trades are settled some time after
        their interval: what is settled after this time is in this bill, and moves the account later.
      </p>
    </Card>
  );
}

/** What the account held, what came and went by its cause, and what it held at the end. */
function AccountColumn({ account, from, to }: Bounds) {
  const query = useGet<MovementsAnswer>(
    `/v1/participants/${account}/movements?from=${from}&to=${to}&only=payments&limit=1`,
  );
  const { movement } = useWords();
  return (
    <Loaded query={query} what="the account">
      {({ opening, sums }) => (
        <Column
          caption="This account"
          lines={[
            { words: "Opening balance", micro: BigInt(opening.wholeMicro) },
            ...sums
              .filter(({ wholeMicro }) => wholeMicro !== "0")
              .map(({ kind, count, wholeMicro }) => ({
                words: `${movement(kind)} (${count})`,
                micro: BigInt(wholeMicro),
              })),
          ]}
          foot="Closing balance"
        />
      )}
    </Loaded>
  );
}

type Line = { readonly words: string; readonly micro: bigint };

/** Lines and their sum, rounded so that they add up as they are shown. */
function Column({ caption, lines, foot }: { caption: string; lines: readonly Line[]; foot: string }) {
  const shown = roundParts(
    lines.map(({ micro }) => micro),
    { unit: MICRO_PER_CENT },
  );
  const total = lines.reduce((sum, { micro }) => sum + micro, 0n);
  return (
    <table className="money-column">
      <caption>{caption}</caption>
      <tbody>
        {lines.map(({ words, micro }, i) => (
          <tr key={words}>
            <th scope="row">{words}</th>
            <td>
              <Money micro={micro} shown={shown.parts[i] ?? micro} />
            </td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{foot}</th>
          <td>
            <Money micro={total} shown={shown.total} />
          </td>
        </tr>
      </tfoot>
    </table>
  );
}
