// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";
import { SettlementLib } from "../libraries/SettlementLib.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";
import { LibBit } from "solady/utils/LibBit.sol";
import { LibBytes } from "solady/utils/LibBytes.sol";

/// @notice The readings of a page of members: proven against the published root, and what of them counts in a pool.
library PageLib {
  using DynamicArrayLib for uint256[];

  uint256 private constant PAGE = ReadingTree.PAGE;
  uint8 private constant ENERGY = 1;
  /// @dev Where a reading has its exported energy.
  uint256 private constant EXPORT_SHIFT = 136;

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

  /// @dev What a settlement works with. `listed` has a bit for each member with a leaf, `given` for each whose reading was proven;
  /// `readings` has a word for each member of the page, to the last that has one or needs one; zero for none.
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
    uint256 given;
    uint256[] readings;
  }

  /// @notice Room for the readings of these members and of those that are opened.
  function makeRoom(Page memory here, uint256 members, Readings calldata readings) internal pure {
    here.readings = new uint256[](LibBit.fls(members | readings.opened[0] | readings.opened[1]) + 1);
  }

  /// @notice Recomputes the page from its opened and sealed leaves and compares the root above it; keeps the readings.
  function prove(Page memory here, Readings calldata readings) internal pure {
    (uint256 first, uint256 second) = (readings.lists[0], readings.lists[1]);
    ReadingTree.requireApart(here.page, first, second);
    here.listed = first | second;
    here.given = first & readings.opened[0] | second & readings.opened[1];
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
      (uint256 closed, uint256 open) = (0, 0);
      (closed, open, offset) = _readLeaves(here, members, opened, leaves, offset, node, top);
      if (open != 0) top.set(closed + 1, ReadingTree.closeNode(node, open));
      return (top.hash(), offset);
    }
  }

  /// @dev Walks over the leaves of a list: keeps the readings that are opened, hashes sixteen leaves to a node and puts it
  /// into the top. Gives the nodes that are closed, and the leaves of the open one. Assembly, since this runs once a member; the
  /// scratch space has the context and a reading.
  function _readLeaves(
    Page memory here,
    uint256 members,
    uint256 opened,
    bytes calldata leaves,
    uint256 offset,
    uint256[] memory node,
    uint256[] memory top
  ) private pure returns (uint256 closed, uint256 open, uint256 end) {
    uint256[] memory readings = here.readings;
    (uint256 member, bytes32 context) = (here.page * PAGE, here.evidence.context);
    assembly ("memory-safe") {
      mstore(0, context)
      member := shl(240, member)
      end := add(leaves.offset, offset)
      let slot := add(readings, 0x20)
      // A buffer has its length and its tag before the first of sixteen words.
      let place := add(node, 0x40)
      let nodeEnd := add(node, 0x240)
      let topPlace := add(top, 0x40)
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
          mstore(place, leaf)
          place := add(place, 0x20)
          if eq(place, nodeEnd) {
            mstore(topPlace, keccak256(add(node, 0x20), 0x220))
            topPlace := add(topPlace, 0x20)
            place := add(node, 0x40)
          }
        }
        member := add(member, shl(240, 1))
        slot := add(slot, 0x20)
        opened := shr(1, opened)
      }
      end := sub(end, leaves.offset)
      closed := shr(5, sub(sub(topPlace, top), 0x40))
      open := shr(5, sub(sub(place, node), 0x40))
    }
  }

  /// @notice Leaves of the members' readings what counts here: without one, nothing does, once it was waited for long enough; what
  /// other markets claimed of it counts there. Gives a bit for each member without a reading.
  function count(Page memory here, uint256 members) internal view returns (uint256 missing) {
    unchecked {
      missing = members & ~here.given;
      uint256 refused = here.evidence.isWaitingOver ? missing & here.listed : missing;
      if (refused != 0) _refuse(here, LibBit.ffs(refused));
      uint256 claimed = members & here.given & (here.evidence.taken | here.evidence.partly);
      for (; claimed != 0; claimed &= claimed - 1) {
        uint256 index = LibBit.ffs(claimed);
        here.readings.set(index, _unclaimedOf(here, index));
      }
    }
  }

  function _refuse(Page memory here, uint256 index) private pure {
    uint16 member = uint16(here.page * PAGE + index);
    if (here.listed >> index & 1 == 1) revert ReadingSealed(member);
    revert ReadingMissing(member);
  }

  function _unclaimedOf(Page memory here, uint256 index) private view returns (uint256) {
    if (here.evidence.taken >> index & 1 == 1) return 0;
    uint256 reading = here.readings.get(index);
    uint256 exportWh = ReadingTree.exportWhOf(reading);
    uint16 member = uint16(here.page * PAGE + index);
    uint256 claimedWh = here.ledger.claimedWh(here.areaId, here.intervalId, member, ENERGY);
    return reading - ((exportWh < claimedWh ? exportWh : claimedWh) << EXPORT_SHIFT);
  }
}
