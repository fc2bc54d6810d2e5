// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { Fixture } from "../support/Fixture.sol";
import { Readings } from "../support/Readings.sol";
import { vm } from "../support/Vm.sol";

/// @notice A metered Wh is claimed at most once for a purpose, in a single claim or with its whole segment.
contract ClaimReadingTest is Fixture {
  using Readings for Readings.Tree;

  uint8 private constant ENERGY = 1;
  uint8 private constant ATTRIBUTE = 2;
  uint8 private constant FLEXIBILITY = 3;
  uint256 private constant IMPORT_WH = 300;
  uint256 private constant EXPORT_WH = 1_000;

  address private claimant = _actor("claimant");
  address private rival = _actor("rival claimant");
  uint256[] private readings;

  /// @dev Readings 0 and 1 are on page 0, reading 2 on page 1.
  function setUp() public override {
    super.setUp();
    for (uint8 purpose = ENERGY; purpose <= FLEXIBILITY; ++purpose) {
      _admit(purpose, claimant);
    }
    _admit(ENERGY, rival);
    readings.push(Readings.reading(prosumerAccount, IMPORT_WH, EXPORT_WH));
    readings.push(Readings.reading(consumerAccount, IMPORT_WH, EXPORT_WH));
    readings.push(Readings.reading(800, IMPORT_WH, EXPORT_WH));
    _publish(UNIFORM_AREA, INTERVAL, readings);
  }

  // -- single readings

  function testFuzz_ClaimsAddUpToTheReadingAndNoFurther(uint256 seed, uint256 purposeSeed) public {
    uint8 purpose = uint8(_bound(purposeSeed, ENERGY, FLEXIBILITY));
    uint256 metered = purpose == FLEXIBILITY ? IMPORT_WH + EXPORT_WH : EXPORT_WH;
    uint256 claimed;
    for (uint256 i; i < 8; ++i) {
      uint256 energyWh = 1 + uint256(keccak256(abi.encode(seed, i))) % 400;
      bool isTooMuch = claimed + energyWh > metered;
      if (isTooMuch) _expectExceeded(claimed, energyWh, metered);
      _claim(0, purpose, energyWh);
      if (!isTooMuch) claimed += energyWh;
      vm.assertEq(_claimedWh(0, purpose), claimed);
    }
    if (claimed < metered) _claim(0, purpose, metered - claimed);
    _expectExceeded(metered, 1, metered);
    _claim(0, purpose, 1);
  }

  function test_AClaimIsAnnounced() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ReadingClaimed(UNIFORM_AREA, INTERVAL, prosumerAccount, ATTRIBUTE, claimant, 250);
    _claim(0, ATTRIBUTE, 250);
    (,, bool isClaimed) = ledger.publications(UNIFORM_AREA, INTERVAL);
    vm.assertTrue(isClaimed);
  }

  function test_PurposesAndReadingsDontCompete() public {
    for (uint8 purpose = ENERGY; purpose <= FLEXIBILITY; ++purpose) {
      _claim(0, purpose, EXPORT_WH);
      _claim(1, purpose, EXPORT_WH);
      _claim(2, purpose, EXPORT_WH);
    }
    vm.assertEq(_claimedWh(0, ENERGY), EXPORT_WH);
    vm.assertEq(_claimedWh(1, FLEXIBILITY), EXPORT_WH);
  }

  function test_RivalsShareAReading() public {
    _claim(0, ENERGY, 600);
    MeterLedger.ReadingProof memory proof = _prove(0);
    _expectExceeded(600, 401, EXPORT_WH);
    vm.prank(rival);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[0], proof, ENERGY, 401);

    vm.prank(rival);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[0], proof, ENERGY, 400);
    vm.assertEq(_claimedWh(0, ENERGY), EXPORT_WH);
  }

  function test_ImportCountsForFlexibilityOnly() public {
    _expectExceeded(0, EXPORT_WH + 1, EXPORT_WH);
    _claim(0, ENERGY, EXPORT_WH + 1);
    _expectExceeded(0, EXPORT_WH + 1, EXPORT_WH);
    _claim(0, ATTRIBUTE, EXPORT_WH + 1);
    _claim(0, FLEXIBILITY, EXPORT_WH + IMPORT_WH);
  }

  function testFuzz_RevertGiven_MoreThanWasMetered(uint256 energyWh) public {
    energyWh = _bound(energyWh, EXPORT_WH + 1, type(uint256).max);
    _expectExceeded(0, energyWh, EXPORT_WH);
    _claim(0, ENERGY, energyWh);
  }

  function test_RevertGiven_ZeroAmount() public {
    vm.expectRevert(ZeroAmount.selector);
    _claim(0, ENERGY, 0);
  }

  function test_RevertGiven_NotClaimant() public {
    MeterLedger.ReadingProof memory proof = _prove(0);
    vm.expectRevert(abi.encodeWithSelector(NotClaimant.selector, rival, ATTRIBUTE));
    vm.prank(rival);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[0], proof, ATTRIBUTE, 1);

    vm.expectRevert(abi.encodeWithSelector(NotClaimant.selector, outsider, ENERGY));
    vm.prank(outsider);
    ledger.claimPage(UNIFORM_AREA, INTERVAL, 0, ENERGY);
  }

  function test_RevertGiven_ReadingNotProven() public {
    MeterLedger.ReadingProof memory proof = _prove(0);
    vm.expectRevert(
      abi.encodeWithSelector(ReadingNotProven.selector, UNIFORM_AREA, INTERVAL, consumerAccount)
    );
    vm.prank(claimant);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[1], proof, ENERGY, 1);
  }

  /// @dev Published among the readings of page 7, it would escape a claim of page 0, where its account belongs.
  function test_RevertGiven_ReadingOnAPageOfOthers() public {
    bytes32 leaf = ReadingTree.leafOf(ledger.contextOf(UNIFORM_AREA, INTERVAL, 2), readings[0]);
    bytes32 root = ReadingTree.rootOf(1, ReadingTree.segmentOf(7, 1, leaf));
    vm.prank(gateway);
    ledger.publish(UNIFORM_AREA, INTERVAL, root, 1);
    bytes32[] memory nothing = new bytes32[](0);
    MeterLedger.ReadingProof memory proof = MeterLedger.ReadingProof(7, 0, 1, nothing, 0, 1, nothing);
    vm.assertTrue(ledger.isProven(UNIFORM_AREA, INTERVAL, readings[0], proof));

    vm.expectRevert(
      abi.encodeWithSelector(ReadingNotProven.selector, UNIFORM_AREA, INTERVAL, prosumerAccount)
    );
    vm.prank(claimant);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[0], proof, ENERGY, 1);
  }

  function test_RevertGiven_ReadingsMissing() public {
    MeterLedger.ReadingProof memory proof = _prove(0);
    bytes memory refusal = abi.encodeWithSelector(ReadingsMissing.selector, UNIFORM_AREA, INTERVAL + 1);
    vm.expectRevert(refusal);
    vm.prank(claimant);
    ledger.claimReading(UNIFORM_AREA, INTERVAL + 1, readings[0], proof, ENERGY, 1);

    vm.expectRevert(refusal);
    vm.prank(claimant);
    ledger.claimPage(UNIFORM_AREA, INTERVAL + 1, 0, ENERGY);
  }

  // -- whole segments

  function test_ASegmentIsClaimed() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.PageClaimed(UNIFORM_AREA, INTERVAL, 1, ENERGY, claimant);
    _claimPageFor(1, ENERGY);
    (,, bool isClaimed) = ledger.publications(UNIFORM_AREA, INTERVAL);
    vm.assertTrue(isClaimed);
  }

  function testFuzz_EachSegmentIsClaimedOnceForAPurpose(uint16 page, uint16 other) public {
    _claimPageFor(page, ENERGY);
    if (other != page) _claimPageFor(other, ENERGY);
    _claimPageFor(page, ATTRIBUTE);
    _expectClaimed(page, ENERGY);
    _claimPageFor(page, ENERGY);
    _expectClaimed(other, ENERGY);
    _claimPageFor(other, ENERGY);
  }

  function test_OtherIntervalsAreClaimedForThemselves() public {
    _publish(UNIFORM_AREA, INTERVAL + 1, readings);
    _publish(MIDPOINT_AREA, INTERVAL, readings);
    _claimPageFor(0, ENERGY);
    vm.prank(claimant);
    ledger.claimPage(UNIFORM_AREA, INTERVAL + 1, 0, ENERGY);
    vm.prank(claimant);
    ledger.claimPage(MIDPOINT_AREA, INTERVAL, 0, ENERGY);
  }

  function test_RevertGiven_ARivalClaimedTheSegment() public {
    _claimPageFor(0, ENERGY);
    _expectClaimed(0, ENERGY);
    vm.prank(rival);
    ledger.claimPage(UNIFORM_AREA, INTERVAL, 0, ENERGY);
  }

  // -- a segment and its readings exclude each other

  function test_RevertGiven_TheSegmentOfTheReadingIsClaimed() public {
    _claimPageFor(0, ENERGY);
    _expectClaimed(0, ENERGY);
    _claim(0, ENERGY, 1);
    _expectClaimed(0, ENERGY);
    _claim(1, ENERGY, 1);
    // Neither another segment nor another purpose is taken.
    _claim(2, ENERGY, 1);
    _claim(0, ATTRIBUTE, 1);
  }

  function test_RevertGiven_AReadingOfTheSegmentIsClaimed() public {
    _claim(1, ENERGY, 1);
    _expectClaimed(0, ENERGY);
    _claimPageFor(0, ENERGY);
    _claimPageFor(1, ENERGY);
    _claimPageFor(0, ATTRIBUTE);
  }

  function test_ARefusedClaimTakesNothing() public {
    _expectExceeded(0, EXPORT_WH + 1, EXPORT_WH);
    _claim(0, ENERGY, EXPORT_WH + 1);
    _claimPageFor(0, ENERGY);
  }

  // -- internal

  function _admit(uint8 purpose, address admitted) private {
    vm.prank(admin);
    ledger.admitClaimant(purpose, admitted);
  }

  function _prove(uint256 index) private view returns (MeterLedger.ReadingProof memory) {
    return Readings.build(_context(), readings).prove(index);
  }

  /// @dev The version of the set-up, without a call that an expected revert would wait for.
  function _context() private view returns (bytes32) {
    return ReadingTree.contextOf(address(ledger), UNIFORM_AREA, INTERVAL, 1);
  }

  function _claim(uint256 index, uint8 purpose, uint256 energyWh) private {
    MeterLedger.ReadingProof memory proof = _prove(index);
    vm.prank(claimant);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[index], proof, purpose, energyWh);
  }

  function _claimPageFor(uint16 page, uint8 purpose) private {
    vm.prank(claimant);
    ledger.claimPage(UNIFORM_AREA, INTERVAL, page, purpose);
  }

  function _claimedWh(uint256 index, uint8 purpose) private view returns (uint256) {
    return ledger.claimedWh(purpose, ReadingTree.leafOf(_context(), readings[index]));
  }

  function _expectExceeded(uint256 claimed, uint256 added, uint256 metered) private {
    vm.expectRevert(
      abi.encodeWithSelector(ClaimExceedsReading.selector, prosumerAccount, claimed, added, metered)
    );
  }

  function _expectClaimed(uint16 page, uint8 purpose) private {
    vm.expectRevert(abi.encodeWithSelector(AlreadyClaimed.selector, UNIFORM_AREA, INTERVAL, page, purpose));
  }

  function _bound(uint256 random, uint256 low, uint256 high) private pure returns (uint256) {
    return low + random % (high - low + 1);
  }
}
