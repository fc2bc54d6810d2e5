// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReadingTree } from "../../src/libraries/ReadingTree.sol";

/// @notice Builds the tree of an interval's readings and the proof of one; hashes written anew, to check {ReadingTree}.
library Readings {
  uint256 private constant WIDTH = 16;

  /// @param readings in member order
  /// @param isSecond for each reading, whether it stands in the second list of its page
  struct Tree {
    bytes32 context;
    uint256[] readings;
    bool[] isSecond;
    bytes32 root;
  }

  function reading(uint256 member, uint256 importWh, uint256 exportWh) internal pure returns (uint256) {
    uint256 salt = uint128(uint256(keccak256(abi.encode("salt", member, importWh, exportWh))));
    return member << 240 | importWh << 168 | exportWh << 136 | salt;
  }

  /// @notice All readings in the first list of their page.
  function build(bytes32 context, uint256[] memory readings) internal pure returns (Tree memory) {
    return build(context, readings, new bool[](readings.length));
  }

  function build(bytes32 context, uint256[] memory readings, bool[] memory isSecond)
    internal
    pure
    returns (Tree memory tree)
  {
    (tree.context, tree.readings, tree.isSecond) = (context, readings, isSecond);
    tree.root = rootOf(pagesOf(tree));
  }

  function prove(Tree memory tree, uint256 index) internal pure returns (ReadingTree.Proof memory proof) {
    uint256 page = (tree.readings[index] >> 240) / 256;
    bool isSecond = tree.isSecond[index];
    (proof.reading, proof.isSecond) = (tree.readings[index], isSecond);
    proof.list = listOf(tree, page, isSecond);
    proof.otherList = listOf(tree, page, !isSecond);
    proof.otherTop = topOf(leavesOf(tree, page, !isSecond));
    bytes32[] memory leaves = leavesOf(tree, page, isSecond);
    uint256 rank = _rankOf(tree, index, page);
    bytes32[] memory nodes = nodesOf(leaves);
    proof.leaves = _without(_slice(leaves, rank / WIDTH * WIDTH), rank % WIDTH);
    proof.nodes = _without(nodes, rank / WIDTH);
    proof.pages = _trimmed(_without(pagesOf(tree), page));
  }

  /// @notice The pages other than `page`, as a proof lists them.
  function otherPages(Tree memory tree, uint256 page) internal pure returns (bytes32[] memory) {
    return _trimmed(_without(pagesOf(tree), page));
  }

  function pagesOf(Tree memory tree) internal pure returns (bytes32[] memory pages) {
    pages = new bytes32[](WIDTH);
    for (uint256 i; i < tree.readings.length; ++i) {
      uint256 page = (tree.readings[i] >> 240) / 256;
      if (pages[page] == 0) pages[page] = pageOf(tree, page);
    }
  }

  function pageOf(Tree memory tree, uint256 page) internal pure returns (bytes32) {
    return keccak256(
      abi.encode(
        keccak256("commonwatt.reading.page.v2"),
        page,
        listOf(tree, page, false),
        topOf(leavesOf(tree, page, false)),
        listOf(tree, page, true),
        topOf(leavesOf(tree, page, true))
      )
    );
  }

  /// @notice A bit for each member of the page that has a reading in the list.
  function listOf(Tree memory tree, uint256 page, bool isSecond) internal pure returns (uint256 list) {
    for (uint256 i; i < tree.readings.length; ++i) {
      uint256 member = tree.readings[i] >> 240;
      if (member / 256 == page && tree.isSecond[i] == isSecond) list |= 1 << member % 256;
    }
  }

  function leavesOf(Tree memory tree, uint256 page, bool isSecond)
    internal
    pure
    returns (bytes32[] memory leaves)
  {
    leaves = new bytes32[](tree.readings.length);
    uint256 count;
    for (uint256 i; i < tree.readings.length; ++i) {
      if ((tree.readings[i] >> 240) / 256 != page || tree.isSecond[i] != isSecond) continue;
      leaves[count++] = keccak256(abi.encode(tree.context, tree.readings[i]));
    }
    leaves = _first(leaves, count);
  }

  function topOf(bytes32[] memory leaves) internal pure returns (bytes32) {
    if (leaves.length == 0) return 0;
    return _hash(keccak256("commonwatt.reading.top.v2"), nodesOf(leaves));
  }

  function nodesOf(bytes32[] memory leaves) internal pure returns (bytes32[] memory nodes) {
    nodes = new bytes32[]((leaves.length + WIDTH - 1) / WIDTH);
    for (uint256 i; i < nodes.length; ++i) {
      nodes[i] = _hash(keccak256("commonwatt.reading.node.v2"), _slice(leaves, i * WIDTH));
    }
  }

  function rootOf(bytes32[] memory pages) internal pure returns (bytes32) {
    return bytes32(uint256(_hash(keccak256("commonwatt.reading.root.v2"), pages)) >> 16 << 16);
  }

  /// @dev Sixteen words under a tag, missing ones zero.
  function _hash(bytes32 tag, bytes32[] memory words) private pure returns (bytes32) {
    bytes memory packed = abi.encodePacked(tag, words);
    return keccak256(bytes.concat(packed, new bytes((WIDTH - words.length) * 32)));
  }

  function _rankOf(Tree memory tree, uint256 index, uint256 page) private pure returns (uint256 rank) {
    for (uint256 i; i < index; ++i) {
      bool isSame = (tree.readings[i] >> 240) / 256 == page && tree.isSecond[i] == tree.isSecond[index];
      if (isSame) ++rank;
    }
  }

  /// @dev Up to sixteen words from `from` on.
  function _slice(bytes32[] memory words, uint256 from) private pure returns (bytes32[] memory slice) {
    slice = new bytes32[](words.length - from < WIDTH ? words.length - from : WIDTH);
    for (uint256 i; i < slice.length; ++i) {
      slice[i] = words[from + i];
    }
  }

  function _without(bytes32[] memory words, uint256 index) private pure returns (bytes32[] memory others) {
    others = new bytes32[](words.length - 1);
    for (uint256 i; i < others.length; ++i) {
      others[i] = words[i < index ? i : i + 1];
    }
  }

  function _trimmed(bytes32[] memory words) private pure returns (bytes32[] memory) {
    uint256 count = words.length;
    while (count != 0 && words[count - 1] == 0) {
      --count;
    }
    return _first(words, count);
  }

  function _first(bytes32[] memory words, uint256 count) private pure returns (bytes32[] memory kept) {
    kept = new bytes32[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = words[i];
    }
  }
}
