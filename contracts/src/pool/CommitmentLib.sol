// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolLib } from "./PoolLib.sol";

/// @notice Where a pool keeps what a clearing committed to on a page, until it is settled or returned. Each page of an area has
/// a shelf of four words, one for every fourth interval, which are used again and again: to write over a word costs a
/// quarter of a new one, and next to nothing where one transaction settles what is due and clears what comes. Where the word
/// is in use, because more than four intervals are open, a commitment takes a word of its own.
/// @dev A word on a shelf is hash (216 bits) | interval (32) | attempt (8); without the hash it is free.
library CommitmentLib {
  uint256 private constant SHELF = 3;
  uint256 private constant TAG = type(uint40).max;

  /// @notice A page of an attempt to clear an interval.
  struct Page {
    uint16 areaId;
    uint32 intervalId;
    uint8 attempt;
    uint256 page;
  }

  /// @notice What is committed to; zero when nothing of it is in escrow.
  function read(PoolLib.State storage state, Page memory page) internal view returns (bytes32) {
    uint256 word = state.shelves[_shelfOf(page)];
    if (word & TAG == _tagOf(page)) return bytes32(word & ~TAG);
    return state.positionsHashes[_keyOf(page)];
  }

  /// @param isNew whether nothing was committed to before
  function write(PoolLib.State storage state, Page memory page, bytes32 committed, bool isNew) internal {
    (uint256 shelf, uint256 tag) = (_shelfOf(page), _tagOf(page));
    uint256 word = state.shelves[shelf];
    bool isFree = word <= TAG && (isNew || state.positionsHashes[_keyOf(page)] == 0);
    if (isFree || word & TAG == tag) state.shelves[shelf] = uint256(committed) | tag;
    else state.positionsHashes[_keyOf(page)] = committed;
  }

  /// @notice Ends a commitment, and gives what it was; zero when there is none.
  function take(PoolLib.State storage state, Page memory page) internal returns (bytes32 committed) {
    (uint256 shelf, uint256 tag) = (_shelfOf(page), _tagOf(page));
    uint256 word = state.shelves[shelf];
    if (word & TAG == tag) {
      if (word != tag) state.shelves[shelf] = tag;
      return bytes32(word ^ tag);
    }
    committed = state.positionsHashes[_keyOf(page)];
    if (committed != 0) delete state.positionsHashes[_keyOf(page)];
  }

  function _tagOf(Page memory page) private pure returns (uint256) {
    return uint256(page.intervalId) << 8 | page.attempt;
  }

  function _shelfOf(Page memory page) private pure returns (uint256) {
    return (uint256(page.areaId) << 8 | page.page) << 2 | page.intervalId & SHELF;
  }

  function _keyOf(Page memory page) private pure returns (uint256) {
    return PoolLib.attemptKeyOf(page.areaId, page.intervalId, page.attempt) << 8 | page.page;
  }
}
