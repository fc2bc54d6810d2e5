// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice An owner hands its account over in two steps; a lost key is replaced by the registrar, unless the owner objects.
contract RotateOwnerTest is BaseFixture {
  uint256 private constant NOTICE = 1 hours;
  uint256 private constant RECOVERY = 14 days;

  address private agent = _actor("agent");
  address private successor = _actor("successor");

  // -- by the owner

  function test_TheSuccessorHasTheAccountAtOnceAndSignsAfterTheNotice() public {
    _fundFree(prosumer, 1_000);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.OwnerNamed(prosumerAccount, successor);
    _name(successor);
    vm.assertEq(registry.ownerOf(prosumerAccount), prosumer);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.OwnerChanged(prosumerAccount, successor);
    _accept(successor);
    vm.assertEq(registry.ownerOf(prosumerAccount), successor);
    vm.assertEq(uint256(registry.accountOf(successor)), prosumerAccount);
    vm.assertEq(uint256(registry.accountOf(prosumer)), 0);
    vm.assertEq(registry.nextOwnerOf(prosumerAccount), address(0));
    vm.prank(successor);
    house.withdraw(1_000);
    vm.assertEq(_signerAt(START + NOTICE - 1), prosumer);
    vm.assertEq(_signerAt(START + NOTICE), successor);
  }

  function test_AnAgentGoesOnSigning() public {
    vm.prank(prosumer);
    registry.setAgent(agent);
    vm.warp(START + 3 * NOTICE);
    _handOver();
    vm.assertEq(_signerAt(START + 3 * NOTICE), agent);
    vm.assertEq(_signerAt(START + 30 days), agent);
    vm.assertEq(_signerAt(START), prosumer);
  }

  /// @dev In the middle of another change the former owner's key stays until the new owner sets an agent.
  function test_AnUnsettledChangeKeepsItsSigners() public {
    vm.prank(prosumer);
    registry.setAgent(agent);
    vm.warp(START + 2 * NOTICE);
    vm.prank(prosumer);
    registry.setAgent(prosumer);
    vm.warp(START + 2 * NOTICE + 1);
    _handOver();
    vm.assertEq(_signerAt(START + 3 * NOTICE - 1), agent);
    vm.assertEq(_signerAt(START + 3 * NOTICE), prosumer);
    vm.warp(START + 4 * NOTICE);
    vm.prank(successor);
    registry.setAgent(successor);
    vm.assertEq(_signerAt(START + 5 * NOTICE - 1), prosumer);
    vm.assertEq(_signerAt(START + 5 * NOTICE), successor);
  }

  /// @dev A change of owner must not change who signed for a gate that is closed and not cleared.
  function testFuzz_NoChangeOfOwnerTakesBackAnOrder(uint256 seed) public {
    uint256 gate = START + 10 * NOTICE;
    uint256 time = START;
    for (uint256 i; i < 8; ++i) {
      time += (seed >> 16 * i) % 9_000;
      if (time >= gate) break;
      vm.warp(time);
      _changeSomething(seed >> 16 * i + 14 & 3, i);
    }
    vm.warp(gate);
    address signer = _signerAt(gate);
    for (uint256 i; i < 4; ++i) {
      vm.warp(gate + (NOTICE - 1) * i / 4);
      _changeSomething(seed >> 128 + 2 * i & 3, 8 + i);
      vm.assertEq(_signerAt(gate), signer);
    }
  }

  function test_RevertGiven_NotNamed() public {
    _name(successor);
    vm.expectRevert(abi.encodeWithSelector(NotNamed.selector, outsider, uint256(prosumerAccount)));
    _accept(outsider);
    _name(address(0));
    vm.expectRevert(abi.encodeWithSelector(NotNamed.selector, successor, uint256(prosumerAccount)));
    _accept(successor);
  }

  /// @dev Nobody can be made the owner of an account it did not accept: it could not register any more.
  function test_BeingNamedBindsNobody() public {
    _name(outsider);
    uint24 account = _register(outsider);
    vm.assertEq(uint256(registry.accountOf(outsider)), account);
    vm.expectRevert(abi.encodeWithSelector(AlreadyRegistered.selector, outsider, account));
    _accept(outsider);
  }

  function test_RevertGiven_TheSuccessorHasAnAccount() public {
    vm.expectRevert(abi.encodeWithSelector(AlreadyRegistered.selector, consumer, consumerAccount));
    _name(consumer);
  }

  // -- by recovery

  function test_ALostKeyIsReplacedAfterTheNotice() public {
    _fundFree(prosumer, 1_000);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.RecoveryProposed(prosumerAccount, successor, START + RECOVERY);
    _propose(successor);
    vm.warp(START + RECOVERY - 1);
    vm.expectRevert(abi.encodeWithSelector(RecoveryRunning.selector, prosumerAccount, START + RECOVERY));
    registry.takeRecovery(prosumerAccount);
    vm.warp(START + RECOVERY);
    registry.takeRecovery(prosumerAccount);
    vm.assertEq(registry.ownerOf(prosumerAccount), successor);
    vm.prank(successor);
    house.withdraw(1_000);
    vm.expectRevert(abi.encodeWithSelector(NoRecovery.selector, prosumerAccount));
    registry.takeRecovery(prosumerAccount);
  }

  function test_AnOwnerThatObjectsKeepsItsAccount() public {
    _propose(successor);
    vm.warp(START + RECOVERY);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.RecoveryRefused(prosumerAccount, successor);
    vm.prank(prosumer);
    registry.objectToRecovery();
    vm.expectRevert(abi.encodeWithSelector(NoRecovery.selector, prosumerAccount));
    registry.takeRecovery(prosumerAccount);
    vm.expectRevert(abi.encodeWithSelector(NoRecovery.selector, prosumerAccount));
    vm.prank(prosumer);
    registry.objectToRecovery();
  }

  /// @dev The registrar must not swap the name on the last day.
  function test_ANewProposalStartsAnew() public {
    _propose(outsider);
    vm.warp(START + RECOVERY - 1);
    _propose(successor);
    vm.warp(START + RECOVERY);
    vm.expectRevert(
      abi.encodeWithSelector(RecoveryRunning.selector, prosumerAccount, START + 2 * RECOVERY - 1)
    );
    registry.takeRecovery(prosumerAccount);
  }

  /// @dev Handing over shows that the key is there; the proposal for the former owner is void.
  function test_AHandOverEndsTheRecovery() public {
    _propose(outsider);
    _handOver();
    vm.warp(START + RECOVERY);
    vm.expectRevert(abi.encodeWithSelector(NoRecovery.selector, prosumerAccount));
    registry.takeRecovery(prosumerAccount);
  }

  function test_ARecoveryEndsAHandOver() public {
    _name(outsider);
    _propose(successor);
    vm.warp(START + RECOVERY);
    registry.takeRecovery(prosumerAccount);
    vm.expectRevert(abi.encodeWithSelector(NotNamed.selector, outsider, uint256(prosumerAccount)));
    _accept(outsider);
  }

  function test_RevertGiven_RecoveryByAnother() public {
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, outsider, keccak256("REGISTRAR_ROLE")));
    vm.prank(outsider);
    registry.proposeOwner(prosumerAccount, outsider);
    vm.expectRevert(abi.encodeWithSelector(UnknownAccount.selector, 999));
    vm.prank(registrar);
    registry.proposeOwner(999, successor);
    vm.expectRevert(abi.encodeWithSelector(AlreadyRegistered.selector, consumer, consumerAccount));
    _propose(consumer);
  }

  // -- internal

  /// @dev One of: another agent, another owner, the owner as agent, nothing. Refusals are part of the game.
  function _changeSomething(uint256 kind, uint256 number) private {
    address owner = registry.ownerOf(prosumerAccount);
    if (kind == 3) return;
    if (kind == 1) {
      address heir = _resident(number);
      vm.prank(owner);
      registry.rotateOwner(heir);
      _accept(heir);
      return;
    }
    vm.prank(owner);
    try registry.setAgent(kind == 0 ? _resident(100 + number) : owner) { } catch { }
  }

  function _handOver() private {
    _name(successor);
    _accept(successor);
  }

  function _name(address owner) private {
    vm.prank(prosumer);
    registry.rotateOwner(owner);
  }

  function _accept(address owner) private {
    vm.prank(owner);
    registry.acceptOwner(prosumerAccount);
  }

  function _propose(address owner) private {
    vm.prank(registrar);
    registry.proposeOwner(prosumerAccount, owner);
  }

  function _signerAt(uint256 closesAt) private view returns (address) {
    return registry.signerAt(prosumerAccount, closesAt);
  }
}
