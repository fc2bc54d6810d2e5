// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../ClearingHouse.sol";
import { MeterLedger } from "../MeterLedger.sol";
import { ParticipantRegistry } from "../ParticipantRegistry.sol";
import "../libraries/Errors.sol";
import { OrderBookLib } from "../libraries/OrderBookLib.sol";
import { PoolLib } from "../libraries/PoolLib.sol";
import { PoolSettlementLib } from "../libraries/PoolSettlementLib.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @notice The pool of a local community (R5.39). The operator submits the whole book of an interval with its clearing;
/// the contract recovers every signature and verifies limits, order, rationing, volume, money, and that no pair of
/// orders left could still trade (R9.8, E9.5–E9.8). It never searches. Money is reserved at the clearing and moves only
/// against signed readings (R2.41, R7.19); anybody may bring those.
/// @dev A clearing or settlement that exceeds a transaction goes on in further steps. docs/model/clearing.md and
/// docs/model/settlement.md hold the equations.
contract PoolMarket is EIP712 {
  using DynamicArrayLib for uint256[];
  using PostingLib for PostingLib.List;
  using OrderBookLib for OrderBookLib.Walk;
  using OrderBookLib for OrderBookLib.Carry;

  uint256 private constant PAGE = 256;
  uint256 private constant MAX_PAGES = 64;
  bytes32 private constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
  uint8 private constant UNIFORM = 0;
  uint8 private constant MIDPOINT = 1;

  /// @notice What the operator declares of a clearing; the same in each of its steps.
  struct Outcome {
    uint16 areaId;
    uint32 intervalId;
    int32 marginalBid;
    int32 marginalOffer;
    OrderBookLib.Rationing bids;
    OrderBookLib.Rationing offers;
    uint16 firstPage;
    uint16 lastPage;
  }

  ParticipantRegistry public immutable registry;
  ClearingHouse public immutable clearingHouse;
  MeterLedger public immutable meterLedger;

  uint16 public lastArea;
  PoolLib.State private state;

  event AreaCreated(
    uint16 indexed areaId,
    address indexed operator,
    uint24 supplier,
    uint24 dso,
    uint24 fund,
    PoolLib.Terms terms
  );
  event SupplyAccepted(uint16 indexed areaId, uint24 indexed supplier);
  event StepVerified(uint16 indexed areaId, uint32 indexed intervalId, uint8 step);
  event IntervalCleared(
    uint16 indexed areaId, uint32 indexed intervalId, uint8 pricing, int32 localPrice, uint256 clearedWh
  );

  constructor(ParticipantRegistry registry_, ClearingHouse clearingHouse_, MeterLedger meterLedger_)
    EIP712("Commonwatt PoolMarket", "1")
  {
    if (address(registry_) == address(0) || address(clearingHouse_) == address(0)) revert ZeroAddress();
    if (address(meterLedger_) == address(0)) revert ZeroAddress();
    registry = registry_;
    clearingHouse = clearingHouse_;
    meterLedger = meterLedger_;
  }

  // -- areas

  /// @param supplier account that replaces shortfalls and takes surpluses
  /// @param dso account that gets the grid fees (R2.51)
  /// @param fund named account for what rounding leaves
  function createArea(PoolLib.Terms calldata terms, uint24 supplier, uint24 dso, uint24 fund)
    external
    returns (uint16 areaId)
  {
    if (!registry.hasRole(OPERATOR_ROLE, msg.sender)) {
      revert NotAuthorised(msg.sender, OPERATOR_ROLE);
    }
    _requireTerms(terms);
    _requireAccount(supplier);
    _requireAccount(dso);
    _requireAccount(fund);
    areaId = ++lastArea;
    state.areas[areaId] = PoolLib.Area({
      terms: terms, operator: msg.sender, supplier: supplier, dso: dso, fund: fund, isSupplied: false
    });
    emit AreaCreated(areaId, msg.sender, supplier, dso, fund, terms);
    if (registry.ownerOf(supplier) == msg.sender) _acceptSupply(areaId, supplier);
  }

  /// @notice The supplier agrees that its margin stands for the surpluses of the area, at its terms. Until then nothing
  /// clears there that would reserve money of the supplier.
  function acceptSupply(uint16 areaId) external {
    PoolLib.Area memory area = state.areas[areaId];
    if (area.operator == address(0)) revert UnknownArea(areaId);
    if (registry.ownerOf(area.supplier) != msg.sender) revert NotOwner(msg.sender, area.supplier);
    _acceptSupply(areaId, area.supplier);
  }

  function areaOf(uint16 areaId) external view returns (PoolLib.Area memory) {
    return state.areas[areaId];
  }

  // -- clearing

  /// @notice Verifies a clearing at one price: the midpoint of the marginal pair.
  /// @param bids packed orders by price descending, account, sequence
  /// @param offers packed orders by price ascending, account, sequence
  /// @param isLast whether the book ends with this step
  function clearUniform(Outcome calldata outcome, bytes calldata bids, bytes calldata offers, bool isLast)
    external
  {
    _clear(outcome, bids, offers, isLast, UNIFORM);
  }

  /// @notice Verifies a clearing in which each matched pair meets at its midpoint (Algorithm 1 of chapter 9).
  function clearMidpoint(Outcome calldata outcome, bytes calldata bids, bytes calldata offers, bool isLast)
    external
  {
    _clear(outcome, bids, offers, isLast, MIDPOINT);
  }

  // -- settlement

  /// @notice Settles the positions of a page against its readings. Anybody may call: the proofs decide.
  /// @param positions for each step of the clearing, its positions of the page
  function settle(
    uint16 areaId,
    uint32 intervalId,
    uint16 page,
    uint256[][] calldata positions,
    PoolSettlementLib.Readings calldata readings
  ) external {
    PoolSettlementLib.settle(state, _placeOf(areaId, intervalId, page), positions, readings);
  }

  /// @notice Gives back what was reserved for a page, when its clearing was not finished before delivery was over, or
  /// nobody could settle it within 14 days. When other pages of the interval are paid already, their money can't come
  /// back: then what this page traded stands as contracted. Anybody may call.
  function voidPage(uint16 areaId, uint32 intervalId, uint16 page, uint256[][] calldata positions) external {
    PoolSettlementLib.voidPage(state, _placeOf(areaId, intervalId, page), positions);
  }

  function intervalOf(uint16 areaId, uint32 intervalId) external view returns (PoolLib.Interval memory) {
    return state.intervals[areaId][intervalId];
  }

  // -- internal: clearing

  function _clear(
    Outcome calldata outcome,
    bytes calldata bids,
    bytes calldata offers,
    bool isLast,
    uint8 pricing
  ) private {
    PoolLib.Area memory area = _requireOpen(outcome, pricing);
    PoolLib.Interval memory interval = state.intervals[outcome.areaId][outcome.intervalId];
    OrderBookLib.Carry memory carry = _resume(outcome, interval);
    OrderBookLib.Walk memory walk = _walkOf(outcome, area.terms, interval.localPrice);

    OrderBookLib.Cursor memory bidCursor =
      walk.walkSide(carry.bids, outcome.bids, OrderBookLib.BID, outcome.marginalBid, bids);
    OrderBookLib.Cursor memory offerCursor =
      walk.walkSide(carry.offers, outcome.offers, OrderBookLib.OFFER, outcome.marginalOffer, offers);
    if (walk.isMidpoint) walk.pair(bidCursor, offerCursor, carry);
    if (isLast) {
      carry.requireMaximal(outcome.bids, outcome.offers, outcome.marginalBid, outcome.marginalOffer);
    }
    _reserve(outcome, area, interval, walk, isLast ? carry.bids.filledWh : 0);
    if (isLast) _close(outcome, interval, pricing, carry.bids.filledWh);
    else _suspend(outcome, interval, carry);
    state.intervals[outcome.areaId][outcome.intervalId] = interval;
  }

  /// @dev The gate is closed, delivery is not over, and the caller operates the area.
  function _requireOpen(Outcome calldata outcome, uint8 pricing)
    private
    view
    returns (PoolLib.Area memory area)
  {
    area = state.areas[outcome.areaId];
    if (area.operator == address(0)) revert UnknownArea(outcome.areaId);
    if (msg.sender != area.operator || !registry.hasRole(OPERATOR_ROLE, msg.sender)) {
      revert NotAuthorised(msg.sender, OPERATOR_ROLE);
    }
    if (area.terms.pricing != pricing) revert WrongPricing(outcome.areaId);
    uint256 endsAt = PoolLib.endsAt(area, outcome.intervalId);
    uint256 closesAt = endsAt - area.terms.intervalSeconds - area.terms.gateClosureSeconds;
    if (block.timestamp < closesAt) revert GateOpen(outcome.intervalId, closesAt);
    if (block.timestamp >= endsAt) revert DeliveryOver(outcome.intervalId, endsAt);
    bool isCrossed = outcome.bids.filledWh != 0 && outcome.marginalBid < outcome.marginalOffer;
    if (isCrossed) revert MarginalPricesCrossed(outcome.marginalBid, outcome.marginalOffer);
  }

  /// @dev Starts a clearing, or goes on with one whose outcome must be unchanged.
  function _resume(Outcome calldata outcome, PoolLib.Interval memory interval)
    private
    view
    returns (OrderBookLib.Carry memory carry)
  {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    if (interval.stage == PoolLib.Stage.None) {
      interval.stage = PoolLib.Stage.Clearing;
      interval.localPrice = outcome.bids.filledWh == 0
        ? int32(0)
        : int32((int256(outcome.marginalBid) + int256(outcome.marginalOffer)) >> 1);
    } else if (interval.stage == PoolLib.Stage.Clearing) {
      if (state.outcomeHashes[areaId][intervalId] != keccak256(abi.encode(outcome))) {
        revert OutcomeChanged(areaId, intervalId);
      }
      carry = state.carries[areaId][intervalId];
    } else {
      revert AlreadyCleared(areaId, intervalId);
    }
  }

  function _walkOf(Outcome calldata outcome, PoolLib.Terms memory terms, int32 localPrice)
    private
    view
    returns (OrderBookLib.Walk memory walk)
  {
    if (outcome.lastPage < outcome.firstPage) revert TooManyPages(0);
    uint256 pages = uint256(outcome.lastPage) - outcome.firstPage + 1;
    if (pages > MAX_PAGES) revert TooManyPages(pages);
    walk.registry = registry;
    walk.domainSeparator = _domainSeparatorV4();
    walk.words = OrderBookLib.wordsOf(outcome.areaId, outcome.intervalId);
    walk.floor = terms.floor;
    walk.ceiling = terms.ceiling;
    walk.isMidpoint = terms.pricing == MIDPOINT;
    walk.localPrice = localPrice;
    walk.firstAccount = outcome.firstPage * PAGE;
    walk.totals = new uint256[](pages * PAGE);
    walk.tradable = new uint256[](pages);
    walk.signers = new bytes[](pages);
    for (uint256 i; i < pages; ++i) {
      uint256 page = outcome.firstPage + i;
      walk.tradable[i] = registry.tradableIn(outcome.areaId, page);
      address pointer = registry.directoryOf(page);
      if (pointer != address(0)) walk.signers[i] = SSTORE2.read(pointer);
    }
  }

  /// @dev Reserves the worst case of each position, and commits to the positions page by page.
  function _reserve(
    Outcome calldata outcome,
    PoolLib.Area memory area,
    PoolLib.Interval memory interval,
    OrderBookLib.Walk memory walk,
    uint256 clearedWh
  ) private {
    SettlementLib.Prices memory prices = PoolLib.pricesOf(area.terms, interval.localPrice);
    PostingLib.List memory postings = PostingLib.list(walk.totals.length / PAGE, 1);
    for (uint256 page = outcome.firstPage; page <= outcome.lastPage; ++page) {
      bytes32 positionsHash = _reservePage(walk, page, prices, postings);
      if (positionsHash == 0) continue;
      state.positionsHashes[outcome.areaId][outcome.intervalId][PoolLib.partOf(interval.steps, page)] =
      positionsHash;
      ++interval.openParts;
    }
    if (clearedWh != 0 && prices.surplus > 0) {
      if (!area.isSupplied) revert SupplyNotAccepted(outcome.areaId);
      int256 reserve = SettlementLib.ceilThousandth(int256(clearedWh) * prices.surplus);
      interval.supplierMicro = int64(reserve);
      postings.appendSingle(area.supplier, uint256(reserve));
    }
    interval.escrowMicro += uint64(clearingHouse.hold(postings.finish()));
  }

  function _reservePage(
    OrderBookLib.Walk memory walk,
    uint256 page,
    SettlementLib.Prices memory prices,
    PostingLib.List memory postings
  ) private pure returns (bytes32 positionsHash) {
    unchecked {
      uint256[] memory totals = walk.totals;
      uint256[] memory positions = DynamicArrayLib.malloc(PAGE);
      uint256 index = page * PAGE - walk.firstAccount;
      uint256 count;
      for (uint256 account = page * PAGE; account < (page + 1) * PAGE; account += PostingLib.LANES) {
        uint256 lanes;
        for (uint256 i; i < PostingLib.LANES; ++i) {
          uint256 position = totals.get(index++);
          if (position == 0) continue;
          position |= account + i;
          positions.set(count++, position);
          lanes |= PostingLib.laneOf(position, SettlementLib.reserveOf(position, prices));
        }
        if (lanes != 0) postings.append(account / PostingLib.LANES, lanes);
      }
      if (count != 0) positionsHash = positions.truncate(count).hash();
    }
  }

  function _close(Outcome calldata outcome, PoolLib.Interval memory interval, uint8 pricing, uint48 clearedWh)
    private
  {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    interval.stage = interval.openParts == 0 ? PoolLib.Stage.Settled : PoolLib.Stage.Cleared;
    interval.clearedWh = clearedWh;
    if (interval.steps != 0) {
      delete state.carries[areaId][intervalId];
      delete state.outcomeHashes[areaId][intervalId];
    }
    ++interval.steps;
    emit IntervalCleared(areaId, intervalId, pricing, interval.localPrice, clearedWh);
  }

  function _suspend(
    Outcome calldata outcome,
    PoolLib.Interval memory interval,
    OrderBookLib.Carry memory carry
  ) private {
    (uint16 areaId, uint32 intervalId) = (outcome.areaId, outcome.intervalId);
    if (interval.steps == 0) state.outcomeHashes[areaId][intervalId] = keccak256(abi.encode(outcome));
    state.carries[areaId][intervalId] = carry;
    emit StepVerified(areaId, intervalId, interval.steps++);
  }

  // -- internal: areas

  function _acceptSupply(uint16 areaId, uint24 supplier) private {
    state.areas[areaId].isSupplied = true;
    emit SupplyAccepted(areaId, supplier);
  }

  function _placeOf(uint16 areaId, uint32 intervalId, uint16 page)
    private
    view
    returns (PoolSettlementLib.Place memory)
  {
    return PoolSettlementLib.Place(clearingHouse, meterLedger, areaId, intervalId, page);
  }

  /// @dev The shortfall price never falls below the ceiling, so that selling without delivering can't pay (R2.20).
  function _requireTerms(PoolLib.Terms calldata terms) private pure {
    if (terms.intervalSeconds < 60 || terms.intervalSeconds > 1 days) revert InvalidTerms(1);
    if (terms.floor > terms.ceiling) revert InvalidTerms(2);
    if (terms.penaltyPermille < 1000) revert InvalidTerms(3);
    if (terms.upstreamPrice < terms.ceiling || terms.upstreamPrice < 0) revert InvalidTerms(4);
    if (terms.surplusPrice > terms.floor) revert InvalidTerms(5);
    if (terms.pricing > MIDPOINT) revert InvalidTerms(6);
    if (terms.gateClosureSeconds > 30 days) revert InvalidTerms(7);
  }

  function _requireAccount(uint24 account) private view {
    if (registry.ownerOf(account) == address(0)) revert UnknownAccount(account);
  }
}
