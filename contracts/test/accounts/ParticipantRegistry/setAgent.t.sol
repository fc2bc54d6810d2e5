// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Who signs an account's orders: its owner, or an agent that can do nothing else; changed with notice.
contract SetAgentTest is BaseFixture {
  uint256 private constant NOTICE = 1 hours;

  address private agent = _actor("agent");
  address private nextAgent = _actor("next agent");

  function test_AnAgentSignsForGatesThatCloseAfterTheNotice() public {
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.SignerAnnounced(prosumerAccount, agent, START + NOTICE);
    _setAgent(agent);
    vm.assertEq(_signerAt(START + NOTICE - 1), prosumer);
    vm.assertEq(_signerAt(START + NOTICE), agent);
    vm.warp(START + 1 days);
    vm.assertEq(_signerAt(START + NOTICE - 1), prosumer);
    vm.assertEq(_signerAt(START + 1 days), agent);
  }

  function test_AnAgentMovesNoMoneyAndChangesNothing() public {
    _fundFree(prosumer, 1_000);
    _setAgent(agent);
    vm.warp(START + NOTICE);
    bytes memory refusal = abi.encodeWithSelector(UnknownParticipant.selector, agent);
    vm.expectRevert(refusal);
    vm.prank(agent);
    house.withdraw(1_000);
    vm.expectRevert(refusal);
    vm.prank(agent);
    registry.setAgent(nextAgent);
    vm.expectRevert(refusal);
    vm.prank(agent);
    registry.rotateOwner(nextAgent);
    vm.expectRevert(refusal);
    vm.prank(agent);
    registry.requestEntity(consumerAccount);
  }

  /// @dev An owner that is a contract cannot sign; its agent can.
  function test_AnOwnerThatIsAContractTradesThroughItsAgent() public {
    uint16 member = _enter(address(token), AREA);
    vm.prank(address(token));
    registry.setAgent(agent);
    (address signer,) = areas.signerAt(AREA, member, START + NOTICE);
    vm.assertEq(signer, agent);
  }

  function testFuzz_EachGateHasTheSignerAnnouncedForIt(uint256 seed) public {
    address[5] memory signers = [prosumer, agent, nextAgent, prosumer, agent];
    uint256[5] memory from;
    uint256 time = START;
    for (uint256 i = 1; i < 5; ++i) {
      time += (i == 1 ? 0 : 2 * NOTICE) + (seed >> 32 * i) % 10_000;
      vm.warp(time);
      _setAgent(signers[i]);
      from[i] = time + NOTICE;
      // Every gate of the last hour and of the future, as a market may clear it.
      for (uint256 gate = time - NOTICE; gate < time + 3 * NOTICE; gate += 700) {
        vm.assertEq(_signerAt(gate), gate < from[i] ? signers[i - 1] : signers[i]);
      }
    }
  }

  /// @dev Two changes in a row would make the registry forget who signed for a gate that is not cleared yet: a free
  /// way to take back an order.
  function test_RevertGiven_TheLastChangeIsNotSettled() public {
    _setAgent(agent);
    uint256 settledAt = START + 2 * NOTICE;
    vm.warp(settledAt - 1);
    vm.expectRevert(abi.encodeWithSelector(ChangePending.selector, prosumerAccount, settledAt));
    _setAgent(nextAgent);
    vm.warp(settledAt);
    _setAgent(nextAgent);
    // A gate that closed an hour ago, and is to be cleared now.
    vm.assertEq(_signerAt(settledAt - NOTICE), agent);
  }

  function test_RevertGiven_NoAgent() public {
    vm.expectRevert(ZeroAddress.selector);
    _setAgent(address(0));
  }

  // -- what is published of it

  function test_AnAnnouncedChangeIsForgottenAtOnce() public {
    areas.publishDirectory(AREA, 0);
    vm.assertEq(registry.steadySignerOf(prosumerAccount), prosumer);
    _setAgent(agent);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << CONSUMER);
    vm.assertEq(registry.steadySignerOf(prosumerAccount), address(0));
  }

  /// @dev Published too early, the new signer would stand for a gate that the former one still signs for.
  function test_AChangeIsNotPublishedWhileAGateBeforeItCanBeCleared() public {
    _setAgent(agent);
    for (uint256 time = START; time < START + 2 * NOTICE; time += 600) {
      vm.warp(time);
      areas.publishDirectory(AREA, 0);
      vm.assertEq(areas.freshIn(AREA, 0), 1 << CONSUMER);
    }
    vm.warp(START + 2 * NOTICE);
    areas.publishDirectory(AREA, 0);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << PROSUMER | 1 << CONSUMER);
    vm.assertEq(registry.steadySignerOf(prosumerAccount), agent);
  }

  // -- internal

  function _setAgent(address signer) private {
    vm.prank(prosumer);
    registry.setAgent(signer);
  }

  function _signerAt(uint256 closesAt) private view returns (address) {
    return registry.signerAt(prosumerAccount, closesAt);
  }
}
