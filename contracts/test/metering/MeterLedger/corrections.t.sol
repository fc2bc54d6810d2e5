// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../../src/libraries/Errors.sol";
import { ReadingTree } from "../../../src/libraries/ReadingTree.sol";
import { AreaRegistry } from "../../../src/metering/AreaRegistry.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { Readings } from "../../support/Readings.sol";
import { vm } from "../../support/Vm.sol";

/// @notice A corrected version stands beside those before it, until the area's final settlement (docs/model/corrections.md).
contract CorrectionsTest is BaseFixture {
  using Readings for Readings.Tree;

  /// @dev Where a reading says how it came about.
  uint256 private constant SUBSTITUTED = uint256(2) << 128;

  function setUp() public override {
    super.setUp();
    vm.warp(_endsAt(INTERVAL));
  }

  function _readings(uint256 exportWh, uint256 quality) private pure returns (uint256[] memory readings) {
    readings = new uint256[](1);
    readings[0] = Readings.reading(PROSUMER, 0, exportWh) | quality;
  }

  function test_EachVersionStaysProvable() public {
    ReadingTree.Proof[] memory proofs = new ReadingTree.Proof[](3);
    for (uint256 i; i < 3; ++i) {
      proofs[i] = _publish(AREA, INTERVAL, _readings(500 + i, i == 0 ? 0 : SUBSTITUTED)).prove(0);
    }
    for (uint8 version = 1; version <= 3; ++version) {
      ledger.requireProvenAt(AREA, INTERVAL, version, proofs[version - 1]);
      vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, PROSUMER));
      ledger.requireProvenAt(AREA, INTERVAL, version, proofs[version % 3]);
    }
    ledger.requireProven(AREA, INTERVAL, proofs[2]);
  }

  function test_RevertGiven_AVersionThatIsNot() public {
    ReadingTree.Proof memory proof = _publish(AREA, INTERVAL, _readings(500, 0)).prove(0);
    for (uint8 version; version <= 2; version += 2) {
      vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, AREA, INTERVAL));
      ledger.requireProvenAt(AREA, INTERVAL, version, proof);
    }
  }

  function test_NothingIsPublishedAfterTheFinalSettlement() public {
    uint256 finalAt = _endsAt(INTERVAL) + FINAL_SECONDS;
    vm.warp(finalAt - 1);
    _publishRoot(AREA, INTERVAL, keccak256("root"), 1);
    vm.warp(finalAt);
    vm.expectRevert(abi.encodeWithSelector(FinalSettlementOver.selector, INTERVAL, finalAt));
    _publishRoot(AREA, INTERVAL, keccak256("another root"), 1);
  }

  function test_TheFinalSettlementIsATermOfTheArea() public {
    AreaRegistry.AreaSetup memory setup = _setup(gateway);
    uint32[2] memory refused = [WAITING_SECONDS - 1, uint32(3 * 365 days + 1)];
    for (uint256 i; i < 2; ++i) {
      setup.finalSeconds = refused[i];
      vm.expectRevert(abi.encodeWithSelector(InvalidFinalSettlement.selector, refused[i]));
      vm.prank(operator);
      areas.openArea(setup);
    }
    setup.finalSeconds = 3 * 365 days;
    vm.prank(operator);
    uint16 areaId = areas.openArea(setup);
    (,,, uint32 finalSeconds) = ledger.stations(areaId);
    vm.assertEq(uint256(finalSeconds), 3 * 365 days);
  }
}
