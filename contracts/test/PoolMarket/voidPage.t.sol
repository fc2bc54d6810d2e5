// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolSettlementLib } from "../../src/pool/PoolSettlementLib.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice From every state money comes back: a clearing left unfinished, readings that never came.
contract VoidPageTest is PoolFixture {
  using Readings for Readings.Tree;

  function test_WithoutReadingsEverythingIsGivenBack() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_voidableAt());
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.PageVoided(UNIFORM_AREA, INTERVAL, 0);
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.IntervalVoided(UNIFORM_AREA, INTERVAL);
    vm.prank(outsider);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, _positionsOf(result, 0));
    _assertRestored();
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Voided);
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).escrowMicro, 0);
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).supplierMicro, 0);
  }

  function test_AnUnfinishedClearingIsGivenBackAfterDelivery() public {
    ReferenceClearing.Result memory result = _trade600();
    _step(result, 0, 1, 0, 1, false);
    vm.assertEq(house.escrowMicro(address(pool)), BUYER_RESERVE + SELLER_RESERVE);
    vm.warp(_endsAt(INTERVAL));
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.IntervalVoided(UNIFORM_AREA, INTERVAL);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, _positionsOf(result, 0));
    _assertRestored();
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Voided);
  }

  /// @dev Two steps in which the consumer trades: what each reserved comes back.
  function test_SeveralStepsAreGivenBackAtOnce() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(consumerAccount, 300_000, 500), _order(consumerAccount, 200_000, 500)),
      _orders(_order(prosumerAccount, 100_000, 900)),
      UNIFORM_AREA,
      INTERVAL
    );
    _step(result, 0, 1, 0, 1, false);
    _step(result, 1, 2, 1, 1, false);
    vm.warp(_endsAt(INTERVAL));
    uint256[][] memory positions = new uint256[][](2);
    positions[0] = ReferenceClearing.uniformPositionsOf(result, 0, 0, 1, 0, 1);
    positions[1] = ReferenceClearing.uniformPositionsOf(result, 0, 1, 2, 1, 1);
    _expectNoVoid(0, _single(positions[0]), _differ());
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, positions);
    _assertRestored();
  }

  function test_RevertGiven_ReadingsMayStillCome() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_voidableAt() - 1);
    bytes memory refusal = abi.encodeWithSelector(TooEarlyToVoid.selector, INTERVAL, _voidableAt());
    _expectNoVoid(0, _positionsOf(result, 0), refusal);
  }

  function test_RevertGiven_ClearingMayStillBeFinished() public {
    ReferenceClearing.Result memory result = _trade600();
    _step(result, 0, 1, 0, 1, false);
    vm.warp(_endsAt(INTERVAL) - 1);
    bytes memory refusal = abi.encodeWithSelector(TooEarlyToVoid.selector, INTERVAL, _endsAt(INTERVAL));
    _expectNoVoid(0, _positionsOf(result, 0), refusal);
  }

  function test_RevertGiven_NothingCleared() public {
    vm.warp(_voidableAt());
    _expectNoVoid(0, new uint256[][](0), _notCleared());
  }

  function test_RevertGiven_NothingTraded() public {
    _submitAll(_cleared(_none(), _none(), UNIFORM_AREA, INTERVAL));
    vm.warp(_voidableAt());
    _expectNoVoid(0, new uint256[][](1), _notCleared());
  }

  function test_RevertGiven_AlreadySettled() public {
    ReferenceClearing.Result memory result = _trade600();
    _trade(result);
    vm.warp(_voidableAt());
    _expectNoVoid(0, _positionsOf(result, 0), _notCleared());
  }

  function test_RevertGiven_AlreadyVoided() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_voidableAt());
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, _positionsOf(result, 0));
    _expectNoVoid(0, _positionsOf(result, 0), _notCleared());
  }

  function test_RevertGiven_SettlementAfterAVoid() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_voidableAt());
    Readings.Tree memory tree = _publishExact(result);
    uint256[][] memory positions = _positionsOf(result, 0);
    PoolSettlementLib.Readings memory readings = tree.open(0, positions[0]);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, positions);
    vm.expectRevert(_notCleared());
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
  }

  function test_RevertGiven_OtherPositions() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_voidableAt());
    uint256[][] memory positions = _positionsOf(result, 0);
    _expectNoVoid(0, new uint256[][](0), _differ());
    _expectNoVoid(0, new uint256[][](1), _differ());
    positions[0][0] ^= 1 << 80;
    _expectNoVoid(0, positions, _differ());
    bytes memory refusal = abi.encodeWithSelector(NothingToSettle.selector, UNIFORM_AREA, INTERVAL, 1);
    _expectNoVoid(1, new uint256[][](1), refusal);
  }

  function _voidableAt() private pure returns (uint256) {
    return _endsAt(INTERVAL) + 14 days;
  }

  function _assertRestored() private view {
    vm.assertEq(_marginOf(consumerAccount), MARGIN_MICRO);
    vm.assertEq(_marginOf(prosumerAccount), MARGIN_MICRO);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO);
    vm.assertEq(_marginOf(dsoAccount), 0);
    vm.assertEq(_marginOf(fundAccount), 0);
    _assertNothingHeld();
  }

  function _notCleared() private pure returns (bytes memory) {
    return abi.encodeWithSelector(NotCleared.selector, UNIFORM_AREA, INTERVAL);
  }

  function _differ() private pure returns (bytes memory) {
    return abi.encodeWithSelector(PositionsDiffer.selector, UNIFORM_AREA, INTERVAL, 0);
  }

  function _expectNoVoid(uint16 page, uint256[][] memory positions, bytes memory refusal) private {
    vm.expectRevert(refusal);
    pool.voidPage(UNIFORM_AREA, INTERVAL, page, positions);
  }
}
