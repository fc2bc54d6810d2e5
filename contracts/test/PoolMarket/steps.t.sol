// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice A clearing that goes over several transactions comes to what it would be in one (R2.8).
contract StepsTest is PoolFixture {
  using Readings for Readings.Tree;

  uint24 private first;

  // -- uniform

  function test_UniformStepsAddUp() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    vm.expectEmit(address(pool));
    emit PoolMarket.StepVerified(UNIFORM_AREA, INTERVAL, 0);
    _step(result, 0, 1, 0, 1, false);
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Clearing);
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).supplierMicro, 0);

    vm.expectEmit(address(pool));
    emit PoolMarket.StepVerified(UNIFORM_AREA, INTERVAL, 1);
    _step(result, 1, 1, 1, 1, false);

    vm.expectEmit(address(pool));
    emit PoolMarket.IntervalCleared(UNIFORM_AREA, INTERVAL, 0, 175_000, 800, 0);
    _step(result, 1, 2, 1, 2, true);
    PoolLib.Interval memory interval = pool.intervalOf(UNIFORM_AREA, INTERVAL);
    vm.assertEq(interval.steps, 3);
    vm.assertEq(interval.openParts, 2);
    vm.assertEq(interval.clearedWh, 800);

    uint256[][] memory positions = new uint256[][](3);
    positions[0] = ReferenceClearing.uniformPositionsOf(result, 0, 0, 1, 0, 1);
    positions[1] = new uint256[](0);
    positions[2] = ReferenceClearing.uniformPositionsOf(result, 0, 1, 2, 1, 2);
    _settleSteps(result, positions);
    vm.assertEq(_marginOf(first), MARGIN_MICRO - 500 * 195);
    vm.assertEq(_marginOf(first + 1), MARGIN_MICRO - 300 * 195);
    vm.assertEq(_marginOf(first + 2), MARGIN_MICRO + 400 * 175);
    vm.assertEq(_marginOf(first + 3), MARGIN_MICRO + 400 * 175);
    vm.assertEq(_marginOf(dsoAccount), 800 * 20);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO);
    _assertNothingHeld();
  }

  /// @dev One account trades in both steps, on both sides: its positions are merged when it is settled.
  function test_AnAccountMayTradeInSeveralSteps() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(consumerAccount, 300_000, 500), _order(consumerAccount, 200_000, 500)),
      _orders(_order(prosumerAccount, 100_000, 400), _order(consumerAccount, 150_000, 400)),
      UNIFORM_AREA,
      INTERVAL
    );
    _step(result, 0, 1, 0, 1, false);
    _step(result, 1, 2, 1, 2, true);
    uint256[][] memory positions = new uint256[][](2);
    positions[0] = ReferenceClearing.uniformPositionsOf(result, 0, 0, 1, 0, 1);
    positions[1] = ReferenceClearing.uniformPositionsOf(result, 0, 1, 2, 1, 2);
    _settleSteps(result, positions);
    // It buys 800 and sells 400 at 175,000.
    vm.assertEq(_marginOf(consumerAccount), MARGIN_MICRO - 400 * 175 - 800 * 20);
    vm.assertEq(_marginOf(prosumerAccount), MARGIN_MICRO + 400 * 175);
    _assertNothingHeld();
  }

  /// @dev Three equal bids share 100 Wh; the level's shares are checked over both steps.
  function test_AMarginalLevelMayGoOverSteps() public {
    ReferenceClearing.Result memory result = _tie();
    _step(result, 0, 1, 0, 1, false);
    _step(result, 1, 3, 1, 1, true);
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).clearedWh, 100);
  }

  function test_RevertGiven_LevelShortAfterAllSteps() public {
    ReferenceClearing.Result memory result = _tie();
    _step(result, 0, 1, 0, 1, false);
    bytes memory bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 1, 2);
    _expectRefusal(result.outcome, bids, "", true, abi.encodeWithSelector(InvalidRationing.selector, BID));
  }

  function test_RevertGiven_GroupSplitOverSteps() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(
        ReferenceClearing.Order(consumerAccount, 200_000, 100, 0),
        ReferenceClearing.Order(consumerAccount, 200_000, 100, 1)
      ),
      _orders(_order(prosumerAccount, 100_000, 150)),
      UNIFORM_AREA,
      INTERVAL
    );
    _step(result, 0, 1, 0, 0, false);
    bytes memory rest = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory refusal = abi.encodeWithSelector(OutOfOrder.selector, BID, 0);
    _expectRefusal(result.outcome, rest, _packOffers(result), true, refusal);
  }

  function test_RevertGiven_BetterOrderInALaterStep() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    _step(result, 1, 2, 1, 2, false);
    bytes memory bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 0, 1);
    bytes memory offers = _pack(UNIFORM_AREA, INTERVAL, OFFER, result.offers, 0, 1);
    _expectRefusal(result.outcome, bids, "", true, abi.encodeWithSelector(OutOfOrder.selector, BID, 0));
    _expectRefusal(result.outcome, "", offers, true, abi.encodeWithSelector(OutOfOrder.selector, OFFER, 0));
  }

  function test_RevertGiven_OrderOfAnEarlierStep() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    _step(result, 0, 2, 0, 2, false);
    bytes memory refusal = abi.encodeWithSelector(OutOfOrder.selector, BID, 0);
    bytes memory bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 1, 2);
    _expectRefusal(result.outcome, bids, "", true, refusal);
    _step(result, 2, 2, 2, 2, true);
  }

  function test_RevertGiven_OutcomeChanged() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    _step(result, 0, 1, 0, 1, false);
    bytes memory refusal = abi.encodeWithSelector(OutcomeChanged.selector, UNIFORM_AREA, INTERVAL);
    bytes memory bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory offers = _pack(UNIFORM_AREA, INTERVAL, OFFER, result.offers, 1, 2);
    bytes memory declared = abi.encode(result.outcome);
    for (uint256 field; field < 13; ++field) {
      PoolMarket.Outcome memory changed = abi.decode(declared, (PoolMarket.Outcome));
      _change(changed, field);
      _expectRefusal(changed, bids, offers, true, refusal);
    }
    _submit(result.outcome, bids, offers, true);
  }

  /// @dev A bid left in the first step crosses an offer left in the second.
  function test_RevertGiven_LeftOrdersCrossOverSteps() public {
    ReferenceClearing.Result memory result = _untraded(
      _orders(_order(consumerAccount, 200_000, 100)),
      _orders(_order(prosumerAccount, 100_000, 100)),
      UNIFORM_AREA
    );
    _step(result, 0, 1, 0, 0, false);
    bytes memory refusal = abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(100_000));
    _expectRefusal(result.outcome, "", _packOffers(result), true, refusal);
  }

  /// @dev The best order left counts, not the last.
  function test_RevertGiven_BestLeftOrderOfAnEarlierStepCrosses() public {
    uint24 other = _settleIn(1, UNIFORM_AREA);
    ReferenceClearing.Result memory result = _untraded(
      _orders(_order(consumerAccount, 200_000, 100), _order(other, 150_000, 100)),
      _orders(_order(prosumerAccount, 180_000, 100), _order(other, 210_000, 100)),
      UNIFORM_AREA
    );
    _step(result, 0, 1, 0, 1, false);
    bytes memory bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory offers = _pack(UNIFORM_AREA, INTERVAL, OFFER, result.offers, 1, 2);
    bytes memory refusal = abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(180_000));
    _expectRefusal(result.outcome, bids, offers, true, refusal);
  }

  function test_RevertGiven_VolumesDifferAfterAllSteps() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    _step(result, 0, 1, 0, 0, false);
    bytes memory bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory offers = _pack(UNIFORM_AREA, INTERVAL, OFFER, result.offers, 1, 2);
    _expectRefusal(
      result.outcome, bids, offers, true, abi.encodeWithSelector(VolumesDiffer.selector, 800, 400)
    );
  }

  function test_RevertGiven_StepAfterTheLast() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    _step(result, 0, 1, 0, 1, false);
    _step(result, 1, 2, 1, 2, true);
    bytes memory refusal = abi.encodeWithSelector(AlreadyCleared.selector, UNIFORM_AREA, INTERVAL);
    _expectRefusal(result.outcome, "", "", false, refusal);
  }

  function test_RevertGiven_StepAfterDelivery() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    _step(result, 0, 1, 0, 1, false);
    vm.warp(_endsAt(INTERVAL));
    bytes memory refusal = abi.encodeWithSelector(DeliveryOver.selector, INTERVAL, _endsAt(INTERVAL));
    _expectRefusal(result.outcome, "", "", true, refusal);
  }

  /// @dev Steps are numbered by eight bits.
  function test_RevertGiven_256Steps() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    for (uint256 i; i < 255; ++i) {
      _submit(result.outcome, "", "", false);
    }
    bytes memory refusal = abi.encodeWithSelector(TooManySteps.selector, UNIFORM_AREA, INTERVAL);
    _expectRefusal(result.outcome, "", "", false, refusal);
    _expectRefusal(result, refusal);
  }

  /// @dev More than 2⁴⁸ − 1 Wh a side would break the lanes of a position. Such a sum takes 65,536 orders, so that the
  /// step before it is written into the pool's storage: keys, filledWh, levelWh, levelFilledWh, firstLeftRank.
  function test_RevertGiven_MoreEnergyThanAPositionHolds() public {
    ReferenceClearing.Result memory result = _ladder(UNIFORM_AREA);
    _step(result, 0, 0, 0, 0, false);
    uint256 nearlyFull = type(uint48).max - 499;
    vm.store(address(pool), _carrySlot(), bytes32(nearlyFull << 72));
    bytes memory bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 0, 1);
    _expectRefusal(
      result.outcome, bids, "", false, abi.encodeWithSelector(EnergyTooLarge.selector, nearlyFull + 500)
    );
    vm.store(address(pool), _carrySlot(), bytes32(nearlyFull << 120));
    bids = _pack(UNIFORM_AREA, INTERVAL, BID, result.bids, 1, 2);
    _expectRefusal(
      result.outcome, bids, "", false, abi.encodeWithSelector(EnergyTooLarge.selector, nearlyFull + 500)
    );
    vm.store(address(pool), _carrySlot(), bytes32(nearlyFull - 1 << 72));
    _step(result, 0, 1, 0, 0, false);
  }

  // -- midpoint

  function test_ALeftOverBidFindsItsPairInTheNextStep() public {
    ReferenceClearing.Result memory result = _ladder(MIDPOINT_AREA);
    _step(result, 0, 1, 0, 1, false);
    _step(result, 1, 2, 1, 2, true);
    _settleMidpoint(result, 1);
    _assertLadderPaid();
  }

  /// @dev The offers are ahead: 400 + 400 Wh against 500, then the second bid takes what is left of the second offer.
  function test_ALeftOverOfferFindsItsPairInTheNextStep() public {
    ReferenceClearing.Result memory result = _ladder(MIDPOINT_AREA);
    _step(result, 0, 1, 0, 2, false);
    _step(result, 1, 2, 2, 2, true);
    _settleMidpoint(result, 2);
    _assertLadderPaid();
  }

  function test_ALeftOverOrderMayWaitThroughAnEmptyStep() public {
    ReferenceClearing.Result memory result = _ladder(MIDPOINT_AREA);
    _step(result, 0, 1, 0, 1, false);
    _step(result, 1, 1, 1, 1, false);
    _step(result, 1, 2, 1, 2, true);
    uint256[][] memory positions = new uint256[][](3);
    positions[0] = ReferenceClearing.positionsOf(result, 0, 0, 1);
    positions[1] = new uint256[](0);
    positions[2] = ReferenceClearing.positionsOf(result, 0, 1, 3);
    _settleSteps(result, positions);
    _assertLadderPaid();
  }

  function test_RevertGiven_MoreThanAnOrderLeftOver() public {
    ReferenceClearing.Result memory result = _ladder(MIDPOINT_AREA);
    bytes memory offers = _pack(MIDPOINT_AREA, INTERVAL, OFFER, result.offers, 0, 1);
    bytes memory refusal = abi.encodeWithSelector(UnevenStep.selector, 2, 0);
    _expectRefusal(result.outcome, _packBids(result), offers, false, refusal);
    refusal = abi.encodeWithSelector(UnevenStep.selector, 0, 2);
    _expectRefusal(result.outcome, "", _packOffers(result), false, refusal);
  }

  function test_RevertGiven_OrderLeftOverAtTheEnd() public {
    ReferenceClearing.Result memory result = _ladder(MIDPOINT_AREA);
    _step(result, 0, 1, 0, 1, false);
    bytes memory bids = _pack(MIDPOINT_AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory refusal = abi.encodeWithSelector(UnevenStep.selector, 2, 0);
    _expectRefusal(result.outcome, bids, "", true, refusal);
    bytes memory offers = _pack(MIDPOINT_AREA, INTERVAL, OFFER, result.offers, 1, 2);
    refusal = abi.encodeWithSelector(InvalidRationing.selector, BID);
    _expectRefusal(result.outcome, "", offers, true, refusal);
  }

  function test_RevertGiven_UniformArea() public {
    PoolMarket.Outcome memory outcome = _trade600().outcome;
    vm.expectRevert(abi.encodeWithSelector(WrongPricing.selector, UNIFORM_AREA));
    vm.prank(operator);
    pool.clearMidpoint(outcome, "", "", true);
  }

  function test_TheMidpointClearingIsRecorded() public {
    ReferenceClearing.Result memory result = _ladder(MIDPOINT_AREA);
    vm.expectEmit(address(pool));
    emit PoolMarket.IntervalCleared(MIDPOINT_AREA, INTERVAL, 1, 175_000, 800, 0);
    _submitAll(result);
    vm.assertEq(pool.intervalOf(MIDPOINT_AREA, INTERVAL).clearedWh, 800);
    vm.assertEq(pool.intervalOf(MIDPOINT_AREA, INTERVAL).steps, 1);
  }

  // -- books of these tests

  /// @dev Bids 500 at 300,000 and 500 at 200,000 by `first` and the next; offers 400 at 100,000 and 400 at 150,000 by
  /// the two after them. 800 Wh trade.
  function _ladder(uint16 areaId) private returns (ReferenceClearing.Result memory) {
    first = _settleIn(4, areaId);
    return _cleared(
      _orders(_order(first, 300_000, 500), _order(first + 1, 200_000, 500)),
      _orders(_order(first + 2, 100_000, 400), _order(first + 3, 150_000, 400)),
      areaId,
      INTERVAL
    );
  }

  function _tie() private returns (ReferenceClearing.Result memory) {
    first = _settleIn(3, UNIFORM_AREA);
    return _cleared(
      _orders(_order(first, 200_000, 50), _order(first + 1, 200_000, 50), _order(first + 2, 200_000, 50)),
      _orders(_order(prosumerAccount, 100_000, 100)),
      UNIFORM_AREA,
      INTERVAL
    );
  }

  function _settleMidpoint(ReferenceClearing.Result memory result, uint256 tradesOfFirstStep) private {
    uint256[][] memory positions = new uint256[][](2);
    positions[0] = ReferenceClearing.positionsOf(result, 0, 0, tradesOfFirstStep);
    positions[1] = ReferenceClearing.positionsOf(result, 0, tradesOfFirstStep, result.trades.length);
    _settleSteps(result, positions);
  }

  function _settleSteps(ReferenceClearing.Result memory result, uint256[][] memory positions) private {
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publishExact(result);
    uint256[] memory all = ReferenceClearing.positionsOf(result, 0, 0, result.trades.length);
    pool.settle(result.outcome.areaId, INTERVAL, 0, positions, tree.open(0, all));
  }

  /// @dev 400 at 200,000, then 100 at 225,000, then 300 at 175,000; and the grid fee.
  function _assertLadderPaid() private view {
    vm.assertEq(_marginOf(first), MARGIN_MICRO - 80_000 - 22_500 - 10_000);
    vm.assertEq(_marginOf(first + 1), MARGIN_MICRO - 52_500 - 6_000);
    vm.assertEq(_marginOf(first + 2), MARGIN_MICRO + 80_000);
    vm.assertEq(_marginOf(first + 3), MARGIN_MICRO + 22_500 + 52_500);
    _assertNothingHeld();
  }

  function _change(PoolMarket.Outcome memory outcome, uint256 field) private pure {
    if (field == 0) ++outcome.marginalBid;
    else if (field == 1) --outcome.marginalOffer;
    else if (field == 2) ++outcome.bids.levelWh;
    else if (field == 3) ++outcome.bids.filledWh;
    else if (field == 4) ++outcome.bids.cutRemainder;
    else if (field == 5) ++outcome.bids.cutAccount;
    else if (field == 6) ++outcome.offers.levelWh;
    else if (field == 7) --outcome.offers.filledWh;
    else if (field == 8) ++outcome.offers.cutRemainder;
    else if (field == 9) ++outcome.offers.cutAccount;
    else if (field == 10) ++outcome.lastAccount;
    else if (field == 11) ++outcome.firstAccount;
    else outcome.bookRoot = keccak256("another book");
  }

  /// @dev The pool's state starts at slot 3, after two strings of EIP712 and lastArea; `carries` is its fourth mapping.
  function _carrySlot() private pure returns (bytes32) {
    bytes32 ofArea = keccak256(abi.encode(UNIFORM_AREA, uint256(6)));
    return keccak256(abi.encode(INTERVAL, ofArea));
  }
}
