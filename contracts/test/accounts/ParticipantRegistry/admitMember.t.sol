// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice An entity signs for its members (R5.10): with the consent of both, from a notice on, while it has its standing.
contract AdmitMemberTest is BaseFixture {
  uint256 private constant NOTICE = 1 hours;

  address private community = _actor("community");
  address private agent = _actor("agent");
  uint24 private entity;

  function setUp() public override {
    super.setUp();
    entity = _register(community);
    _setEntity(entity, true);
  }

  function test_TheEntitySignsForGatesThatCloseAfterTheNotice() public {
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.EntityRequested(prosumerAccount, entity);
    _request(entity);
    vm.assertEq(_signerAt(START + 1 days), prosumer);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.EntityJoined(prosumerAccount, entity, START + NOTICE);
    _admit();
    vm.assertEq(_signerAt(START + NOTICE - 1), prosumer);
    vm.assertEq(_signerAt(START + NOTICE), community);
  }

  function test_ALeavingMemberSignsForItselfAfterTheNotice() public {
    _join();
    vm.warp(START + 3 * NOTICE);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.EntityLeft(prosumerAccount, entity, START + 4 * NOTICE);
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.assertEq(_signerAt(START + 4 * NOTICE - 1), community);
    vm.assertEq(_signerAt(START + 4 * NOTICE), prosumer);
  }

  function test_TheEntityReleasesAMember() public {
    _join();
    vm.warp(START + 3 * NOTICE);
    vm.expectRevert(abi.encodeWithSelector(NotAMember.selector, prosumerAccount));
    vm.prank(consumer);
    registry.releaseMember(prosumerAccount);
    vm.prank(community);
    registry.releaseMember(prosumerAccount);
    vm.assertEq(_signerAt(START + 4 * NOTICE), prosumer);
    vm.expectRevert(abi.encodeWithSelector(NotAMember.selector, prosumerAccount));
    vm.prank(community);
    registry.releaseMember(prosumerAccount);
  }

  function test_TheEntitysAgentSignsForItsMembers() public {
    _join();
    vm.prank(community);
    registry.setAgent(agent);
    vm.assertEq(_signerAt(START + NOTICE - 1), prosumer);
    vm.assertEq(_signerAt(START + NOTICE), agent);
  }

  // -- an entity that may not sign

  function test_AnEntityWithoutItsFlagSignsForNobody() public {
    _join();
    vm.warp(START + 2 * NOTICE);
    _setEntity(entity, false);
    vm.assertEq(_signerAt(START + 2 * NOTICE), address(0));
    vm.assertEq(registry.signerAt(entity, START + 2 * NOTICE), community);
  }

  function test_ASuspendedEntitySignsForNobody() public {
    _join();
    vm.warp(START + 2 * NOTICE);
    vm.prank(registrar);
    registry.suspend(entity);
    vm.assertEq(_signerAt(START + 2 * NOTICE), address(0));
  }

  /// @dev The flag is the account's: it does not stay behind with the key of a former owner.
  function test_TheFlagGoesWithTheAccount() public {
    vm.prank(community);
    registry.rotateOwner(outsider);
    vm.prank(outsider);
    registry.acceptOwner(entity);
    uint24 former = _register(community);
    _request(former);
    vm.expectRevert(abi.encodeWithSelector(NotAnEntity.selector, former));
    _admit();
    _request(entity);
    vm.prank(outsider);
    registry.admitMember(prosumerAccount);
    vm.assertEq(_signerAt(START + NOTICE), outsider);
  }

  // -- consent

  function test_RevertGiven_TheAccountDidNotAsk() public {
    vm.expectRevert(abi.encodeWithSelector(NotRequested.selector, prosumerAccount, entity));
    _admit();
    _request(entity);
    _request(0);
    vm.expectRevert(abi.encodeWithSelector(NotRequested.selector, prosumerAccount, entity));
    _admit();
  }

  /// @dev Consent is spent: an entity does not take back a member that left.
  function test_RevertGiven_AnOldRequestIsUsedAgain() public {
    _join();
    vm.warp(START + 3 * NOTICE);
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.warp(START + 6 * NOTICE);
    vm.expectRevert(abi.encodeWithSelector(NotRequested.selector, prosumerAccount, entity));
    _admit();
  }

  function test_AskingChangesNothing() public {
    areas.publishDirectory(AREA, 0);
    _request(entity);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << PROSUMER | 1 << CONSUMER);
    _admit();
    vm.assertEq(areas.freshIn(AREA, 0), 1 << CONSUMER);
  }

  function test_RevertGiven_AMemberOfAnEntityAlready() public {
    _join();
    uint24 other = _register(outsider);
    _setEntity(other, true);
    _request(other);
    vm.warp(START + 3 * NOTICE);
    vm.expectRevert(abi.encodeWithSelector(AlreadyMember.selector, prosumerAccount, entity));
    vm.prank(outsider);
    registry.admitMember(prosumerAccount);
  }

  function test_RevertGiven_NotAnEntity() public {
    _setEntity(entity, false);
    _request(entity);
    vm.expectRevert(abi.encodeWithSelector(NotAnEntity.selector, entity));
    _admit();
    _setEntity(entity, true);
    vm.prank(registrar);
    registry.suspend(entity);
    vm.expectRevert(abi.encodeWithSelector(NotAnEntity.selector, entity));
    _admit();
  }

  // -- an entity is in none

  function test_RevertGiven_AnEntityJoinsOrAMemberBecomesOne() public {
    uint24 other = _register(outsider);
    _setEntity(other, true);
    vm.prank(outsider);
    registry.requestEntity(entity);
    vm.expectRevert(abi.encodeWithSelector(EntityCannotJoin.selector, other));
    vm.prank(community);
    registry.admitMember(other);
    _join();
    vm.expectRevert(abi.encodeWithSelector(EntityCannotJoin.selector, prosumerAccount));
    _setEntity(prosumerAccount, true);
    vm.warp(START + 3 * NOTICE);
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.warp(START + 5 * NOTICE - 1);
    vm.expectRevert(abi.encodeWithSelector(EntityCannotJoin.selector, prosumerAccount));
    _setEntity(prosumerAccount, true);
    vm.warp(START + 5 * NOTICE);
    _setEntity(prosumerAccount, true);
  }

  function test_RevertGiven_AnEntityAdmitsItself() public {
    vm.prank(community);
    registry.requestEntity(entity);
    vm.expectRevert(abi.encodeWithSelector(EntityCannotJoin.selector, entity));
    vm.prank(community);
    registry.admitMember(entity);
  }

  // -- one change at a time

  function test_RevertGiven_TheLastChangeIsNotSettled() public {
    _join();
    vm.warp(START + 2 * NOTICE - 1);
    vm.expectRevert(abi.encodeWithSelector(ChangePending.selector, prosumerAccount, START + 2 * NOTICE));
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.expectRevert(abi.encodeWithSelector(ChangePending.selector, prosumerAccount, START + 2 * NOTICE));
    vm.prank(community);
    registry.releaseMember(prosumerAccount);
  }

  /// @dev Joining, leaving and joining again around a closed gate leaves its signer as it was.
  function testFuzz_NoMembershipTakesBackAnOrder(uint256 seed) public {
    uint256 gate = START + 8 * NOTICE;
    uint256 time = START;
    for (uint256 i; i < 8 && time < gate; ++i) {
      vm.warp(time);
      _toggle();
      time += (seed >> 16 * i) % (3 * NOTICE);
    }
    vm.warp(gate);
    address signer = _signerAt(gate);
    for (uint256 i; i < 4; ++i) {
      vm.warp(gate + (NOTICE - 1) * i / 4);
      _toggle();
      vm.assertEq(_signerAt(gate), signer);
    }
  }

  function test_MembersAreNotPublished() public {
    _join();
    vm.warp(START + 3 * NOTICE);
    areas.publishDirectory(AREA, 0);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << CONSUMER);
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.warp(START + 5 * NOTICE - 1);
    vm.assertEq(registry.steadySignerOf(prosumerAccount), address(0));
    vm.warp(START + 5 * NOTICE);
    vm.assertEq(registry.steadySignerOf(prosumerAccount), prosumer);
  }

  // -- who may

  function test_RevertGiven_NotAdmin() public {
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, registrar, bytes32(0)));
    vm.prank(registrar);
    registry.setEntity(entity, true);
    vm.expectRevert(abi.encodeWithSelector(UnknownAccount.selector, 999));
    _setEntity(999, true);
  }

  function test_RevertGiven_NotAMember() public {
    vm.expectRevert(abi.encodeWithSelector(NotAMember.selector, prosumerAccount));
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.expectRevert(abi.encodeWithSelector(UnknownParticipant.selector, outsider));
    vm.prank(outsider);
    registry.leaveEntity();
  }

  // -- internal

  function _toggle() private {
    (,,,, uint24 nextEntity,) = registry.accounts(prosumerAccount);
    if (nextEntity == 0) {
      _request(entity);
      vm.prank(community);
      try registry.admitMember(prosumerAccount) { } catch { }
    } else {
      vm.prank(prosumer);
      try registry.leaveEntity() { } catch { }
    }
  }

  function _setEntity(uint24 account, bool isEntity) private {
    vm.prank(admin);
    registry.setEntity(account, isEntity);
  }

  function _request(uint24 of_) private {
    vm.prank(prosumer);
    registry.requestEntity(of_);
  }

  function _admit() private {
    vm.prank(community);
    registry.admitMember(prosumerAccount);
  }

  function _join() private {
    _request(entity);
    _admit();
  }

  function _signerAt(uint256 closesAt) private view returns (address) {
    return registry.signerAt(prosumerAccount, closesAt);
  }
}
