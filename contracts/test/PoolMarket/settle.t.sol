// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolSettlementLib } from "../../src/pool/PoolSettlementLib.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice Money moves against signed readings, whoever brings them (R2.41, R7.19).
contract SettleTest is PoolFixture {
  using Readings for Readings.Tree;

  uint8 private constant ENERGY = 1;

  function setUp() public override {
    super.setUp();
    _submitAll(_trade600());
    vm.warp(_endsAt(INTERVAL));
  }

  // -- success

  function test_AnOutsiderMaySettle() public {
    Readings.Tree memory tree = _publishOf(600, 600);
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(tree);
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.PageSettled(UNIFORM_AREA, INTERVAL, 0, 12_000);
    vm.expectEmit(address(pool));
    emit PoolSettlementLib.IntervalSettled(UNIFORM_AREA, INTERVAL, SUPPLIER_RESERVE, 0);
    vm.prank(outsider);
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
    _assertPaid(90_000 + 12_000, -90_000, 12_000, 0);
    PoolLib.Interval memory interval = pool.intervalOf(UNIFORM_AREA, INTERVAL);
    vm.assertEq(uint256(interval.stage), uint256(PoolLib.Stage.Settled));
    vm.assertEq(interval.openParts, 0);
    vm.assertEq(interval.escrowMicro, 0);
    vm.assertEq(interval.supplierMicro, 0);
    vm.assertEq(interval.clearedWh, 600);
  }

  /// @dev 100 Wh not delivered cost 1.25 times the upstream price, and go to the supplier who delivered instead.
  function test_TheShortfallIsPaidToTheSupplier() public {
    _settleOf(600, 500);
    _assertPaid(102_000, -90_000 + 45_000, 12_000, 45_000);
  }

  function test_NothingDeliveredCostsTheWholeReserve() public {
    _settleOf(600, 0);
    _assertPaid(102_000, int256(SELLER_RESERVE), 12_000, 270_000);
  }

  /// @dev 200 Wh not consumed are taken back at the surplus price by the supplier, without grid fee.
  function test_TheSurplusIsPaidByTheSupplier() public {
    _settleOf(400, 600);
    _assertPaid(90_000 - 10_000 + 8_000, -90_000, 8_000, -10_000);
  }

  function test_NothingConsumedCostsTheSupplierItsReserve() public {
    _settleOf(0, 600);
    _assertPaid(90_000 - 30_000, -90_000, 0, -int256(SUPPLIER_RESERVE));
  }

  /// @dev More than contracted is outside this market: it is paid for elsewhere.
  function test_WhatExceedsThePositionCostsNothingHere() public {
    _settleOf(5000, 9000);
    _assertPaid(102_000, -90_000, 12_000, 0);
  }

  /// @dev A reading has both registers: imports do not make up for missing exports, nor the other way round.
  function test_TheOtherRegisterDoesNotCount() public {
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(prosumerAccount, 600, 0);
    readings[1] = Readings.reading(consumerAccount, 0, 600);
    _settleWith(_publish(UNIFORM_AREA, INTERVAL, readings));
    _assertPaid(60_000, int256(SELLER_RESERVE), 0, 270_000 - int256(SUPPLIER_RESERVE));
  }

  /// @dev 333 Wh at 150,001 are 49,950.333: rounded against both, and the difference goes to the fund.
  function test_TheRemainderGoesToTheFund() public {
    vm.warp(_opensAt(INTERVAL + 1));
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(consumerAccount, 200_001, 333)),
      _orders(_order(prosumerAccount, 100_001, 333)),
      UNIFORM_AREA,
      INTERVAL + 1
    );
    uint256 buyerBefore = _marginOf(consumerAccount);
    uint256 sellerBefore = _marginOf(prosumerAccount);
    _trade(result);
    vm.assertEq(_marginOf(consumerAccount), buyerBefore - 49_951 - 6_660);
    vm.assertEq(_marginOf(prosumerAccount), sellerBefore + 49_950);
    vm.assertEq(_marginOf(fundAccount), 1);
  }

  function test_ReadingsWithoutPositionsStaySealed() public {
    uint256[] memory readings = new uint256[](5);
    readings[0] = Readings.reading(supplierAccount, 1, 1);
    readings[1] = Readings.reading(prosumerAccount, 0, 600);
    readings[2] = Readings.reading(consumerAccount, 600, 0);
    readings[3] = Readings.reading(consumerAccount + 1, 5, 5);
    readings[4] = Readings.reading(800, 7, 7);
    _settleWith(_publish(UNIFORM_AREA, INTERVAL, readings));
    _assertPaid(102_000, -90_000, 12_000, 0);
  }

  function test_ASuspendedAccountIsSettled() public {
    vm.prank(registrar);
    registry.suspend(consumerAccount);
    vm.prank(registrar);
    registry.retireMeter(_meterId(prosumerAccount));
    _settleOf(600, 600);
    _assertPaid(102_000, -90_000, 12_000, 0);
  }

  function test_ACorrectedVersionSettles() public {
    _publishOf(600, 100);
    _settleWith(_publishOf(600, 600));
    _assertPaid(102_000, -90_000, 12_000, 0);
  }

  function test_TheReadingsAreClaimed() public {
    _settleOf(600, 600);
    (,, bool isClaimed) = ledger.publications(UNIFORM_AREA, INTERVAL);
    vm.assertTrue(isClaimed);
    vm.expectRevert(abi.encodeWithSelector(ReadingsInUse.selector, UNIFORM_AREA, INTERVAL));
    vm.prank(gateway);
    ledger.publish(UNIFORM_AREA, INTERVAL, bytes32(uint256(1)), 1);
  }

  // -- when

  function test_RevertGiven_DeliveryNotOver() public {
    Readings.Tree memory tree = _publishOf(600, 600);
    vm.warp(_endsAt(INTERVAL) - 1);
    _expectNoSettlement(tree, abi.encodeWithSelector(DeliveryNotOver.selector, INTERVAL, _endsAt(INTERVAL)));
  }

  function test_RevertGiven_NothingCleared() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_publishOf(600, 600));
    vm.expectRevert(abi.encodeWithSelector(NotCleared.selector, UNIFORM_AREA, INTERVAL - 1));
    pool.settle(UNIFORM_AREA, INTERVAL - 1, 0, positions, readings);
    vm.expectRevert(abi.encodeWithSelector(NotCleared.selector, MIDPOINT_AREA, INTERVAL));
    pool.settle(MIDPOINT_AREA, INTERVAL, 0, positions, readings);
  }

  function test_RevertGiven_ClearingUnfinished() public {
    vm.warp(_opensAt(INTERVAL + 1));
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(consumerAccount, 200_000, 600)),
      _orders(_order(prosumerAccount, 100_000, 600)),
      UNIFORM_AREA,
      INTERVAL + 1
    );
    _step(result, 0, 1, 0, 1, false);
    vm.warp(_endsAt(INTERVAL + 1));
    Readings.Tree memory tree = _publishExact(result);
    uint256[][] memory positions = _positionsOf(result, 0);
    PoolSettlementLib.Readings memory readings = tree.open(0, positions[0]);
    vm.expectRevert(abi.encodeWithSelector(NotCleared.selector, UNIFORM_AREA, INTERVAL + 1));
    pool.settle(UNIFORM_AREA, INTERVAL + 1, 0, positions, readings);
  }

  function test_RevertGiven_SettledTwice() public {
    Readings.Tree memory tree = _publishOf(600, 600);
    _settleWith(tree);
    _expectNoSettlement(tree, abi.encodeWithSelector(NotCleared.selector, UNIFORM_AREA, INTERVAL));
  }

  // -- positions

  function test_RevertGiven_PositionTampered() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_publishOf(600, 600));
    bytes memory refusal = abi.encodeWithSelector(PositionsDiffer.selector, UNIFORM_AREA, INTERVAL, 0);
    for (uint256 bit; bit < 256; bit += 17) {
      positions[0][0] ^= 1 << bit;
      _expectNoSettlement(0, positions, readings, refusal);
      positions[0][0] ^= 1 << bit;
    }
    (positions[0][0], positions[0][1]) = (positions[0][1], positions[0][0]);
    _expectNoSettlement(0, positions, readings, refusal);
  }

  function test_RevertGiven_PositionMissing() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_publishOf(600, 600));
    bytes memory refusal = abi.encodeWithSelector(PositionsDiffer.selector, UNIFORM_AREA, INTERVAL, 0);
    uint256[] memory all = positions[0];
    positions[0] = ReferenceClearing.slice(all, 1);
    _expectNoSettlement(0, positions, readings, refusal);
    positions[0] = new uint256[](0);
    _expectNoSettlement(0, positions, readings, refusal);
    _expectNoSettlement(0, new uint256[][](0), readings, refusal);
    uint256[][] memory steps = new uint256[][](2);
    steps[0] = all;
    _expectNoSettlement(0, steps, readings, refusal);
  }

  function test_RevertGiven_NothingToSettle() public {
    (, PoolSettlementLib.Readings memory readings) = _proof(_publishOf(600, 600));
    bytes memory refusal = abi.encodeWithSelector(NothingToSettle.selector, UNIFORM_AREA, INTERVAL, 1);
    _expectNoSettlement(1, new uint256[][](1), readings, refusal);
  }

  // -- readings

  function test_RevertGiven_ReadingsMissing() public {
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(prosumerAccount, 0, 600);
    readings[1] = Readings.reading(consumerAccount, 600, 0);
    Readings.Tree memory unpublished = Readings.build(ledger.contextOf(UNIFORM_AREA, INTERVAL, 1), readings);
    _expectNoSettlement(unpublished, abi.encodeWithSelector(ReadingsMissing.selector, UNIFORM_AREA, INTERVAL));
  }

  function test_RevertGiven_ReadingTampered() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_publishOf(600, 600));
    for (uint256 bit; bit < 256; bit += 17) {
      readings.leaves[1] ^= 1 << bit;
      _expectNoSettlement(0, positions, readings, _notProven());
      readings.leaves[1] ^= 1 << bit;
    }
  }

  function test_RevertGiven_SealTampered() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_withNeighbour());
    readings.leaves[2] ^= 1;
    _expectNoSettlement(0, positions, readings, _notProven());
  }

  /// @dev A sealed leaf that is declared open, and an open one that is declared sealed.
  function test_RevertGiven_OtherLeavesOpened() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_withNeighbour());
    vm.assertEq(readings.opened[0], 3);
    readings.opened[0] = 7;
    _expectNoSettlement(0, positions, readings, _notProven());
    readings.opened[0] = 1;
    _expectNoSettlement(0, positions, readings, _notProven());
  }

  function test_RevertGiven_LeavesMissingOrTooMany() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_withNeighbour());
    readings.leaves = ReferenceClearing.slice(readings.leaves, 2);
    _expectNoSettlement(0, positions, readings, _notProven());
    readings.leaves = new uint256[](0);
    _expectNoSettlement(0, positions, readings, _notProven());
    readings.leaves = new uint256[](769);
    readings.opened = new uint256[](4);
    _expectNoSettlement(0, positions, readings, _notProven());
  }

  function test_RevertGiven_OpenedWordMissing() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_publishOf(600, 600));
    readings.opened = new uint256[](0);
    _expectNoSettlement(0, positions, readings, _notProven());
  }

  function test_OpenedBeyondTheLeavesMeansNothing() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_publishOf(600, 600));
    readings.opened[0] |= 1 << 2;
    vm.warp(_endsAt(INTERVAL));
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Settled);
  }

  function test_RevertGiven_PathWrong() public {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(_withNeighbour());
    vm.assertEq(readings.path.length, 1);
    readings.path[0] ^= bytes32(uint256(1));
    _expectNoSettlement(0, positions, readings, _notProven());
    readings.path[0] ^= bytes32(uint256(1));
    readings.segmentIndex = 1;
    _expectNoSettlement(0, positions, readings, _notProven());
    readings.segmentIndex = 2;
    _expectNoSettlement(0, positions, readings, _notProven());
    (readings.segmentIndex, readings.segments) = (0, 3);
    _expectNoSettlement(0, positions, readings, _notProven());
    (readings.segments, readings.path) = (2, new bytes32[](0));
    _expectNoSettlement(0, positions, readings, _notProven());
  }

  /// @dev The seals of one version are none in the next, though the readings are the same.
  function test_RevertGiven_ReadingsOfAnOlderVersion() public {
    Readings.Tree memory older = _withNeighbour();
    Readings.Tree memory newer = _withNeighbour();
    _expectNoSettlement(older, _notProven());
    _settleWith(newer);
  }

  function test_RevertGiven_ReadingsOfAnotherInterval() public {
    Readings.Tree memory here = _withNeighbour();
    Readings.Tree memory other = _publish(UNIFORM_AREA, INTERVAL - 1, here.readings);
    _expectNoSettlement(other, _notProven());
    _settleWith(here);
  }

  function test_RevertGiven_PositionWithoutReading() public {
    uint256[] memory readings = new uint256[](1);
    readings[0] = Readings.reading(consumerAccount, 600, 0);
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    _expectNoSettlement(tree, abi.encodeWithSelector(PositionWithoutReading.selector, prosumerAccount));
  }

  /// @dev A meter that proves shortfall can't be kept sealed.
  function test_RevertGiven_ReadingKeptSealed() public {
    Readings.Tree memory tree = _publishOf(600, 0);
    (uint256[][] memory positions,) = _proof(tree);
    uint256[] memory ofConsumer = new uint256[](1);
    ofConsumer[0] = positions[0][1];
    PoolSettlementLib.Readings memory readings = tree.open(0, ofConsumer);
    bytes memory refusal = abi.encodeWithSelector(PositionWithoutReading.selector, prosumerAccount);
    _expectNoSettlement(0, positions, readings, refusal);
  }

  function test_RevertGiven_ReadingWithoutPosition() public {
    Readings.Tree memory tree = _withNeighbour();
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(tree);
    (readings.opened[0], readings.leaves[2]) = (7, tree.readings[2]);
    bytes memory refusal = abi.encodeWithSelector(ReadingWithoutPosition.selector, consumerAccount + 1);
    _expectNoSettlement(0, positions, readings, refusal);
  }

  function test_RevertGiven_ReadingsTurnedRound() public {
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(consumerAccount, 600, 0);
    readings[1] = Readings.reading(prosumerAccount, 0, 600);
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    _expectNoSettlement(tree, abi.encodeWithSelector(PositionWithoutReading.selector, prosumerAccount));
  }

  function test_RevertGiven_ReadingTwice() public {
    uint256[] memory readings = new uint256[](3);
    readings[0] = Readings.reading(prosumerAccount, 0, 600);
    readings[1] = Readings.reading(prosumerAccount, 0, 500);
    readings[2] = Readings.reading(consumerAccount, 600, 0);
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    _expectNoSettlement(tree, abi.encodeWithSelector(ReadingWithoutPosition.selector, prosumerAccount));
  }

  /// @dev Accounts 4 and 772 share a place on their pages.
  function test_RevertGiven_ReadingOfAnotherPage() public {
    (bytes32 context) = ledger.contextOf(UNIFORM_AREA, INTERVAL, 1);
    uint256[] memory leaves = new uint256[](2);
    leaves[0] = Readings.reading(uint256(prosumerAccount) + 768, 0, 600);
    leaves[1] = Readings.reading(consumerAccount, 600, 0);
    bytes32[] memory nodes = new bytes32[](2);
    nodes[0] = ReadingTree.leafOf(context, leaves[0]);
    nodes[1] = ReadingTree.leafOf(context, leaves[1]);
    bytes32 root = ReadingTree.rootOf(1, ReadingTree.segmentOf(0, 2, Readings.top(nodes)));
    vm.prank(gateway);
    ledger.publish(UNIFORM_AREA, INTERVAL, root, 2);
    uint256[] memory opened = new uint256[](1);
    opened[0] = 3;
    PoolSettlementLib.Readings memory readings = PoolSettlementLib.Readings({
      opened: opened, leaves: leaves, segmentIndex: 0, segments: 1, path: new bytes32[](0)
    });
    bytes memory refusal = abi.encodeWithSelector(PositionWithoutReading.selector, prosumerAccount);
    _expectNoSettlement(0, _positionsOf(_trade600(), 0), readings, refusal);
  }

  function test_RevertGiven_ReadingsClaimedByAnother() public {
    Readings.Tree memory tree = _publishOf(600, 600);
    vm.prank(admin);
    ledger.admitClaimant(ENERGY, outsider);
    vm.prank(outsider);
    ledger.claimPage(UNIFORM_AREA, INTERVAL, 0, ENERGY);
    bytes memory refusal = abi.encodeWithSelector(AlreadyClaimed.selector, UNIFORM_AREA, INTERVAL, 0, ENERGY);
    _expectNoSettlement(tree, refusal);
  }

  // -- steps of these tests

  function _publishOf(uint256 importWh, uint256 exportWh) private returns (Readings.Tree memory) {
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(prosumerAccount, 0, exportWh);
    readings[1] = Readings.reading(consumerAccount, importWh, 0);
    return _publish(UNIFORM_AREA, INTERVAL, readings);
  }

  /// @dev With a third meter on the page, and one on the next page.
  function _withNeighbour() private returns (Readings.Tree memory) {
    uint256[] memory readings = new uint256[](4);
    readings[0] = Readings.reading(prosumerAccount, 0, 600);
    readings[1] = Readings.reading(consumerAccount, 600, 0);
    readings[2] = Readings.reading(consumerAccount + 1, 77, 0);
    readings[3] = Readings.reading(800, 7, 7);
    return _publish(UNIFORM_AREA, INTERVAL, readings);
  }

  function _proof(Readings.Tree memory tree)
    private
    view
    returns (uint256[][] memory positions, PoolSettlementLib.Readings memory readings)
  {
    positions = _positionsOf(_trade600(), 0);
    readings = tree.open(0, positions[0]);
  }

  function _settleOf(uint256 importWh, uint256 exportWh) private {
    _settleWith(_publishOf(importWh, exportWh));
  }

  function _settleWith(Readings.Tree memory tree) private {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(tree);
    pool.settle(UNIFORM_AREA, INTERVAL, 0, positions, readings);
  }

  function _expectNoSettlement(Readings.Tree memory tree, bytes memory refusal) private {
    (uint256[][] memory positions, PoolSettlementLib.Readings memory readings) = _proof(tree);
    _expectNoSettlement(0, positions, readings, refusal);
  }

  function _expectNoSettlement(
    uint16 page,
    uint256[][] memory positions,
    PoolSettlementLib.Readings memory readings,
    bytes memory refusal
  ) private {
    vm.expectRevert(refusal);
    pool.settle(UNIFORM_AREA, INTERVAL, page, positions, readings);
  }

  function _notProven() private pure returns (bytes memory) {
    return abi.encodeWithSelector(SegmentNotProven.selector, UNIFORM_AREA, INTERVAL, 0);
  }

  /// @dev What buyer and seller paid, what the DSO got, and what the supplier gained; nothing is left in escrow.
  function _assertPaid(int256 buyerMicro, int256 sellerMicro, uint256 dsoMicro, int256 supplierMicro)
    private
    view
  {
    vm.assertEq(int256(_marginOf(consumerAccount)), int256(MARGIN_MICRO) - buyerMicro, "buyer");
    vm.assertEq(int256(_marginOf(prosumerAccount)), int256(MARGIN_MICRO) - sellerMicro, "seller");
    vm.assertEq(_marginOf(dsoAccount), dsoMicro, "DSO");
    vm.assertEq(int256(_marginOf(supplierAccount)), int256(MARGIN_MICRO) + supplierMicro, "supplier");
    vm.assertEq(_marginOf(fundAccount), 0, "fund");
    _assertNothingHeld();
  }
}
