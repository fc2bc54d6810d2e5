// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../../src/libraries/Errors.sol";
import { AreaRegistry } from "../../../src/metering/AreaRegistry.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @notice What the orders of 256 members need, written into code by anybody; a change of one costs that one a look-up.
contract PublishDirectoryTest is BaseFixture {
  function test_AnybodyPublishesTheDirectory() public {
    vm.recordLogs();
    vm.prank(outsider);
    address pointer = areas.publishDirectory(AREA, 0);
    vm.assertEq(vm.getRecordedLogs()[0].topics[0], AreaRegistry.DirectoryPublished.selector);
    AreaRegistry.Roster memory roster = areas.rosterOf(AREA, 0, 0);
    vm.assertEq(roster.directories[0], pointer);
    vm.assertEq(roster.fresh[0], 1 << PROSUMER | 1 << CONSUMER);
    _assertDirectory(0, 5);
  }

  /// @dev Few runs: each enrols hundreds of members.
  /// forge-config: default.fuzz.runs = 4
  function testFuzz_EveryDirectoryHoldsItsMembers(uint256 count) public {
    count = 250 + count % 300;
    for (uint256 member = 6; member <= count; ++member) {
      _enter(_resident(member), AREA);
    }
    for (uint256 directory; directory <= count / 256; ++directory) {
      areas.publishDirectory(AREA, directory);
      uint256 last = count < directory * 256 + 255 ? count : directory * 256 + 255;
      _assertDirectory(directory, last);
    }
    AreaRegistry.Roster memory roster = areas.rosterOf(AREA, 0, count / 256);
    vm.assertEq(roster.fresh.length, count / 256 + 1);
    vm.assertEq(
      roster.fresh[0], type(uint256).max << 4 & (count < 255 ? (2 << count) - 1 : type(uint256).max)
    );
  }

  /// @dev One member's change must not make the others dear: a clearing would not fit its transaction any more.
  function test_AMemberCannotRaiseTheCostOfOthers() public {
    address pointer = areas.publishDirectory(AREA, 0);
    vm.prank(prosumer);
    registry.setAgent(outsider);
    AreaRegistry.Roster memory roster = areas.rosterOf(AREA, 0, 0);
    vm.assertEq(roster.directories[0], pointer);
    vm.assertEq(roster.fresh[0], 1 << CONSUMER);
  }

  /// @dev Neither can anyone who enrols after the publication.
  function test_ANewMemberLeavesTheDirectoryAsItIs() public {
    address pointer = areas.publishDirectory(AREA, 0);
    uint16 member = _enter(outsider, AREA);
    AreaRegistry.Roster memory roster = areas.rosterOf(AREA, 0, 0);
    vm.assertEq(roster.directories[0], pointer);
    vm.assertEq(roster.fresh[0], 1 << PROSUMER | 1 << CONSUMER);
    areas.publishDirectory(AREA, 0);
    vm.assertEq(areas.freshIn(AREA, 0) >> member & 1, 1);
  }

  /// @dev Publishing again while a member is suspended, retired or unsteady must not vouch for it.
  function test_PublishingVouchesForNobodyWithoutStanding() public {
    vm.prank(registrar);
    registry.suspend(prosumerAccount);
    vm.prank(registrar);
    areas.retireMeter(_meterId(consumerAccount, AREA));
    uint16 member = _enter(outsider, AREA);
    vm.prank(outsider);
    registry.setAgent(prosumer);
    areas.publishDirectory(AREA, 0);
    vm.assertEq(areas.freshIn(AREA, 0), 0);
    vm.assertEq(areas.rosterOf(AREA, 0, 0).directories[0], address(0));
    vm.assertEq(_entry(SSTORE2.read(areas.directoryOf(AREA, 0)), member), 0);
  }

  function test_AnAccountsMembersAreForgottenInEachArea() public {
    uint16 second = _enrolMeter(prosumerAccount, AREA, keccak256("second"));
    uint16 third = _enrol(prosumerAccount, OTHER_AREA);
    areas.publishDirectory(AREA, 0);
    areas.publishDirectory(OTHER_AREA, 0);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << PROSUMER | 1 << CONSUMER | 1 << second);
    vm.assertEq(areas.freshIn(OTHER_AREA, 0), 1 << third);
    vm.prank(prosumer);
    registry.rotateOwner(outsider);
    vm.prank(outsider);
    registry.acceptOwner(prosumerAccount);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << CONSUMER);
    vm.assertEq(areas.freshIn(OTHER_AREA, 0), 0);
  }

  /// @dev What a directory says is what a look-up says, for every gate that may still be cleared, at any time after.
  function testFuzz_FreshEntriesSayWhatALookUpSays(uint256 seed) public {
    uint256 time = START;
    for (uint256 i; i < 12; ++i) {
      time += (seed >> 8 * i) % 4_000;
      vm.warp(time);
      _change(seed >> 8 * i + 5 & 7, i);
      if (areas.freshIn(AREA, 0) >> PROSUMER & 1 == 0) continue;
      uint256 entry = _entry(SSTORE2.read(areas.directoryOf(AREA, 0)), PROSUMER);
      for (uint256 gate = time - 1 hours + 1; gate <= time; gate += 599) {
        (address signer, uint32 capacityW) = areas.signerAt(AREA, PROSUMER, gate);
        vm.assertEq(address(uint160(entry >> 32)), signer);
        vm.assertEq(uint32(entry), uint256(capacityW));
      }
    }
  }

  function test_RevertGiven_UnknownDirectory() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownDirectory.selector, 1));
    areas.publishDirectory(AREA, 1);
    vm.expectRevert(abi.encodeWithSelector(UnknownDirectory.selector, 16));
    areas.rosterOf(AREA, 0, 16);
    vm.expectRevert(abi.encodeWithSelector(UnknownDirectory.selector, 0));
    areas.rosterOf(AREA, 1, 0);
    vm.expectRevert(abi.encodeWithSelector(UnknownArea.selector, 9));
    areas.rosterOf(9, 0, 0);
  }

  // -- internal

  /// @dev One of the changes that touch the prosumer, or a publication. Refusals are part of the game.
  function _change(uint256 kind, uint256 number) private {
    address owner = registry.ownerOf(prosumerAccount);
    if (kind < 2) {
      areas.publishDirectory(AREA, 0);
    } else if (kind < 4) {
      vm.prank(owner);
      try registry.setAgent(_resident(number)) { } catch { }
    } else if (kind == 4) {
      vm.prank(owner);
      registry.rotateOwner(_resident(100 + number));
      vm.prank(_resident(100 + number));
      registry.acceptOwner(prosumerAccount);
    } else if (kind == 5) {
      vm.prank(registrar);
      registry.suspend(prosumerAccount);
    } else if (kind == 6) {
      vm.prank(registrar);
      registry.reinstate(prosumerAccount, 0);
    } else {
      vm.prank(registrar);
      areas.changeCapacity(_meterId(prosumerAccount, AREA), uint32(1 + number));
    }
  }

  /// @dev 24 bytes a member: signer, capacity.
  function _assertDirectory(uint256 directory, uint256 lastMember) private view {
    bytes memory code = SSTORE2.read(areas.directoryOf(AREA, directory));
    vm.assertEq(code.length, (lastMember - directory * 256 + 4) / 4 * 96);
    for (uint256 member = directory * 256; member <= lastMember; ++member) {
      (address signer, uint32 capacityW) = areas.signerAt(AREA, uint16(member), START);
      vm.assertEq(_entry(code, member % 256), uint256(uint160(signer)) << 32 | capacityW);
    }
  }

  function _entry(bytes memory code, uint256 index) private pure returns (uint256 entry) {
    for (uint256 i; i < 24; ++i) {
      entry = entry << 8 | uint8(code[index * 24 + i]);
    }
  }
}
