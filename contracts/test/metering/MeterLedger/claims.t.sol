// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../../src/libraries/Errors.sol";
import { ReadingTree } from "../../../src/libraries/ReadingTree.sol";
import { MeterLedger } from "../../../src/metering/MeterLedger.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { Readings } from "../../support/Readings.sol";
import { vm } from "../../support/Vm.sol";

/// @notice A metered Wh of a member is claimed at most once for a purpose, alone or by a market with others of its page.
contract ClaimsTest is BaseFixture {
  using Readings for Readings.Tree;

  uint8 private constant ENERGY = 1;
  uint8 private constant ATTRIBUTE = 2;
  uint8 private constant FLEXIBILITY = 3;
  uint256 private constant IMPORT_WH = 300;
  uint256 private constant EXPORT_WH = 1_000;
  uint16 private constant FAR_MEMBER = 800;

  address private market = _actor("market");
  address private otherMarket = _actor("other market");
  uint256[] private readings;
  Readings.Tree private tree;

  /// @dev Readings 0 and 1 are on page 0, reading 2 on page 3.
  function setUp() public override {
    super.setUp();
    for (uint8 purpose = ENERGY; purpose <= FLEXIBILITY; ++purpose) {
      _admitClaimant(purpose, market);
    }
    _admitClaimant(ENERGY, otherMarket);
    readings.push(Readings.reading(PROSUMER, IMPORT_WH, EXPORT_WH));
    readings.push(Readings.reading(CONSUMER, IMPORT_WH, EXPORT_WH));
    readings.push(Readings.reading(FAR_MEMBER, IMPORT_WH, EXPORT_WH));
    vm.warp(_endsAt(INTERVAL));
    tree = _publish(AREA, INTERVAL, readings);
  }

  // -- single readings

  function testFuzz_ClaimsAddUpToTheExportAndNoFurther(uint256 seed) public {
    uint8 purpose = seed % 2 == 0 ? ENERGY : ATTRIBUTE;
    uint256 claimed;
    for (uint256 i; i < 8; ++i) {
      uint256 energyWh = 1 + uint256(keccak256(abi.encode(seed, i))) % 400;
      bool isTooMuch = claimed + energyWh > EXPORT_WH;
      if (isTooMuch) _expectExceeded(claimed, energyWh, EXPORT_WH);
      _claim(0, purpose, energyWh);
      if (!isTooMuch) claimed += energyWh;
      vm.assertEq(ledger.claimedWh(AREA, INTERVAL, PROSUMER, purpose), claimed);
    }
    if (claimed < EXPORT_WH) _claim(0, purpose, EXPORT_WH - claimed);
    _expectExceeded(EXPORT_WH, 1, EXPORT_WH);
    _claim(0, purpose, 1);
  }

  function test_AClaimIsAnnounced() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ReadingClaimed(AREA, INTERVAL, PROSUMER, ATTRIBUTE, market, 250);
    _claim(0, ATTRIBUTE, 250);
  }

  function test_PurposesReadingsIntervalsAndAreasDontCompete() public {
    for (uint8 purpose = ENERGY; purpose <= ATTRIBUTE; ++purpose) {
      _claim(0, purpose, EXPORT_WH);
      _claim(1, purpose, EXPORT_WH);
      _claim(2, purpose, EXPORT_WH);
    }
    vm.assertEq(ledger.claimedWh(AREA, INTERVAL, PROSUMER, FLEXIBILITY), 0);
    ReadingTree.Proof memory proof = _publish(OTHER_AREA, INTERVAL, readings).prove(0);
    vm.prank(market);
    ledger.claimReading(OTHER_AREA, INTERVAL, proof, ENERGY, EXPORT_WH);
    vm.warp(_endsAt(INTERVAL + 1));
    proof = _publish(AREA, INTERVAL + 1, readings).prove(0);
    vm.prank(market);
    ledger.claimReading(AREA, INTERVAL + 1, proof, ENERGY, EXPORT_WH);
  }

  function test_RivalsShareAReading() public {
    _claim(0, ENERGY, 600);
    ReadingTree.Proof memory proof = tree.prove(0);
    _expectExceeded(600, 401, EXPORT_WH);
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, proof, ENERGY, 401);
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, proof, ENERGY, 400);
    vm.assertEq(ledger.claimedWh(AREA, INTERVAL, PROSUMER, ENERGY), EXPORT_WH);
  }

  /// @dev One member, two readings under one root: only one of them can be shown (see requireProven.t.sol), and what
  /// is claimed counts by member, whatever the leaf.
  function test_AHomesEnergyIsClaimedOnceWhateverItsSalt() public {
    _claim(0, ATTRIBUTE, EXPORT_WH);
    readings[0] ^= 1;
    ReadingTree.Proof memory proof = _publish(AREA, INTERVAL, readings).prove(0);
    _expectExceeded(EXPORT_WH, 1, EXPORT_WH);
    vm.prank(market);
    ledger.claimReading(AREA, INTERVAL, proof, ATTRIBUTE, 1);
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
    ReadingTree.Proof memory proof = tree.prove(0);
    vm.expectRevert(abi.encodeWithSelector(NotClaimant.selector, otherMarket, ATTRIBUTE));
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, proof, ATTRIBUTE, 1);
    vm.expectRevert(abi.encodeWithSelector(NotClaimant.selector, otherMarket, FLEXIBILITY));
    vm.prank(otherMarket);
    ledger.claimFlexibility(AREA, INTERVAL, proof, 1, 1);
    vm.expectRevert(abi.encodeWithSelector(NotClaimant.selector, outsider, ENERGY));
    vm.prank(outsider);
    ledger.claimPage(AREA, INTERVAL, 0, 1);
  }

  function test_RevertGiven_TheReadingIsNotProven() public {
    ReadingTree.Proof memory proof = tree.prove(0);
    proof.reading = readings[1];
    bytes memory refusal = abi.encodeWithSelector(ReadingNotProven.selector, CONSUMER);
    vm.expectRevert(refusal);
    vm.prank(market);
    ledger.claimReading(AREA, INTERVAL, proof, ENERGY, 1);
    vm.expectRevert(refusal);
    vm.prank(market);
    ledger.claimFlexibility(AREA, INTERVAL, proof, 1, 1);
  }

  // -- flexibility

  /// @dev A home cuts its load from 5 kWh to 1 kWh: the more it reduces, the less its meter shows, and the more is due.
  function test_AReductionOfLoadCanBeClaimed() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ReadingClaimed(AREA, INTERVAL, CONSUMER, FLEXIBILITY, market, 4_000);
    _claimFlexibility(4_000, 4_000);
    vm.assertEq(ledger.claimedWh(AREA, INTERVAL, CONSUMER, FLEXIBILITY), 4_000);
  }

  /// @dev Two programmes cannot both be paid for one reduction.
  function test_ProgrammesShareTheCap() public {
    _claimFlexibility(3_000, 4_000);
    vm.expectRevert(abi.encodeWithSelector(ClaimExceedsReading.selector, CONSUMER, 3_000, 1_001, 4_000));
    _claimFlexibility(1_001, 4_000);
    _claimFlexibility(1_000, 4_000);
    vm.expectRevert(abi.encodeWithSelector(ClaimExceedsReading.selector, CONSUMER, 4_000, 1, 3_000));
    _claimFlexibility(1, 3_000);
  }

  function test_RevertGiven_FlexibilityClaimedByTheMeter() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownPurpose.selector, FLEXIBILITY));
    _claim(0, FLEXIBILITY, 1);
  }

  // -- members of a page

  function test_AMarketClaimsTheMembersItSettled() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.PageClaimed(AREA, INTERVAL, 0, 1 << PROSUMER, market);
    MeterLedger.Evidence memory evidence = _claimPage(market, 0, 1 << PROSUMER);
    (bytes32 context, bytes32 root) = ledger.evidenceOf(AREA, INTERVAL);
    vm.assertEq(evidence.context, context);
    vm.assertEq(evidence.root, root);
    vm.assertEq(evidence.taken, 0);
    vm.assertEq(evidence.partly, 0);
    vm.assertFalse(evidence.isWaitingOver);
    (uint256 taken, uint256 partly) = ledger.claimedMembersOf(AREA, INTERVAL, 0);
    vm.assertEq(taken, 1 << PROSUMER);
    vm.assertEq(partly, 0);
  }

  function testFuzz_EveryMemberIsTakenOnce(uint256 first, uint256 second, uint16 page) public {
    _claimPage(market, page, first);
    MeterLedger.Evidence memory evidence = _claimPage(otherMarket, page, second);
    vm.assertEq(evidence.taken, first & second);
    vm.assertEq(evidence.partly, 0);
    (uint256 taken,) = ledger.claimedMembersOf(AREA, INTERVAL, page);
    vm.assertEq(taken, first | second);
    (taken,) = ledger.claimedMembersOf(AREA, INTERVAL, page ^ 1);
    vm.assertEq(taken, 0);
  }

  /// @dev The first members' bits of four intervals stand in one word.
  function testFuzz_IntervalsThatShareAWordDontMix(uint256 seed) public {
    vm.warp(_endsAt(INTERVAL + 9) + WAITING_SECONDS);
    uint256[8] memory taken;
    for (uint256 i; i < 24; ++i) {
      seed = uint256(keccak256(abi.encode(seed)));
      uint32 place = uint32(seed % 8);
      uint256 members = uint256(keccak256(abi.encode(seed, i))) & uint256(keccak256(abi.encode(i, seed)));
      vm.prank(market);
      vm.assertEq(ledger.claimPage(AREA, INTERVAL + place, 0, members).taken, taken[place] & members);
      taken[place] |= members;
    }
    for (uint32 place; place < 8; ++place) {
      (uint256 bits,) = ledger.claimedMembersOf(AREA, INTERVAL + place, 0);
      vm.assertEq(bits, taken[place]);
      (bits,) = ledger.claimedMembersOf(OTHER_AREA, INTERVAL + place, 0);
      vm.assertEq(bits, 0);
    }
  }

  /// @dev A market that claims 1 Wh of one home leaves the settlement of its page as it is.
  function test_ASingleClaimDoesNotBlockAPage() public {
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, tree.prove(1), ENERGY, 1);
    MeterLedger.Evidence memory evidence = _claimPage(market, 0, 1 << PROSUMER | 1 << CONSUMER);
    vm.assertEq(evidence.partly, 1 << CONSUMER);
    vm.assertEq(ledger.claimedWh(AREA, INTERVAL, CONSUMER, ENERGY), 1);
    vm.assertEq(_claimPage(market, 3, 1 << FAR_MEMBER % 256).partly, 0);
  }

  function test_OfAMemberThatDoesNotTradeNothingIsTaken() public {
    _claimPage(market, 0, 1 << PROSUMER);
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, tree.prove(1), ENERGY, EXPORT_WH);
    _claim(2, ENERGY, EXPORT_WH);
  }

  function test_RevertGiven_TheMemberIsTaken() public {
    _claimPage(market, 0, 1 << PROSUMER);
    ReadingTree.Proof memory proof = tree.prove(0);
    vm.expectRevert(abi.encodeWithSelector(AlreadyClaimed.selector, AREA, INTERVAL, PROSUMER, ENERGY));
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, proof, ENERGY, 1);
    _claim(0, ATTRIBUTE, EXPORT_WH);
  }

  function test_AttributesAndFlexibilityLeaveTheSettlementAlone() public {
    _claim(0, ATTRIBUTE, EXPORT_WH);
    _claimFlexibility(4_000, 4_000);
    MeterLedger.Evidence memory evidence = _claimPage(market, 0, type(uint256).max);
    vm.assertEq(evidence.taken | evidence.partly, 0);
  }

  /// @dev A refused claim must leave no mark: a member could be settled with less than it has.
  function test_ARefusedClaimMarksNothing() public {
    _expectExceeded(0, EXPORT_WH + 1, EXPORT_WH);
    _claim(0, ENERGY, EXPORT_WH + 1);
    vm.assertEq(_claimPage(market, 0, 1 << PROSUMER).partly, 0);
  }

  // -- readings that do not come

  function test_RevertGiven_NothingIsPublishedAndTheWaitingTimeRuns() public {
    vm.warp(_endsAt(INTERVAL + 1) + WAITING_SECONDS - 1);
    vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, AREA, INTERVAL + 1));
    vm.prank(market);
    ledger.claimPage(AREA, INTERVAL + 1, 0, 1);
  }

  function test_AfterTheWaitingTimeNothingIsWaitedFor() public {
    vm.warp(_endsAt(INTERVAL + 1) + WAITING_SECONDS);
    vm.prank(market);
    MeterLedger.Evidence memory evidence = ledger.claimPage(AREA, INTERVAL + 1, 0, 1 << PROSUMER);
    vm.assertTrue(evidence.isWaitingOver);
    vm.assertEq(evidence.root, 0);
    vm.assertEq(evidence.context, 0);
    evidence = _claimPage(market, 0, 1 << CONSUMER);
    vm.assertTrue(evidence.isWaitingOver);
    vm.assertEq(evidence.root, tree.root);
  }

  /// @dev The late publication counts for those who are not settled, and for nobody else.
  function test_ALatePublicationDoesNotReviveWhatIsSettled() public {
    vm.warp(_endsAt(INTERVAL + 1) + WAITING_SECONDS);
    vm.prank(market);
    ledger.claimPage(AREA, INTERVAL + 1, 0, 1 << PROSUMER);
    Readings.Tree memory late = _publish(AREA, INTERVAL + 1, readings);
    ReadingTree.Proof memory proof = late.prove(0);
    vm.expectRevert(abi.encodeWithSelector(AlreadyClaimed.selector, AREA, INTERVAL + 1, PROSUMER, ENERGY));
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL + 1, proof, ENERGY, 1);
    vm.prank(market);
    MeterLedger.Evidence memory evidence = ledger.claimPage(AREA, INTERVAL + 1, 0, 1 << CONSUMER);
    vm.assertEq(evidence.root, late.root);
    vm.assertEq(evidence.taken, 0);
  }

  function test_RevertGiven_TheIntervalIsNotOver() public {
    vm.expectRevert(abi.encodeWithSelector(DeliveryNotOver.selector, INTERVAL + 1, _endsAt(INTERVAL + 1)));
    vm.prank(market);
    ledger.claimPage(AREA, INTERVAL + 1, 0, 1);
    vm.expectRevert(abi.encodeWithSelector(UnknownArea.selector, 9));
    vm.prank(market);
    ledger.claimPage(9, INTERVAL, 0, 1);
  }

  // -- internal

  function _claim(uint256 index, uint8 purpose, uint256 energyWh) private {
    ReadingTree.Proof memory proof = tree.prove(index);
    vm.prank(market);
    ledger.claimReading(AREA, INTERVAL, proof, purpose, energyWh);
  }

  function _claimFlexibility(uint256 energyWh, uint256 capWh) private {
    ReadingTree.Proof memory proof = tree.prove(1);
    vm.prank(market);
    ledger.claimFlexibility(AREA, INTERVAL, proof, energyWh, capWh);
  }

  function _claimPage(address by, uint16 page, uint256 members)
    private
    returns (MeterLedger.Evidence memory)
  {
    vm.prank(by);
    return ledger.claimPage(AREA, INTERVAL, page, members);
  }

  function _expectExceeded(uint256 claimed, uint256 added, uint256 capWh) private {
    vm.expectRevert(abi.encodeWithSelector(ClaimExceedsReading.selector, PROSUMER, claimed, added, capWh));
  }
}
