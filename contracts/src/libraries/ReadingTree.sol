// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { EfficientHashLib } from "solady/utils/EfficientHashLib.sol";

/// @notice The Merkle tree of an interval's readings (R8.29): leaves of one page make a segment, segments make the root. A
/// page is 768 accounts; its readings may stand in several segments, as those that a market needs and the others.
/// Leaves, nodes, segments and roots are hashed under different tags, so that none can pass for another. Where a level
/// has an odd number of nodes, the last one moves up unchanged; the counts are hashed in, so that no two trees share a root.
/// @dev A reading is one word: account (32 bits) | importWh (32) | exportWh (32) | quality (8) | zero (24) | salt (128).
/// The salt is the head of the hash of the device's signature: it hides the reading and binds it to that signature.
library ReadingTree {
  using DynamicArrayLib for uint256[];

  /// @notice Accounts of a page: account n is on page n / 768.
  uint256 internal constant PAGE = 768;
  bytes32 internal constant LEAF = keccak256("commonwatt.reading.leaf.v1");
  bytes32 internal constant NODE = keccak256("commonwatt.reading.node.v1");
  bytes32 internal constant SEGMENT = keccak256("commonwatt.reading.segment.v1");
  bytes32 internal constant ROOT = keccak256("commonwatt.reading.root.v1");

  /// @notice The tag of all leaves of one published version: no leaf is valid for another interval, ledger or chain.
  function contextOf(address ledger, uint16 areaId, uint32 intervalId, uint8 version)
    internal
    view
    returns (bytes32)
  {
    return keccak256(abi.encode(LEAF, block.chainid, ledger, areaId, intervalId, version));
  }

  function leafOf(bytes32 context, uint256 reading) internal pure returns (bytes32) {
    return EfficientHashLib.hash(context, bytes32(reading));
  }

  /// @notice Folds nodes pairwise from the bottom to the top; overwrites the array. `nodes` must not be empty.
  function fold(uint256[] memory nodes) internal pure returns (bytes32) {
    unchecked {
      uint256 node = uint256(NODE);
      for (uint256 width = nodes.length; width > 1;) {
        uint256 half = width >> 1;
        for (uint256 i; i < half; ++i) {
          nodes.set(i, EfficientHashLib.hash(node, nodes.get(2 * i), nodes.get(2 * i + 1)));
        }
        if (width & 1 == 1) nodes.set(half, nodes.get(width - 1));
        width = (width + 1) >> 1;
      }
      return bytes32(nodes.get(0));
    }
  }

  /// @notice Climbs from the node at `index` of `width` nodes to the top, taking siblings from `path`.
  function climb(bytes32 node, uint256 index, uint256 width, bytes32[] calldata path)
    internal
    pure
    returns (bytes32)
  {
    uint256 used;
    for (; width > 1; width = (width >> 1) + (width & 1)) {
      bool isPromoted = width & 1 == 1 && index == width - 1;
      if (!isPromoted) {
        if (used == path.length) return 0;
        bytes32 sibling = path[used++];
        node = index & 1 == 0
          ? EfficientHashLib.hash(NODE, node, sibling)
          : EfficientHashLib.hash(NODE, sibling, node);
      }
      index >>= 1;
    }
    return used == path.length ? node : bytes32(0);
  }

  function segmentOf(uint16 page, uint256 leaves, bytes32 top) internal pure returns (bytes32) {
    return EfficientHashLib.hash(SEGMENT, bytes32((uint256(page) << 128) | leaves), top);
  }

  function rootOf(uint256 segments, bytes32 top) internal pure returns (bytes32) {
    return EfficientHashLib.hash(ROOT, bytes32(segments), top);
  }

  function accountOf(uint256 reading) internal pure returns (uint24) {
    return uint24(reading >> 224);
  }

  function importWhOf(uint256 reading) internal pure returns (uint256) {
    return uint32(reading >> 192);
  }

  function exportWhOf(uint256 reading) internal pure returns (uint256) {
    return uint32(reading >> 160);
  }
}
