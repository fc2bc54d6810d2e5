// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import "../../src/libraries/Errors.sol";
import { Fixture } from "../support/Fixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Membership in at most one larger entity, which signs for its members while it lasts (R5.10, R1.5).
contract JoinEntityTest is Fixture {
  address private community = _actor("community");
  address private aggregator = _actor("aggregator");
  uint24 private communityAccount;
  uint24 private aggregatorAccount;

  function setUp() public override {
    super.setUp();
    communityAccount = _register(community);
    aggregatorAccount = _register(aggregator);
    _grant(registry.ENTITY_ROLE(), community);
    _grant(registry.ENTITY_ROLE(), aggregator);
  }

  function test_TheEntitySignsFromJoiningToLeaving() public {
    vm.assertEq(registry.signerOf(prosumerAccount), prosumer);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.EntityJoined(prosumerAccount, communityAccount);
    _join(prosumer, communityAccount);
    vm.assertEq(registry.signerOf(prosumerAccount), community);
    vm.assertEq(registry.signerOf(consumerAccount), consumer);
    vm.assertEq(registry.signerOf(communityAccount), community);
    vm.assertEq(registry.ownerOf(prosumerAccount), prosumer);

    vm.expectEmit(address(registry));
    emit ParticipantRegistry.EntityLeft(prosumerAccount, communityAccount);
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.assertEq(registry.signerOf(prosumerAccount), prosumer);
  }

  function test_AMemberThatLeftMayJoinAnother() public {
    _join(prosumer, communityAccount);
    vm.prank(prosumer);
    registry.leaveEntity();
    _join(prosumer, aggregatorAccount);
    vm.assertEq(registry.signerOf(prosumerAccount), aggregator);
  }

  function test_AMemberKeepsItsMoneyToItself() public {
    _fundFree(prosumer, 1_000);
    _join(prosumer, communityAccount);
    vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, communityAccount, 0, 1_000));
    vm.prank(community);
    house.withdraw(1_000);

    vm.prank(prosumer);
    house.withdraw(1_000);
    vm.assertEq(token.balanceOf(prosumer), 1_000);
  }

  function test_AMemberMayLeaveAnEntityThatLostItsRole() public {
    bytes32 role = registry.ENTITY_ROLE();
    _join(prosumer, communityAccount);
    vm.prank(admin);
    registry.revokeRole(role, community);
    vm.prank(prosumer);
    registry.leaveEntity();
    vm.assertEq(registry.signerOf(prosumerAccount), prosumer);
  }

  function test_RevertGiven_AlreadyMember() public {
    _join(prosumer, communityAccount);
    vm.expectRevert(abi.encodeWithSelector(AlreadyMember.selector, prosumerAccount, communityAccount));
    _join(prosumer, aggregatorAccount);
  }

  function test_RevertGiven_NotAnEntity() public {
    vm.expectRevert(abi.encodeWithSelector(NotAnEntity.selector, consumerAccount));
    _join(prosumer, consumerAccount);
  }

  function test_RevertGiven_ItsOwnEntity() public {
    vm.expectRevert(abi.encodeWithSelector(NotAnEntity.selector, communityAccount));
    _join(community, communityAccount);
  }

  function test_RevertGiven_CallerIsAnEntity() public {
    vm.expectRevert(abi.encodeWithSelector(EntityCannotJoin.selector, communityAccount));
    _join(community, aggregatorAccount);
  }

  function test_RevertGiven_EntityIsAMemberItself() public {
    bytes32 role = registry.ENTITY_ROLE();
    vm.prank(admin);
    registry.revokeRole(role, community);
    _join(community, aggregatorAccount);
    _grant(role, community);
    vm.expectRevert(abi.encodeWithSelector(NotAnEntity.selector, communityAccount));
    _join(prosumer, communityAccount);
  }

  function test_RevertGiven_UnknownEntity() public {
    uint24 nobody = registry.lastAccount() + 1;
    vm.expectRevert(abi.encodeWithSelector(UnknownAccount.selector, nobody));
    _join(prosumer, nobody);
  }

  function test_RevertGiven_NotAMember() public {
    vm.expectRevert(abi.encodeWithSelector(NotAMember.selector, prosumerAccount));
    vm.prank(prosumer);
    registry.leaveEntity();
  }

  function test_RevertGiven_UnknownParticipant() public {
    bytes memory refusal = abi.encodeWithSelector(UnknownParticipant.selector, outsider);
    vm.expectRevert(refusal);
    _join(outsider, communityAccount);

    vm.expectRevert(refusal);
    vm.prank(outsider);
    registry.leaveEntity();
  }

  function _join(address member, uint24 entity) private {
    vm.prank(member);
    registry.joinEntity(entity);
  }
}
