import { useState } from "react";
import { AccountLink } from "../accounts/AccountLink.tsx";
import { tradingMembers } from "../accounts/members.ts";
import type { Participant } from "../accounts/names.ts";
import { useSessionState } from "../app/api/session.ts";
import { useGet } from "../app/api/useGet.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Money } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { type Column, DataTable } from "../app/parts/DataTable.tsx";
import { Figure, Figures } from "../app/parts/Figure.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { DepositForm } from "./DepositForm.tsx";
import { PeriodLink } from "./PeriodLink.tsx";
import { Power, QuotaPrice } from "./Power.tsx";
import { type StationPeriods, useQuotaAreas } from "./quotas.ts";
import { depositWords } from "./reasons.ts";
import { VehiclesCard } from "./sessions/VehiclesCard.tsx";
import { STATION_FIGURES } from "./stationFigures.tsx";
import { QUOTA_STAGE_WORDS } from "./words.ts";

const SHOWN_PERIODS = 48;

/** What may my station draw, what did it cost, and what of its deposit is held? */
export function StationPage() {
  const session = useSessionState();
  return (
    <div className="stack">
      <header>
        <h1>My station</h1>
        <p className="quiet">What it may draw, what it bought and sold, and what its deposit covers.</p>
      </header>
      <Loaded query={session} what="who you are">
        {({ session: known }) =>
          known?.account == null ? (
            <Empty>Sign in with the key of a charging station’s account to see its periods.</Empty>
          ) : (
            <StationsOf account={known.account} />
          )
        }
      </Loaded>
    </div>
  );
}

function StationsOf({ account }: { account: number }) {
  const areas = useQuotaAreas();
  const participant = useGet<Participant>(`/v1/participants/${account}`);
  const [chosen, setChosen] = useState(0);
  return (
    <Loaded query={areas} what="the transformers">
      {({ areas: quotaAreas }) => (
        <Loaded query={participant} what="your account">
          {(known) => {
            const stations = tradingMembers(known).filter(({ areaId }) =>
              quotaAreas.some((area) => area.areaId === areaId),
            );
            const station = stations[chosen] ?? stations[0];
            if (station === undefined)
              return (
                <Empty>
                  <AccountLink account={account} /> has no charging station that shares a transformer.
                </Empty>
              );
            return (
              <>
                {stations.length > 1 ? (
                  <select
                    aria-label="Station that is shown"
                    value={chosen}
                    onChange={({ target }) => setChosen(Number(target.value))}
                  >
                    {stations.map(({ areaId, member }, i) => (
                      <option key={`${areaId} ${member}`} value={i}>
                        Station {member}
                      </option>
                    ))}
                  </select>
                ) : null}
                <Station key={`${station.areaId} ${station.member}`} {...station} />
              </>
            );
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

type StationPeriod = StationPeriods["periods"][number];

function Station({ areaId, member }: { areaId: number; member: number }) {
  const path = `/v1/areas/${areaId}/stations/${member}/quota-periods?limit=${SHOWN_PERIODS}`;
  const query = useGet<StationPeriods>(path);
  return (
    <Loaded query={query} what="its periods">
      {({ periods }) => {
        const [newest] = periods;
        return (
          <>
            {newest ? (
              <Newest areaId={areaId} periods={periods} newest={newest} />
            ) : (
              <Empty>This station has not demanded power yet.</Empty>
            )}
            <VehiclesCard areaId={areaId} member={member} />
            <div className="columns columns-top">
              <Card title="Before you demand">
                <DepositForm areaId={areaId} />
              </Card>
              {newest ? <Deposit newest={newest} /> : null}
            </div>
            {newest ? (
              <Card title="Its periods, the newest first">
                <DataTable
                  caption="Periods of the station"
                  columns={columnsOf(areaId)}
                  rows={periods}
                  keyOf={({ period }) => period}
                />
              </Card>
            ) : null}
            {newest ? <Orders areaId={areaId} periods={periods} /> : null}
          </>
        );
      }}
    </Loaded>
  );
}

function Newest({
  areaId,
  newest,
  periods,
}: {
  areaId: number;
  newest: StationPeriod;
  periods: readonly StationPeriod[];
}) {
  const formats = useFormats();
  const { quotaW, allocatedW, tradedW, demandW, beta, startsAt, endsAt } = newest;
  const earned = periods.reduce(
    (sum, { quotaMicro }) => (BigInt(quotaMicro) < 0n ? sum - BigInt(quotaMicro) : sum),
    0n,
  );
  const paid = periods.reduce(
    (sum, { feeMicro, penaltyMicro, quotaMicro }) =>
      sum +
      BigInt(feeMicro ?? "0") +
      BigInt(penaltyMicro ?? "0") +
      (BigInt(quotaMicro) > 0n ? BigInt(quotaMicro) : 0n),
    0n,
  );
  return (
    <Figures>
      <Figure
        label={`Quota, ${formats.span(startsAt, endsAt)}`}
        value={quotaW === null ? "–" : <Power w={quotaW} />}
        note={
          allocatedW === null || beta === null
            ? "the margin is not divided yet"
            : `${formats.share(beta)} of ${formats.capacity(demandW)}${tradedW === 0 ? "" : tradedW > 0 ? `, and ${formats.capacity(tradedW)} bought` : `, less ${formats.capacity(-tradedW)} sold`}`
        }
        meaning="grid"
      />
      <Figure
        label="Earned with quota"
        value={<Money micro={earned} />}
        note={`in the last ${periods.length === 1 ? "period" : `${periods.length} periods`}`}
        meaning="money"
      />
      <Figure
        label="Paid"
        value={<Money micro={paid} />}
        note="fees, penalties and quota bought"
        meaning="money"
      />
      <Figure
        label="Newest period"
        value={QUOTA_STAGE_WORDS[newest.stage]}
        note={<PeriodLink areaId={areaId} period={newest} />}
      />
    </Figures>
  );
}

function Deposit({ newest }: { newest: StationPeriod }) {
  const formats = useFormats();
  return (
    <Card title="Deposit of the newest period">
      <p>{depositWords(newest, formats)}</p>
      <p className="quiet small">
        It covers the auction, the fee on all that may be drawn, and the penalty if all of the demand were
        drawn without any quota. What is not owed comes back after the payment.
      </p>
    </Card>
  );
}

function Orders({ areaId, periods }: { areaId: number; periods: readonly StationPeriod[] }) {
  const rows = periods.flatMap((period) =>
    (period.orders ?? []).map((order) => ({ ...order, delivery: period })),
  );
  return (
    <Card title="Its bids and offers">
      {rows.length === 0 ? (
        <Empty>No order of this station was in an auction of these periods.</Empty>
      ) : (
        <DataTable
          caption="Bids and offers"
          rows={rows}
          keyOf={({ orderId }) => orderId}
          columns={[
            { head: "Delivery", cell: ({ delivery }) => <PeriodLink areaId={areaId} period={delivery} /> },
            { head: "Order", cell: ({ side }) => (side === "bid" ? "bid" : "offer") },
            { head: "Quota", isNumber: true, isExtra: true, cell: ({ quotaW }) => <Power w={quotaW} /> },
            {
              head: "Limit",
              isNumber: true,
              isExtra: true,
              cell: ({ limitPriceMicroPerKw }) => <QuotaPrice micro={limitPriceMicroPerKw} />,
            },
            { head: "Traded", isNumber: true, cell: ({ filledW }) => <Power w={filledW} /> },
          ]}
        />
      )}
    </Card>
  );
}

function columnsOf(areaId: number): readonly Column<StationPeriod>[] {
  return [
    { head: "Delivery", cell: (period) => <PeriodLink areaId={areaId} period={period} /> },
    { head: "Demand", isNumber: true, isExtra: true, cell: ({ demandW }) => <Power w={demandW} /> },
    ...STATION_FIGURES,
    {
      head: "Deposit back",
      isNumber: true,
      isExtra: true,
      cell: ({ withdrawnMicro }) => (withdrawnMicro === null ? "–" : <Money micro={withdrawnMicro} />),
    },
  ];
}
