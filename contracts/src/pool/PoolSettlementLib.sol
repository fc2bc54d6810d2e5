// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { PositionLib } from "../libraries/PositionLib.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { CommitmentLib } from "./CommitmentLib.sol";
import { PageLib } from "./PageLib.sol";
import { PoolLib } from "./PoolLib.sol";
import { SealLib } from "./SealLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice Settlement of a pool's positions against readings, and their return when a clearing was abandoned or no readings
/// came. PoolMarket calls it on its own storage; it stands apart because together they exceed the size of one contract
/// (EIP-170).
library PoolSettlementLib {
  using DynamicArrayLib for uint256[];
  using PageLib for PageLib.Page;
  using PostingLib for PostingLib.List;

  uint256 private constant PAGE = ReadingTree.PAGE;
  /// @dev So long after the waiting time, money must come out though what is published cannot be proven.
  uint256 private constant LAST_RESORT_SECONDS = 14 days;

  /// @dev What a page owes: to its members, the DSO, and the supplier. `missing` has a bit for each member that counts as
  /// zero.
  struct Sums {
    uint256 membersMicro;
    uint256 gridFeeMicro;
    int256 supplierMicro;
    uint256 missing;
  }

  event PageSettled(
    uint16 indexed areaId, uint32 indexed intervalId, uint16 page, uint256 gridFeeMicro, uint256 missing
  );
  event IntervalSettled(
    uint16 indexed areaId, uint32 indexed intervalId, uint256 supplierMicro, uint256 remainderMicro
  );
  event ClearingAbandoned(uint16 indexed areaId, uint32 indexed intervalId, uint8 attempt);
  event PageReturned(uint16 indexed areaId, uint32 indexed intervalId, uint8 attempt, uint16 page);
  event IntervalReturned(uint16 indexed areaId, uint32 indexed intervalId, uint8 attempt);

  /// @notice See {PoolMarket.settle}.
  function settle(
    PoolLib.State storage state,
    PoolLib.Base memory base,
    uint16 areaId,
    uint32 intervalId,
    uint16 page,
    uint256[] calldata positions,
    PageLib.Readings calldata readings
  ) external {
    PoolLib.Interval memory interval = state.intervals[PoolLib.keyOf(areaId, intervalId)];
    bool isCleared = interval.stage == PoolLib.Stage.Cleared || interval.stage == PoolLib.Stage.Settling;
    if (!isCleared) revert NotCleared(areaId, intervalId);
    (uint256[] memory words, bytes32 positionsHash) =
      _take(state, interval, areaId, intervalId, page, positions);
    PoolLib.Terms memory terms = state.terms[areaId][interval.terms];
    PageLib.Page memory here = _pageOf(terms, interval, areaId, intervalId, page);
    here.ledger = base.ledger;
    uint256 members = PositionLib.membersOf(words, here.isPairwise);
    here.evidence = base.ledger.claimPage(areaId, intervalId, page, members);
    if (here.evidence.root == 0) revert ReadingsMissing(areaId, intervalId);
    bool isWithheld = readings.pages.length == 0 && readings.leaves.length == 0
      && interval.stage == PoolLib.Stage.Settling && _isLastResort(base.ledger, areaId, intervalId);
    here.makeRoom(members, readings);
    if (!isWithheld) here.prove(readings);
    uint256 missing = here.count(members);
    PostingLib.List memory postings = _postingsOf(areaId, page, 3);
    Sums memory sums = PoolLib.isPlain(terms, here.localPrice, here.prices)
      ? _settlePlain(here, words, postings)
      : _settleMembers(here, words, postings);
    sums.missing = missing;
    // What a corrected reading is settled by later.
    uint256 place = PoolLib.keyOf(areaId, intervalId) << 16 | page;
    bytes32 seal = SealLib.sealOf(place, interval, here.evidence.taken, positionsHash, here.readings);
    _pay(base, here, interval, postings, sums);
    if (interval.stage == PoolLib.Stage.Settled) SealLib.pack(interval, seal);
    else SealLib.write(state, areaId, intervalId, page, seal);
    state.intervals[PoolLib.keyOf(areaId, intervalId)] = interval;
  }

  /// @notice See {PoolMarket.abandon}.
  function abandon(PoolLib.State storage state, PoolLib.Base memory base, uint16 areaId, uint32 intervalId)
    external
  {
    uint256 key = PoolLib.keyOf(areaId, intervalId);
    PoolLib.Interval memory interval = state.intervals[key];
    if (interval.stage != PoolLib.Stage.Clearing) revert NotClearing(areaId, intervalId);
    uint256 startsAt = PoolLib.startsAt(intervalId, state.terms[areaId][interval.terms].intervalSeconds);
    if (block.timestamp < startsAt) {
      (address operator,,,,,) = base.areas.areas(areaId);
      if (msg.sender != operator) revert NotOperator(msg.sender, areaId);
    }
    if (interval.supplierMicro != 0) {
      PostingLib.List memory postings = PostingLib.list(0, 0, 1);
      postings.addSingle(PoolLib.seatOf(areaId, interval.supplier), uint48(interval.supplierMicro));
      interval.escrowMicro -= uint48(base.house.release(postings.finish()));
      interval.supplierMicro = 0;
    }
    uint8 attempt = interval.attempt;
    interval.stage = interval.openPages == 0 ? PoolLib.Stage.Returned : PoolLib.Stage.Returning;
    state.abandoned[PoolLib.attemptKeyOf(areaId, intervalId, attempt)] = interval;
    delete state.progress[key];
    delete state.intervals[key];
    state.intervals[key].attempt = attempt + 1;
    emit ClearingAbandoned(areaId, intervalId, attempt);
  }

  /// @notice See {PoolMarket.returnPage}.
  function returnPage(
    PoolLib.State storage state,
    PoolLib.Base memory base,
    uint16 areaId,
    uint32 intervalId,
    uint8 attempt,
    uint16 page,
    uint256[] calldata positions
  ) external {
    uint256 key = PoolLib.keyOf(areaId, intervalId);
    bool isCurrent = state.intervals[key].attempt == attempt;
    PoolLib.Interval storage stored =
      isCurrent ? state.intervals[key] : state.abandoned[PoolLib.attemptKeyOf(areaId, intervalId, attempt)];
    PoolLib.Interval memory interval = stored;
    if (isCurrent && interval.stage == PoolLib.Stage.Cleared) {
      _requireUnread(base, areaId, intervalId);
    } else if (interval.stage != PoolLib.Stage.Returning) {
      revert NothingToReturn(areaId, intervalId, attempt);
    }
    (uint256[] memory words,) = _take(state, interval, areaId, intervalId, page, positions);
    PageLib.Page memory here =
      _pageOf(state.terms[areaId][interval.terms], interval, areaId, intervalId, page);
    PostingLib.List memory postings = _postingsOf(areaId, page, 1);
    _giveBack(here, words, postings);
    bool isLast = interval.openPages == 0;
    if (isLast && interval.supplierMicro != 0) {
      postings.addSingle(PoolLib.seatOf(areaId, interval.supplier), uint48(interval.supplierMicro));
      interval.supplierMicro = 0;
    }
    interval.stage = isLast ? PoolLib.Stage.Returned : PoolLib.Stage.Returning;
    interval.escrowMicro -= uint48(base.house.release(postings.finish()));
    emit PageReturned(areaId, intervalId, attempt, page);
    if (isLast) emit IntervalReturned(areaId, intervalId, attempt);
    _store(stored, interval);
  }

  function _store(PoolLib.Interval storage stored, PoolLib.Interval memory interval) private {
    stored.stage = interval.stage;
    stored.openPages = interval.openPages;
    stored.escrowMicro = interval.escrowMicro;
    stored.supplierMicro = interval.supplierMicro;
  }

  /// @dev No reading was published while the area waited for them; or what was published settled nothing in a long time.
  function _requireUnread(PoolLib.Base memory base, uint16 areaId, uint32 intervalId) private view {
    uint256 waitedUntil = _waitedUntil(base.ledger, areaId, intervalId);
    if (block.timestamp < waitedUntil) revert TooEarlyToReturn(intervalId, waitedUntil);
    (, bytes32 root) = base.ledger.evidenceOf(areaId, intervalId);
    bool isUnread = root == 0 || block.timestamp >= waitedUntil + LAST_RESORT_SECONDS;
    if (!isUnread) revert ReadingsPresent(areaId, intervalId);
  }

  function _isLastResort(MeterLedger ledger, uint16 areaId, uint32 intervalId) private view returns (bool) {
    return block.timestamp >= _waitedUntil(ledger, areaId, intervalId) + LAST_RESORT_SECONDS;
  }

  /// @dev When the area's waiting time is over, unix s.
  function _waitedUntil(MeterLedger ledger, uint16 areaId, uint32 intervalId) private view returns (uint256) {
    (, uint32 intervalSeconds, uint32 waitingSeconds,) = ledger.stations(areaId);
    return (uint256(intervalId) + 1) * intervalSeconds + waitingSeconds;
  }

  /// @dev Checks the positions against what the clearing committed to, and takes them out of escrow for good.
  function _take(
    PoolLib.State storage state,
    PoolLib.Interval memory interval,
    uint16 areaId,
    uint32 intervalId,
    uint16 page,
    uint256[] calldata positions
  ) private returns (uint256[] memory words, bytes32 committed) {
    if (page >= ReadingTree.MAX_PAGES) {
      revert NothingToSettle(areaId, intervalId, page);
    }
    committed = CommitmentLib.take(state, CommitmentLib.Page(areaId, intervalId, interval.attempt, page));
    if (committed == 0) revert NothingToSettle(areaId, intervalId, page);
    words = positions;
    if (PositionLib.hashOf(words) != committed) revert PositionsDiffer(areaId, intervalId, page);
    --interval.openPages;
  }

  function _pageOf(
    PoolLib.Terms memory terms,
    PoolLib.Interval memory interval,
    uint16 areaId,
    uint32 intervalId,
    uint16 page
  ) private pure returns (PageLib.Page memory here) {
    (here.areaId, here.intervalId, here.page) = (areaId, intervalId, page);
    here.isPairwise = terms.pricing == AuctionLib.MIDPOINT;
    here.localPrice = interval.localPrice;
    here.prices = PoolLib.pricesOf(terms, interval.localPrice, interval.isSupplied);
  }

  function _postingsOf(uint16 areaId, uint16 page, uint256 extra)
    private
    pure
    returns (PostingLib.List memory)
  {
    uint256 first = PoolLib.seatOf(areaId, page * PAGE);
    return PostingLib.list(first, first + PAGE, extra);
  }

  /// @dev {_settleMembers} in plain numbers: what a position trades for is in its reserve and in its cost, and falls out.
  /// What is used again and again stands on the stack.
  function _settlePlain(PageLib.Page memory here, uint256[] memory words, PostingLib.List memory postings)
    private
    pure
    returns (Sums memory sums)
  {
    unchecked {
      uint256[] memory readings = here.readings;
      SettlementLib.Prices memory prices = here.prices;
      uint256 area = PoolLib.seatOf(here.areaId, 0);
      uint256 bits = PositionLib.bitsOf(here.isPairwise);
      (uint256 membersMicro, uint256 gridFeeMicro, uint256 supplierMicro) = (0, 0, 0);
      for (uint256 i; i < words.length; ++i) {
        for (uint256 word = words.get(i); word != 0; word >>= bits) {
          uint256 member = word >> 40 & 0xffff;
          uint256 reading = readings.get(member & 0xff);
          uint256 rest;
          uint256 deviation;
          if (word >> 56 & 0xff == AuctionLib.OFFER) {
            (rest, deviation) = SettlementLib.settlePlainSale(
              uint40(word), ReadingTree.exportWhOf(reading), uint256(prices.shortfall)
            );
            supplierMicro += deviation;
          } else {
            uint256 gridFee;
            (rest, deviation, gridFee) = SettlementLib.settlePlainPurchase(
              uint40(word), ReadingTree.importWhOf(reading), uint256(prices.surplus), uint256(prices.gridFee)
            );
            supplierMicro -= deviation;
            gridFeeMicro += gridFee;
          }
          membersMicro += rest;
          if (rest != 0) postings.add(area | member, rest);
        }
      }
      (sums.membersMicro, sums.gridFeeMicro) = (membersMicro, gridFeeMicro);
      sums.supplierMicro = int256(supplierMicro);
    }
  }

  /// @dev Releases to each member its reserve minus what its position costs with its reading.
  function _settleMembers(PageLib.Page memory here, uint256[] memory words, PostingLib.List memory postings)
    private
    pure
    returns (Sums memory sums)
  {
    unchecked {
      uint256 bits = PositionLib.bitsOf(here.isPairwise);
      uint256 area = PoolLib.seatOf(here.areaId, 0);
      for (uint256 i; i < words.length; ++i) {
        for (uint256 word = words.get(i); word != 0; word >>= bits) {
          uint256 reading = here.readings.get(word >> 40 & 0xff);
          uint256 rest = word >> 56 & 0xff == AuctionLib.OFFER
            ? _settleSale(here, word, reading, sums)
            : _settlePurchase(here, word, reading, sums);
          postings.add(area | (word >> 40 & 0xffff), rest);
        }
      }
    }
  }

  function _settleSale(PageLib.Page memory here, uint256 position, uint256 reading, Sums memory sums)
    private
    pure
    returns (uint256 rest)
  {
    unchecked {
      int256 shortfall;
      (rest, shortfall) = SettlementLib.settleSale(
        PositionLib.quantityOf(position),
        _amountOf(here, position),
        ReadingTree.exportWhOf(reading),
        here.prices
      );
      sums.supplierMicro += shortfall;
      sums.membersMicro += rest;
    }
  }

  function _settlePurchase(PageLib.Page memory here, uint256 position, uint256 reading, Sums memory sums)
    private
    pure
    returns (uint256 rest)
  {
    unchecked {
      int256 surplus;
      int256 gridFee;
      (rest, surplus, gridFee) = SettlementLib.settlePurchase(
        PositionLib.quantityOf(position),
        _amountOf(here, position),
        ReadingTree.importWhOf(reading),
        here.prices
      );
      sums.supplierMicro -= surplus;
      sums.gridFeeMicro += uint256(gridFee);
      sums.membersMicro += rest;
    }
  }

  function _amountOf(PageLib.Page memory here, uint256 position) private pure returns (int256) {
    unchecked {
      if (here.isPairwise) return PositionLib.amountOf(position);
      return int256(PositionLib.quantityOf(position)) * here.localPrice;
    }
  }

  /// @dev Releases to each member what was reserved for its position.
  function _giveBack(PageLib.Page memory here, uint256[] memory words, PostingLib.List memory postings)
    private
    pure
  {
    uint256 bits = PositionLib.bitsOf(here.isPairwise);
    for (uint256 i; i < words.length; ++i) {
      for (uint256 word = words.get(i); word != 0; word >>= bits) {
        uint256 reserve = SettlementLib.reserveOf(
          PositionLib.sideOf(word) == AuctionLib.OFFER,
          PositionLib.quantityOf(word),
          _amountOf(here, word),
          here.prices
        );
        postings.add(PoolLib.seatOf(here.areaId, PositionLib.memberOf(word)), reserve);
      }
    }
  }

  /// @dev Pays the members of a page and the DSO; with the last page the supplier, and the fund what rounding left.
  /// Then nothing stays in escrow.
  function _pay(
    PoolLib.Base memory base,
    PageLib.Page memory here,
    PoolLib.Interval memory interval,
    PostingLib.List memory postings,
    Sums memory sums
  ) private {
    uint16 areaId = here.areaId;
    postings.addLate(PoolLib.seatOf(areaId, interval.dso), sums.gridFeeMicro);
    interval.escrowMicro -= uint48(sums.membersMicro + sums.gridFeeMicro);
    interval.supplierMicro += int48(sums.supplierMicro);
    interval.stage = PoolLib.Stage.Settling;
    (uint256 supplierMicro, uint256 remainderMicro) = (0, 0);
    bool isLast = interval.openPages == 0;
    if (isLast) {
      supplierMicro = uint48(interval.supplierMicro);
      remainderMicro = interval.escrowMicro - supplierMicro;
      postings.addLate(PoolLib.seatOf(areaId, interval.fund), remainderMicro);
      postings.addLate(PoolLib.seatOf(areaId, interval.supplier), supplierMicro);
      (interval.escrowMicro, interval.supplierMicro, interval.stage) = (0, 0, PoolLib.Stage.Settled);
    }
    // Money moves first; what it moved for is told after it, so that a reader can match the two.
    base.house.release(postings.finish());
    emit PageSettled(areaId, here.intervalId, here.page, sums.gridFeeMicro, sums.missing);
    if (isLast) emit IntervalSettled(areaId, here.intervalId, supplierMicro, remainderMicro);
  }
}
