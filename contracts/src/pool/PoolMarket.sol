// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { PositionLib } from "../libraries/PositionLib.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { PoolLib } from "./PoolLib.sol";
import { PoolSettlementLib } from "./PoolSettlementLib.sol";
import { PoolTermsLib } from "./PoolTermsLib.sol";
import { Multicall } from "@openzeppelin/contracts/utils/Multicall.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice The pool of a local community (R5.39). The operator submits the clearing of an interval with the orders that
/// bear on it: those at the margin or better, and the best one left on each side. The contract recovers every signature
/// and verifies limits, order, rationing, volume, money, and that no pair of orders left could still trade (R9.8,
/// E9.5–E9.8). It never searches. A root binds the whole book, so that an order left out can be shown. Money is reserved
/// at the clearing and moves only against signed readings (R2.41, R7.19); anybody may bring those.
/// @dev A clearing that exceeds a transaction goes on in further steps; one that cannot be finished is abandoned, and a new
/// attempt starts. docs/model/clearing.md and docs/model/settlement.md hold the equations.
contract PoolMarket is EIP712, Multicall {
  using AuctionLib for AuctionLib.Walk;
  using AuctionLib for AuctionLib.Carry;
  using AuctionLib for AuctionLib.Progress;
  using DynamicArrayLib for uint256[];
  using PostingLib for PostingLib.List;

  bytes32 private constant ORDER_TYPEHASH = keccak256(
    "Order(uint16 areaId,uint32 intervalId,uint16 member,uint8 side,int32 limitPriceMicroPerKwh,uint32 energyWh,uint8 sequence)"
  );
  uint256 private constant PAGE = AuctionLib.DIRECTORY;
  uint256 private constant MAX_MEMBERS = 4096;
  uint256 private constant SECONDS_PER_HOUR = 3600;

  /// @notice What the operator declares of a clearing; the same in each of its steps.
  /// @param firstMember lowest number among the submitted orders
  /// @param lastMember highest one
  /// @param localPrice the one price of all trades; with midpoints that of the marginal pair
  /// @param clearedWh energy that is bought and sold
  /// @param bookRoot Merkle root of all orders of the interval, submitted or not
  struct Outcome {
    uint16 areaId;
    uint32 intervalId;
    uint16 firstMember;
    uint16 lastMember;
    int32 marginalBid;
    int32 marginalOffer;
    int32 localPrice;
    uint32 clearedWh;
    AuctionLib.Rationing bids;
    AuctionLib.Rationing offers;
    bytes32 bookRoot;
  }

  /// @dev What one step works with. `prior` are the totals before it; empty in the first step.
  struct Step {
    AuctionLib.Walk walk;
    AuctionLib.Carry carry;
    PoolLib.Interval interval;
    PoolLib.Terms terms;
    SettlementLib.Prices prices;
    uint256[] prior;
    bytes32 outcomeHash;
    uint256 startsAt;
    bool isFirst;
    bool isLast;
  }

  AreaRegistry public immutable areaRegistry;
  ClearingHouse public immutable clearingHouse;
  MeterLedger public immutable meterLedger;

  PoolLib.State private state;

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

  constructor(AreaRegistry areaRegistry_, ClearingHouse clearingHouse_, MeterLedger meterLedger_)
    EIP712("Commonwatt PoolMarket", "1")
  {
    if (address(areaRegistry_) == address(0) || address(clearingHouse_) == address(0)) revert ZeroAddress();
    if (address(meterLedger_) == address(0)) revert ZeroAddress();
    areaRegistry = areaRegistry_;
    clearingHouse = clearingHouse_;
    meterLedger = meterLedger_;
  }

  // -- terms

  /// @notice Announces a version of the terms of an area. The first takes effect at once, a later one for intervals that
  /// start after the notice. By the area's operator.
  function announceTerms(uint16 areaId, PoolLib.Terms calldata terms)
    external
    returns (uint16 version, uint32 fromInterval)
  {
    return PoolTermsLib.announce(state, areaRegistry, areaId, terms);
  }

  /// @notice The supplier agrees that its margin stands for the surpluses of the area, at a version of its terms and under
  /// an operator. Without that, intervals are cleared unsupplied. `termsHash` is keccak256 of the encoded terms.
  function acceptSupply(uint16 areaId, uint16 version, bytes32 termsHash, address operator) external {
    PoolTermsLib.acceptSupply(state, areaRegistry, areaId, version, termsHash, operator);
  }

  /// @notice The supplier stands for no interval any more that starts after a day.
  function withdrawSupply(uint16 areaId, uint16 version) external {
    PoolTermsLib.withdrawSupply(state, areaRegistry, areaId, version);
  }

  function scheduleOf(uint16 areaId) external view returns (PoolLib.Schedule memory) {
    return state.schedules[areaId];
  }

  function termsOf(uint16 areaId, uint16 version) external view returns (PoolLib.Terms memory) {
    return state.terms[areaId][version];
  }

  /// @notice The version of the terms that an interval is cleared with.
  function versionFor(uint16 areaId, uint32 intervalId) external view returns (uint16) {
    return PoolLib.versionFor(state.schedules[areaId], intervalId);
  }

  function acceptanceOf(uint16 areaId, uint16 version) external view returns (PoolLib.Acceptance memory) {
    return state.acceptances[areaId][version];
  }

  // -- clearing

  /// @notice Verifies a clearing, or a step of one.
  /// @param bids packed orders by price descending, member, sequence
  /// @param offers packed orders by price ascending, member, sequence
  /// @param positions in a further step: for each page from that of the first member to that of the last, the positions
  /// that the steps so far committed to
  /// @param isLast whether the book ends with this step
  function clear(
    Outcome calldata outcome,
    bytes calldata bids,
    bytes calldata offers,
    uint256[][] calldata positions,
    bool isLast
  ) external {
    Step memory step = _begin(outcome, isLast);
    if (step.isFirst) _openAttempt(outcome, step);
    else _takeUp(outcome, step, positions);
    _verify(outcome, step, bids, offers);
    _reserve(outcome, step);
    if (isLast) _close(outcome, step);
    else _suspend(outcome, step);
    state.intervals[PoolLib.keyOf(outcome.areaId, outcome.intervalId)] = step.interval;
  }

  /// @notice Gives up a clearing under way; a new attempt may start at once, while the gate is closed and delivery has not
  /// begun. What the attempt reserved goes back page by page, the supplier's reserve at once. By the operator; by anybody
  /// once delivery began.
  function abandon(uint16 areaId, uint32 intervalId) external {
    PoolSettlementLib.abandon(state, _base(), areaId, intervalId);
  }

  // -- settlement

  /// @notice Settles the positions of a page against its readings. Anybody may call: the proofs decide. A member without
  /// a reading counts as zero once the area's waiting time is over.
  /// @param positions as the clearing committed to them
  function settle(
    uint16 areaId,
    uint32 intervalId,
    uint16 page,
    uint256[] calldata positions,
    PoolSettlementLib.Readings calldata readings
  ) external {
    PoolSettlementLib.settle(state, _base(), areaId, intervalId, page, positions, readings);
  }

  /// @notice Gives back what was reserved for a page: of an attempt that was abandoned, or of an interval for which no
  /// reading was published within the area's waiting time. Anybody may call.
  function returnPage(
    uint16 areaId,
    uint32 intervalId,
    uint8 attempt,
    uint16 page,
    uint256[] calldata positions
  ) external {
    PoolSettlementLib.returnPage(state, _base(), areaId, intervalId, attempt, page, positions);
  }

  function intervalOf(uint16 areaId, uint32 intervalId) external view returns (PoolLib.Interval memory) {
    return state.intervals[PoolLib.keyOf(areaId, intervalId)];
  }

  /// @notice An attempt that was abandoned.
  function abandonedOf(uint16 areaId, uint32 intervalId, uint8 attempt)
    external
    view
    returns (PoolLib.Interval memory)
  {
    return state.abandoned[PoolLib.attemptKeyOf(areaId, intervalId, attempt)];
  }

  /// @notice What a clearing committed to on a page; zero when nothing of it is in escrow.
  function positionsHashOf(uint16 areaId, uint32 intervalId, uint8 attempt, uint16 page)
    external
    view
    returns (bytes32)
  {
    return state.positionsHashes[PoolLib.pageKeyOf(areaId, intervalId, attempt, page)];
  }

  // -- internal: clearing

  /// @dev The terms hold, the gate is closed, delivery has not begun, the caller operates the area.
  function _begin(Outcome calldata outcome, bool isLast) private view returns (Step memory step) {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    step.interval = state.intervals[PoolLib.keyOf(areaId, intervalId)];
    step.isFirst = step.interval.stage == PoolLib.Stage.None;
    step.isLast = isLast;
    if (step.isFirst) {
      step.interval.terms = PoolLib.versionFor(state.schedules[areaId], intervalId);
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
    _openWalk(outcome, step, closesAt);
  }

  /// @dev Fetches what the area says of its members and its roles.
  function _openWalk(Outcome calldata outcome, Step memory step, uint256 closesAt) private view {
    (uint256 first, uint256 last) = (outcome.firstMember, outcome.lastMember);
    if (last < first || last >= MAX_MEMBERS) revert TooManyMembers(first, last);
    AreaRegistry.Roster memory roster = areaRegistry.rosterOf(outcome.areaId, first / PAGE, last / PAGE);
    if (msg.sender != roster.operator) revert NotOperator(msg.sender, outcome.areaId);
    AuctionLib.Walk memory walk = step.walk;
    walk.areas = areaRegistry;
    walk.areaId = outcome.areaId;
    walk.closesAt = closesAt;
    walk.domainSeparator = _domainSeparatorV4();
    walk.words = AuctionLib.wordsOf(ORDER_TYPEHASH, outcome.areaId, outcome.intervalId);
    (walk.floor, walk.ceiling) = (step.terms.floor, step.terms.ceiling);
    walk.isPairwise = step.terms.pricing == AuctionLib.MIDPOINT;
    walk.base = first / PAGE * PAGE;
    walk.readMembers(last, roster.fresh, roster.directories);
    if (!step.isFirst) return;
    (step.interval.supplier, step.interval.dso, step.interval.fund) =
    (roster.supplier, roster.dso, roster.fund);
  }

  /// @dev The first step: what is declared lies in the price band, and the supplier's reserve is held before all others.
  function _openAttempt(Outcome calldata outcome, Step memory step) private {
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
    interval.isSupplied = _isAccepted(outcome, interval);
    if (interval.isSupplied) _holdSupply(outcome, step);
    if (!interval.isSupplied && outcome.clearedWh != 0) {
      emit IntervalUnsupplied(outcome.areaId, outcome.intervalId, interval.attempt);
    }
    step.prices = PoolLib.pricesOf(step.terms, interval.localPrice, interval.isSupplied);
    if (!step.isLast) step.outcomeHash = keccak256(abi.encode(outcome));
  }

  /// @dev Whether the supplier stands for the interval, at these terms and under this operator.
  function _isAccepted(Outcome calldata outcome, PoolLib.Interval memory interval)
    private
    view
    returns (bool)
  {
    PoolLib.Acceptance memory acceptance = state.acceptances[outcome.areaId][interval.terms];
    return acceptance.supplier == interval.supplier && acceptance.operator == msg.sender
      && outcome.intervalId < acceptance.until;
  }

  /// @dev When the supplier's margin falls short, the interval goes unsupplied.
  function _holdSupply(Outcome calldata outcome, Step memory step) private {
    if (step.terms.surplusPrice <= 0 || outcome.clearedWh == 0) return;
    int256 exact = int256(uint256(outcome.clearedWh)) * step.terms.surplusPrice;
    uint256 reserve = uint256(SettlementLib.ceilThousandth(exact));
    PoolLib.Interval memory interval = step.interval;
    interval.isSupplied = reserve <= PostingLib.MAX_AMOUNT_MICRO;
    if (!interval.isSupplied) return;
    PostingLib.List memory postings = PostingLib.list(0, 0, 1);
    postings.addSingle(PoolLib.seatOf(outcome.areaId, interval.supplier), reserve);
    (, uint32[] memory short) = clearingHouse.tryHold(postings.finish(), step.startsAt);
    interval.isSupplied = short.length == 0;
    if (!interval.isSupplied) return;
    interval.supplierMicro = int48(int256(reserve));
    interval.escrowMicro = uint48(reserve);
  }

  /// @dev A further step: the outcome is unchanged, and each page's positions are those that were committed to.
  function _takeUp(Outcome calldata outcome, Step memory step, uint256[][] calldata positions) private view {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    step.outcomeHash = keccak256(abi.encode(outcome));
    step.carry = state.progress[PoolLib.keyOf(areaId, intervalId)].resume(step.outcomeHash);
    step.prices = PoolLib.pricesOf(step.terms, step.interval.localPrice, step.interval.isSupplied);
    uint256 firstPage = step.walk.base / PAGE;
    for (uint256 i; i < step.walk.directories.length; ++i) {
      uint256 pageKey = PoolLib.pageKeyOf(areaId, intervalId, step.interval.attempt, firstPage + i);
      bytes32 committed = state.positionsHashes[pageKey];
      if (committed == 0) continue;
      if (i >= positions.length || PositionLib.hashOf(positions[i]) != committed) {
        revert PositionsDiffer(areaId, intervalId, uint16(firstPage + i));
      }
      _restore(step.walk, positions[i]);
    }
    step.prior = step.walk.totals.copy();
  }

  function _restore(AuctionLib.Walk memory walk, uint256[] calldata words) private pure {
    uint256 bits = PositionLib.bitsOf(walk.isPairwise);
    for (uint256 i; i < words.length; ++i) {
      for (uint256 word = words[i]; word != 0; word >>= bits) {
        walk.restore(bits == PositionLib.PRICED_BITS ? uint64(word) : uint128(word));
      }
    }
  }

  function _verify(Outcome calldata outcome, Step memory step, bytes calldata bids, bytes calldata offers)
    private
    view
  {
    (AuctionLib.Walk memory walk, AuctionLib.Carry memory carry) = (step.walk, step.carry);
    AuctionLib.Cursor memory bidCursor =
      walk.walkSide(carry.bids, outcome.bids, AuctionLib.BID, outcome.marginalBid, carry.bidLeft, bids);
    AuctionLib.Cursor memory offerCursor = walk.walkSide(
      carry.offers, outcome.offers, AuctionLib.OFFER, outcome.marginalOffer, carry.offerLeft, offers
    );
    if (walk.isPairwise) walk.pair(bidCursor, offerCursor, carry);
    if (!step.isLast) return;
    _requirePrice(outcome, step);
  }

  /// @dev The last step: nothing is left that could trade, and the price declared in the first is that of the book.
  function _requirePrice(Outcome calldata outcome, Step memory step) private pure {
    (int256 bid, int256 offer) = (outcome.marginalBid, outcome.marginalOffer);
    (int256 bestBid, int256 bestOffer) =
      step.carry.requireMaximal(outcome.bids, outcome.offers, bid, offer, outcome.clearedWh);
    if (outcome.clearedWh == 0) return;
    int256 price = AuctionLib.localPriceOf(step.terms.pricing, bid, offer, bestBid, bestOffer);
    if (outcome.localPrice != price) revert LocalPriceDiffers(outcome.localPrice, price);
  }

  /// @dev Reserves the worst case of each position, and commits to the positions page by page.
  function _reserve(Outcome calldata outcome, Step memory step) private {
    uint256 end = step.walk.totals.length;
    uint256 firstSeat = PoolLib.seatOf(outcome.areaId, step.walk.base);
    PostingLib.List memory holds = PostingLib.list(firstSeat, firstSeat + end, 0);
    PostingLib.List memory releases;
    if (!step.isFirst) releases = PostingLib.list(firstSeat, firstSeat + end, 0);
    for (uint256 first; first < end; first += PAGE) {
      uint256 pageEnd = first + PAGE < end ? first + PAGE : end;
      bytes32 committed = step.walk.commit(first, pageEnd, step.isLast);
      _commit(outcome, step, (step.walk.base + first) / PAGE, committed);
      if (committed == 0) continue;
      if (step.isFirst) _holdAll(step, first, pageEnd, holds);
      else _holdRest(step, first, pageEnd, holds, releases);
    }
    uint256[] memory toHold = holds.finish();
    uint256[] memory toRelease = releases.finish();
    if (toRelease.length != 0) step.interval.escrowMicro -= uint48(clearingHouse.release(toRelease));
    if (toHold.length != 0) step.interval.escrowMicro += uint48(clearingHouse.hold(toHold, step.startsAt));
  }

  /// @dev Holds what each of the members at `first` to `end` - 1 has to reserve; the clearing has no earlier step.
  function _holdAll(Step memory step, uint256 first, uint256 end, PostingLib.List memory holds) private view {
    unchecked {
      uint256[] memory totals = step.walk.totals;
      uint256 area = PoolLib.seatOf(step.walk.areaId, step.walk.base);
      uint256 seconds_ = step.terms.intervalSeconds;
      bool isPlain = _isPlain(step);
      for (uint256 i = first; i < end; ++i) {
        uint256 total = totals.get(i);
        uint256 energyWh = uint64(total);
        if (energyWh == 0) continue;
        holds.add(area + i, isPlain ? _plainReserveOf(step, total) : _reserveOf(step, total));
        if (energyWh * SECONDS_PER_HOUR > uint32(total >> 64) * seconds_) _requireCapacity(step, total, i);
      }
    }
  }

  /// @dev Whether all trade at one price, and no price is negative: then reserves are sums of plain numbers.
  function _isPlain(Step memory step) private pure returns (bool) {
    return !step.walk.isPairwise && step.interval.localPrice >= 0 && step.prices.surplus >= 0;
  }

  function _plainReserveOf(Step memory step, uint256 total) private pure returns (uint256) {
    unchecked {
      SettlementLib.Prices memory prices = step.prices;
      return SettlementLib.plainReserveOf(
        total >> 127 == 1,
        uint64(total),
        uint32(step.interval.localPrice),
        uint256(prices.shortfall),
        uint256(prices.gridFee)
      );
    }
  }

  /// @dev Holds what each of the members has to reserve besides what it reserved in earlier steps. Rounding may
  /// lower that by a micro.
  function _holdRest(
    Step memory step,
    uint256 first,
    uint256 end,
    PostingLib.List memory holds,
    PostingLib.List memory releases
  ) private view {
    for (uint256 i = first; i < end; ++i) {
      uint256 total = step.walk.totals[i];
      uint256 prior = step.prior[i];
      if (uint64(total) == uint64(prior) && total >> 128 == prior >> 128) continue;
      _requireCapacity(step, total, i);
      uint256 seat = PoolLib.seatOf(step.walk.areaId, step.walk.base + i);
      (uint256 reserve, uint256 reserved) = (_reserveOf(step, total), _reserveOf(step, prior));
      if (reserve >= reserved) holds.add(seat, reserve - reserved);
      else releases.add(seat, reserved - reserve);
    }
  }

  /// @param total as in AuctionLib.Walk
  function _reserveOf(Step memory step, uint256 total) private pure returns (uint256) {
    unchecked {
      uint256 energyWh = uint64(total);
      int256 amount =
        step.walk.isPairwise ? int256(total) >> 128 : int256(energyWh) * step.interval.localPrice;
      return SettlementLib.reserveOf(total >> 127 & 1 == 1, energyWh, amount, step.prices);
    }
  }

  /// @dev No position is above what the connection carries in the interval.
  function _requireCapacity(Step memory step, uint256 total, uint256 index) private view {
    unchecked {
      uint256 energyWh = uint64(total);
      uint256 capacityW = step.walk.capacityOf(index);
      if (energyWh * SECONDS_PER_HOUR <= capacityW * step.terms.intervalSeconds) return;
      revert AboveCapacity(uint16(step.walk.base + index), energyWh, capacityW);
    }
  }

  function _commit(Outcome calldata outcome, Step memory step, uint256 page, bytes32 committed) private {
    PoolLib.Interval memory interval = step.interval;
    uint256 pageKey = PoolLib.pageKeyOf(outcome.areaId, outcome.intervalId, interval.attempt, page);
    if (step.isFirst) {
      if (committed == 0) return;
      ++interval.openPages;
    } else {
      bytes32 before = state.positionsHashes[pageKey];
      if (before == committed) return;
      if (before == 0) ++interval.openPages;
      if (committed == 0) --interval.openPages;
    }
    state.positionsHashes[pageKey] = committed;
  }

  function _close(Outcome calldata outcome, Step memory step) private {
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

  function _suspend(Outcome calldata outcome, Step memory step) private {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    state.progress[PoolLib.keyOf(areaId, intervalId)].suspend(step.outcomeHash, step.carry);
    emit StepVerified(areaId, intervalId, step.interval.attempt);
  }

  function _base() private view returns (PoolLib.Base memory) {
    return PoolLib.Base(areaRegistry, clearingHouse, meterLedger);
  }
}
