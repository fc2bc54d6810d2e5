// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../../src/libraries/Errors.sol";
import { AreaRegistry } from "../../../src/metering/AreaRegistry.sol";
import { MeterLedger } from "../../../src/metering/MeterLedger.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Members by number, their metering points, and the certified keys of their devices (R2.19).
contract EnrolMeterTest is BaseFixture {
  bytes32 private constant METER = keccak256("metering point");
  uint32 private constant PEAK_W = 7_000;

  address private device = _actor("device");
  address private newDevice = _actor("new device");
  uint24 private account;

  function setUp() public override {
    super.setUp();
    account = _register(outsider);
  }

  // -- enrolment

  function test_AMeterMakesItsAccountAMember() public {
    vm.expectEmit(address(areas));
    emit AreaRegistry.MeterEnrolled(METER, AREA, 6, PEAK_W, device, 1);
    vm.assertEq(uint256(_enrolDevice(account, AREA)), 6);
    vm.assertEq(uint256(areas.accountOf(_seat(AREA, 6))), account);
    (address signer, uint32 capacityW) = areas.signerAt(AREA, 6, START);
    vm.assertEq(signer, outsider);
    vm.assertEq(uint256(capacityW), PEAK_W);
    _assertPoint(device, AREA, 6, 1);
    (signer,) = areas.signerAt(OTHER_AREA, 6, START);
    vm.assertEq(signer, address(0));
  }

  function test_AnAccountHasSeveralMembersInSeveralAreas() public {
    uint16 first = _enrol(account, AREA);
    uint16 second = _enrolMeter(account, AREA, keccak256("second"));
    uint16 third = _enrolMeter(account, OTHER_AREA, keccak256("third"));
    uint32[] memory seats = areas.seatsOf(account);
    vm.assertEq(seats.length, 3);
    vm.assertEq(uint256(seats[0]), _seat(AREA, first));
    vm.assertEq(uint256(seats[1]), _seat(AREA, second));
    vm.assertEq(uint256(seats[2]), _seat(OTHER_AREA, third));
  }

  /// @dev A change of an account's signer touches each of its members: their number is bounded.
  function test_RevertGiven_TooManyMemberships() public {
    for (uint256 i; i < 32; ++i) {
      _enrolMeter(account, AREA, bytes32(1000 + i));
    }
    areas.publishDirectory(AREA, 0);
    vm.prank(registrar);
    registry.suspend(account);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << PROSUMER | 1 << CONSUMER);
    vm.expectRevert(abi.encodeWithSelector(TooManyMemberships.selector, account));
    _enrolDevice(account, AREA);
  }

  function test_RevertGiven_UnknownAreaOrAccount() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownArea.selector, 9));
    _enrolDevice(account, 9);
    vm.expectRevert(abi.encodeWithSelector(UnknownAccount.selector, account + 1));
    _enrolDevice(account + 1, AREA);
  }

  function test_AMeterIsInOnePlace() public {
    _enrolDevice(account, AREA);
    bytes memory refusal = abi.encodeWithSelector(MeterAlreadyEnrolled.selector, METER, _seat(AREA, 6));
    vm.expectRevert(refusal);
    _enrolDevice(account, AREA);
    vm.expectRevert(refusal);
    _enrolDevice(prosumerAccount, OTHER_AREA);
  }

  function test_RevertGiven_NoCapacity() public {
    AreaRegistry.Certificate memory certificate = _certificate(METER, device, 1);
    vm.expectRevert(abi.encodeWithSelector(ZeroCapacity.selector, METER));
    vm.prank(registrar);
    areas.enrolMeter(AREA, METER, account, 0, device, certificate);
    vm.expectRevert(abi.encodeWithSelector(ZeroCapacity.selector, _meterId(prosumerAccount, AREA)));
    _changeCapacity(0);
  }

  function test_TheCapacityChanges() public {
    areas.publishDirectory(AREA, 0);
    vm.expectEmit(address(areas));
    emit AreaRegistry.CapacityChanged(_meterId(prosumerAccount, AREA), PEAK_W);
    _changeCapacity(PEAK_W);
    vm.assertEq(areas.freshIn(AREA, 0), 1 << CONSUMER);
    (, uint32 capacityW) = areas.signerAt(AREA, PROSUMER, START);
    vm.assertEq(uint256(capacityW), PEAK_W);
  }

  // -- retirement

  function test_ARetiredMeterMayBeEnrolledAnewAndItsNumberNotAgain() public {
    _enrolDevice(account, AREA);
    areas.publishDirectory(AREA, 0);
    vm.expectEmit(address(areas));
    emit AreaRegistry.MeterRetired(METER, AREA, 6);
    _retire();
    (address signer,) = areas.signerAt(AREA, 6, START);
    vm.assertEq(signer, address(0));
    vm.assertEq(areas.freshIn(AREA, 0), 1 << PROSUMER | 1 << CONSUMER);
    vm.assertEq(areas.seatsOf(account).length, 0);
    vm.assertEq(uint256(areas.accountOf(_seat(AREA, 6))), account);
    _assertPoint(address(0), 0, 0, 1);
    vm.assertEq(uint256(_enrolNumber(prosumerAccount, AREA, 2)), 7);
    _assertPoint(device, AREA, 7, 2);
  }

  function testFuzz_ASeatLeavesItsAccountsListAlone(uint8 retired) public {
    for (uint256 i; i < 5; ++i) {
      _enrolMeter(account, AREA, bytes32(1000 + i));
    }
    retired %= 5;
    vm.prank(registrar);
    areas.retireMeter(bytes32(1000 + uint256(retired)));
    uint32[] memory seats = areas.seatsOf(account);
    vm.assertEq(seats.length, 4);
    uint256 found;
    for (uint256 i; i < 4; ++i) {
      found |= 1 << uint16(seats[i]) - 6;
    }
    vm.assertEq(found, 31 ^ 1 << retired);
  }

  function test_ReinstatementDoesNotReviveARetiredMeter() public {
    _enrolDevice(account, AREA);
    _retire();
    vm.prank(registrar);
    registry.reinstate(account, 0);
    (address signer,) = areas.signerAt(AREA, 6, START);
    vm.assertEq(signer, address(0));
  }

  // -- certificates

  function test_RevertGiven_NoDeviceKey() public {
    AreaRegistry.Certificate memory certificate = _certificate(METER, address(0), 1);
    vm.expectRevert(ZeroAddress.selector);
    vm.prank(registrar);
    areas.enrolMeter(AREA, METER, account, PEAK_W, address(0), certificate);
  }

  function test_RevertGiven_CertificateOfAnOutsider() public {
    AreaRegistry.Certificate memory certificate = _certificate(METER, device, 1, uint64(START + 1), outsider);
    vm.expectRevert(abi.encodeWithSelector(InvalidCertificate.selector, METER, device, outsider));
    _enrolWith(certificate);
    bytes32 role = registry.CERTIFIER_ROLE();
    vm.prank(admin);
    registry.revokeRole(role, certifier);
    certificate = _certificate(METER, device, 1);
    vm.expectRevert(abi.encodeWithSelector(InvalidCertificate.selector, METER, device, certifier));
    _enrolWith(certificate);
  }

  /// @dev A genuine signature over something else gives an address that nobody knows.
  function test_RevertGiven_CertificateForSomethingElse() public {
    _expectInvalid(_certificate(METER, newDevice, 1));
    _expectInvalid(_certificate(_meterId(account, AREA), device, 1));
    AreaRegistry.Certificate memory certificate = _certificate(METER, device, 1);
    certificate.number = 2;
    _expectInvalid(certificate);
    certificate = _certificate(METER, device, 1);
    ++certificate.expiresAt;
    _expectInvalid(certificate);
    AreaRegistry here = areas;
    areas = _newAreas(registry, ledger);
    certificate = _certificate(METER, device, 1);
    areas = here;
    _expectInvalid(certificate);
  }

  function testFuzz_RevertGiven_MalformedCertificate(bytes calldata signature) public {
    vm.assume(signature.length != 64 && signature.length != 65);
    vm.expectRevert(abi.encodeWithSelector(InvalidCertificate.selector, METER, device, address(0)));
    _enrolWith(AreaRegistry.Certificate(1, uint64(START + 1), signature));
  }

  function test_RevertGiven_ExpiredCertificate() public {
    AreaRegistry.Certificate memory certificate = _certificate(METER, device, 1, uint64(START), certifier);
    vm.expectRevert(abi.encodeWithSelector(ExpiredCertificate.selector, METER, START));
    _enrolWith(certificate);
    certificate = _certificate(METER, device, 1, uint64(START + 1), certifier);
    _enrolWith(certificate);
  }

  // -- device keys

  function test_AKeyIsRotated() public {
    _enrolDevice(account, AREA);
    vm.expectEmit(address(areas));
    emit AreaRegistry.DeviceKeyRotated(METER, newDevice, 2);
    _rotate(gateway, newDevice, 2);
    _assertPoint(newDevice, AREA, 6, 2);
  }

  /// @dev The certificate of a replaced key is still genuine; its number is too low.
  function test_AReplacedKeyStaysReplaced() public {
    _enrolDevice(account, AREA);
    _rotate(gateway, newDevice, 5);
    for (uint64 number = 1; number <= 5; ++number) {
      vm.expectRevert(abi.encodeWithSelector(OldCertificate.selector, METER, number, 5));
      _rotate(gateway, device, number);
    }
    _rotate(gateway, device, 6);
  }

  /// @dev Not by taking the meter out and in again, either.
  function test_AReplacedKeyStaysReplacedOverARetirement() public {
    _enrolDevice(account, AREA);
    _rotate(gateway, newDevice, 5);
    _retire();
    vm.expectRevert(abi.encodeWithSelector(OldCertificate.selector, METER, 1, 5));
    _enrolDevice(account, AREA);
  }

  function test_ARevokedKeyIsReplacedAndNeverComesBack() public {
    _enrolDevice(account, AREA);
    vm.expectEmit(address(areas));
    emit AreaRegistry.DeviceKeyRevoked(METER, device);
    _revoke(gateway);
    _assertPoint(address(0), AREA, 6, 1);
    vm.expectRevert(abi.encodeWithSelector(NoDeviceKey.selector, METER));
    _revoke(gateway);
    vm.expectRevert(abi.encodeWithSelector(RevokedDeviceKey.selector, METER, device));
    _rotate(gateway, device, 2);
    _rotate(gateway, newDevice, 2);
    _assertPoint(newDevice, AREA, 6, 2);
  }

  /// @dev One key certified for two meters: revoked at one, it is dead at the other, in whatever area.
  function test_ARevokedKeyIsDeadEverywhere() public {
    bytes32 twin = keccak256("twin");
    _enrolDevice(account, AREA);
    AreaRegistry.Certificate memory certificate = _certificate(twin, device, 1);
    vm.prank(registrar);
    areas.enrolMeter(OTHER_AREA, twin, account, PEAK_W, device, certificate);
    vm.assertEq(areas.meterOf(twin).deviceKey, device);
    _revoke(gateway);
    vm.assertEq(areas.meterOf(twin).deviceKey, address(0));
  }

  function test_AGatewayOfAnotherAreaCannotTouchKeysHere() public {
    _enrolDevice(account, AREA);
    bytes memory refusal = abi.encodeWithSelector(NotGateway.selector, otherGateway, AREA);
    vm.expectRevert(refusal);
    _revoke(otherGateway);
    vm.expectRevert(refusal);
    _rotate(otherGateway, newDevice, 2);
  }

  /// @dev A meter that moved to another area is out of its former gateway's hands.
  function test_AFormerGatewayCannotTouchTheKeyOfAMeterThatMoved() public {
    _enrolDevice(account, AREA);
    _retire();
    _enrolNumber(account, OTHER_AREA, 2);
    vm.expectRevert(abi.encodeWithSelector(NotGateway.selector, gateway, OTHER_AREA));
    _revoke(gateway);
    _rotate(otherGateway, newDevice, 3);
  }

  function test_RevertGiven_UnknownMeter() public {
    bytes memory refusal = abi.encodeWithSelector(UnknownMeter.selector, METER);
    vm.expectRevert(refusal);
    _retire();
    vm.expectRevert(refusal);
    _rotate(gateway, device, 1);
    vm.expectRevert(refusal);
    _revoke(gateway);
  }

  function test_RevertGiven_NotRegistrar() public {
    bytes memory refusal =
      abi.encodeWithSelector(NotAuthorised.selector, gateway, keccak256("REGISTRAR_ROLE"));
    AreaRegistry.Certificate memory certificate = _certificate(METER, device, 1);
    vm.expectRevert(refusal);
    vm.prank(gateway);
    areas.enrolMeter(AREA, METER, account, PEAK_W, device, certificate);
    vm.expectRevert(refusal);
    vm.prank(gateway);
    areas.retireMeter(METER);
    vm.expectRevert(refusal);
    vm.prank(gateway);
    areas.changeCapacity(METER, 1);
  }

  function test_OnlyTheRegistryTellsToForget() public {
    vm.expectRevert(abi.encodeWithSelector(NotRegistry.selector, outsider));
    vm.prank(outsider);
    areas.forget(prosumerAccount);
  }

  // -- internal

  function _enrolDevice(uint24 to, uint16 areaId) private returns (uint16 member) {
    return _enrolNumber(to, areaId, 1);
  }

  /// @dev Only the last call can revert: everything else is a cheat code or done before.
  function _enrolNumber(uint24 to, uint16 areaId, uint64 number) private returns (uint16 member) {
    AreaRegistry.Certificate memory certificate = _certificate(METER, device, number);
    vm.prank(registrar);
    member = areas.enrolMeter(areaId, METER, to, PEAK_W, device, certificate);
  }

  function _enrolWith(AreaRegistry.Certificate memory certificate) private {
    vm.prank(registrar);
    areas.enrolMeter(AREA, METER, account, PEAK_W, device, certificate);
  }

  function _expectInvalid(AreaRegistry.Certificate memory certificate) private {
    vm.prank(registrar);
    try areas.enrolMeter(AREA, METER, account, PEAK_W, device, certificate) {
      vm.assertTrue(false, "a certificate for something else was accepted");
    } catch (bytes memory refusal) {
      vm.assertEq(bytes32(bytes4(refusal)), bytes32(InvalidCertificate.selector));
    }
  }

  function _rotate(address caller, address deviceKey, uint64 number) private {
    AreaRegistry.Certificate memory certificate = _certificate(METER, deviceKey, number);
    vm.prank(caller);
    areas.rotateDeviceKey(METER, deviceKey, certificate);
  }

  function _revoke(address caller) private {
    vm.prank(caller);
    areas.revokeDeviceKey(METER);
  }

  function _retire() private {
    vm.prank(registrar);
    areas.retireMeter(METER);
  }

  function _changeCapacity(uint32 capacityW) private {
    vm.prank(registrar);
    areas.changeCapacity(_meterId(prosumerAccount, AREA), capacityW);
  }

  function _assertPoint(address deviceKey, uint16 areaId, uint16 member, uint64 number) private view {
    AreaRegistry.MeteringPoint memory point = areas.meterOf(METER);
    vm.assertEq(point.deviceKey, deviceKey);
    vm.assertEq(uint256(point.areaId), areaId);
    vm.assertEq(uint256(point.member), member);
    vm.assertEq(uint256(point.number), number);
  }
}
