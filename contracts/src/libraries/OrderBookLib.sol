// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../accounts/ParticipantRegistry.sol";
import "./Errors.sol";
import { MessageHashUtils } from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { ECDSA } from "solady/utils/ECDSA.sol";
import { EfficientHashLib } from "solady/utils/EfficientHashLib.sol";
import { LibBytes } from "solady/utils/LibBytes.sol";

/// @notice Verifies a submitted book: signatures, limits, merit order, rationing at the margin, pairs.
/// @dev A packed order is 76 bytes: r (32) | vs (32, EIP-2098) | account (3) | limit price (4, signed) | energyWh (4) |
/// sequence (1). Its side is the list it stands in. Within a side an order has a rank, 1 being the best possible price;
/// rank 0 stands for "better than any". `key` = rank | account | sequence rises strictly, so no order comes twice.
library OrderBookLib {
  using DynamicArrayLib for uint256[];
  using EfficientHashLib for bytes32[];

  bytes32 internal constant ORDER_TYPEHASH = keccak256(
    "Order(uint16 areaId,uint32 intervalId,uint32 account,uint8 side,int32 limitPriceMicroPerKwh,uint32 energyWh,uint8 sequence)"
  );
  uint8 internal constant BID = 0;
  uint8 internal constant OFFER = 1;
  uint256 private constant ORDER_BYTES = 76;
  int256 private constant PRICE_BIAS = 1 << 31;

  /// @notice How the orders at the marginal price share what is left for them, pro rata by participant. A participant
  /// gets the Wh that rounding left iff its remainder is above the cut, or at the cut with an account up to the cut's.
  struct Rationing {
    uint64 levelWh;
    uint64 filledWh;
    uint64 cutRemainder;
    uint24 cutAccount;
  }

  /// @notice What one side carries from step to step.
  struct Side {
    uint72 lastKey;
    uint48 filledWh;
    uint48 levelWh;
    uint48 levelFilledWh;
    uint40 firstLeftRank;
    uint256 leftover;
  }

  struct Carry {
    Side bids;
    Side offers;
  }

  /// @dev Everything that the walk over the orders needs, fetched once. `words` are the words of an order's EIP-712
  /// struct, filled in anew for each order. By account from `firstAccount` on, `tradable` has a bit and `signers` a word (zero
  /// when no directory tells), and `totals` is what it traded, as a position of SettlementLib without its account.
  struct Walk {
    ParticipantRegistry registry;
    bytes32 domainSeparator;
    bytes32[] words;
    int256 floor;
    int256 ceiling;
    bool isMidpoint;
    int256 localPrice;
    uint256 firstAccount;
    uint256[] tradable;
    bytes signers;
    uint256[] totals;
  }

  /// @dev The state of one side while its orders are walked. `orders` are words: rank | account (24 bits) | sequence (8)
  /// | energyWh (32). `entries` are filled orders waiting for their pair (midpoint only): price + 2³¹ (from bit 128) |
  /// index into totals (64) | Wh (64).
  struct Cursor {
    uint8 side;
    uint256[] orders;
    uint256 filledWh;
    uint256 levelWh;
    uint256 levelFilledWh;
    uint256 count;
    uint256[] entries;
  }

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

  /// @notice The words that an order's EIP-712 struct has in common with all others of its interval.
  function wordsOf(uint16 areaId, uint32 intervalId) internal pure returns (bytes32[] memory words) {
    words = EfficientHashLib.malloc(8);
    words.set(0, ORDER_TYPEHASH).set(1, uint256(areaId)).set(2, uint256(intervalId));
  }

  /// @notice What the accounts `first` to `end` - 1 traded, as positions in account order.
  function positionsOf(Walk memory walk, uint256 first, uint256 end)
    internal
    pure
    returns (uint256[] memory positions)
  {
    unchecked {
      (uint256[] memory totals, uint256 firstAccount) = (walk.totals, walk.firstAccount);
      positions = DynamicArrayLib.malloc(end - first);
      uint256 count;
      for (uint256 account = first; account < end; ++account) {
        uint256 position = totals.get(account - firstAccount);
        if (position != 0) positions.set(count++, position | account);
      }
      positions.truncate(count);
    }
  }

  /// @notice Verifies the orders of one side, and books the fills (uniform) or lists them for pairing (midpoint).
  function walkSide(
    Walk memory walk,
    Side memory state,
    Rationing calldata rationing,
    uint8 side,
    int256 marginalPrice,
    bytes memory packed
  ) internal view returns (Cursor memory cursor) {
    if (rationing.filledWh > rationing.levelWh) revert InvalidRationing(side);
    cursor.side = side;
    cursor.orders = _readOrders(side, packed);
    _requireOrders(walk, state, cursor, packed);
    _requireBand(walk, side, cursor.orders);
    uint256 marginRank = rationing.filledWh == 0 ? 0 : rankOf(side, marginalPrice);
    uint256 full =
      walk.isMidpoint ? _listBetter(walk, state, cursor, marginRank) : _bookBetter(walk, cursor, marginRank);
    uint256 next = _fillLevel(walk, cursor, rationing, marginRank, full);
    if (next < cursor.orders.length && state.firstLeftRank == 0) {
      state.firstLeftRank = uint40(cursor.orders[next] >> 64);
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
        uint256 energyWh = uint64(bid) < uint64(offer) ? uint64(bid) : uint64(offer);
        uint256 payment = energyWh * (((bid >> 128) + (offer >> 128) >> 1) - uint256(PRICE_BIAS)) << 128;
        _book(totals, uint64(bid >> 64), payment + (energyWh << 32));
        _book(totals, uint64(offer >> 64), (energyWh << 80) - payment);
        bid -= energyWh;
        offer -= energyWh;
        if (uint64(bid) == 0) bid = bidEntries.get(++i);
        if (uint64(offer) == 0) offer = offerEntries.get(++j);
      }
      if (bids.count - i > 1 || offers.count - j > 1) revert UnevenStep(bids.count - i, offers.count - j);
      carry.bids.leftover = bid;
      carry.offers.leftover = offer;
    }
  }

  /// @notice Requires that the book is cleared to the last Wh: declared levels met, volumes equal, and the best bid left
  /// below the best offer left (welfare is maximal).
  function requireMaximal(
    Carry memory carry,
    Rationing calldata bids,
    Rationing calldata offers,
    int256 marginalBid,
    int256 marginalOffer
  ) internal pure {
    if (carry.bids.levelWh != bids.levelWh || carry.bids.levelFilledWh != bids.filledWh) {
      revert InvalidRationing(BID);
    }
    if (carry.offers.levelWh != offers.levelWh || carry.offers.levelFilledWh != offers.filledWh) {
      revert InvalidRationing(OFFER);
    }
    if (carry.bids.filledWh != carry.offers.filledWh) {
      revert VolumesDiffer(carry.bids.filledWh, carry.offers.filledWh);
    }
    int256 bestBid = bids.filledWh < bids.levelWh ? marginalBid : type(int256).min;
    int256 bestOffer = offers.filledWh < offers.levelWh ? marginalOffer : type(int256).max;
    if (bestBid == type(int256).min && carry.bids.firstLeftRank != 0) {
      bestBid = priceOf(BID, carry.bids.firstLeftRank);
    }
    if (bestOffer == type(int256).max && carry.offers.firstLeftRank != 0) {
      bestOffer = priceOf(OFFER, carry.offers.firstLeftRank);
    }
    if (bestBid >= bestOffer) revert NotMaximal(bestBid, bestOffer);
  }

  /// @dev In a pass of its own: read back from memory, a word is not worked out anew at each use.
  function _readOrders(uint8 side, bytes memory packed) private pure returns (uint256[] memory orders) {
    unchecked {
      uint256 count = packed.length / ORDER_BYTES;
      if (count * ORDER_BYTES != packed.length) revert MalformedOrders(packed.length);
      orders = DynamicArrayLib.malloc(count);
      for (uint256 i; i < count; ++i) {
        orders.set(i, _orderOf(side, uint256(LibBytes.load(packed, i * ORDER_BYTES + 44))));
      }
    }
  }

  /// @dev Each order is signed, and they stand in merit order after those of earlier steps.
  function _requireOrders(Walk memory walk, Side memory state, Cursor memory cursor, bytes memory packed)
    private
    view
  {
    unchecked {
      (uint256[] memory orders, uint256 count) = (cursor.orders, cursor.orders.length);
      walk.words.set(4, uint256(cursor.side));
      uint256 lastKey = state.lastKey;
      if (count != 0 && orders.get(0) >> 40 == lastKey >> 8) revert OutOfOrder(cursor.side, 0);
      for (uint256 i; i < count; ++i) {
        uint256 order = orders.get(i);
        if (order >> 32 <= lastKey) revert OutOfOrder(cursor.side, i);
        lastKey = order >> 32;
        if (_recover(walk, order, packed, i * ORDER_BYTES) != _signerOf(walk, order)) {
          revert InvalidSignature(uint24(order >> 40), cursor.side, i);
        }
      }
      state.lastKey = uint72(lastKey);
    }
  }

  /// @dev Who signed the order at `offset`; zero when nobody did.
  function _recover(Walk memory walk, uint256 order, bytes memory packed, uint256 offset)
    private
    view
    returns (uint256)
  {
    unchecked {
      bytes32[] memory words = walk.words;
      words.set(3, uint256(uint24(order >> 40))).set(6, uint256(uint32(order))).set(7, order >> 32 & 0xff);
      words.set(5, uint256(int256(int32(uint32(uint256(LibBytes.load(packed, offset + 44)) >> 40)))));
      bytes32 digest = MessageHashUtils.toTypedDataHash(walk.domainSeparator, words.hash());
      address signer =
        ECDSA.tryRecover(digest, LibBytes.load(packed, offset), LibBytes.load(packed, offset + 32));
      return uint160(signer);
    }
  }

  /// @param tail account (24 bits) | limit price (32) | energyWh (32) | sequence (8), below other bits
  function _orderOf(uint8 side, uint256 tail) private pure returns (uint256) {
    unchecked {
      // Flipping the sign bit adds 2³¹.
      uint256 biased = (tail >> 40 ^ 1 << 31) & type(uint32).max;
      uint256 rank = side == BID ? (1 << 32) - biased : biased + 1;
      return rank << 64 | (tail >> 32 & 0xffffff << 40) | (tail & 0xff) << 32 | (tail >> 8 & type(uint32).max);
    }
  }

  /// @dev Whose signature an order needs; never zero. From the directory's code when it is published, else from the
  /// registry's storage.
  function _signerOf(Walk memory walk, uint256 order) private view returns (uint256 signer) {
    unchecked {
      // Below the first account, the difference wraps to a number beyond all totals.
      uint256 index = (order >> 40 & 0xffffff) - walk.firstAccount;
      if (index >= walk.totals.length) revert AccountOutsideRange(uint24(order >> 40));
      if (walk.tradable.get(index / 256) >> (index % 256) & 1 == 0) revert NotTradable(uint24(order >> 40));
      if (uint32(order) == 0) revert ZeroEnergy(uint24(order >> 40));
      signer = uint256(LibBytes.load(walk.signers, index * 32));
      if (signer == 0) signer = uint160(walk.registry.signerOf(uint24(order >> 40)));
    }
  }

  /// @dev Orders stand in merit order, so that the first and the last of them bound all limits.
  function _requireBand(Walk memory walk, uint8 side, uint256[] memory orders) private pure {
    if (orders.length == 0) return;
    uint256 best = orders[0];
    uint256 worst = orders[orders.length - 1];
    bool isBestWithin = best >> 64 >= rankOf(side, side == BID ? walk.ceiling : walk.floor);
    bool isWorstWithin = worst >> 64 <= rankOf(side, side == BID ? walk.floor : walk.ceiling);
    if (isBestWithin && isWorstWithin) return;
    uint256 outside = isBestWithin ? worst : best;
    revert OutsidePriceBand(uint24(outside >> 40), int32(priceOf(side, outside >> 64)));
  }

  /// @dev Better than the margin: full. Gives back where the marginal level starts. Uniform: books at the local price.
  function _bookBetter(Walk memory walk, Cursor memory cursor, uint256 marginRank)
    private
    pure
    returns (uint256 i)
  {
    unchecked {
      (uint256[] memory orders, uint256[] memory totals) = (cursor.orders, walk.totals);
      (uint256 count, uint256 firstAccount) = (orders.length, walk.firstAccount);
      uint256 unit = _unitOf(cursor.side, walk.localPrice);
      uint256 filledWh;
      for (; i < count; ++i) {
        uint256 order = orders.get(i);
        if (order >> 64 >= marginRank) break;
        filledWh += uint32(order);
        _book(totals, uint24(order >> 40) - firstAccount, uint32(order) * unit);
      }
      cursor.filledWh = filledWh;
    }
  }

  /// @dev The same for midpoint: lists them for pairing, after what an earlier step left over.
  function _listBetter(Walk memory walk, Side memory state, Cursor memory cursor, uint256 marginRank)
    private
    pure
    returns (uint256 i)
  {
    unchecked {
      (uint256[] memory orders, uint256 count) = (cursor.orders, cursor.orders.length);
      // Room for what is left over, and for a zero at the end.
      cursor.entries = new uint256[](count + 2);
      if (state.leftover != 0) cursor.entries.set(cursor.count++, state.leftover);
      uint256 filledWh;
      for (; i < count; ++i) {
        uint256 order = orders.get(i);
        if (order >> 64 >= marginRank) break;
        filledWh += uint32(order);
        _list(walk, cursor, order >> 40, uint32(order));
      }
      cursor.filledWh = filledWh;
    }
  }

  function _list(Walk memory walk, Cursor memory cursor, uint256 group, uint256 energyWh) private pure {
    unchecked {
      uint256 biased = uint256(priceOf(cursor.side, group >> 24) + PRICE_BIAS);
      uint256 index = uint24(group) - walk.firstAccount;
      cursor.entries.set(cursor.count++, biased << 128 | index << 64 | energyWh);
    }
  }

  /// @dev Fills the orders at the marginal price from the i-th on: ⌊Wh · filled / level⌋ for each participant, and one
  /// more above the cut. Gives back where the level ends.
  function _fillLevel(
    Walk memory walk,
    Cursor memory cursor,
    Rationing calldata rationing,
    uint256 marginRank,
    uint256 i
  ) private pure returns (uint256) {
    unchecked {
      (uint256[] memory orders, uint256 count) = (cursor.orders, cursor.orders.length);
      (uint256 levelWh, uint256 filledWh) = (rationing.levelWh, rationing.filledWh);
      while (i < count && orders.get(i) >> 64 == marginRank) {
        uint256 group = orders.get(i) >> 40;
        uint256 groupWh;
        for (; i < count && orders.get(i) >> 40 == group; ++i) {
          groupWh += uint32(orders.get(i));
        }
        uint256 share = groupWh * filledWh / levelWh;
        uint256 remainder = groupWh * filledWh - share * levelWh;
        uint256 cut = rationing.cutRemainder;
        if (remainder > cut || (remainder == cut && uint24(group) <= rationing.cutAccount)) ++share;
        cursor.levelWh += groupWh;
        cursor.levelFilledWh += share;
        if (share != 0) _assign(walk, cursor, group, share);
      }
      return i;
    }
  }

  /// @dev Carries the side to the next step. The bound on what is filled keeps every lane of a position within its 48
  /// bits: no account trades more than its side.
  function _keep(Side memory state, Cursor memory cursor) private pure {
    uint256 filledWh = state.filledWh + cursor.filledWh + cursor.levelFilledWh;
    uint256 levelWh = state.levelWh + cursor.levelWh;
    if (filledWh > type(uint48).max) revert EnergyTooLarge(filledWh);
    if (levelWh > type(uint48).max) revert EnergyTooLarge(levelWh);
    state.filledWh = uint48(filledWh);
    state.levelWh = uint48(levelWh);
    state.levelFilledWh += uint48(cursor.levelFilledWh);
  }

  /// @param group rank | account
  function _assign(Walk memory walk, Cursor memory cursor, uint256 group, uint256 energyWh) private pure {
    unchecked {
      if (walk.isMidpoint) {
        _list(walk, cursor, group, energyWh);
      } else {
        uint256 index = uint24(group) - walk.firstAccount;
        _book(walk.totals, index, energyWh * _unitOf(cursor.side, walk.localPrice));
      }
    }
  }

  /// @dev What one Wh at `price` adds to a position; the lanes of a multiple don't touch (see {_keep}).
  function _unitOf(uint8 side, int256 price) private pure returns (uint256) {
    unchecked {
      uint256 payment = uint256(price) << 128;
      return side == BID ? payment + (1 << 32) : (1 << 80) - payment;
    }
  }

  function _book(uint256[] memory totals, uint256 index, uint256 addend) private pure {
    unchecked {
      totals.set(index, totals.get(index) + addend);
    }
  }
}
