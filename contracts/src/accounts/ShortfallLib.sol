// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MalformedPosting } from "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { BindingLib } from "./BindingLib.sol";
import { LibBit } from "solady/utils/LibBit.sol";

/// @notice Which seats fall short of what a market would hold, lane by lane.
library ShortfallLib {
  using BindingLib for BindingLib.Bindings;

  uint256 private constant LANES = PostingLib.LANES;
  uint256 private constant LANE_BITS = PostingLib.LANE_BITS;
  uint256 private constant LANE = (1 << LANE_BITS) - 1;

  /// @dev A struct, so that a group is looked up once to be read and written.
  struct Margins {
    uint256 lanes;
  }

  /// @notice Gives back the postings before `end`, walks over all of them lane by lane to name each seat that falls short,
  /// and leaves the margins as they were.
  function shortSeats(
    mapping(uint256 group => Margins) storage groups,
    BindingLib.Bindings storage bindings,
    uint256[] calldata postings,
    uint256 end,
    uint256 coversFrom
  ) internal returns (uint32[] memory seats) {
    for (uint256 i; i < end; i += 2) {
      groups[postings[i]].lanes += postings[i + 1];
    }
    uint256 count = postings.length / 2;
    uint256[] memory taken = new uint256[](count);
    uint256[] memory shortBits = new uint256[](count);
    uint256 found;
    for (uint256 i; i < count; ++i) {
      (taken[i], shortBits[i]) =
        _takeByLane(groups, bindings, postings[2 * i], postings[2 * i + 1], coversFrom);
      found += LibBit.popCount(shortBits[i]);
    }
    seats = new uint32[](found);
    found = 0;
    for (uint256 i; i < count; ++i) {
      groups[postings[2 * i]].lanes += taken[i];
      for (uint256 lane; lane < LANES; ++lane) {
        if (shortBits[i] >> lane & 1 == 1) seats[found++] = uint32(postings[2 * i] * LANES + lane);
      }
    }
  }

  /// @dev Takes what the lanes of a group can give, and says which of them cannot.
  function _takeByLane(
    mapping(uint256 group => Margins) storage groups,
    BindingLib.Bindings storage bindings,
    uint256 group,
    uint256 amounts,
    uint256 coversFrom
  ) private returns (uint256 taken, uint256 shortBits) {
    if (amounts >> LANES * LANE_BITS != 0 || group > type(uint32).max / LANES) {
      revert MalformedPosting(group);
    }
    Margins storage margin = groups[group];
    uint256 held = margin.lanes;
    uint256 counted = held - bindings.boundLanes(group, held, coversFrom);
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 amount = amounts >> LANE_BITS * lane & LANE;
      if (amount > counted >> LANE_BITS * lane & LANE) shortBits |= 1 << lane;
      else taken |= amount << LANE_BITS * lane;
    }
    margin.lanes = held - taken;
  }
}
