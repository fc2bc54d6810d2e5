// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../ClearingHouse.sol";
import { MeterLedger } from "../MeterLedger.sol";
import "./Errors.sol";
import { PoolLib } from "./PoolLib.sol";
import { PostingLib } from "./PostingLib.sol";
import { ReadingTree } from "./ReadingTree.sol";
import { SettlementLib } from "./SettlementLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice Settlement of a pool's positions against readings, and their return when no readings come. PoolMarket calls
/// it on its own storage; it stands apart because together they exceed the size of one contract (EIP-170).
library PoolSettlementLib {
  using DynamicArrayLib for uint256[];
  using PostingLib for PostingLib.List;

  /// @notice A cleared interval without readings can be undone by anybody this long after delivery.
  uint256 internal constant VOID_AFTER_SECONDS = 14 days;
  uint256 private constant PAGE = 256;
  uint8 private constant ENERGY = 1;

  /// @dev Positions of a page, by account % 256, and what was reserved for each.
  struct Holdings {
    uint256[] positions;
    uint256[] reserves;
    uint256 count;
  }

  /// @dev What a page owes to the DSO, and to the supplier.
  struct Sums {
    uint256 gridFeeMicro;
    int256 supplierMicro;
  }

  /// @notice Where a page stands, and who holds its money and its readings.
  struct Place {
    ClearingHouse clearingHouse;
    MeterLedger meterLedger;
    uint16 areaId;
    uint32 intervalId;
    uint16 page;
  }

  /// @notice The readings of a page's metering points, in account order: opened where a position needs them, else sealed.
  /// @param opened bit i says whether leaf i is a reading or the hash of one
  struct Readings {
    uint256 opened;
    uint256[] leaves;
    uint256 segmentIndex;
    uint256 segments;
    bytes32[] path;
  }

  event PageSettled(uint16 indexed areaId, uint32 indexed intervalId, uint16 page, uint256 gridFeeMicro);
  event IntervalSettled(
    uint16 indexed areaId, uint32 indexed intervalId, uint256 supplierMicro, uint256 remainderMicro
  );
  event PageVoided(uint16 indexed areaId, uint32 indexed intervalId, uint16 page);
  event IntervalVoided(uint16 indexed areaId, uint32 indexed intervalId);

  /// @notice See {PoolMarket.settle}.
  function settle(
    PoolLib.State storage state,
    Place memory place,
    uint256[][] calldata positions,
    Readings calldata readings
  ) external {
    PoolLib.Interval memory interval = state.intervals[place.areaId][place.intervalId];
    bool isCleared = interval.stage == PoolLib.Stage.Cleared || interval.stage == PoolLib.Stage.Settling;
    if (!isCleared) revert NotCleared(place.areaId, place.intervalId);
    PoolLib.Area memory area = state.areas[place.areaId];
    uint256 endsAt = PoolLib.endsAt(area, place.intervalId);
    if (block.timestamp < endsAt) revert DeliveryNotOver(place.intervalId, endsAt);

    SettlementLib.Prices memory prices = PoolLib.pricesOf(area.terms, interval.localPrice);
    Holdings memory holdings = _takePositions(state, place, interval, prices, positions);
    uint256[] memory leaves = readings.leaves;
    _requireReadings(place, readings, leaves);
    place.meterLedger.claimSegment(place.areaId, place.intervalId, place.page, ENERGY);
    PostingLib.List memory postings = PostingLib.list(1, 1);
    Sums memory sums = _settleAccounts(place.page, holdings, prices, readings.opened, leaves, postings);
    _pay(state, place, area, interval, postings, sums);
  }

  /// @notice See {PoolMarket.voidPage}.
  function voidPage(PoolLib.State storage state, Place memory place, uint256[][] calldata positions)
    external
  {
    PoolLib.Interval memory interval = state.intervals[place.areaId][place.intervalId];
    PoolLib.Area memory area = state.areas[place.areaId];
    _requireVoidable(place, area, interval);
    SettlementLib.Prices memory prices = PoolLib.pricesOf(area.terms, interval.localPrice);
    Holdings memory holdings = _takePositions(state, place, interval, prices, positions);
    if (interval.stage == PoolLib.Stage.Settling) {
      Sums memory sums = _settleAsContracted(holdings, prices);
      PostingLib.List memory postings = PostingLib.list(1, 1);
      postings.appendPage(place.page, holdings.reserves);
      _pay(state, place, area, interval, postings, sums);
    } else {
      _giveBack(state, place, area, interval, holdings);
    }
  }

  /// @dev Checks the positions against what the clearing committed to, and takes them out of escrow for good.
  function _takePositions(
    PoolLib.State storage state,
    Place memory place,
    PoolLib.Interval memory interval,
    SettlementLib.Prices memory prices,
    uint256[][] calldata positions
  ) private returns (Holdings memory holdings) {
    holdings.positions = new uint256[](PAGE);
    holdings.reserves = new uint256[](PAGE);
    if (positions.length != interval.steps) {
      revert PositionsDiffer(place.areaId, place.intervalId, place.page);
    }
    mapping(uint256 => bytes32) storage hashes = state.positionsHashes[place.areaId][place.intervalId];
    uint24 taken;
    for (uint256 step; step < positions.length; ++step) {
      bytes32 committed = hashes[PoolLib.partOf(step, place.page)];
      if (committed == 0 && positions[step].length == 0) continue;
      uint256[] memory given = positions[step];
      if (committed != given.hash()) revert PositionsDiffer(place.areaId, place.intervalId, place.page);
      delete hashes[PoolLib.partOf(step, place.page)];
      ++taken;
      _merge(holdings, given, prices);
    }
    if (taken == 0) revert NothingToSettle(place.areaId, place.intervalId, place.page);
    interval.openParts -= taken;
  }

  /// @dev Adds up an account's positions of several steps; each was reserved by itself.
  function _merge(Holdings memory holdings, uint256[] memory positions, SettlementLib.Prices memory prices)
    private
    pure
  {
    unchecked {
      (uint256[] memory held, uint256[] memory reserves) = (holdings.positions, holdings.reserves);
      (uint256 length, uint256 count) = (positions.length, holdings.count);
      for (uint256 i; i < length; ++i) {
        uint256 position = positions.get(i);
        uint256 slot = position % PAGE;
        uint256 sum = held.get(slot);
        if (sum == 0) ++count;
        held.set(slot, sum == 0 ? position : sum + (position >> 32 << 32));
        reserves.set(slot, reserves.get(slot) + SettlementLib.reserveOf(position, prices));
      }
      holdings.count = count;
    }
  }

  /// @dev Recomputes the segment from its opened and sealed leaves, and climbs to the published root.
  function _requireReadings(Place memory place, Readings calldata readings, uint256[] memory leaves)
    private
    view
  {
    (bytes32 context, bytes32 root) = place.meterLedger.evidenceOf(place.areaId, place.intervalId);
    uint256 count = leaves.length;
    if (count == 0 || count > PAGE || readings.segmentIndex >= readings.segments) {
      revert SegmentNotProven(place.areaId, place.intervalId, place.page);
    }
    uint256[] memory nodes = DynamicArrayLib.malloc(count);
    uint256 opened = readings.opened;
    unchecked {
      for (uint256 i; i < count; ++i) {
        uint256 leaf = leaves.get(i);
        if (opened >> i & 1 == 1) leaf = uint256(ReadingTree.leafOf(context, leaf));
        nodes.set(i, leaf);
      }
    }
    bytes32 segment = ReadingTree.segmentOf(place.page, count, ReadingTree.fold(nodes));
    bytes32 top = ReadingTree.climb(segment, readings.segmentIndex, readings.segments, readings.path);
    if (ReadingTree.rootOf(readings.segments, top) != root) {
      revert SegmentNotProven(place.areaId, place.intervalId, place.page);
    }
  }

  /// @dev Releases to each account its reserve minus what its position costs.
  function _settleAccounts(
    uint16 page,
    Holdings memory holdings,
    SettlementLib.Prices memory prices,
    uint256 opened,
    uint256[] memory leaves,
    PostingLib.List memory postings
  ) private pure returns (Sums memory sums) {
    unchecked {
      uint256 last;
      uint256 unmet = holdings.count;
      for (uint256 i; opened != 0; (++i, opened >>= 1)) {
        if (opened & 1 == 0) continue;
        uint256 reading = leaves[i];
        uint256 account = reading >> 224;
        if (account <= last || account / PAGE != page) revert ReadingsOutOfOrder(uint24(account));
        last = account;
        uint256 position = holdings.positions.get(account % PAGE);
        if (position == 0) revert ReadingWithoutPosition(uint24(account));
        --unmet;
        (int256 paid, int256 shortfall, int256 surplus, int256 gridFee) = SettlementLib.settle(
          position, ReadingTree.importWhOf(reading), ReadingTree.exportWhOf(reading), prices
        );
        sums.gridFeeMicro += uint256(gridFee);
        sums.supplierMicro += shortfall - surplus;
        postings.add(account, uint256(int256(holdings.reserves.get(account % PAGE)) - paid));
      }
      if (unmet != 0) revert PositionWithoutReading(page, unmet);
    }
  }

  /// @dev As {_settleAccounts}, when no readings will come: every position counts as delivered and consumed.
  function _settleAsContracted(Holdings memory holdings, SettlementLib.Prices memory prices)
    private
    pure
    returns (Sums memory sums)
  {
    for (uint256 i; i < PAGE; ++i) {
      uint256 position = holdings.positions[i];
      if (position == 0) continue;
      (int256 paid,,, int256 gridFee) =
        SettlementLib.settle(position, type(uint48).max, type(uint48).max, prices);
      sums.gridFeeMicro += uint256(gridFee);
      holdings.reserves[i] = uint256(int256(holdings.reserves[i]) - paid);
    }
  }

  /// @dev Pays the participants of a page and the DSO, and after the last page the supplier.
  function _pay(
    PoolLib.State storage state,
    Place memory place,
    PoolLib.Area memory area,
    PoolLib.Interval memory interval,
    PostingLib.List memory postings,
    Sums memory sums
  ) private {
    postings.appendSingle(area.dso, sums.gridFeeMicro);
    interval.stage = PoolLib.Stage.Settling;
    interval.supplierMicro += int64(sums.supplierMicro);
    interval.escrowMicro -= uint64(place.clearingHouse.release(postings.finish()));
    emit PageSettled(place.areaId, place.intervalId, place.page, sums.gridFeeMicro);
    if (interval.openParts == 0) _finish(place, area, interval);
    state.intervals[place.areaId][place.intervalId] = interval;
  }

  /// @dev Pays the supplier; what rounding left goes to the fund. Nothing stays in escrow.
  function _finish(Place memory place, PoolLib.Area memory area, PoolLib.Interval memory interval) private {
    uint256 supplierMicro = uint64(interval.supplierMicro);
    uint256 remainderMicro = interval.escrowMicro - supplierMicro;
    PostingLib.List memory postings = PostingLib.list(0, 2);
    postings.appendSingle(area.supplier, supplierMicro);
    postings.appendSingle(area.fund, remainderMicro);
    place.clearingHouse.release(postings.finish());
    _empty(interval, PoolLib.Stage.Settled);
    emit IntervalSettled(place.areaId, place.intervalId, supplierMicro, remainderMicro);
  }

  function _requireVoidable(Place memory place, PoolLib.Area memory area, PoolLib.Interval memory interval)
    private
    view
  {
    PoolLib.Stage stage = interval.stage;
    bool isOver =
      stage == PoolLib.Stage.None || stage == PoolLib.Stage.Settled || stage == PoolLib.Stage.Voided;
    if (isOver) revert NotCleared(place.areaId, place.intervalId);
    bool isCleared = stage == PoolLib.Stage.Cleared || stage == PoolLib.Stage.Settling;
    uint256 voidableAt = PoolLib.endsAt(area, place.intervalId) + (isCleared ? VOID_AFTER_SECONDS : 0);
    if (block.timestamp < voidableAt) revert TooEarlyToVoid(place.intervalId, voidableAt);
  }

  /// @dev Releases what was reserved; after the last page, the supplier's reserve is what is left.
  function _giveBack(
    PoolLib.State storage state,
    Place memory place,
    PoolLib.Area memory area,
    PoolLib.Interval memory interval,
    Holdings memory holdings
  ) private {
    bool isLast = interval.openParts == 0;
    PostingLib.List memory postings = PostingLib.list(1, 1);
    postings.appendPage(place.page, holdings.reserves);
    if (isLast) postings.appendSingle(area.supplier, uint64(interval.supplierMicro));
    interval.stage = PoolLib.Stage.Voiding;
    interval.escrowMicro -= uint64(place.clearingHouse.release(postings.finish()));
    emit PageVoided(place.areaId, place.intervalId, place.page);
    if (isLast) {
      _empty(interval, PoolLib.Stage.Voided);
      emit IntervalVoided(place.areaId, place.intervalId);
    }
    state.intervals[place.areaId][place.intervalId] = interval;
  }

  function _empty(PoolLib.Interval memory interval, PoolLib.Stage stage) private pure {
    interval.escrowMicro = 0;
    interval.supplierMicro = 0;
    interval.stage = stage;
  }
}
