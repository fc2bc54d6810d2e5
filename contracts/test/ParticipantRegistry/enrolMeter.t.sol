// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import "../../src/libraries/Errors.sol";
import { Fixture } from "../support/Fixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Metering points and the certified keys of their devices (R2.19).
contract EnrolMeterTest is Fixture {
  bytes32 private constant METER = keccak256("metering point");
  address private device = _actor("device");
  address private newDevice = _actor("new device");
  uint24 private account;

  function setUp() public override {
    super.setUp();
    account = _register(outsider);
  }

  // -- enrolment

  function test_EnrolmentMakesAnAccountTradableInItsAreaOnly() public {
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.MeterEnrolled(METER, account, MIDPOINT_AREA, device);
    _enrolDevice(account, MIDPOINT_AREA);

    vm.assertTrue(_isTradable(MIDPOINT_AREA, account));
    vm.assertFalse(_isTradable(UNIFORM_AREA, account));
    vm.assertFalse(_isTradable(MIDPOINT_AREA, prosumerAccount));
    vm.assertEq(registry.meterOf(account), METER);
    _assertPoint(device, account, MIDPOINT_AREA);
    (,, uint16 areaId,) = registry.participants(account);
    vm.assertEq(uint256(areaId), MIDPOINT_AREA);
  }

  function testFuzz_TradableAccountsAreThoseEnrolled(uint256 isEnrolled) public {
    uint24 first = registry.lastAccount() + 1;
    for (uint256 i; i < 16; ++i) {
      _register(_resident(i));
      if (isEnrolled >> i & 1 == 1) _enrol(uint24(first + i), MIDPOINT_AREA);
    }
    for (uint256 i; i < 16; ++i) {
      vm.assertEq(_isTradable(MIDPOINT_AREA, uint24(first + i)), isEnrolled >> i & 1 == 1);
    }
  }

  function test_RevertGiven_NoArea() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownArea.selector, uint16(0)));
    _enrolDevice(account, 0);
  }

  function test_RevertGiven_UnknownAccount() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownAccount.selector, account + 1));
    _enrolDevice(account + 1, UNIFORM_AREA);
  }

  function test_RevertGiven_MeterAlreadyEnrolled() public {
    _enrolDevice(account, UNIFORM_AREA);
    uint24 other = _register(_resident(1));
    vm.expectRevert(abi.encodeWithSelector(MeterAlreadyEnrolled.selector, METER, account));
    _enrolDevice(other, UNIFORM_AREA);
  }

  function test_RevertGiven_AccountHasMeter() public {
    vm.expectRevert(
      abi.encodeWithSelector(AccountHasMeter.selector, prosumerAccount, _meterId(prosumerAccount))
    );
    _enrolDevice(prosumerAccount, UNIFORM_AREA);
  }

  function test_RevertGiven_NoDeviceKey() public {
    bytes memory certificate = _certificate(METER, address(0), certifier);
    vm.expectRevert(ZeroAddress.selector);
    vm.prank(registrar);
    registry.enrolMeter(METER, account, UNIFORM_AREA, address(0), certificate);
  }

  function test_RevertGiven_CertificateOfAnOutsider() public {
    bytes memory certificate = _certificate(METER, device, outsider);
    vm.expectRevert(abi.encodeWithSelector(InvalidCertificate.selector, METER, device, outsider));
    vm.prank(registrar);
    registry.enrolMeter(METER, account, UNIFORM_AREA, device, certificate);
  }

  function test_RevertGiven_CertifierLostItsRole() public {
    bytes32 role = registry.CERTIFIER_ROLE();
    vm.prank(admin);
    registry.revokeRole(role, certifier);
    vm.expectRevert(abi.encodeWithSelector(InvalidCertificate.selector, METER, device, certifier));
    _enrolDevice(account, UNIFORM_AREA);
  }

  function test_RevertGiven_CertificateOfAnotherDevice() public {
    _expectRefusedCertificate(_certificate(METER, newDevice, certifier));
  }

  function test_RevertGiven_CertificateOfAnotherMeter() public {
    _expectRefusedCertificate(_certificate(_meterId(account), device, certifier));
  }

  function test_RevertGiven_CertificateForAnotherRegistry() public {
    ParticipantRegistry here = registry;
    registry = new ParticipantRegistry(admin);
    bytes memory certificate = _certificate(METER, device, certifier);
    registry = here;
    _expectRefusedCertificate(certificate);
  }

  function testFuzz_RevertGiven_MalformedCertificate(bytes calldata certificate) public {
    vm.assume(certificate.length != 64 && certificate.length != 65);
    vm.expectRevert(abi.encodeWithSelector(InvalidCertificate.selector, METER, device, address(0)));
    vm.prank(registrar);
    registry.enrolMeter(METER, account, UNIFORM_AREA, device, certificate);
  }

  // -- retirement

  function test_ARetiredMeterMayServeAnotherAccount() public {
    _enrolDevice(account, UNIFORM_AREA);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.MeterRetired(METER, account, UNIFORM_AREA);
    _retire(METER);

    vm.assertFalse(_isTradable(UNIFORM_AREA, account));
    vm.assertTrue(_isTradable(UNIFORM_AREA, prosumerAccount));
    vm.assertEq(registry.meterOf(account), bytes32(0));
    _assertPoint(address(0), 0, 0);
    (,, uint16 areaId,) = registry.participants(account);
    vm.assertEq(uint256(areaId), 0);

    uint24 other = _register(_resident(1));
    _enrolDevice(other, UNIFORM_AREA);
    _assertPoint(device, other, UNIFORM_AREA);
  }

  function test_AnAccountMovesToAnotherArea() public {
    _enrolDevice(account, UNIFORM_AREA);
    _retire(METER);
    _enrolDevice(account, MIDPOINT_AREA);
    vm.assertFalse(_isTradable(UNIFORM_AREA, account));
    vm.assertTrue(_isTradable(MIDPOINT_AREA, account));
  }

  function test_ReinstatementDoesNotReviveARetiredMeter() public {
    _enrolDevice(account, UNIFORM_AREA);
    _retire(METER);
    vm.prank(registrar);
    registry.reinstate(account, 0);
    vm.assertFalse(_isTradable(UNIFORM_AREA, account));
  }

  // -- device keys

  function test_AKeyIsRotated() public {
    _enrolDevice(account, UNIFORM_AREA);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.DeviceKeyRotated(METER, newDevice);
    _rotate(newDevice, certifier);
    _assertPoint(newDevice, account, UNIFORM_AREA);
  }

  function test_AKeyIsRevokedAndReplaced() public {
    _enrolDevice(account, UNIFORM_AREA);
    vm.expectEmit(address(registry));
    emit ParticipantRegistry.DeviceKeyRevoked(METER, device);
    vm.prank(gateway);
    registry.revokeDeviceKey(METER);
    _assertPoint(address(0), account, UNIFORM_AREA);

    _rotate(newDevice, certifier);
    _assertPoint(newDevice, account, UNIFORM_AREA);
  }

  function test_RevertGiven_RevokedKeyComesBack() public {
    _enrolDevice(account, UNIFORM_AREA);
    vm.prank(gateway);
    registry.revokeDeviceKey(METER);
    vm.expectRevert(abi.encodeWithSelector(RevokedDeviceKey.selector, METER, device));
    _rotate(device, certifier);
  }

  function test_RevertGiven_RotationWithoutCertificate() public {
    _enrolDevice(account, UNIFORM_AREA);
    vm.expectRevert(abi.encodeWithSelector(InvalidCertificate.selector, METER, newDevice, outsider));
    _rotate(newDevice, outsider);
  }

  function test_RevertGiven_RotationToNoKey() public {
    _enrolDevice(account, UNIFORM_AREA);
    vm.expectRevert(ZeroAddress.selector);
    _rotate(address(0), certifier);
  }

  function test_RevertGiven_UnknownMeter() public {
    bytes memory refusal = abi.encodeWithSelector(UnknownMeter.selector, METER);
    vm.expectRevert(refusal);
    _retire(METER);

    vm.expectRevert(refusal);
    _rotate(device, certifier);

    vm.expectRevert(refusal);
    vm.prank(gateway);
    registry.revokeDeviceKey(METER);
  }

  // -- who may

  function test_RevertGiven_NotRegistrar() public {
    bytes memory refusal =
      abi.encodeWithSelector(NotAuthorised.selector, gateway, keccak256("REGISTRAR_ROLE"));
    vm.expectRevert(refusal);
    vm.prank(gateway);
    registry.enrolMeter(METER, account, UNIFORM_AREA, device, "");

    vm.expectRevert(refusal);
    vm.prank(gateway);
    registry.retireMeter(_meterId(prosumerAccount));
  }

  function test_RevertGiven_NotGateway() public {
    bytes memory refusal =
      abi.encodeWithSelector(NotAuthorised.selector, registrar, keccak256("METER_GATEWAY_ROLE"));
    vm.expectRevert(refusal);
    vm.prank(registrar);
    registry.rotateDeviceKey(_meterId(prosumerAccount), device, "");

    vm.expectRevert(refusal);
    vm.prank(registrar);
    registry.revokeDeviceKey(_meterId(prosumerAccount));
  }

  // -- internal

  /// @dev Only the last call can revert: everything else is a cheat code or done before.
  function _enrolDevice(uint24 to, uint16 areaId) private {
    bytes memory certificate = _signedCertificate(device, certifier);
    vm.prank(registrar);
    registry.enrolMeter(METER, to, areaId, device, certificate);
  }

  function _rotate(address deviceKey, address signer) private {
    bytes memory certificate = _signedCertificate(deviceKey, signer);
    vm.prank(gateway);
    registry.rotateDeviceKey(METER, deviceKey, certificate);
  }

  function _signedCertificate(address deviceKey, address signer) private view returns (bytes memory) {
    return _certificate(METER, deviceKey, signer);
  }

  function _retire(bytes32 meterId) private {
    vm.prank(registrar);
    registry.retireMeter(meterId);
  }

  /// @dev A genuine signature over something else gives an address that nobody knows.
  function _expectRefusedCertificate(bytes memory certificate) private {
    vm.prank(registrar);
    try registry.enrolMeter(METER, account, UNIFORM_AREA, device, certificate) {
      vm.assertTrue(false, "a certificate for something else was accepted");
    } catch (bytes memory refusal) {
      vm.assertEq(bytes32(bytes4(refusal)), bytes32(InvalidCertificate.selector));
    }
  }

  function _assertPoint(address deviceKey, uint24 owner, uint16 areaId) private view {
    (address keyThere, uint24 accountThere, uint16 areaThere) = registry.meteringPoints(METER);
    vm.assertEq(keyThere, deviceKey);
    vm.assertEq(uint256(accountThere), owner);
    vm.assertEq(uint256(areaThere), areaId);
  }
}
