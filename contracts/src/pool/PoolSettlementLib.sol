// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { PoolLib } from "./PoolLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { LibBytes } from "solady/utils/LibBytes.sol";

/// @notice Settlement of a pool's positions against readings, and their return when no readings come. PoolMarket calls
/// it on its own storage; it stands apart because together they exceed the size of one contract (EIP-170).
library PoolSettlementLib {
  using DynamicArrayLib for uint256[];
  using LibBytes for bytes;
  using PostingLib for PostingLib.List;

  /// @notice A cleared interval without readings can be undone by anybody this long after delivery.
  uint256 internal constant VOID_AFTER_SECONDS = 14 days;
  uint256 private constant PAGE = ReadingTree.PAGE;
  uint8 private constant ENERGY = 1;

  /// @dev The positions of a page, a word each in account order, and what was reserved for each.
  struct Holdings {
    bytes positions;
    uint256[] reserves;
    SettlementLib.Prices prices;
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

  /// @notice A segment of the page's readings, in account order: opened where a position needs them, else sealed.
  /// @param opened bit i % 256 of word i / 256 says whether leaf i is a reading or the hash of one
  struct Readings {
    uint256[] opened;
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

    Holdings memory holdings = _takePositions(state, place, area, interval, positions);
    (bytes32 context, bytes32 root) =
      place.meterLedger.claimPage(place.areaId, place.intervalId, place.page, ENERGY);
    uint256[] memory opened = _requireProven(place, context, root, readings);
    PostingLib.List memory postings = _postingsOf(place.page, 1);
    Sums memory sums = _settleAccounts(holdings, opened, postings);
    _pay(state, place, area, interval, postings, sums);
  }

  /// @notice See {PoolMarket.voidPage}.
  function voidPage(PoolLib.State storage state, Place memory place, uint256[][] calldata positions)
    external
  {
    PoolLib.Interval memory interval = state.intervals[place.areaId][place.intervalId];
    PoolLib.Area memory area = state.areas[place.areaId];
    _requireVoidable(place, area, interval);
    Holdings memory holdings = _takePositions(state, place, area, interval, positions);
    PostingLib.List memory postings = _postingsOf(place.page, 1);
    if (interval.stage == PoolLib.Stage.Settling) {
      Sums memory sums = _settleAsContracted(holdings, postings);
      _pay(state, place, area, interval, postings, sums);
    } else {
      _giveBack(state, place, area, interval, holdings, postings);
    }
  }

  /// @dev Checks the positions against what the clearing committed to, and takes them out of escrow for good.
  function _takePositions(
    PoolLib.State storage state,
    Place memory place,
    PoolLib.Area memory area,
    PoolLib.Interval memory interval,
    uint256[][] calldata positions
  ) private returns (Holdings memory holdings) {
    if (positions.length != interval.steps) {
      revert PositionsDiffer(place.areaId, place.intervalId, place.page);
    }
    holdings.prices = PoolLib.pricesOf(area.terms, interval.localPrice);
    bytes[] memory parts = new bytes[](positions.length);
    mapping(uint256 => bytes32) storage hashes = state.positionsHashes[place.areaId][place.intervalId];
    uint24 taken;
    for (uint256 step; step < positions.length; ++step) {
      bytes32 committed = hashes[PoolLib.partOf(step, place.page)];
      if (committed == 0 && positions[step].length == 0) continue;
      bytes memory part = abi.encodePacked(positions[step]);
      if (committed != keccak256(part)) revert PositionsDiffer(place.areaId, place.intervalId, place.page);
      delete hashes[PoolLib.partOf(step, place.page)];
      parts[taken++] = part;
    }
    if (taken == 0) revert NothingToSettle(place.areaId, place.intervalId, place.page);
    interval.openParts -= taken;
    if (taken == 1) {
      (holdings.positions, holdings.reserves) = (parts[0], _reservesOf(parts[0], holdings.prices));
    } else {
      _merge(holdings, parts, taken);
    }
  }

  function _reservesOf(bytes memory positions, SettlementLib.Prices memory prices)
    private
    pure
    returns (uint256[] memory reserves)
  {
    unchecked {
      uint256 count = positions.length / 32;
      reserves = DynamicArrayLib.malloc(count);
      for (uint256 i; i < count; ++i) {
        reserves.set(i, SettlementLib.reserveOf(uint256(positions.load(i * 32)), prices));
      }
    }
  }

  /// @dev Adds up an account's positions of several steps; each was reserved by itself.
  function _merge(Holdings memory holdings, bytes[] memory parts, uint256 taken) private pure {
    uint256[] memory held = new uint256[](PAGE);
    uint256[] memory reserved = new uint256[](PAGE);
    for (uint256 part; part < taken; ++part) {
      bytes memory positions = parts[part];
      uint256[] memory reserves = _reservesOf(positions, holdings.prices);
      for (uint256 i; i < reserves.length; ++i) {
        uint256 position = uint256(positions.load(i * 32));
        uint256 slot = SettlementLib.accountOf(position) % PAGE;
        held[slot] = held[slot] == 0 ? position : SettlementLib.add(held[slot], position);
        reserved[slot] += reserves[i];
      }
    }
    uint256 count;
    for (uint256 slot; slot < PAGE; ++slot) {
      if (held[slot] == 0) continue;
      (held[count], reserved[count]) = (held[slot], reserved[slot]);
      ++count;
    }
    holdings.positions = abi.encodePacked(held.truncate(count));
    holdings.reserves = reserved.truncate(count);
  }

  /// @dev Recomputes the segment from its opened and sealed leaves, climbs to the published root, and gives the opened
  /// readings as they stand.
  function _requireProven(Place memory place, bytes32 context, bytes32 root, Readings calldata readings)
    private
    pure
    returns (uint256[] memory opened)
  {
    bytes memory leaves = abi.encodePacked(readings.leaves);
    uint256 count = leaves.length / 32;
    bool isSized = count != 0 && count <= PAGE && readings.opened.length * 256 >= count;
    if (!isSized || readings.segmentIndex >= readings.segments) {
      revert SegmentNotProven(place.areaId, place.intervalId, place.page);
    }
    uint256[] memory nodes;
    (nodes, opened) = _hashLeaves(context, leaves, readings.opened);
    bytes32 segment = ReadingTree.segmentOf(place.page, count, ReadingTree.fold(nodes));
    bytes32 top = ReadingTree.climb(segment, readings.segmentIndex, readings.segments, readings.path);
    if (ReadingTree.rootOf(readings.segments, top) != root) {
      revert SegmentNotProven(place.areaId, place.intervalId, place.page);
    }
  }

  function _hashLeaves(bytes32 context, bytes memory leaves, uint256[] calldata openedBits)
    private
    pure
    returns (uint256[] memory nodes, uint256[] memory opened)
  {
    unchecked {
      uint256 count = leaves.length / 32;
      nodes = DynamicArrayLib.malloc(count);
      opened = DynamicArrayLib.malloc(count);
      uint256 found;
      uint256 bits;
      for (uint256 i; i < count; ++i) {
        bits = i % 256 == 0 ? openedBits[i / 256] : bits >> 1;
        uint256 leaf = uint256(leaves.load(i * 32));
        if (bits & 1 == 1) {
          opened.set(found++, leaf);
          leaf = uint256(ReadingTree.leafOf(context, leaf));
        }
        nodes.set(i, leaf);
      }
      opened = opened.truncate(found);
    }
  }

  /// @dev Releases to each account its reserve minus what its position costs with its reading. Positions and opened
  /// readings stand in account order, one for one.
  function _settleAccounts(Holdings memory holdings, uint256[] memory opened, PostingLib.List memory postings)
    private
    pure
    returns (Sums memory sums)
  {
    unchecked {
      (bytes memory positions, SettlementLib.Prices memory prices) = (holdings.positions, holdings.prices);
      uint256 count = positions.length / 32;
      if (opened.length != count) _refuseUnpaired(positions, opened);
      for (uint256 i; i < count; ++i) {
        uint256 position = uint256(positions.load(i * 32));
        uint256 reading = opened.get(i);
        if (reading >> 224 != SettlementLib.accountOf(position)) _refuseUnpaired(positions, opened);
        (int256 paid, int256 shortfall, int256 surplus, int256 gridFee) = SettlementLib.settle(
          position, ReadingTree.importWhOf(reading), ReadingTree.exportWhOf(reading), prices
        );
        sums.gridFeeMicro += uint256(gridFee);
        sums.supplierMicro += shortfall - surplus;
        postings.add(reading >> 224, uint256(int256(holdings.reserves.get(i)) - paid));
      }
    }
  }

  /// @dev Names the first position without a reading, or reading without a position.
  function _refuseUnpaired(bytes memory positions, uint256[] memory opened) private pure {
    for (uint256 i;; ++i) {
      uint256 holder = type(uint256).max;
      if (i * 32 < positions.length) holder = SettlementLib.accountOf(uint256(positions.load(i * 32)));
      uint256 account = i < opened.length ? opened[i] >> 224 : type(uint256).max;
      if (holder < account) revert PositionWithoutReading(uint24(holder));
      if (account < holder) revert ReadingWithoutPosition(uint24(account));
    }
  }

  /// @dev As {_settleAccounts}, when no readings will come: every position counts as delivered and consumed.
  function _settleAsContracted(Holdings memory holdings, PostingLib.List memory postings)
    private
    pure
    returns (Sums memory sums)
  {
    for (uint256 i; i < holdings.reserves.length; ++i) {
      uint256 position = uint256(holdings.positions.load(i * 32));
      (int256 paid,,, int256 gridFee) =
        SettlementLib.settle(position, type(uint48).max, type(uint48).max, holdings.prices);
      sums.gridFeeMicro += uint256(gridFee);
      postings.add(SettlementLib.accountOf(position), uint256(int256(holdings.reserves[i]) - paid));
    }
  }

  function _postingsOf(uint16 page, uint256 extra) private pure returns (PostingLib.List memory) {
    return PostingLib.list(uint256(page) * PAGE, uint256(page + 1) * PAGE, extra);
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
    postings.addSingle(area.dso, sums.gridFeeMicro);
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
    PostingLib.List memory postings = PostingLib.list(0, 0, 2);
    postings.addSingle(area.supplier, supplierMicro);
    postings.addSingle(area.fund, remainderMicro);
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
    Holdings memory holdings,
    PostingLib.List memory postings
  ) private {
    bool isLast = interval.openParts == 0;
    for (uint256 i; i < holdings.reserves.length; ++i) {
      uint256 position = uint256(holdings.positions.load(i * 32));
      postings.add(SettlementLib.accountOf(position), holdings.reserves[i]);
    }
    if (isLast) postings.addSingle(area.supplier, uint64(interval.supplierMicro));
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
