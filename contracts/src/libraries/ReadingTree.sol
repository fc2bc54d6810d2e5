// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { EfficientHashLib } from "solady/utils/EfficientHashLib.sol";
import { LibBit } from "solady/utils/LibBit.sol";

/// @notice The Merkle tree of an interval's readings (R8.29). A page is 256 members; its readings stand in two lists, those
/// that a market needs and the others. The page commits to the set of members in each list, so that the place of a
/// member's leaf follows from its number: a member has one leaf, or, in neither set, provably none.
/// @dev A reading is one word: member (16 bits) | zero (40) | importWh (32) | exportWh (32) | quality (8) | salt (128). The
/// salt is the head of the hash of the device's signature: it hides the reading and binds it to that signature.
/// Leaves of a list stand in member order, sixteen under a node, sixteen nodes under a top; missing ones are zero. A
/// root stands above sixteen pages; a page without readings is zero. All are hashed under different tags.
library ReadingTree {
  using DynamicArrayLib for uint256[];
  using EfficientHashLib for bytes32[];

  /// @notice Members of a page: member n is on page n / 256.
  uint256 internal constant PAGE = 256;
  uint256 internal constant MAX_PAGES = 16;
  uint256 internal constant WIDTH = 16;
  bytes32 internal constant LEAF = keccak256("commonwatt.reading.leaf.v2");
  bytes32 internal constant NODE = keccak256("commonwatt.reading.node.v2");
  bytes32 internal constant TOP = keccak256("commonwatt.reading.top.v2");
  bytes32 internal constant PAGE_TAG = keccak256("commonwatt.reading.page.v2");
  bytes32 internal constant ROOT = keccak256("commonwatt.reading.root.v2");
  /// @notice A root leaves its low 16 bits to the ledger.
  uint256 internal constant ROOT_MASK = ~uint256(0xffff);

  /// @notice One reading under a root.
  /// @param list set of the members in the reading's own list
  /// @param isSecond whether that is the second list of the page
  /// @param otherList set of the members in the other list
  /// @param otherTop its top; zero when it is empty
  /// @param leaves the other leaves under the same node, in order
  /// @param nodes the other nodes of the list, in order
  /// @param pages the other pages, in order, without the zeros at the end
  struct Proof {
    uint256 reading;
    uint256 list;
    bool isSecond;
    uint256 otherList;
    bytes32 otherTop;
    bytes32[] leaves;
    bytes32[] nodes;
    bytes32[] pages;
  }

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

  /// @notice The top of a list: `leaves` in member order, at most 256; zero when there is none.
  function topOf(uint256[] memory leaves) internal pure returns (bytes32) {
    unchecked {
      uint256 count = leaves.length;
      if (count == 0) return 0;
      uint256[] memory node = bufferOf(NODE);
      uint256[] memory top = bufferOf(TOP);
      uint256 i;
      for (; i < count; ++i) {
        node.set((i & 15) + 1, leaves.get(i));
        if (i & 15 == 15) top.set((i >> 4) + 1, node.hash());
      }
      if (i & 15 != 0) {
        top.set((i >> 4) + 1, closeNode(node, i & 15));
      }
      return top.hash();
    }
  }

  /// @notice A tag and sixteen zeros, for {topOf} done step by step.
  function bufferOf(bytes32 tag) internal pure returns (uint256[] memory buffer) {
    buffer = new uint256[](WIDTH + 1);
    buffer[0] = uint256(tag);
  }

  /// @notice The hash of a node of which only the first `count` leaves are there.
  function closeNode(uint256[] memory node, uint256 count) internal pure returns (bytes32) {
    unchecked {
      for (uint256 i = count + 1; i <= WIDTH; ++i) {
        node.set(i, uint256(0));
      }
      return node.hash();
    }
  }

  /// @notice The commitment of a page. Who opens a page must ask {requireApart} of its sets.
  function pageOf(uint256 page, uint256 list, bytes32 top, uint256 otherList, bytes32 otherTop)
    internal
    pure
    returns (bytes32)
  {
    return EfficientHashLib.hash(PAGE_TAG, bytes32(page), bytes32(list), top, bytes32(otherList), otherTop);
  }

  /// @notice The root above a page and the others, which come in order and without the zeros at the end.
  /// @param hash the page's commitment; zero when it has no reading
  function rootOf(uint256 page, bytes32 hash, bytes32[] memory others) internal pure returns (bytes32) {
    unchecked {
      if (page >= MAX_PAGES || others.length >= MAX_PAGES) revert PageNotProven(page);
      uint256[] memory words = bufferOf(ROOT);
      for (uint256 i; i < others.length; ++i) {
        words.set(i < page ? i + 1 : i + 2, others[i]);
      }
      return bytes32(uint256(words.set(page + 1, hash).hash()) & ROOT_MASK);
    }
  }

  /// @notice A member in both lists of a page would have two readings.
  function requireApart(uint256 page, uint256 list, uint256 otherList) internal pure {
    if (list & otherList != 0) revert PageNotProven(page);
  }

  /// @notice Requires that the proof's reading stands under `root`.
  function requireProven(bytes32 context, bytes32 root, Proof calldata proof) internal pure {
    uint256 member = memberOf(proof.reading);
    uint256 page = member / PAGE;
    uint256 bit = 1 << member % PAGE;
    if (proof.list & bit == 0) revert ReadingNotProven(uint16(member));
    requireApart(page, proof.list, proof.otherList);
    uint256 count = LibBit.popCount(proof.list);
    uint256 index = LibBit.popCount(proof.list & (bit - 1));
    uint256 last = (count - 1) / WIDTH;
    uint256 inNode = index / WIDTH == last ? count - last * WIDTH : WIDTH;
    bytes32 node = _join(NODE, leafOf(context, proof.reading), index % WIDTH, inNode, proof.leaves, member);
    bytes32 top = _join(TOP, node, index / WIDTH, last + 1, proof.nodes, member);
    bytes32 hash = proof.isSecond
      ? pageOf(page, proof.otherList, proof.otherTop, proof.list, top)
      : pageOf(page, proof.list, top, proof.otherList, proof.otherTop);
    if (rootOf(page, hash, proof.pages) != root) revert ReadingNotProven(uint16(member));
  }

  function memberOf(uint256 reading) internal pure returns (uint256) {
    return reading >> 240;
  }

  function importWhOf(uint256 reading) internal pure returns (uint256) {
    return uint32(reading >> 168);
  }

  function exportWhOf(uint256 reading) internal pure returns (uint256) {
    return uint32(reading >> 136);
  }

  /// @dev The node above `count` children: `child` at `index`, the others around it in order.
  function _join(
    bytes32 tag,
    bytes32 child,
    uint256 index,
    uint256 count,
    bytes32[] calldata others,
    uint256 member
  ) private pure returns (bytes32) {
    if (others.length + 1 != count) revert ReadingNotProven(uint16(member));
    uint256[] memory node = bufferOf(tag);
    for (uint256 i; i < others.length; ++i) {
      node[i < index ? i + 1 : i + 2] = uint256(others[i]);
    }
    node[index + 1] = uint256(child);
    return node.hash();
  }
}
