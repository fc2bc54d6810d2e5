// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "./AuctionLib.sol";
import "./Errors.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice Midpoint pricing: what is filled is paired in merit order, and each pair has its own price.
library PairLib {
  using DynamicArrayLib for uint256[];

  /// @notice Pairs the filled bids and offers in merit order, each pair at its midpoint (R9.8), and books what each pays; what
  /// one side has left waits for the next step, and is booked there.
  function pair(
    AuctionLib.Walk memory walk,
    AuctionLib.Cursor memory bids,
    AuctionLib.Cursor memory offers,
    AuctionLib.Carry memory carry
  ) internal pure {
    uint256[] memory totals = walk.desk.totals;
    uint256 base = walk.desk.base;
    _bookLeft(totals, base, carry.bidLeft);
    _bookLeft(totals, base, carry.offerLeft);
    (uint256 bidsLeft, uint256 offersLeft) = _pairAll(totals, base, bids, offers, carry);
    if (bidsLeft > 1 || offersLeft > 1) revert UnevenStep(bidsLeft, offersLeft);
    _takeBack(totals, base, carry.bidLeft);
    _takeBack(totals, base, carry.offerLeft);
  }

  /// @dev Books a quantity that an earlier step took back.
  function _bookLeft(uint256[] memory totals, uint256 base, uint256 left) private pure {
    unchecked {
      if (left != 0) _book(totals, uint16(left >> 40) - base, uint32(left));
    }
  }

  /// @dev Takes a quantity back that has no pair yet.
  function _takeBack(uint256[] memory totals, uint256 base, uint256 left) private pure {
    unchecked {
      if (left != 0) _book(totals, uint16(left >> 40) - base, 0 - uint256(uint32(left)));
    }
  }

  /// @dev Books the amounts of all pairs; gives how many bids and offers have none, and carries one of each. Assembly, since
  /// this runs once a trade. Of a bid at rank b and an offer at rank o, prices add up to o - b - 1; a head without quantity
  /// gives way to the next.
  function _pairAll(
    uint256[] memory totals,
    uint256 base,
    AuctionLib.Cursor memory bids,
    AuctionLib.Cursor memory offers,
    AuctionLib.Carry memory carry
  ) private pure returns (uint256 bidsLeft, uint256 offersLeft) {
    (uint256[] memory bidOrders, uint256[] memory offerOrders) = (bids.orders, offers.orders);
    (uint256 bidCount, uint256 offerCount) = (bids.count, offers.count);
    (uint256 bid, uint256 offer) = (carry.bidLeft, carry.offerLeft);
    assembly ("memory-safe") {
      let zeroth := sub(add(totals, 0x20), shl(5, base))
      let bidSlot := add(bidOrders, 0x20)
      let offerSlot := add(offerOrders, 0x20)
      let bidEnd := add(bidSlot, shl(5, bidCount))
      let offerEnd := add(offerSlot, shl(5, offerCount))
      for { } 1 { } {
        for { } and(iszero(and(bid, 0xffffffff)), lt(bidSlot, bidEnd)) { bidSlot := add(bidSlot, 0x20) } {
          bid := mload(bidSlot)
        }
        for { } and(iszero(and(offer, 0xffffffff)), lt(offerSlot, offerEnd)) {
          offerSlot := add(offerSlot, 0x20)
        } {
          offer := mload(offerSlot)
        }
        let quantity := and(bid, 0xffffffff)
        {
          let other := and(offer, 0xffffffff)
          if lt(other, quantity) { quantity := other }
        }
        if iszero(quantity) { break }
        // Twice the midpoint, lifted by 2³² so that it is halved as a number above zero.
        let amount := sub(add(shr(56, offer), 0xffffffff), shr(56, bid))
        amount := shl(128, mul(quantity, sub(shr(1, amount), 0x80000000)))
        let place := add(zeroth, shl(5, and(shr(40, bid), 0xffff)))
        mstore(place, add(mload(place), amount))
        place := add(zeroth, shl(5, and(shr(40, offer), 0xffff)))
        mstore(place, add(mload(place), amount))
        bid := sub(bid, quantity)
        offer := sub(offer, quantity)
      }
      bidsLeft := gt(and(bid, 0xffffffff), 0)
      offersLeft := gt(and(offer, 0xffffffff), 0)
      for { } lt(bidSlot, bidEnd) { bidSlot := add(bidSlot, 0x20) } {
        bidsLeft := add(bidsLeft, gt(and(mload(bidSlot), 0xffffffff), 0))
      }
      for { } lt(offerSlot, offerEnd) { offerSlot := add(offerSlot, 0x20) } {
        offersLeft := add(offersLeft, gt(and(mload(offerSlot), 0xffffffff), 0))
      }
    }
    carry.bidLeft = uint32(bid) == 0 ? 0 : bid;
    carry.offerLeft = uint32(offer) == 0 ? 0 : offer;
  }

  function _book(uint256[] memory totals, uint256 index, uint256 addend) private pure {
    unchecked {
      totals.set(index, totals.get(index) + addend);
    }
  }
}
