// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PositionLib } from "../libraries/PositionLib.sol";
import { PoolLib } from "./PoolLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { EfficientHashLib } from "solady/utils/EfficientHashLib.sol";

/// @notice What a page was settled by, kept as a hash, so that a corrected reading can be settled later (docs/model/corrections.md).
/// @dev The seal of the page that closed an interval stands in the interval's own word, in place of what has no use any more:
/// a settlement writes no slot for it. Pages that were settled before it have a word each.
library SealLib {
  using DynamicArrayLib for uint256[];

  /// @notice What a page was settled by.
  /// @param terms version that it was cleared with
  /// @param supplier member of the area when it was cleared, as is `dso`
  /// @param taken members, all of whose energy another market had
  /// @param positions as the clearing committed to them
  /// @param readings what counted, a word for each member from the page's first on; zero for none
  struct Settled {
    uint16 terms;
    bool isSupplied;
    int32 localPrice;
    uint16 supplier;
    uint16 dso;
    uint256 taken;
    uint256[] positions;
    uint256[] readings;
  }

  function sealOf(uint16 areaId, uint32 intervalId, uint16 page, Settled memory settled)
    internal
    pure
    returns (bytes32)
  {
    PoolLib.Interval memory interval;
    (interval.terms, interval.isSupplied, interval.localPrice) =
    (settled.terms, settled.isSupplied, settled.localPrice);
    (interval.supplier, interval.dso) = (settled.supplier, settled.dso);
    uint256 place = PoolLib.keyOf(areaId, intervalId) << 16 | page;
    bytes32 positions = PositionLib.hashOf(settled.positions);
    return sealOf(place, interval, settled.taken, positions, settled.readings);
  }

  /// @notice The same at the settlement.
  /// @param place area (16 bits) | interval (32) | page (16)
  /// @param positionsHash as of {PositionLib}
  function sealOf(
    uint256 place,
    PoolLib.Interval memory interval,
    uint256 taken,
    bytes32 positionsHash,
    uint256[] memory readings
  ) internal pure returns (bytes32) {
    uint256 basis = uint256(interval.terms) << 72 | (interval.isSupplied ? 1 << 64 : 0)
      | uint256(uint32(interval.localPrice)) << 32 | uint256(interval.supplier) << 16 | interval.dso;
    bytes32 seal =
      EfficientHashLib.hash(place, basis, taken, uint256(positionsHash), uint256(readings.hash()));
    return seal >> 40 << 40;
  }

  /// @notice The seal of a page; zero where none is settled.
  function read(PoolLib.State storage state, uint16 areaId, uint32 intervalId, uint16 page)
    internal
    view
    returns (bytes32 seal, bool isInWord)
  {
    seal = state.seals[_keyOf(areaId, intervalId, page)];
    if (seal != 0) return (seal, false);
    PoolLib.Interval memory interval = state.intervals[PoolLib.keyOf(areaId, intervalId)];
    if (interval.stage == PoolLib.Stage.Settled) return (_unpack(interval), true);
  }

  function write(PoolLib.State storage state, uint16 areaId, uint32 intervalId, uint16 page, bytes32 seal)
    internal
  {
    state.seals[_keyOf(areaId, intervalId, page)] = seal;
  }

  /// @notice Puts the seal in place of what an interval that is settled needs no more.
  function pack(PoolLib.Interval memory interval, bytes32 seal) internal pure {
    uint256 bits = uint256(seal) >> 40;
    interval.openPages = uint8(bits);
    interval.localPrice = int32(uint32(bits >> 8));
    interval.clearedWh = uint32(bits >> 40);
    interval.escrowMicro = uint48(bits >> 72);
    interval.supplierMicro = int48(uint48(bits >> 120));
    interval.supplier = uint16(bits >> 168);
    interval.dso = uint16(bits >> 184);
    interval.fund = uint16(bits >> 200);
  }

  function _unpack(PoolLib.Interval memory interval) private pure returns (bytes32) {
    uint256 bits = uint256(interval.openPages) | uint256(uint32(interval.localPrice)) << 8
      | uint256(interval.clearedWh) << 40 | uint256(interval.escrowMicro) << 72
      | uint256(uint48(interval.supplierMicro)) << 120 | uint256(interval.supplier) << 168
      | uint256(interval.dso) << 184 | uint256(interval.fund) << 200;
    return bytes32(bits << 40);
  }

  function _keyOf(uint16 areaId, uint32 intervalId, uint16 page) private pure returns (uint256) {
    return PoolLib.keyOf(areaId, intervalId) << 16 | page;
  }
}
