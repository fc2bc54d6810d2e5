// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice Lists of postings for the ClearingHouse: pairs of (group, six 42-bit amounts).
library PostingLib {
  using DynamicArrayLib for uint256[];

  uint256 internal constant LANES = 6;
  uint256 internal constant LANE_BITS = 42;
  /// @notice The largest amount of one posting; larger ones become several.
  uint256 internal constant MAX_AMOUNT_MICRO = (1 << 41) - 1;
  /// @dev All deposits together are less than 64 largest amounts, so that no payment needs more postings than that.
  uint256 private constant SPARE = 128;

  /// @param group whose amounts come in at the moment
  /// @param lanes its amounts
  /// @param spare postings beyond one a group that may still come; room is made for them with the first
  struct List {
    uint256[] words;
    uint256 length;
    uint256 group;
    uint256 lanes;
    uint256 spare;
  }

  /// @notice Room for the seats `first` to `end` - 1, in rising order, and for `extra` single ones.
  function list(uint256 first, uint256 end, uint256 extra) internal pure returns (List memory postings) {
    uint256 groups = end / LANES - first / LANES + 1;
    postings.words = DynamicArrayLib.malloc(2 * (groups + extra));
    postings.spare = SPARE;
  }

  /// @notice Adds the amount of one seat; seats come in rising order, none twice. Zero adds nothing.
  function add(List memory postings, uint256 seat, uint256 amountMicro) internal pure {
    unchecked {
      uint256 group = seat / LANES;
      if (group != postings.group) _startGroup(postings, group);
      if (amountMicro > MAX_AMOUNT_MICRO) amountMicro = _split(postings, seat, amountMicro);
      postings.lanes |= amountMicro << (seat - group * LANES) * LANE_BITS;
    }
  }

  /// @notice Adds one amount in a posting of its own, whatever came before.
  function addSingle(List memory postings, uint256 seat, uint256 amountMicro) internal pure {
    _startGroup(postings, seat / LANES);
    add(postings, seat, amountMicro);
  }

  /// @notice Adds one amount, whatever came before: to the posting under way where its lane is free there.
  function addLate(List memory postings, uint256 seat, uint256 amountMicro) internal pure {
    uint256 group = seat / LANES;
    uint256 lane = postings.lanes >> (seat - group * LANES) * LANE_BITS & (1 << LANE_BITS) - 1;
    if (group != postings.group || lane != 0) _startGroup(postings, group);
    add(postings, seat, amountMicro);
  }

  /// @notice The words to send; the list must not be used any more.
  function finish(List memory postings) internal pure returns (uint256[] memory) {
    _startGroup(postings, 0);
    return postings.words.truncate(postings.length);
  }

  /// @dev Closes the posting of the group so far.
  function _startGroup(List memory postings, uint256 group) private pure {
    unchecked {
      uint256 lanes = postings.lanes;
      if (lanes != 0) {
        uint256 length = postings.length;
        postings.words.set(length, postings.group).set(length + 1, lanes);
        postings.length = length + 2;
        postings.lanes = 0;
      }
      postings.group = group;
    }
  }

  /// @dev Posts the largest amount as often as it goes, in postings of its own, and gives what is left.
  function _split(List memory postings, uint256 seat, uint256 amountMicro) private pure returns (uint256) {
    uint256 parts = amountMicro / MAX_AMOUNT_MICRO;
    if (parts >= postings.spare) revert AmountTooLarge(uint32(seat), amountMicro);
    if (postings.spare == SPARE) _makeRoom(postings);
    postings.spare -= parts + 1;
    uint256 group = postings.group;
    for (uint256 i; i < parts; ++i) {
      _startGroup(postings, group);
      postings.lanes = MAX_AMOUNT_MICRO << seat % LANES * LANE_BITS;
    }
    _startGroup(postings, group);
    return amountMicro - parts * MAX_AMOUNT_MICRO;
  }

  function _makeRoom(List memory postings) private pure {
    uint256[] memory words = DynamicArrayLib.malloc(postings.words.length + 2 * SPARE);
    for (uint256 i; i < postings.length; ++i) {
      words.set(i, postings.words.get(i));
    }
    postings.words = words;
  }
}
