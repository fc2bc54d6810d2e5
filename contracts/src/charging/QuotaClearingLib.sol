// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { OrderLib } from "../libraries/OrderLib.sol";
import { PairLib } from "../libraries/PairLib.sol";
import { PositionLib } from "../libraries/PositionLib.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { QuotaLib } from "./QuotaLib.sol";

/// @notice The auction of a period's quotas: verifies what the DSO submits, moves quota and money in one step (R9.7–R9.10). QuotaMarket
/// calls it on its own storage; it stands apart because together they exceed the size of one contract (EIP-170).
library QuotaClearingLib {
  using AuctionLib for AuctionLib.Walk;
  using AuctionLib for AuctionLib.Carry;
  using OrderLib for OrderLib.Desk;
  using PostingLib for PostingLib.List;
  using QuotaLib for QuotaLib.Terms;

  bytes32 private constant ORDER_TYPEHASH = keccak256(
    "QuotaOrder(uint16 areaId,uint32 period,uint16 member,uint8 side,int32 limitPriceMicroPerKw,uint32 quotaW,uint8 sequence)"
  );
  uint256 private constant PAGE = AuctionLib.DIRECTORY;
  uint256 private constant MAX_MEMBERS = 4096;

  /// @dev What an auction works with. `costMicro` is what buyers pay, `proceedsMicro` what sellers get.
  struct Auction {
    AuctionLib.Walk walk;
    AuctionLib.Carry carry;
    QuotaLib.Period here;
    QuotaLib.Terms terms;
    uint256 costMicro;
    uint256 proceedsMicro;
  }

  /// @param quotaW positive where the member bought
  /// @param paymentMicro positive where it pays
  event QuotaTraded(
    uint16 indexed areaId, uint32 indexed period, uint16 indexed member, int40 quotaW, int64 paymentMicro
  );
  event QuotasCleared(
    uint16 indexed areaId,
    uint32 indexed period,
    int32 localPrice,
    uint32 clearedW,
    uint256 remainderMicro,
    bytes32 bookRoot
  );

  /// @notice See {QuotaMarket.clear}.
  function clear(
    QuotaLib.State storage state,
    QuotaLib.Base memory base,
    bytes32 domainSeparator,
    QuotaLib.Outcome calldata outcome,
    bytes calldata bids,
    bytes calldata offers
  ) external {
    Auction memory auction;
    uint256 key = QuotaLib.keyOf(outcome.areaId, outcome.period);
    auction.here = state.periods[key];
    if (auction.here.stage != QuotaLib.Stage.Rationed) revert NotRationed(outcome.areaId, outcome.period);
    auction.terms = state.terms[outcome.areaId][auction.here.terms];
    auction.terms.requireWindow(outcome.period, auction.terms.orderSeconds, auction.terms.clearingSeconds);
    QuotaLib.requireDso(base.areas, outcome.areaId, auction.here.dso);
    _openWalk(base.areas, domainSeparator, outcome, auction);
    _requireDeclared(outcome, auction.terms);
    _verify(outcome, auction, bids, offers);
    state.periods[key].stage = QuotaLib.Stage.Cleared;
    PostingLib.List memory postings = _move(state, outcome, auction);
    uint256 remainderMicro = auction.costMicro - auction.proceedsMicro;
    postings.addLate(QuotaLib.seatOf(outcome.areaId, auction.here.fund), remainderMicro);
    uint256[] memory words = postings.finish();
    if (words.length != 0) base.house.release(words);
    emit QuotasCleared(
      outcome.areaId, outcome.period, outcome.localPrice, outcome.clearedW, remainderMicro, outcome.bookRoot
    );
  }

  function _openWalk(
    AreaRegistry areas,
    bytes32 domainSeparator,
    QuotaLib.Outcome calldata outcome,
    Auction memory auction
  ) private view {
    (uint256 first, uint256 last) = (outcome.firstMember, outcome.lastMember);
    if (last < first || last >= MAX_MEMBERS) revert TooManyMembers(first, last);
    AreaRegistry.Roster memory roster = areas.rosterOf(outcome.areaId, first / PAGE, last / PAGE);
    QuotaLib.Terms memory terms = auction.terms;
    AuctionLib.Walk memory walk = auction.walk;
    (walk.floor, walk.ceiling) = (terms.floor, terms.ceiling);
    walk.isPairwise = terms.pricing == AuctionLib.MIDPOINT;
    OrderLib.Desk memory desk = walk.desk;
    (desk.areas, desk.areaId, desk.base) = (areas, outcome.areaId, first);
    desk.closesAt = terms.opensAt(outcome.period) + terms.orderSeconds;
    desk.readyToHash(domainSeparator, ORDER_TYPEHASH, outcome.areaId, outcome.period);
    desk.readMembers(last, roster.fresh, roster.directories);
  }

  /// @dev What is declared lies in the price band.
  function _requireDeclared(QuotaLib.Outcome calldata outcome, QuotaLib.Terms memory terms) private pure {
    if (outcome.clearedW == 0) return;
    (int32 bid, int32 offer) = (outcome.marginalBid, outcome.marginalOffer);
    if (bid < offer) revert MarginalPricesCrossed(bid, offer);
    if (bid > terms.ceiling || offer < terms.floor) revert MarginalPriceOutsideBand(bid, offer);
  }

  function _verify(
    QuotaLib.Outcome calldata outcome,
    Auction memory auction,
    bytes calldata bids,
    bytes calldata offers
  ) private view {
    (AuctionLib.Walk memory walk, AuctionLib.Carry memory carry) = (auction.walk, auction.carry);
    (int256 bid, int256 offer) = (outcome.marginalBid, outcome.marginalOffer);
    AuctionLib.Cursor memory bidCursor = walk.walkSide(carry.bids, outcome.bids, AuctionLib.BID, bid, bids);
    AuctionLib.Cursor memory offerCursor =
      walk.walkSide(carry.offers, outcome.offers, AuctionLib.OFFER, offer, offers);
    if (walk.isPairwise) PairLib.pair(walk, bidCursor, offerCursor, carry);
    (int256 bestBid, int256 bestOffer) =
      carry.requireMaximal(outcome.bids, outcome.offers, bid, offer, outcome.clearedW);
    int256 price;
    if (outcome.clearedW != 0) {
      price = AuctionLib.localPriceOf(auction.terms.pricing, bid, offer, bestBid, bestOffer);
    }
    if (outcome.localPrice != price) revert LocalPriceDiffers(outcome.localPrice, price);
  }

  /// @dev Each member's quota and deposit, and what goes to the sellers' margins.
  function _move(QuotaLib.State storage state, QuotaLib.Outcome calldata outcome, Auction memory auction)
    private
    returns (PostingLib.List memory postings)
  {
    uint256 base = auction.walk.desk.base;
    uint256[] memory totals = auction.walk.desk.totals;
    uint256 firstSeat = QuotaLib.seatOf(outcome.areaId, base);
    postings = PostingLib.list(firstSeat, firstSeat + totals.length, 1);
    for (uint256 i; i < totals.length; ++i) {
      if (totals[i] == 0) continue;
      uint256 position = AuctionLib.positionOf(totals[i], base + i);
      uint256 quotaW = PositionLib.quantityOf(position);
      if (quotaW == 0) continue;
      // No price is below zero.
      uint256 exact = auction.walk.isPairwise
        ? uint256(PositionLib.amountOf(position))
        : quotaW * uint256(uint32(outcome.localPrice));
      QuotaLib.Station storage station =
        state.stations[QuotaLib.stationKeyOf(outcome.areaId, outcome.period, base + i)];
      if (PositionLib.sideOf(position) == AuctionLib.OFFER) {
        uint256 proceeds = _sell(station, outcome, auction, base + i, quotaW, exact);
        postings.add(firstSeat + i, proceeds);
      } else {
        _buy(station, outcome, auction, i, quotaW, exact);
      }
    }
  }

  /// @dev A seller has what it sells (R9.7); its proceeds are rounded down.
  function _sell(
    QuotaLib.Station storage station,
    QuotaLib.Outcome calldata outcome,
    Auction memory auction,
    uint256 member,
    uint256 quotaW,
    uint256 exact
  ) private returns (uint256 proceeds) {
    uint256 ownW = QuotaLib.quotaOf(auction.here, station.demandW, member);
    if (quotaW > ownW) revert SellsMoreThanQuota(uint16(member), quotaW, ownW);
    station.soldW = uint32(quotaW);
    proceeds = exact / 1000;
    auction.proceedsMicro += proceeds;
    emit QuotaTraded(
      outcome.areaId, outcome.period, uint16(member), -int40(int256(quotaW)), -int64(int256(proceeds))
    );
  }

  /// @dev A buyer's deposit covers what it pays now and what it may owe later (R9.7, R9.13); its cost is rounded up.
  function _buy(
    QuotaLib.Station storage station,
    QuotaLib.Outcome calldata outcome,
    Auction memory auction,
    uint256 index,
    uint256 quotaW,
    uint256 exact
  ) private {
    uint256 member = auction.walk.desk.base + index;
    QuotaLib.Station memory buyer = station;
    uint256 costMicro = (exact + 999) / 1000;
    uint256 allW = QuotaLib.quotaOf(auction.here, buyer.demandW, member) + quotaW;
    uint256 capacityW = auction.walk.capacityOf(index);
    if (allW > capacityW) revert QuotaAboveCapacity(uint16(member), allW, capacityW);
    uint256 needed = auction.terms.depositNeeded(auction.here.tariff, buyer.demandW, allW, costMicro);
    if (needed > buyer.depositMicro || buyer.demandW == 0) {
      revert BidNotCovered(uint16(member), buyer.depositMicro, needed);
    }
    (station.boughtW, station.depositMicro) = (uint32(quotaW), uint48(buyer.depositMicro - costMicro));
    auction.costMicro += costMicro;
    emit QuotaTraded(
      outcome.areaId, outcome.period, uint16(member), int40(int256(quotaW)), int64(int256(costMicro))
    );
  }
}
