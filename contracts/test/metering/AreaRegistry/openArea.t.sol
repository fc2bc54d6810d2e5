// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { AreaRegistry } from "../../../src/metering/AreaRegistry.sol";
import { MeterLedger } from "../../../src/metering/MeterLedger.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Areas: opened by an operator, handed over in two steps, with a gateway, a supplier, a DSO and a fund of their own.
contract OpenAreaTest is BaseFixture {
  address private rival = _actor("rival operator");

  function test_AnAreaIsOpened() public {
    AreaRegistry.AreaSetup memory setup = _setup(outsider);
    vm.expectEmit(address(areas));
    emit AreaRegistry.AreaOpened(3, operator, setup);
    vm.prank(operator);
    uint16 areaId = areas.openArea(setup);
    vm.assertEq(uint256(areaId), 3);
    AreaRegistry.Roster memory roster = areas.rosterOf(areaId, 0, 0);
    vm.assertEq(roster.operator, operator);
    vm.assertEq(roster.intervalSeconds, INTERVAL_SECONDS);
    vm.assertEq(uint256(roster.supplier), 1);
    vm.assertEq(uint256(roster.dso), 2);
    vm.assertEq(uint256(roster.fund), 3);
    vm.assertEq(uint256(areas.accountOf(_seat(areaId, 1))), supplierAccount);
    vm.assertEq(uint256(areas.accountOf(_seat(areaId, 2))), dsoAccount);
    vm.assertEq(uint256(areas.accountOf(_seat(areaId, 3))), fundAccount);
    _assertStation(areaId, outsider);
  }

  function test_SuppliersDsosAndFundsDoNotTrade() public view {
    for (uint16 member = 1; member <= 3; ++member) {
      (address signer, uint32 capacityW) = areas.signerAt(AREA, member, START);
      vm.assertEq(signer, address(0));
      vm.assertEq(uint256(capacityW), 0);
    }
  }

  function test_RevertGiven_NotOperator() public {
    bytes32 role = keccak256("OPERATOR_ROLE");
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, rival, role));
    vm.prank(rival);
    areas.openArea(_setup(gateway));
    bytes memory refusal = abi.encodeWithSelector(NotOperator.selector, rival, AREA);
    vm.expectRevert(refusal);
    vm.prank(rival);
    areas.changeGateway(AREA, rival);
    vm.expectRevert(refusal);
    vm.prank(rival);
    areas.changeSupplier(AREA, prosumerAccount);
    vm.expectRevert(refusal);
    vm.prank(rival);
    areas.changeDso(AREA, prosumerAccount);
    vm.expectRevert(refusal);
    vm.prank(rival);
    areas.changeFund(AREA, prosumerAccount);
    vm.expectRevert(refusal);
    vm.prank(rival);
    areas.nameOperator(AREA, rival);
  }

  /// @dev The role opens areas; it gives no power over the areas of others.
  function test_AnOperatorHasNoPowerOverAnotherArea() public {
    _grant(keccak256("OPERATOR_ROLE"), rival);
    vm.expectRevert(abi.encodeWithSelector(NotOperator.selector, rival, AREA));
    vm.prank(rival);
    areas.changeGateway(AREA, rival);
  }

  function test_RevertGiven_TimesOutOfBounds() public {
    uint32[2] memory intervals = [uint32(59), 86_401];
    uint32[2] memory waitings = [uint32(3599), 14 days + 1];
    for (uint256 i; i < 2; ++i) {
      AreaRegistry.AreaSetup memory setup = _setup(gateway);
      setup.intervalSeconds = intervals[i];
      _expectRefused(setup, abi.encodeWithSelector(InvalidInterval.selector, intervals[i]));
      setup = _setup(gateway);
      setup.waitingSeconds = waitings[i];
      _expectRefused(setup, abi.encodeWithSelector(InvalidWaiting.selector, waitings[i]));
    }
  }

  function test_RevertGiven_NoGatewayOrNoSuchAccount() public {
    AreaRegistry.AreaSetup memory setup = _setup(address(0));
    _expectRefused(setup, abi.encodeWithSelector(ZeroAddress.selector));
    setup = _setup(gateway);
    setup.fund = 999;
    _expectRefused(setup, abi.encodeWithSelector(UnknownAccount.selector, 999));
  }

  function test_RevertGiven_NoRegistryOrNoLedger() public {
    vm.expectRevert(ZeroAddress.selector);
    _newAreas(ParticipantRegistry(address(0)), ledger);
    vm.expectRevert(ZeroAddress.selector);
    _newAreas(registry, MeterLedger(address(0)));
  }

  // -- hand-over

  function test_AnAreaIsHandedOverInTwoSteps() public {
    _grant(keccak256("OPERATOR_ROLE"), rival);
    vm.expectEmit(address(areas));
    emit AreaRegistry.OperatorNamed(AREA, rival);
    vm.prank(operator);
    areas.nameOperator(AREA, rival);
    vm.assertEq(_operatorOf(AREA), operator);
    vm.expectEmit(address(areas));
    emit AreaRegistry.OperatorChanged(AREA, rival);
    vm.prank(rival);
    areas.acceptOperation(AREA);
    vm.assertEq(_operatorOf(AREA), rival);
    vm.assertEq(_operatorOf(OTHER_AREA), operator);
    vm.expectRevert(abi.encodeWithSelector(NotNamed.selector, rival, uint256(AREA)));
    vm.prank(rival);
    areas.acceptOperation(AREA);
  }

  function test_RevertGiven_WhoAcceptsIsNotNamedOrNoOperator() public {
    vm.expectRevert(abi.encodeWithSelector(NotNamed.selector, rival, uint256(AREA)));
    vm.prank(rival);
    areas.acceptOperation(AREA);
    vm.prank(operator);
    areas.nameOperator(AREA, rival);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, rival, keccak256("OPERATOR_ROLE")));
    vm.prank(rival);
    areas.acceptOperation(AREA);
  }

  function test_TheAdminReplacesAnOperatorThatFails() public {
    vm.prank(operator);
    areas.nameOperator(AREA, outsider);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, rival, keccak256("OPERATOR_ROLE")));
    _replace(admin, AREA, rival);
    _grant(keccak256("OPERATOR_ROLE"), rival);
    _replace(admin, AREA, rival);
    vm.assertEq(_operatorOf(AREA), rival);
    vm.assertEq(areas.nextOperatorOf(AREA), address(0));
    _replace(admin, AREA, address(0));
    vm.assertEq(_operatorOf(AREA), address(0));
    vm.expectRevert(abi.encodeWithSelector(UnknownArea.selector, 9));
    _replace(admin, 9, rival);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, operator, bytes32(0)));
    _replace(operator, AREA, operator);
  }

  // -- changes

  function test_TheGatewayChanges() public {
    vm.expectEmit(address(areas));
    emit AreaRegistry.GatewayChanged(AREA, outsider);
    vm.prank(operator);
    areas.changeGateway(AREA, outsider);
    _assertStation(AREA, outsider);
    _assertStation(OTHER_AREA, otherGateway);
    vm.expectRevert(ZeroAddress.selector);
    vm.prank(operator);
    areas.changeGateway(AREA, address(0));
  }

  /// @dev What the former supplier holds on its seat stays its own.
  function test_AChangeOfSupplierGivesANewSeat() public {
    vm.expectEmit(address(areas));
    emit AreaRegistry.MemberAdded(AREA, 6, prosumerAccount);
    vm.prank(operator);
    vm.assertEq(uint256(areas.changeSupplier(AREA, prosumerAccount)), 6);
    vm.prank(operator);
    vm.assertEq(uint256(areas.changeDso(AREA, consumerAccount)), 7);
    vm.prank(operator);
    vm.assertEq(uint256(areas.changeFund(AREA, consumerAccount)), 8);
    AreaRegistry.Roster memory roster = areas.rosterOf(AREA, 0, 0);
    vm.assertEq(uint256(roster.supplier), 6);
    vm.assertEq(uint256(roster.dso), 7);
    vm.assertEq(uint256(roster.fund), 8);
    vm.assertEq(uint256(areas.accountOf(_seat(AREA, 1))), supplierAccount);
    vm.assertEq(uint256(areas.accountOf(_seat(AREA, 6))), prosumerAccount);
  }

  /// @dev 4,095 members and no more: their numbers bound the work of a clearing.
  function test_RevertGiven_TheAreaIsFull() public {
    for (uint256 member = 6; member < 4096; ++member) {
      vm.prank(operator);
      areas.changeFund(AREA, fundAccount);
    }
    vm.expectRevert(abi.encodeWithSelector(AreaFull.selector, AREA, 4096));
    vm.prank(operator);
    areas.changeFund(AREA, fundAccount);
  }

  // -- internal

  function _replace(address caller, uint16 areaId, address by) private {
    vm.prank(caller);
    areas.replaceOperator(areaId, by);
  }

  function _expectRefused(AreaRegistry.AreaSetup memory setup, bytes memory refusal) private {
    vm.expectRevert(refusal);
    vm.prank(operator);
    areas.openArea(setup);
  }

  function _operatorOf(uint16 areaId) private view returns (address) {
    return areas.rosterOf(areaId, 0, 0).operator;
  }

  function _assertStation(uint16 areaId, address gateway_) private view {
    (address there, uint32 intervalSeconds, uint32 waitingSeconds, uint32 finalSeconds) =
      ledger.stations(areaId);
    vm.assertEq(there, gateway_);
    vm.assertEq(uint256(intervalSeconds), INTERVAL_SECONDS);
    vm.assertEq(uint256(waitingSeconds), WAITING_SECONDS);
    vm.assertEq(uint256(finalSeconds), FINAL_SECONDS);
    (there, waitingSeconds, finalSeconds) = areas.meterings(areaId);
    vm.assertEq(there, gateway_);
    vm.assertEq(uint256(waitingSeconds), WAITING_SECONDS);
    vm.assertEq(uint256(finalSeconds), FINAL_SECONDS);
  }
}
