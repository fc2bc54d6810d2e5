// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../../src/libraries/AuctionLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";

/// @notice A plain clearing for the tests: sort, match, share the marginal levels. It builds what an operator submits, and
/// says what each member must have bought, sold and paid. Slow, and obvious on purpose.
library ReferenceClearing {
  struct Order {
    uint16 member;
    int32 price;
    uint32 energyWh;
    uint8 sequence;
  }

  struct Trade {
    uint256 bid;
    uint256 offer;
    uint256 energyWh;
    int256 price;
  }

  /// @param trades pairs in merit order; `bid` and `offer` are indices into the sorted sides
  struct Result {
    Order[] bids;
    Order[] offers;
    uint256[] bidFillWh;
    uint256[] offerFillWh;
    Trade[] trades;
    PoolLib.Outcome outcome;
    uint256 clearedWh;
    int256 localPrice;
    uint8 pricing;
  }

  /// @dev What the members of a page traded; `side` is 0 for nobody, 1 for a buyer, 2 for a seller.
  struct Page {
    uint256[256] side;
    uint256[256] energyWh;
    int256[256] amount;
  }

  struct Level {
    uint256 levelWh;
    uint256 filledWh;
    uint256 winnerRemainder;
    uint16 winnerMember;
    bool hasWinner;
  }

  function clear(Order[] memory bids, Order[] memory offers, uint8 pricing)
    internal
    pure
    returns (Result memory result)
  {
    result.pricing = pricing;
    result.bids = sort(bids, true);
    result.offers = sort(offers, false);
    result.bidFillWh = new uint256[](bids.length);
    result.offerFillWh = new uint256[](offers.length);
    _match(result);
    if (result.clearedWh == 0) return result;
    result.outcome.bids = _ration(result.bids, result.bidFillWh, result.outcome.marginalBid);
    result.outcome.offers = _ration(result.offers, result.offerFillWh, result.outcome.marginalOffer);
    result.outcome.clearedWh = uint32(result.clearedWh);
    result.localPrice = priceOf(result);
    result.outcome.localPrice = int32(result.localPrice);
    _pair(result, pricing == 1);
  }

  /// @notice By price (bids falling, offers rising), then member, then sequence.
  function sort(Order[] memory orders, bool isBid) internal pure returns (Order[] memory sorted) {
    sorted = new Order[](orders.length);
    for (uint256 i; i < orders.length; ++i) {
      Order memory order = orders[i];
      uint256 place = i;
      while (place != 0 && isBefore(order, sorted[place - 1], isBid)) {
        sorted[place] = sorted[place - 1];
        --place;
      }
      sorted[place] = order;
    }
  }

  function isBefore(Order memory left, Order memory right, bool isBid) internal pure returns (bool) {
    if (left.price != right.price) return isBid == (left.price > right.price);
    if (left.member != right.member) return left.member < right.member;
    return left.sequence < right.sequence;
  }

  /// @notice The midpoint of the marginal pair; marginal: no order that got less than it wanted would trade more there.
  function priceOf(Result memory result) internal pure returns (int256 price) {
    price = (int256(result.outcome.marginalBid) + result.outcome.marginalOffer) >> 1;
    if (result.pricing != 2) return price;
    for (uint256 i; i < result.bids.length; ++i) {
      bool isLeft = result.bidFillWh[i] < result.bids[i].energyWh;
      if (isLeft && result.bids[i].price > price) return result.bids[i].price;
    }
    for (uint256 i; i < result.offers.length; ++i) {
      bool isLeft = result.offerFillWh[i] < result.offers[i].energyWh;
      if (isLeft && result.offers[i].price < price) return result.offers[i].price;
    }
  }

  /// @notice The packed positions of a page after a whole clearing.
  function positionsOf(Result memory result, uint256 page) internal pure returns (uint256[] memory) {
    return positionsOf(result, page, result.bids.length, result.offers.length, true);
  }

  /// @notice The packed positions of a page after the first `bids` bids and `offers` offers; before the last step, members
  /// with an order and without a fill are listed as well.
  function positionsOf(Result memory result, uint256 page, uint256 bids, uint256 offers, bool isLast)
    internal
    pure
    returns (uint256[] memory)
  {
    return pack(result.pricing, page, pageOf(result, page, bids, offers), isLast);
  }

  function pageOf(Result memory result, uint256 page, uint256 bids, uint256 offers)
    internal
    pure
    returns (Page memory held)
  {
    (uint256 boughtWh, uint256 soldWh) = (0, 0);
    for (uint256 i; i < bids; ++i) {
      boughtWh += result.bidFillWh[i];
      _enter(held, page, result.bids[i], 1, result.bidFillWh[i], result.pricing == 1);
    }
    for (uint256 i; i < offers; ++i) {
      soldWh += result.offerFillWh[i];
      _enter(held, page, result.offers[i], 2, result.offerFillWh[i], result.pricing == 1);
    }
    if (result.pricing != 1) return held;
    uint256 leftWh = boughtWh < soldWh ? boughtWh : soldWh;
    for (uint256 i; i < result.trades.length && leftWh != 0; ++i) {
      Trade memory trade = result.trades[i];
      uint256 energyWh = trade.energyWh < leftWh ? trade.energyWh : leftWh;
      leftWh -= energyWh;
      _book(held, page, result.bids[trade.bid].member, energyWh, trade.price);
      _book(held, page, result.offers[trade.offer].member, energyWh, trade.price);
    }
  }

  /// @dev At one price the fill counts; in pairs what is paired does.
  function _enter(
    Page memory held,
    uint256 page,
    Order memory order,
    uint256 side,
    uint256 energyWh,
    bool isPairwise
  ) private pure {
    if (order.member / 256 != page) return;
    held.side[order.member % 256] = side;
    if (!isPairwise) held.energyWh[order.member % 256] += energyWh;
  }

  function _book(Page memory held, uint256 page, uint256 member, uint256 energyWh, int256 price)
    private
    pure
  {
    if (member / 256 != page) return;
    held.energyWh[member % 256] += energyWh;
    held.amount[member % 256] += int256(energyWh) * price;
  }

  /// @dev In memory, since the stack of a caller that this is inlined into may be full.
  struct Packing {
    uint256[] words;
    uint256 bits;
    uint256 count;
    uint256 shift;
  }

  function pack(uint8 pricing, uint256 page, Page memory held, bool isLast)
    internal
    pure
    returns (uint256[] memory)
  {
    Packing memory packing;
    packing.words = new uint256[](128);
    packing.bits = pricing == 1 ? 128 : 64;
    for (uint256 i; i < 256; ++i) {
      if (held.side[i] == 0 || (isLast && held.energyWh[i] == 0)) continue;
      _put(packing, _positionOf(held, page, i, pricing));
    }
    return slice(packing.words, packing.count + (packing.shift == 0 ? 0 : 1));
  }

  function _positionOf(Page memory held, uint256 page, uint256 i, uint8 pricing)
    private
    pure
    returns (uint256 position)
  {
    position = (held.side[i] - 1) << 56 | (page * 256 + i) << 40 | held.energyWh[i];
    if (pricing == 1) position |= uint256(uint64(int64(held.amount[i]))) << 64;
  }

  /// @dev Several positions a word, the first lowest.
  function _put(Packing memory packing, uint256 position) private pure {
    packing.words[packing.count] |= position << packing.shift;
    packing.shift += packing.bits;
    if (packing.shift < 256) return;
    (packing.shift, packing.count) = (0, packing.count + 1);
  }

  function slice(uint256[] memory words, uint256 count) internal pure returns (uint256[] memory kept) {
    kept = new uint256[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = words[i];
    }
  }

  /// @dev Two pointers, advancing whichever head is exhausted (E9.8): the volume and the marginal prices.
  function _match(Result memory result) private pure {
    (uint256 i, uint256 j, uint256 usedBid, uint256 usedOffer) = (0, 0, 0, 0);
    while (
      i < result.bids.length && j < result.offers.length && result.bids[i].price >= result.offers[j].price
    ) {
      uint256 bidLeft = result.bids[i].energyWh - usedBid;
      uint256 offerLeft = result.offers[j].energyWh - usedOffer;
      uint256 energyWh = bidLeft < offerLeft ? bidLeft : offerLeft;
      result.bidFillWh[i] += energyWh;
      result.offerFillWh[j] += energyWh;
      result.clearedWh += energyWh;
      (usedBid, usedOffer) = (usedBid + energyWh, usedOffer + energyWh);
      result.outcome.marginalBid = result.bids[i].price;
      result.outcome.marginalOffer = result.offers[j].price;
      if (usedBid == result.bids[i].energyWh) (i, usedBid) = (i + 1, 0);
      if (usedOffer == result.offers[j].energyWh) (j, usedOffer) = (j + 1, 0);
    }
  }

  /// @dev Shares the fills of the level at `price` pro rata by member, the Wh left over to the largest remainders.
  function _ration(Order[] memory orders, uint256[] memory fillWh, int32 price)
    private
    pure
    returns (AuctionLib.Rationing memory rationing)
  {
    Level memory level;
    for (uint256 i; i < orders.length; ++i) {
      if (orders[i].price != price) continue;
      level.levelWh += orders[i].energyWh;
      level.filledWh += fillWh[i];
    }
    uint256 left = level.filledWh;
    for (uint256 i; i < orders.length; i = _endOfGroup(orders, i)) {
      if (orders[i].price == price) left -= _groupWh(orders, i) * level.filledWh / level.levelWh;
    }
    bool[] memory isWinner = new bool[](orders.length);
    for (; left != 0; --left) {
      _chooseWinner(orders, price, level, isWinner);
    }
    for (uint256 i; i < orders.length; i = _endOfGroup(orders, i)) {
      if (orders[i].price == price) _spread(orders, fillWh, i, level, isWinner[i]);
    }
    rationing = AuctionLib.Rationing({
      levelQuantity: uint64(level.levelWh),
      filledQuantity: uint64(level.filledWh),
      cutRemainder: uint64(level.hasWinner ? level.winnerRemainder : level.levelWh),
      cutMember: level.winnerMember
    });
  }

  function _chooseWinner(Order[] memory orders, int32 price, Level memory level, bool[] memory isWinner)
    private
    pure
  {
    uint256 best = type(uint256).max;
    uint256 bestRemainder;
    for (uint256 i; i < orders.length; i = _endOfGroup(orders, i)) {
      if (orders[i].price != price || isWinner[i]) continue;
      uint256 remainder = _groupWh(orders, i) * level.filledWh % level.levelWh;
      if (best == type(uint256).max || remainder > bestRemainder) (best, bestRemainder) = (i, remainder);
    }
    isWinner[best] = true;
    level.hasWinner = true;
    level.winnerRemainder = bestRemainder;
    level.winnerMember = orders[best].member;
  }

  function _spread(
    Order[] memory orders,
    uint256[] memory fillWh,
    uint256 first,
    Level memory level,
    bool isWinner
  ) private pure {
    uint256 share =
      _groupWh(orders, first) * level.filledWh / level.levelWh + (isWinner ? 1 : 0);
    for (uint256 i = first; i < _endOfGroup(orders, first); ++i) {
      fillWh[i] = share < orders[i].energyWh ? share : orders[i].energyWh;
      share -= fillWh[i];
    }
  }

  function _endOfGroup(Order[] memory orders, uint256 first) private pure returns (uint256 end) {
    end = first + 1;
    while (
      end < orders.length && orders[end].price == orders[first].price
        && orders[end].member == orders[first].member
    ) {
      ++end;
    }
  }

  function _groupWh(Order[] memory orders, uint256 first) private pure returns (uint256 energyWh) {
    for (uint256 i = first; i < _endOfGroup(orders, first); ++i) {
      energyWh += orders[i].energyWh;
    }
  }

  function _pair(Result memory result, bool isMidpoint) private pure {
    Trade[] memory trades = new Trade[](result.bids.length + result.offers.length);
    (uint256 i, uint256 j, uint256 count) = (0, 0, 0);
    uint256 bidLeft = result.bidFillWh[0];
    uint256 offerLeft = result.offerFillWh[0];
    while (i < result.bids.length && j < result.offers.length) {
      uint256 energyWh = bidLeft < offerLeft ? bidLeft : offerLeft;
      int256 midpoint = (int256(result.bids[i].price) + result.offers[j].price) >> 1;
      if (energyWh != 0) trades[count++] = Trade(i, j, energyWh, isMidpoint ? midpoint : result.localPrice);
      (bidLeft, offerLeft) = (bidLeft - energyWh, offerLeft - energyWh);
      if (bidLeft == 0 && ++i < result.bids.length) bidLeft = result.bidFillWh[i];
      if (offerLeft == 0 && ++j < result.offers.length) offerLeft = result.offerFillWh[j];
    }
    result.trades = new Trade[](count);
    for (uint256 k; k < count; ++k) {
      result.trades[k] = trades[k];
    }
  }
}
