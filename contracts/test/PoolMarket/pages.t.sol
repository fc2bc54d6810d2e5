// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolSettlementLib } from "../../src/pool/PoolSettlementLib.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice Accounts on both sides of the edge of a page, 767 and 768 and the last of page 1; each page is settled, or
/// undone, by itself, and the supplier is paid after the last.
contract PagesTest is PoolFixture {
  using Readings for Readings.Tree;

  uint24 private constant EDGE = 767;
  uint24 private constant NEXT = 768;
  uint24 private constant LAST = 1535;

  ReferenceClearing.Order[] private bids;
  ReferenceClearing.Order[] private offers;

  function setUp() public override {
    super.setUp();
    _skipTo(EDGE);
    _enter(_resident(EDGE), UNIFORM_AREA);
    _enter(_resident(NEXT), UNIFORM_AREA);
    _skipTo(LAST);
    _enter(_resident(LAST), UNIFORM_AREA);
    bids.push(_order(LAST, 250_000, 100));
    bids.push(_order(EDGE, 200_000, 1000));
    offers.push(_order(NEXT, 100_000, 600));
  }

  function test_PagesAreSettledOneByOne() public {
    ReferenceClearing.Result memory result = _clearAll();
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).openParts, 2);
    Readings.Tree memory tree = _readings(result);
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.PageSettled(UNIFORM_AREA, INTERVAL, 0, 500 * 20);
    _settlePage(result, tree, 0);
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Settling);
    vm.assertEq(_marginOf(EDGE), MARGIN_MICRO - 500 * 170);
    vm.assertEq(_marginOf(NEXT), MARGIN_MICRO - 600 * 300);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO - SUPPLIER_RESERVE);

    vm.expectEmit(address(pool));
    emit PoolSettlementLib.PageSettled(UNIFORM_AREA, INTERVAL, 1, 100 * 20);
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.IntervalSettled(UNIFORM_AREA, INTERVAL, SUPPLIER_RESERVE, 0);
    _settlePage(result, tree, 1);
    _assertAllPaid();
  }

  function test_TheOrderOfPagesIsFree() public {
    ReferenceClearing.Result memory result = _clearAll();
    Readings.Tree memory tree = _readings(result);
    _settlePage(result, tree, 1);
    _settlePage(result, tree, 0);
    _assertAllPaid();
  }

  function test_ClearsWithOneDirectoryOfTwo() public {
    registry.publishDirectory(3);
    ReferenceClearing.Result memory result = _clearAll();
    registry.publishDirectory(2);
    _settle(result, _readings(result));
    _assertAllPaid();
  }

  function test_RevertGiven_AnAccountLeftOut() public {
    ReferenceClearing.Result memory result = _result();
    result.outcome.firstAccount = NEXT;
    _expectRefusal(result, abi.encodeWithSelector(AccountOutsideRange.selector, EDGE));
    (result.outcome.firstAccount, result.outcome.lastAccount) = (0, NEXT);
    _expectRefusal(result, abi.encodeWithSelector(AccountOutsideRange.selector, LAST));
  }

  /// @dev Accounts without orders may be declared around those with orders.
  function test_MoreAccountsThanNeededChangeNothing() public {
    ReferenceClearing.Result memory result = _result();
    (result.outcome.firstAccount, result.outcome.lastAccount) = (0, 3 * NEXT + 5);
    _submitAll(result);
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).openParts, 2);
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publishExact(result);
    _settlePage(result, tree, 0);
    _settlePage(result, tree, 1);
    _assertAllPaid();
  }

  function test_RevertGiven_APageTwice() public {
    ReferenceClearing.Result memory result = _clearAll();
    Readings.Tree memory tree = _readings(result);
    _settlePage(result, tree, 0);
    uint256[][] memory positions = _positionsOf(result, 0);
    PoolSettlementLib.Readings memory readings = tree.open(0, positions[0]);
    vm.expectRevert(abi.encodeWithSelector(PositionsDiffer.selector, UNIFORM_AREA, INTERVAL, 0));
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
    vm.expectRevert(abi.encodeWithSelector(NothingToSettle.selector, UNIFORM_AREA, INTERVAL, 0));
    pool.settle(UNIFORM_AREA, INTERVAL, 0, new uint256[][](1), readings);
  }

  function test_RevertGiven_PositionsOfAnotherPage() public {
    ReferenceClearing.Result memory result = _clearAll();
    Readings.Tree memory tree = _readings(result);
    uint256[][] memory positions = _positionsOf(result, 1);
    PoolSettlementLib.Readings memory readings = tree.open(0, positions[0]);
    vm.expectRevert(abi.encodeWithSelector(PositionsDiffer.selector, UNIFORM_AREA, INTERVAL, 0));
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
  }

  function test_RevertGiven_ReadingsOfAnotherPage() public {
    ReferenceClearing.Result memory result = _clearAll();
    Readings.Tree memory tree = _readings(result);
    uint256[][] memory positions = _positionsOf(result, 0);
    PoolSettlementLib.Readings memory readings = tree.open(1, _positionsOf(result, 1)[0]);
    vm.expectRevert(abi.encodeWithSelector(SegmentNotProven.selector, UNIFORM_AREA, INTERVAL, 0));
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
  }

  // -- voids

  function test_PagesAreUndoneOneByOne() public {
    ReferenceClearing.Result memory result = _clearAll();
    vm.warp(_endsAt(INTERVAL) + 14 days);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 1, _positionsOf(result, 1));
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Voiding);
    vm.assertEq(_marginOf(NEXT), MARGIN_MICRO);
    vm.assertEq(_marginOf(LAST), MARGIN_MICRO);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO - SUPPLIER_RESERVE);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, _positionsOf(result, 0));
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Voided);
    _assertAllRestored();
  }

  function test_PagesOfAnUnfinishedClearingAreUndoneOneByOne() public {
    ReferenceClearing.Result memory result = _result();
    _step(result, 0, 2, 0, 1, false);
    vm.warp(_endsAt(INTERVAL));
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, _positionsOf(result, 0));
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Voiding);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 1, _positionsOf(result, 1));
    _assertAllRestored();
  }

  /// @dev A page undone and another paid would not add up.
  function test_RevertGiven_SettlementWhileVoiding() public {
    ReferenceClearing.Result memory result = _clearAll();
    Readings.Tree memory tree = _readings(result);
    vm.warp(_endsAt(INTERVAL) + 14 days);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 1, _positionsOf(result, 1));
    uint256[][] memory positions = _positionsOf(result, 0);
    PoolSettlementLib.Readings memory readings = tree.open(0, positions[0]);
    vm.expectRevert(abi.encodeWithSelector(NotCleared.selector, UNIFORM_AREA, INTERVAL));
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
  }

  /// @dev The buyers of page 0 are paid out; page 1 never proves its readings and is settled as contracted.
  function test_APageWithoutReadingsStandsAsContractedOnceAnotherIsPaid() public {
    ReferenceClearing.Result memory result = _clearAll();
    Readings.Tree memory tree = _readings(result);
    _settlePage(result, tree, 0);
    vm.warp(_endsAt(INTERVAL) + 14 days);
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.PageSettled(UNIFORM_AREA, INTERVAL, 1, 100 * 20);
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.IntervalSettled(UNIFORM_AREA, INTERVAL, SUPPLIER_RESERVE, 0);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 1, _positionsOf(result, 1));
    _assertAllPaid();
  }

  /// @dev The page that was paid had a shortfall; the one without readings does not undo it.
  function test_AShortfallIsPaidThoughAnotherPageHasNoReadings() public {
    ReferenceClearing.Result memory result = _clearAll();
    uint256[] memory readings = new uint256[](3);
    readings[0] = Readings.reading(EDGE, 500, 0);
    readings[1] = Readings.reading(NEXT, 0, 0);
    readings[2] = Readings.reading(LAST, 100, 0);
    vm.warp(_endsAt(INTERVAL));
    _settlePage(result, _publish(UNIFORM_AREA, INTERVAL, readings), 1);
    vm.warp(_endsAt(INTERVAL) + 14 days);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, _positionsOf(result, 0));
    vm.assertEq(_marginOf(EDGE), MARGIN_MICRO - 500 * 170);
    vm.assertEq(_marginOf(NEXT), MARGIN_MICRO - 600 * 300);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO + 600 * 450);
    _assertNothingHeld();
  }

  function test_RevertGiven_VoidOfAPageTooEarlyWhileSettling() public {
    ReferenceClearing.Result memory result = _clearAll();
    _settlePage(result, _readings(result), 0);
    uint256[][] memory positions = _positionsOf(result, 1);
    uint256 voidableAt = _endsAt(INTERVAL) + 14 days;
    vm.warp(voidableAt - 1);
    vm.expectRevert(abi.encodeWithSelector(TooEarlyToVoid.selector, INTERVAL, voidableAt));
    pool.voidPage(UNIFORM_AREA, INTERVAL, 1, positions);
  }

  function test_RevertGiven_VoidOfAPaidPage() public {
    ReferenceClearing.Result memory result = _clearAll();
    _settlePage(result, _readings(result), 0);
    uint256[][] memory positions = _positionsOf(result, 0);
    vm.warp(_endsAt(INTERVAL) + 14 days);
    vm.expectRevert(abi.encodeWithSelector(PositionsDiffer.selector, UNIFORM_AREA, INTERVAL, 0));
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, positions);
  }

  // -- steps of these tests

  /// @dev Registers people without meters until `account` is the next number.
  function _skipTo(uint24 account) private {
    while (registry.lastAccount() + 1 < account) {
      _register(address(uint160(1 << 32) + registry.lastAccount()));
    }
  }

  /// @dev 100 Wh and 500 Wh are bought of 600 Wh at 150,000.
  function _result() private view returns (ReferenceClearing.Result memory) {
    return _cleared(bids, offers, UNIFORM_AREA, INTERVAL);
  }

  function _clearAll() private returns (ReferenceClearing.Result memory result) {
    result = _result();
    _submitAll(result);
  }

  function _readings(ReferenceClearing.Result memory result) private returns (Readings.Tree memory) {
    vm.warp(_endsAt(INTERVAL));
    return _publishExact(result);
  }

  function _assertAllPaid() private view {
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Settled);
    vm.assertEq(_marginOf(EDGE), MARGIN_MICRO - 500 * 170);
    vm.assertEq(_marginOf(LAST), MARGIN_MICRO - 100 * 170);
    vm.assertEq(_marginOf(NEXT), MARGIN_MICRO + 600 * 150);
    vm.assertEq(_marginOf(dsoAccount), 600 * 20);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO);
    _assertNothingHeld();
  }

  function _assertAllRestored() private view {
    vm.assertEq(_marginOf(EDGE), MARGIN_MICRO);
    vm.assertEq(_marginOf(NEXT), MARGIN_MICRO);
    vm.assertEq(_marginOf(LAST), MARGIN_MICRO);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO);
    _assertNothingHeld();
  }
}
