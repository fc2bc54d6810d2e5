// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { SettlementLib } from "../../src/libraries/SettlementLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { RandomBooks } from "./RandomBooks.sol";

/// @notice Whatever the book, the pool takes the clearing of the reference, in one step or in two, and everybody pays what
/// the reference says (R9.8, R2.41, R7.19).
contract FuzzTest is RandomBooks {
  using Readings for Readings.Tree;

  /// @dev What the readings make of the positions.
  struct Bill {
    uint256 gridFeeMicro;
    int256 supplierMicro;
  }

  function testFuzz_EveryBookClearsAndSettles(uint256 seed) public {
    _seed(seed);
    ReferenceClearing.Result memory result = _anyBook();
    uint256 poolMicro = _poolMicro();
    uint256[] memory margins = _margins();
    _submitAll(result);
    vm.assertEq(pool.intervalOf(result.outcome.areaId, INTERVAL).clearedWh, result.clearedWh);
    if (result.clearedWh == 0) {
      vm.assertEq(_margins(), margins);
      _assertStage(result.outcome.areaId, PoolLib.Stage.Settled);
    } else {
      _assertReserved(result, margins);
      uint256[][] memory positions = _positionsOf(result, 0);
      _settleRandomly(result, positions, margins);
    }
    vm.assertEq(_poolMicro(), poolMicro);
    _assertNothingHeld();
  }

  /// @dev Cut anywhere between two participants. A midpoint step that would leave more than an order is refused, and only
  /// such a step.
  function testFuzz_TwoStepsAreAsOne(uint256 seed) public {
    _seed(seed);
    ReferenceClearing.Result memory result = _crossingBook();
    uint256 poolMicro = _poolMicro();
    uint256[] memory margins = _margins();
    uint256 bid = _cut(result.bids);
    uint256 offer = _cut(result.offers);
    if (!_tryFirstStep(result, bid, offer)) return;
    _step(result, bid, result.bids.length, offer, result.offers.length, true);
    vm.assertEq(pool.intervalOf(result.outcome.areaId, INTERVAL).clearedWh, result.clearedWh);
    vm.assertEq(pool.intervalOf(result.outcome.areaId, INTERVAL).localPrice, result.localPrice);
    _settleRandomly(result, _twoSteps(result, bid, offer), margins);
    vm.assertEq(_poolMicro(), poolMicro);
    _assertNothingHeld();
  }

  /// @dev Whatever was reserved in the first step comes back when the second never comes.
  function testFuzz_AnUnfinishedClearingIsGivenBack(uint256 seed) public {
    _seed(seed);
    ReferenceClearing.Result memory result = _crossingBook();
    uint256[] memory margins = _margins();
    uint256 bid = _cut(result.bids);
    uint256 offer = _cut(result.offers);
    if (!_tryFirstStep(result, bid, offer)) return;
    uint256[] memory positions = _twoSteps(result, bid, offer)[0];
    vm.warp(_endsAt(INTERVAL));
    if (positions.length != 0) pool.voidPage(result.outcome.areaId, INTERVAL, 0, _single(positions));
    vm.assertEq(_margins(), margins);
    _assertNothingHeld();
  }

  // -- one step

  function _assertReserved(ReferenceClearing.Result memory result, uint256[] memory margins) private view {
    SettlementLib.Prices memory prices = _pricesOf(result);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0, 0, result.trades.length);
    uint256 reserved;
    for (uint256 i; i < positions.length; ++i) {
      uint256 reserve = SettlementLib.reserveOf(positions[i], prices);
      uint256 account = SettlementLib.accountOf(positions[i]);
      vm.assertEq(_marginOf(uint24(account)), margins[account] - reserve, "reserve");
      reserved += reserve;
    }
    PoolLib.Interval memory interval = pool.intervalOf(result.outcome.areaId, INTERVAL);
    vm.assertEq(interval.localPrice, result.localPrice, "local price");
    vm.assertEq(interval.escrowMicro, reserved + uint256(int256(interval.supplierMicro)), "escrow");
    vm.assertEq(house.escrowMicro(address(pool)), interval.escrowMicro, "escrow of the house");
    int256 surplus = prices.surplus > 0 ? int256(result.clearedWh) * prices.surplus : int256(0);
    vm.assertEq(interval.supplierMicro, (surplus + 999) / 1000, "supplier");
  }

  // -- two steps

  function _tryFirstStep(ReferenceClearing.Result memory result, uint256 bid, uint256 offer)
    private
    returns (bool)
  {
    bytes memory bids = _pack(result.outcome.areaId, INTERVAL, BID, result.bids, 0, bid);
    bytes memory offers = _pack(result.outcome.areaId, INTERVAL, OFFER, result.offers, 0, offer);
    (bool isAccepted, bytes4 refusal) = _tryClear(result.outcome, bids, offers, false);
    bool isEven = !_isMidpoint(result) || _isEven(result, bid, offer);
    vm.assertTrue(isAccepted == isEven, "acceptance of the step");
    if (!isAccepted) vm.assertTrue(refusal == UnevenStep.selector, "refusal of the step");
    return isAccepted;
  }

  /// @dev A place in the side that does not part orders of one participant at one price.
  function _cut(ReferenceClearing.Order[] memory orders) private returns (uint256 cut) {
    cut = _draw(orders.length + 1);
    while (cut != 0 && cut < orders.length && _isOneGroup(orders[cut - 1], orders[cut])) {
      ++cut;
    }
  }

  function _isOneGroup(ReferenceClearing.Order memory left, ReferenceClearing.Order memory right)
    private
    pure
    returns (bool)
  {
    return left.price == right.price && left.account == right.account;
  }

  function _isEven(ReferenceClearing.Result memory result, uint256 bid, uint256 offer)
    private
    pure
    returns (bool)
  {
    uint256 pairedWh = _pairedWh(result, bid, offer);
    uint256 bidsLeft = _left(result.bids, result.bidFillWh, bid, result.outcome.marginalBid, pairedWh);
    uint256 offersLeft =
      _left(result.offers, result.offerFillWh, offer, result.outcome.marginalOffer, pairedWh);
    return bidsLeft < 2 && offersLeft < 2;
  }

  function _pairedWh(ReferenceClearing.Result memory result, uint256 bid, uint256 offer)
    private
    pure
    returns (uint256)
  {
    uint256 boughtWh = _sumOf(result.bidFillWh, bid);
    uint256 soldWh = _sumOf(result.offerFillWh, offer);
    return boughtWh < soldWh ? boughtWh : soldWh;
  }

  /// @dev How many fills before the cut reach beyond what the other side pairs; a participant's at the margin are one.
  function _left(
    ReferenceClearing.Order[] memory orders,
    uint256[] memory fillWh,
    uint256 cut,
    int32 marginalPrice,
    uint256 pairedWh
  ) private pure returns (uint256 left) {
    uint256 filledWh;
    for (uint256 i; i < cut; ++i) {
      uint256 energyWh = fillWh[i];
      while (orders[i].price == marginalPrice && i + 1 < cut && _isOneGroup(orders[i], orders[i + 1])) {
        energyWh += fillWh[++i];
      }
      filledWh += energyWh;
      if (energyWh != 0 && filledWh > pairedWh) ++left;
    }
  }

  function _sumOf(uint256[] memory fillWh, uint256 count) private pure returns (uint256 sum) {
    for (uint256 i; i < count; ++i) {
      sum += fillWh[i];
    }
  }

  function _twoSteps(ReferenceClearing.Result memory result, uint256 bid, uint256 offer)
    private
    view
    returns (uint256[][] memory steps)
  {
    steps = new uint256[][](2);
    if (!_isMidpoint(result)) {
      steps[0] = ReferenceClearing.uniformPositionsOf(result, 0, 0, bid, 0, offer);
      steps[1] =
        ReferenceClearing.uniformPositionsOf(result, 0, bid, result.bids.length, offer, result.offers.length);
      return steps;
    }
    uint256 pairedWh = _pairedWh(result, bid, offer);
    uint256 trades;
    for (uint256 sum; sum < pairedWh; ++trades) {
      sum += result.trades[trades].energyWh;
    }
    steps[0] = ReferenceClearing.positionsOf(result, 0, 0, trades);
    steps[1] = ReferenceClearing.positionsOf(result, 0, trades, result.trades.length);
  }

  // -- settlement

  /// @dev Settles with random readings, and checks what everybody paid.
  function _settleRandomly(
    ReferenceClearing.Result memory result,
    uint256[][] memory positions,
    uint256[] memory margins
  ) private {
    uint256[] memory merged = ReferenceClearing.positionsOf(result, 0, 0, result.trades.length);
    uint256[] memory readings = new uint256[](merged.length);
    for (uint256 i; i < merged.length; ++i) {
      readings[i] = _drawReading(merged[i]);
    }
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publish(result.outcome.areaId, INTERVAL, readings);
    pool.settle(result.outcome.areaId, INTERVAL, 0, positions, tree.open(0, merged));
    _assertStage(result.outcome.areaId, PoolLib.Stage.Settled);
    Bill memory bill = _assertAccountsPaid(merged, readings, _pricesOf(result), margins);
    vm.assertEq(_marginOf(dsoAccount), margins[dsoAccount] + bill.gridFeeMicro, "DSO");
    int256 gained = int256(_marginOf(supplierAccount)) - int256(margins[supplierAccount]);
    vm.assertEq(gained, bill.supplierMicro, "supplier");
    vm.assertLe(_marginOf(fundAccount) - margins[fundAccount], merged.length, "fund");
  }

  function _assertAccountsPaid(
    uint256[] memory positions,
    uint256[] memory readings,
    SettlementLib.Prices memory prices,
    uint256[] memory margins
  ) private view returns (Bill memory bill) {
    for (uint256 i; i < positions.length; ++i) {
      (int256 paid, int256 shortfall, int256 surplus, int256 gridFee) =
        SettlementLib.settle(positions[i], uint32(readings[i] >> 192), uint32(readings[i] >> 160), prices);
      uint256 account = SettlementLib.accountOf(positions[i]);
      vm.assertEq(int256(_marginOf(uint24(account))), int256(margins[account]) - paid, "account");
      bill.gridFeeMicro += uint256(gridFee);
      bill.supplierMicro += shortfall - surplus;
    }
  }

  /// @dev As traded, nothing, anything, or the most that a meter can say.
  function _drawReading(uint256 position) private returns (uint256) {
    uint256 kind = _draw(4);
    uint256 account = SettlementLib.accountOf(position);
    if (kind == 0) return Readings.reading(account, 0, 0);
    if (kind == 1) return Readings.reading(account, type(uint32).max, type(uint32).max);
    uint256 boughtWh = SettlementLib.boughtWhOf(position);
    uint256 soldWh = SettlementLib.soldWhOf(position);
    (uint256 importWh, uint256 exportWh) =
      boughtWh > soldWh ? (boughtWh - soldWh, uint256(0)) : (uint256(0), soldWh - boughtWh);
    if (kind == 2) return Readings.reading(account, _clip(_draw(importWh + 2)), _clip(_draw(exportWh + 2)));
    return Readings.reading(account, _clip(importWh), _clip(exportWh));
  }

  function _clip(uint256 energyWh) private pure returns (uint256) {
    return energyWh < type(uint32).max ? energyWh : type(uint32).max;
  }

  function _pricesOf(ReferenceClearing.Result memory result)
    private
    view
    returns (SettlementLib.Prices memory)
  {
    return PoolLib.pricesOf(pool.areaOf(result.outcome.areaId).terms, int32(result.localPrice));
  }

  function _margins() private view returns (uint256[] memory margins) {
    margins = new uint256[](uint256(registry.lastAccount()) + 1);
    for (uint24 account = 1; account < margins.length; ++account) {
      margins[account] = _marginOf(account);
    }
  }
}
