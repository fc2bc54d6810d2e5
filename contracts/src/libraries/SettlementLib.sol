// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The money of a position: what is reserved at its clearing, what its meter makes of it. The same equations as
/// src/pool/rules/settlement.ts (docs/model/settlement.md); the golden cases in cases/settlement bind the two. What was
/// sold is compared with the export, what was bought with the import; nobody does both in an interval.
/// @dev `amount` is in thousandths of a micro, positive from buyer to seller. Charges round up, credits down.
library SettlementLib {
  int256 private constant THOUSAND = 1000;
  /// @dev More than any amount: 2⁴⁰ Wh at 2³² micro/kWh are 2⁷² thousandths.
  int256 private constant LIFT = 1 << 130;

  /// @notice Micro per kWh.
  struct Prices {
    int256 shortfall;
    int256 surplus;
    int256 gridFee;
  }

  /// @notice Of a clearing where no price is negative. Micro per kWh.
  struct PlainPrices {
    uint256 shortfall;
    uint256 gridFee;
  }

  /// @notice Most that the settlement of a position can cost, whatever the meter says; never negative.
  function reserveOf(bool isOffer, uint256 energyWh, int256 amount, Prices memory prices)
    internal
    pure
    returns (uint256)
  {
    unchecked {
      int256 worst;
      if (isOffer) {
        worst = ceilThousandth(-amount) + ceilThousandth(int256(energyWh) * prices.shortfall);
      } else {
        worst = ceilThousandth(amount) + ceilThousandth(int256(energyWh) * prices.gridFee);
        if (prices.surplus < 0) worst += ceilThousandth(int256(energyWh) * -prices.surplus);
      }
      return worst > 0 ? uint256(worst) : 0;
    }
  }

  /// @notice {reserveOf} where no price is negative: the whole of an offer's shortfall exceeds its amount, so that plain
  /// numbers do. Assembly, since a clearing runs this once a member.
  /// @param offerMark zero of a bid
  /// @param amount thousandths of a micro
  function plainReserveOf(PlainPrices memory prices, uint256 offerMark, uint256 energyWh, uint256 amount)
    internal
    pure
    returns (uint256 reserve)
  {
    assembly ("memory-safe") {
      switch offerMark
      case 0 {
        let gridFee := div(add(mul(energyWh, mload(add(prices, 0x20))), 999), 1000)
        reserve := add(div(add(amount, 999), 1000), gridFee)
      }
      default {
        let shortfall := div(add(mul(energyWh, mload(prices)), 999), 1000)
        reserve := sub(shortfall, div(amount, 1000))
      }
    }
  }

  /// @notice What a seller gets back of its reserve: all but what its sale costs with its reading, namely the amount
  /// (negative, it gets that) and the `shortfall`, which goes to the supplier. Micro.
  function settleSale(uint256 soldWh, int256 amount, uint256 exportWh, Prices memory prices)
    internal
    pure
    returns (uint256 rest, int256 shortfall)
  {
    unchecked {
      int256 paid = ceilThousandth(-amount);
      int256 worst = paid + ceilThousandth(int256(soldWh) * prices.shortfall);
      if (soldWh > exportWh) shortfall = ceilThousandth(int256(soldWh - exportWh) * prices.shortfall);
      paid += shortfall;
      rest = uint256((worst > 0 ? worst : int256(0)) - paid);
    }
  }

  /// @notice What a buyer gets back of its reserve: all but what its purchase costs with its reading, namely the amount
  /// and the `gridFee`, which goes to the DSO, less the `surplus` that the supplier gives for what was not consumed
  /// (negative when the surplus price is). Micro.
  function settlePurchase(uint256 boughtWh, int256 amount, uint256 importWh, Prices memory prices)
    internal
    pure
    returns (uint256 rest, int256 surplus, int256 gridFee)
  {
    unchecked {
      int256 paid = ceilThousandth(amount);
      gridFee = ceilThousandth(int256(boughtWh) * prices.gridFee);
      int256 worst = paid + gridFee;
      if (prices.surplus < 0) worst += ceilThousandth(int256(boughtWh) * -prices.surplus);
      if (boughtWh > importWh) {
        gridFee = ceilThousandth(int256(importWh) * prices.gridFee);
        surplus = -ceilThousandth(-int256(boughtWh - importWh) * prices.surplus);
      }
      paid += gridFee - surplus;
      rest = uint256((worst > 0 ? worst : int256(0)) - paid);
    }
  }

  /// @notice {settleSale} in the case of {plainReserveOf}: the amount is in the reserve and in the cost, and falls out.
  function settlePlainSale(uint256 soldWh, uint256 exportWh, uint256 shortfallPrice)
    internal
    pure
    returns (uint256 rest, uint256 shortfall)
  {
    unchecked {
      rest = (soldWh * shortfallPrice + 999) / 1000;
      if (exportWh >= soldWh) return (rest, 0);
      shortfall = ((soldWh - exportWh) * shortfallPrice + 999) / 1000;
      rest -= shortfall;
    }
  }

  /// @notice {settlePurchase} in the case of {plainReserveOf}.
  function settlePlainPurchase(uint256 boughtWh, uint256 importWh, uint256 surplusPrice, uint256 gridFeePrice)
    internal
    pure
    returns (uint256 rest, uint256 surplus, uint256 gridFee)
  {
    unchecked {
      gridFee = (boughtWh * gridFeePrice + 999) / 1000;
      if (importWh >= boughtWh) return (0, 0, gridFee);
      uint256 reserved = gridFee;
      gridFee = (importWh * gridFeePrice + 999) / 1000;
      surplus = (boughtWh - importWh) * surplusPrice / 1000;
      rest = reserved - gridFee + surplus;
    }
  }

  /// @notice Thousandths of a micro into micro, towards +∞. Lifted to positive numbers, where division rounds down.
  function ceilThousandth(int256 exact) internal pure returns (int256) {
    unchecked {
      return int256(uint256(exact + LIFT * THOUSAND + THOUSAND - 1) / uint256(THOUSAND)) - LIFT;
    }
  }
}
