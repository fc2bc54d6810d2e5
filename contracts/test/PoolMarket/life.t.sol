// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Fixture } from "../support/Fixture.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice The life of an interval, from signed orders to payment (R2.41, R7.5).
contract LifeTest is Fixture {
  function test_UniformTradeIsPaid() public {
    uint256 buyerBefore = _marginOf(consumerAccount);
    uint256 sellerBefore = _marginOf(prosumerAccount);
    _trade(_book(_order(consumerAccount, 200_000, 1000), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA));
    // 600 Wh at 150,000 micro/kWh, and 600 Wh of grid fee at 20,000.
    vm.assertEq(_marginOf(consumerAccount), buyerBefore - 90_000 - 12_000);
    vm.assertEq(_marginOf(prosumerAccount), sellerBefore + 90_000);
    vm.assertEq(_marginOf(dsoAccount), 12_000);
    vm.assertEq(house.escrowMicro(address(pool)), 0);
  }

  function test_MidpointTradesArePaid() public {
    uint24 first = _settleIn(4, MIDPOINT_AREA);
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](2);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](2);
    bids[0] = _order(first, 300_000, 1000);
    bids[1] = _order(first + 1, 200_000, 1000);
    offers[0] = _order(first + 2, 100_000, 500);
    offers[1] = _order(first + 3, 150_000, 700);
    _trade(_cleared(bids, offers, MIDPOINT_AREA, INTERVAL));
    // 500 at 200,000 and 500 at 225,000, then 200 at 175,000.
    vm.assertEq(_marginOf(first), MARGIN_MICRO - 100_000 - 112_500 - 20_000);
    vm.assertEq(_marginOf(first + 1), MARGIN_MICRO - 35_000 - 4_000);
    vm.assertEq(_marginOf(first + 2), MARGIN_MICRO + 100_000);
    vm.assertEq(_marginOf(first + 3), MARGIN_MICRO + 112_500 + 35_000);
    vm.assertEq(house.escrowMicro(address(pool)), 0);
  }
}
