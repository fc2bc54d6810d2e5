// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The money of a position: what is reserved at its clearing, what its meter makes of it. The same equations as
/// src/market/settlement.ts (docs/model/settlement.md); the golden cases in cases/settlement bind the two.
/// @dev A position is one word: exact payment (int128, thousandths of a micro, positive pays) | soldWh (48) | boughtWh
/// (48) | account (32). Charges round up, credits down.
library SettlementLib {
  int256 private constant THOUSAND = 1000;
  /// @dev More than any payment: 2⁴⁸ Wh at 2³² micro/kWh are 2⁸⁰ thousandths.
  int256 private constant LIFT = 1 << 130;

  /// @notice Micro per kWh.
  struct Prices {
    int256 shortfall;
    int256 surplus;
    int256 gridFee;
  }

  function accountOf(uint256 position) internal pure returns (uint256) {
    return uint32(position);
  }

  function boughtWhOf(uint256 position) internal pure returns (uint256) {
    return uint48(position >> 32);
  }

  function soldWhOf(uint256 position) internal pure returns (uint256) {
    return uint48(position >> 80);
  }

  function exactPaymentOf(uint256 position) internal pure returns (int256) {
    return int128(uint128(position >> 128));
  }

  /// @notice Two positions of one account in one: every field added up.
  function add(uint256 position, uint256 other) internal pure returns (uint256) {
    unchecked {
      // A negative payment carries out of the word, and nowhere else.
      return position + (other >> 32 << 32);
    }
  }

  /// @notice Most that the settlement of `position` can cost, whatever the meter says; never negative.
  function reserveOf(uint256 position, Prices memory prices) internal pure returns (uint256) {
    unchecked {
      int256 bought = int256(boughtWhOf(position));
      int256 net = int256(soldWhOf(position)) - bought;
      int256 worst = ceilThousandth(exactPaymentOf(position));
      if (bought != 0) worst += ceilThousandth(bought * prices.gridFee);
      if (net > 0) {
        worst += ceilThousandth(net * prices.shortfall);
      } else if (prices.surplus < 0) {
        worst += ceilThousandth(net * prices.surplus);
      }
      return worst > 0 ? uint256(worst) : 0;
    }
  }

  /// @notice What a position costs with its reading, micro: `paid` in all (may be negative), of which `gridFee` goes to
  /// the DSO and `shortfall` to the supplier, who gives `surplus` (negative when the surplus price is).
  function settle(uint256 position, uint256 importWh, uint256 exportWh, Prices memory prices)
    internal
    pure
    returns (int256 paid, int256 shortfall, int256 surplus, int256 gridFee)
  {
    unchecked {
      int256 consumedWh = int256(boughtWhOf(position));
      int256 net = int256(soldWhOf(position)) - consumedWh;
      paid = ceilThousandth(exactPaymentOf(position));
      if (net > int256(exportWh)) {
        shortfall = ceilThousandth((net - int256(exportWh)) * prices.shortfall);
        paid += shortfall;
      }
      if (-net > int256(importWh)) {
        int256 unconsumedWh = -net - int256(importWh);
        consumedWh -= unconsumedWh;
        surplus = -ceilThousandth(-unconsumedWh * prices.surplus);
        paid -= surplus;
      }
      if (consumedWh != 0) {
        gridFee = ceilThousandth(consumedWh * prices.gridFee);
        paid += gridFee;
      }
    }
  }

  /// @notice Thousandths of a micro into micro, towards +∞. Lifted to positive numbers, where division rounds down.
  function ceilThousandth(int256 exact) internal pure returns (int256) {
    unchecked {
      return int256(uint256(exact + LIFT * THOUSAND + THOUSAND - 1) / uint256(THOUSAND)) - LIFT;
    }
  }
}
