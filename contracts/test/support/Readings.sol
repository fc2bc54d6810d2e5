// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { PoolSettlementLib } from "../../src/pool/PoolSettlementLib.sol";

/// @notice Builds the tree of an interval's readings, the proof of one, and the readings that a settlement opens.
library Readings {
  /// @param readings in account order within each segment
  /// @param segmentOf for each reading, the number of its segment; pages without a reading have none
  struct Tree {
    bytes32 context;
    uint256[] readings;
    uint256[] segmentOf;
    bytes32[] segments;
    bytes32 root;
  }

  function reading(uint256 account, uint256 importWh, uint256 exportWh) internal pure returns (uint256) {
    uint256 salt = uint128(uint256(keccak256(abi.encode("salt", account, importWh, exportWh))));
    return account << 224 | importWh << 192 | exportWh << 160 | salt;
  }

  /// @notice One segment a page.
  function build(bytes32 context, uint256[] memory readings) internal pure returns (Tree memory) {
    return build(context, readings, 0);
  }

  /// @param cut where another segment starts on the same page; 0 for nowhere
  function build(bytes32 context, uint256[] memory readings, uint256 cut)
    internal
    pure
    returns (Tree memory tree)
  {
    tree.context = context;
    tree.readings = readings;
    tree.segmentOf = new uint256[](readings.length);
    tree.segments = new bytes32[](readings.length);
    uint256 count;
    for (uint256 i; i < readings.length; ++i) {
      bool isNew = i == 0 || _pageOf(readings[i]) != _pageOf(readings[i - 1]) || (i == cut && cut != 0);
      tree.segmentOf[i] = isNew ? count++ : count - 1;
    }
    tree.segments = _first(tree.segments, count);
    for (uint256 segment; segment < count; ++segment) {
      bytes32[] memory leaves = _leavesOf(tree, segment);
      uint16 page = uint16(_pageOf(readings[_firstOf(tree, segment)]));
      tree.segments[segment] = ReadingTree.segmentOf(page, leaves.length, top(leaves));
    }
    tree.root = ReadingTree.rootOf(count, top(tree.segments));
  }

  /// @notice Opens the readings of the accounts that have a position, and seals the others of their segment: the first
  /// one of the page.
  function open(Tree memory tree, uint256 page, uint256[] memory positions)
    internal
    pure
    returns (PoolSettlementLib.Readings memory opened)
  {
    opened.segmentIndex = _segmentOfPage(tree, page);
    bytes32[] memory leaves = _leavesOf(tree, opened.segmentIndex);
    opened.leaves = new uint256[](leaves.length);
    opened.opened = new uint256[]((leaves.length + 255) / 256);
    uint256 first = _firstOf(tree, opened.segmentIndex);
    for (uint256 i; i < leaves.length; ++i) {
      bool isNeeded = _has(positions, tree.readings[first + i] >> 224);
      opened.leaves[i] = isNeeded ? tree.readings[first + i] : uint256(leaves[i]);
      if (isNeeded) opened.opened[i / 256] |= 1 << i % 256;
    }
    opened.segments = tree.segments.length;
    opened.path = path(tree.segments, opened.segmentIndex);
  }

  function prove(Tree memory tree, uint256 index)
    internal
    pure
    returns (MeterLedger.ReadingProof memory proof)
  {
    proof.segmentIndex = tree.segmentOf[index];
    bytes32[] memory leaves = _leavesOf(tree, proof.segmentIndex);
    proof.page = uint16(_pageOf(tree.readings[index]));
    proof.leafIndex = index - _firstOf(tree, proof.segmentIndex);
    proof.leaves = leaves.length;
    proof.leafPath = path(leaves, proof.leafIndex);
    proof.segments = tree.segments.length;
    proof.segmentPath = path(tree.segments, proof.segmentIndex);
  }

  /// @notice The top of a tree in which an odd last node moves up unchanged; written anew, to check {ReadingTree}.
  function top(bytes32[] memory nodes) internal pure returns (bytes32) {
    if (nodes.length == 1) return nodes[0];
    return top(_parents(nodes));
  }

  /// @notice The siblings on the way from a node to the top.
  function path(bytes32[] memory nodes, uint256 index) internal pure returns (bytes32[] memory siblings) {
    siblings = new bytes32[](256);
    uint256 count;
    while (nodes.length > 1) {
      uint256 sibling = index % 2 == 0 ? index + 1 : index - 1;
      if (sibling < nodes.length) siblings[count++] = nodes[sibling];
      nodes = _parents(nodes);
      index /= 2;
    }
    siblings = _first(siblings, count);
  }

  function _parents(bytes32[] memory nodes) private pure returns (bytes32[] memory parents) {
    parents = new bytes32[]((nodes.length + 1) / 2);
    for (uint256 i; i < parents.length; ++i) {
      bool isAlone = 2 * i + 1 == nodes.length;
      parents[i] =
        isAlone ? nodes[2 * i] : keccak256(abi.encode(ReadingTree.NODE, nodes[2 * i], nodes[2 * i + 1]));
    }
  }

  function _leavesOf(Tree memory tree, uint256 segment) private pure returns (bytes32[] memory leaves) {
    leaves = new bytes32[](tree.readings.length);
    uint256 count;
    for (uint256 i; i < tree.readings.length; ++i) {
      if (tree.segmentOf[i] != segment) continue;
      leaves[count++] = keccak256(abi.encode(tree.context, tree.readings[i]));
    }
    leaves = _first(leaves, count);
  }

  function _firstOf(Tree memory tree, uint256 segment) private pure returns (uint256 first) {
    while (tree.segmentOf[first] != segment) {
      ++first;
    }
  }

  function _segmentOfPage(Tree memory tree, uint256 page) private pure returns (uint256) {
    uint256 first;
    while (_pageOf(tree.readings[first]) != page) {
      ++first;
    }
    return tree.segmentOf[first];
  }

  function _has(uint256[] memory positions, uint256 account) private pure returns (bool) {
    for (uint256 i; i < positions.length; ++i) {
      if (uint32(positions[i]) == account) return true;
    }
    return false;
  }

  function _pageOf(uint256 word) private pure returns (uint256) {
    return (word >> 224) / ReadingTree.PAGE;
  }

  function _first(bytes32[] memory words, uint256 count) private pure returns (bytes32[] memory kept) {
    kept = new bytes32[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = words[i];
    }
  }
}
