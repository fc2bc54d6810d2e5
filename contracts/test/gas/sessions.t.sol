// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ChargingSessions } from "../../src/charging/ChargingSessions.sol";
import { SessionProofLib } from "../../src/charging/SessionProofLib.sol";
import { SessionFixture } from "../charging/SessionFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of sessions by the number in a transaction, each of a driver of its own, and of the proof of one night.
/// @dev Isolated: each call is a transaction, so that storage is cold as on a chain.
/// forge-config: default.isolate = true
contract SessionGasTest is SessionFixture {
  uint256 private constant MAX_TRANSACTION_GAS = 10_000_000;
  uint256 private constant QUARTERS = 40;

  function test_1Session() public {
    _run(1, "1");
  }

  function test_32Sessions() public {
    _run(32, "32");
  }

  function test_128Sessions() public {
    _run(128, "128");
  }

  /// @dev Ten hours.
  function test_AProof() public {
    bytes32 id = _disputed(SALT, LIMIT_MICRO);
    vm.snapshotGasLastCall("ChargingSessions", "dispute");
    SessionProofLib.Statement memory statement = _statement();
    statement.parts = "";
    for (uint256 i; i < QUARTERS; ++i) {
      statement.parts = bytes.concat(statement.parts, _part(500, 900, 0));
    }
    statement.toWh = statement.fromWh + uint64(500 * QUARTERS);
    _prove(SALT, statement, module);
    vm.snapshotGasLastCall("ChargingSessions", "prove.10h");
    vm.assertEq(_stageOf(id), uint8(ChargingSessions.Stage.Finished));
  }

  function _run(uint256 count, string memory name) private {
    ChargingSessions.Hold[] memory holds = new ChargingSessions.Hold[](count);
    ChargingSessions.Charge[] memory charges = new ChargingSessions.Charge[](count);
    bytes32[] memory ids = new bytes32[](count);
    for (uint256 i; i < count; ++i) {
      address owner = _resident(i);
      uint32 seat = _openWallet(owner);
      holds[i] = _signedHold(seat, owner, _session(bytes32(i)), LIMIT_MICRO);
      ids[i] = market.idOf(seat, holds[i].session);
      charges[i] = ChargingSessions.Charge(ids[i], 7_000_000, INVOICE);
    }
    market.hold(holds);
    vm.assertLe(vm.snapshotGasLastCall("ChargingSessions", string.concat("hold.", name)), MAX_TRANSACTION_GAS);
    vm.prank(stationOwner);
    market.charge(charges);
    vm.snapshotGasLastCall("ChargingSessions", string.concat("charge.", name));
    vm.warp(block.timestamp + DISPUTE_SECONDS);
    market.finish(ids);
    vm.snapshotGasLastCall("ChargingSessions", string.concat("finish.", name));
  }
}
