// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { AuctionLib } from "../libraries/AuctionLib.sol";
import { AboveCapacity } from "../libraries/Errors.sol";
import { OrderLib } from "../libraries/OrderLib.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { PoolLib } from "./PoolLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice What a step of a clearing has to reserve for each member, within what its connection carries.
library HoldLib {
  using AuctionLib for AuctionLib.Walk;
  using DynamicArrayLib for uint256[];
  using PostingLib for PostingLib.List;

  uint256 private constant SECONDS_PER_HOUR = 3600;

  /// @dev What one step works with. `prior` are the totals before it; empty in the first step. `supplyMicro` is what the
  /// supplier has to reserve in it.
  struct Step {
    ClearingHouse house;
    AuctionLib.Walk walk;
    AuctionLib.Carry carry;
    PoolLib.Interval interval;
    PoolLib.Terms terms;
    SettlementLib.Prices prices;
    uint256[] prior;
    bytes32 outcomeHash;
    uint256 startsAt;
    uint256 supplyMicro;
    bool isFirst;
    bool isLast;
  }

  /// @notice Holds what each of the members at `first` to `end` - 1 has to reserve; the clearing has no earlier step, and no
  /// price is negative.
  function holdPlain(Step memory step, uint256 first, uint256 end, PostingLib.List memory holds)
    internal
    pure
  {
    unchecked {
      uint256[] memory totals = step.walk.desk.totals;
      uint256 area = PoolLib.seatOf(step.walk.desk.areaId, step.walk.desk.base);
      uint256 intervalSeconds = step.terms.intervalSeconds;
      SettlementLib.PlainPrices memory prices = SettlementLib.PlainPrices({
        shortfall: uint256(step.prices.shortfall), gridFee: uint256(step.prices.gridFee)
      });
      // With midpoints the amount is in the total.
      uint256 price = step.walk.isPairwise ? 0 : uint32(step.interval.localPrice);
      for (uint256 i = first; i < end; ++i) {
        uint256 total = totals.get(i);
        uint256 energyWh = uint64(total);
        if (energyWh == 0) continue;
        _requireCapacity(area + i, energyWh, uint32(total >> 64), intervalSeconds);
        uint256 amount = energyWh * price + (total >> 128);
        holds.add(
          area + i, SettlementLib.plainReserveOf(prices, total & OrderLib.OFFER_MARK, energyWh, amount)
        );
      }
    }
  }

  /// @notice The same at any prices.
  function holdAll(Step memory step, uint256 first, uint256 end, PostingLib.List memory holds) internal pure {
    unchecked {
      uint256[] memory totals = step.walk.desk.totals;
      uint256 area = PoolLib.seatOf(step.walk.desk.areaId, step.walk.desk.base);
      for (uint256 i = first; i < end; ++i) {
        uint256 total = totals.get(i);
        if (uint64(total) == 0) continue;
        _requireCapacity(area + i, uint64(total), uint32(total >> 64), step.terms.intervalSeconds);
        holds.add(area + i, _reserveOf(step, total));
      }
    }
  }

  /// @notice Holds what each of the members has to reserve besides what it reserved in earlier steps. Rounding may
  /// lower that by a micro.
  function holdRest(
    Step memory step,
    uint256 first,
    uint256 end,
    PostingLib.List memory holds,
    PostingLib.List memory releases
  ) internal view {
    for (uint256 i = first; i < end; ++i) {
      uint256 total = step.walk.desk.totals[i];
      uint256 prior = step.prior[i];
      if (uint64(total) == uint64(prior) && total >> 128 == prior >> 128) continue;
      uint256 seat = PoolLib.seatOf(step.walk.desk.areaId, step.walk.desk.base + i);
      _requireCapacity(seat, uint64(total), step.walk.capacityOf(i), step.terms.intervalSeconds);
      (uint256 reserve, uint256 reserved) = (_reserveOf(step, total), _reserveOf(step, prior));
      if (reserve >= reserved) holds.add(seat, reserve - reserved);
      else releases.add(seat, reserved - reserve);
    }
  }

  /// @param total as in OrderLib.Desk
  function _reserveOf(Step memory step, uint256 total) private pure returns (uint256) {
    unchecked {
      uint256 energyWh = uint64(total);
      int256 amount =
        step.walk.isPairwise ? int256(total) >> 128 : int256(energyWh) * step.interval.localPrice;
      return SettlementLib.reserveOf(total >> 127 & 1 == 1, energyWh, amount, step.prices);
    }
  }

  /// @dev No position is above what the connection carries in the interval.
  function _requireCapacity(uint256 seat, uint256 energyWh, uint256 capacityW, uint256 intervalSeconds)
    private
    pure
  {
    unchecked {
      if (energyWh * SECONDS_PER_HOUR <= capacityW * intervalSeconds) return;
      revert AboveCapacity(uint16(seat), energyWh, capacityW);
    }
  }
}
