// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { PoolCorrectionLib } from "../../src/pool/PoolCorrectionLib.sol";
import { SealLib } from "../../src/pool/SealLib.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { CorrectionFixture } from "./CorrectionFixture.sol";

/// @notice A corrected reading changes what a settled position paid, both ways, once a version (docs/model/corrections.md).
contract CorrectTest is CorrectionFixture {
  using Readings for Readings.Tree;

  function test_ASellerThatDeliveredLessPaysTheShortfall() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    ReadingTree.Proof[] memory proofs = _corrected(_two(400, 600), 0);
    vm.expectEmit(address(pool));
    emit PoolCorrectionLib.PositionCorrected(
      AREA, INTERVAL, PROSUMER, 2, settled.readings[PROSUMER], proofs[0].reading, 200 * 450, 0
    );
    _correct(settled, proofs);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 200 * 450);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO + 200 * 450);
    _assertConserved();
  }

  function test_ASellerThatDeliveredMoreGetsItBack() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 0, 600);
    _correct(settled, _corrected(_two(600, 600), 0));
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
  }

  function test_ABuyerThatUsedMorePaysFeeAndSurplus() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 400);
    _correct(settled, _corrected(_two(600, 600), 1));
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 600 * 150 - 600 * 20);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    vm.assertEq(_marginOf(DSO), 600 * 20);
  }

  function test_ABuyerThatUsedLessGetsFeeAndSurplus() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    _correct(settled, _corrected(_two(600, 400), 1));
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 600 * 150 - 400 * 20 + 200 * 50);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO - 200 * 50);
    vm.assertEq(_marginOf(DSO), 400 * 20);
  }

  /// @dev One bad meter does not hold up the others: they are paid, and its reading follows.
  function test_AReadingThatComesLateIsSettled() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS);
    uint256[] memory one = new uint256[](1);
    one[0] = Readings.reading(CONSUMER, 600, 7);
    _settlePage(result, _publish(AREA, INTERVAL, one), 0);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO - SELLER_RESERVE);
    _correct(_settledOf(result, one, 0, true), _corrected(_two(600, 600), 0));
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
  }

  function test_TwoCorrectionsOfOneVersionAtOnce() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _two(500, 500));
    ReadingTree.Proof[] memory proofs = new ReadingTree.Proof[](2);
    (proofs[0], proofs[1]) = (tree.prove(0), tree.prove(1));
    _correct(settled, proofs);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 100 * 450);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 600 * 150 - 500 * 20 + 100 * 50);
  }

  /// @dev Whatever was published first, after the correction everybody has what the corrected readings alone would have
  /// given.
  function testFuzz_ACorrectionComesToWhatTheReadingIs(uint256 seed, bool isSeller) public {
    ReferenceClearing.Result memory result =
      _book(_order(CONSUMER, 200_001, 1000), _order(PROSUMER, 100_001, 333), AREA);
    uint256[4] memory wh = [seed % 700, (seed >> 16) % 700, (seed >> 32) % 700, (seed >> 48) % 700];
    if (isSeller) wh[3] = wh[1];
    else wh[2] = wh[0];
    uint256 snapshotId = vm.snapshotState();
    _settledWith(result, wh[2], wh[3]);
    uint256[4] memory direct = _margins();
    vm.revertToStateAndDelete(snapshotId);
    SealLib.Settled memory settled = _settledWith(result, wh[0], wh[1]);
    if (wh[0] != wh[2] || wh[1] != wh[3]) {
      _correct(settled, _corrected(_two(wh[2], wh[3]), isSeller ? 0 : 1));
    }
    uint256[4] memory corrected = _margins();
    for (uint256 i; i < 4; ++i) {
      vm.assertEq(corrected[i], direct[i]);
    }
    _assertConserved();
  }

  function _margins() private view returns (uint256[4] memory) {
    return [_marginOf(PROSUMER), _marginOf(CONSUMER), _marginOf(SUPPLIER), _marginOf(DSO)];
  }

  function test_AnUnsuppliedIntervalTakesNothingOfTheSupplier() public {
    vm.prank(supplier);
    pool.withdrawSupply(AREA, 1);
    uint32 later = INTERVAL + 96;
    vm.warp(_closesAt(later));
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.intervalId = later;
    _submitAll(result);
    vm.assertFalse(pool.intervalOf(AREA, later).isSupplied);
    vm.warp(_endsAt(later));
    Readings.Tree memory tree = _publish(AREA, later, _two(600, 600));
    _settlePage(result, tree, 0);
    SealLib.Settled memory settled = _settledOf(result, tree.readings, 0, false);
    ReadingTree.Proof[] memory proofs = new ReadingTree.Proof[](1);
    proofs[0] = _publish(AREA, later, _two(600, 0)).prove(1);
    pool.correct(AREA, later, 0, settled, proofs);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 600 * 150);
  }

  // -- refusals

  function test_RevertGiven_ACorrectionTwice() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    ReadingTree.Proof[] memory proofs = _corrected(_two(400, 600), 0);
    _correct(settled, proofs);
    _expectRefused(settled, proofs, abi.encodeWithSelector(SettledDiffers.selector, AREA, INTERVAL, 0));
    settled.readings[PROSUMER] = proofs[0].reading;
    _expectRefused(
      settled, proofs, abi.encodeWithSelector(NothingToCorrect.selector, AREA, INTERVAL, PROSUMER)
    );
  }

  /// @dev Nobody rolls a position back to an earlier version.
  function test_RevertGiven_AnEarlierVersion() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    ReadingTree.Proof[] memory second = _corrected(_two(400, 600), 0);
    ReadingTree.Proof[] memory third = _corrected(_two(500, 600), 0);
    _expectRefused(settled, second, abi.encodeWithSelector(ReadingNotProven.selector, PROSUMER));
    _correct(settled, third);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 100 * 450);
  }

  function test_RevertGiven_AnotherBasis() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    ReadingTree.Proof[] memory proofs = _corrected(_two(400, 600), 0);
    bytes memory refusal = abi.encodeWithSelector(SettledDiffers.selector, AREA, INTERVAL, 0);
    settled.localPrice += 1;
    _expectRefused(settled, proofs, refusal);
    settled.localPrice -= 1;
    settled.readings[PROSUMER] = Readings.reading(PROSUMER, 7, 700);
    _expectRefused(settled, proofs, refusal);
    settled.readings[PROSUMER] = Readings.reading(PROSUMER, 7, 600);
    settled.supplier = FUND;
    _expectRefused(settled, proofs, refusal);
    settled.supplier = SUPPLIER;
    settled.taken = 1;
    _expectRefused(settled, proofs, refusal);
    settled.taken = 0;
    settled.positions[0] += 1;
    _expectRefused(settled, proofs, refusal);
    settled.positions[0] -= 1;
    _correct(settled, proofs);
  }

  function test_RevertGiven_AMemberWithoutAPosition() public {
    uint16 other = _join(1, AREA);
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    uint256[] memory readings = new uint256[](1);
    readings[0] = Readings.reading(other, 1, 1);
    ReadingTree.Proof[] memory proofs = _corrected(readings, 0);
    _expectRefused(settled, proofs, abi.encodeWithSelector(NoPosition.selector, AREA, INTERVAL, other));
  }

  function test_RevertGiven_AnIntervalThatIsNotSettled() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    ReadingTree.Proof[] memory proofs = _corrected(_two(400, 600), 0);
    SealLib.Settled memory settled = _settledOf(result, _two(0, 0), 0, true);
    _expectRefused(settled, proofs, abi.encodeWithSelector(NotSettled.selector, AREA, INTERVAL));
  }

  function test_RevertGiven_TheFinalSettlementIsOver() public {
    SealLib.Settled memory settled = _settledWith(_trade600(), 600, 600);
    uint256 finalAt = _endsAt(INTERVAL) + FINAL_SECONDS;
    vm.warp(finalAt - 1);
    ReadingTree.Proof[] memory proofs = _corrected(_two(400, 600), 0);
    vm.warp(finalAt + WAITING_SECONDS);
    _expectRefused(
      settled,
      proofs,
      abi.encodeWithSelector(FinalSettlementOver.selector, INTERVAL, finalAt + WAITING_SECONDS)
    );
    vm.warp(finalAt + WAITING_SECONDS - 1);
    _correct(settled, proofs);
  }

  function _expectRefused(
    SealLib.Settled memory settled,
    ReadingTree.Proof[] memory proofs,
    bytes memory refusal
  ) private {
    vm.expectRevert(refusal);
    pool.correct(AREA, INTERVAL, 0, settled, proofs);
  }
}

/// @notice What another market has of a member's energy stays there, whatever its meter says later.
contract ClaimsOfCorrectionsTest is CorrectionFixture {
  using Readings for Readings.Tree;

  function test_EnergySoldElsewhereStaysSoldThere() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    _admitClaimant(1, outsider);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _two(600, 600));
    vm.prank(outsider);
    ledger.claimReading(AREA, INTERVAL, tree.prove(0), 1, 100);
    _settlePage(result, tree, 0);
    SealLib.Settled memory settled = _settledOf(result, tree.readings, 0, true);
    settled.readings[PROSUMER] -= uint256(100) << 136;
    _correct(settled, _corrected(_two(650, 600), 0));
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 50 * 450);
  }

  function test_OfWhomAnotherMarketHasAllNothingIsCorrected() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    _admitClaimant(1, outsider);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _two(600, 600));
    vm.prank(outsider);
    ledger.claimPage(AREA, INTERVAL, 0, 1 << PROSUMER);
    _settlePage(result, tree, 0);
    SealLib.Settled memory settled = _settledOf(result, tree.readings, 0, true);
    (settled.readings[PROSUMER], settled.taken) = (0, 1 << PROSUMER);
    ReadingTree.Proof[] memory proofs = _corrected(_two(650, 600), 0);
    vm.expectRevert(abi.encodeWithSelector(NothingToCorrect.selector, AREA, INTERVAL, PROSUMER));
    pool.correct(AREA, INTERVAL, 0, settled, proofs);
  }
}

/// @notice Who cannot pay a correction owes it, and nobody else's money moves for it.
contract DebtsOfCorrectionsTest is CorrectionFixture {
  SealLib.Settled private settled;

  function setUp() public override {
    super.setUp();
    settled = _settledWith(_trade600(), 600, 600);
    _emptyMargin(PROSUMER);
  }

  function test_WhoCannotPayOwes() public {
    _correct(settled, _corrected(_two(400, 600), 0));
    vm.assertEq(_marginOf(PROSUMER), 0);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    vm.assertEq(_owed(PROSUMER, SUPPLIER), 200 * 450);
    _assertConserved();
  }

  function test_ADebtIsPaidFirstFromWhatComesIn() public {
    _correct(settled, _corrected(_two(400, 600), 0));
    _fund(AREA, PROSUMER, 50_000);
    vm.assertEq(house.countedMarginMicro(address(pool), _seat(AREA, PROSUMER), 0), 0);
    vm.prank(outsider);
    house.collect(address(pool), _seat(AREA, PROSUMER), _seat(AREA, SUPPLIER));
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO + 50_000);
    vm.assertEq(_owed(PROSUMER, SUPPLIER), 40_000);
    _fund(AREA, PROSUMER, 50_000);
    vm.assertEq(house.countedMarginMicro(address(pool), _seat(AREA, PROSUMER), 0), 10_000);
    house.collect(address(pool), _seat(AREA, PROSUMER), _seat(AREA, SUPPLIER));
    vm.assertEq(_marginOf(PROSUMER), 10_000);
    vm.assertEq(_owed(PROSUMER, SUPPLIER), 0);
    _assertConserved();
  }

  /// @dev What is owed is no margin: neither does it stand for an order, nor does it leave.
  function test_WhatIsOwedNeitherTradesNorLeaves() public {
    _correct(settled, _corrected(_two(400, 600), 0));
    _fund(AREA, PROSUMER, 50_000);
    vm.prank(prosumer);
    house.announceMarginWithdrawal(address(pool), _seat(AREA, PROSUMER), 50_000);
    vm.warp(block.timestamp + 2 hours);
    vm.expectRevert(abi.encodeWithSelector(SeatInDebt.selector, _seat(AREA, PROSUMER), 200 * 450));
    vm.prank(prosumer);
    house.withdrawMargin(address(pool), _seat(AREA, PROSUMER));
    uint256[] memory postings = new uint256[](2);
    postings[0] = uint256(_seat(AREA, PROSUMER)) / 6;
    postings[1] = 1 << uint256(_seat(AREA, PROSUMER)) % 6 * 42;
    vm.prank(address(pool));
    (uint256 heldMicro, uint32[] memory shortSeats) = house.tryHold(postings, 0);
    vm.assertEq(heldMicro, 0);
    vm.assertEq(uint256(shortSeats[0]), _seat(AREA, PROSUMER));
  }

  /// @dev A correction the other way pays what it owes, whatever is still owed to it the other way.
  function test_ALaterCorrectionPaysBackThroughTheDebt() public {
    ReadingTree.Proof[] memory proofs = _corrected(_two(400, 600), 0);
    _correct(settled, proofs);
    SealLib.Settled memory now_ = settled;
    now_.readings[PROSUMER] = proofs[0].reading;
    _correct(now_, _corrected(_two(600, 600), 0));
    vm.assertEq(_marginOf(PROSUMER), 200 * 450);
    house.collect(address(pool), _seat(AREA, PROSUMER), _seat(AREA, SUPPLIER));
    vm.assertEq(_marginOf(PROSUMER), 0);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    vm.assertEq(_owed(PROSUMER, SUPPLIER), 0);
  }

  function test_ADebtOfTheSupplierStopsNobody() public {
    SealLib.Settled memory now_ = settled;
    _emptyMargin(SUPPLIER);
    _correct(now_, _corrected(_two(600, 400), 1));
    vm.assertEq(_owed(SUPPLIER, CONSUMER), 200 * 50);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 600 * 150 - 400 * 20);
    _assertConserved();
  }
}

/// @notice Pages that were settled before the last one have seals of their own.
contract PagesOfCorrectionsTest is CorrectionFixture {
  using Readings for Readings.Tree;

  uint16 private far;

  function setUp() public override {
    super.setUp();
    for (uint256 i; i < 260; ++i) {
      vm.prank(operator);
      areas.changeFund(AREA, fundAccount);
    }
    far = _join(1, AREA);
  }

  function test_EachPageIsCorrectedWhateverTheOrderOfSettlement() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 200_000, 1000)),
      _orders(_order(PROSUMER, 100_000, 600), _order(far, 100_000, 400)),
      AREA,
      INTERVAL
    );
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256 snapshotId = vm.snapshotState();
    _settleAndCorrect(result, 0);
    vm.revertToStateAndDelete(snapshotId);
    _settleAndCorrect(result, 1);
  }

  function _settleAndCorrect(ReferenceClearing.Result memory result, uint256 first) private {
    uint256[] memory readings = new uint256[](3);
    readings[0] = Readings.reading(PROSUMER, 0, 600);
    readings[1] = Readings.reading(CONSUMER, 1000, 0);
    readings[2] = Readings.reading(far, 0, 400);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, readings);
    _settlePage(result, tree, first);
    _correctPage(result, tree, readings, first, 10);
    _settlePage(result, _rebuilt(readings), 1 - first);
    _correctPage(result, tree, readings, 1 - first, 20);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - (first == 0 ? 10 : 20) * 450);
    vm.assertEq(_marginOf(far), MARGIN_MICRO + 400 * 150 - (first == 0 ? 20 : 10) * 450);
    _assertConserved();
  }

  /// @dev The tree of the newest version.
  function _rebuilt(uint256[] memory readings) private view returns (Readings.Tree memory) {
    uint8 version = ledger.versionOf(AREA, INTERVAL);
    return Readings.build(ledger.contextOf(AREA, INTERVAL, version), readings);
  }

  function _correctPage(
    ReferenceClearing.Result memory result,
    Readings.Tree memory,
    uint256[] memory readings,
    uint256 page,
    uint256 lessWh
  ) private {
    SealLib.Settled memory settled = _settledOf(result, readings, page, true);
    uint256 index = page == 0 ? 0 : 2;
    readings[index] -= lessWh << 136;
    ReadingTree.Proof[] memory proofs = _corrected(readings, index);
    vm.prank(outsider);
    pool.correct(AREA, INTERVAL, uint16(page), settled, proofs);
  }
}
