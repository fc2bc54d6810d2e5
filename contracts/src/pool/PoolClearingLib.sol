// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { OrderLib } from "../libraries/OrderLib.sol";
import { PairLib } from "../libraries/PairLib.sol";
import { PositionLib } from "../libraries/PositionLib.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { TermsSchedule } from "../libraries/TermsSchedule.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { CommitmentLib } from "./CommitmentLib.sol";
import { HoldLib } from "./HoldLib.sol";
import { PoolLib } from "./PoolLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice The clearing of a pool: verifies what the operator submits, reserves the money, commits to the positions.
/// PoolMarket calls it on its own storage; it stands apart so that all code can be compiled for cheap calls and still fits
/// (EIP-170).
library PoolClearingLib {
  using AuctionLib for AuctionLib.Walk;
  using AuctionLib for AuctionLib.Carry;
  using AuctionLib for AuctionLib.Progress;
  using DynamicArrayLib for uint256[];
  using HoldLib for HoldLib.Step;
  using OrderLib for OrderLib.Desk;
  using PostingLib for PostingLib.List;

  bytes32 private constant ORDER_TYPEHASH = keccak256(
    "Order(uint16 areaId,uint32 intervalId,uint16 member,uint8 side,int32 limitPriceMicroPerKwh,uint32 energyWh,uint8 sequence)"
  );
  uint256 private constant PAGE = AuctionLib.DIRECTORY;
  uint256 private constant MAX_MEMBERS = 4096;

  event StepVerified(uint16 indexed areaId, uint32 indexed intervalId, uint8 attempt);
  event IntervalUnsupplied(uint16 indexed areaId, uint32 indexed intervalId, uint8 attempt);
  event IntervalCleared(
    uint16 indexed areaId,
    uint32 indexed intervalId,
    uint8 attempt,
    uint16 terms,
    int32 localPrice,
    uint32 clearedWh,
    bytes32 bookRoot
  );

  /// @notice See {PoolMarket.clear}.
  function clear(
    PoolLib.State storage state,
    PoolLib.Base memory base,
    bytes32 domainSeparator,
    PoolLib.Outcome calldata outcome,
    bytes calldata bids,
    bytes calldata offers,
    uint256[][] calldata positions,
    bool isLast
  ) external {
    HoldLib.Step memory step = _begin(state, outcome, isLast);
    step.house = base.house;
    _openWalk(base.areas, domainSeparator, outcome, step);
    if (step.isFirst) _openAttempt(state, outcome, step);
    else _takeUp(state, outcome, step, positions);
    _verify(outcome, step, bids, offers);
    _reserve(state, outcome, step);
    if (isLast) _close(state, outcome, step);
    else _suspend(state, outcome, step);
    state.intervals[PoolLib.keyOf(outcome.areaId, outcome.intervalId)] = step.interval;
  }

  /// @dev The terms hold, the gate is closed, delivery has not begun.
  function _begin(PoolLib.State storage state, PoolLib.Outcome calldata outcome, bool isLast)
    private
    view
    returns (HoldLib.Step memory step)
  {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    step.interval = state.intervals[PoolLib.keyOf(areaId, intervalId)];
    step.isFirst = step.interval.stage == PoolLib.Stage.None;
    step.isLast = isLast;
    if (step.isFirst) {
      step.interval.terms = TermsSchedule.versionFor(state.schedules[areaId], intervalId);
      if (step.interval.attempt == type(uint8).max) revert TooManyAttempts(areaId, intervalId);
    } else if (step.interval.stage != PoolLib.Stage.Clearing) {
      revert AlreadyCleared(areaId, intervalId);
    }
    step.terms = state.terms[areaId][step.interval.terms];
    if (step.terms.intervalSeconds == 0) revert UnknownTerms(areaId, step.interval.terms);
    step.startsAt = PoolLib.startsAt(intervalId, step.terms.intervalSeconds);
    uint256 closesAt = step.startsAt - step.terms.gateClosureSeconds;
    if (block.timestamp < closesAt) revert GateOpen(intervalId, closesAt);
    if (block.timestamp >= step.startsAt) revert DeliveryBegun(intervalId, step.startsAt);
    step.walk.desk.closesAt = closesAt;
  }

  /// @dev The caller operates the area. Fetches what the area says of its members and its roles.
  function _openWalk(
    AreaRegistry areas,
    bytes32 domainSeparator,
    PoolLib.Outcome calldata outcome,
    HoldLib.Step memory step
  ) private view {
    (uint256 first, uint256 last) = (outcome.firstMember, outcome.lastMember);
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    if (last < first || last >= MAX_MEMBERS) revert TooManyMembers(first, last);
    AreaRegistry.Roster memory roster = areas.rosterOf(areaId, first / PAGE, last / PAGE);
    if (msg.sender != roster.operator) revert NotOperator(msg.sender, areaId);
    AuctionLib.Walk memory walk = step.walk;
    (walk.floor, walk.ceiling) = (step.terms.floor, step.terms.ceiling);
    walk.isPairwise = step.terms.pricing == AuctionLib.MIDPOINT;
    OrderLib.Desk memory desk = walk.desk;
    (desk.areas, desk.areaId, desk.base) = (areas, areaId, first);
    desk.readyToHash(domainSeparator, ORDER_TYPEHASH, areaId, intervalId);
    desk.readMembers(last, roster.fresh, roster.directories);
    if (!step.isFirst) return;
    (step.interval.supplier, step.interval.dso, step.interval.fund) =
    (roster.supplier, roster.dso, roster.fund);
  }

  /// @dev The first step: what is declared lies in the price band, and the supplier stands for the surpluses or does not.
  function _openAttempt(
    PoolLib.State storage state,
    PoolLib.Outcome calldata outcome,
    HoldLib.Step memory step
  ) private view {
    PoolLib.Interval memory interval = step.interval;
    (int256 bid, int256 offer) = (outcome.marginalBid, outcome.marginalOffer);
    if (outcome.clearedWh != 0) {
      if (bid < offer) revert MarginalPricesCrossed(outcome.marginalBid, outcome.marginalOffer);
      if (bid > step.terms.ceiling || offer < step.terms.floor) {
        revert MarginalPriceOutsideBand(outcome.marginalBid, outcome.marginalOffer);
      }
      if (outcome.localPrice > bid || outcome.localPrice < offer) {
        revert LocalPriceOutsidePair(outcome.localPrice, outcome.marginalBid, outcome.marginalOffer);
      }
      interval.localPrice = outcome.localPrice;
    }
    interval.stage = PoolLib.Stage.Clearing;
    interval.clearedWh = outcome.clearedWh;
    interval.isSupplied = _isAccepted(state, outcome, interval);
    if (interval.isSupplied) _askSupply(outcome, step);
    step.prices = PoolLib.pricesOf(step.terms, interval.localPrice, interval.isSupplied);
    if (!step.isLast) step.outcomeHash = keccak256(abi.encode(outcome));
  }

  /// @dev Whether the supplier stands for the interval, at these terms and under this operator.
  function _isAccepted(
    PoolLib.State storage state,
    PoolLib.Outcome calldata outcome,
    PoolLib.Interval memory interval
  ) private view returns (bool) {
    PoolLib.Acceptance memory acceptance = state.acceptances[outcome.areaId][interval.terms];
    return acceptance.supplier == interval.supplier && acceptance.operator == msg.sender
      && outcome.intervalId < acceptance.until;
  }

  /// @dev What the supplier has to reserve; more than a margin can hold it does not stand for.
  function _askSupply(PoolLib.Outcome calldata outcome, HoldLib.Step memory step) private pure {
    if (step.terms.surplusPrice <= 0) return;
    int256 exact = int256(uint256(outcome.clearedWh)) * step.terms.surplusPrice;
    uint256 supplyMicro = uint256(SettlementLib.ceilThousandth(exact));
    if (supplyMicro <= PostingLib.MAX_AMOUNT_MICRO) step.supplyMicro = supplyMicro;
    else step.interval.isSupplied = false;
  }

  /// @dev A further step: the outcome is unchanged, and each page's positions are those that were committed to.
  function _takeUp(
    PoolLib.State storage state,
    PoolLib.Outcome calldata outcome,
    HoldLib.Step memory step,
    uint256[][] calldata positions
  ) private view {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    step.outcomeHash = keccak256(abi.encode(outcome));
    step.carry = state.progress[PoolLib.keyOf(areaId, intervalId)].resume(step.outcomeHash);
    step.prices = PoolLib.pricesOf(step.terms, step.interval.localPrice, step.interval.isSupplied);
    uint256 firstPage = step.walk.desk.base / PAGE;
    for (uint256 i; i <= outcome.lastMember / PAGE - firstPage; ++i) {
      bytes32 committed = CommitmentLib.read(
        state, CommitmentLib.Page(areaId, intervalId, step.interval.attempt, firstPage + i)
      );
      if (committed == 0) continue;
      if (i >= positions.length || PositionLib.hashOf(positions[i]) != committed) {
        revert PositionsDiffer(areaId, intervalId, uint16(firstPage + i));
      }
      _restore(step.walk, positions[i]);
    }
    step.prior = step.walk.desk.totals.copy();
  }

  function _restore(AuctionLib.Walk memory walk, uint256[] calldata words) private pure {
    uint256 bits = PositionLib.bitsOf(walk.isPairwise);
    for (uint256 i; i < words.length; ++i) {
      for (uint256 word = words[i]; word != 0; word >>= bits) {
        walk.restore(bits == PositionLib.PRICED_BITS ? uint64(word) : uint128(word));
      }
    }
  }

  function _verify(
    PoolLib.Outcome calldata outcome,
    HoldLib.Step memory step,
    bytes calldata bids,
    bytes calldata offers
  ) private view {
    (AuctionLib.Walk memory walk, AuctionLib.Carry memory carry) = (step.walk, step.carry);
    AuctionLib.Cursor memory bidCursor =
      walk.walkSide(carry.bids, outcome.bids, AuctionLib.BID, outcome.marginalBid, bids);
    AuctionLib.Cursor memory offerCursor =
      walk.walkSide(carry.offers, outcome.offers, AuctionLib.OFFER, outcome.marginalOffer, offers);
    if (walk.isPairwise) PairLib.pair(walk, bidCursor, offerCursor, carry);
    if (!step.isLast) return;
    _requirePrice(outcome, step);
  }

  /// @dev The last step: nothing is left that could trade, and the price declared in the first is that of the book.
  function _requirePrice(PoolLib.Outcome calldata outcome, HoldLib.Step memory step) private pure {
    (int256 bid, int256 offer) = (outcome.marginalBid, outcome.marginalOffer);
    (int256 bestBid, int256 bestOffer) =
      step.carry.requireMaximal(outcome.bids, outcome.offers, bid, offer, outcome.clearedWh);
    if (outcome.clearedWh == 0) return;
    int256 price = AuctionLib.localPriceOf(step.terms.pricing, bid, offer, bestBid, bestOffer);
    if (outcome.localPrice != price) revert LocalPriceDiffers(outcome.localPrice, price);
  }

  /// @dev Reserves the worst case of each position, and commits to the positions page by page.
  function _reserve(PoolLib.State storage state, PoolLib.Outcome calldata outcome, HoldLib.Step memory step)
    private
  {
    uint256 end = step.walk.desk.totals.length;
    uint256 firstSeat = PoolLib.seatOf(outcome.areaId, step.walk.desk.base);
    PostingLib.List memory holds = PostingLib.list(firstSeat, firstSeat + end, 1);
    PostingLib.List memory releases;
    if (!step.isFirst) releases = PostingLib.list(firstSeat, firstSeat + end, 0);
    bool isPlain = PoolLib.isPlain(step.terms, step.interval.localPrice, step.prices);
    uint256 pageEnd;
    for (uint256 first; first < end; first = pageEnd) {
      uint256 page = (step.walk.desk.base + first) / PAGE;
      pageEnd = (page + 1) * PAGE - step.walk.desk.base;
      if (pageEnd > end) pageEnd = end;
      bytes32 committed = step.walk.commit(first, pageEnd, step.isLast);
      _commit(state, outcome, step, page, committed);
      if (committed == 0) continue;
      if (!step.isFirst) step.holdRest(first, pageEnd, holds, releases);
      else if (isPlain) step.holdPlain(first, pageEnd, holds);
      else step.holdAll(first, pageEnd, holds);
    }
    uint256[] memory toRelease = releases.finish();
    if (toRelease.length != 0) step.interval.escrowMicro -= uint48(step.house.release(toRelease));
    if (step.supplyMicro != 0) _holdWithSupply(outcome, step, holds);
    else _hold(step, holds.finish());
    bool isAlone = step.isFirst && !step.interval.isSupplied && outcome.clearedWh != 0;
    if (isAlone) emit IntervalUnsupplied(outcome.areaId, outcome.intervalId, step.interval.attempt);
  }

  function _hold(HoldLib.Step memory step, uint256[] memory toHold) private {
    if (toHold.length != 0) step.interval.escrowMicro += uint48(step.house.hold(toHold, step.startsAt));
  }

  /// @dev Holds the supplier's reserve with those of the members. When its margin falls short, the interval goes
  /// unsupplied; what the members hold is the same either way.
  function _holdWithSupply(
    PoolLib.Outcome calldata outcome,
    HoldLib.Step memory step,
    PostingLib.List memory holds
  ) private {
    PoolLib.Interval memory interval = step.interval;
    uint256 supplySeat = PoolLib.seatOf(outcome.areaId, interval.supplier);
    holds.addSingle(supplySeat, step.supplyMicro);
    uint256[] memory toHold = holds.finish();
    (uint256 heldMicro, uint32[] memory short) = step.house.tryHold(toHold, step.startsAt);
    if (short.length == 0) {
      interval.supplierMicro = int48(int256(step.supplyMicro));
      interval.escrowMicro = uint48(heldMicro);
      return;
    }
    for (uint256 i; i < short.length; ++i) {
      if (short[i] == supplySeat) interval.isSupplied = false;
    }
    if (interval.isSupplied) revert MarginsFallShort(address(this), short);
    _hold(step, toHold.truncate(toHold.length - 2));
  }

  function _commit(
    PoolLib.State storage state,
    PoolLib.Outcome calldata outcome,
    HoldLib.Step memory step,
    uint256 page,
    bytes32 committed
  ) private {
    PoolLib.Interval memory interval = step.interval;
    CommitmentLib.Page memory place =
      CommitmentLib.Page(outcome.areaId, outcome.intervalId, interval.attempt, page);
    bytes32 before = step.isFirst ? bytes32(0) : CommitmentLib.read(state, place);
    if (before == committed) return;
    if (before == 0) ++interval.openPages;
    if (committed == 0) --interval.openPages;
    CommitmentLib.write(state, place, committed, step.isFirst);
  }

  function _close(PoolLib.State storage state, PoolLib.Outcome calldata outcome, HoldLib.Step memory step)
    private
  {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    PoolLib.Interval memory interval = step.interval;
    interval.stage = interval.openPages == 0 ? PoolLib.Stage.Untraded : PoolLib.Stage.Cleared;
    if (!step.isFirst) delete state.progress[PoolLib.keyOf(areaId, intervalId)];
    emit IntervalCleared(
      areaId,
      intervalId,
      interval.attempt,
      interval.terms,
      interval.localPrice,
      interval.clearedWh,
      outcome.bookRoot
    );
  }

  function _suspend(PoolLib.State storage state, PoolLib.Outcome calldata outcome, HoldLib.Step memory step)
    private
  {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    state.progress[PoolLib.keyOf(areaId, intervalId)].suspend(step.outcomeHash, step.carry);
    emit StepVerified(areaId, intervalId, step.interval.attempt);
  }
}
