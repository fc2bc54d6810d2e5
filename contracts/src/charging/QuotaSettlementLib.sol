// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { QuotaLib } from "./QuotaLib.sol";

/// @notice The last steps of a period: payment by metered energy, and the withdrawal of what is left (R9.17, R9.18). QuotaMarket calls it
/// on its own storage.
library QuotaSettlementLib {
  using PostingLib for PostingLib.List;
  using QuotaLib for QuotaLib.Terms;

  /// @dev So long after the waiting time, money must come out though what is published cannot be proven.
  uint256 private constant LAST_RESORT_SECONDS = 14 days;

  /// @notice What an interval was measured: a reading and its proof; or, where its reading is zero, that the publication has none of
  /// the station.
  struct Evidence {
    ReadingTree.Proof reading;
    Absence absence;
  }

  /// @notice The page of a station whose two lists are both without it.
  /// @param pages the other pages, in order, without the zeros at the end
  struct Absence {
    uint256 list;
    bytes32 top;
    uint256 otherList;
    bytes32 otherTop;
    bytes32[] pages;
  }

  /// @dev Energy of a period. `missing` counts the intervals whose publication has no reading of the station.
  struct Metered {
    uint256 energyWh;
    uint256 excessWh;
    uint256 missing;
  }

  event EnergyPaid(
    uint16 indexed areaId,
    uint32 indexed period,
    uint16 indexed member,
    uint256 meteredWh,
    uint256 excessWh,
    uint256 feeMicro,
    uint256 penaltyMicro,
    uint256 missing
  );
  event DepositWithdrawn(
    uint16 indexed areaId, uint32 indexed period, uint16 indexed member, uint256 amountMicro
  );

  /// @notice See {QuotaMarket.pay}.
  function pay(
    QuotaLib.State storage state,
    QuotaLib.Base memory base,
    uint16 areaId,
    uint32 period,
    uint16 member,
    Evidence[] calldata evidence
  ) external {
    QuotaLib.Period memory here = state.periods[QuotaLib.keyOf(areaId, period)];
    if (here.stage <= QuotaLib.Stage.Open) revert NotAllocated(areaId, period);
    QuotaLib.Terms memory terms = state.terms[areaId][here.terms];
    uint256 endsAt = terms.opensAt(period) + 2 * uint256(terms.periodSeconds);
    if (block.timestamp < endsAt) revert DeliveryNotOver(period, endsAt);
    QuotaLib.Station storage stored = state.stations[QuotaLib.stationKeyOf(areaId, period, member)];
    QuotaLib.Station memory station = stored;
    if (station.demandW == 0) revert NoDemand(areaId, period, member);
    if (station.isPaid) revert AlreadyPaid(areaId, period, member);
    uint256 quotaW = QuotaLib.quotaOf(here, station.demandW, member) + station.boughtW - station.soldW;
    Metered memory metered = _meter(base.ledger, terms, areaId, period, member, quotaW, evidence);
    uint256 feeMicro = _least(QuotaLib.feeOf(here.tariff, metered.energyWh), station.depositMicro);
    uint256 penaltyMicro = _least(
      QuotaLib.penaltyOf(here.tariff, terms.penaltyPermille, metered.excessWh),
      station.depositMicro - feeMicro
    );
    stored.depositMicro = uint48(station.depositMicro - feeMicro - penaltyMicro);
    stored.isPaid = true;
    _release(base, QuotaLib.seatOf(areaId, here.dso), feeMicro + penaltyMicro);
    emit EnergyPaid(
      areaId, period, member, metered.energyWh, metered.excessWh, feeMicro, penaltyMicro, metered.missing
    );
  }

  /// @notice See {QuotaMarket.withdraw}.
  function withdraw(
    QuotaLib.State storage state,
    QuotaLib.Base memory base,
    uint16 areaId,
    uint32 period,
    uint16 member
  ) external {
    QuotaLib.Period memory here = state.periods[QuotaLib.keyOf(areaId, period)];
    QuotaLib.Station storage station = state.stations[QuotaLib.stationKeyOf(areaId, period, member)];
    if (station.demandW == 0) revert NoDemand(areaId, period, member);
    if (station.isWithdrawn) revert AlreadyWithdrawn(areaId, period, member);
    if (!station.isPaid && !_isUnallocated(state, here, areaId, period)) {
      revert NotPaid(areaId, period, member);
    }
    uint256 amountMicro = station.depositMicro;
    (station.depositMicro, station.isWithdrawn) = (0, true);
    _release(base, QuotaLib.seatOf(areaId, member), amountMicro);
    emit DepositWithdrawn(areaId, period, member, amountMicro);
  }

  /// @dev Nobody divided the margin in time: there are no quotas, and nothing is owed.
  function _isUnallocated(
    QuotaLib.State storage state,
    QuotaLib.Period memory here,
    uint16 areaId,
    uint32 period
  ) private view returns (bool) {
    if (here.stage != QuotaLib.Stage.Open) return false;
    QuotaLib.Terms memory terms = state.terms[areaId][here.terms];
    return block.timestamp >= terms.opensAt(period) + terms.allocationSeconds;
  }

  /// @dev Compares each interval with the quota: power is what a transformer bears, and the interval is the finest that
  /// is measured.
  function _meter(
    MeterLedger ledger,
    QuotaLib.Terms memory terms,
    uint16 areaId,
    uint32 period,
    uint16 member,
    uint256 quotaW,
    Evidence[] calldata evidence
  ) private view returns (Metered memory metered) {
    (, uint32 intervalSeconds, uint32 waitingSeconds,) = ledger.stations(areaId);
    uint256 count = terms.periodSeconds / intervalSeconds;
    if (evidence.length != count) revert EvidenceIncomplete(evidence.length, count);
    uint256 waitedUntil = (uint256(period) + 1) * terms.periodSeconds + waitingSeconds;
    uint256 allowedWh = QuotaLib.energyWhOf(quotaW, intervalSeconds);
    for (uint256 i; i < count; ++i) {
      uint32 intervalId = uint32(period * count + i);
      uint256 energyWh = _importWhOf(ledger, areaId, intervalId, member, waitedUntil, evidence[i]);
      if (energyWh == type(uint256).max) {
        (energyWh, metered.missing) = (allowedWh, metered.missing + 1);
      }
      metered.energyWh += energyWh;
      if (energyWh > allowedWh) metered.excessWh += energyWh - allowedWh;
    }
  }

  /// @dev What a station imported in an interval: by its reading; the largest number where the publication has none of it, once
  /// readings are not waited for any more; nothing where nothing was published, or nothing can be proven of it for so long.
  function _importWhOf(
    MeterLedger ledger,
    uint16 areaId,
    uint32 intervalId,
    uint16 member,
    uint256 waitedUntil,
    Evidence calldata evidence
  ) private view returns (uint256) {
    (bytes32 context, bytes32 root) = ledger.evidenceOf(areaId, intervalId);
    bool isWaitingOver = block.timestamp >= waitedUntil;
    if (root == 0) {
      if (!isWaitingOver) revert ReadingsMissing(areaId, intervalId);
      return 0;
    }
    if (evidence.reading.reading != 0) {
      if (ReadingTree.memberOf(evidence.reading.reading) != member) revert ReadingNotProven(member);
      ReadingTree.requireProven(context, root, evidence.reading);
      return ReadingTree.importWhOf(evidence.reading.reading);
    }
    if (!isWaitingOver) revert ReadingMissing(member);
    if (block.timestamp >= waitedUntil + LAST_RESORT_SECONDS) return 0;
    _requireAbsent(root, member, evidence.absence);
    return type(uint256).max;
  }

  /// @dev The page's sets are hashed into the root, and the member is in neither.
  function _requireAbsent(bytes32 root, uint256 member, Absence calldata absence) private pure {
    uint256 page = member / ReadingTree.PAGE;
    uint256 both = absence.list | absence.otherList;
    ReadingTree.requireApart(page, absence.list, absence.otherList);
    if (both >> member % ReadingTree.PAGE & 1 == 1) revert ReadingSealed(uint16(member));
    bytes32 hash;
    if (both != 0) {
      hash = ReadingTree.pageOf(page, absence.list, absence.top, absence.otherList, absence.otherTop);
    }
    if (ReadingTree.rootOf(page, hash, absence.pages) != root) revert PageNotProven(page);
  }

  function _release(QuotaLib.Base memory base, uint256 seat, uint256 amountMicro) private {
    if (amountMicro == 0) return;
    PostingLib.List memory postings = PostingLib.list(0, 0, 1);
    postings.addSingle(seat, amountMicro);
    base.house.release(postings.finish());
  }

  function _least(uint256 a, uint256 b) private pure returns (uint256) {
    return a < b ? a : b;
  }
}
