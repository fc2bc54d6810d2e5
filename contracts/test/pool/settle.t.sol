// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PageLib } from "../../src/pool/PageLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice From signed orders to payment, and what a settlement refuses (R2.41, R7.5, R7.19).
contract SettleTest is PoolFixture {
  // -- the life of an interval

  function test_AUniformTradeIsPaid() public {
    _trade(_trade600());
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 90_000 - 12_000);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 90_000);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    vm.assertEq(_marginOf(DSO), 12_000);
    _assertStage(AREA, PoolLib.Stage.Settled);
    _assertNothingHeld();
  }

  function test_MidpointTradesArePaid() public {
    uint16 first = _settleIn(4, OTHER_AREA);
    _trade(
      _cleared(
        _orders(_order(first, 300_000, 1000), _order(first + 1, 200_000, 1000)),
        _orders(_order(first + 2, 100_000, 500), _order(first + 3, 150_000, 700)),
        OTHER_AREA,
        INTERVAL
      )
    );
    // 500 at 200,000 and 500 at 225,000, then 200 at 175,000.
    vm.assertEq(_marginOf(OTHER_AREA, first), MARGIN_MICRO - 100_000 - 112_500 - 20_000);
    vm.assertEq(_marginOf(OTHER_AREA, first + 1), MARGIN_MICRO - 35_000 - 4000);
    vm.assertEq(_marginOf(OTHER_AREA, first + 2), MARGIN_MICRO + 100_000);
    vm.assertEq(_marginOf(OTHER_AREA, first + 3), MARGIN_MICRO + 112_500 + 35_000);
    _assertNothingHeld();
  }

  function test_TheShortfallIsPaidToTheSupplier() public {
    _settledWith(400, 600);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 200 * 450);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO + 200 * 450);
  }

  function test_NothingDeliveredCostsTheWholeReserve() public {
    _settledWith(0, 600);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO - SELLER_RESERVE);
  }

  function test_TheSurplusIsPaidByTheSupplier() public {
    _settledWith(600, 400);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 600 * 150 - 400 * 20 + 200 * 50);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO - 200 * 50);
    vm.assertEq(_marginOf(DSO), 400 * 20);
  }

  function test_NothingConsumedCostsTheSupplierItsReserve() public {
    _settledWith(600, 0);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO - SUPPLIER_RESERVE);
  }

  function test_WhatExceedsThePositionCostsNothingHere() public {
    _settledWith(5000, 5000);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - BUYER_RESERVE);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
  }

  /// @dev At 150,001 micro/kWh and 333 Wh, buyer and seller each lose less than a micro to rounding.
  function test_TheRemainderGoesToTheFund() public {
    _trade(_book(_order(CONSUMER, 200_001, 1000), _order(PROSUMER, 100_001, 333), AREA));
    uint256 paid = 2 * MARGIN_MICRO - _marginOf(CONSUMER) - _marginOf(PROSUMER);
    vm.assertEq(_marginOf(FUND), paid - _marginOf(DSO));
    vm.assertGt(_marginOf(FUND), 0, "a remainder");
  }

  function test_ASuspendedMemberIsSettled() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.prank(registrar);
    registry.suspend(prosumerAccount);
    vm.warp(_endsAt(INTERVAL));
    _settleAll(result, _publishExact(result));
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 90_000);
  }

  function _settledWith(uint32 exportWh, uint32 importWh) private {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(PROSUMER, 7, exportWh);
    readings[1] = Readings.reading(CONSUMER, importWh, 7);
    _settleAll(result, _publish(AREA, INTERVAL, readings));
    _assertNothingHeld();
  }

  // -- refusals

  function test_RevertGiven_DeliveryNotOver() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL) - 1);
    PageLib.Readings memory none;
    _expectRefused(
      ReferenceClearing.positionsOf(result, 0),
      none,
      abi.encodeWithSelector(DeliveryNotOver.selector, INTERVAL, _endsAt(INTERVAL))
    );
  }

  function test_RevertGiven_NothingClearedOrUnfinished() public {
    PageLib.Readings memory none;
    bytes memory refusal = abi.encodeWithSelector(NotCleared.selector, AREA, INTERVAL);
    _expectRefused(new uint256[](1), none, refusal);
    ReferenceClearing.Result memory result = _trade600();
    _step(result, 0, 1, 0, 0, false);
    vm.warp(_endsAt(INTERVAL));
    _expectRefused(_priorOf(result, 1, 0)[0], none, refusal);
  }

  function test_RevertGiven_SettledTwice() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publishExact(result);
    _settlePage(result, tree, 0);
    _expectRefused(
      ReferenceClearing.positionsOf(result, 0),
      _open(tree, 0, _traders(result, 0)),
      abi.encodeWithSelector(NotCleared.selector, AREA, INTERVAL)
    );
  }

  function testFuzz_RevertGiven_AnyOtherPositions(uint256 seed) public {
    (ReferenceClearing.Result memory result, Readings.Tree memory tree) = _delivered();
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    if (seed % 3 == 0) positions = new uint256[](0);
    else positions[0] ^= 1 << seed / 3 % 128;
    _expectRefused(
      positions,
      _open(tree, 0, _traders(result, 0)),
      abi.encodeWithSelector(PositionsDiffer.selector, AREA, INTERVAL, 0)
    );
    _settlePage(result, tree, 0);
  }

  /// @dev Any bit of what is opened.
  function testFuzz_RevertGiven_AnyOtherReading(uint256 seed) public {
    (ReferenceClearing.Result memory result, Readings.Tree memory tree) = _delivered();
    PageLib.Readings memory made = _open(tree, 0, _traders(result, 0));
    made.leaves[seed % made.leaves.length] ^= bytes1(uint8(1 << seed / 64 % 8));
    _expectRefused(
      ReferenceClearing.positionsOf(result, 0), made, abi.encodeWithSelector(PageNotProven.selector, 0)
    );
    _settlePage(result, tree, 0);
  }

  function test_RevertGiven_AReadingKeptSealed() public {
    (ReferenceClearing.Result memory result, Readings.Tree memory tree) = _delivered();
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS);
    _expectRefused(
      ReferenceClearing.positionsOf(result, 0),
      _open(tree, 0, 1 << PROSUMER),
      abi.encodeWithSelector(ReadingSealed.selector, CONSUMER)
    );
  }

  /// @dev Two lists with different readings of the same members: the one who settles would choose.
  function test_WhoSettlesDoesNotChooseTheReading() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory readings = new uint256[](2);
    (readings[0], readings[1]) = (Readings.reading(PROSUMER, 0, 600), Readings.reading(PROSUMER, 0, 0));
    bool[] memory isSecond = new bool[](2);
    isSecond[1] = true;
    Readings.Tree memory tree = Readings.build(ledger.contextOf(AREA, INTERVAL, 1), readings, isSecond);
    _publishRoot(AREA, INTERVAL, tree.root, 2);
    _expectRefused(
      ReferenceClearing.positionsOf(result, 0),
      _open(tree, 0, 1 << PROSUMER),
      abi.encodeWithSelector(PageNotProven.selector, 0)
    );
  }

  function test_RevertGiven_ReadingsOfAnOlderVersion() public {
    (ReferenceClearing.Result memory result, Readings.Tree memory old) = _delivered();
    uint256[] memory readings = _exactReadings(result);
    readings[0] = Readings.reading(PROSUMER, 0, 599);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, readings);
    _expectRefused(
      ReferenceClearing.positionsOf(result, 0),
      _open(old, 0, _traders(result, 0)),
      abi.encodeWithSelector(PageNotProven.selector, 0)
    );
    _settlePage(result, tree, 0);
  }

  function _delivered() private returns (ReferenceClearing.Result memory result, Readings.Tree memory tree) {
    result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    tree = _publishExact(result);
  }

  function _expectRefused(uint256[] memory positions, PageLib.Readings memory readings, bytes memory refusal)
    private
  {
    vm.expectRevert(refusal);
    vm.prank(outsider);
    pool.settle(AREA, INTERVAL, 0, positions, readings);
  }
}

/// @notice An interval on two pages, and more open intervals than a page has words for.
contract PagesTest is PoolFixture {
  uint16 private far;

  /// @dev A member beyond the first page; each change of the fund takes a number.
  function setUp() public override {
    super.setUp();
    for (uint256 i; i < 260; ++i) {
      vm.prank(operator);
      areas.changeFund(AREA, fundAccount);
    }
    far = _join(1, AREA);
  }

  /// @dev The consumer on page 0 buys of the prosumer there and of a member on page 1.
  function _twoPages(uint32 intervalId) private view returns (ReferenceClearing.Result memory) {
    return _cleared(
      _orders(_order(CONSUMER, 200_000, 1000)),
      _orders(_order(PROSUMER, 100_000, 600), _order(far, 100_000, 400)),
      AREA,
      intervalId
    );
  }

  function test_PagesAreSettledInAnyOrder() public {
    ReferenceClearing.Result memory result = _twoPages(INTERVAL);
    _submitAll(result);
    vm.assertEq(uint256(_interval(AREA).openPages), 2);
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publishExact(result);
    uint256 snapshotId = vm.snapshotState();
    _settlePage(result, tree, 0);
    _assertStage(AREA, PoolLib.Stage.Settling);
    _settlePage(result, tree, 1);
    _assertPaid();
    vm.revertToStateAndDelete(snapshotId);
    _settlePage(result, tree, 1);
    _settlePage(result, tree, 0);
    _assertPaid();
  }

  function _assertPaid() private view {
    _assertStage(AREA, PoolLib.Stage.Settled);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
    vm.assertEq(_marginOf(far), MARGIN_MICRO + 400 * 150);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 1000 * 170);
    _assertNothingHeld();
  }

  function test_RevertGiven_APageTwiceOrAnotherPagesPositions() public {
    ReferenceClearing.Result memory result = _twoPages(INTERVAL);
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publishExact(result);
    PageLib.Readings memory readings = _open(tree, 0, _traders(result, 0));
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 1);
    vm.expectRevert(abi.encodeWithSelector(PositionsDiffer.selector, AREA, INTERVAL, 0));
    pool.settle(AREA, INTERVAL, 0, positions, readings);
    _settlePage(result, tree, 0);
    positions = ReferenceClearing.positionsOf(result, 0);
    vm.expectRevert(abi.encodeWithSelector(NothingToSettle.selector, AREA, INTERVAL, 0));
    pool.settle(AREA, INTERVAL, 0, positions, readings);
    vm.expectRevert(abi.encodeWithSelector(NothingToSettle.selector, AREA, INTERVAL, 2));
    pool.settle(AREA, INTERVAL, 2, positions, readings);
  }

  /// @dev A page undone and another paid would not add up.
  function test_APageReturnedEndsSettlement() public {
    ReferenceClearing.Result memory result = _twoPages(INTERVAL);
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS);
    pool.returnPage(AREA, INTERVAL, 0, 1, ReferenceClearing.positionsOf(result, 1));
    Readings.Tree memory tree = _publishExact(result);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    PageLib.Readings memory readings = _open(tree, 0, _traders(result, 0));
    vm.expectRevert(abi.encodeWithSelector(NotCleared.selector, AREA, INTERVAL));
    pool.settle(AREA, INTERVAL, 0, positions, readings);
    pool.returnPage(AREA, INTERVAL, 0, 0, positions);
    _assertStage(AREA, PoolLib.Stage.Returned);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO);
    _assertNothingHeld();
  }

  function test_APagePaidEndsReturns() public {
    ReferenceClearing.Result memory result = _twoPages(INTERVAL);
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    _settlePage(result, _publishExact(result), 0);
    vm.warp(_endsAt(INTERVAL) + 60 days);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 1);
    vm.expectRevert(abi.encodeWithSelector(NothingToReturn.selector, AREA, INTERVAL, 0));
    pool.returnPage(AREA, INTERVAL, 0, 1, positions);
  }

  // -- commitments share words

  /// @dev Twelve intervals open at once, of which three share each word; settled from either end, nothing mixes.
  function test_ManyOpenIntervalsKeepTheirPositions() public {
    for (uint32 i; i < 12; ++i) {
      vm.warp(_closesAt(INTERVAL + i));
      _submitAll(_differing(i));
    }
    for (uint32 i; i < 12; ++i) {
      _assertCommitted(i);
    }
    vm.warp(_endsAt(INTERVAL + 12));
    for (uint32 i; i < 12; ++i) {
      _settleInterval(i % 2 == 0 ? i / 2 : 11 - i / 2);
    }
    _assertNothingHeld();
  }

  /// @dev A page on a word of its own stays there when the shared one is free again.
  /// forge-config: default.fuzz.runs = 24
  function testFuzz_IntervalsThatShareAWordDontMix(uint256 seed) public {
    uint32[] memory open = new uint32[](6);
    uint256 count;
    for (uint32 i; i < 6; ++i) {
      vm.warp(_closesAt(INTERVAL + 4 * i));
      _submitAll(_differing(4 * i));
      open[count++] = 4 * i;
      for (uint256 j; j < count; ++j) {
        _assertCommitted(open[j]);
      }
      if (i == 0 || (seed >> i) & 1 == 0) continue;
      // The first one is over by now.
      uint32 first = open[0];
      for (uint256 j = 1; j < count; ++j) {
        open[j - 1] = open[j];
      }
      --count;
      _settleInterval(first);
    }
    vm.warp(_endsAt(INTERVAL + 24));
    while (count != 0) {
      _settleInterval(open[--count]);
    }
    _assertNothingHeld();
  }

  function _differing(uint32 i) private view returns (ReferenceClearing.Result memory) {
    return _cleared(
      _orders(_order(CONSUMER, 200_000, 1000)),
      _orders(_order(PROSUMER, 100_000, 600), _order(far, 100_000, 100 + i)),
      AREA,
      INTERVAL + i
    );
  }

  function _assertCommitted(uint32 i) private view {
    ReferenceClearing.Result memory result = _differing(i);
    for (uint16 page; page < 2; ++page) {
      bytes32 hash = keccak256(abi.encodePacked(ReferenceClearing.positionsOf(result, page)));
      vm.assertEq(pool.positionsHashOf(AREA, INTERVAL + i, 0, page), hash >> 40 << 40);
    }
  }

  function _settleInterval(uint32 i) private {
    ReferenceClearing.Result memory result = _differing(i);
    _settleAll(result, _publishExact(result));
    vm.assertEq(uint256(pool.intervalOf(AREA, INTERVAL + i).stage), uint256(PoolLib.Stage.Settled));
    vm.assertEq(pool.positionsHashOf(AREA, INTERVAL + i, 0, 0), bytes32(0));
    vm.assertEq(pool.positionsHashOf(AREA, INTERVAL + i, 0, 1), bytes32(0));
  }
}
