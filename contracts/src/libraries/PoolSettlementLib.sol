// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { ClearingHouse } from "../ClearingHouse.sol";
import { MeterLedger } from "../MeterLedger.sol";
import "./Errors.sol";
import { PoolLib } from "./PoolLib.sol";
import { PostingLib } from "./PostingLib.sol";
import { ReadingTree } from "./ReadingTree.sol";
import { SettlementLib } from "./SettlementLib.sol";

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
    if (interval.stage != PoolLib.Stage.Cleared) revert NotCleared(place.areaId, place.intervalId);
    PoolLib.Area memory area = state.areas[place.areaId];
    uint256 endsAt = PoolLib.endsAt(area, place.intervalId);
    if (block.timestamp < endsAt) revert DeliveryNotOver(place.intervalId, endsAt);

    SettlementLib.Prices memory prices = PoolLib.pricesOf(area.terms, interval.localPrice);
    Holdings memory holdings = _takePositions(state, place, interval, prices, positions);
    uint256[] memory leaves = readings.leaves;
    _requireReadings(place, readings, leaves);
    place.meterLedger.claimSegment(place.areaId, place.intervalId, place.page, ENERGY);
    _settlePage(place, area, interval, holdings, prices, readings.opened, leaves);
    if (interval.openParts == 0) _finish(place, area, interval);
    state.intervals[place.areaId][place.intervalId] = interval;
  }

  /// @notice See {PoolMarket.voidPage}.
  function voidPage(PoolLib.State storage state, Place memory place, uint256[][] calldata positions) external {
    PoolLib.Interval memory interval = state.intervals[place.areaId][place.intervalId];
    PoolLib.Area memory area = state.areas[place.areaId];
    _requireVoidable(place, area, interval);
    SettlementLib.Prices memory prices = PoolLib.pricesOf(area.terms, interval.localPrice);
    Holdings memory holdings = _takePositions(state, place, interval, prices, positions);

    PostingLib.List memory postings = PostingLib.list(1, 0);
    postings.appendPage(place.page, holdings.reserves);
    interval.escrowMicro -= uint64(place.clearingHouse.release(postings.finish()));
    emit PageVoided(place.areaId, place.intervalId, place.page);
    if (interval.openParts == 0) _closeVoided(place, area, interval);
    state.intervals[place.areaId][place.intervalId] = interval;
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
  function _requireReadings(Place memory place, Readings calldata readings, uint256[] memory leaves) private view {
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

  /// @dev Settles each position against its opened reading; pays the participants and the DSO.
  function _settlePage(
    Place memory place,
    PoolLib.Area memory area,
    PoolLib.Interval memory interval,
    Holdings memory holdings,
    SettlementLib.Prices memory prices,
    uint256 opened,
    uint256[] memory leaves
  ) private {
    (uint256 gridFeeMicro, int256 supplierMicro) =
      _settleAccounts(place.page, holdings, prices, opened, leaves);
    PostingLib.List memory postings = PostingLib.list(1, 1);
    postings.appendPage(place.page, holdings.reserves);
    postings.appendSingle(area.dso, gridFeeMicro);
    interval.supplierMicro += int64(supplierMicro);
    interval.escrowMicro -= uint64(place.clearingHouse.release(postings.finish()));
    emit PageSettled(place.areaId, place.intervalId, place.page, gridFeeMicro);
  }

  /// @dev Turns each reserve into what is released of it: the reserve minus what the position costs.
  function _settleAccounts(
    uint16 page,
    Holdings memory holdings,
    SettlementLib.Prices memory prices,
    uint256 opened,
    uint256[] memory leaves
  ) private pure returns (uint256 gridFeeMicro, int256 supplierMicro) {
    unchecked {
      (uint256[] memory positions, uint256[] memory released) = (holdings.positions, holdings.reserves);
      uint256 last;
      uint256 unmet = holdings.count;
      for (uint256 i; opened != 0; (++i, opened >>= 1)) {
        if (opened & 1 == 0) continue;
        uint256 reading = leaves[i];
        uint256 account = reading >> 224;
        if (account <= last || account / PAGE != page) revert ReadingsOutOfOrder(uint24(account));
        last = account;
        uint256 position = positions.get(account % PAGE);
        if (position == 0) revert ReadingWithoutPosition(uint24(account));
        --unmet;
        (int256 paid, int256 shortfall, int256 surplus, int256 gridFee) = SettlementLib.settle(
          position, ReadingTree.importWhOf(reading), ReadingTree.exportWhOf(reading), prices
        );
        gridFeeMicro += uint256(gridFee);
        supplierMicro += shortfall - surplus;
        released.set(account % PAGE, uint256(int256(released.get(account % PAGE)) - paid));
      }
      if (unmet != 0) revert PositionWithoutReading(page, unmet);
    }
  }

  /// @dev Pays the supplier; what rounding left goes to the fund. Nothing stays in escrow.
  function _finish(Place memory place, PoolLib.Area memory area, PoolLib.Interval memory interval) private {
    uint256 supplierMicro = uint64(interval.supplierMicro);
    uint256 remainderMicro = interval.escrowMicro - supplierMicro;
    PostingLib.List memory postings = PostingLib.list(0, 2);
    postings.appendSingle(area.supplier, supplierMicro);
    postings.appendSingle(area.fund, remainderMicro);
    place.clearingHouse.release(postings.finish());
    interval.escrowMicro = 0;
    interval.supplierMicro = 0;
    interval.stage = PoolLib.Stage.Settled;
    emit IntervalSettled(place.areaId, place.intervalId, supplierMicro, remainderMicro);
  }

  function _requireVoidable(Place memory place, PoolLib.Area memory area, PoolLib.Interval memory interval)
    private
    view
  {
    bool isCleared = interval.stage == PoolLib.Stage.Cleared;
    if (!isCleared && interval.stage != PoolLib.Stage.Clearing) {
      revert NotCleared(place.areaId, place.intervalId);
    }
    uint256 voidableAt = PoolLib.endsAt(area, place.intervalId) + (isCleared ? VOID_AFTER_SECONDS : 0);
    if (block.timestamp < voidableAt) revert TooEarlyToVoid(place.intervalId, voidableAt);
  }

  /// @dev All pages are given back; the supplier's reserve is what is left.
  function _closeVoided(Place memory place, PoolLib.Area memory area, PoolLib.Interval memory interval) private {
    PostingLib.List memory postings = PostingLib.list(0, 1);
    postings.appendSingle(area.supplier, interval.escrowMicro);
    place.clearingHouse.release(postings.finish());
    interval.escrowMicro = 0;
    interval.supplierMicro = 0;
    interval.stage = PoolLib.Stage.Voided;
    emit IntervalVoided(place.areaId, place.intervalId);
  }
}
