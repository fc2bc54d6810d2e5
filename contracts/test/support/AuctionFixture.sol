// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BaseFixture } from "./BaseFixture.sol";
import { ReferenceClearing } from "./ReferenceClearing.sol";

/// @notice What tests of every market with an auction use: sides, pricings, the parties' numbers in each area, and orders.
abstract contract AuctionFixture is BaseFixture {
  uint8 internal constant BID = 0;
  uint8 internal constant OFFER = 1;
  uint8 internal constant UNIFORM = 0;
  uint8 internal constant MIDPOINT = 1;
  uint8 internal constant MARGINAL = 2;
  uint16 internal constant SUPPLIER = 1;
  uint16 internal constant DSO = 2;
  uint16 internal constant FUND = 3;

  function _order(uint16 member, int32 price, uint32 quantity)
    internal
    pure
    returns (ReferenceClearing.Order memory)
  {
    return ReferenceClearing.Order(member, price, quantity, 0);
  }

  function _none() internal pure returns (ReferenceClearing.Order[] memory) {
    return new ReferenceClearing.Order[](0);
  }

  function _orders(ReferenceClearing.Order memory first)
    internal
    pure
    returns (ReferenceClearing.Order[] memory orders)
  {
    orders = new ReferenceClearing.Order[](1);
    orders[0] = first;
  }

  function _orders(ReferenceClearing.Order memory first, ReferenceClearing.Order memory second)
    internal
    pure
    returns (ReferenceClearing.Order[] memory orders)
  {
    orders = new ReferenceClearing.Order[](2);
    (orders[0], orders[1]) = (first, second);
  }

  /// @dev The orders up to a count.
  function _firstOf(ReferenceClearing.Order[] memory orders, uint256 count)
    internal
    pure
    returns (ReferenceClearing.Order[] memory kept)
  {
    kept = new ReferenceClearing.Order[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = orders[i];
    }
  }
}
