// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import "../../src/libraries/Errors.sol";
import { Fixture } from "../support/Fixture.sol";
import { vm } from "../support/Vm.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @notice The signers of a page, written into code by anybody, and forgotten as soon as one of them changes.
contract PublishDirectoryTest is Fixture {
  address private community = _actor("community");
  uint24 private communityAccount;

  function setUp() public override {
    super.setUp();
    communityAccount = _register(community);
    _grant(registry.ENTITY_ROLE(), community);
  }

  function test_AnybodyPublishesThePage() public {
    vm.recordLogs();
    vm.prank(outsider);
    address pointer = registry.publishDirectory(0);
    vm.assertEq(registry.directoryOf(0), pointer);
    _assertDirectory(0, communityAccount + 1);
    vm.assertEq(vm.getRecordedLogs()[0].topics[0], ParticipantRegistry.DirectoryPublished.selector);
  }

  function test_TheEntityStandsForItsMember() public {
    vm.prank(prosumer);
    registry.joinEntity(communityAccount);
    registry.publishDirectory(0);
    _assertDirectory(0, communityAccount + 1);
    bytes memory directory = SSTORE2.read(registry.directoryOf(0));
    vm.assertEq(_entry(directory, prosumerAccount), community);
    vm.assertEq(_entry(directory, consumerAccount), consumer);
  }

  /// @dev Few runs: each registers hundreds of accounts.
  /// forge-config: default.fuzz.runs = 16
  function testFuzz_EveryPageHoldsItsSigners(uint256 count) public {
    count = 250 + count % 300;
    while (registry.lastAccount() < count) {
      _register(_resident(uint256(registry.lastAccount()) + 1));
    }
    for (uint256 page; page <= count / 256; ++page) {
      registry.publishDirectory(page);
      uint256 rest = count + 1 - page * 256;
      _assertDirectory(page, rest < 256 ? rest : 256);
    }
  }

  function test_APageWithoutAccountsIsEmpty() public {
    registry.publishDirectory(7);
    vm.assertEq(SSTORE2.read(registry.directoryOf(7)).length, 0);
  }

  function test_TheLastPageCanBePublished() public {
    registry.publishDirectory(65_535);
    vm.assertFalse(registry.directoryOf(65_535) == address(0));
  }

  function testFuzz_RevertGiven_UnknownPage(uint256 page) public {
    if (page < 65_536) page += 65_536;
    vm.expectRevert(abi.encodeWithSelector(UnknownDirectory.selector, page));
    registry.publishDirectory(page);
  }

  function test_JoiningAndLeavingForgetTheDirectory() public {
    registry.publishDirectory(0);
    vm.prank(prosumer);
    registry.joinEntity(communityAccount);
    vm.assertEq(registry.directoryOf(0), address(0));

    registry.publishDirectory(0);
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.assertEq(registry.directoryOf(0), address(0));

    registry.publishDirectory(0);
    _assertDirectory(0, communityAccount + 1);
  }

  function test_ANewAccountForgetsTheDirectoryOfItsPageOnly() public {
    while (registry.lastAccount() < 255) {
      _register(_resident(uint256(registry.lastAccount()) + 1));
    }
    registry.publishDirectory(0);
    registry.publishDirectory(1);
    _register(outsider);
    vm.assertEq(registry.directoryOf(1), address(0));
    _assertDirectory(0, 256);
  }

  function test_MetersAndSuspensionLeaveTheDirectory() public {
    address pointer = registry.publishDirectory(0);
    _enrol(communityAccount, UNIFORM_AREA);
    vm.prank(registrar);
    registry.suspend(prosumerAccount);
    vm.assertEq(registry.directoryOf(0), pointer);
    _assertDirectory(0, communityAccount + 1);
  }

  /// @dev One word a signer.
  function _assertDirectory(uint256 page, uint256 count) private view {
    bytes memory directory = SSTORE2.read(registry.directoryOf(page));
    vm.assertEq(directory.length, count * 32);
    for (uint256 i; i < count; ++i) {
      vm.assertEq(_entry(directory, i), registry.signerOf(uint24(page * 256 + i)));
    }
  }

  function _entry(bytes memory directory, uint256 index) private pure returns (address) {
    uint256 entry;
    for (uint256 i; i < 32; ++i) {
      entry = entry << 8 | uint8(directory[index * 32 + i]);
    }
    vm.assertLe(entry, type(uint160).max);
    return address(uint160(entry));
  }
}
