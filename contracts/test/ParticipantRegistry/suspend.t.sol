// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import "../../src/libraries/Errors.sol";
import { Fixture } from "../support/Fixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Suspension stops trading, never payment; a disclosure leaves an entry (R2.29).
contract SuspendTest is Fixture {
  bytes32 private constant KYC_HASH = keccak256("renewed identity and salt");
  uint24 private constant NOBODY = 9_999;

  function test_ASuspendedAccountIsNotTradable() public {
    vm.assertTrue(_isTradable(UNIFORM_AREA, prosumerAccount));
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.ParticipantSuspended(prosumerAccount);
    _suspend(prosumerAccount);

    vm.assertFalse(_isTradable(UNIFORM_AREA, prosumerAccount));
    vm.assertTrue(_isTradable(UNIFORM_AREA, consumerAccount));
    (,,, bool isVerified) = registry.participants(prosumerAccount);
    vm.assertFalse(isVerified);
  }

  function test_ReinstatementRestoresTrading() public {
    _suspend(prosumerAccount);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.ParticipantReinstated(prosumerAccount, KYC_HASH);
    _reinstate(prosumerAccount);

    vm.assertTrue(_isTradable(UNIFORM_AREA, prosumerAccount));
    vm.assertEq(registry.kycHashOf(prosumerAccount), KYC_HASH);
    (,,, bool isVerified) = registry.participants(prosumerAccount);
    vm.assertTrue(isVerified);
  }

  function test_SuspensionOfAnUnmeteredAccountTouchesNoArea() public {
    _suspend(dsoAccount);
    _reinstate(dsoAccount);
    vm.assertFalse(_isTradable(0, dsoAccount));
    vm.assertFalse(_isTradable(UNIFORM_AREA, dsoAccount));
  }

  function test_AMeterEnrolledDuringSuspensionIsNotTradableUntilItEnds() public {
    uint24 account = _register(outsider);
    _suspend(account);
    _enrol(account, MIDPOINT_AREA);
    vm.assertFalse(_isTradable(MIDPOINT_AREA, account));
    _reinstate(account);
    vm.assertTrue(_isTradable(MIDPOINT_AREA, account));
  }

  function testFuzz_ASuspendedAccountWithdrawsAllItsMoney(uint256 freeMicro, uint256 marginMicro) public {
    freeMicro = 1 + freeMicro % 1e12;
    marginMicro = 1 + marginMicro % 1e12;
    _register(outsider);
    _fundMargin(outsider, marginMicro);
    _fundFree(outsider, freeMicro);
    _suspend(registry.accountOf(outsider));

    vm.prank(outsider);
    house.withdraw(freeMicro);
    vm.prank(outsider);
    house.announceMarginWithdrawal(address(pool), marginMicro);
    vm.warp(block.timestamp + 2 hours);
    vm.prank(outsider);
    house.withdrawMargin(address(pool));
    vm.prank(outsider);
    house.withdraw(marginMicro);
    vm.assertEq(token.balanceOf(outsider), freeMicro + marginMicro);
  }

  function test_ADisclosureLeavesAnEntry() public {
    bytes32 reasonHash = keccak256("warrant");
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.IdentityDisclosed(prosumerAccount, outsider, reasonHash);
    vm.prank(registrar);
    registry.recordDisclosure(prosumerAccount, outsider, reasonHash);
  }

  function test_RevertGiven_NotRegistrar() public {
    bytes memory refusal =
      abi.encodeWithSelector(NotAuthorised.selector, outsider, keccak256("REGISTRAR_ROLE"));
    vm.expectRevert(refusal);
    vm.prank(outsider);
    registry.suspend(prosumerAccount);

    vm.expectRevert(refusal);
    vm.prank(outsider);
    registry.reinstate(prosumerAccount, KYC_HASH);

    vm.expectRevert(refusal);
    vm.prank(outsider);
    registry.recordDisclosure(prosumerAccount, outsider, 0);
  }

  function test_RevertGiven_UnknownAccount() public {
    bytes memory refusal = abi.encodeWithSelector(UnknownAccount.selector, NOBODY);
    vm.expectRevert(refusal);
    _suspend(NOBODY);

    vm.expectRevert(refusal);
    _reinstate(NOBODY);

    vm.expectRevert(refusal);
    vm.prank(registrar);
    registry.recordDisclosure(NOBODY, outsider, 0);
  }

  function _suspend(uint24 account) private {
    vm.prank(registrar);
    registry.suspend(account);
  }

  function _reinstate(uint24 account) private {
    vm.prank(registrar);
    registry.reinstate(account, KYC_HASH);
  }
}
