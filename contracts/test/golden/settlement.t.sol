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

  /// @dev What a case states of each position.
  struct Expected {
    int256[] paidMicro;
    int256[] shortfallMicro;
    int256[] surplusMicro;
    int256[] gridFeeMicro;
  }

  /// @dev What a position comes to, or the columns add up to, micro.
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

  /// @dev The plain equations, which the chain uses where no price is negative, say the same as the general ones.
  function testFuzz_APlainReserveIsTheGeneralOne(
    uint40 energyWh,
    uint32 price,
    uint32 surplus,
    uint32 gridFee,
    uint256 seed
  ) public pure {
    SettlementLib.Prices memory prices = _plainPrices(price, surplus, gridFee);
    SettlementLib.PlainPrices memory plain = SettlementLib.PlainPrices(uint256(prices.shortfall), gridFee);
    int256 amount = _amountUpTo(energyWh, price, seed);
    for (uint256 side; side < 2; ++side) {
      vm.assertEq(
        SettlementLib.plainReserveOf(plain, side, energyWh, uint256(amount)),
        SettlementLib.reserveOf(side == 1, energyWh, amount, prices)
      );
    }
  }

  function testFuzz_APlainSaleIsTheGeneralOne(
    uint40 energyWh,
    uint32 meteredWh,
    uint32 price,
    uint32 surplus,
    uint32 gridFee,
    uint256 seed
  ) public pure {
    SettlementLib.Prices memory prices = _plainPrices(price, surplus, gridFee);
    int256 amount = _amountUpTo(energyWh, price, seed);
    (uint256 rest, int256 missing) = SettlementLib.settleSale(energyWh, amount, meteredWh, prices);
    (uint256 plainRest, uint256 plainMissing) =
      SettlementLib.settlePlainSale(energyWh, meteredWh, uint256(prices.shortfall));
    vm.assertEq(plainRest, rest);
    vm.assertEq(plainMissing, uint256(missing));
  }

  function testFuzz_APlainPurchaseIsTheGeneralOne(
    uint40 energyWh,
    uint32 meteredWh,
    uint32 price,
    uint32 surplus,
    uint32 gridFee,
    uint256 seed
  ) public pure {
    SettlementLib.Prices memory prices = _plainPrices(price, surplus, gridFee);
    int256 amount = _amountUpTo(energyWh, price, seed);
    (uint256 rest, int256 credit, int256 fee) =
      SettlementLib.settlePurchase(energyWh, amount, meteredWh, prices);
    (uint256 plainRest, uint256 plainCredit, uint256 plainFee) =
      SettlementLib.settlePlainPurchase(energyWh, meteredWh, uint256(prices.surplus), gridFee);
    vm.assertEq(plainRest, rest);
    vm.assertEq(plainCredit, uint256(credit));
    vm.assertEq(plainFee, uint256(fee));
  }

  /// @dev What trades at several prices, of which `price` is the highest, may add up to.
  function _amountUpTo(uint40 energyWh, uint32 price, uint256 seed) private pure returns (int256) {
    return int256(seed % (uint256(energyWh) * price + 1));
  }

  /// @dev As the terms say: the shortfall price is never below the price, the surplus price never above it.
  function _plainPrices(uint32 price, uint256 surplus, uint256 gridFee)
    private
    pure
    returns (SettlementLib.Prices memory)
  {
    int256 shortfall = SettlementLib.ceilThousandth(int256(uint256(price) * (1000 + gridFee % 500)));
    return SettlementLib.Prices(shortfall, int256(surplus % (uint256(price) + 1)), int256(gridFee));
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
    Expected memory stated = _expectedOf(expected);
    for (uint256 i; i < stated.paidMicro.length; ++i) {
      Totals memory one = _settle(columns, prices, i);
      vm.assertEq(one.paid, stated.paidMicro[i], directory);
      vm.assertEq(one.shortfall, stated.shortfallMicro[i], directory);
      vm.assertEq(one.surplus, stated.surplusMicro[i], directory);
      vm.assertEq(one.gridFee, stated.gridFeeMicro[i], directory);
      totals.paid += one.paid;
      totals.shortfall += one.shortfall;
      totals.surplus += one.surplus;
      totals.gridFee += one.gridFee;
    }
  }

  function _expectedOf(string memory expected) private pure returns (Expected memory stated) {
    stated.paidMicro = vm.parseJsonIntArray(expected, ".paidMicro");
    stated.shortfallMicro = vm.parseJsonIntArray(expected, ".shortfallMicro");
    stated.surplusMicro = vm.parseJsonIntArray(expected, ".surplusMicro");
    stated.gridFeeMicro = vm.parseJsonIntArray(expected, ".gridFeeMicro");
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
    returns (Totals memory one)
  {
    uint256 rest;
    if (columns.soldWh[i] != 0) {
      (rest, one.shortfall) = SettlementLib.settleSale(
        uint256(columns.soldWh[i]), -columns.exactPayment[i], uint256(columns.exportWh[i]), prices
      );
    } else {
      (rest, one.surplus, one.gridFee) = SettlementLib.settlePurchase(
        uint256(columns.boughtWh[i]), columns.exactPayment[i], uint256(columns.importWh[i]), prices
      );
    }
    one.paid = int256(_reserveOf(columns, prices, i)) - int256(rest);
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
