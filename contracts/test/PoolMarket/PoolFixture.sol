// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { Fixture } from "../support/Fixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Books, submissions and refusals for the tests of the pool. The gate of INTERVAL has just closed.
abstract contract PoolFixture is Fixture {
  using Readings for Readings.Tree;

  uint8 internal constant BID = 0;
  uint8 internal constant OFFER = 1;
  uint256 internal constant ORDER_BYTES = 76;

  /// @dev What {_trade600} reserves: the price and the grid fee of the buyer, the shortfall of the seller beyond what the
  /// trade brings, and what the supplier may have to take back.
  uint256 internal constant BUYER_RESERVE = 90_000 + 12_000;
  uint256 internal constant SELLER_RESERVE = 270_000 - 90_000;
  uint256 internal constant SUPPLIER_RESERVE = 30_000;

  function setUp() public virtual override {
    super.setUp();
    vm.warp(_opensAt(INTERVAL));
  }

  // -- books

  /// @dev The consumer buys 600 Wh from the prosumer at 150,000 micro/kWh; 400 Wh of the bid are left.
  function _trade600() internal view returns (ReferenceClearing.Result memory) {
    return _book(_order(consumerAccount, 200_000, 1000), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA);
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

  function _orders(
    ReferenceClearing.Order memory first,
    ReferenceClearing.Order memory second,
    ReferenceClearing.Order memory third
  ) internal pure returns (ReferenceClearing.Order[] memory orders) {
    orders = new ReferenceClearing.Order[](3);
    (orders[0], orders[1], orders[2]) = (first, second, third);
  }

  /// @dev A book in which nothing is declared to trade.
  function _untraded(
    ReferenceClearing.Order[] memory bids,
    ReferenceClearing.Order[] memory offers,
    uint16 areaId
  ) internal view returns (ReferenceClearing.Result memory result) {
    result = _cleared(bids, offers, areaId, INTERVAL);
    delete result.outcome.bids;
    delete result.outcome.offers;
    delete result.outcome.marginalBid;
    delete result.outcome.marginalOffer;
  }

  // -- submissions

  function _packBids(ReferenceClearing.Result memory result) internal view returns (bytes memory) {
    return _pack(result.outcome.areaId, result.outcome.intervalId, BID, result.bids, 0, result.bids.length);
  }

  function _packOffers(ReferenceClearing.Result memory result) internal view returns (bytes memory) {
    return
      _pack(result.outcome.areaId, result.outcome.intervalId, OFFER, result.offers, 0, result.offers.length);
  }

  function _submitAll(ReferenceClearing.Result memory result) internal {
    _submit(result.outcome, _packBids(result), _packOffers(result), true);
  }

  function _expectRefusal(ReferenceClearing.Result memory result, bytes memory refusal) internal {
    _expectRefusal(result.outcome, _packBids(result), _packOffers(result), true, refusal);
  }

  function _expectRefusal(
    PoolMarket.Outcome memory outcome,
    bytes memory bids,
    bytes memory offers,
    bool isLast,
    bytes memory refusal
  ) internal {
    bool isMidpoint = pool.areaOf(outcome.areaId).terms.pricing == 1;
    vm.expectRevert(refusal);
    vm.prank(operator);
    if (isMidpoint) pool.clearMidpoint(outcome, bids, offers, isLast);
    else pool.clearUniform(outcome, bids, offers, isLast);
  }

  // -- settlement

  function _single(uint256[] memory positions) internal pure returns (uint256[][] memory steps) {
    steps = new uint256[][](1);
    steps[0] = positions;
  }

  function _positionsOf(ReferenceClearing.Result memory result, uint256 page)
    internal
    pure
    returns (uint256[][] memory)
  {
    return _single(ReferenceClearing.positionsOf(result, page, 0, result.trades.length));
  }

  function _publishExact(ReferenceClearing.Result memory result) internal returns (Readings.Tree memory) {
    return _publish(result.outcome.areaId, result.outcome.intervalId, _exactReadings(result));
  }

  // -- state

  function _assertStage(uint16 areaId, PoolLib.Stage stage) internal view {
    vm.assertEq(uint256(pool.intervalOf(areaId, INTERVAL).stage), uint256(stage));
  }

  function _assertNothingHeld() internal view {
    vm.assertEq(house.escrowMicro(address(pool)), 0);
  }

  /// @dev All that is in the pool, margins and escrow; trades and voids only move it.
  function _poolMicro() internal view returns (uint256 totalMicro) {
    totalMicro = house.escrowMicro(address(pool));
    for (uint24 account = 1; account <= registry.lastAccount(); ++account) {
      totalMicro += _marginOf(account);
    }
  }

  function _panic(uint256 code) internal pure returns (bytes memory) {
    return abi.encodeWithSignature("Panic(uint256)", code);
  }
}
