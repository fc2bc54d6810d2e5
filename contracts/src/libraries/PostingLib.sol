// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice Lists of postings for the ClearingHouse: pairs of (group, four 64-bit amounts).
library PostingLib {
  using DynamicArrayLib for uint256[];

  uint256 internal constant LANES = 4;
  uint256 private constant PAGE = 256;

  struct List {
    uint256[] words;
    uint256 length;
  }

  /// @notice Room for `pages` pages, and for `extra` single ones.
  function list(uint256 pages, uint256 extra) internal pure returns (List memory postings) {
    postings.words = DynamicArrayLib.malloc(2 * (pages * 64 + extra));
  }

  /// @notice Adds the amounts of four accounts; see {laneOf}.
  function append(List memory postings, uint256 group, uint256 lanes) internal pure {
    unchecked {
      uint256 length = postings.length;
      postings.words.set(length, group).set(length + 1, lanes);
      postings.length = length + 2;
    }
  }

  /// @notice Adds the amount of one account; accounts come in rising order, so that a group is always the last one.
  /// Zero adds nothing.
  function add(List memory postings, uint256 account, uint256 amountMicro) internal pure {
    unchecked {
      if (amountMicro == 0) return;
      (uint256[] memory words, uint256 length) = (postings.words, postings.length);
      uint256 lane = laneOf(account, amountMicro);
      if (length != 0 && words.get(length - 2) == account / LANES) {
        words.set(length - 1, words.get(length - 1) | lane);
      } else {
        append(postings, account / LANES, lane);
      }
    }
  }

  /// @notice An amount in the lane of its account.
  /// @param account its low 24 bits count, so that a position will do
  function laneOf(uint256 account, uint256 amountMicro) internal pure returns (uint256) {
    unchecked {
      if (amountMicro > type(uint64).max) revert AmountTooLarge(uint24(account), amountMicro);
      return amountMicro << (account % LANES * 64);
    }
  }

  /// @notice Adds the amounts of a page, given by account % 256. Zeros add nothing.
  function appendPage(List memory postings, uint256 page, uint256[] memory amounts) internal pure {
    unchecked {
      uint256 index;
      for (uint256 account = page * PAGE; account < (page + 1) * PAGE; account += LANES) {
        uint256 lanes;
        for (uint256 i; i < LANES; ++i) {
          uint256 amount = amounts.get(index++);
          if (amount != 0) lanes |= laneOf(account + i, amount);
        }
        if (lanes != 0) append(postings, account / LANES, lanes);
      }
    }
  }

  /// @notice Adds one amount in a posting of its own, whatever came before.
  function appendSingle(List memory postings, uint256 account, uint256 amountMicro) internal pure {
    postings.words[postings.length] = account / LANES;
    postings.words[postings.length + 1] = laneOf(account, amountMicro);
    postings.length += 2;
  }

  /// @notice The words to send; the list must not be used any more.
  function finish(List memory postings) internal pure returns (uint256[] memory) {
    return postings.words.truncate(postings.length);
  }
}
