// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { TermsSchedule } from "../libraries/TermsSchedule.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";

/// @notice The records of a quota market, its windows, and what energy and deposits cost; see src/domains/charging/rules. Powers in W,
/// prices of quota in micro per kW and period, tariffs in micro per kWh, times in seconds.
library QuotaLib {
  uint256 private constant SECONDS_PER_HOUR = 3600;

  /// @notice The rules of an area's quotas, one version of them. The windows count from the start of the period before
  /// delivery (R9.3); each ends where the next begins. One slot.
  /// @param ratingW of the transformer that the stations share
  /// @param penaltyPermille of the tariff, for energy above the quota (AMB-23)
  struct Terms {
    uint24 periodSeconds;
    uint24 demandSeconds;
    uint24 allocationSeconds;
    uint24 orderSeconds;
    uint24 clearingSeconds;
    uint32 ratingW;
    int32 floor;
    int32 ceiling;
    uint16 penaltyPermille;
    uint8 pricing;
  }

  /// @notice What the DSO says of a period (R9.4, R9.12).
  /// @param forecastW conventional load
  /// @param reserveW what the DSO keeps against the forecast's error
  /// @param cnyMicroPerEther price of an ether, so that 100 tokens are 1 CNY
  struct Opening {
    uint32 forecastW;
    uint32 reserveW;
    uint32 tariff;
    uint64 cnyMicroPerEther;
  }

  /// @dev Fits: every demand is met, there is no auction. Rationed: an auction may follow.
  enum Stage {
    None,
    Open,
    Fits,
    Rationed,
    Cleared
  }

  /// @notice One slot.
  /// @param dso member of the area, as is `fund`, when the period was initialized
  /// @param cutRemainder see {quotaOf}
  struct Period {
    Stage stage;
    uint16 terms;
    uint16 dso;
    uint16 fund;
    uint16 stations;
    uint32 tariff;
    uint32 marginW;
    uint40 totalDemandW;
    uint40 cutRemainder;
    uint16 cutMember;
  }

  /// @notice A station in a period. One slot.
  /// @param depositMicro what of its deposit is in escrow
  struct Station {
    uint32 demandW;
    uint32 boughtW;
    uint32 soldW;
    uint48 depositMicro;
    bool isPaid;
    bool isWithdrawn;
  }

  /// @notice What the DSO declares of an auction.
  /// @param firstMember lowest number among the submitted orders
  /// @param lastMember highest one
  /// @param localPrice the one price of all trades; with midpoints that of the marginal pair
  /// @param clearedW quota that is bought and sold
  /// @param bookRoot Merkle root of all orders of the period, submitted or not
  struct Outcome {
    uint16 areaId;
    uint32 period;
    uint16 firstMember;
    uint16 lastMember;
    int32 marginalBid;
    int32 marginalOffer;
    int32 localPrice;
    uint32 clearedW;
    AuctionLib.Rationing bids;
    AuctionLib.Rationing offers;
    bytes32 bookRoot;
  }

  /// @dev Keys: see {keyOf} and {stationKeyOf}.
  struct State {
    mapping(uint16 areaId => TermsSchedule.Schedule) schedules;
    mapping(uint16 areaId => mapping(uint16 version => Terms)) terms;
    mapping(uint16 areaId => uint64 cnyMicroPerEther) rates;
    mapping(uint256 key => Period) periods;
    mapping(uint256 stationKey => Station) stations;
  }

  /// @notice The contracts that the market stands on.
  struct Base {
    AreaRegistry areas;
    ClearingHouse house;
    MeterLedger ledger;
  }

  function keyOf(uint16 areaId, uint32 period) internal pure returns (uint256) {
    return uint256(areaId) << 32 | period;
  }

  function stationKeyOf(uint16 areaId, uint32 period, uint256 member) internal pure returns (uint256) {
    return keyOf(areaId, period) << 16 | member;
  }

  function seatOf(uint16 areaId, uint256 member) internal pure returns (uint256) {
    return uint256(areaId) << 16 | member;
  }

  // -- times

  /// @notice When the quotas of a period begin to be set: the start of the period before it.
  function opensAt(Terms memory terms, uint32 period) internal pure returns (uint256) {
    return (uint256(period) - 1) * terms.periodSeconds;
  }

  /// @notice Requires that it is between two offsets of a period's windows, the second left out.
  function requireWindow(Terms memory terms, uint32 period, uint256 from, uint256 until) internal view {
    uint256 opens = opensAt(terms, period);
    (from, until) = (opens + from, opens + until);
    if (block.timestamp < from || block.timestamp >= until) revert OutsideWindow(period, from, until);
  }

  // -- quotas

  /// @notice What a station was allocated (R9.5, R9.6): its demand where all fit, else ⌊P·M/Σ⌋ W and one more iff its remainder
  /// is above the cut, or at the cut with a number up to the cut's.
  function quotaOf(Period memory period, uint256 demandW, uint256 member)
    internal
    pure
    returns (uint256 quotaW)
  {
    if (period.stage <= Stage.Open) return 0;
    if (period.stage == Stage.Fits) return demandW;
    (quotaW,) = shareOf(period, demandW, member);
  }

  /// @dev The same of a period that is rationed, whatever its stage.
  function shareOf(Period memory period, uint256 demandW, uint256 member)
    internal
    pure
    returns (uint256 quotaW, uint256 remainder)
  {
    uint256 product = demandW * period.marginW;
    quotaW = product / period.totalDemandW;
    remainder = product - quotaW * period.totalDemandW;
    bool isRaised =
      remainder > period.cutRemainder || (remainder == period.cutRemainder && member <= period.cutMember);
    if (isRaised) ++quotaW;
  }

  // -- money

  /// @notice Energy that a power gives in a time, Wh, rounded up (E9.4).
  function energyWhOf(uint256 powerW, uint256 seconds_) internal pure returns (uint256) {
    return (powerW * seconds_ + SECONDS_PER_HOUR - 1) / SECONDS_PER_HOUR;
  }

  /// @notice Tariff × energy, micro, rounded up (R9.17).
  function feeOf(uint256 tariff, uint256 energyWh) internal pure returns (uint256) {
    return (tariff * energyWh + 999) / 1000;
  }

  /// @notice What energy above the quota costs besides its fee, micro, rounded up (R9.11, AMB-23).
  function penaltyOf(uint256 tariff, uint256 penaltyPermille, uint256 excessWh)
    internal
    pure
    returns (uint256)
  {
    return (tariff * penaltyPermille * excessWh + 999_999) / 1_000_000;
  }

  /// @notice What a station has to put down, micro (AMB-23): the fee of the most that it may draw by right, the penalty for all that
  /// it asked for, were its quota nothing, and its part in the auction.
  function depositNeeded(
    Terms memory terms,
    uint256 tariff,
    uint256 demandW,
    uint256 quotaW,
    uint256 auctionMicro
  ) internal pure returns (uint256) {
    uint256 mostW = demandW > quotaW ? demandW : quotaW;
    return feeOf(tariff, energyWhOf(mostW, terms.periodSeconds))
      + penaltyOf(tariff, terms.penaltyPermille, energyWhOf(demandW, terms.periodSeconds)) + auctionMicro;
  }

  // -- who may

  /// @notice Requires that the caller owns the account of a member, the area's DSO.
  function requireDso(AreaRegistry areas, uint16 areaId, uint256 dso) internal view {
    uint24 account = areas.accountOf(uint32(seatOf(areaId, dso)));
    if (areas.registry().ownerOf(account) != msg.sender) revert NotDso(msg.sender, areaId);
  }
}
