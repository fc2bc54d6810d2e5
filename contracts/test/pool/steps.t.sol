// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice Clearings of several steps, their abandonment, and what goes back.
contract StepsTest is PoolFixture {
  uint16 private other;

  function setUp() public override {
    super.setUp();
    other = _join(1, AREA);
  }

  function _two() private view returns (ReferenceClearing.Result memory) {
    return _cleared(
      _orders(_order(CONSUMER, 300_000, 500), _order(other, 200_000, 700)),
      _orders(_order(PROSUMER, 100_000, 1000)),
      AREA,
      INTERVAL
    );
  }

  function test_TwoStepsEndAsOne() public {
    ReferenceClearing.Result memory result = _two();
    uint256 snapshotId = vm.snapshotState();
    _submitAll(result);
    (PoolLib.Interval memory whole, bytes32 positions) = (_interval(AREA), _committed());
    vm.revertToStateAndDelete(snapshotId);
    _step(result, 0, 1, 0, 0, false);
    _assertStage(AREA, PoolLib.Stage.Clearing);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 500 * 150 - 500 * 20);
    _step(result, 1, 2, 0, 1, true);
    vm.assertEq(keccak256(abi.encode(_interval(AREA))), keccak256(abi.encode(whole)));
    vm.assertEq(_committed(), positions);
  }

  /// @dev The second bid shows only in the last step that it is left out; its limit is the price from the first one on.
  function test_Marginal_ThePriceIsKnownFromTheFirstStep() public {
    ReferenceClearing.Result memory result = _leftOutInTheLastStep();
    _step(result, 0, 1, 0, 1, false);
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), 190_000);
    vm.assertEq(_marginOf(MARGINAL_AREA, result.bids[0].member), MARGIN_MICRO - 500 * 190 - 500 * 20);
    _step(result, 1, 2, 1, 1, true);
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), 190_000);
    vm.assertEq(uint256(_interval(MARGINAL_AREA).stage), uint256(PoolLib.Stage.Cleared));
  }

  function test_RevertGiven_APriceThatTheLastStepDenies() public {
    ReferenceClearing.Result memory result = _leftOutInTheLastStep();
    result.outcome.localPrice = 150_000;
    _step(result, 0, 1, 0, 1, false);
    bytes memory bids = _pack(MARGINAL_AREA, INTERVAL, BID, result.bids, 1, 2);
    uint256[][] memory prior = _priorOf(result, 1, 1);
    vm.expectRevert(abi.encodeWithSelector(LocalPriceDiffers.selector, int32(150_000), int256(190_000)));
    vm.prank(operator);
    pool.clear(result.outcome, bids, "", prior, true);
  }

  function _leftOutInTheLastStep() private returns (ReferenceClearing.Result memory) {
    uint16 first = _settleIn(3, MARGINAL_AREA);
    return _cleared(
      _orders(_order(first, 200_000, 500), _order(first + 1, 190_000, 700)),
      _orders(_order(first + 2, 100_000, 500)),
      MARGINAL_AREA,
      INTERVAL
    );
  }

  function _committed() private view returns (bytes32) {
    return pool.positionsHashOf(AREA, INTERVAL, 0, 0);
  }

  function test_RevertGiven_AnotherOutcomeInALaterStep() public {
    ReferenceClearing.Result memory result = _two();
    _step(result, 0, 1, 0, 0, false);
    bytes32 declared = keccak256(abi.encode(result.outcome));
    result.outcome.bookRoot = keccak256("another");
    bytes memory bids = _pack(AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory offers = _packOffers(result);
    uint256[][] memory prior = _priorOf(result, 1, 0);
    vm.expectRevert(
      abi.encodeWithSelector(OutcomeChanged.selector, declared, keccak256(abi.encode(result.outcome)))
    );
    vm.prank(operator);
    pool.clear(result.outcome, bids, offers, prior, true);
  }

  function test_RevertGiven_OtherPositionsInALaterStep() public {
    ReferenceClearing.Result memory result = _two();
    _step(result, 0, 1, 0, 0, false);
    bytes memory bids = _pack(AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory offers = _packOffers(result);
    uint256[][] memory prior = _priorOf(result, 1, 0);
    prior[0][0] += 1;
    vm.expectRevert(abi.encodeWithSelector(PositionsDiffer.selector, AREA, INTERVAL, 0));
    vm.prank(operator);
    pool.clear(result.outcome, bids, offers, prior, true);
    vm.expectRevert(abi.encodeWithSelector(PositionsDiffer.selector, AREA, INTERVAL, 0));
    vm.prank(operator);
    pool.clear(result.outcome, bids, offers, new uint256[][](0), true);
  }

  /// @dev The capacity bounds what a member trades over all steps: 2,500 Wh.
  function test_CapacityHoldsOverAllSteps() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 300_000, 2000), _order(CONSUMER, 200_000, 501)),
      _orders(_order(other, 100_000, 2501)),
      AREA,
      INTERVAL
    );
    _step(result, 0, 1, 0, 0, false);
    bytes memory bids = _pack(AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory offers = _packOffers(result);
    uint256[][] memory prior = _priorOf(result, 1, 0);
    vm.expectRevert(abi.encodeWithSelector(AboveCapacity.selector, CONSUMER, 2501, CAPACITY_W));
    vm.prank(operator);
    pool.clear(result.outcome, bids, offers, prior, true);
  }

  function test_AnAttemptIsAbandonedAndAnotherStartsAtOnce() public {
    ReferenceClearing.Result memory result = _two();
    _step(result, 0, 1, 0, 0, false);
    vm.prank(operator);
    pool.abandon(AREA, INTERVAL);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    _assertStage(AREA, PoolLib.Stage.None);
    _submitAll(result);
    vm.assertEq(uint256(_interval(AREA).attempt), 1);
    vm.assertEq(uint256(pool.abandonedOf(AREA, INTERVAL, 0).stage), uint256(PoolLib.Stage.Returning));
    uint256[][] memory prior = _priorOf(result, 1, 0);
    vm.prank(outsider);
    pool.returnPage(AREA, INTERVAL, 0, 0, prior[0]);
    vm.assertEq(uint256(pool.abandonedOf(AREA, INTERVAL, 0).stage), uint256(PoolLib.Stage.Returned));
    vm.expectRevert(abi.encodeWithSelector(NothingToReturn.selector, AREA, INTERVAL, 0));
    pool.returnPage(AREA, INTERVAL, 0, 0, prior[0]);
    vm.warp(_endsAt(INTERVAL));
    _settleAll(result, _publishExact(result));
    _assertNothingHeld();
  }

  function test_OnlyTheOperatorAbandonsBeforeDelivery() public {
    _step(_two(), 0, 1, 0, 0, false);
    vm.expectRevert(abi.encodeWithSelector(NotOperator.selector, outsider, AREA));
    vm.prank(outsider);
    pool.abandon(AREA, INTERVAL);
    vm.warp(uint256(INTERVAL) * INTERVAL_SECONDS);
    vm.prank(outsider);
    pool.abandon(AREA, INTERVAL);
    pool.returnPage(AREA, INTERVAL, 0, 0, _priorOf(_two(), 1, 0)[0]);
    _assertNothingHeld();
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO);
  }

  function test_RevertGiven_NothingToAbandon() public {
    vm.expectRevert(abi.encodeWithSelector(NotClearing.selector, AREA, INTERVAL));
    vm.prank(operator);
    pool.abandon(AREA, INTERVAL);
    _submitAll(_two());
    vm.expectRevert(abi.encodeWithSelector(NotClearing.selector, AREA, INTERVAL));
    vm.prank(operator);
    pool.abandon(AREA, INTERVAL);
    uint256[] memory positions = ReferenceClearing.positionsOf(_two(), 0);
    vm.expectRevert(abi.encodeWithSelector(TooEarlyToReturn.selector, INTERVAL, _endsAt(INTERVAL) + 1 days));
    pool.returnPage(AREA, INTERVAL, 0, 0, positions);
  }

  /// @dev A buyer that is paid to take energy, over two steps.
  function test_StepsAtNegativePricesSettleToNothing() public {
    PoolLib.Terms memory terms = _terms(MIDPOINT);
    (terms.floor, terms.surplusPrice, terms.gridFee) = (-300_000, -300_000, 0);
    uint16 areaId = _openArea(otherGateway);
    _openPool(areaId, terms);
    (uint16 buyer, uint16 one, uint16 two) = (_join(11, areaId), _join(12, areaId), _join(13, areaId));
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](2);
    bids[0] = _order(buyer, 300_000, 100);
    bids[1] = _order(buyer, -290_000, 900);
    ReferenceClearing.Result memory result =
      _cleared(bids, _orders(_order(one, -300_000, 100), _order(two, -299_000, 900)), areaId, INTERVAL);
    _step(result, 0, 1, 0, 1, false);
    _step(result, 1, 2, 1, 2, true);
    vm.warp(_endsAt(INTERVAL));
    _settleAll(result, _publishExact(result));
    _assertNothingHeld();
  }
}
