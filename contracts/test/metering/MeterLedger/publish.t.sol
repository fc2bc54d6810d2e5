// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { ReadingTree } from "../../../src/libraries/ReadingTree.sol";
import { MeterLedger } from "../../../src/metering/MeterLedger.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { Readings } from "../../support/Readings.sol";
import { vm } from "../../support/Vm.sol";

/// @notice An area's own gateway publishes the root of an interval's readings once it is over, and may correct it (R8.29).
contract PublishTest is BaseFixture {
  using Readings for Readings.Tree;

  bytes32 private constant ROOT = bytes32(uint256(keccak256("root")) >> 16 << 16);
  uint8 private constant ENERGY = 1;
  uint8 private constant ATTRIBUTE = 2;

  address private claimant = _actor("claimant");

  function setUp() public override {
    super.setUp();
    _admitClaimant(ENERGY, claimant);
    _admitClaimant(ATTRIBUTE, claimant);
    vm.warp(_endsAt(INTERVAL));
  }

  function test_ThePublicationIsEvidence() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ReadingsPublished(AREA, INTERVAL, 1, ROOT, 12);
    _publishRoot(AREA, INTERVAL, ROOT, 12);
    _assertPublication(INTERVAL, ROOT, 1);
  }

  function test_NothingPublishedIsNoEvidence() public view {
    (bytes32 context, bytes32 root) = ledger.evidenceOf(AREA, INTERVAL);
    vm.assertEq(context, 0);
    vm.assertEq(root, 0);
    vm.assertEq(uint256(ledger.versionOf(AREA, INTERVAL)), 0);
  }

  function test_TheLowBitsOfARootAreTheLedgers() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ReadingsPublished(AREA, INTERVAL, 1, ROOT, 12);
    _publishRoot(AREA, INTERVAL, bytes32(uint256(ROOT) | 0xffff), 12);
    _assertPublication(INTERVAL, ROOT, 1);
    vm.expectRevert(abi.encodeWithSelector(EmptyRoot.selector, AREA, INTERVAL));
    _publishRoot(AREA, INTERVAL, bytes32(uint256(0xffff)), 12);
  }

  function test_ACorrectionReplacesTheReadings() public {
    uint256[] memory readings = _two(500, 400);
    Readings.Tree memory first = _publish(AREA, INTERVAL, readings);
    readings[0] = Readings.reading(PROSUMER, 0, 450);
    Readings.Tree memory second = _publish(AREA, INTERVAL, readings);
    _assertPublication(INTERVAL, second.root, 2);
    ReadingTree.Proof memory old = first.prove(1);
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, CONSUMER));
    ledger.requireProven(AREA, INTERVAL, old);
    ledger.requireProven(AREA, INTERVAL, second.prove(0));
    ledger.requireProven(AREA, INTERVAL, second.prove(1));
  }

  function test_SeveralIntervalsAtOnce() public {
    vm.warp(_endsAt(INTERVAL + 2));
    MeterLedger.Publication[] memory intervals = new MeterLedger.Publication[](3);
    for (uint32 i; i < 3; ++i) {
      intervals[i] = MeterLedger.Publication(INTERVAL + i, 10 + i, bytes32(uint256(ROOT) + (i << 16)));
    }
    vm.expectEmit(address(ledger));
    emit MeterLedger.ReadingsPublished(AREA, INTERVAL, 1, ROOT, 10);
    vm.prank(gateway);
    ledger.publishMany(AREA, intervals);
    for (uint32 i; i < 3; ++i) {
      _assertPublication(INTERVAL + i, intervals[i].root, 1);
    }
    vm.expectRevert(abi.encodeWithSelector(NotGateway.selector, otherGateway, AREA));
    vm.prank(otherGateway);
    ledger.publishMany(AREA, intervals);
    intervals[2].intervalId = INTERVAL + 3;
    vm.expectRevert(abi.encodeWithSelector(DeliveryNotOver.selector, INTERVAL + 3, _endsAt(INTERVAL + 3)));
    vm.prank(gateway);
    ledger.publishMany(AREA, intervals);
  }

  // -- who may, and when

  function test_AGatewayOfAnotherAreaCannotPublishHere() public {
    vm.expectRevert(abi.encodeWithSelector(NotGateway.selector, otherGateway, AREA));
    vm.prank(otherGateway);
    ledger.publish(AREA, INTERVAL, ROOT, 1);
  }

  function test_AFormerGatewayCannotPublish() public {
    vm.prank(operator);
    areas.changeGateway(AREA, outsider);
    vm.expectRevert(abi.encodeWithSelector(NotGateway.selector, gateway, AREA));
    _publishRoot(AREA, INTERVAL, ROOT, 1);
    vm.prank(outsider);
    ledger.publish(AREA, INTERVAL, ROOT, 1);
  }

  function test_NobodyPublishesForAnAreaThatIsNot() public {
    vm.expectRevert(abi.encodeWithSelector(NotGateway.selector, gateway, 9));
    vm.prank(gateway);
    ledger.publish(9, INTERVAL, ROOT, 1);
  }

  function testFuzz_ReadingsAreNotPublishedBeforeTheIntervalIsOver(uint32 intervalId, uint256 early) public {
    early = _bound(early, 1, _endsAt(intervalId));
    vm.warp(_endsAt(intervalId) - early);
    vm.expectRevert(abi.encodeWithSelector(DeliveryNotOver.selector, intervalId, _endsAt(intervalId)));
    _publishRoot(AREA, intervalId, ROOT, 1);
    vm.warp(_endsAt(intervalId));
    _publishRoot(AREA, intervalId, ROOT, 1);
  }

  function test_OnlyTheAreaRegistrySaysWhoPublishes() public {
    MeterLedger.Station memory station =
      MeterLedger.Station(outsider, INTERVAL_SECONDS, WAITING_SECONDS, FINAL_SECONDS);
    vm.expectRevert(abi.encodeWithSelector(NotAreaRegistry.selector, admin));
    vm.prank(admin);
    ledger.setStation(AREA, station);
  }

  // -- corrections and claims

  /// @dev A certificate of 1 Wh must not freeze the readings of an interval: the missing reading still comes.
  function test_ACertificateDoesNotStopACorrection() public {
    uint256[] memory early = new uint256[](1);
    early[0] = Readings.reading(PROSUMER, 0, 600);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, early);
    vm.prank(claimant);
    ledger.claimReading(AREA, INTERVAL, tree.prove(0), ATTRIBUTE, 1);
    Readings.Tree memory corrected = _publish(AREA, INTERVAL, _two(600, 600));
    _assertPublication(INTERVAL, corrected.root, 2);
  }

  /// @dev What was certified under the first version counts under the second: 600 Wh are certified once.
  function test_ACorrectionDoesNotRenewWhatIsClaimed() public {
    for (uint8 purpose = ENERGY; purpose <= ATTRIBUTE; ++purpose) {
      ReadingTree.Proof memory proof = _publish(AREA, INTERVAL, _two(600, 600)).prove(0);
      vm.prank(claimant);
      ledger.claimReading(AREA, INTERVAL, proof, purpose, 600);
      proof = _publish(AREA, INTERVAL, _two(700, 600)).prove(0);
      vm.expectRevert(abi.encodeWithSelector(ClaimExceedsReading.selector, PROSUMER, 600, 101, 700));
      vm.prank(claimant);
      ledger.claimReading(AREA, INTERVAL, proof, purpose, 101);
      vm.prank(claimant);
      ledger.claimReading(AREA, INTERVAL, proof, purpose, 100);
    }
  }

  /// @dev A correction below what is claimed takes nothing back, and gives nothing more.
  function test_ACorrectionBelowTheClaimEndsFurtherClaims() public {
    ReadingTree.Proof memory proof = _publish(AREA, INTERVAL, _two(600, 600)).prove(0);
    vm.prank(claimant);
    ledger.claimReading(AREA, INTERVAL, proof, ATTRIBUTE, 500);
    proof = _publish(AREA, INTERVAL, _two(400, 600)).prove(0);
    vm.expectRevert(abi.encodeWithSelector(ClaimExceedsReading.selector, PROSUMER, 500, 1, 400));
    vm.prank(claimant);
    ledger.claimReading(AREA, INTERVAL, proof, ATTRIBUTE, 1);
  }

  /// @dev A correction must not lose that single claims exist: a market would settle the same Wh again.
  function test_ACorrectionKeepsTheMarkOfSingleClaims() public {
    ReadingTree.Proof memory proof = _publish(AREA, INTERVAL, _two(600, 600)).prove(0);
    vm.prank(claimant);
    ledger.claimReading(AREA, INTERVAL, proof, ENERGY, 250);
    _publish(AREA, INTERVAL, _two(600, 600));
    vm.prank(claimant);
    MeterLedger.Evidence memory evidence = ledger.claimPage(AREA, INTERVAL, 0, 1 << PROSUMER | 1 << CONSUMER);
    vm.assertEq(evidence.partly, 1 << PROSUMER);
  }

  function test_RevertGiven_TooManyVersions() public {
    for (uint256 version = 1; version <= 255; ++version) {
      _publishRoot(AREA, INTERVAL, bytes32(version << 16), 1);
    }
    vm.expectRevert(abi.encodeWithSelector(TooManyVersions.selector, AREA, INTERVAL));
    _publishRoot(AREA, INTERVAL, ROOT, 1);
    _assertPublication(INTERVAL, bytes32(uint256(255 << 16)), 255);
  }

  // -- contexts

  /// @dev The tag of leaves differs wherever the area, the interval, the version or the ledger does.
  function testFuzz_ContextsDiffer(uint16 areaId, uint32 intervalId, uint8 version) public view {
    bytes32 context = ledger.contextOf(areaId, intervalId, version);
    vm.assertFalse(context == ledger.contextOf(areaId, intervalId, version ^ 1));
    vm.assertFalse(context == ledger.contextOf(areaId, intervalId ^ 1, version));
    vm.assertFalse(context == ledger.contextOf(areaId ^ 1, intervalId, version));
  }

  function test_AnotherLedgerHasAnotherContext() public {
    MeterLedger other = _newLedger(registry);
    vm.assertFalse(other.contextOf(AREA, INTERVAL, 1) == ledger.contextOf(AREA, INTERVAL, 1));
  }

  // -- claimants

  function test_TheAdminAdmitsAClaimantForOnePurpose() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ClaimantAdmitted(2, outsider);
    _admitClaimant(2, outsider);
    vm.assertTrue(ledger.isClaimant(2, outsider));
    vm.assertFalse(ledger.isClaimant(1, outsider));
    vm.assertFalse(ledger.isClaimant(3, outsider));
  }

  function testFuzz_RevertGiven_ClaimantAdmittedByAnother(address caller) public {
    vm.assume(caller != admin);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, caller, bytes32(0)));
    vm.prank(caller);
    ledger.admitClaimant(ENERGY, caller);
  }

  function test_RevertGiven_NoClaimantOrNoPurpose() public {
    vm.expectRevert(ZeroAddress.selector);
    _admitClaimant(ENERGY, address(0));
    vm.expectRevert(abi.encodeWithSelector(UnknownPurpose.selector, 0));
    _admitClaimant(0, outsider);
    vm.expectRevert(abi.encodeWithSelector(UnknownPurpose.selector, 4));
    _admitClaimant(4, outsider);
  }

  function test_RevertGiven_NoRegistry() public {
    vm.expectRevert(ZeroAddress.selector);
    _newLedger(ParticipantRegistry(address(0)));
  }

  // -- internal

  function _two(uint256 exportWh, uint256 importWh) private pure returns (uint256[] memory readings) {
    readings = new uint256[](2);
    readings[0] = Readings.reading(PROSUMER, 0, exportWh);
    readings[1] = Readings.reading(CONSUMER, importWh, 0);
  }

  function _assertPublication(uint32 intervalId, bytes32 root, uint8 version) private view {
    (bytes32 context, bytes32 rootThere) = ledger.evidenceOf(AREA, intervalId);
    vm.assertEq(rootThere, root);
    vm.assertEq(context, ledger.contextOf(AREA, intervalId, version));
    vm.assertEq(uint256(ledger.versionOf(AREA, intervalId)), version);
  }
}
