// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { GhostDeals } from "./GhostDeals.sol";

/// @notice Real books with real signatures, cleared in one step or in two; forged and repeated ones are refused.
abstract contract ClearingActions is GhostDeals {
  /// @dev What a step of a clearing submits, and the trades that it makes.
  struct Step {
    uint256 fromBid;
    uint256 toBid;
    uint256 fromOffer;
    uint256 toOffer;
    uint256 fromTrade;
    uint256 toTrade;
    bool isLast;
  }

  uint256 private constant MAX_ORDERS = 10;
  uint256 private constant MAX_ORDER_WH = 5_000;

  mapping(uint256 deal => bytes) private unfinished;
  mapping(uint16 areaId => uint32) private lastInterval;
  uint256 internal lastSteps;

  function clear(uint256 seed) external acts(seed) {
    _clearWhole(_anyArea(), _draw(0, 2));
  }

  function beginClearing(uint256 seed) external acts(seed) {
    _clearFirstStep(_anyArea());
  }

  function finishClearing(uint256 seed) external acts(seed) {
    for (uint256 i = openDeals.length; i != 0; --i) {
      if (_finish(openDeals[i - 1], _draw(0, 2))) return;
    }
  }

  // -- internal

  function _anyArea() internal returns (uint16) {
    return uint16(_draw(UNIFORM_AREA, NEGATIVE_AREA));
  }

  /// @param fault 0: whoever lacks margin is left without, and the clearing refused
  function _clearWhole(uint16 areaId, uint256 fault) internal returns (bool) {
    ReferenceClearing.Result memory result = _drawBook(areaId, MAX_ORDERS);
    Step memory step = Step(0, result.bids.length, 0, result.offers.length, 0, result.trades.length, true);
    uint256 id = _dealFor(result);
    _refuseForgeries(result, step);
    return _submit(id, result, step, fault);
  }

  /// @dev Each account has one order a side, so that no step splits the orders of an account at one price.
  function _clearFirstStep(uint16 areaId) internal returns (bool) {
    ReferenceClearing.Result memory result = _drawBook(areaId, 0);
    if (result.trades.length == 0) return false;
    uint256 toTrade = _draw(1, result.trades.length);
    ReferenceClearing.Trade memory last = result.trades[toTrade - 1];
    uint256 id = _dealFor(result);
    Step memory step = Step(0, last.bid + 1, 0, last.offer + 1, 0, toTrade, false);
    if (!_submit(id, result, step, 1)) return false;
    unfinished[id] = abi.encode(result, step);
    return true;
  }

  function _finish(uint256 id, uint256 fault) internal returns (bool) {
    Deal storage deal = deals[id];
    if (deal.stage != PoolLib.Stage.Clearing || _now() >= _endsAt(deal.intervalId)) return false;
    (ReferenceClearing.Result memory result, Step memory step) =
      abi.decode(unfinished[id], (ReferenceClearing.Result, Step));
    step = Step(
      step.toBid,
      result.bids.length,
      step.toOffer,
      result.offers.length,
      step.toTrade,
      result.trades.length,
      true
    );
    if (!_isTradable(result, step)) {
      _refuses(NotTradable.selector, operator, address(pool), _calldataOf(result, step));
    } else if (_submit(id, result, step, fault)) {
      ++lastSteps;
    }
    return true;
  }

  /// @dev Books the step when everybody covers it; else it is refused as a whole, and nothing happened.
  function _submit(uint256 id, ReferenceClearing.Result memory result, Step memory step, uint256 fault)
    private
    robsNobody
    returns (bool)
  {
    Deal storage deal = deals[id];
    uint256[][] memory positions = new uint256[][](PAGES);
    for (uint256 page; page < PAGES; ++page) {
      positions[page] = _positionsOf(result, step, page);
    }
    uint256 reserveMicro = _supplierReserveOf(result, step);
    Holding[] memory holdings = _holdingsOf(deal.areaId, result.localPrice, positions, reserveMicro);
    bytes memory data = _calldataOf(result, step);
    if (!_isCovered(holdings, fault)) {
      _refuses(InsufficientMargin.selector, operator, address(pool), data);
      return false;
    }
    vm.prank(operator);
    (bool isDone,) = address(pool).call(data);
    vm.assertTrue(isDone, "a sound clearing was refused");

    _reserve(holdings);
    for (uint256 page; page < PAGES; ++page) {
      _keepPart(id, page, positions[page]);
    }
    deal.supplierReserveMicro += reserveMicro;
    _keepStep(id, step.isLast);
    if (step.isLast) _refuses(AlreadyCleared.selector, operator, address(pool), data);
    return true;
  }

  function _keepStep(uint256 id, bool isLast) private {
    Deal storage deal = deals[id];
    if (deal.steps++ == 0 && deal.openParts != 0) openDeals.push(id);
    if (deal.intervalId > lastInterval[deal.areaId]) lastInterval[deal.areaId] = deal.intervalId;
    deal.stage = PoolLib.Stage.Clearing;
    if (!isLast) return;
    deal.stage = deal.openParts == 0 ? PoolLib.Stage.Settled : PoolLib.Stage.Cleared;
    if (deal.openParts != 0) ++clearings;
  }

  function _isCovered(Holding[] memory holdings, uint256 fault) private returns (bool isCovered) {
    isCovered = true;
    for (uint256 i; i < holdings.length; ++i) {
      uint256 shortageMicro = _shortageOf(holdings[i].account, holdings);
      if (shortageMicro == 0) continue;
      if (fault == 0) isCovered = false;
      else _topUp(holdings[i].account, shortageMicro);
    }
  }

  /// @dev An order of somebody else's hand, and the book of an outsider.
  function _refuseForgeries(ReferenceClearing.Result memory result, Step memory step) private {
    (uint16 areaId, uint32 intervalId) = (result.outcome.areaId, result.outcome.intervalId);
    uint24 account = result.bids[0].account;
    address owner = registry.ownerOf(account);
    address forger = registry.signerOf(account) == owner ? outsider : owner;
    bytes memory forged = bytes.concat(
      _signedBy(forger, areaId, intervalId, 0, result.bids[0]),
      _pack(areaId, intervalId, 0, result.bids, 1, result.bids.length)
    );
    bytes memory offers = _pack(areaId, intervalId, 1, result.offers, 0, result.offers.length);
    bytes memory data = areaId == MIDPOINT_AREA
      ? abi.encodeCall(pool.clearMidpoint, (result.outcome, forged, offers, true))
      : abi.encodeCall(pool.clearUniform, (result.outcome, forged, offers, true));
    _refuses(InvalidSignature.selector, operator, address(pool), data);
    _refuses(NotAuthorised.selector, outsider, address(pool), _calldataOf(result, step));
  }

  // -- books

  function _dealFor(ReferenceClearing.Result memory result) private returns (uint256 id) {
    id = deals.length;
    Deal storage deal = deals.push();
    (deal.areaId, deal.intervalId) = (result.outcome.areaId, result.outcome.intervalId);
    deal.localPrice = result.localPrice;
  }

  /// @dev A book of the interval whose gate is closed; or of the next one, when the area's is cleared.
  /// @param maxOrders most orders a side; 0: one for each account at most
  function _drawBook(uint16 areaId, uint256 maxOrders) private returns (ReferenceClearing.Result memory) {
    uint32 intervalId = uint32((_now() + GATE_CLOSURE_SECONDS) / INTERVAL_SECONDS);
    if (intervalId <= lastInterval[areaId]) intervalId = lastInterval[areaId] + 1;
    if (_now() < _opensAt(intervalId)) vm.warp(_opensAt(intervalId));
    uint24[] memory people = _tradersOf(areaId);
    PoolLib.Terms memory terms = pool.areaOf(areaId).terms;
    ReferenceClearing.Order[] memory bids = _drawOrders(people, maxOrders, terms);
    ReferenceClearing.Order[] memory offers = _drawOrders(people, maxOrders, terms);
    if (maxOrders == 0 || !_oneIn(12)) (bids[0].price, offers[0].price) = (terms.ceiling, terms.floor);
    return _cleared(bids, offers, areaId, intervalId);
  }

  function _drawOrders(uint24[] memory people, uint256 maxOrders, PoolLib.Terms memory terms)
    private
    returns (ReferenceClearing.Order[] memory orders)
  {
    orders = new ReferenceClearing.Order[](_draw(1, maxOrders == 0 ? people.length : maxOrders));
    uint256 first = _draw(0, people.length - 1);
    for (uint256 i; i < orders.length; ++i) {
      int256 share = int256(_oneIn(2) ? 250 * _draw(0, 4) : _draw(0, 1000));
      orders[i] = ReferenceClearing.Order({
        account: people[(first + i) % people.length],
        price: int32(terms.floor + (int256(terms.ceiling) - terms.floor) * share / 1000),
        energyWh: uint32(_draw(1, MAX_ORDER_WH)),
        sequence: uint8(i)
      });
    }
  }

  /// @dev Who may trade in the area; everybody again, once all are suspended.
  function _tradersOf(uint16 areaId) private returns (uint24[] memory people) {
    uint24[] memory all = traders[areaId];
    people = new uint24[](all.length);
    uint256 count;
    while (count == 0) {
      for (uint256 i; i < all.length; ++i) {
        if (_isTradable(areaId, all[i])) people[count++] = all[i];
      }
      for (uint256 i; count == 0 && i < all.length; ++i) {
        vm.prank(registrar);
        registry.reinstate(all[i], 0);
      }
    }
    uint24[] memory kept = new uint24[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = people[i];
    }
    return kept;
  }

  function _isTradable(ReferenceClearing.Result memory result, Step memory step) private view returns (bool) {
    uint16 areaId = result.outcome.areaId;
    for (uint256 i = step.fromBid; i < step.toBid; ++i) {
      if (!_isTradable(areaId, result.bids[i].account)) return false;
    }
    for (uint256 i = step.fromOffer; i < step.toOffer; ++i) {
      if (!_isTradable(areaId, result.offers[i].account)) return false;
    }
    return true;
  }

  // -- steps

  function _calldataOf(ReferenceClearing.Result memory result, Step memory step)
    private
    view
    returns (bytes memory)
  {
    (uint16 areaId, uint32 intervalId) = (result.outcome.areaId, result.outcome.intervalId);
    bytes memory bids = _pack(areaId, intervalId, 0, result.bids, step.fromBid, step.toBid);
    bytes memory offers = _pack(areaId, intervalId, 1, result.offers, step.fromOffer, step.toOffer);
    return areaId == MIDPOINT_AREA
      ? abi.encodeCall(pool.clearMidpoint, (result.outcome, bids, offers, step.isLast))
      : abi.encodeCall(pool.clearUniform, (result.outcome, bids, offers, step.isLast));
  }

  function _positionsOf(ReferenceClearing.Result memory result, Step memory step, uint256 page)
    private
    pure
    returns (uint256[] memory)
  {
    if (result.outcome.areaId == MIDPOINT_AREA) {
      return ReferenceClearing.positionsOf(result, page, step.fromTrade, step.toTrade);
    }
    return ReferenceClearing.uniformPositionsOf(
      result, page, step.fromBid, step.toBid, step.fromOffer, step.toOffer
    );
  }

  /// @dev With its last step a clearing reserves what the supplier would pay for everything that is not consumed.
  function _supplierReserveOf(ReferenceClearing.Result memory result, Step memory step)
    private
    view
    returns (uint256)
  {
    int256 surplusPrice = pool.areaOf(result.outcome.areaId).terms.surplusPrice;
    if (!step.isLast || surplusPrice < 0) return 0;
    return uint256(_up(int256(result.clearedWh) * surplusPrice));
  }

  /// @dev What a step reserves: for each position, and last for the supplier.
  function _holdingsOf(uint16 areaId, int256 localPrice, uint256[][] memory positions, uint256 supplierMicro)
    private
    view
    returns (Holding[] memory holdings)
  {
    PoolLib.Area memory area = pool.areaOf(areaId);
    Prices memory prices = _pricesOf(area.terms, localPrice);
    holdings = new Holding[](positions[0].length + positions[1].length + 1);
    for (uint256 i; i + 1 < holdings.length; ++i) {
      bool isFirstPage = i < positions[0].length;
      holdings[i] = _holding(isFirstPage ? positions[0][i] : positions[1][i - positions[0].length], prices);
    }
    holdings[holdings.length - 1] = Holding(area.supplier, 0, 0, 0, supplierMicro);
  }
}
