// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolLib } from "../../src/pool/PoolLib.sol";
import { vm } from "../support/Vm.sol";
import { MoneyActions } from "./MoneyActions.sol";

/// @notice A mirror of every interval that was cleared: its positions by step and page, what they reserved, and what they
/// come to. The equations of docs/model/settlement.md, written a second time.
abstract contract GhostDeals is MoneyActions {
  /// @param remainderMicro what rounding left so far
  /// @param heldOverMicro paid by the settled pages and not yet paid out; negative while sellers were paid first
  struct Deal {
    uint16 areaId;
    uint32 intervalId;
    PoolLib.Stage stage;
    uint256 steps;
    uint256 openParts;
    uint256 positions;
    int256 localPrice;
    uint256 supplierReserveMicro;
    int256 supplierMicro;
    int256 remainderMicro;
    int256 heldOverMicro;
  }

  struct Prices {
    int256 shortfall;
    int256 surplus;
    int256 gridFee;
  }

  /// @dev What a position comes to, micro; each may be negative but the grid fee.
  struct Cost {
    int256 payment;
    int256 toSupplier;
    int256 gridFee;
  }

  /// @dev What an account traded, and what is reserved for it.
  struct Holding {
    uint24 account;
    uint256 boughtWh;
    uint256 soldWh;
    int256 payment;
    uint256 reserveMicro;
  }

  Deal[] internal deals;
  uint256[] internal openDeals;
  mapping(uint256 deal => mapping(uint256 step => mapping(uint256 page => uint256[]))) internal parts;
  mapping(uint256 deal => mapping(uint256 step => mapping(uint256 page => uint256))) internal timesReleased;
  mapping(uint256 deal => uint256[]) internal readingsOf;

  uint256 internal clearings;
  uint256 internal settlements;
  uint256 internal contractedPages;
  uint256 internal voids;

  // -- clearing

  function _keepPart(uint256 id, uint256 page, uint256[] memory positions) internal {
    Deal storage deal = deals[id];
    if (positions.length == 0) return;
    parts[id][deal.steps][page] = positions;
    ++deal.openParts;
    deal.positions += positions.length;
  }

  function _reserve(Holding[] memory holdings) internal {
    for (uint256 i; i < holdings.length; ++i) {
      ghosts[holdings[i].account].marginMicro -= holdings[i].reserveMicro;
      ghosts[holdings[i].account].reservedMicro += holdings[i].reserveMicro;
    }
  }

  /// @dev What the account lacks to cover all that `holdings` reserve for it.
  function _shortageOf(uint24 account, Holding[] memory holdings) internal view returns (uint256) {
    uint256 neededMicro;
    for (uint256 i; i < holdings.length; ++i) {
      if (holdings[i].account == account) neededMicro += holdings[i].reserveMicro;
    }
    uint256 marginMicro = ghosts[account].marginMicro;
    return neededMicro > marginMicro ? neededMicro - marginMicro : 0;
  }

  // -- settlement

  /// @dev Books a page as paid by its readings.
  function _bookPayment(uint256 id, uint256 page, uint256[] memory readings) internal {
    Prices memory prices = _pricesOfDeal(id);
    Holding[] memory holdings = _holdingsOf(id, page, prices);
    for (uint256 i; i < holdings.length; ++i) {
      Cost memory cost = _costOf(holdings[i], _readingOf(readings, holdings[i].account), prices);
      _pay(id, holdings[i], cost);
    }
    _release(id, page);
    deals[id].stage = PoolLib.Stage.Settling;
    if (deals[id].openParts == 0) _bookEnd(id);
  }

  function _costOf(Holding memory holding, uint256 reading, Prices memory prices)
    private
    pure
    returns (Cost memory cost)
  {
    uint256 shortWh = _excess(holding.soldWh, holding.boughtWh + uint32(reading >> 160));
    uint256 unusedWh = _excess(holding.boughtWh, holding.soldWh + uint32(reading >> 192));
    cost.payment = _up(holding.payment);
    cost.toSupplier = _up(int256(shortWh) * prices.shortfall) + _up(-int256(unusedWh) * prices.surplus);
    cost.gridFee = _up(int256(holding.boughtWh - unusedWh) * prices.gridFee);
  }

  function _pay(uint256 id, Holding memory holding, Cost memory cost) private {
    int256 paid = cost.payment + cost.toSupplier + cost.gridFee;
    vm.assertTrue(paid <= int256(holding.reserveMicro), "costs more than was reserved");
    Ghost storage ghost = ghosts[holding.account];
    ghost.reservedMicro -= holding.reserveMicro;
    ghost.marginMicro += uint256(int256(holding.reserveMicro) - paid);
    ghosts[pool.areaOf(deals[id].areaId).dso].marginMicro += uint256(cost.gridFee);
    Deal storage deal = deals[id];
    deal.supplierMicro += cost.toSupplier;
    deal.remainderMicro += cost.payment;
    deal.heldOverMicro += cost.payment + cost.toSupplier;
    _letPay(holding.account);
  }

  function _bookEnd(uint256 id) private {
    Deal storage deal = deals[id];
    PoolLib.Area memory area = pool.areaOf(deal.areaId);
    int256 supplierMicro = int256(deal.supplierReserveMicro) + deal.supplierMicro;
    vm.assertEq(deal.heldOverMicro, deal.supplierMicro + deal.remainderMicro, "an interval does not add up");
    vm.assertTrue(deal.remainderMicro >= 0, "rounding took from the fund");
    vm.assertLe(uint256(deal.remainderMicro), deal.positions, "more than a micro a position");
    ghosts[area.supplier].reservedMicro -= deal.supplierReserveMicro;
    ghosts[area.supplier].marginMicro += uint256(supplierMicro);
    ghosts[area.fund].marginMicro += uint256(deal.remainderMicro);
    _letPay(area.supplier);
    deal.stage = PoolLib.Stage.Settled;
    _close(id);
    ++settlements;
  }

  /// @dev Books a page as given back.
  function _bookReturn(uint256 id, uint256 page) internal {
    Deal storage deal = deals[id];
    _giveBack(_holdingsOf(id, page, _pricesOfDeal(id)));
    _release(id, page);
    deal.stage = PoolLib.Stage.Voiding;
    if (deal.openParts != 0) return;
    Holding[] memory ofSupplier = new Holding[](1);
    ofSupplier[0] = Holding(pool.areaOf(deal.areaId).supplier, 0, 0, 0, deal.supplierReserveMicro);
    _giveBack(ofSupplier);
    deal.stage = PoolLib.Stage.Voided;
    _close(id);
    ++voids;
  }

  function _giveBack(Holding[] memory holdings) private {
    for (uint256 i; i < holdings.length; ++i) {
      ghosts[holdings[i].account].reservedMicro -= holdings[i].reserveMicro;
      ghosts[holdings[i].account].marginMicro += holdings[i].reserveMicro;
    }
  }

  function _release(uint256 id, uint256 page) private {
    for (uint256 step; step < deals[id].steps; ++step) {
      if (parts[id][step][page].length == 0) continue;
      ++timesReleased[id][step][page];
      --deals[id].openParts;
    }
  }

  function _close(uint256 id) private {
    deals[id].heldOverMicro = 0;
    for (uint256 i; i < openDeals.length; ++i) {
      if (openDeals[i] != id) continue;
      openDeals[i] = openDeals[openDeals.length - 1];
      openDeals.pop();
      return;
    }
  }

  // -- positions

  /// @dev As {PoolMarket.settle} takes them: the positions of a page for each step.
  function _positionsOf(uint256 id, uint256 page) internal view returns (uint256[][] memory positions) {
    positions = new uint256[][](deals[id].steps);
    for (uint256 step; step < positions.length; ++step) {
      positions[step] = parts[id][step][page];
    }
  }

  function _isOpen(uint256 id, uint256 page) internal view returns (bool) {
    for (uint256 step; step < deals[id].steps; ++step) {
      if (parts[id][step][page].length != 0 && timesReleased[id][step][page] == 0) return true;
    }
    return false;
  }

  /// @dev Positions of all steps, added up by account; each was reserved by itself.
  function _holdingsOf(uint256 id, uint256 page, Prices memory prices)
    internal
    view
    returns (Holding[] memory holdings)
  {
    uint256 count;
    holdings = new Holding[](_partsOf(id, page));
    for (uint256 step; step < deals[id].steps; ++step) {
      uint256[] memory positions = parts[id][step][page];
      for (uint256 i; i < positions.length; ++i) {
        Holding memory added = _holding(positions[i], prices);
        uint256 place = _placeOf(holdings, count, added.account);
        if (place == count || holdings[place].account != added.account) {
          for (uint256 k = count++; k > place; --k) {
            holdings[k] = holdings[k - 1];
          }
          holdings[place] = added;
        } else {
          holdings[place] = _sum(holdings[place], added);
        }
      }
    }
    Holding[] memory all = holdings;
    holdings = new Holding[](count);
    for (uint256 i; i < count; ++i) {
      holdings[i] = all[i];
    }
  }

  function _partsOf(uint256 id, uint256 page) private view returns (uint256 count) {
    for (uint256 step; step < deals[id].steps; ++step) {
      count += parts[id][step][page].length;
    }
  }

  /// @dev Where the account stands, or would, among the first `count`.
  function _placeOf(Holding[] memory holdings, uint256 count, uint24 account)
    private
    pure
    returns (uint256 place)
  {
    while (place < count && holdings[place].account < account) {
      ++place;
    }
  }

  function _sum(Holding memory one, Holding memory other) private pure returns (Holding memory) {
    return Holding({
      account: one.account,
      boughtWh: one.boughtWh + other.boughtWh,
      soldWh: one.soldWh + other.soldWh,
      payment: one.payment + other.payment,
      reserveMicro: one.reserveMicro + other.reserveMicro
    });
  }

  function _holding(uint256 position, Prices memory prices) internal pure returns (Holding memory holding) {
    holding.account = uint24(position);
    holding.boughtWh = uint48(position >> 32);
    holding.soldWh = uint48(position >> 80);
    holding.payment = int256(position) >> 128;
    int256 worst = _up(holding.payment) + _up(int256(holding.boughtWh) * prices.gridFee);
    worst += _up(int256(_excess(holding.soldWh, holding.boughtWh)) * prices.shortfall);
    if (prices.surplus < 0) {
      worst += _up(-int256(_excess(holding.boughtWh, holding.soldWh)) * prices.surplus);
    }
    holding.reserveMicro = worst > 0 ? uint256(worst) : 0;
  }

  function _pricesOfDeal(uint256 id) internal view returns (Prices memory) {
    return _pricesOf(pool.areaOf(deals[id].areaId).terms, deals[id].localPrice);
  }

  function _pricesOf(PoolLib.Terms memory terms, int256 localPrice) internal pure returns (Prices memory) {
    int256 basis = localPrice > terms.upstreamPrice ? localPrice : terms.upstreamPrice;
    return Prices({
      shortfall: _up(basis * int256(uint256(terms.penaltyPermille))),
      surplus: terms.surplusPrice,
      gridFee: int256(uint256(terms.gridFee))
    });
  }

  function _readingOf(uint256[] memory readings, uint24 account) private pure returns (uint256) {
    uint256 i;
    while (readings[i] >> 224 != account) {
      ++i;
    }
    return readings[i];
  }

  function _excess(uint256 left, uint256 right) internal pure returns (uint256) {
    return left > right ? left - right : 0;
  }

  /// @dev A thousandth, rounded up: towards zero for what is negative.
  function _up(int256 exact) internal pure returns (int256) {
    return exact > 0 ? (exact + 999) / 1000 : exact / 1000;
  }
}
