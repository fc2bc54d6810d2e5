// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { OrderBookLib } from "../libraries/OrderBookLib.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";

/// @notice The records of a pool, shared by its clearing and its settlement.
library PoolLib {
  bytes32 internal constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
  uint8 internal constant UNIFORM = 0;
  uint8 internal constant MIDPOINT = 1;

  /// @notice The rules of an area, fixed when it is created. Prices in micro per kWh. See src/market/area.ts.
  struct Terms {
    uint32 intervalSeconds;
    uint32 gateClosureSeconds;
    int32 floor;
    int32 ceiling;
    int32 upstreamPrice;
    int32 surplusPrice;
    uint32 gridFee;
    uint16 penaltyPermille;
    uint8 pricing;
  }

  /// @param isSupplied whether the supplier agreed to stand for the surpluses with its margin
  struct Area {
    Terms terms;
    address operator;
    uint24 supplier;
    uint24 dso;
    uint24 fund;
    bool isSupplied;
  }

  /// @dev Settling: a page is paid, so that no other can be undone. Voiding: a page is undone, so that none can be paid.
  enum Stage {
    None,
    Clearing,
    Cleared,
    Settled,
    Voided,
    Settling,
    Voiding
  }

  /// @param openParts committed lists of positions that are still in escrow
  /// @param supplierMicro what the supplier gets when all is settled: its reserve, plus shortfalls, minus surpluses
  struct Interval {
    Stage stage;
    uint8 steps;
    int32 localPrice;
    uint48 clearedWh;
    uint24 openParts;
    uint64 escrowMicro;
    int64 supplierMicro;
  }

  /// @dev `carries` and `outcomeHashes` live only while a clearing goes over several steps.
  struct State {
    mapping(uint16 areaId => Area) areas;
    mapping(uint16 areaId => mapping(uint32 intervalId => Interval)) intervals;
    mapping(uint16 areaId => mapping(uint32 intervalId => mapping(uint256 part => bytes32))) positionsHashes;
    mapping(uint16 areaId => mapping(uint32 intervalId => OrderBookLib.Carry)) carries;
    mapping(uint16 areaId => mapping(uint32 intervalId => bytes32)) outcomeHashes;
  }

  /// @notice A part is the list of positions that one step of a clearing made on one page.
  function partOf(uint256 step, uint256 page) internal pure returns (uint256) {
    return step << 16 | page;
  }

  function endsAt(Area memory area, uint32 intervalId) internal pure returns (uint256) {
    return (uint256(intervalId) + 1) * area.terms.intervalSeconds;
  }

  /// @notice Shortfall price = k · max(local price, upstream price), rounded up (R7.19, AMB-16).
  function pricesOf(Terms memory terms, int32 localPrice)
    internal
    pure
    returns (SettlementLib.Prices memory prices)
  {
    int256 basis = localPrice > terms.upstreamPrice ? localPrice : terms.upstreamPrice;
    prices.shortfall = SettlementLib.ceilThousandth(basis * int256(uint256(terms.penaltyPermille)));
    prices.surplus = terms.surplusPrice;
    prices.gridFee = int256(uint256(terms.gridFee));
  }
}
