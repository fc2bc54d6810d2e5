// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { TermsSchedule } from "../libraries/TermsSchedule.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { QuotaLib } from "./QuotaLib.sol";

/// @notice The first steps of a period: terms, margin, demands, allocation. QuotaMarket calls it on its own storage.
library QuotaTermsLib {
  using QuotaLib for QuotaLib.Terms;
  using TermsSchedule for TermsSchedule.Schedule;
  using PostingLib for PostingLib.List;

  /// @notice Stations of one period: an allocation or an auction of all of them fits a transaction.
  uint256 internal constant MAX_STATIONS = 256;
  /// @dev The history of who signs reaches back an hour (ParticipantRegistry).
  uint256 private constant MAX_CLEARING_SECONDS = 1 hours;

  event QuotaTermsAnnounced(
    uint16 indexed areaId, uint16 indexed version, uint32 fromPeriod, QuotaLib.Terms terms
  );
  event PeriodInitialized(
    uint16 indexed areaId, uint32 indexed period, uint16 terms, uint32 marginW, QuotaLib.Opening opening
  );
  event DemandSubmitted(
    uint16 indexed areaId, uint32 indexed period, uint16 indexed member, uint32 demandW, uint48 depositMicro
  );
  event QuotasAllocated(
    uint16 indexed areaId,
    uint32 indexed period,
    bool isRationed,
    uint40 totalDemandW,
    uint40 cutRemainder,
    uint16 cutMember,
    uint256 auctionOpensAt
  );

  /// @notice See {QuotaMarket.announceTerms}.
  function announce(
    QuotaLib.State storage state,
    AreaRegistry areas,
    uint16 areaId,
    QuotaLib.Terms calldata terms
  ) external returns (uint16 version, uint32 fromPeriod) {
    (, uint24 intervalSeconds,,, uint16 dso,) = areas.areas(areaId);
    if (intervalSeconds == 0) revert UnknownArea(areaId);
    QuotaLib.requireDso(areas, areaId, dso);
    _requireTerms(terms, intervalSeconds);
    TermsSchedule.Schedule memory schedule = state.schedules[areaId];
    (version, fromPeriod) = schedule.announce(areaId, terms.periodSeconds);
    // Periods are numbered by their length, so that it stays.
    if (version != 1 && state.terms[areaId][1].periodSeconds != terms.periodSeconds) revert InvalidTerms(1);
    state.schedules[areaId] = schedule;
    state.terms[areaId][version] = terms;
    emit QuotaTermsAnnounced(areaId, version, fromPeriod, terms);
  }

  /// @notice See {QuotaMarket.initialize}.
  function initialize(
    QuotaLib.State storage state,
    AreaRegistry areas,
    uint16 areaId,
    uint32 period,
    QuotaLib.Opening calldata opening
  ) external {
    uint16 version = TermsSchedule.versionFor(state.schedules[areaId], period);
    QuotaLib.Terms memory terms = state.terms[areaId][version];
    if (terms.periodSeconds == 0) revert UnknownTerms(areaId, version);
    terms.requireWindow(period, 0, terms.demandSeconds);
    (,,,, uint16 dso, uint16 fund) = areas.areas(areaId);
    QuotaLib.requireDso(areas, areaId, dso);
    QuotaLib.Period storage stored = state.periods[QuotaLib.keyOf(areaId, period)];
    if (stored.stage != QuotaLib.Stage.None) revert AlreadyInitialized(areaId, period);
    if (opening.cnyMicroPerEther == 0) revert ZeroAmount();
    QuotaLib.Period memory here;
    (here.stage, here.terms, here.dso, here.fund) = (QuotaLib.Stage.Open, version, dso, fund);
    here.tariff = opening.tariff;
    uint256 takenW = uint256(opening.forecastW) + opening.reserveW;
    here.marginW = takenW < terms.ratingW ? uint32(terms.ratingW - takenW) : 0;
    state.periods[QuotaLib.keyOf(areaId, period)] = here;
    if (state.rates[areaId] != opening.cnyMicroPerEther) state.rates[areaId] = opening.cnyMicroPerEther;
    emit PeriodInitialized(areaId, period, version, here.marginW, opening);
  }

  /// @notice See {QuotaMarket.submitDemand}.
  function submitDemand(
    QuotaLib.State storage state,
    QuotaLib.Base memory base,
    uint16 areaId,
    uint32 period,
    uint16 member,
    uint32 demandW,
    uint48 depositMicro
  ) external {
    QuotaLib.Period storage here = state.periods[QuotaLib.keyOf(areaId, period)];
    if (here.stage != QuotaLib.Stage.Open) revert NotInitialized(areaId, period);
    QuotaLib.Terms memory terms = state.terms[areaId][here.terms];
    terms.requireWindow(period, 0, terms.demandSeconds);
    _requireStation(base.areas, areaId, member, demandW);
    QuotaLib.Station storage station = state.stations[QuotaLib.stationKeyOf(areaId, period, member)];
    if (station.demandW != 0) revert AlreadyDemanded(areaId, period, member);
    if (here.stations == MAX_STATIONS) revert TooManyStations(areaId, period);
    uint256 needed = terms.depositNeeded(here.tariff, demandW, 0, 0);
    if (depositMicro < needed) revert DepositTooSmall(member, depositMicro, needed);
    ++here.stations;
    here.totalDemandW += demandW;
    (station.demandW, station.depositMicro) = (demandW, depositMicro);
    if (depositMicro != 0) {
      PostingLib.List memory postings = PostingLib.list(0, 0, 1);
      postings.addSingle(QuotaLib.seatOf(areaId, member), depositMicro);
      // It goes into escrow at once, so that no notice of its owner can take it away later.
      base.house.hold(postings.finish(), 0);
    }
    emit DemandSubmitted(areaId, period, member, demandW, depositMicro);
  }

  /// @notice See {QuotaMarket.allocate}.
  function allocate(
    QuotaLib.State storage state,
    uint16 areaId,
    uint32 period,
    uint16[] calldata members,
    uint40 cutRemainder,
    uint16 cutMember
  ) external {
    QuotaLib.Period memory here = state.periods[QuotaLib.keyOf(areaId, period)];
    if (here.stage != QuotaLib.Stage.Open) revert NotInitialized(areaId, period);
    QuotaLib.Terms memory terms = state.terms[areaId][here.terms];
    terms.requireWindow(period, terms.demandSeconds, terms.allocationSeconds);
    bool isRationed = here.totalDemandW > here.marginW;
    here.stage = isRationed ? QuotaLib.Stage.Rationed : QuotaLib.Stage.Fits;
    if (isRationed) {
      (here.cutRemainder, here.cutMember) = (cutRemainder, cutMember);
      _requireShares(state, here, areaId, period, members);
    }
    state.periods[QuotaLib.keyOf(areaId, period)] = here;
    uint256 auctionOpensAt = isRationed ? terms.opensAt(period) + terms.allocationSeconds : 0;
    emit QuotasAllocated(
      areaId, period, isRationed, here.totalDemandW, here.cutRemainder, here.cutMember, auctionOpensAt
    );
  }

  /// @dev All stations are there, none twice, and their shares come to the margin: then the cut is right, since who gets the
  /// W left over follows from how many there are.
  function _requireShares(
    QuotaLib.State storage state,
    QuotaLib.Period memory here,
    uint16 areaId,
    uint32 period,
    uint16[] calldata members
  ) private view {
    if (members.length != here.stations) revert StationsDiffer(areaId, period, here.stations);
    uint256 allocatedW;
    uint256 last;
    for (uint256 i; i < members.length; ++i) {
      uint256 member = members[i];
      uint256 demandW = state.stations[QuotaLib.stationKeyOf(areaId, period, member)].demandW;
      if (member <= last || demandW == 0) revert StationsDiffer(areaId, period, here.stations);
      (uint256 quotaW,) = QuotaLib.shareOf(here, demandW, member);
      (allocatedW, last) = (allocatedW + quotaW, member);
    }
    if (allocatedW != here.marginW) revert AllocationDiffers(allocatedW, here.marginW);
  }

  /// @dev The caller is who signs for the member now, or owns its account; the connection carries what it asks for.
  function _requireStation(AreaRegistry areas, uint16 areaId, uint16 member, uint32 demandW) private view {
    (address signer, uint32 capacityW) = areas.signerAt(areaId, member, block.timestamp);
    if (signer == address(0)) revert NotTradable(member);
    if (msg.sender != signer) {
      uint24 account = areas.accountOf(uint32(QuotaLib.seatOf(areaId, member)));
      if (areas.registry().ownerOf(account) != msg.sender) revert NotOwner(msg.sender, account);
    }
    if (demandW == 0) revert ZeroQuantity(member);
    if (demandW > capacityW) revert DemandAboveCapacity(member, demandW, capacityW);
  }

  /// @dev A fault is told by its number, as in src/domains/charging/rules/termsFault.ts.
  function _requireTerms(QuotaLib.Terms calldata terms, uint256 intervalSeconds) private pure {
    uint256 periodSeconds = terms.periodSeconds;
    if (periodSeconds == 0 || periodSeconds % intervalSeconds != 0 || 1 days % periodSeconds != 0) {
      revert InvalidTerms(1);
    }
    if (terms.floor < 0 || terms.floor > terms.ceiling) revert InvalidTerms(2);
    if (terms.penaltyPermille < 1000) revert InvalidTerms(3);
    if (terms.ratingW == 0) revert InvalidTerms(4);
    if (terms.pricing > AuctionLib.MARGINAL) revert InvalidTerms(6);
    bool isRising = terms.demandSeconds != 0 && terms.demandSeconds < terms.allocationSeconds
      && terms.allocationSeconds < terms.orderSeconds && terms.orderSeconds < terms.clearingSeconds
      && terms.clearingSeconds <= periodSeconds;
    if (!isRising || terms.clearingSeconds - terms.orderSeconds > MAX_CLEARING_SECONDS) {
      revert InvalidTerms(7);
    }
  }
}
