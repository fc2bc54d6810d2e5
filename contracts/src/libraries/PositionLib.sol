// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice What a member bought or sold in an interval, and lists of that. A position is amount (int64, thousandths of a
/// micro; positive is from buyer to seller) | side (8 bits) | member (16) | quantity (40).
/// @dev A list is packed into words, the first position lowest. Where all have one price the amount follows from it and is
/// left out: four positions of 64 bits a word. Else two of 128 bits. A place without a position is zero.
library PositionLib {
  using DynamicArrayLib for uint256[];

  uint256 internal constant QUANTITY_BITS = 40;
  uint256 internal constant PRICED_BITS = 64;
  uint256 internal constant PAIRED_BITS = 128;

  /// @notice Bits of a position in a list.
  function bitsOf(bool isPairwise) internal pure returns (uint256) {
    return isPairwise ? PAIRED_BITS : PRICED_BITS;
  }

  function position(uint256 side, uint256 member, uint256 quantity, int256 amount)
    internal
    pure
    returns (uint256)
  {
    return uint256(uint64(int64(amount))) << 64 | side << 56 | member << 40 | quantity;
  }

  function quantityOf(uint256 position_) internal pure returns (uint256) {
    return uint40(position_);
  }

  function memberOf(uint256 position_) internal pure returns (uint256) {
    return uint16(position_ >> 40);
  }

  function sideOf(uint256 position_) internal pure returns (uint256) {
    return uint8(position_ >> 56);
  }

  function amountOf(uint256 position_) internal pure returns (int256) {
    return int64(uint64(position_ >> 64));
  }

  /// @notice A bit for each member of a list of one page. All words but the last are full.
  function membersOf(uint256[] memory words, bool isPairwise) internal pure returns (uint256 members) {
    unchecked {
      uint256 count = words.length;
      for (uint256 i; i + 1 < count; ++i) {
        uint256 full = words.get(i);
        members |= 1 << (full >> 40 & 0xff) | 1 << (full >> 168 & 0xff);
        if (!isPairwise) members |= 1 << (full >> 104 & 0xff) | 1 << (full >> 232 & 0xff);
      }
      if (count == 0) return members;
      for (uint256 word = words.get(count - 1) >> 40; word != 0; word >>= bitsOf(isPairwise)) {
        members |= 1 << (word & 0xff);
      }
    }
  }

  /// @notice The hash that commits to a list; it leaves its low 40 bits to who keeps it.
  function hashOf(uint256[] memory words) internal pure returns (bytes32) {
    return bytes32(uint256(words.hash()) & ~uint256(type(uint40).max));
  }
}
