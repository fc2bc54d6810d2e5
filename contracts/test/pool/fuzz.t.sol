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
/// the reference says; no micro is made or lost (R9.8, R2.41, R7.19).
/// forge-config: default.fuzz.runs = 96
contract FuzzTest is RandomBooks {
  /// @dev What the readings make of the positions.
  struct Bill {
    uint256 gridFeeMicro;
    int256 supplierMicro;
    uint256 positions;
  }

  function testFuzz_EveryBookClearsAndSettles(uint256 seed) public {
    _seed(seed);
    ReferenceClearing.Result memory result = _anyBook();
    uint256[] memory margins = _margins(result);
    _submitAll(result);
    PoolLib.Interval memory interval = pool.intervalOf(result.outcome.areaId, INTERVAL);
    vm.assertEq(uint256(interval.clearedWh), result.clearedWh);
    if (result.clearedWh == 0) {
      vm.assertEq(uint256(interval.stage), uint256(PoolLib.Stage.Untraded));
      vm.assertEq(_margins(result), margins);
    } else {
      _assertReserved(result, margins);
      _settleRandomly(result, margins);
    }
    _assertConserved(result, margins);
  }

  /// @dev Cut anywhere between two members. A midpoint step that would leave more than an order is refused, and only such
  /// a step.
  function testFuzz_TwoStepsAreAsOne(uint256 seed) public {
    _seed(seed);
    ReferenceClearing.Result memory result = _crossingBook();
    uint256[] memory margins = _margins(result);
    (uint256 bid, uint256 offer) = (_cut(result.bids), _cut(result.offers));
    if (!_tryFirstStep(result, bid, offer)) return;
    _step(result, bid, result.bids.length, offer, result.offers.length, true);
    _assertReserved(result, margins);
    _settleRandomly(result, margins);
    _assertConserved(result, margins);
  }

  /// @dev Whatever was reserved in the first step comes back when the second never comes.
  function testFuzz_AnUnfinishedClearingIsGivenBack(uint256 seed) public {
    _seed(seed);
    ReferenceClearing.Result memory result = _crossingBook();
    uint256[] memory margins = _margins(result);
    (uint256 bid, uint256 offer) = (_cut(result.bids), _cut(result.offers));
    if (!_tryFirstStep(result, bid, offer)) return;
    uint256[] memory positions = _priorOf(result, bid, offer)[0];
    vm.warp(uint256(INTERVAL) * INTERVAL_SECONDS);
    vm.prank(outsider);
    pool.abandon(result.outcome.areaId, INTERVAL);
    if (positions.length != 0) pool.returnPage(result.outcome.areaId, INTERVAL, 0, 0, positions);
    vm.assertEq(_margins(result), margins);
    _assertNothingHeld();
  }

  // -- one step

  function _assertReserved(ReferenceClearing.Result memory result, uint256[] memory margins) private view {
    SettlementLib.Prices memory prices = _pricesOf(result);
    ReferenceClearing.Page memory held = _held(result);
    uint16 areaId = result.outcome.areaId;
    uint256 reserved;
    for (uint256 member = 4; member < margins.length; ++member) {
      uint256 reserve = _reserveOf(result, held, member, prices);
      vm.assertEq(_marginOf(areaId, uint16(member)), margins[member] - reserve, "reserve");
      reserved += reserve;
    }
    PoolLib.Interval memory interval = pool.intervalOf(areaId, INTERVAL);
    vm.assertEq(int256(interval.localPrice), result.localPrice, "local price");
    vm.assertEq(uint256(interval.escrowMicro), reserved + uint256(int256(interval.supplierMicro)), "escrow");
    vm.assertEq(house.escrowMicro(address(pool)), interval.escrowMicro, "escrow of the house");
    int256 surplus = prices.surplus > 0 ? int256(result.clearedWh) * prices.surplus : int256(0);
    vm.assertEq(int256(interval.supplierMicro), (surplus + 999) / 1000, "supplier");
  }

  // -- two steps

  function _tryFirstStep(ReferenceClearing.Result memory result, uint256 bid, uint256 offer)
    private
    returns (bool)
  {
    bytes memory bids = _pack(result.outcome.areaId, INTERVAL, BID, result.bids, 0, bid);
    bytes memory offers = _pack(result.outcome.areaId, INTERVAL, OFFER, result.offers, 0, offer);
    (bool isAccepted, bytes4 refusal) = _tryClear(result.outcome, bids, offers, false);
    bool isEven = result.pricing != MIDPOINT || _isEven(result, bid, offer);
    vm.assertTrue(isAccepted == isEven, "acceptance of the step");
    if (!isAccepted) vm.assertTrue(refusal == UnevenStep.selector, "refusal of the step");
    return isAccepted;
  }

  /// @dev A place in the side that does not part orders of one member at one price.
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
    return left.price == right.price && left.member == right.member;
  }

  function _isEven(ReferenceClearing.Result memory result, uint256 bid, uint256 offer)
    private
    pure
    returns (bool)
  {
    (uint256 boughtWh, uint256 soldWh) = (_sumOf(result.bidFillWh, bid), _sumOf(result.offerFillWh, offer));
    uint256 pairedWh = boughtWh < soldWh ? boughtWh : soldWh;
    uint256 bidsLeft = _left(result.bids, result.bidFillWh, bid, result.outcome.marginalBid, pairedWh);
    uint256 offersLeft =
      _left(result.offers, result.offerFillWh, offer, result.outcome.marginalOffer, pairedWh);
    return bidsLeft < 2 && offersLeft < 2;
  }

  /// @dev How many fills before the cut reach beyond what the other side pairs; a member's at the margin are one.
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

  // -- settlement

  /// @dev Settles with random readings, and checks what everybody paid.
  function _settleRandomly(ReferenceClearing.Result memory result, uint256[] memory margins) private {
    uint256[] memory readings = _drawReadings(result, margins.length);
    vm.warp(_endsAt(INTERVAL));
    _settleAll(result, _publish(result.outcome.areaId, INTERVAL, readings));
    uint16 areaId = result.outcome.areaId;
    vm.assertEq(uint256(pool.intervalOf(areaId, INTERVAL).stage), uint256(PoolLib.Stage.Settled));
    Bill memory bill = _assertMembersPaid(result, readings, margins);
    vm.assertEq(_marginOf(areaId, DSO), margins[DSO] + bill.gridFeeMicro, "DSO");
    int256 gained = int256(_marginOf(areaId, SUPPLIER)) - int256(margins[SUPPLIER]);
    vm.assertEq(gained, bill.supplierMicro, "supplier");
    vm.assertLe(_marginOf(areaId, FUND) - margins[FUND], 3 * bill.positions, "fund");
  }

  function _assertMembersPaid(
    ReferenceClearing.Result memory result,
    uint256[] memory readings,
    uint256[] memory margins
  ) private view returns (Bill memory bill) {
    SettlementLib.Prices memory prices = _pricesOf(result);
    ReferenceClearing.Page memory held = _held(result);
    for (uint256 i; i < readings.length; ++i) {
      uint256 member = readings[i] >> 240;
      uint256 rest = _restOf(result, held, readings[i], prices, bill);
      uint256 reserve = _reserveOf(result, held, member, prices);
      uint256 margin = _marginOf(result.outcome.areaId, uint16(member));
      vm.assertEq(margin, margins[member] - reserve + rest, "member");
    }
  }

  function _restOf(
    ReferenceClearing.Result memory result,
    ReferenceClearing.Page memory held,
    uint256 reading,
    SettlementLib.Prices memory prices,
    Bill memory bill
  ) private pure returns (uint256 rest) {
    uint256 member = reading >> 240;
    (uint256 energyWh, int256 amount) = (held.energyWh[member], _amountOf(result, held, member));
    if (energyWh == 0) return 0;
    ++bill.positions;
    if (held.side[member] == 2) {
      int256 shortfall;
      (rest, shortfall) = SettlementLib.settleSale(energyWh, amount, uint32(reading >> 136), prices);
      bill.supplierMicro += shortfall;
    } else {
      (int256 surplus, int256 gridFee) = (0, 0);
      (rest, surplus, gridFee) =
        SettlementLib.settlePurchase(energyWh, amount, uint32(reading >> 168), prices);
      bill.supplierMicro -= surplus;
      bill.gridFeeMicro += uint256(gridFee);
    }
  }

  /// @dev A reading for each resident: as traded, nothing, anything, or the most that a meter can say.
  function _drawReadings(ReferenceClearing.Result memory result, uint256 end)
    private
    returns (uint256[] memory readings)
  {
    ReferenceClearing.Page memory held = _held(result);
    readings = new uint256[](end - 4);
    for (uint256 member = 4; member < end; ++member) {
      uint256 kind = _draw(4);
      uint256 energyWh = kind == 0 ? 0 : kind == 1 ? type(uint32).max : held.energyWh[member];
      if (kind == 2) energyWh = _draw(energyWh + 2);
      bool isSeller = held.side[member] == 2;
      readings[member - 4] = Readings.reading(member, isSeller ? 0 : energyWh, isSeller ? energyWh : 0);
    }
  }

  // -- what the reference says of a member

  function _held(ReferenceClearing.Result memory result)
    private
    pure
    returns (ReferenceClearing.Page memory)
  {
    return ReferenceClearing.pageOf(result, 0, result.bids.length, result.offers.length);
  }

  function _amountOf(
    ReferenceClearing.Result memory result,
    ReferenceClearing.Page memory held,
    uint256 member
  ) private pure returns (int256) {
    if (result.pricing == MIDPOINT) return held.amount[member];
    return int256(held.energyWh[member]) * result.localPrice;
  }

  function _reserveOf(
    ReferenceClearing.Result memory result,
    ReferenceClearing.Page memory held,
    uint256 member,
    SettlementLib.Prices memory prices
  ) private pure returns (uint256) {
    if (held.energyWh[member] == 0) return 0;
    return SettlementLib.reserveOf(
      held.side[member] == 2, held.energyWh[member], _amountOf(result, held, member), prices
    );
  }

  function _pricesOf(ReferenceClearing.Result memory result)
    private
    view
    returns (SettlementLib.Prices memory)
  {
    PoolLib.Terms memory terms = pool.termsOf(result.outcome.areaId, 1);
    return PoolLib.pricesOf(terms, result.localPrice, true);
  }

  function _margins(ReferenceClearing.Result memory result) private view returns (uint256[] memory margins) {
    uint16 areaId = result.outcome.areaId;
    (,, uint16 lastMember,,,) = areas.areas(areaId);
    margins = new uint256[](uint256(lastMember) + 1);
    for (uint16 member = 1; member <= lastMember; ++member) {
      margins[member] = _marginOf(areaId, member);
    }
  }

  /// @dev All margins of the area together are what they were.
  function _assertConserved(ReferenceClearing.Result memory result, uint256[] memory before) private view {
    uint256[] memory margins = _margins(result);
    (uint256 sum, uint256 sumBefore) = (0, 0);
    for (uint256 member; member < margins.length; ++member) {
      (sum, sumBefore) = (sum + margins[member], sumBefore + before[member]);
    }
    vm.assertEq(sum, sumBefore, "money");
    _assertNothingHeld();
  }
}
