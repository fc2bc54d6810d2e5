import { useState } from "react";
import { useGet } from "../app/api/useGet.ts";
import { KWH_DECIMALS, readDecimal } from "../app/format/readDecimal.ts";
import { Money } from "../app/parts/Amount.tsx";
import { DecimalField } from "../app/parts/DecimalField.tsx";
import { Facts } from "../app/parts/Facts.tsx";
import { Loaded } from "../app/parts/States.tsx";
import type { QuotaDeposit } from "./quotas.ts";

/** More than any connection of a station. */
const MOST_W = 4_000_000_000n;

/** What a demand of so many kW needs as a deposit, and the worst that can come of it. */
export function DepositForm({ areaId }: { areaId: number }) {
  const [text, setText] = useState("10");
  // kW to W are as many digits as kWh to Wh.
  const demandW = readDecimal(text, KWH_DECIMALS);
  const isRight = demandW !== null && demandW > 0n && demandW < MOST_W;
  const problem = text === "" || isRight ? null : "A power above zero in kW, such as 22 or 12.5.";
  return (
    <div className="stack">
      <DecimalField label="Power to demand, kW" text={text} problem={problem} onText={setText} />
      {isRight ? <Deposit areaId={areaId} demandW={demandW} /> : null}
    </div>
  );
}

function Deposit({ areaId, demandW }: { areaId: number; demandW: bigint }) {
  const query = useGet<QuotaDeposit>(`/v1/areas/${areaId}/quota-deposit?demandW=${demandW}`);
  return (
    <Loaded query={query} what="the deposit">
      {({ depositMicro, feeMicro, penaltyMicro }) => (
        <>
          <Facts
            facts={[
              { name: "To put down", value: <Money micro={depositMicro} /> },
              { name: "Fee, if all of it is drawn by right", value: <Money micro={feeMicro} /> },
              {
                name: "Penalty at worst: nothing is granted, and all of it is drawn",
                value: <Money micro={penaltyMicro} />,
              },
            ]}
          />
          <p className="quiet small">
            By the tariff that was said last. A bid for quota needs its price besides. What is not owed comes
            back.
          </p>
        </>
      )}
    </Loaded>
  );
}
