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
import { PoolLib } from "./PoolLib.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { LibBit } from "solady/utils/LibBit.sol";
import { LibBytes } from "solady/utils/LibBytes.sol";

/// @notice Settlement of a pool's positions against readings, and their return when a clearing was abandoned or no readings
/// came. PoolMarket calls it on its own storage; it stands apart because together they exceed the size of one contract
/// (EIP-170).
library PoolSettlementLib {
  using DynamicArrayLib for uint256[];
  using PostingLib for PostingLib.List;

  uint256 private constant PAGE = ReadingTree.PAGE;
  uint8 private constant ENERGY = 1;
  uint256 private constant READING_BYTES = 25;
  /// @dev Where a reading has its exported energy.
  uint256 private constant EXPORT_SHIFT = 136;
  /// @dev So long after the waiting time, money must come out though what is published cannot be proven.
  uint256 private constant LAST_RESORT_SECONDS = 14 days;

  /// @notice The readings of a page: those that its positions need, and what proves them.
  /// @param lists the members in each of the page's two lists, a bit each
  /// @param opened of which of them the reading is given
  /// @param leaves first list, then second, in member order: 25 bytes of a reading (import 4 | export 4 | quality 1 | salt
  /// 16), or the 32 bytes of its hash; of a list of which none is opened, the 32 bytes of its top
  /// @param pages the other pages of the interval, in order, without the zeros at the end
  struct Readings {
    uint256[2] lists;
    uint256[2] opened;
    bytes leaves;
    bytes32[] pages;
  }

  /// @dev What a settlement works with. `readings` has a word for each member of the page, to the last that has one or needs
  /// one; zero for none.
  struct Page {
    uint16 areaId;
    uint32 intervalId;
    uint16 page;
    bool isPairwise;
    int256 localPrice;
    SettlementLib.Prices prices;
    MeterLedger ledger;
    MeterLedger.Evidence evidence;
    uint256 listed;
    uint256[] readings;
  }

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
    Readings calldata readings
  ) external {
    PoolLib.Interval memory interval = state.intervals[PoolLib.keyOf(areaId, intervalId)];
    bool isCleared = interval.stage == PoolLib.Stage.Cleared || interval.stage == PoolLib.Stage.Settling;
    if (!isCleared) revert NotCleared(areaId, intervalId);
    _take(state, interval, areaId, intervalId, page, positions);
    PoolLib.Terms memory terms = state.terms[areaId][interval.terms];
    Page memory here = _pageOf(terms, interval, areaId, intervalId, page);
    here.ledger = base.ledger;
    uint256 members = _membersOf(positions, here.isPairwise);
    here.evidence = base.ledger.claimPage(areaId, intervalId, page, members);
    if (here.evidence.root == 0) revert ReadingsMissing(areaId, intervalId);
    bool isWithheld = readings.pages.length == 0 && readings.leaves.length == 0
      && interval.stage == PoolLib.Stage.Settling && _isLastResort(base.ledger, areaId, intervalId);
    here.readings = new uint256[](LibBit.fls(members | readings.opened[0] | readings.opened[1]) + 1);
    if (!isWithheld) _prove(here, readings);
    PostingLib.List memory postings = _postingsOf(areaId, page, 3);
    Sums memory sums = PoolLib.isPlain(terms, here.localPrice, here.prices)
      ? _settlePlain(here, positions, postings)
      : _settleMembers(here, positions, postings);
    _pay(base, here, interval, postings, sums);
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
    _take(state, interval, areaId, intervalId, page, positions);
    Page memory here = _pageOf(state.terms[areaId][interval.terms], interval, areaId, intervalId, page);
    PostingLib.List memory postings = _postingsOf(areaId, page, 1);
    _giveBack(here, positions, postings);
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
    (, uint32 intervalSeconds, uint32 waitingSeconds) = ledger.stations(areaId);
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
  ) private {
    if (page >= ReadingTree.MAX_PAGES) revert NothingToSettle(areaId, intervalId, page);
    bytes32 committed =
      CommitmentLib.take(state, CommitmentLib.Page(areaId, intervalId, interval.attempt, page));
    if (committed == 0) revert NothingToSettle(areaId, intervalId, page);
    if (PositionLib.hashOf(positions) != committed) revert PositionsDiffer(areaId, intervalId, page);
    --interval.openPages;
  }

  function _pageOf(
    PoolLib.Terms memory terms,
    PoolLib.Interval memory interval,
    uint16 areaId,
    uint32 intervalId,
    uint16 page
  ) private pure returns (Page memory here) {
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

  /// @dev A bit for each member that has a position.
  function _membersOf(uint256[] calldata positions, bool isPairwise) private pure returns (uint256 members) {
    unchecked {
      (uint256 bits, uint256 count) = (PositionLib.bitsOf(isPairwise), positions.length);
      for (uint256 i; i < count; ++i) {
        for (uint256 word = positions[i] >> 40; word != 0; word >>= bits) {
          members |= 1 << (word & 0xff);
        }
      }
    }
  }

  /// @dev Recomputes the page from its opened and sealed leaves and compares the root above it; keeps the readings.
  function _prove(Page memory here, Readings calldata readings) private pure {
    (uint256 first, uint256 second) = (readings.lists[0], readings.lists[1]);
    ReadingTree.requireApart(here.page, first, second);
    here.listed = first | second;
    bytes32 hash;
    uint256 offset;
    if (here.listed != 0) {
      (bytes32 top, bytes32 otherTop) = (bytes32(0), bytes32(0));
      (top, offset) = _topOf(here, first, readings.opened[0], readings.leaves, 0);
      (otherTop, offset) = _topOf(here, second, readings.opened[1], readings.leaves, offset);
      hash = ReadingTree.pageOf(here.page, first, top, second, otherTop);
    }
    bool isProven = offset == readings.leaves.length
      && ReadingTree.rootOf(here.page, hash, readings.pages) == here.evidence.root;
    if (!isProven) revert PageNotProven(here.page);
  }

  /// @dev The top of a list, given sealed or made of its leaves from `offset` on; and where they end.
  function _topOf(Page memory here, uint256 members, uint256 opened, bytes calldata leaves, uint256 offset)
    private
    pure
    returns (bytes32, uint256)
  {
    unchecked {
      if (opened & ~members != 0) revert PageNotProven(here.page);
      if (members == 0) return (0, offset);
      if (opened == 0) return (LibBytes.loadCalldata(leaves, offset), offset + 32);
      uint256[] memory node = ReadingTree.bufferOf(ReadingTree.NODE);
      uint256[] memory top = ReadingTree.bufferOf(ReadingTree.TOP);
      uint256 count;
      (count, offset) = _readLeaves(here, members, opened, leaves, offset, node, top);
      if (count & 15 != 0) top.set((count >> 4) + 1, ReadingTree.closeNode(node, count & 15));
      return (top.hash(), offset);
    }
  }

  /// @dev Walks over the leaves of a list: keeps the readings that are opened, hashes sixteen leaves to a node and puts it
  /// into the top. Assembly, since this runs once a member; the scratch space has the context and a reading.
  function _readLeaves(
    Page memory here,
    uint256 members,
    uint256 opened,
    bytes calldata leaves,
    uint256 offset,
    uint256[] memory node,
    uint256[] memory top
  ) private pure returns (uint256 count, uint256 end) {
    uint256[] memory readings = here.readings;
    (uint256 member, bytes32 context) = (here.page * PAGE, here.evidence.context);
    assembly ("memory-safe") {
      mstore(0, context)
      member := shl(240, member)
      end := add(leaves.offset, offset)
      let slot := add(readings, 0x20)
      for { } members { members := shr(1, members) } {
        if and(members, 1) {
          let leaf := calldataload(end)
          switch and(opened, 1)
          case 0 { end := add(end, 32) }
          default {
            leaf := or(member, shr(56, leaf))
            mstore(slot, leaf)
            mstore(0x20, leaf)
            leaf := keccak256(0, 0x40)
            end := add(end, 25)
          }
          // A buffer has its length and its tag before the first of sixteen words.
          mstore(add(add(node, 0x40), shl(5, and(count, 15))), leaf)
          count := add(count, 1)
          if iszero(and(count, 15)) {
            mstore(add(add(top, 0x20), shl(1, count)), keccak256(add(node, 0x20), 0x220))
          }
        }
        member := add(member, shl(240, 1))
        slot := add(slot, 0x20)
        opened := shr(1, opened)
      }
      end := sub(end, leaves.offset)
    }
  }

  /// @dev {_settleMembers} in plain numbers: what a position trades for is in its reserve and in its cost, and falls out.
  /// What is used again and again stands on the stack.
  function _settlePlain(Page memory here, uint256[] calldata positions, PostingLib.List memory postings)
    private
    view
    returns (Sums memory sums)
  {
    unchecked {
      uint256[] memory readings = here.readings;
      SettlementLib.Prices memory prices = here.prices;
      uint256 claimed = here.evidence.taken | here.evidence.partly;
      uint256 area = PoolLib.seatOf(here.areaId, 0);
      uint256 bits = PositionLib.bitsOf(here.isPairwise);
      (uint256 membersMicro, uint256 gridFeeMicro, uint256 supplierMicro) = (0, 0, 0);
      for (uint256 i; i < positions.length; ++i) {
        for (uint256 word = positions[i]; word != 0; word >>= bits) {
          uint256 member = word >> 40 & 0xffff;
          uint256 reading = readings.get(member & 0xff);
          if (reading == 0 || claimed >> (member & 0xff) & 1 == 1) {
            reading = _countedOf(here, uint16(member), reading, sums);
          }
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
  function _settleMembers(Page memory here, uint256[] calldata positions, PostingLib.List memory postings)
    private
    view
    returns (Sums memory sums)
  {
    unchecked {
      uint256 claimed = here.evidence.taken | here.evidence.partly;
      uint256 bits = PositionLib.bitsOf(here.isPairwise);
      uint256 area = PoolLib.seatOf(here.areaId, 0);
      for (uint256 i; i < positions.length; ++i) {
        for (uint256 word = positions[i]; word != 0; word >>= bits) {
          uint256 reading = here.readings.get(word >> 40 & 0xff);
          if (reading == 0 || claimed >> (word >> 40 & 0xff) & 1 == 1) {
            reading = _countedOf(here, uint16(word >> 40), reading, sums);
          }
          uint256 rest = word >> 56 & 0xff == AuctionLib.OFFER
            ? _settleSale(here, word, reading, sums)
            : _settlePurchase(here, word, reading, sums);
          postings.add(area | (word >> 40 & 0xffff), rest);
        }
      }
    }
  }

  function _settleSale(Page memory here, uint256 position, uint256 reading, Sums memory sums)
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

  function _settlePurchase(Page memory here, uint256 position, uint256 reading, Sums memory sums)
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

  /// @dev What of a member's reading counts here. Without one, nothing does, once it was waited for long enough; what other
  /// markets claimed of it counts there.
  function _countedOf(Page memory here, uint16 member, uint256 reading, Sums memory sums)
    private
    view
    returns (uint256)
  {
    uint256 bit = 1 << member % PAGE;
    if (reading == 0) {
      if (here.listed & bit != 0) revert ReadingSealed(member);
      if (!here.evidence.isWaitingOver) revert ReadingMissing(member);
      sums.missing |= bit;
      return 0;
    }
    if (here.evidence.taken & bit != 0) return 0;
    uint256 exportWh = ReadingTree.exportWhOf(reading);
    uint256 claimedWh = here.ledger.claimedWh(here.areaId, here.intervalId, member, ENERGY);
    return reading - ((exportWh < claimedWh ? exportWh : claimedWh) << EXPORT_SHIFT);
  }

  function _amountOf(Page memory here, uint256 position) private pure returns (int256) {
    unchecked {
      if (here.isPairwise) return PositionLib.amountOf(position);
      return int256(PositionLib.quantityOf(position)) * here.localPrice;
    }
  }

  /// @dev Releases to each member what was reserved for its position.
  function _giveBack(Page memory here, uint256[] calldata positions, PostingLib.List memory postings)
    private
    pure
  {
    uint256 bits = PositionLib.bitsOf(here.isPairwise);
    for (uint256 i; i < positions.length; ++i) {
      for (uint256 word = positions[i]; word != 0; word >>= bits) {
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
    Page memory here,
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
