// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { ZeroAddress } from "../libraries/Errors.sol";
import { SeveralCalls } from "../libraries/SeveralCalls.sol";
import { TermsSchedule } from "../libraries/TermsSchedule.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { QuotaClearingLib } from "./QuotaClearingLib.sol";
import { QuotaLib } from "./QuotaLib.sol";
import { QuotaSettlementLib } from "./QuotaSettlementLib.sol";
import { QuotaTermsLib } from "./QuotaTermsLib.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @notice Charging stations behind one transformer share its margin (R9.1–R9.18). In the period before delivery the DSO says what the
/// transformer has left, stations demand power with a deposit, the margin is divided in proportion, and stations trade
/// their quotas in a double auction; afterwards each pays for the energy that it drew. The sum of the quotas is never above the
/// margin, whatever anybody does.
/// @dev Nobody has to be waited for: allocation, payment and withdrawal are anybody's calls, and without an auction quotas stay
/// as they were allocated. docs/model/charging.md holds the equations.
contract QuotaMarket is EIP712, SeveralCalls {
  using QuotaLib for QuotaLib.Terms;

  AreaRegistry public immutable areaRegistry;
  ClearingHouse public immutable clearingHouse;
  MeterLedger public immutable meterLedger;

  QuotaLib.State private state;

  constructor(AreaRegistry areaRegistry_, ClearingHouse clearingHouse_, MeterLedger meterLedger_)
    EIP712("Commonwatt QuotaMarket", "1")
  {
    if (address(areaRegistry_) == address(0) || address(clearingHouse_) == address(0)) revert ZeroAddress();
    if (address(meterLedger_) == address(0)) revert ZeroAddress();
    areaRegistry = areaRegistry_;
    clearingHouse = clearingHouse_;
    meterLedger = meterLedger_;
  }

  // -- terms

  /// @notice Announces a version of the terms of an area's quotas. The first takes effect at once, a later one for periods that
  /// start after the notice; the length of a period stays. By the area's DSO.
  function announceTerms(uint16 areaId, QuotaLib.Terms calldata terms)
    external
    returns (uint16 version, uint32 fromPeriod)
  {
    return QuotaTermsLib.announce(state, areaRegistry, areaId, terms);
  }

  function scheduleOf(uint16 areaId) external view returns (TermsSchedule.Schedule memory) {
    return state.schedules[areaId];
  }

  function termsOf(uint16 areaId, uint16 version) external view returns (QuotaLib.Terms memory) {
    return state.terms[areaId][version];
  }

  // -- before delivery

  /// @notice Says what the transformer has left in a period, what energy costs in it, and what an ether is worth (R9.4,
  /// R9.12). Once, while demands are taken. By the area's DSO.
  function initialize(uint16 areaId, uint32 period, QuotaLib.Opening calldata opening) external {
    QuotaTermsLib.initialize(state, areaRegistry, areaId, period, opening);
  }

  /// @notice Demands power for a period (R9.13). The deposit moves from the station's margin here; it must be at least what
  /// {depositNeeded} says, and what it has beyond that is for bids. By who signs for the member, or its owner; once.
  function submitDemand(uint16 areaId, uint32 period, uint16 member, uint32 demandW, uint48 depositMicro)
    external
  {
    QuotaTermsLib.submitDemand(state, _base(), areaId, period, member, demandW, depositMicro);
  }

  /// @notice Divides the margin (R9.5, R9.6, R9.14). Anybody may: only the right division is taken.
  /// @param members all stations that demanded, by rising number; not read where all demands fit
  /// @param cutRemainder least remainder that is raised by a W; the total of the demands when none is
  /// @param cutMember highest number that is raised at that remainder
  function allocate(
    uint16 areaId,
    uint32 period,
    uint16[] calldata members,
    uint40 cutRemainder,
    uint16 cutMember
  ) external {
    QuotaTermsLib.allocate(state, areaId, period, members, cutRemainder, cutMember);
  }

  /// @notice Verifies the auction of a period whose margin was rationed, and moves quotas and money (R9.8–R9.10, R9.16). By
  /// the area's DSO; once.
  /// @param bids packed orders by price descending, member, sequence
  /// @param offers packed orders by price ascending, member, sequence
  function clear(QuotaLib.Outcome calldata outcome, bytes calldata bids, bytes calldata offers) external {
    QuotaClearingLib.clear(state, _base(), _domainSeparatorV4(), outcome, bids, offers);
  }

  // -- after delivery

  /// @notice Pays a station's energy from its deposit: tariff × metered energy, and the penalty for what is above its quota (R9.11,
  /// R9.17). Anybody may call: the proofs decide. An interval that provably has no reading of the station counts as its quota drawn
  /// in full, one of which nothing is published as nothing, both once readings are not waited for any more.
  /// @param evidence for each interval of the period, in order
  function pay(uint16 areaId, uint32 period, uint16 member, QuotaSettlementLib.Evidence[] calldata evidence)
    external
  {
    QuotaSettlementLib.pay(state, _base(), areaId, period, member, evidence);
  }

  /// @notice Gives what is left of a deposit back to the station's margin, once it paid (R9.18); all of it where the margin was not
  /// divided in time. Anybody may call.
  function withdraw(uint16 areaId, uint32 period, uint16 member) external {
    QuotaSettlementLib.withdraw(state, _base(), areaId, period, member);
  }

  // -- views

  function periodOf(uint16 areaId, uint32 period) external view returns (QuotaLib.Period memory) {
    return state.periods[QuotaLib.keyOf(areaId, period)];
  }

  function stationOf(uint16 areaId, uint32 period, uint16 member)
    external
    view
    returns (QuotaLib.Station memory)
  {
    return state.stations[QuotaLib.stationKeyOf(areaId, period, member)];
  }

  /// @notice What a station may draw in a period, W: as it was allocated, and what it bought or sold since (R9.14).
  function quotaOf(uint16 areaId, uint32 period, uint16 member) external view returns (uint256) {
    QuotaLib.Station memory station = state.stations[QuotaLib.stationKeyOf(areaId, period, member)];
    QuotaLib.Period memory here = state.periods[QuotaLib.keyOf(areaId, period)];
    return QuotaLib.quotaOf(here, station.demandW, member) + station.boughtW - station.soldW;
  }

  /// @notice The least deposit for a demand in a period that is initialized (AMB-23), without bids.
  /// @param auctionMicro what the station wants to be able to bid
  function depositNeeded(uint16 areaId, uint32 period, uint32 demandW, uint256 auctionMicro)
    external
    view
    returns (uint256)
  {
    QuotaLib.Period memory here = state.periods[QuotaLib.keyOf(areaId, period)];
    return state.terms[areaId][here.terms].depositNeeded(here.tariff, demandW, 0, auctionMicro);
  }

  /// @notice What tokens cost in wei at the rate that the DSO set last, rounded up: 100 tokens are always 1 CNY (R9.12). Zero
  /// before the first.
  function weiFor(uint16 areaId, uint256 tokenMicro) external view returns (uint256) {
    uint256 denominator = 100 * uint256(state.rates[areaId]);
    if (denominator == 0) return 0;
    return (tokenMicro * 1 ether + denominator - 1) / denominator;
  }

  function _base() private view returns (QuotaLib.Base memory) {
    return QuotaLib.Base(areaRegistry, clearingHouse, meterLedger);
  }
}
