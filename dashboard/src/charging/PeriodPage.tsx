import { MemberLink } from "../accounts/MemberLink.tsx";
import { useAddress } from "../app/address.ts";
import { useFormats } from "../app/format/locale.tsx";
import { Money, Price } from "../app/parts/Amount.tsx";
import { Card } from "../app/parts/Card.tsx";
import { DataTable } from "../app/parts/DataTable.tsx";
import { Facts } from "../app/parts/Facts.tsx";
import { Figure, Figures } from "../app/parts/Figure.tsx";
import { Hash } from "../app/parts/Hash.tsx";
import { Empty, Loaded } from "../app/parts/States.tsx";
import { CheckPeriod } from "./CheckPeriod.tsx";
import { Power, QuotaPrice } from "./Power.tsx";
import { QuotaCurves } from "./QuotaCurves.tsx";
import { useQuotaPeriod, type WholePeriod } from "./quotas.ts";
import { reasonsOf } from "./reasons.ts";
import { StationTable } from "./StationTable.tsx";
import { QUOTA_STAGE_WORDS } from "./words.ts";

/** Who may draw how much in a period, and why? And who can prove it? */
export function PeriodPage() {
  const { areaId, period } = useAddress("areaId", "period");
  const query = useQuotaPeriod(areaId, period);
  return (
    <div className="stack">
      <Loaded query={query} what="the period">
        {(whole) => <Period period={whole} />}
      </Loaded>
    </div>
  );
}

function Period({ period }: { period: WholePeriod }) {
  const formats = useFormats();
  const { startsAt, endsAt, stage } = period;
  return (
    <>
      <header>
        <h1>
          Charging, {formats.day(startsAt)}, {formats.span(startsAt, endsAt)}
        </h1>
        <p className="quiet">
          Period {period.period}: {QUOTA_STAGE_WORDS[stage]}.
        </p>
      </header>
      <PeriodFigures period={period} />
      <div className="columns columns-top">
        <Card title="How the margin was divided">
          <ul className="stack">
            {reasonsOf(period, formats).map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </Card>
        <Card title="When">
          <Windows period={period} />
        </Card>
      </div>
      <Card title="Stations">
        {period.stationList.length === 0 ? (
          <Empty>No station demanded power in this period.</Empty>
        ) : (
          <StationTable period={period} />
        )}
      </Card>
      <Auction period={period} />
      <div className="columns columns-top">
        <Card title="Check it in this browser">
          <CheckPeriod areaId={period.areaId} period={period.period} />
        </Card>
        <Card title="On the chain">
          <Transactions period={period} />
        </Card>
      </div>
    </>
  );
}

function PeriodFigures({ period }: { period: WholePeriod }) {
  const formats = useFormats();
  const { marginW, totalDemandW, beta, clearedW, localPriceMicroPerKw, isRationed } = period;
  return (
    <Figures>
      <Figure
        label="Margin"
        value={<Power w={marginW} />}
        note={
          <>
            {formats.capacity(period.ratingW)} rating − {formats.capacity(period.forecastW)} forecast −{" "}
            {formats.capacity(period.reserveW)} reserve
          </>
        }
        meaning="grid"
      />
      <Figure
        label="Demanded"
        value={<Power w={totalDemandW} />}
        note={beta === null ? "not divided yet" : `${formats.share(beta)} of it granted`}
      />
      <Figure
        label="Traded"
        value={clearedW === null ? "–" : <Power w={clearedW} />}
        note={
          clearedW === null ? (
            isRationed === false ? (
              "no auction: all demands fit"
            ) : (
              "no auction yet"
            )
          ) : clearedW === 0 || localPriceMicroPerKw === null ? (
            "bids and offers did not meet"
          ) : (
            <>
              at <QuotaPrice micro={localPriceMicroPerKw} />
            </>
          )
        }
      />
      <Figure
        label="Fees"
        value={period.feeMicro === null ? "–" : <Money micro={period.feeMicro} />}
        note={
          period.penaltyMicro === null ? (
            "nobody has paid yet"
          ) : (
            <>
              <Price micro={period.tariffMicroPerKwh} />, and <Money micro={period.penaltyMicro} /> of
              penalties
            </>
          )
        }
        meaning="money"
      />
    </Figures>
  );
}

function Windows({ period: { windows, startsAt, endsAt } }: { period: WholePeriod }) {
  const formats = useFormats();
  return (
    <Facts
      facts={[
        { name: "Margin and demands", value: formats.span(windows.opensAt, windows.demandEndsAt) },
        { name: "Division", value: formats.span(windows.demandEndsAt, windows.allocationEndsAt) },
        { name: "Bids and offers", value: formats.span(windows.allocationEndsAt, windows.ordersEndAt) },
        { name: "Auction", value: formats.span(windows.ordersEndAt, windows.clearingEndsAt) },
        { name: "Delivery", value: formats.span(startsAt, endsAt) },
      ]}
    />
  );
}

function Auction({ period }: { period: WholePeriod }) {
  const { book, tradeList, clearedW, isRationed, areaId, localPriceMicroPerKw } = period;
  if (clearedW === null)
    return (
      <Card title="Auction">
        <Empty>
          {isRationed === false
            ? "All demands fit into the margin, so that nobody needs to trade."
            : isRationed === null
              ? "The margin is not divided, so that there is no quota to trade."
              : "No auction is cleared: quotas are as the margin was divided."}
        </Empty>
      </Card>
    );
  return (
    <Card title="Auction">
      {book === null ? (
        <Empty>Its orders reached the market through another contract and are not known here.</Empty>
      ) : book.bids.length + book.offers.length === 0 ? (
        <Empty>Nobody bid or offered.</Empty>
      ) : (
        <QuotaCurves
          orders={[...book.bids, ...book.offers]}
          clearedW={clearedW}
          priceMicroPerKw={clearedW === 0 ? null : localPriceMicroPerKw}
        />
      )}
      {tradeList.length === 0 ? null : (
        <DataTable
          caption="Trades"
          rows={tradeList}
          keyOf={(_, i) => i}
          columns={[
            { head: "Buyer", cell: ({ buyer }) => <MemberLink areaId={areaId} member={buyer} /> },
            { head: "Seller", cell: ({ seller }) => <MemberLink areaId={areaId} member={seller} /> },
            { head: "Quota", isNumber: true, cell: ({ quotaW }) => <Power w={quotaW} /> },
            {
              head: "Price",
              isNumber: true,
              cell: ({ priceMicroPerKw }) => <QuotaPrice micro={priceMicroPerKw} />,
            },
          ]}
        />
      )}
      {period.remainderMicro === null ? null : (
        <p className="quiet small">
          What buyers pay is what sellers get; rounding left{" "}
          <Money micro={period.remainderMicro} form="fine" /> to the community’s fund.
        </p>
      )}
    </Card>
  );
}

function Transactions({ period: { transactions } }: { period: WholePeriod }) {
  const names = {
    initialized: "Margin said",
    allocated: "Margin divided",
    cleared: "Auction cleared",
  } as const;
  return (
    <Facts
      facts={(["initialized", "allocated", "cleared"] as const).map((step) => ({
        name: names[step],
        value: transactions[step] === null ? "–" : <Hash value={transactions[step]} />,
      }))}
    />
  );
}
