// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import "../../src/libraries/Errors.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { Fixture } from "../support/Fixture.sol";
import { Readings } from "../support/Readings.sol";
import { vm } from "../support/Vm.sol";

/// @notice The gateway publishes the root of an interval's readings, and corrects it while nothing of it is claimed (R8.29).
contract PublishTest is Fixture {
  using Readings for Readings.Tree;

  bytes32 private constant ROOT = keccak256("root");
  uint8 private constant ENERGY = 1;

  address private claimant = _actor("claimant");

  function setUp() public override {
    super.setUp();
    vm.prank(admin);
    ledger.admitClaimant(ENERGY, claimant);
  }

  function test_ThePublicationIsEvidence() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ReadingsPublished(UNIFORM_AREA, INTERVAL, 1, ROOT, 12);
    _publishRoot(ROOT);
    _assertPublication(ROOT, 1, false);
    (bytes32 context, bytes32 root) = ledger.evidenceOf(UNIFORM_AREA, INTERVAL);
    vm.assertEq(root, ROOT);
    vm.assertEq(context, ledger.contextOf(UNIFORM_AREA, INTERVAL, 1));
  }

  function test_ACorrectionReplacesTheReadings() public {
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(prosumerAccount, 0, 500);
    readings[1] = Readings.reading(consumerAccount, 400, 0);
    Readings.Tree memory first = _publish(UNIFORM_AREA, INTERVAL, readings);
    readings[0] = Readings.reading(prosumerAccount, 0, 450);
    Readings.Tree memory second = _publish(UNIFORM_AREA, INTERVAL, readings);

    _assertPublication(second.root, 2, false);
    vm.assertFalse(ledger.isProven(UNIFORM_AREA, INTERVAL, first.readings[0], first.prove(0)));
    vm.assertFalse(ledger.isProven(UNIFORM_AREA, INTERVAL, readings[1], first.prove(1)));
    vm.assertTrue(ledger.isProven(UNIFORM_AREA, INTERVAL, readings[0], second.prove(0)));
    vm.assertTrue(ledger.isProven(UNIFORM_AREA, INTERVAL, readings[1], second.prove(1)));
  }

  function test_OtherIntervalsAndAreasStandAlone() public {
    _publishRoot(ROOT);
    vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, UNIFORM_AREA, INTERVAL + 1));
    ledger.evidenceOf(UNIFORM_AREA, INTERVAL + 1);

    vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, MIDPOINT_AREA, INTERVAL));
    ledger.evidenceOf(MIDPOINT_AREA, INTERVAL);
  }

  /// @dev The tag of leaves differs wherever the area, the interval, the version or the ledger does.
  function testFuzz_ContextsDiffer(
    uint16[2] memory areas,
    uint32[2] memory intervals,
    uint8[2] memory versions
  ) public view {
    bool isSame = areas[0] == areas[1] && intervals[0] == intervals[1] && versions[0] == versions[1];
    bytes32 first = ledger.contextOf(areas[0], intervals[0], versions[0]);
    vm.assertEq(first == ledger.contextOf(areas[1], intervals[1], versions[1]), isSame);
    vm.assertEq(first, ledger.contextOf(areas[0], intervals[0], versions[0]));
    vm.assertFalse(first == ledger.contextOf(areas[0], intervals[0], versions[0] ^ 1));
    vm.assertFalse(first == ledger.contextOf(areas[0], intervals[0] ^ 1, versions[0]));
    vm.assertFalse(first == ledger.contextOf(areas[0] ^ 1, intervals[0], versions[0]));
  }

  function test_AnotherLedgerHasAnotherContext() public {
    MeterLedger other = new MeterLedger(registry);
    vm.assertFalse(other.contextOf(UNIFORM_AREA, INTERVAL, 1) == ledger.contextOf(UNIFORM_AREA, INTERVAL, 1));
  }

  function test_RevertGiven_NotGateway() public {
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, operator, keccak256("METER_GATEWAY_ROLE")));
    vm.prank(operator);
    ledger.publish(UNIFORM_AREA, INTERVAL, ROOT, 1);
  }

  function test_RevertGiven_EmptyRoot() public {
    vm.expectRevert(abi.encodeWithSelector(EmptyRoot.selector, UNIFORM_AREA, INTERVAL));
    _publishRoot(0);
  }

  function test_RevertGiven_ASegmentIsClaimed() public {
    _publishRoot(ROOT);
    vm.prank(claimant);
    ledger.claimPage(UNIFORM_AREA, INTERVAL, 0, ENERGY);
    _assertPublication(ROOT, 1, true);
    vm.expectRevert(abi.encodeWithSelector(ReadingsInUse.selector, UNIFORM_AREA, INTERVAL));
    _publishRoot(keccak256("correction"));
  }

  function test_RevertGiven_AReadingIsClaimed() public {
    uint256[] memory readings = new uint256[](1);
    readings[0] = Readings.reading(prosumerAccount, 0, 500);
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    MeterLedger.ReadingProof memory proof = tree.prove(0);
    vm.prank(claimant);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[0], proof, ENERGY, 1);
    vm.expectRevert(abi.encodeWithSelector(ReadingsInUse.selector, UNIFORM_AREA, INTERVAL));
    _publishRoot(ROOT);
  }

  function test_AClaimElsewhereLeavesTheIntervalOpen() public {
    _publishRoot(ROOT);
    vm.prank(gateway);
    ledger.publish(UNIFORM_AREA, INTERVAL + 1, ROOT, 1);
    vm.prank(claimant);
    ledger.claimPage(UNIFORM_AREA, INTERVAL + 1, 0, ENERGY);
    _publishRoot(keccak256("correction"));
    _assertPublication(keccak256("correction"), 2, false);
  }

  // -- claimants

  function test_TheAdminAdmitsAClaimantForOnePurpose() public {
    vm.expectEmit(address(ledger));
    emit MeterLedger.ClaimantAdmitted(2, outsider);
    vm.prank(admin);
    ledger.admitClaimant(2, outsider);
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

  function test_RevertGiven_ZeroClaimant() public {
    vm.expectRevert(ZeroAddress.selector);
    vm.prank(admin);
    ledger.admitClaimant(ENERGY, address(0));
  }

  function test_RevertGiven_NoRegistry() public {
    vm.expectRevert(ZeroAddress.selector);
    new MeterLedger(ParticipantRegistry(address(0)));
  }

  // -- internal

  function _publishRoot(bytes32 root) private {
    vm.prank(gateway);
    ledger.publish(UNIFORM_AREA, INTERVAL, root, 12);
  }

  function test_RevertGiven_TooManyVersions() public {
    for (uint256 version = 1; version <= 255; ++version) {
      _publishRoot(bytes32(version));
    }
    vm.expectRevert(abi.encodeWithSelector(TooManyVersions.selector, UNIFORM_AREA, INTERVAL));
    _publishRoot(ROOT);
  }

  function _assertPublication(bytes32 root, uint256 version, bool isClaimed) private view {
    (bytes32 rootThere, uint8 versionThere, bool isClaimedThere) = ledger.publications(UNIFORM_AREA, INTERVAL);
    vm.assertEq(rootThere, root);
    vm.assertEq(uint256(versionThere), version);
    vm.assertEq(isClaimedThere, isClaimed);
  }
}
