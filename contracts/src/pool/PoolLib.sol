// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { AuctionLib } from "../libraries/AuctionLib.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { TermsSchedule } from "../libraries/TermsSchedule.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";

/// @notice The records of a pool, shared by its terms, its clearing and its settlement.
library PoolLib {
  /// @notice The rules of an area's pool, one version of them. Prices in micro per kWh. See src/pool/rules/terms.ts.
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

  /// @notice That a supplier stands for the surpluses at a version of the terms, under an operator, before `until`.
  struct Acceptance {
    address operator;
    uint16 supplier;
    uint32 until;
  }

  /// @dev Settling: a page is paid, so that no other can be undone. Returning: a page is undone, so that none can be paid.
  enum Stage {
    None,
    Clearing,
    Cleared,
    Settling,
    Settled,
    Returning,
    Returned,
    Untraded
  }

  /// @notice An interval, or an attempt to clear one that was abandoned. One slot. Once it is settled, a seal stands in place of
  /// all but stage, isSupplied, attempt and terms ({SealLib}).
  /// @param attempt counts the clearings of the interval that were given up
  /// @param openPages committed lists of positions that are still in escrow
  /// @param terms version that it was cleared with
  /// @param escrowMicro what is in escrow for it
  /// @param supplierMicro what the supplier gets when all is settled: its reserve, plus shortfalls, minus surpluses
  /// @param supplier member of the area, as are `dso` and `fund`, when it was cleared
  struct Interval {
    Stage stage;
    bool isSupplied;
    uint8 attempt;
    uint8 openPages;
    uint16 terms;
    int32 localPrice;
    uint32 clearedWh;
    uint48 escrowMicro;
    int48 supplierMicro;
    uint16 supplier;
    uint16 dso;
    uint16 fund;
  }

  /// @notice What the operator declares of a clearing; the same in each of its steps.
  /// @param firstMember lowest number among the submitted orders
  /// @param lastMember highest one
  /// @param localPrice the one price of all trades; with midpoints that of the marginal pair
  /// @param clearedWh energy that is bought and sold
  /// @param bookRoot Merkle root of all orders of the interval, submitted or not
  struct Outcome {
    uint16 areaId;
    uint32 intervalId;
    uint16 firstMember;
    uint16 lastMember;
    int32 marginalBid;
    int32 marginalOffer;
    int32 localPrice;
    uint32 clearedWh;
    AuctionLib.Rationing bids;
    AuctionLib.Rationing offers;
    bytes32 bookRoot;
  }

  /// @dev Keys: see {keyOf}, {CommitmentLib} and {SealLib}. `progress` lives only while a clearing goes over several steps.
  struct State {
    mapping(uint16 areaId => TermsSchedule.Schedule) schedules;
    mapping(uint16 areaId => mapping(uint16 version => Terms)) terms;
    mapping(uint16 areaId => mapping(uint16 version => Acceptance)) acceptances;
    mapping(uint256 key => Interval) intervals;
    mapping(uint256 attemptKey => Interval) abandoned;
    mapping(uint256 pageKey => bytes32) positionsHashes;
    mapping(uint256 shelf => uint256 word) shelves;
    mapping(uint256 key => AuctionLib.Progress) progress;
    mapping(uint256 pageKey => bytes32) seals;
  }

  /// @notice The contracts that a pool stands on.
  struct Base {
    AreaRegistry areas;
    ClearingHouse house;
    MeterLedger ledger;
  }

  function keyOf(uint16 areaId, uint32 intervalId) internal pure returns (uint256) {
    return uint256(areaId) << 32 | intervalId;
  }

  function attemptKeyOf(uint16 areaId, uint32 intervalId, uint8 attempt) internal pure returns (uint256) {
    return keyOf(areaId, intervalId) << 8 | attempt;
  }

  function seatOf(uint16 areaId, uint256 member) internal pure returns (uint256) {
    return uint256(areaId) << 16 | member;
  }

  function startsAt(uint32 intervalId, uint32 intervalSeconds) internal pure returns (uint256) {
    return uint256(intervalId) * intervalSeconds;
  }

  /// @notice Shortfall price = k · max(local price, upstream price), rounded up (R7.19, AMB-16). Without a supplier, what
  /// was bought and not consumed earns nothing.
  function pricesOf(Terms memory terms, int256 localPrice, bool isSupplied)
    internal
    pure
    returns (SettlementLib.Prices memory prices)
  {
    int256 basis = localPrice > terms.upstreamPrice ? localPrice : int256(terms.upstreamPrice);
    prices.shortfall = SettlementLib.ceilThousandth(basis * int256(uint256(terms.penaltyPermille)));
    prices.surplus = isSupplied || terms.surplusPrice < 0 ? int256(terms.surplusPrice) : int256(0);
    prices.gridFee = int256(uint256(terms.gridFee));
  }

  /// @notice Whether no price is negative: then reserves and payments are sums of plain numbers. With midpoints, each trades
  /// at the floor at least.
  function isPlain(Terms memory terms, int256 localPrice, SettlementLib.Prices memory prices)
    internal
    pure
    returns (bool)
  {
    int256 lowest = terms.pricing == AuctionLib.MIDPOINT ? int256(terms.floor) : localPrice;
    return lowest >= 0 && prices.surplus >= 0;
  }
}
