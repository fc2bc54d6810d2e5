import type { BroughtReading } from "#domains/charging/rules/paymentFaults.ts";
import { unpackQuotaOrders } from "#domains/charging/rules/signedQuotaOrder.ts";
import { type Address, fromHex, type Hex } from "#kernel/crypto/hex.ts";
import type { AuctionEvidence, PeriodEvidence, StationStanding } from "./periodEvidence.ts";
import type { PeriodEvidenceJson } from "./periodEvidenceJson.ts";

/** A period's evidence in domain values, as its sender has it: the check itself finds what is wrong with it. */
export function readPeriodEvidence(json: PeriodEvidenceJson): PeriodEvidence {
  const { division, opening } = json;
  return {
    ...json,
    quotaMarket: json.quotaMarket as Address,
    meterLedger: json.meterLedger as Address,
    dsoOwner: json.dsoOwner as Address | null,
    opening: {
      ...opening,
      sender: opening.sender as Address,
      tariffMicroPerKwh: BigInt(opening.tariffMicroPerKwh),
    },
    demands: json.demands.map((demand) => ({
      ...demand,
      depositMicro: BigInt(demand.depositMicro),
      standing: demand.standing as StationStanding,
    })),
    division: division && { ...division, cutRemainder: BigInt(division.cutRemainder) },
    auction: json.auction && readAuction(json.auction),
    publications: json.publications.map((each) => ({ ...each, root: each.root as Hex })),
    payments: json.payments.map(({ meteredWh, excessWh, feeMicro, penaltyMicro, brought, ...paid }) => ({
      ...paid,
      meteredWh: BigInt(meteredWh),
      excessWh: BigInt(excessWh),
      feeMicro: BigInt(feeMicro),
      penaltyMicro: BigInt(penaltyMicro),
      brought: brought?.map(readBrought) ?? null,
    })),
    withdrawals: json.withdrawals.map((each) => ({ ...each, amountMicro: BigInt(each.amountMicro) })),
  };
}

function readAuction(auction: NonNullable<PeriodEvidenceJson["auction"]>): AuctionEvidence {
  const { book, standings, trades } = auction;
  return {
    ...auction,
    sender: auction.sender as Address,
    bookRoot: auction.bookRoot as Hex,
    remainderMicro: BigInt(auction.remainderMicro),
    trades: trades.map((trade) => ({ ...trade, paymentMicro: BigInt(trade.paymentMicro) })),
    book: book && {
      bids: unpackQuotaOrders(fromHex(book.bids as Hex), "bid"),
      offers: unpackQuotaOrders(fromHex(book.offers as Hex), "offer"),
    },
    standings: new Map(standings.map(({ member, standing }) => [member, standing as StationStanding])),
  };
}

type BroughtJson = NonNullable<PeriodEvidenceJson["payments"][number]["brought"]>[number];

/** What a payment showed of an interval, its bigints in decimal digits. */
export function readBrought({ reading, absence }: BroughtJson): BroughtReading {
  return {
    reading: {
      ...reading,
      reading: BigInt(reading.reading),
      list: BigInt(reading.list),
      otherList: BigInt(reading.otherList),
      otherTop: reading.otherTop as Hex,
      leaves: reading.leaves as Hex[],
      nodes: reading.nodes as Hex[],
      pages: reading.pages as Hex[],
    },
    absence: {
      list: BigInt(absence.list),
      top: absence.top as Hex,
      otherList: BigInt(absence.otherList),
      otherTop: absence.otherTop as Hex,
      pages: absence.pages as Hex[],
    },
  };
}
