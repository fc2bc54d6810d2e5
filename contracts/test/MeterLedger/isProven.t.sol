// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { Fixture } from "../support/Fixture.sol";
import { Readings } from "../support/Readings.sol";
import { vm } from "../support/Vm.sol";

/// @notice Every published reading has a proof, and nothing else has (R8.29–R8.31).
contract IsProvenTest is Fixture {
  using Readings for Readings.Tree;

  uint256 private constant MAX_READINGS = 24;

  function testFuzz_EveryReadingIsProven(uint256 seed) public {
    Readings.Tree memory tree = _randomTree(seed);
    for (uint256 i; i < tree.readings.length; ++i) {
      vm.assertTrue(_isProven(tree.readings[i], tree.prove(i)));
    }
  }

  function test_EverySizeOfASegmentIsProven() public {
    for (uint256 size = 1; size <= 17; ++size) {
      Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, _firstReadings(size));
      for (uint256 i; i < size; ++i) {
        vm.assertTrue(_isProven(tree.readings[i], tree.prove(i)));
      }
    }
  }

  function test_AFullSegmentIsProven() public {
    uint256[] memory readings = new uint256[](769);
    for (uint256 i; i < 769; ++i) {
      readings[i] = Readings.reading(768 + i, i, 0);
    }
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    vm.assertEq(tree.segments.length, 2);
    vm.assertTrue(_isProven(readings[0], tree.prove(0)));
    vm.assertTrue(_isProven(readings[767], tree.prove(767)));
    vm.assertTrue(_isProven(readings[768], tree.prove(768)));
  }

  /// @dev One bit of the reading, or one part of its proof, is changed; the proof held before.
  function testFuzz_NoTamperedProofHolds(uint256 seed, uint256 part, uint256 change) public {
    Readings.Tree memory tree = _randomTree(seed);
    uint256 index = change % tree.readings.length;
    uint256 reading = tree.readings[index];
    MeterLedger.ReadingProof memory proof = tree.prove(index);
    vm.assertTrue(_isProven(reading, proof));

    if (part % 9 == 0) reading ^= 1 << (change % 256);
    else _tamper(proof, part % 9, change);
    vm.assertFalse(_isProven(reading, proof));
  }

  function testFuzz_NoReadingIsProvenByAnothersProof(uint256 seed, uint256 one, uint256 other) public {
    Readings.Tree memory tree = _randomTree(seed);
    (one, other) = (one % tree.readings.length, other % tree.readings.length);
    vm.assertEq(_isProven(tree.readings[one], tree.prove(other)), one == other);
  }

  /// @dev The same readings, published elsewhere under the leaves of this interval: the context does not fit.
  function test_ALeafHoldsForItsIntervalOnly() public {
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, _firstReadings(3));
    vm.prank(gateway);
    ledger.publish(UNIFORM_AREA, INTERVAL + 1, tree.root, 3);
    vm.prank(gateway);
    ledger.publish(MIDPOINT_AREA, INTERVAL, tree.root, 3);
    MeterLedger.ReadingProof memory proof = tree.prove(1);
    vm.assertTrue(_isProven(tree.readings[1], proof));
    vm.assertFalse(ledger.isProven(UNIFORM_AREA, INTERVAL + 1, tree.readings[1], proof));
    vm.assertFalse(ledger.isProven(MIDPOINT_AREA, INTERVAL, tree.readings[1], proof));
  }

  // -- domain separation: what is one thing in the tree can't pass for another

  /// @dev The root counts two leaves, so that only the tag of leaves stands between a node and a reading.
  function test_ANodeIsNoReading() public {
    bytes32 context = ledger.contextOf(UNIFORM_AREA, INTERVAL, 1);
    (bytes32 left, bytes32 right) = _nodes(context);
    bytes32 segment = ReadingTree.segmentOf(0, 2, _nodeOf(left, right));
    _publishRoot(ReadingTree.rootOf(1, segment));
    vm.assertFalse(_isProven(uint256(left), _proof(0, 2, _one(right))));
    vm.assertFalse(_isProven(uint256(right), _proof(1, 2, _one(left))));
  }

  function test_ALeafHashIsNoReading() public {
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, _firstReadings(2));
    MeterLedger.ReadingProof memory proof = tree.prove(0);
    vm.assertTrue(_isProven(tree.readings[0], proof));
    vm.assertFalse(_isProven(uint256(ReadingTree.leafOf(tree.context, tree.readings[0])), proof));
  }

  /// @dev A tree of four leaves, told to have as many as the upper level has nodes.
  function test_ATreeCantBeCutShort() public {
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, _firstReadings(4));
    (bytes32 left, bytes32 right) = _nodes(tree.context);
    vm.assertFalse(_isProven(uint256(left), _proof(0, 2, _one(right))));
  }

  /// @dev Reading 0 has the same path in a tree of three as in one of four; only the hashed counts differ.
  function test_TheCountsAreHashedIn() public {
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, _firstReadings(3));
    MeterLedger.ReadingProof memory proof = tree.prove(0);
    proof.leaves = 4;
    vm.assertFalse(_isProven(tree.readings[0], proof));

    uint256[] memory readings = new uint256[](3);
    for (uint256 i; i < 3; ++i) {
      readings[i] = Readings.reading(768 * i + 1, 0, 100);
    }
    tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    proof = tree.prove(0);
    vm.assertTrue(_isProven(readings[0], proof));
    proof.segments = 4;
    vm.assertFalse(_isProven(readings[0], proof));
  }

  /// @dev Two segments of one leaf each, told to be one segment of two.
  function test_ASegmentIsNoNode() public {
    uint256[] memory readings = new uint256[](2);
    (readings[0], readings[1]) = (Readings.reading(5, 1, 2), Readings.reading(800, 3, 4));
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    vm.assertTrue(_isProven(readings[0], tree.prove(0)));
    vm.assertFalse(_isProven(readings[0], _proof(0, 2, _one(tree.segments[1]))));
    vm.assertFalse(_isProven(uint256(tree.segments[0]), _proof(0, 2, _one(tree.segments[1]))));
  }

  /// @dev A root that is a bare node, or a bare segment, proves nothing.
  function test_ANodeOrASegmentIsNoRoot() public {
    bytes32 leaf = ReadingTree.leafOf(ledger.contextOf(UNIFORM_AREA, INTERVAL, 1), _firstReadings(1)[0]);
    _publishRoot(ReadingTree.segmentOf(0, 1, leaf));
    vm.assertFalse(_isProven(_firstReadings(1)[0], _proof(0, 1, new bytes32[](0))));

    leaf = ReadingTree.leafOf(ledger.contextOf(UNIFORM_AREA, INTERVAL, 2), _firstReadings(1)[0]);
    _publishRoot(leaf);
    vm.assertFalse(_isProven(_firstReadings(1)[0], _proof(0, 1, new bytes32[](0))));
  }

  function testFuzz_FoldIsTheTopOfItsNodes(bytes32[] memory nodes) public pure {
    if (nodes.length == 0) nodes = new bytes32[](1);
    uint256[] memory words = new uint256[](nodes.length);
    for (uint256 i; i < nodes.length; ++i) {
      words[i] = uint256(nodes[i]);
    }
    bytes32 top = Readings.top(nodes);
    vm.assertEq(ReadingTree.fold(words), top);
  }

  /// @dev The widest tree that can be told of: refused, and no overflow on the way.
  function test_ATreeOfAllNumbersProvesNothing() public {
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, _firstReadings(2));
    MeterLedger.ReadingProof memory proof = tree.prove(0);
    proof.leaves = type(uint256).max;
    vm.assertFalse(_isProven(tree.readings[0], proof));
    proof.leafIndex = type(uint256).max - 1;
    vm.assertFalse(_isProven(tree.readings[0], proof));
  }

  function test_RevertGiven_ReadingsMissing() public {
    MeterLedger.ReadingProof memory proof = _proof(0, 1, new bytes32[](0));
    vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, UNIFORM_AREA, INTERVAL));
    _isProven(1, proof);
  }

  // -- internal

  /// @dev 1 to 24 readings on a few pages, of random energies; published.
  function _randomTree(uint256 seed) private returns (Readings.Tree memory) {
    uint256[] memory readings = new uint256[](1 + seed % MAX_READINGS);
    uint256 account;
    for (uint256 i; i < readings.length; ++i) {
      uint256 random = uint256(keccak256(abi.encode(seed, i)));
      account += 1 + (random % 4 == 0 ? (random >> 8) % 1_800 : (random >> 8) % 3);
      readings[i] = Readings.reading(account, uint32(random >> 32), uint32(random >> 64));
    }
    return _publish(UNIFORM_AREA, INTERVAL, readings);
  }

  function _tamper(MeterLedger.ReadingProof memory proof, uint256 part, uint256 change) private pure {
    if (part == 1) proof.page ^= uint16(1 << (change % 16));
    if (part == 2) proof.leafIndex = _other(proof.leafIndex, change);
    if (part == 3) proof.leaves = _other(proof.leaves, change);
    if (part == 4) proof.segmentIndex = _other(proof.segmentIndex, change);
    if (part == 5) proof.segments = _other(proof.segments, change);
    if (part == 6) proof.leafPath = _tamperPath(proof.leafPath, change);
    if (part == 7) proof.segmentPath = _tamperPath(proof.segmentPath, change);
    if (part == 8) proof.leafPath = _longer(proof.leafPath);
  }

  /// @dev Anything but `value`, near it as often as far from it.
  function _other(uint256 value, uint256 change) private pure returns (uint256 other) {
    other = change % 2 == 0 ? change % 32 : change;
    if (other == value) other ^= 1;
  }

  function _tamperPath(bytes32[] memory path, uint256 change) private pure returns (bytes32[] memory) {
    if (path.length == 0) return _longer(path);
    path[change % path.length] ^= bytes32(uint256(1) << ((change >> 8) % 256));
    return path;
  }

  function _longer(bytes32[] memory path) private pure returns (bytes32[] memory longer) {
    longer = new bytes32[](path.length + 1);
    for (uint256 i; i < path.length; ++i) {
      longer[i] = path[i];
    }
  }

  function _firstReadings(uint256 count) private pure returns (uint256[] memory readings) {
    readings = new uint256[](count);
    for (uint256 i; i < count; ++i) {
      readings[i] = Readings.reading(i + 1, 100 + i, 200 + i);
    }
  }

  /// @dev The two nodes above the first four readings.
  function _nodes(bytes32 context) private pure returns (bytes32 left, bytes32 right) {
    uint256[] memory readings = _firstReadings(4);
    bytes32[4] memory leaves;
    for (uint256 i; i < 4; ++i) {
      leaves[i] = ReadingTree.leafOf(context, readings[i]);
    }
    return (_nodeOf(leaves[0], leaves[1]), _nodeOf(leaves[2], leaves[3]));
  }

  function _nodeOf(bytes32 left, bytes32 right) private pure returns (bytes32) {
    return keccak256(abi.encode(ReadingTree.NODE, left, right));
  }

  /// @dev A proof in the only segment, of page 0.
  function _proof(uint256 leafIndex, uint256 leaves, bytes32[] memory leafPath)
    private
    pure
    returns (MeterLedger.ReadingProof memory)
  {
    return MeterLedger.ReadingProof(0, leafIndex, leaves, leafPath, 0, 1, new bytes32[](0));
  }

  function _one(bytes32 sibling) private pure returns (bytes32[] memory path) {
    path = new bytes32[](1);
    path[0] = sibling;
  }

  function _publishRoot(bytes32 root) private {
    vm.prank(gateway);
    ledger.publish(UNIFORM_AREA, INTERVAL, root, 4);
  }

  function _isProven(uint256 reading, MeterLedger.ReadingProof memory proof) private view returns (bool) {
    return ledger.isProven(UNIFORM_AREA, INTERVAL, reading, proof);
  }
}
