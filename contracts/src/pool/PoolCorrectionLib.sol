// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { PositionLib } from "../libraries/PositionLib.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { PoolLib } from "./PoolLib.sol";
import { SealLib } from "./SealLib.sol";

/// @notice Settles the difference that a corrected reading makes to a position that is settled (docs/model/corrections.md):
/// by the rule of the settlement, with what counted and with what counts now. PoolMarket calls it on its own storage.
library PoolCorrectionLib {
  uint256 private constant PAGE = ReadingTree.PAGE;
  uint8 private constant ENERGY = 1;
  /// @dev Where a reading has its exported energy.
  uint256 private constant EXPORT_SHIFT = 136;

  /// @dev What one correction works with.
  struct Work {
    uint16 areaId;
    uint32 intervalId;
    uint8 version;
    bytes32 context;
    bytes32 root;
    bool isPairwise;
    SettlementLib.Prices prices;
  }

  /// @notice A position's payment is corrected.
  /// @param before what counted of the member's reading; zero for none
  /// @param corrected what counts by the version
  /// @param supplierMicro what the member owes the supplier by the difference; negative: the supplier owes it
  /// @param gridFeeMicro the same of the DSO
  event PositionCorrected(
    uint16 indexed areaId,
    uint32 indexed intervalId,
    uint16 indexed member,
    uint8 version,
    uint256 before,
    uint256 corrected,
    int256 supplierMicro,
    int256 gridFeeMicro
  );

  /// @notice See {PoolMarket.correct}.
  function correct(
    PoolLib.State storage state,
    PoolLib.Base memory base,
    uint16 areaId,
    uint32 intervalId,
    uint16 page,
    SealLib.Settled memory settled,
    ReadingTree.Proof[] calldata proofs
  ) external {
    (bytes32 seal, bool isInWord) = SealLib.read(state, areaId, intervalId, page);
    if (seal == 0) revert NotSettled(areaId, intervalId);
    if (SealLib.sealOf(areaId, intervalId, page, settled) != seal) {
      revert SettledDiffers(areaId, intervalId, page);
    }
    Work memory work = _workOf(state.terms[areaId][settled.terms], base.ledger, areaId, intervalId, settled);
    for (uint256 i; i < proofs.length; ++i) {
      _correct(base, work, page, settled, proofs[i]);
    }
    seal = SealLib.sealOf(areaId, intervalId, page, settled);
    if (!isInWord) return SealLib.write(state, areaId, intervalId, page, seal);
    PoolLib.Interval memory interval = state.intervals[PoolLib.keyOf(areaId, intervalId)];
    SealLib.pack(interval, seal);
    state.intervals[PoolLib.keyOf(areaId, intervalId)] = interval;
  }

  /// @dev The newest version counts, until the area's waiting time after its final settlement, so that a correction of the last
  /// moment is settled too.
  function _workOf(
    PoolLib.Terms memory terms,
    MeterLedger ledger,
    uint16 areaId,
    uint32 intervalId,
    SealLib.Settled memory settled
  ) private view returns (Work memory work) {
    (, uint32 intervalSeconds, uint32 waitingSeconds, uint32 finalSeconds) = ledger.stations(areaId);
    uint256 finalAt = (uint256(intervalId) + 1) * intervalSeconds + finalSeconds + waitingSeconds;
    if (block.timestamp >= finalAt) revert FinalSettlementOver(intervalId, finalAt);
    (work.areaId, work.intervalId) = (areaId, intervalId);
    work.version = ledger.versionOf(areaId, intervalId);
    (work.context, work.root) = ledger.evidenceOf(areaId, intervalId);
    work.isPairwise = terms.pricing == AuctionLib.MIDPOINT;
    work.prices = PoolLib.pricesOf(terms, settled.localPrice, settled.isSupplied);
  }

  function _correct(
    PoolLib.Base memory base,
    Work memory work,
    uint16 page,
    SealLib.Settled memory settled,
    ReadingTree.Proof calldata proof
  ) private {
    ReadingTree.requireProven(work.context, work.root, proof);
    uint16 member = uint16(ReadingTree.memberOf(proof.reading));
    uint256 index = member % PAGE;
    uint256 position = member / PAGE == page ? _positionOf(settled.positions, member, work.isPairwise) : 0;
    if (position == 0) revert NoPosition(work.areaId, work.intervalId, member);
    uint256 before = settled.readings[index];
    uint256 corrected = _unclaimedOf(base.ledger, work, member, proof.reading);
    if (corrected == before || settled.taken >> index & 1 == 1) {
      revert NothingToCorrect(work.areaId, work.intervalId, member);
    }
    settled.readings[index] = corrected;
    int256 amount = work.isPairwise
      ? PositionLib.amountOf(position)
      : int256(PositionLib.quantityOf(position)) * settled.localPrice;
    (int256 supplierMicro, int256 gridFeeMicro) =
      _differenceOf(work.prices, position, amount, before, corrected);
    _move(base.house, work.areaId, member, settled.supplier, supplierMicro);
    _move(base.house, work.areaId, member, settled.dso, gridFeeMicro);
    emit PositionCorrected(
      work.areaId, work.intervalId, member, work.version, before, corrected, supplierMicro, gridFeeMicro
    );
  }

  /// @dev What other markets claimed of the exported energy before counts there, as at the settlement.
  function _unclaimedOf(MeterLedger ledger, Work memory work, uint16 member, uint256 reading)
    private
    view
    returns (uint256)
  {
    uint256 exportWh = ReadingTree.exportWhOf(reading);
    uint256 claimedWh = ledger.claimedWh(work.areaId, work.intervalId, member, ENERGY);
    return reading - ((exportWh < claimedWh ? exportWh : claimedWh) << EXPORT_SHIFT);
  }

  function _positionOf(uint256[] memory words, uint256 member, bool isPairwise)
    private
    pure
    returns (uint256)
  {
    uint256 bits = PositionLib.bitsOf(isPairwise);
    for (uint256 i; i < words.length; ++i) {
      for (uint256 word = words[i]; word != 0; word >>= bits) {
        if (PositionLib.memberOf(word) == member) return word & (1 << bits) - 1;
      }
    }
    return 0;
  }

  /// @dev What the member owes more, or less, by the rule of the settlement: a seller's shortfall to the supplier; to a buyer the
  /// supplier's surplus, and its grid fee to the DSO. What was traded stays.
  function _differenceOf(
    SettlementLib.Prices memory prices,
    uint256 position,
    int256 amount,
    uint256 before,
    uint256 corrected
  ) private pure returns (int256 supplierMicro, int256 gridFeeMicro) {
    uint256 energyWh = PositionLib.quantityOf(position);
    if (PositionLib.sideOf(position) == AuctionLib.OFFER) {
      (, int256 shortfall) =
        SettlementLib.settleSale(energyWh, amount, ReadingTree.exportWhOf(before), prices);
      (, int256 now_) = SettlementLib.settleSale(energyWh, amount, ReadingTree.exportWhOf(corrected), prices);
      return (now_ - shortfall, 0);
    }
    (, int256 surplus, int256 gridFee) =
      SettlementLib.settlePurchase(energyWh, amount, ReadingTree.importWhOf(before), prices);
    (, int256 surplusNow, int256 gridFeeNow) =
      SettlementLib.settlePurchase(energyWh, amount, ReadingTree.importWhOf(corrected), prices);
    return (surplus - surplusNow, gridFeeNow - gridFee);
  }

  function _move(ClearingHouse house, uint16 areaId, uint16 member, uint16 party, int256 micro) private {
    if (micro == 0) return;
    uint32 seat = uint32(PoolLib.seatOf(areaId, member));
    uint32 other = uint32(PoolLib.seatOf(areaId, party));
    if (micro > 0) house.transfer(seat, other, uint256(micro));
    else house.transfer(other, seat, uint256(-micro));
  }
}
