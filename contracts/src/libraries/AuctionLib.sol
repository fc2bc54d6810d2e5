// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AreaRegistry } from "../metering/AreaRegistry.sol";
import "./Errors.sol";
import { PositionLib } from "./PositionLib.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { ECDSA } from "solady/utils/ECDSA.sol";
import { EfficientHashLib } from "solady/utils/EfficientHashLib.sol";
import { LibBytes } from "solady/utils/LibBytes.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @notice Verifies a submitted book of orders, of whatever market: signatures, limits, merit order, rationing at the
/// margin, pairs, and that no welfare is left. It never searches. It clears a quantity: what a unit is, an order's type
/// hash and its domain are the market's. docs/model/clearing.md has the equations.
/// @dev A packed order is 75 bytes: r (32) | vs (32, EIP-2098) | member (2) | limit price (4, signed) | quantity (4) |
/// sequence (1). Its side is the list it stands in. Within a side an order has a rank, 1 being the best possible price;
/// rank 0 stands for "better than any". `key` = rank | member | sequence rises strictly, so no order comes twice.
library AuctionLib {
  using DynamicArrayLib for uint256[];
  using EfficientHashLib for bytes32[];

  uint8 internal constant BID = 0;
  uint8 internal constant OFFER = 1;
  /// @notice How a market's price is made: one price at the midpoint of the marginal pair, a price for each pair, or one
  /// price that supports the outcome.
  uint8 internal constant UNIFORM = 0;
  uint8 internal constant MIDPOINT = 1;
  uint8 internal constant MARGINAL = 2;
  /// @notice Orders of one member at one price; the sequence counts them.
  uint256 internal constant MAX_ORDERS = 16;
  uint256 internal constant DIRECTORY = 256;

  uint256 internal constant ORDER_BYTES = 75;
  /// @dev Bytes of a member in a directory's code: who signs (20), the connection's capacity in W (4).
  uint256 private constant ENTRY_BYTES = 24;
  int256 private constant PRICE_BIAS = 1 << 31;
  /// @dev The bits of an order that a sequence below {MAX_ORDERS} leaves zero.
  uint256 private constant TOO_MANY = 0xf0 << 32;
  /// @dev Where an entry and a total have a member's capacity.
  uint256 private constant CAPACITY = uint256(type(uint32).max) << 64;
  /// @dev The quantity of a total; and what is above its bits, but the capacity and the marks.
  uint256 private constant TRADED = type(uint64).max;
  uint256 private constant BEYOND = TRADED ^ type(uint40).max;
  uint256 private constant BID_MARK = 1 << 126;
  uint256 private constant OFFER_MARK = 1 << 127;

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

  /// @param bidLeft a filled bid that waits for the rest of its pair, as in a cursor's entries (midpoint only)
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

  /// @dev Everything that the walk over the orders needs, fetched once. `words` are the words of an order's EIP-712
  /// struct, filled in anew for each order. Members are counted from `base`, the first of a directory: `fresh` has
  /// a bit for each of whom `directories` tell the truth; `lookedUp` are entries like theirs, of the others. `totals` has for each member what it
  /// traded: amount (int128, thousandths, pairs only; positive is from buyer to seller) | has an offer (1) | has a bid (1)
  /// | zero (30) | capacity, W, when it has an order in this step (32) | quantity (64).
  struct Walk {
    AreaRegistry areas;
    uint16 areaId;
    uint256 closesAt;
    bytes32 domainSeparator;
    bytes32[] words;
    int256 floor;
    int256 ceiling;
    bool isPairwise;
    uint256 base;
    uint256[] fresh;
    bytes[] directories;
    uint256[] lookedUp;
    uint256[] totals;
  }

  /// @dev The state of one side while its orders are walked. `orders` are words: rank | member (16 bits) | sequence (8) |
  /// quantity (32). `full` orders are better than the margin. `entries` are filled orders waiting for their pair
  /// (midpoint only): price + 2³¹ (from bit 128) | index into totals (64) | quantity (64).
  struct Cursor {
    uint8 side;
    uint256[] orders;
    uint256 full;
    uint256 filled;
    uint256 level;
    uint256 levelFilled;
    uint256 count;
    uint256[] entries;
  }

  // -- prices

  function rankOf(uint8 side, int256 price) internal pure returns (uint256) {
    unchecked {
      return side == BID ? uint256(PRICE_BIAS - price) : uint256(price + PRICE_BIAS + 1);
    }
  }

  function priceOf(uint8 side, uint256 rank) internal pure returns (int256) {
    unchecked {
      return side == BID ? PRICE_BIAS - int256(rank) : int256(rank) - PRICE_BIAS - 1;
    }
  }

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

  /// @notice Takes over what an area's registry says of the members of the directories from that of `walk.base` to that
  /// of `lastMember`.
  function readMembers(
    Walk memory walk,
    uint256 lastMember,
    uint256[] memory fresh,
    address[] memory pointers
  ) internal view {
    walk.fresh = fresh;
    walk.directories = new bytes[](pointers.length);
    for (uint256 i; i < pointers.length; ++i) {
      if (fresh[i] != 0) walk.directories[i] = SSTORE2.read(pointers[i]);
    }
    walk.totals = new uint256[](lastMember + 1 - walk.base);
  }

  /// @notice The words that an order's EIP-712 struct has in common with all others of its interval.
  function wordsOf(bytes32 typeHash, uint16 areaId, uint32 intervalId)
    internal
    pure
    returns (bytes32[] memory words)
  {
    words = EfficientHashLib.malloc(8);
    words.set(0, typeHash).set(1, uint256(areaId)).set(2, uint256(intervalId));
  }

  /// @notice Verifies the orders of one side, and books the fills (one price) or lists them for pairing.
  function walkSide(
    Walk memory walk,
    Side memory state,
    Rationing calldata rationing,
    uint8 side,
    int256 marginalPrice,
    uint256 leftover,
    bytes calldata packed
  ) internal view returns (Cursor memory cursor) {
    if (rationing.filledQuantity > rationing.levelQuantity) {
      revert InvalidRationing(side);
    }
    uint256 marginRank = rationing.filledQuantity == 0 ? 0 : rankOf(side, marginalPrice);
    cursor.side = side;
    _requireOrders(walk, state, cursor, walk.isPairwise ? 0 : marginRank, packed);
    _requireBand(walk, side, cursor.orders);
    if (walk.isPairwise) _listBetter(walk, cursor, leftover, marginRank);
    else _skipBetter(cursor, marginRank);
    uint256 next = _fillLevel(walk, cursor, rationing, marginRank);
    if (next < cursor.orders.length && state.firstLeftRank == 0) {
      state.firstLeftRank = uint40(cursor.orders[next] >> 56);
    }
    _keep(state, cursor);
  }

  /// @notice Pairs the filled bids and offers in merit order, each pair at its midpoint (R9.8); what one side has left
  /// waits for the next step.
  function pair(Walk memory walk, Cursor memory bids, Cursor memory offers, Carry memory carry)
    internal
    pure
  {
    unchecked {
      uint256[] memory totals = walk.totals;
      (uint256 i, uint256 j) = (0, 0);
      // After its last entry a list reads zero: nothing left to pair.
      (uint256[] memory bidEntries, uint256[] memory offerEntries) = (bids.entries, offers.entries);
      (uint256 bid, uint256 offer) = (bidEntries.get(0), offerEntries.get(0));
      while (bid != 0 && offer != 0) {
        uint256 quantity = uint64(bid) < uint64(offer) ? uint64(bid) : uint64(offer);
        uint256 amount = quantity * (((bid >> 128) + (offer >> 128) >> 1) - uint256(PRICE_BIAS));
        _book(totals, uint64(bid >> 64), amount << 128 | quantity);
        _book(totals, uint64(offer >> 64), amount << 128 | quantity);
        bid -= quantity;
        offer -= quantity;
        if (uint64(bid) == 0) bid = bidEntries.get(++i);
        if (uint64(offer) == 0) offer = offerEntries.get(++j);
      }
      if (bids.count - i > 1 || offers.count - j > 1) revert UnevenStep(bids.count - i, offers.count - j);
      carry.bidLeft = bid;
      carry.offerLeft = offer;
    }
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
      bestBid = priceOf(BID, carry.bids.firstLeftRank);
    }
    if (bestOffer == type(int256).max && carry.offers.firstLeftRank != 0) {
      bestOffer = priceOf(OFFER, carry.offers.firstLeftRank);
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
      uint256[] memory totals = walk.totals;
      uint256 bits = PositionLib.bitsOf(walk.isPairwise);
      uint256[] memory words = DynamicArrayLib.malloc((end - first) * bits / 256 + 1);
      (uint256 count, uint256 shift, uint256 open) = (0, 0, 0);
      for (uint256 i = first; i < end; ++i) {
        uint256 total = totals.get(i);
        if (total & TRADED == 0 && (isLast || total == 0)) {
          if (total >> 126 != 3) continue;
        }
        // At one price, within one side and its bits: the common case, without a call.
        if (total >> 126 < 3 && total & BEYOND == 0) {
          open |= (total >> 127 << 56 | (walk.base + i) << 40 | total & TRADED) << shift;
        } else {
          open |= positionOf(total, walk.base + i) << shift;
        }
        shift += bits;
        if (shift == 256) {
          words.set(count++, open);
          (open, shift) = (0, 0);
        }
      }
      if (open != 0) words.set(count++, open);
      return count == 0 ? bytes32(0) : words.truncate(count).hash();
    }
  }

  /// @notice Takes up what a member traded in earlier steps.
  function restore(Walk memory walk, uint256 position) internal pure {
    unchecked {
      uint256 mark = PositionLib.sideOf(position) == OFFER ? OFFER_MARK : BID_MARK;
      uint256 amount = uint256(PositionLib.amountOf(position)) << 128;
      uint256 index = PositionLib.memberOf(position) - walk.base;
      walk.totals.set(index, amount | mark | PositionLib.quantityOf(position));
    }
  }

  /// @notice Power of the member's connection, W.
  function capacityOf(Walk memory walk, uint256 index) internal view returns (uint256 capacityW) {
    capacityW = uint32(walk.totals.get(index) >> 64);
    if (capacityW == 0) capacityW = uint32(_entryOf(walk, index) >> 64);
  }

  // -- internal

  /// @dev Each order is signed, and they stand in merit order after those of earlier steps. Those that are better than
  /// `bookRank` are booked.
  function _requireOrders(
    Walk memory walk,
    Side memory state,
    Cursor memory cursor,
    uint256 bookRank,
    bytes calldata packed
  ) private view {
    unchecked {
      uint256 count = packed.length / ORDER_BYTES;
      if (count * ORDER_BYTES != packed.length) revert MalformedOrders(packed.length);
      uint256[] memory orders = DynamicArrayLib.malloc(count);
      cursor.orders = orders;
      walk.words.set(4, uint256(cursor.side));
      uint256 mark = cursor.side == BID ? BID_MARK : OFFER_MARK;
      uint256 lastKey = state.lastKey;
      uint256 filled;
      for (uint256 i; i < count; ++i) {
        uint256 tail = uint256(LibBytes.loadCalldata(packed, i * ORDER_BYTES + 43));
        uint256 order = _orderOf(mark, tail);
        if (order >> 32 <= lastKey) revert OutOfOrder(cursor.side, i);
        lastKey = order >> 32;
        orders.set(i, order);
        uint256 quantity = order >> 56 < bookRank ? uint32(order) : 0;
        filled += quantity;
        if (_recover(walk, tail, packed, i * ORDER_BYTES) != _admit(walk, order, mark, quantity)) {
          revert InvalidSignature(uint16(order >> 40), cursor.side, i);
        }
      }
      // The orders of a member at one price share its rounding: they come in one step.
      if (count != 0 && orders.get(0) >> 40 == state.lastKey >> 8) revert OutOfOrder(cursor.side, 0);
      state.lastKey = uint64(lastKey);
      cursor.filled = filled;
    }
  }

  /// @dev Who signed the order at `offset`; zero when nobody did.
  function _recover(Walk memory walk, uint256 tail, bytes calldata packed, uint256 offset)
    private
    view
    returns (uint256)
  {
    unchecked {
      bytes32[] memory words = walk.words;
      words.set(3, tail >> 72 & 0xffff).set(5, uint256(int256(int32(uint32(tail >> 40)))));
      words.set(6, tail >> 8 & type(uint32).max).set(7, tail & 0xff);
      bytes32 digest = MessageHashUtils.toTypedDataHash(walk.domainSeparator, words.hash());
      return uint160(
        ECDSA.tryRecover(
          digest, LibBytes.loadCalldata(packed, offset), LibBytes.loadCalldata(packed, offset + 32)
        )
      );
    }
  }

  /// @param tail member (16 bits) | limit price (32) | quantity (32) | sequence (8), below other bits
  function _orderOf(uint256 mark, uint256 tail) private pure returns (uint256) {
    unchecked {
      // Flipping the sign bit adds 2³¹.
      uint256 biased = (tail >> 40 ^ 1 << 31) & type(uint32).max;
      uint256 rank = mark == BID_MARK ? (1 << 32) - biased : biased + 1;
      return rank << 56 | (tail >> 32 & 0xffff << 40) | (tail & 0xff) << 32 | (tail >> 8 & type(uint32).max);
    }
  }

  /// @dev Marks its member's side, notes its capacity, books `quantity` to it; gives whose signature the order needs, never
  /// zero.
  function _admit(Walk memory walk, uint256 order, uint256 mark, uint256 quantity)
    private
    view
    returns (uint256 signer)
  {
    unchecked {
      // Below the first member, the difference wraps to a number beyond all totals.
      uint256 index = (order >> 40 & 0xffff) - walk.base;
      uint256[] memory totals = walk.totals;
      if (index >= totals.length) revert MemberOutsideRange(uint16(order >> 40));
      if (uint32(order) == 0) revert ZeroQuantity(uint16(order >> 40));
      if (order & TOO_MANY != 0) revert TooManyOrders(uint16(order >> 40));
      uint256 entry = _entryOf(walk, index);
      totals.set(index, (totals.get(index) | mark | (entry & CAPACITY)) + quantity);
      signer = entry >> 96;
    }
  }

  /// @dev Signer (160 bits) | capacity, W (32) | other bits (64).
  function _entryOf(Walk memory walk, uint256 index) private view returns (uint256) {
    unchecked {
      bool isFresh = walk.fresh.get(index >> 8) >> (index & 255) & 1 == 1;
      if (!isFresh) return _lookUp(walk, index);
      return uint256(LibBytes.load(walk.directories[index >> 8], (index & 255) * ENTRY_BYTES));
    }
  }

  /// @dev The entry of a member of whom no directory tells, asked for once: a member that changed its signer must not make
  /// a clearing dear.
  function _lookUp(Walk memory walk, uint256 index) private view returns (uint256 entry) {
    unchecked {
      if (walk.lookedUp.length == 0) walk.lookedUp = new uint256[](walk.totals.length);
      entry = walk.lookedUp.get(index);
      if (entry != 0) return entry;
      uint16 member = uint16(walk.base + index);
      (address signer, uint32 capacityW) = walk.areas.signerAt(walk.areaId, member, walk.closesAt);
      if (signer == address(0)) revert NotTradable(member);
      entry = uint256(uint160(signer)) << 96 | uint256(capacityW) << 64;
      walk.lookedUp.set(index, entry);
    }
  }

  /// @dev Orders stand in merit order, so that the first and the last of them bound all limits.
  function _requireBand(Walk memory walk, uint8 side, uint256[] memory orders) private pure {
    if (orders.length == 0) return;
    uint256 best = orders[0];
    uint256 worst = orders[orders.length - 1];
    bool isBestWithin = best >> 56 >= rankOf(side, side == BID ? walk.ceiling : walk.floor);
    bool isWorstWithin = worst >> 56 <= rankOf(side, side == BID ? walk.floor : walk.ceiling);
    if (isBestWithin && isWorstWithin) return;
    uint256 outside = isBestWithin ? worst : best;
    revert OutsidePriceBand(uint16(outside >> 40), int32(priceOf(side, outside >> 56)));
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

  /// @dev Lists the orders that are better than the margin for pairing, after what an earlier step left over.
  function _listBetter(Walk memory walk, Cursor memory cursor, uint256 leftover, uint256 marginRank)
    private
    pure
  {
    unchecked {
      (uint256[] memory orders, uint256 count) = (cursor.orders, cursor.orders.length);
      // Room for what is left over, and for a zero at the end.
      cursor.entries = new uint256[](count + 2);
      if (leftover != 0) cursor.entries.set(cursor.count++, leftover);
      uint256 filled;
      uint256 i;
      for (; i < count; ++i) {
        uint256 order = orders.get(i);
        if (order >> 56 >= marginRank) break;
        filled += uint32(order);
        _list(walk, cursor, order >> 40, uint32(order));
      }
      cursor.full = i;
      cursor.filled = filled;
    }
  }

  /// @param group rank | member
  function _list(Walk memory walk, Cursor memory cursor, uint256 group, uint256 quantity) private pure {
    unchecked {
      uint256 biased = uint256(priceOf(cursor.side, group >> 16) + PRICE_BIAS);
      uint256 index = uint16(group) - walk.base;
      cursor.entries.set(cursor.count++, biased << 128 | index << 64 | quantity);
    }
  }

  /// @dev Fills the orders at the marginal price: ⌊quantity · filled / level⌋ for each member, and one more above the
  /// cut. Gives back where the level ends.
  function _fillLevel(
    Walk memory walk,
    Cursor memory cursor,
    Rationing calldata rationing,
    uint256 marginRank
  ) private pure returns (uint256 i) {
    unchecked {
      (uint256[] memory orders, uint256 count) = (cursor.orders, cursor.orders.length);
      (uint256 level, uint256 filled) = (rationing.levelQuantity, rationing.filledQuantity);
      i = cursor.full;
      while (i < count && orders.get(i) >> 56 == marginRank) {
        uint256 group = orders.get(i) >> 40;
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
        if (share == 0) continue;
        if (walk.isPairwise) _list(walk, cursor, group, share);
        else _book(walk.totals, uint16(group) - walk.base, share);
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
