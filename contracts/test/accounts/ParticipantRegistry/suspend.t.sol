// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Suspension stops trading, never payment; a disclosure leaves an entry (R2.29).
contract SuspendTest is BaseFixture {
  bytes32 private constant KYC_HASH = keccak256("renewed identity and salt");
  uint24 private constant NOBODY = 9_999;
  address private constant MARKET = address(0xAA);

  function test_NobodySignsForASuspendedAccount() public {
    vm.assertEq(_signerOf(PROSUMER), prosumer);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.ParticipantSuspended(prosumerAccount);
    _suspend(prosumerAccount);
    vm.assertEq(_signerOf(PROSUMER), address(0));
    vm.assertEq(_signerOf(CONSUMER), consumer);
    vm.assertEq(registry.steadySignerOf(prosumerAccount), address(0));
  }

  /// @dev What is published of an account must not outlive its standing, in any of its areas.
  function test_SuspensionForgetsWhatIsPublishedEverywhere() public {
    uint16 second = _enrol(prosumerAccount, OTHER_AREA);
    areas.publishDirectory(AREA, 0);
    areas.publishDirectory(OTHER_AREA, 0);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << PROSUMER | 1 << CONSUMER);
    vm.assertEq(areas.freshIn(OTHER_AREA, 0), 1 << second);
    _suspend(prosumerAccount);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << CONSUMER);
    vm.assertEq(areas.freshIn(OTHER_AREA, 0), 0);
  }

  function test_ReinstatementRestoresTrading() public {
    _suspend(prosumerAccount);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.ParticipantReinstated(prosumerAccount, KYC_HASH);
    _reinstate(prosumerAccount);
    vm.assertEq(_signerOf(PROSUMER), prosumer);
    vm.assertEq(registry.kycHashOf(prosumerAccount), KYC_HASH);
  }

  function test_AMeterEnrolledDuringSuspensionTradesOnceItEnds() public {
    uint24 account = _register(outsider);
    _suspend(account);
    uint16 member = _enrol(account, AREA);
    vm.assertEq(_signerOf(member), address(0));
    _reinstate(account);
    vm.assertEq(_signerOf(member), outsider);
  }

  function testFuzz_ASuspendedAccountWithdrawsAllItsMoney(uint256 freeMicro, uint256 marginMicro) public {
    freeMicro = 1 + freeMicro % 1e12;
    marginMicro = 1 + marginMicro % 1e12;
    uint32 seat = _seat(AREA, _enter(outsider, AREA));
    _admitMarket(MARKET);
    _fundMargin(MARKET, seat, marginMicro);
    _fundFree(outsider, freeMicro);
    _suspend(registry.accountOf(outsider));

    vm.prank(outsider);
    house.withdraw(freeMicro);
    vm.prank(outsider);
    house.announceMarginWithdrawal(MARKET, seat, marginMicro);
    vm.warp(START + 2 hours);
    vm.prank(outsider);
    house.withdrawMargin(MARKET, seat);
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

  function _signerOf(uint16 member) private view returns (address signer) {
    (signer,) = areas.signerAt(AREA, member, block.timestamp);
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
