// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MeterLedger } from "../../src/MeterLedger.sol";
import { PoolSettlementLib } from "../../src/libraries/PoolSettlementLib.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";

/// @notice Builds the tree of an interval's readings, the proof of one, and the readings that a settlement opens.
library Readings {
  /// @param readings in account order; pages without a reading have no segment
  struct Tree {
    bytes32 context;
    uint256[] readings;
    uint256[] pages;
    bytes32[] segments;
    bytes32 root;
  }

  function reading(uint256 account, uint256 importWh, uint256 exportWh) internal pure returns (uint256) {
    uint256 salt = uint128(uint256(keccak256(abi.encode("salt", account, importWh, exportWh))));
    return account << 224 | importWh << 192 | exportWh << 160 | salt;
  }

  function build(bytes32 context, uint256[] memory readings) internal pure returns (Tree memory tree) {
    tree.context = context;
    tree.readings = readings;
    tree.pages = new uint256[](readings.length);
    tree.segments = new bytes32[](readings.length);
    uint256 count;
    for (uint256 i; i < readings.length; ++i) {
      uint256 page = _pageOf(readings[i]);
      if (count != 0 && tree.pages[count - 1] == page) continue;
      bytes32[] memory leaves = _leavesOf(tree, page);
      tree.pages[count] = page;
      tree.segments[count++] = ReadingTree.segmentOf(uint16(page), leaves.length, top(leaves));
    }
    tree.segments = _first(tree.segments, count);
    tree.root = ReadingTree.rootOf(count, top(tree.segments));
  }

  /// @notice Opens the readings of the accounts that have a position, and seals the others of the page.
  function open(Tree memory tree, uint256 page, uint256[] memory positions)
    internal
    pure
    returns (PoolSettlementLib.Readings memory opened)
  {
    bytes32[] memory leaves = _leavesOf(tree, page);
    opened.leaves = new uint256[](leaves.length);
    uint256 first = _firstOf(tree, page);
    for (uint256 i; i < leaves.length; ++i) {
      bool isNeeded = _has(positions, tree.readings[first + i] >> 224);
      opened.leaves[i] = isNeeded ? tree.readings[first + i] : uint256(leaves[i]);
      if (isNeeded) opened.opened |= 1 << i;
    }
    opened.segmentIndex = _indexOf(tree, page);
    opened.segments = tree.segments.length;
    opened.path = path(tree.segments, opened.segmentIndex);
  }

  function prove(Tree memory tree, uint256 index)
    internal
    pure
    returns (MeterLedger.ReadingProof memory proof)
  {
    uint256 page = _pageOf(tree.readings[index]);
    bytes32[] memory leaves = _leavesOf(tree, page);
    proof.page = uint16(page);
    proof.leafIndex = index - _firstOf(tree, page);
    proof.leaves = leaves.length;
    proof.leafPath = path(leaves, proof.leafIndex);
    proof.segmentIndex = _indexOf(tree, page);
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

  function _leavesOf(Tree memory tree, uint256 page) private pure returns (bytes32[] memory leaves) {
    leaves = new bytes32[](tree.readings.length);
    uint256 count;
    for (uint256 i; i < tree.readings.length; ++i) {
      if (_pageOf(tree.readings[i]) != page) continue;
      leaves[count++] = keccak256(abi.encode(tree.context, tree.readings[i]));
    }
    leaves = _first(leaves, count);
  }

  function _firstOf(Tree memory tree, uint256 page) private pure returns (uint256 first) {
    while (_pageOf(tree.readings[first]) != page) {
      ++first;
    }
  }

  function _indexOf(Tree memory tree, uint256 page) private pure returns (uint256 index) {
    while (tree.pages[index] != page) {
      ++index;
    }
  }

  function _has(uint256[] memory positions, uint256 account) private pure returns (bool) {
    for (uint256 i; i < positions.length; ++i) {
      if (uint32(positions[i]) == account) return true;
    }
    return false;
  }

  function _pageOf(uint256 word) private pure returns (uint256) {
    return (word >> 224) / 256;
  }

  function _first(bytes32[] memory words, uint256 count) private pure returns (bytes32[] memory kept) {
    kept = new bytes32[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = words[i];
    }
  }
}
