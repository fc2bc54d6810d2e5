// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { TestToken } from "../../../src/accounts/TestToken.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice The test currency: its deployer (this test) hands it out, everything else is a plain ERC-20 with permits.
contract MintTest is BaseFixture {
  function testFuzz_TheIssuerMints(address to, uint128 amountMicro) public {
    vm.assume(to != address(0) && token.balanceOf(to) == 0);
    uint256 supply = token.totalSupply();
    token.mint(to, amountMicro);
    vm.assertEq(token.balanceOf(to), amountMicro);
    vm.assertEq(token.totalSupply(), supply + amountMicro);
  }

  function test_AMicroIsTheSmallestAmount() public view {
    vm.assertEq(uint256(token.decimals()), 6);
    vm.assertEq(token.issuer(), address(this));
    vm.assertEq(keccak256(bytes(token.symbol())), keccak256("CWT"));
  }

  function test_RevertGiven_NotIssuer() public {
    vm.expectRevert(abi.encodeWithSelector(TestToken.NotIssuer.selector, outsider));
    vm.prank(outsider);
    token.mint(outsider, 1);
  }

  function test_RevertGiven_MintedToNobody() public {
    vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
    token.mint(address(0), 1);
  }

  function testFuzz_ATransferMovesTokens(uint128 minted, uint128 sent) public {
    vm.assume(sent <= minted);
    token.mint(outsider, minted);
    vm.prank(outsider);
    token.transfer(operator, sent);
    vm.assertEq(token.balanceOf(operator), sent);
    vm.assertEq(token.balanceOf(outsider), minted - sent);
  }

  function test_APermitAllowsOnce() public {
    token.mint(outsider, 100);
    (uint8 v, bytes32 r, bytes32 s) = _signPermit(outsider, outsider, 100, 0, block.timestamp);
    _permit(100, block.timestamp, v, r, s);
    vm.assertEq(token.allowance(outsider, address(house)), 100);
    vm.assertEq(token.nonces(outsider), 1);

    vm.prank(operator);
    try token.permit(outsider, address(house), 100, block.timestamp, v, r, s) {
      vm.assertTrue(false, "a permit was accepted twice");
    } catch (bytes memory refusal) {
      vm.assertEq(bytes32(bytes4(refusal)), bytes32(ERC20Permit.ERC2612InvalidSigner.selector));
    }
  }

  function test_RevertGiven_PermitExpired() public {
    uint256 deadline = block.timestamp - 1;
    (uint8 v, bytes32 r, bytes32 s) = _signPermit(outsider, outsider, 100, 0, deadline);
    vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, deadline));
    _permit(100, deadline, v, r, s);
  }

  function test_RevertGiven_PermitSignedByAnother() public {
    (uint8 v, bytes32 r, bytes32 s) = _signPermit(operator, outsider, 100, 0, block.timestamp);
    vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, operator, outsider));
    _permit(100, block.timestamp, v, r, s);
  }

  function _permit(uint256 amountMicro, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
    token.permit(outsider, address(house), amountMicro, deadline, v, r, s);
  }
}
