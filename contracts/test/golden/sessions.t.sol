// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SessionProofLib } from "../../src/charging/SessionProofLib.sol";
import { vm } from "../support/Vm.sol";

/// @notice The cases of cases/session-charges, which the TypeScript rules read as well: tariff × meter, to the micro.
contract SessionGoldenTest {
  string private constant CASES = "cases/session-charges";
  uint256 private constant FEWEST_CASES = 4;

  function test_EveryCaseCostsAsStated() public view {
    uint256 count = vm.readDir(CASES).length;
    vm.assertGe(count, FEWEST_CASES);
    for (uint256 i; i < count; ++i) {
      string memory directory = vm.readDir(CASES)[i].path;
      string memory input = vm.readFile(string.concat(directory, "/input.json"));
      string memory expected = vm.readFile(string.concat(directory, "/expected.json"));
      uint256 totalMicro = this.totalOf(_tariff(input), _statement(input));
      vm.assertEq(totalMicro, vm.parseJsonUint(expected, ".totalMicro"), directory);
    }
  }

  function totalOf(SessionProofLib.Tariff calldata tariff, SessionProofLib.Statement calldata statement)
    external
    pure
    returns (uint256)
  {
    return SessionProofLib.totalOf(tariff, statement);
  }

  function _tariff(string memory input) private pure returns (SessionProofLib.Tariff memory tariff) {
    tariff.sessionFeeMicro = uint64(vm.parseJsonUint(input, ".sessionFeeMicro"));
    tariff.idleGraceSeconds = uint32(vm.parseJsonUint(input, ".idleGraceSeconds"));
    uint256[] memory fromMinute = vm.parseJsonUintArray(input, ".prices.fromMinute");
    uint256[] memory energy = vm.parseJsonUintArray(input, ".prices.energyMicroPerKwh");
    uint256[] memory time = vm.parseJsonUintArray(input, ".prices.timeMicroPerHour");
    uint256[] memory idle = vm.parseJsonUintArray(input, ".prices.idleMicroPerHour");
    tariff.prices = new SessionProofLib.DayPrice[](fromMinute.length);
    for (uint256 i; i < fromMinute.length; ++i) {
      tariff.prices[i] =
        SessionProofLib.DayPrice(uint16(fromMinute[i]), uint64(energy[i]), uint64(time[i]), uint64(idle[i]));
    }
    uint256[] memory from = vm.parseJsonUintArray(input, ".offsets.from");
    int256[] memory offsets = vm.parseJsonIntArray(input, ".offsets.offsetSeconds");
    tariff.offsets = new SessionProofLib.ZoneOffset[](from.length);
    for (uint256 i; i < from.length; ++i) {
      tariff.offsets[i] = SessionProofLib.ZoneOffset(uint40(from[i]), int32(offsets[i]));
    }
  }

  function _statement(string memory input) private pure returns (SessionProofLib.Statement memory statement) {
    statement.startedAt = uint40(vm.parseJsonUint(input, ".startedAt"));
    statement.fromWh = uint64(vm.parseJsonUint(input, ".fromWh"));
    statement.toWh = uint64(vm.parseJsonUint(input, ".toWh"));
    uint256[] memory energyWh = vm.parseJsonUintArray(input, ".parts.energyWh");
    uint256[] memory charging = vm.parseJsonUintArray(input, ".parts.chargingSeconds");
    uint256[] memory idle = vm.parseJsonUintArray(input, ".parts.idleSeconds");
    for (uint256 i; i < energyWh.length; ++i) {
      statement.parts = bytes.concat(
        statement.parts, abi.encodePacked(uint32(energyWh[i]), uint16(charging[i]), uint16(idle[i]))
      );
    }
  }
}
