// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";
import { OrderLib } from "./OrderLib.sol";
import { PositionLib } from "./PositionLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice Verifies a submitted book of orders, of whatever market: signatures, limits, merit order, rationing at the
/// margin, pairs, and that no welfare is left. It never searches. It clears a quantity: what a unit is, an order's type
/// hash and its domain are the market's. docs/model/clearing.md has the equations.
library AuctionLib {
  using DynamicArrayLib for uint256[];
  using OrderLib for OrderLib.Desk;

  uint8 internal constant BID = OrderLib.BID;
  uint8 internal constant OFFER = OrderLib.OFFER;
  /// @notice How a market's price is made: one price at the midpoint of the marginal pair, a price for each pair, or one
  /// price that supports the outcome.
  uint8 internal constant UNIFORM = 0;
  uint8 internal constant MIDPOINT = 1;
  uint8 internal constant MARGINAL = 2;
  uint256 internal constant DIRECTORY = OrderLib.DIRECTORY;

  /// @dev The quantity of a total; and what no common one has: more than a position holds of quantity or amount.
  uint256 private constant TRADED = 0xffffffffffffffff;
  uint256 private constant BEYOND = 0xffffffffffffffff80000000000000000000000000000000ffffff0000000000;
  /// @dev Amount and side of a position.
  uint256 private constant AMOUNT = type(uint256).max << 64;
  uint256 private constant SIDE = 1 << 56;

  /// @notice How the orders at the marginal price share what is left for them, pro rata by member. A member gets the unit
  /// that rounding left iff its remainder is above the cut, or at the cut with a number up to the cut's.
  struct Rationing {
    uint64 levelQuantity;
    uint64 filledQuantity;
    uint64 cutRemainder;
    uint16 cutMember;
  }

  /// @notice What one side carries from step to step.
  struct Side {
    uint64 lastKey;
    uint48 filled;
    uint48 level;
    uint48 levelFilled;
    uint40 firstLeftRank;
  }

  /// @param bidLeft a bid that waits for the rest of its pair, as in a cursor's orders; its quantity is that rest (midpoint only)
  struct Carry {
    Side bids;
    Side offers;
    uint256 bidLeft;
    uint256 offerLeft;
  }

  /// @notice A clearing under way: what was declared in its first step, and what that step left.
  struct Progress {
    bytes32 outcomeHash;
    Carry carry;
  }

  /// @dev What the walk over the orders works with: who signs what, and the price band.
  struct Walk {
    OrderLib.Desk desk;
    int256 floor;
    int256 ceiling;
    bool isPairwise;
  }

  /// @dev The state of one side while its orders are walked. `orders` are words: rank | member (16 bits) | sequence (8) |
  /// quantity (32). `full` of them are better than the margin; `count` are so, or at the margin: with midpoints, these have
  /// what is filled of them in place of their quantity.
  struct Cursor {
    uint8 side;
    uint256[] orders;
    uint256 full;
    uint256 filled;
    uint256 level;
    uint256 levelFilled;
    uint256 count;
  }

  // -- prices

  /// @notice The price of a clearing: the midpoint of the marginal pair. MARGINAL: moved to the nearest price from the best
  /// bid to the best offer with quantity left, so that no order is rationed, or left out, at a price better than its limit.
  function localPriceOf(
    uint8 pricing,
    int256 marginalBid,
    int256 marginalOffer,
    int256 bestBidLeft,
    int256 bestOfferLeft
  ) internal pure returns (int256 price) {
    price = (marginalBid + marginalOffer) >> 1;
    if (pricing != MARGINAL) return price;
    if (price < bestBidLeft) return bestBidLeft;
    if (price > bestOfferLeft) return bestOfferLeft;
  }

  // -- steps

  /// @notice Starts a clearing, or goes on with one whose outcome must be unchanged.
  function resume(Progress storage progress, bytes32 outcomeHash) internal view returns (Carry memory carry) {
    if (progress.outcomeHash != outcomeHash) revert OutcomeChanged(progress.outcomeHash, outcomeHash);
    carry = progress.carry;
  }

  function suspend(Progress storage progress, bytes32 outcomeHash, Carry memory carry) internal {
    if (progress.outcomeHash == 0) progress.outcomeHash = outcomeHash;
    progress.carry = carry;
  }

  // -- the walk

  /// @notice Verifies the orders of one side, and books the fills.
  function walkSide(
    Walk memory walk,
    Side memory state,
    Rationing calldata rationing,
    uint8 side,
    int256 marginalPrice,
    bytes calldata packed
  ) internal view returns (Cursor memory cursor) {
    if (rationing.filledQuantity > rationing.levelQuantity) {
      revert InvalidRationing(side);
    }
    uint256 marginRank = rationing.filledQuantity == 0 ? 0 : OrderLib.rankOf(side, marginalPrice);
    cursor.side = side;
    (cursor.orders, cursor.filled) = walk.desk.requireOrders(side, state.lastKey, marginRank, packed);
    _requireApart(state, side, cursor.orders);
    _requireBand(walk, side, cursor.orders);
    _skipBetter(cursor, marginRank);
    _fillLevel(walk, cursor, rationing, marginRank);
    if (cursor.count < cursor.orders.length && state.firstLeftRank == 0) {
      state.firstLeftRank = uint40(cursor.orders[cursor.count] >> 56);
    }
    _keep(state, cursor);
  }

  // -- what must hold in the end

  /// @notice Requires that the book is cleared to the last unit: declared levels met, the declared quantity bought and
  /// sold, and the best bid left below the best offer left (welfare is maximal).
  /// @return bestBid the highest price of a bid with quantity left; the least number without one
  /// @return bestOffer the lowest price of an offer with quantity left; the greatest number without one
  function requireMaximal(
    Carry memory carry,
    Rationing calldata bids,
    Rationing calldata offers,
    int256 marginalBid,
    int256 marginalOffer,
    uint256 clearedQuantity
  ) internal pure returns (int256 bestBid, int256 bestOffer) {
    _requireLevel(carry.bids, bids, BID);
    _requireLevel(carry.offers, offers, OFFER);
    if (carry.bids.filled != clearedQuantity || carry.offers.filled != clearedQuantity) {
      revert VolumesDiffer(carry.bids.filled, carry.offers.filled, clearedQuantity);
    }
    bestBid = bids.filledQuantity < bids.levelQuantity ? marginalBid : type(int256).min;
    bestOffer = offers.filledQuantity < offers.levelQuantity ? marginalOffer : type(int256).max;
    if (bestBid == type(int256).min && carry.bids.firstLeftRank != 0) {
      bestBid = OrderLib.priceOf(BID, carry.bids.firstLeftRank);
    }
    if (bestOffer == type(int256).max && carry.offers.firstLeftRank != 0) {
      bestOffer = OrderLib.priceOf(OFFER, carry.offers.firstLeftRank);
    }
    if (bestBid >= bestOffer) revert NotMaximal(bestBid, bestOffer);
  }

  /// @notice Requires of a one-sided (reverse) auction that the best orders meet the demand, or that none is left.
  function requireDemandMet(Side memory state, Rationing calldata rationing, uint8 side, uint256 demanded)
    internal
    pure
  {
    _requireLevel(state, rationing, side);
    bool isLeft = state.firstLeftRank != 0 || rationing.filledQuantity < rationing.levelQuantity;
    if (state.filled > demanded || (state.filled < demanded && isLeft)) {
      revert DemandNotMet(state.filled, demanded);
    }
  }

  function _requireLevel(Side memory state, Rationing calldata rationing, uint8 side) private pure {
    bool isMet = state.level == rationing.levelQuantity && state.levelFilled == rationing.filledQuantity;
    if (!isMet) revert InvalidRationing(side);
  }

  // -- positions

  /// @notice What a member traded according to its total, as a position of PositionLib. With an order and without a fill,
  /// its quantity is zero. No member is on both sides: netting would let it trade with itself.
  function positionOf(uint256 total, uint256 member) internal pure returns (uint256) {
    unchecked {
      if (total >> 126 & 3 == 3) revert OnBothSides(uint16(member));
      uint256 quantity = uint64(total);
      if (quantity >> PositionLib.QUANTITY_BITS != 0) revert QuantityTooLarge(quantity);
      int256 amount = int256(total) >> 128;
      if (int64(amount) != amount) revert PaymentTooLarge(uint16(member), amount);
      return PositionLib.position(total >> 127 & 1, member, quantity, amount);
    }
  }

  /// @notice The commitment to the positions of the members at `first` to `end` - 1; zero when there is none. `isLast`
  /// leaves those out that traded nothing.
  function commit(Walk memory walk, uint256 first, uint256 end, bool isLast) internal pure returns (bytes32) {
    unchecked {
      uint256 bits = PositionLib.bitsOf(walk.isPairwise);
      uint256[] memory words = DynamicArrayLib.malloc((end - first) * bits / 256 + 1);
      (uint256 count, uint256 shift, uint256 open) = (0, 0, 0);
      uint256[] memory totals = walk.desk.totals;
      uint256 member = walk.desk.base + first;
      for (uint256 i = first; i < end; (++i, ++member)) {
        uint256 total = totals.get(i);
        if (total == 0) continue;
        if (_isCommon(total)) {
          // Amount and side stand 64 and 71 bits lower in a position.
          uint256 position = total >> 64 & AMOUNT | total >> 71 & SIDE | member << 40 | total & TRADED;
          open |= position << shift;
        } else {
          if (isLast && total & TRADED == 0 && total >> 126 != 3) continue;
          open |= positionOf(total, member) << shift;
        }
        shift += bits;
        if (shift != 256) continue;
        words.set(count++, open);
        (open, shift) = (0, 0);
      }
      if (open != 0) words.set(count++, open);
      return count == 0 ? bytes32(0) : PositionLib.hashOf(words.truncate(count));
    }
  }

  /// @dev Whether a total is of a trade on one side, of no negative amount, within a position's bits; without a jump.
  function _isCommon(uint256 total) private pure returns (bool isCommon) {
    assembly ("memory-safe") {
      isCommon := and(lt(and(shr(126, total), 3), 3), gt(and(total, TRADED), 0))
      isCommon := and(isCommon, iszero(and(total, BEYOND)))
    }
  }

  /// @notice Takes up what a member traded in earlier steps.
  function restore(Walk memory walk, uint256 position) internal pure {
    unchecked {
      uint256 mark = PositionLib.sideOf(position) == OFFER ? OrderLib.OFFER_MARK : OrderLib.BID_MARK;
      uint256 amount = uint256(PositionLib.amountOf(position)) << 128;
      uint256 index = PositionLib.memberOf(position) - walk.desk.base;
      walk.desk.totals.set(index, amount | mark | PositionLib.quantityOf(position));
    }
  }

  /// @notice Power of the member's connection, W.
  function capacityOf(Walk memory walk, uint256 index) internal view returns (uint256 capacityW) {
    capacityW = uint32(walk.desk.totals.get(index) >> 64);
    if (capacityW == 0) capacityW = uint32(walk.desk.entryOf(index) >> 64);
  }

  // -- internal

  /// @dev The orders of a member at one price share its rounding: they come in one step. Notes where the next goes on.
  function _requireApart(Side memory state, uint8 side, uint256[] memory orders) private pure {
    unchecked {
      uint256 count = orders.length;
      if (count == 0) return;
      if (orders.get(0) >> 40 == state.lastKey >> 8) revert OutOfOrder(side, 0);
      state.lastKey = uint64(orders.get(count - 1) >> 32);
    }
  }

  /// @dev Orders stand in merit order, so that the first and the last of them bound all limits.
  function _requireBand(Walk memory walk, uint8 side, uint256[] memory orders) private pure {
    if (orders.length == 0) return;
    uint256 best = orders[0];
    uint256 worst = orders[orders.length - 1];
    bool isBestWithin = best >> 56 >= OrderLib.rankOf(side, side == BID ? walk.ceiling : walk.floor);
    bool isWorstWithin = worst >> 56 <= OrderLib.rankOf(side, side == BID ? walk.floor : walk.ceiling);
    if (isBestWithin && isWorstWithin) return;
    uint256 outside = isBestWithin ? worst : best;
    revert OutsidePriceBand(uint16(outside >> 40), int32(OrderLib.priceOf(side, outside >> 56)));
  }

  /// @dev Finds where the marginal level starts; what is better is booked.
  function _skipBetter(Cursor memory cursor, uint256 marginRank) private pure {
    unchecked {
      (uint256[] memory orders, uint256 i) = (cursor.orders, cursor.orders.length);
      while (i != 0 && orders.get(i - 1) >> 56 >= marginRank) {
        --i;
      }
      cursor.full = i;
    }
  }

  /// @dev Fills the orders at the marginal price: ⌊quantity · filled / level⌋ for each member, and one more above the
  /// cut. Finds where the level ends.
  function _fillLevel(
    Walk memory walk,
    Cursor memory cursor,
    Rationing calldata rationing,
    uint256 marginRank
  ) private pure {
    unchecked {
      (uint256[] memory orders, uint256 count) = (cursor.orders, cursor.orders.length);
      (uint256 level, uint256 filled) = (rationing.levelQuantity, rationing.filledQuantity);
      uint256 i = cursor.full;
      while (i < count && orders.get(i) >> 56 == marginRank) {
        uint256 group = orders.get(i) >> 40;
        uint256 first = i;
        uint256 quantity;
        for (; i < count && orders.get(i) >> 40 == group; ++i) {
          quantity += uint32(orders.get(i));
        }
        uint256 share = quantity * filled / level;
        uint256 remainder = quantity * filled - share * level;
        uint256 cut = rationing.cutRemainder;
        if (remainder > cut || (remainder == cut && uint16(group) <= rationing.cutMember)) ++share;
        cursor.level += quantity;
        cursor.levelFilled += share;
        if (walk.isPairwise) _fillOrders(orders, first, i, share);
        if (share != 0) _book(walk.desk.totals, uint16(group) - walk.desk.base, share);
      }
      cursor.count = i;
    }
  }

  /// @dev Writes a member's share at the margin into its first order there, so that it waits for its pairs as one; what exceeds
  /// 32 bits into the next.
  function _fillOrders(uint256[] memory orders, uint256 first, uint256 end, uint256 share) private pure {
    unchecked {
      for (uint256 i = first; i < end; ++i) {
        uint256 fill = share < type(uint32).max ? share : type(uint32).max;
        orders.set(i, orders.get(i) >> 32 << 32 | fill);
        share -= fill;
      }
    }
  }

  /// @dev Carries the side to the next step.
  function _keep(Side memory state, Cursor memory cursor) private pure {
    uint256 filled = state.filled + cursor.filled + cursor.levelFilled;
    uint256 level = state.level + cursor.level;
    if (filled > type(uint48).max) revert QuantityTooLarge(filled);
    if (level > type(uint48).max) revert QuantityTooLarge(level);
    state.filled = uint48(filled);
    state.level = uint48(level);
    state.levelFilled += uint48(cursor.levelFilled);
  }

  function _book(uint256[] memory totals, uint256 index, uint256 addend) private pure {
    unchecked {
      totals.set(index, totals.get(index) + addend);
    }
  }
}
