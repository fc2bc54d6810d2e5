// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { OrderBookLib } from "../../src/libraries/OrderBookLib.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { SettlementLib } from "../../src/libraries/SettlementLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";

/// @notice A plain clearing for the tests: sort, match, share the marginal levels. It builds what an operator submits, and
/// says what each account must have bought, sold and paid. Slow, and obvious on purpose.
library ReferenceClearing {
  struct Order {
    uint24 account;
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
    PoolMarket.Outcome outcome;
    uint256 clearedWh;
    int256 localPrice;
  }

  struct Level {
    uint256 levelWh;
    uint256 filledWh;
    uint256 winnerRemainder;
    uint24 winnerAccount;
    bool hasWinner;
  }

  function clear(Order[] memory bids, Order[] memory offers, bool isMidpoint)
    internal
    pure
    returns (Result memory result)
  {
    result.bids = sort(bids, true);
    result.offers = sort(offers, false);
    result.bidFillWh = new uint256[](bids.length);
    result.offerFillWh = new uint256[](offers.length);
    _match(result);
    if (result.clearedWh == 0) return result;
    result.outcome.bids = _ration(result.bids, result.bidFillWh, result.outcome.marginalBid);
    result.outcome.offers = _ration(result.offers, result.offerFillWh, result.outcome.marginalOffer);
    result.localPrice = (int256(result.outcome.marginalBid) + result.outcome.marginalOffer) >> 1;
    _pair(result, isMidpoint);
  }

  /// @notice By price (bids falling, offers rising), then account, then sequence.
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
    if (left.account != right.account) return left.account < right.account;
    return left.sequence < right.sequence;
  }

  /// @notice Words of SettlementLib: what each account of the page traded in trades [from, to), in account order.
  function positionsOf(Result memory result, uint256 page, uint256 from, uint256 to)
    internal
    pure
    returns (uint256[] memory)
  {
    uint256[] memory accounts = new uint256[](ReadingTree.PAGE);
    for (uint256 i = from; i < to; ++i) {
      Trade memory trade = result.trades[i];
      _buy(accounts, page, result.bids[trade.bid].account, trade.energyWh, trade.price);
      _sell(accounts, page, result.offers[trade.offer].account, trade.energyWh, trade.price);
    }
    return _pack(accounts);
  }

  /// @notice The same at one price, of the bids [fromBid, toBid) and the offers [fromOffer, toOffer).
  function uniformPositionsOf(
    Result memory result,
    uint256 page,
    uint256 fromBid,
    uint256 toBid,
    uint256 fromOffer,
    uint256 toOffer
  ) internal pure returns (uint256[] memory) {
    uint256[] memory accounts = new uint256[](ReadingTree.PAGE);
    for (uint256 i = fromBid; i < toBid; ++i) {
      _buy(accounts, page, result.bids[i].account, result.bidFillWh[i], result.localPrice);
    }
    for (uint256 i = fromOffer; i < toOffer; ++i) {
      _sell(accounts, page, result.offers[i].account, result.offerFillWh[i], result.localPrice);
    }
    return _pack(accounts);
  }

  function word(uint256 account, uint256 boughtWh, uint256 soldWh, int256 payment)
    internal
    pure
    returns (uint256)
  {
    return uint256(payment) << 128 | soldWh << 80 | boughtWh << 32 | account;
  }

  function slice(uint256[] memory words, uint256 count) internal pure returns (uint256[] memory kept) {
    kept = new uint256[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = words[i];
    }
  }

  function _buy(uint256[] memory accounts, uint256 page, uint256 account, uint256 energyWh, int256 price)
    private
    pure
  {
    if (account / ReadingTree.PAGE != page || energyWh == 0) return;
    uint256 old = accounts[account % ReadingTree.PAGE];
    accounts[account % ReadingTree.PAGE] = word(
      account,
      SettlementLib.boughtWhOf(old) + energyWh,
      SettlementLib.soldWhOf(old),
      SettlementLib.exactPaymentOf(old) + int256(energyWh) * price
    );
  }

  function _sell(uint256[] memory accounts, uint256 page, uint256 account, uint256 energyWh, int256 price)
    private
    pure
  {
    if (account / ReadingTree.PAGE != page || energyWh == 0) return;
    uint256 old = accounts[account % ReadingTree.PAGE];
    accounts[account % ReadingTree.PAGE] = word(
      account,
      SettlementLib.boughtWhOf(old),
      SettlementLib.soldWhOf(old) + energyWh,
      SettlementLib.exactPaymentOf(old) - int256(energyWh) * price
    );
  }

  function _pack(uint256[] memory accounts) private pure returns (uint256[] memory positions) {
    uint256 count;
    positions = new uint256[](accounts.length);
    for (uint256 i; i < accounts.length; ++i) {
      if (accounts[i] != 0) positions[count++] = accounts[i];
    }
    positions = slice(positions, count);
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

  /// @dev Shares the fills of the level at `price` pro rata by account, the Wh left over to the largest remainders.
  function _ration(Order[] memory orders, uint256[] memory fillWh, int32 price)
    private
    pure
    returns (OrderBookLib.Rationing memory rationing)
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
    rationing = OrderBookLib.Rationing({
      levelWh: uint64(level.levelWh),
      filledWh: uint64(level.filledWh),
      cutRemainder: uint64(level.hasWinner ? level.winnerRemainder : level.levelWh),
      cutAccount: level.winnerAccount
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
    level.winnerAccount = orders[best].account;
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
        && orders[end].account == orders[first].account
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
