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
  /// @notice Orders of one member at one price; the sequence counts them.
  uint256 internal constant MAX_ORDERS = 16;
  uint256 internal constant ORDER_BYTES = 75;
  uint256 internal constant DIRECTORY = 256;
  uint256 internal constant BID_MARK = 1 << 126;
  uint256 internal constant OFFER_MARK = 1 << 127;

  /// @dev Bytes of a member in a directory's code: who signs (20), the connection's capacity in W (4).
  uint256 private constant ENTRY_BYTES = 24;
  int256 internal constant PRICE_BIAS = 1 << 31;
  /// @dev Flipped in a price, they make a rank less one: of an offer the sign bit, which adds 2³¹; of a bid all others, which
  /// turns the order round.
  uint256 private constant OFFER_FLIP = 1 << 31;
  uint256 private constant BID_FLIP = (1 << 31) - 1;

  /// @notice What the walk over the orders of an area needs, fetched once.
  /// @dev Members are counted from `base`, the first that may have an order. `entries` is where the directories stand in memory, one
  /// behind the other, zero for a member whose entry does not hold. `buffer` is where orders are hashed, see
  /// {_walk}. `totals` has for each member what it traded: amount (int128, thousandths, pairs only; positive is from
  /// buyer to seller) | has an offer (1) | has a bid (1) | zero (30) | capacity, W, when it has an order in this step (32) |
  /// quantity (64).
  struct Desk {
    AreaRegistry areas;
    uint16 areaId;
    uint256 closesAt;
    uint256 buffer;
    uint256 base;
    uint256 entries;
    uint256[] totals;
  }

  /// @dev A walk over one side under way. `place` is where the next order stands in the calldata, `slot` where it goes to,
  /// `totals` where the first of them is.
  struct Walk {
    uint256 place;
    uint256 slot;
    uint256 totals;
    uint256 lastKey;
    uint256 filled;
    uint256 flip;
    uint256 mark;
    uint256 base;
    uint256 members;
    uint256 entries;
    uint256 bookRank;
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

  /// @notice Takes over what an area's registry says of the members from `desk.base` to `lastMember`: a bit for each
  /// whose entry holds, and where the directories are.
  function readMembers(
    Desk memory desk,
    uint256 lastMember,
    uint256[] memory fresh,
    address[] memory pointers
  ) internal view {
    unchecked {
      (uint256 first, uint256 count) = (desk.base % DIRECTORY, lastMember + 1 - desk.base);
      desk.totals = new uint256[](count);
      desk.entries = _allot(count * ENTRY_BYTES + 32);
      for (uint256 i; i < pointers.length; ++i) {
        // The first directory is read from its member `first` on, all others from their first.
        uint256 from = i == 0 ? first : 0;
        uint256 index = i * DIRECTORY + from - first;
        uint256 members = count - index;
        if (members > DIRECTORY - from) members = DIRECTORY - from;
        _readDirectory(pointers[i], fresh[i] >> from, from, members, desk.entries + index * ENTRY_BYTES);
      }
    }
  }

  /// @dev Writes the entries of `members` members, from the member `from` of a directory on, to `place`; zero for those who
  /// have no bit in `fresh`.
  function _readDirectory(address pointer, uint256 fresh, uint256 from, uint256 members, uint256 place)
    private
    view
  {
    unchecked {
      uint256 stale = ~fresh & type(uint256).max >> 256 - members;
      bool isEmpty = fresh == 0;
      // A directory is code behind one byte that stops its execution. What lies beyond a code reads as zeros.
      assembly ("memory-safe") {
        let length := mul(members, ENTRY_BYTES)
        switch isEmpty
        case 0 { extcodecopy(pointer, place, add(1, mul(from, ENTRY_BYTES)), length) }
        default { codecopy(place, codesize(), length) }
      }
      if (isEmpty) return;
      for (; stale != 0; (stale >>= 1, place += ENTRY_BYTES)) {
        if (stale & 1 == 1) _writeEntry(place, 0);
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
    entry = _entryAt(desk, index);
    if (entry >> 96 == 0) entry = _lookUp(desk, index);
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
      Walk memory walk;
      (walk.base, walk.entries, walk.bookRank) = (desk.base, desk.entries, bookRank);
      (walk.members, walk.lastKey) = (desk.totals.length, lastKey);
      (walk.mark, walk.flip) = side == BID ? (BID_MARK, BID_FLIP) : (OFFER_MARK, OFFER_FLIP);
      (uint256 buffer, uint256[] memory totals) = (desk.buffer, desk.totals);
      uint256 end;
      assembly ("memory-safe") {
        mstore(add(buffer, 0x80), side)
        mstore(walk, packed.offset)
        mstore(add(walk, 0x20), add(orders, 0x20))
        mstore(add(walk, 0x40), add(totals, 0x20))
        end := add(packed.offset, packed.length)
      }
      while (true) {
        _walk(buffer, walk, end);
        if (walk.place == end) return (orders, walk.filled);
        _resolve(desk, side, walk, count - (end - walk.place) / ORDER_BYTES);
      }
    }
  }

  // -- internal

  /// @dev Walks on to `end`, or to an order that is not right or of a member whose entry is not known. Assembly, since this
  /// is most of a clearing. The buffer has the eight words of an order's EIP-712 struct, then 0x1901, the domain and the hash
  /// of the struct, then the four words that ecrecover takes. A failed ecrecover writes nothing and leaves ones, which are no
  /// address. The offsets in `walk` are those of {Walk}.
  function _walk(uint256 buffer, Walk memory walk, uint256 end) private view {
    assembly ("memory-safe") {
      let place := mload(walk)
      let slot := mload(add(walk, 0x20))
      let lastKey := mload(add(walk, 0x60))
      let filled := mload(add(walk, 0x80))
      for { } lt(place, end) { place := add(place, 75) } {
        let tail := calldataload(add(place, 43))
        mstore(add(buffer, 0x60), and(shr(72, tail), 0xffff))
        mstore(add(buffer, 0xa0), signextend(3, shr(40, tail)))
        mstore(add(buffer, 0xc0), and(shr(8, tail), 0xffffffff))
        mstore(add(buffer, 0xe0), and(tail, 0xff))
        mstore(add(buffer, 0x140), keccak256(buffer, 0x100))
        mstore(add(buffer, 0x160), keccak256(add(buffer, 0x11e), 0x42))
        tail := calldataload(add(place, 0x20))
        mstore(add(buffer, 0x180), add(27, shr(255, tail)))
        mstore(add(buffer, 0x1a0), calldataload(place))
        mstore(add(buffer, 0x1c0), shr(1, shl(1, tail)))
        mstore(0, not(0))
        pop(staticcall(gas(), 1, add(buffer, 0x160), 0x80, 0, 0x20))
        // From here on the fields are read from the buffer, so that few values stand on the stack.
        let index := mload(add(buffer, 0x60))
        let rank := add(and(xor(mload(add(buffer, 0xa0)), mload(add(walk, 0xa0))), 0xffffffff), 1)
        let key := or(shl(24, rank), or(shl(8, index), mload(add(buffer, 0xe0))))
        let quantity := mload(add(buffer, 0xc0))
        // Below the first member, the difference wraps to a number beyond all others.
        index := sub(index, mload(add(walk, 0xe0)))
        if iszero(
          and(
            and(gt(key, lastKey), lt(index, mload(add(walk, 0x100)))),
            and(lt(and(key, 0xff), 16), gt(quantity, 0))
          )
        ) { break }
        let entry := mload(add(mload(add(walk, 0x120)), mul(index, 24)))
        if sub(shr(96, entry), mload(0)) { break }
        lastKey := key
        mstore(slot, or(shl(32, key), quantity))
        slot := add(slot, 0x20)
        quantity := mul(lt(rank, mload(add(walk, 0x140))), quantity)
        filled := add(filled, quantity)
        index := add(mload(add(walk, 0x40)), shl(5, index))
        entry := or(and(entry, 0xffffffff0000000000000000), mload(add(walk, 0xc0)))
        mstore(index, add(or(mload(index), entry), quantity))
      }
      mstore(walk, place)
      mstore(add(walk, 0x20), slot)
      mstore(add(walk, 0x60), lastKey)
      mstore(add(walk, 0x80), filled)
    }
  }

  /// @dev Asks who signs for the member at whose order a walk stopped; says what is wrong when that is known.
  function _resolve(Desk memory desk, uint8 side, Walk memory walk, uint256 ordinal) private view {
    unchecked {
      uint256 tail;
      assembly ("memory-safe") {
        tail := calldataload(add(mload(walk), 43))
      }
      uint16 member = uint16(tail >> 72);
      uint256 rank = ((tail >> 40 ^ walk.flip) & type(uint32).max) + 1;
      uint256 index = member - desk.base;
      if ((rank << 24 | uint256(member) << 8 | uint8(tail)) <= walk.lastKey) {
        revert OutOfOrder(side, ordinal);
      }
      if (index >= walk.members) revert MemberOutsideRange(member);
      if (uint32(tail >> 8) == 0) revert ZeroQuantity(member);
      if (uint8(tail) >= MAX_ORDERS) revert TooManyOrders(member);
      uint256 entry = _entryAt(desk, index);
      if (entry >> 96 != 0) revert InvalidSignature(member, side, ordinal);
      _lookUp(desk, index);
    }
  }

  /// @dev The entry of a member that no directory has, asked for once: a member that changed its signer must not make
  /// a clearing dear.
  function _lookUp(Desk memory desk, uint256 index) private view returns (uint256 entry) {
    uint16 member = uint16(desk.base + index);
    (address signer, uint32 capacityW) = desk.areas.signerAt(desk.areaId, member, desk.closesAt);
    if (signer == address(0)) revert NotTradable(member);
    entry = uint256(uint160(signer)) << 96 | uint256(capacityW) << 64;
    _writeEntry(desk.entries + index * ENTRY_BYTES, entry);
  }

  function _entryAt(Desk memory desk, uint256 index) private pure returns (uint256 entry) {
    unchecked {
      uint256 place = desk.entries + index * ENTRY_BYTES;
      assembly ("memory-safe") {
        entry := mload(place)
      }
    }
  }

  /// @dev Writes 24 bytes, and leaves the eight behind them.
  function _writeEntry(uint256 place, uint256 entry) private pure {
    assembly ("memory-safe") {
      mstore(place, or(entry, and(mload(place), 0xffffffffffffffff)))
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
