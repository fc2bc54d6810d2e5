// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The cheat codes of forge that these tests use, and no others.
interface Vm {
  struct Log {
    bytes32[] topics;
    bytes data;
    address emitter;
  }

  struct DirEntry {
    string errorMessage;
    string path;
    uint64 depth;
    bool isDir;
    bool isSymlink;
  }

  function addr(uint256 privateKey) external pure returns (address);
  function assertEq(uint256 left, uint256 right) external pure;
  function assertEq(uint256 left, uint256 right, string calldata reason) external pure;
  function assertEq(int256 left, int256 right) external pure;
  function assertEq(int256 left, int256 right, string calldata reason) external pure;
  function assertEq(address left, address right) external pure;
  function assertEq(bytes32 left, bytes32 right) external pure;
  function assertEq(bool left, bool right) external pure;
  function assertEq(uint256[] calldata left, uint256[] calldata right) external pure;
  function assertFalse(bool condition) external pure;
  function assertGe(uint256 left, uint256 right) external pure;
  function assertGe(uint256 left, uint256 right, string calldata reason) external pure;
  function assertGt(uint256 left, uint256 right, string calldata reason) external pure;
  function assertLe(uint256 left, uint256 right) external pure;
  function assertLe(uint256 left, uint256 right, string calldata reason) external pure;
  function assertTrue(bool condition) external pure;
  function assertTrue(bool condition, string calldata reason) external pure;
  function assume(bool condition) external pure;
  function deployCode(string calldata artifactPath) external returns (address);
  function deployCode(string calldata artifactPath, bytes calldata constructorArgs) external returns (address);
  function expectEmit(address emitter) external;
  function expectRevert() external;
  function expectRevert(bytes4 revertData) external;
  function expectRevert(bytes calldata revertData) external;
  function getRecordedLogs() external returns (Log[] memory);
  function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
  function load(address target, bytes32 slot) external view returns (bytes32);
  function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);
  function parseJsonInt(string calldata json, string calldata key) external pure returns (int256);
  function parseJsonIntArray(string calldata json, string calldata key)
    external
    pure
    returns (int256[] memory);
  function parseJsonString(string calldata json, string calldata key) external pure returns (string memory);
  function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
  function parseJsonUintArray(string calldata json, string calldata key)
    external
    pure
    returns (uint256[] memory);
  function prank(address sender) external;
  function readDir(string calldata path) external view returns (DirEntry[] memory);
  function readFile(string calldata path) external view returns (string memory);
  function recordLogs() external;
  function revertToStateAndDelete(uint256 snapshotId) external returns (bool);
  function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
  function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
  function snapshotState() external returns (uint256);
  function snapshotValue(string calldata group, string calldata name, uint256 value) external;
  function store(address target, bytes32 slot, bytes32 value) external;
  function toString(uint256 value) external pure returns (string memory);
  function toString(int256 value) external pure returns (string memory);
  function warp(uint256 timestamp) external;
}

Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
