// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AreaRegistry } from "../metering/AreaRegistry.sol";
import "./Errors.sol";
import { DynamicArrayLib } from "solady/utils/DynamicArrayLib.sol";

/// @notice Packed orders, their signatures, and who may sign: the part of {AuctionLib} that runs once an order.
/// @dev A packed order is 75 bytes: r (32) | vs (32, EIP-2098) | member (2) | limit price (4, signed) | quantity (4) |
/// sequence (1). Its side is the list it stands in. Within a side an order has a rank, 1 being the best possible price;
/// rank 0 stands for "better than any". `key` = rank | member | sequence rises strictly, so no order comes twice.
library OrderLib {
  using DynamicArrayLib for uint256[];

  uint8 internal constant BID = 0;
  uint8 internal constant OFFER = 1;
  uint256 internal constant ORDER_BYTES = 75;
  uint256 internal constant DIRECTORY = 256;
  uint256 internal constant BID_MARK = 1 << 126;
  uint256 internal constant OFFER_MARK = 1 << 127;

  /// @dev Bytes of a member in a directory's code: who signs (20), the connection's capacity in W (4).
  uint256 private constant ENTRY_BYTES = 24;
  int256 internal constant PRICE_BIAS = 1 << 31;
  /// @dev The bits of an order that a sequence below AuctionLib's {MAX_ORDERS} leaves zero.
  uint256 private constant TOO_MANY = 0xf0 << 32;
  /// @dev Where an entry and a total have a member's capacity.
  uint256 private constant CAPACITY = uint256(type(uint32).max) << 64;

  /// @notice What the walk over the orders of an area needs, fetched once.
  /// @dev Members are counted from `base`, the first of a directory: `fresh` has a bit for each of whom `entries`, the
  /// joined directories, tell the truth; `lookedUp` are entries like theirs, of the others. `buffer` is where orders are
  /// hashed, see {_signerOf}. `totals` has for each member what it traded: amount (int128, thousandths, pairs only;
  /// positive is from buyer to seller) | has an offer (1) | has a bid (1) | zero (30) | capacity, W, when it has an order in
  /// this step (32) | quantity (64).
  struct Desk {
    AreaRegistry areas;
    uint16 areaId;
    uint256 closesAt;
    uint256 buffer;
    uint256 base;
    uint256[] fresh;
    uint256 entries;
    uint256[] lookedUp;
    uint256[] totals;
  }

  // -- prices

  function rankOf(uint8 side, int256 price) internal pure returns (uint256) {
    unchecked {
      return side == BID ? uint256(PRICE_BIAS - price) : uint256(price + PRICE_BIAS + 1);
    }
  }

  function priceOf(uint8 side, uint256 rank) internal pure returns (int256) {
    unchecked {
      return side == BID ? PRICE_BIAS - int256(rank) : int256(rank) - PRICE_BIAS - 1;
    }
  }

  // -- the desk

  /// @notice Takes over what an area's registry says of the members from `desk.base` to `lastMember`: a bit each of whom
  /// the directories tell the truth, and where the directories are.
  function readMembers(
    Desk memory desk,
    uint256 lastMember,
    uint256[] memory fresh,
    address[] memory pointers
  ) internal view {
    unchecked {
      uint256 count = lastMember + 1 - desk.base;
      desk.fresh = fresh;
      desk.totals = new uint256[](count);
      uint256 entries = _allot(count * ENTRY_BYTES + 32);
      desk.entries = entries;
      for (uint256 i; i < pointers.length; ++i) {
        if (fresh[i] == 0) continue;
        uint256 members = count - i * DIRECTORY;
        if (members > DIRECTORY) members = DIRECTORY;
        address pointer = pointers[i];
        uint256 place = entries + i * DIRECTORY * ENTRY_BYTES;
        // A directory is code behind one byte that stops its execution.
        assembly ("memory-safe") {
          extcodecopy(pointer, place, 1, mul(members, ENTRY_BYTES))
        }
      }
    }
  }

  /// @notice Prepares the hashing of the orders of an interval.
  function readyToHash(
    Desk memory desk,
    bytes32 domainSeparator,
    bytes32 typeHash,
    uint16 areaId,
    uint32 intervalId
  ) internal pure {
    uint256 buffer = _allot(0x1e0);
    desk.buffer = buffer;
    assembly ("memory-safe") {
      mstore(buffer, typeHash)
      mstore(add(buffer, 0x20), areaId)
      mstore(add(buffer, 0x40), intervalId)
      mstore(add(buffer, 0x100), 0x1901)
      mstore(add(buffer, 0x120), domainSeparator)
    }
  }

  /// @notice Signer (160 bits) | capacity, W (32) | other bits (64).
  function entryOf(Desk memory desk, uint256 index) internal view returns (uint256 entry) {
    unchecked {
      bool isFresh = desk.fresh.get(index >> 8) >> (index & 255) & 1 == 1;
      if (!isFresh) return _lookUp(desk, index);
      uint256 place = desk.entries + index * ENTRY_BYTES;
      assembly ("memory-safe") {
        entry := mload(place)
      }
    }
  }

  // -- the orders

  /// @notice Verifies that each order is signed and that they stand in merit order behind `lastKey`; marks the side of their
  /// members, notes their capacity, and books those that are better than `bookRank`.
  /// @return orders words: rank | member (16 bits) | sequence (8) | quantity (32)
  /// @return filled what was booked
  function requireOrders(
    Desk memory desk,
    uint8 side,
    uint256 lastKey,
    uint256 bookRank,
    bytes calldata packed
  ) internal view returns (uint256[] memory orders, uint256 filled) {
    unchecked {
      uint256 count = packed.length / ORDER_BYTES;
      if (count * ORDER_BYTES != packed.length) revert MalformedOrders(packed.length);
      orders = DynamicArrayLib.malloc(count);
      uint256 buffer = desk.buffer;
      assembly ("memory-safe") {
        mstore(add(buffer, 0x80), side)
      }
      for (uint256 i; i < count; ++i) {
        (uint256 signer, uint256 tail) = _signerOf(buffer, packed, i * ORDER_BYTES);
        uint256 order = _orderOf(side, tail);
        if (order >> 32 <= lastKey) revert OutOfOrder(side, i);
        lastKey = order >> 32;
        orders.set(i, order);
        uint256 quantity = order >> 56 < bookRank ? uint32(order) : 0;
        filled += quantity;
        if (_admit(desk, side, order, quantity) != signer) {
          revert InvalidSignature(uint16(order >> 40), side, i);
        }
      }
    }
  }

  // -- internal

  /// @dev Who signed the order at `offset`, zero when nobody did; and its last word, which ends with member (16 bits) | limit
  /// price (32) | quantity (32) | sequence (8). Assembly, since this runs once an order and is most of a clearing. The buffer
  /// has the eight words of an order's EIP-712 struct, then 0x1901, the domain and the hash of the struct, then the four
  /// words that ecrecover takes. A failed ecrecover returns nothing and leaves the zero that was there.
  function _signerOf(uint256 buffer, bytes calldata packed, uint256 offset)
    private
    view
    returns (uint256 signer, uint256 tail)
  {
    assembly ("memory-safe") {
      let place := add(packed.offset, offset)
      tail := calldataload(add(place, 43))
      mstore(add(buffer, 0x60), and(shr(72, tail), 0xffff))
      mstore(add(buffer, 0xa0), signextend(3, shr(40, tail)))
      mstore(add(buffer, 0xc0), and(shr(8, tail), 0xffffffff))
      mstore(add(buffer, 0xe0), and(tail, 0xff))
      mstore(add(buffer, 0x140), keccak256(buffer, 0x100))
      mstore(add(buffer, 0x160), keccak256(add(buffer, 0x11e), 0x42))
      let vs := calldataload(add(place, 0x20))
      mstore(add(buffer, 0x180), add(27, shr(255, vs)))
      mstore(add(buffer, 0x1a0), calldataload(place))
      mstore(add(buffer, 0x1c0), shr(1, shl(1, vs)))
      mstore(0, 0)
      pop(staticcall(gas(), 1, add(buffer, 0x160), 0x80, 0, 0x20))
      signer := mload(0)
    }
  }

  /// @param tail as {_signerOf} gives it
  function _orderOf(uint8 side, uint256 tail) private pure returns (uint256) {
    unchecked {
      // Of an offer the sign bit flips, which adds 2³¹; of a bid all others do, which turns the order round.
      uint256 flip = side == BID ? (1 << 31) - 1 : 1 << 31;
      uint256 rank = ((tail >> 40 ^ flip) & type(uint32).max) + 1;
      return rank << 56 | (tail >> 32 & 0xffff << 40) | (tail & 0xff) << 32 | (tail >> 8 & type(uint32).max);
    }
  }

  /// @dev Marks its member's side, notes its capacity, books `quantity` to it; gives whose signature the order needs, never
  /// zero.
  function _admit(Desk memory desk, uint8 side, uint256 order, uint256 quantity)
    private
    view
    returns (uint256 signer)
  {
    unchecked {
      // Below the first member, the difference wraps to a number beyond all totals.
      uint256 index = (order >> 40 & 0xffff) - desk.base;
      uint256[] memory totals = desk.totals;
      if (index >= totals.length) revert MemberOutsideRange(uint16(order >> 40));
      if (uint32(order) == 0) revert ZeroQuantity(uint16(order >> 40));
      if (order & TOO_MANY != 0) revert TooManyOrders(uint16(order >> 40));
      uint256 entry = entryOf(desk, index);
      uint256 mark = side == BID ? BID_MARK : OFFER_MARK;
      totals.set(index, (totals.get(index) | mark | (entry & CAPACITY)) + quantity);
      signer = entry >> 96;
    }
  }

  /// @dev The entry of a member of whom no directory tells, asked for once: a member that changed its signer must not make
  /// a clearing dear.
  function _lookUp(Desk memory desk, uint256 index) private view returns (uint256 entry) {
    unchecked {
      if (desk.lookedUp.length == 0) desk.lookedUp = new uint256[](desk.totals.length);
      entry = desk.lookedUp.get(index);
      if (entry != 0) return entry;
      uint16 member = uint16(desk.base + index);
      (address signer, uint32 capacityW) = desk.areas.signerAt(desk.areaId, member, desk.closesAt);
      if (signer == address(0)) revert NotTradable(member);
      entry = uint256(uint160(signer)) << 96 | uint256(capacityW) << 64;
      desk.lookedUp.set(index, entry);
    }
  }

  /// @dev Memory that is not set to anything.
  function _allot(uint256 length) private pure returns (uint256 place) {
    assembly ("memory-safe") {
      place := mload(0x40)
      mstore(0x40, and(add(add(place, length), 31), not(31)))
    }
  }
}
