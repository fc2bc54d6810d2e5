// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SettlementLib } from "../../src/libraries/SettlementLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { vm } from "../support/Vm.sol";

/// @notice The cases of cases/settlement, which the TypeScript settlement reads as well: one rule in two languages
/// (docs/model/settlement.md). A case in which somebody is on both sides is not the chain's: the clearing refuses it.
contract SettlementGoldenTest {
  string private constant CASES = "cases/settlement";
  uint256 private constant FEWEST_CASES = 9;

  struct Columns {
    int256[] boughtWh;
    int256[] soldWh;
    int256[] exactPayment;
    int256[] importWh;
    int256[] exportWh;
  }

  /// @dev What the columns add up to, micro.
  struct Totals {
    int256 shortfall;
    int256 surplus;
    int256 gridFee;
    int256 paid;
  }

  function test_EveryCaseSettlesAsStated() public view {
    uint256 count;
    string[] memory directories = _directories();
    for (uint256 i; i < directories.length; ++i) {
      count += _check(directories[i]);
    }
    // Two positions a case at least: an empty list of cases or of positions would prove nothing.
    vm.assertGe(count, 2 * FEWEST_CASES);
  }

  function _check(string memory directory) private view returns (uint256 positions) {
    string memory input = vm.readFile(string.concat(directory, "/input.json"));
    string memory expected = vm.readFile(string.concat(directory, "/expected.json"));
    if (_isOnBothSides(_columnsOf(input))) return 0;
    SettlementLib.Prices memory prices = _pricesOf(input);
    vm.assertEq(prices.shortfall, vm.parseJsonInt(expected, ".shortfallPriceMicroPerKwh"), directory);

    Columns memory columns = _columnsOf(input);
    _checkReserves(columns, prices, expected, directory);
    Totals memory totals = _checkSettlements(columns, prices, expected, directory);
    _checkTotals(columns, prices, totals, expected, directory);
    positions = columns.boughtWh.length;
  }

  function _checkReserves(
    Columns memory columns,
    SettlementLib.Prices memory prices,
    string memory expected,
    string memory directory
  ) private pure {
    int256[] memory reserves = vm.parseJsonIntArray(expected, ".reserveMicro");
    vm.assertEq(reserves.length, columns.boughtWh.length, directory);
    for (uint256 i; i < reserves.length; ++i) {
      vm.assertEq(int256(_reserveOf(columns, prices, i)), reserves[i], directory);
    }
  }

  function _checkSettlements(
    Columns memory columns,
    SettlementLib.Prices memory prices,
    string memory expected,
    string memory directory
  ) private pure returns (Totals memory totals) {
    int256[] memory paidMicro = vm.parseJsonIntArray(expected, ".paidMicro");
    int256[] memory shortfallMicro = vm.parseJsonIntArray(expected, ".shortfallMicro");
    int256[] memory surplusMicro = vm.parseJsonIntArray(expected, ".surplusMicro");
    int256[] memory gridFeeMicro = vm.parseJsonIntArray(expected, ".gridFeeMicro");
    for (uint256 i; i < paidMicro.length; ++i) {
      (int256 paid, int256 shortfall, int256 surplus, int256 gridFee) = _settle(columns, prices, i);
      vm.assertEq(paid, paidMicro[i], directory);
      vm.assertEq(shortfall, shortfallMicro[i], directory);
      vm.assertEq(surplus, surplusMicro[i], directory);
      vm.assertEq(gridFee, gridFeeMicro[i], directory);
      totals.paid += paid;
      totals.shortfall += shortfall;
      totals.surplus += surplus;
      totals.gridFee += gridFee;
    }
  }

  /// @dev Who is not metered: the supplier, the DSO, and the fund, which gets what rounding left of all that was paid.
  function _checkTotals(
    Columns memory columns,
    SettlementLib.Prices memory prices,
    Totals memory totals,
    string memory expected,
    string memory directory
  ) private pure {
    int256 clearedWh;
    for (uint256 i; i < columns.boughtWh.length; ++i) {
      clearedWh += columns.boughtWh[i];
    }
    int256 reserve = prices.surplus > 0 ? SettlementLib.ceilThousandth(clearedWh * prices.surplus) : int256(0);
    int256 deviations = totals.shortfall - totals.surplus;
    vm.assertEq(reserve, vm.parseJsonInt(expected, ".supplierReserveMicro"), directory);
    vm.assertEq(reserve + deviations, vm.parseJsonInt(expected, ".supplierMicro"), directory);
    vm.assertEq(totals.gridFee, vm.parseJsonInt(expected, ".dsoMicro"), directory);
    vm.assertEq(totals.paid - totals.gridFee - deviations, vm.parseJsonInt(expected, ".fundMicro"), directory);
  }

  function _pricesOf(string memory input) private pure returns (SettlementLib.Prices memory) {
    PoolLib.Terms memory terms;
    terms.upstreamPrice = int32(vm.parseJsonInt(input, ".upstreamPriceMicroPerKwh"));
    terms.surplusPrice = int32(vm.parseJsonInt(input, ".surplusPriceMicroPerKwh"));
    terms.gridFee = uint32(vm.parseJsonUint(input, ".gridFeeMicroPerKwh"));
    terms.penaltyPermille = uint16(vm.parseJsonUint(input, ".penaltyPermille"));
    return PoolLib.pricesOf(terms, vm.parseJsonInt(input, ".localPriceMicroPerKwh"), true);
  }

  function _columnsOf(string memory input) private pure returns (Columns memory columns) {
    columns.boughtWh = vm.parseJsonIntArray(input, ".boughtWh");
    columns.soldWh = vm.parseJsonIntArray(input, ".soldWh");
    columns.exactPayment = vm.parseJsonIntArray(input, ".exactPayment");
    columns.importWh = vm.parseJsonIntArray(input, ".importWh");
    columns.exportWh = vm.parseJsonIntArray(input, ".exportWh");
  }

  function _reserveOf(Columns memory columns, SettlementLib.Prices memory prices, uint256 i)
    private
    pure
    returns (uint256)
  {
    bool isOffer = columns.soldWh[i] != 0;
    uint256 energyWh = uint256(isOffer ? columns.soldWh[i] : columns.boughtWh[i]);
    int256 amount = isOffer ? -columns.exactPayment[i] : columns.exactPayment[i];
    return SettlementLib.reserveOf(isOffer, energyWh, amount, prices);
  }

  function _settle(Columns memory columns, SettlementLib.Prices memory prices, uint256 i)
    private
    pure
    returns (int256 paid, int256 shortfall, int256 surplus, int256 gridFee)
  {
    uint256 rest;
    if (columns.soldWh[i] != 0) {
      (rest, shortfall) = SettlementLib.settleSale(
        uint256(columns.soldWh[i]), -columns.exactPayment[i], uint256(columns.exportWh[i]), prices
      );
    } else {
      (rest, surplus, gridFee) = SettlementLib.settlePurchase(
        uint256(columns.boughtWh[i]), columns.exactPayment[i], uint256(columns.importWh[i]), prices
      );
    }
    paid = int256(_reserveOf(columns, prices, i)) - int256(rest);
  }

  function _isOnBothSides(Columns memory columns) private pure returns (bool) {
    for (uint256 i; i < columns.soldWh.length; ++i) {
      if (columns.soldWh[i] != 0 && columns.boughtWh[i] != 0) return true;
    }
    return false;
  }

  function _directories() private view returns (string[] memory directories) {
    string memory root = CASES;
    directories = new string[](vm.readDir(root).length);
    for (uint256 i; i < directories.length; ++i) {
      directories[i] = vm.readDir(root)[i].path;
    }
  }
}
