// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IMemberships } from "../../../src/accounts/IMemberships.sol";
import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";
import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

/// @notice Numbered accounts with a salted hash of the identity (R2.29), and who may give them out.
contract RegisterTest is BaseFixture {
  bytes32 private constant KYC_HASH = keccak256("identity and salt");
  /// @dev Behind the roles of AccessControl; the number stands above the address of the memberships.
  bytes32 private constant LAST_ACCOUNT_SLOT = bytes32(uint256(1));

  function test_NumbersTheNextAccount() public {
    uint24 next = registry.lastAccount() + 1;
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.ParticipantRegistered(next, outsider, KYC_HASH);
    vm.prank(registrar);
    vm.assertEq(uint256(registry.register(outsider, KYC_HASH)), next);

    vm.assertEq(uint256(registry.lastAccount()), next);
    vm.assertEq(uint256(registry.accountOf(outsider)), next);
    vm.assertEq(registry.ownerOf(next), outsider);
    vm.assertEq(registry.signerAt(next, block.timestamp), outsider);
    vm.assertEq(registry.kycHashOf(next), KYC_HASH);
    (address owner, bool isVerified, bool isEntity, uint24 entity, uint24 nextEntity,) =
      registry.accounts(next);
    vm.assertEq(owner, outsider);
    vm.assertTrue(isVerified);
    vm.assertFalse(isEntity);
    vm.assertEq(uint256(entity) + nextEntity, 0);
  }

  function testFuzz_EachOwnerHasOneAccountAndEachAccountOneOwner(uint256 count) public {
    uint24 before = registry.lastAccount();
    count = 1 + count % 20;
    for (uint256 i; i < count; ++i) {
      _register(_resident(i));
    }
    vm.assertEq(uint256(registry.lastAccount()), before + count);
    for (uint24 account = 1; account <= registry.lastAccount(); ++account) {
      vm.assertEq(uint256(registry.accountOf(registry.ownerOf(account))), account);
    }
  }

  function test_NobodyOwnsAnAccountThatWasNotGivenOut() public view {
    vm.assertEq(registry.ownerOf(0), address(0));
    vm.assertEq(registry.signerAt(registry.lastAccount() + 1, START), address(0));
    vm.assertEq(uint256(registry.accountOf(outsider)), 0);
  }

  function test_RevertGiven_NotRegistrar() public {
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, outsider, keccak256("REGISTRAR_ROLE")));
    vm.prank(outsider);
    registry.register(outsider, KYC_HASH);
  }

  function test_RevertGiven_ZeroAddress() public {
    vm.expectRevert(ZeroAddress.selector);
    vm.prank(registrar);
    registry.register(address(0), KYC_HASH);
  }

  function test_RevertGiven_AlreadyRegistered() public {
    vm.expectRevert(abi.encodeWithSelector(AlreadyRegistered.selector, prosumer, prosumerAccount));
    vm.prank(registrar);
    registry.register(prosumer, KYC_HASH);
  }

  function test_RevertGiven_AllNumbersAreGivenOut() public {
    uint256 word = uint256(type(uint24).max - 1) << 160 | uint160(address(areas));
    vm.store(address(registry), LAST_ACCOUNT_SLOT, bytes32(word));
    vm.assertEq(address(registry.memberships()), address(areas));
    vm.prank(registrar);
    vm.assertEq(uint256(registry.register(outsider, KYC_HASH)), type(uint24).max);

    vm.expectRevert(abi.encodeWithSelector(RegistryFull.selector, uint256(1 << 24)));
    vm.prank(registrar);
    registry.register(_resident(1), KYC_HASH);
  }

  function test_RevertGiven_NoAdmin() public {
    vm.expectRevert(ZeroAddress.selector);
    _newRegistry(address(0));
  }

  // -- memberships

  function test_RevertGiven_MembershipsSetTwiceOrByAnotherOrToNothing() public {
    vm.expectRevert(abi.encodeWithSelector(MembershipsAlreadySet.selector, address(areas)));
    vm.prank(admin);
    registry.setMemberships(IMemberships(outsider));
    ParticipantRegistry fresh = _newRegistry(admin);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, outsider, bytes32(0)));
    vm.prank(outsider);
    fresh.setMemberships(areas);
    vm.expectRevert(ZeroAddress.selector);
    vm.prank(admin);
    fresh.setMemberships(IMemberships(address(0)));
    vm.expectEmit(address(fresh));
    emit ParticipantRegistry.MembershipsSet(address(areas));
    vm.prank(admin);
    fresh.setMemberships(areas);
  }

  // -- roles

  function test_TheAdminRoleGovernsEveryRole() public view {
    vm.assertTrue(registry.supportsInterface(type(IAccessControl).interfaceId));
    vm.assertTrue(registry.hasRole(registry.DEFAULT_ADMIN_ROLE(), admin));
    vm.assertEq(registry.getRoleAdmin(registry.REGISTRAR_ROLE()), registry.DEFAULT_ADMIN_ROLE());
    vm.assertEq(registry.getRoleAdmin(registry.CERTIFIER_ROLE()), registry.DEFAULT_ADMIN_ROLE());
  }

  function test_AdminGivesAndTakesARole() public {
    bytes32 role = registry.REGISTRAR_ROLE();
    _grant(role, outsider);
    vm.prank(outsider);
    registry.register(_resident(1), KYC_HASH);

    vm.prank(admin);
    registry.revokeRole(role, outsider);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, outsider, role));
    vm.prank(outsider);
    registry.register(_resident(2), KYC_HASH);
  }

  function test_AHolderGivesUpItsRole() public {
    bytes32 role = registry.REGISTRAR_ROLE();
    vm.prank(registrar);
    registry.renounceRole(role, registrar);
    vm.assertFalse(registry.hasRole(role, registrar));
  }

  function test_RevertGiven_RoleGrantedByAnother() public {
    bytes32 role = registry.OPERATOR_ROLE();
    bytes memory refusal = abi.encodeWithSelector(
      IAccessControl.AccessControlUnauthorizedAccount.selector, registrar, bytes32(0)
    );
    vm.expectRevert(refusal);
    vm.prank(registrar);
    registry.grantRole(role, registrar);

    vm.expectRevert(refusal);
    vm.prank(registrar);
    registry.revokeRole(role, operator);
  }

  function test_RevertGiven_RoleRenouncedForAnother() public {
    bytes32 role = registry.OPERATOR_ROLE();
    vm.expectRevert(IAccessControl.AccessControlBadConfirmation.selector);
    vm.prank(outsider);
    registry.renounceRole(role, operator);
  }
}
