// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { DIRECTORY_ACCOUNTS, ParticipantRegistry } from "../accounts/ParticipantRegistry.sol";
import "../libraries/Errors.sol";
import { OrderBookLib } from "../libraries/OrderBookLib.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { PoolAreaLib } from "./PoolAreaLib.sol";
import { PoolLib } from "./PoolLib.sol";
import { PoolSettlementLib } from "./PoolSettlementLib.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @notice The pool of a local community (R5.39). The operator submits the clearing of an interval with the orders that
/// bear on it: those at the margin or better, and the best one left on each side. The contract recovers every signature
/// and verifies limits, order, rationing, volume, money, and that no pair of orders left could still trade (R9.8,
/// E9.5–E9.8). It never searches. A root binds the whole book, so that an order left out can be shown. Money is reserved
/// at the clearing and moves only against signed readings (R2.41, R7.19); anybody may bring those.
/// @dev A clearing or settlement that exceeds a transaction goes on in further steps. docs/model/clearing.md and
/// docs/model/settlement.md hold the equations.
contract PoolMarket is EIP712 {
  using DynamicArrayLib for uint256[];
  using PostingLib for PostingLib.List;
  using OrderBookLib for OrderBookLib.Walk;
  using OrderBookLib for OrderBookLib.Carry;

  uint256 private constant PAGE = ReadingTree.PAGE;
  uint256 private constant MAX_ACCOUNTS = 1 << 14;

  /// @notice What the operator declares of a clearing; the same in each of its steps.
  /// @param firstAccount lowest account of the submitted orders
  /// @param lastAccount highest one
  /// @param bookRoot Merkle root of all orders of the interval, submitted or not (src/evidence/bookRoot.ts)
  struct Outcome {
    uint16 areaId;
    uint32 intervalId;
    int32 marginalBid;
    int32 marginalOffer;
    OrderBookLib.Rationing bids;
    OrderBookLib.Rationing offers;
    uint24 firstAccount;
    uint24 lastAccount;
    bytes32 bookRoot;
  }

  ParticipantRegistry public immutable registry;
  ClearingHouse public immutable clearingHouse;
  MeterLedger public immutable meterLedger;

  uint16 public lastArea;
  PoolLib.State private state;

  event StepVerified(uint16 indexed areaId, uint32 indexed intervalId, uint8 step);
  event IntervalCleared(
    uint16 indexed areaId,
    uint32 indexed intervalId,
    uint8 pricing,
    int32 localPrice,
    uint256 clearedWh,
    bytes32 bookRoot
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
    areaId = ++lastArea;
    PoolAreaLib.create(state, registry, areaId, terms, [supplier, dso, fund]);
  }

  /// @notice The supplier agrees that its margin stands for the surpluses of the area, at its terms. Until then nothing
  /// clears there that would reserve money of the supplier.
  function acceptSupply(uint16 areaId) external {
    PoolAreaLib.acceptSupply(state, registry, areaId);
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
    _clear(outcome, bids, offers, isLast, PoolLib.UNIFORM);
  }

  /// @notice Verifies a clearing in which each matched pair meets at its midpoint (Algorithm 1 of chapter 9).
  function clearMidpoint(Outcome calldata outcome, bytes calldata bids, bytes calldata offers, bool isLast)
    external
  {
    _clear(outcome, bids, offers, isLast, PoolLib.MIDPOINT);
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
    if (msg.sender != area.operator || !registry.hasRole(PoolLib.OPERATOR_ROLE, msg.sender)) {
      revert NotAuthorised(msg.sender, PoolLib.OPERATOR_ROLE);
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
      if (interval.steps == type(uint8).max) revert TooManySteps(areaId, intervalId);
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
    (uint256 first, uint256 last) = (outcome.firstAccount, outcome.lastAccount);
    if (last < first || last - first >= MAX_ACCOUNTS) revert TooManyAccounts(first, last);
    walk.registry = registry;
    walk.domainSeparator = _domainSeparatorV4();
    walk.words = OrderBookLib.wordsOf(outcome.areaId, outcome.intervalId);
    walk.floor = terms.floor;
    walk.ceiling = terms.ceiling;
    walk.isMidpoint = terms.pricing == PoolLib.MIDPOINT;
    walk.localPrice = localPrice;
    walk.firstAccount = first;
    walk.totals = new uint256[](last - first + 1);
    walk.tradable = new uint256[]((last - first) / 256 + 1);
    for (
      uint256 account = first;
      account <= last;
      account = (account / DIRECTORY_ACCOUNTS + 1) * DIRECTORY_ACCOUNTS
    ) {
      uint256 end = (account / DIRECTORY_ACCOUNTS + 1) * DIRECTORY_ACCOUNTS;
      _readDirectory(outcome.areaId, walk, account, end <= last ? end : last + 1);
    }
  }

  /// @dev Appends what the registry says of the accounts `first` to `end` - 1, all of one directory.
  function _readDirectory(uint16 areaId, OrderBookLib.Walk memory walk, uint256 first, uint256 end)
    private
    view
  {
    uint256 bits =
      registry.tradableIn(areaId, first / DIRECTORY_ACCOUNTS) >> first % DIRECTORY_ACCOUNTS;
    (uint256 word, uint256 shift) = ((first - walk.firstAccount) / 256, (first - walk.firstAccount) % 256);
    walk.tradable[word] |= bits << shift;
    if (shift != 0 && word + 1 < walk.tradable.length) walk.tradable[word + 1] |= bits >> 256 - shift;

    address pointer = registry.directoryOf(first / DIRECTORY_ACCOUNTS);
    uint256 start = first % DIRECTORY_ACCOUNTS * 32;
    uint256 length = (end - first) * 32;
    bytes memory signers = pointer == address(0) ? bytes("") : SSTORE2.read(pointer, start, start + length);
    walk.signers = bytes.concat(walk.signers, signers.length == length ? signers : new bytes(length));
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
    (uint256 account, uint256 end) = (walk.firstAccount, walk.firstAccount + walk.totals.length);
    PostingLib.List memory postings = PostingLib.list(account, end, 1);
    while (account < end) {
      uint256 page = account / PAGE;
      uint256 pageEnd = (page + 1) * PAGE < end ? (page + 1) * PAGE : end;
      bytes32 positionsHash = _reservePage(walk, account, pageEnd, prices, postings);
      account = pageEnd;
      if (positionsHash == 0) continue;
      state.positionsHashes[outcome.areaId][outcome.intervalId][PoolLib.partOf(interval.steps, page)] =
      positionsHash;
      ++interval.openParts;
    }
    if (clearedWh != 0 && prices.surplus > 0) {
      if (!area.isSupplied) revert SupplyNotAccepted(outcome.areaId);
      int256 reserve = SettlementLib.ceilThousandth(int256(clearedWh) * prices.surplus);
      interval.supplierMicro = int64(reserve);
      postings.addSingle(area.supplier, uint256(reserve));
    }
    interval.escrowMicro += uint64(clearingHouse.hold(postings.finish()));
  }

  /// @dev Lists the positions of the accounts `first` to `end` - 1, and posts what each has to reserve.
  function _reservePage(
    OrderBookLib.Walk memory walk,
    uint256 first,
    uint256 end,
    SettlementLib.Prices memory prices,
    PostingLib.List memory postings
  ) private pure returns (bytes32 positionsHash) {
    unchecked {
      uint256[] memory positions = walk.positionsOf(first, end);
      uint256 count = positions.length;
      for (uint256 i; i < count; ++i) {
        uint256 position = positions.get(i);
        postings.add(SettlementLib.accountOf(position), SettlementLib.reserveOf(position, prices));
      }
      if (count != 0) positionsHash = positions.hash();
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
    emit IntervalCleared(areaId, intervalId, pricing, interval.localPrice, clearedWh, outcome.bookRoot);
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

  // -- internal: settlement

  function _placeOf(uint16 areaId, uint32 intervalId, uint16 page)
    private
    view
    returns (PoolSettlementLib.Place memory)
  {
    return PoolSettlementLib.Place(clearingHouse, meterLedger, areaId, intervalId, page);
  }
}
