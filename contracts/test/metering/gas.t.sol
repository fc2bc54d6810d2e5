// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { AreaRegistry } from "../../src/metering/AreaRegistry.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { BaseFixture } from "../support/BaseFixture.sol";
import { Readings } from "../support/Readings.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of every function of areas and readings that changes state, as whole transactions (R2.8).
/// forge-config: default.isolate = true
contract MeteringGasTest is BaseFixture {
  using Readings for Readings.Tree;

  uint256 private constant PUBLICATION_LIMIT = 50_000;
  bytes32 private constant METER = keccak256("another meter");
  address private constant DEVICE = address(0xD1);

  function test_Areas() public {
    AreaRegistry.AreaSetup memory setup = _setup(gateway);
    vm.prank(operator);
    areas.openArea(setup);
    _snapshot("openArea");
    vm.prank(operator);
    areas.changeGateway(AREA, outsider);
    _snapshot("changeGateway");
    vm.prank(operator);
    areas.changeSupplier(AREA, prosumerAccount);
    _snapshot("changeSupplier");
    vm.prank(operator);
    areas.nameOperator(AREA, operator);
    _snapshot("nameOperator");
    vm.prank(operator);
    areas.acceptOperation(AREA);
    _snapshot("acceptOperation");
  }

  function test_Meters() public {
    AreaRegistry.Certificate memory certificate = _certificate(METER, DEVICE, 1);
    vm.prank(registrar);
    areas.enrolMeter(AREA, METER, prosumerAccount, CAPACITY_W, DEVICE, certificate);
    _snapshot("enrolMeter");
    certificate = _certificate(METER, prosumer, 2);
    vm.prank(gateway);
    areas.rotateDeviceKey(METER, prosumer, certificate);
    _snapshot("rotateDeviceKey");
    vm.prank(gateway);
    areas.revokeDeviceKey(METER);
    _snapshot("revokeDeviceKey");
    vm.prank(registrar);
    areas.changeCapacity(METER, 1);
    _snapshot("changeCapacity");
    vm.prank(registrar);
    areas.retireMeter(METER);
    _snapshot("retireMeter");
  }

  function test_Directories() public {
    areas.publishDirectory(AREA, 0);
    _snapshot("publishDirectory.5Members");
    for (uint256 member = 6; member < 256; ++member) {
      _enter(_resident(member), AREA);
    }
    areas.publishDirectory(AREA, 0);
    _snapshot("publishDirectory.255Members");
  }

  function test_Readings() public {
    vm.warp(_endsAt(INTERVAL + 4));
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _readings());
    uint256 gas = vm.snapshotGasLastCall("MeterLedger", "publish");
    vm.assertLe(gas, PUBLICATION_LIMIT, "gas of a publication");
    _publish(AREA, INTERVAL, _readings());
    _snapshotLedger("publish.correction");
    MeterLedger.Publication[] memory four = new MeterLedger.Publication[](4);
    for (uint32 i; i < 4; ++i) {
      four[i] = MeterLedger.Publication(INTERVAL + 1 + i, 24, tree.root);
    }
    vm.prank(gateway);
    ledger.publishMany(AREA, four);
    _snapshotLedger("publishMany.4Intervals");
  }

  function test_Claims() public {
    vm.warp(_endsAt(INTERVAL));
    ReadingTree.Proof memory proof = _publish(AREA, INTERVAL, _readings()).prove(3);
    _admitClaimant(1, dso);
    _snapshotLedger("admitClaimant");
    _admitClaimant(2, dso);
    _admitClaimant(3, dso);
    vm.prank(dso);
    ledger.claimReading(AREA, INTERVAL, proof, 2, 50);
    _snapshotLedger("claimReading.attribute.24Readings");
    vm.prank(dso);
    ledger.claimReading(AREA, INTERVAL, proof, 1, 50);
    _snapshotLedger("claimReading.energy.24Readings");
    vm.prank(dso);
    ledger.claimFlexibility(AREA, INTERVAL, proof, 50, 500);
    _snapshotLedger("claimFlexibility.24Readings");
    vm.prank(dso);
    ledger.claimPage(AREA, INTERVAL, 0, 0xfffff0);
    _snapshotLedger("claimPage");
  }

  /// @dev Of 24 members.
  function _readings() private pure returns (uint256[] memory readings) {
    readings = new uint256[](24);
    for (uint256 i; i < 24; ++i) {
      readings[i] = Readings.reading(PROSUMER + i, 100 + i, 200 + i);
    }
  }

  function _snapshot(string memory name) private {
    vm.snapshotGasLastCall("AreaRegistry", name);
  }

  function _snapshotLedger(string memory name) private {
    vm.snapshotGasLastCall("MeterLedger", name);
  }
}
