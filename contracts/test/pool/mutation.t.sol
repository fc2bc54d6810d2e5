// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../../src/libraries/AuctionLib.sol";
import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { RandomBooks } from "./RandomBooks.sol";

/// @notice One change to a valid clearing, and the pool refuses it, for every kind of change that can be noticed on the
/// chain. Right after, the same clearing without the change is accepted: nothing else was wrong with it.
/// @dev An order left out of the book as if it had never come can't be noticed here, only by the one who signed it.
/// forge-config: default.fuzz.runs = 24
contract MutationTest is RandomBooks {
  /// @dev A clearing in which something trades, its orders packed one by one.
  struct Submission {
    PoolLib.Outcome outcome;
    bytes[] bids;
    bytes[] offers;
  }

  bytes4 private constant PANIC = 0x4e487b71;

  ReferenceClearing.Result private valid;

  // -- orders as they were signed

  /// @dev Any bit of what an order says: member, limit price, energy, sequence.
  function testFuzz_RevertGiven_OrderTampered(uint256 seed) public {
    Submission memory changed = _start(seed);
    bytes memory order = _pick(changed);
    uint256 bit = _draw(88);
    order[64 + bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_SignatureTampered(uint256 seed) public {
    Submission memory changed = _start(seed);
    bytes memory order = _pick(changed);
    uint256 bit = _draw(512);
    order[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_SignedByAnother(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    uint256 i = _draw(orders.length);
    address another = _neighbourOf(changed.outcome.areaId, orders[i].member);
    _listOf(changed, side)[i] = _signedBy(another, changed.outcome.areaId, INTERVAL, side, orders[i]);
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_SignedForAnotherBook(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    uint256 i = _draw(orders.length);
    uint256 kind = _draw(3);
    uint16 areaId = kind == 0 ? changed.outcome.areaId + 1 : changed.outcome.areaId;
    uint32 intervalId = kind == 1 ? INTERVAL - 1 : INTERVAL;
    uint8 signedSide = kind == 2 ? 1 - side : side;
    address owner = _ownerOf(changed.outcome.areaId, orders[i].member);
    _listOf(changed, side)[i] = _signedBy(owner, areaId, intervalId, signedSide, orders[i]);
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_OrdersSwapped(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side,) = _drawOrders();
    bytes[] memory list = _listOf(changed, side);
    uint256 i = _draw(list.length);
    uint256 j = _draw(list.length);
    if (i == j) _replace(changed, side, _with(list, i, list[i]));
    else (list[i], list[j]) = (list[j], list[i]);
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_OrderOnTheOtherSide(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side,) = _drawOrders();
    bytes[] memory list = _listOf(changed, side);
    bytes[] memory other = _listOf(changed, 1 - side);
    _replace(changed, 1 - side, _with(other, _draw(other.length + 1), list[_draw(list.length)]));
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_BytesCutOff(uint256 seed) public {
    Submission memory changed = _start(seed);
    bytes[] memory list = _listOf(changed, uint8(_draw(2)));
    list[list.length - 1] = new bytes(1 + _draw(ORDER_BYTES - 1));
    if (list[list.length - 1].length == 0) list[list.length - 1] = new bytes(1);
    _expectRefused(changed);
  }

  // -- orders that are signed anew, with the statement of the old ones

  function testFuzz_RevertGiven_MatchedOrderOfAnotherEnergy(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    ReferenceClearing.Order memory order = orders[_draw(_matchedOf(changed, side, orders))];
    order.energyWh = order.energyWh == 1 ? 2 : order.energyWh - 1;
    _sign(changed, side, orders);
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_MatchedOrderDropped(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    uint256 dropped = _draw(_matchedOf(changed, side, orders));
    bytes[] memory list = _listOf(changed, side);
    bytes[] memory rest = new bytes[](list.length - 1);
    for (uint256 i; i < rest.length; ++i) {
      rest[i] = list[i < dropped ? i : i + 1];
    }
    _replace(changed, side, rest);
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_OrderAddedToTheMatchedPart(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    ReferenceClearing.Order memory like = orders[_draw(_matchedOf(changed, side, orders))];
    ReferenceClearing.Order[] memory more = new ReferenceClearing.Order[](orders.length + 1);
    for (uint256 i; i < orders.length; ++i) {
      more[i] = orders[i];
    }
    more[orders.length] = ReferenceClearing.Order(like.member, like.price, uint32(1 + _draw(1000)), 15);
    _sign(changed, side, ReferenceClearing.sort(more, side == BID));
    _expectRefused(changed);
  }

  // -- the statement

  function testFuzz_RevertGiven_WrongMarginalPrice(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    int32 right = side == BID ? changed.outcome.marginalBid : changed.outcome.marginalOffer;
    int32 wrong = orders[_draw(orders.length)].price;
    if (wrong == right) wrong = _draw(2) == 0 ? right - 1 : right + 1;
    if (side == BID) changed.outcome.marginalBid = wrong;
    else changed.outcome.marginalOffer = wrong;
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_WrongLevel(uint256 seed) public {
    Submission memory changed = _start(seed);
    AuctionLib.Rationing memory rationing = _rationingOf(changed, uint8(_draw(2)));
    if (_draw(2) == 0) ++rationing.levelQuantity;
    else --rationing.levelQuantity;
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_WrongFill(uint256 seed) public {
    Submission memory changed = _start(seed);
    AuctionLib.Rationing memory rationing = _rationingOf(changed, uint8(_draw(2)));
    if (_draw(2) == 0) ++rationing.filledQuantity;
    else --rationing.filledQuantity;
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_LessTradedThanPossible(uint256 seed) public {
    Submission memory changed = _start(seed);
    if (_draw(2) == 0) {
      delete changed.outcome.bids;
      delete changed.outcome.offers;
      _expectRefused(changed);
    } else {
      --changed.outcome.bids.filledQuantity;
      --changed.outcome.offers.filledQuantity;
      _expectRefused(changed);
    }
  }

  function testFuzz_RevertGiven_MoreTradedThanPossible(uint256 seed) public {
    Submission memory changed = _start(seed);
    ++changed.outcome.bids.filledQuantity;
    ++changed.outcome.offers.filledQuantity;
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_OtherMembers(uint256 seed) public {
    Submission memory changed = _start(seed);
    changed.outcome.firstMember = uint16(changed.outcome.lastMember + 1 + _draw(3000));
    changed.outcome.lastMember = uint16(changed.outcome.firstMember + _draw(900));
    _expectRefused(changed);
  }

  /// @dev A cut is right when it gives the Wh left over to the same members, and only then.
  function testFuzz_ACutCountsByWhomItFavours(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    AuctionLib.Rationing memory rationing = _rationingOf(changed, side);
    int32 price = side == BID ? changed.outcome.marginalBid : changed.outcome.marginalOffer;
    bytes32 favoured = _favouredBy(rationing, orders, price);
    ReferenceClearing.Order memory like = orders[_draw(_matchedOf(changed, side, orders))];
    if (_draw(2) == 0) {
      rationing.cutRemainder =
        uint64(_groupWh(orders, like.member, price) * rationing.filledQuantity % rationing.levelQuantity);
    }
    if (_draw(2) == 0) rationing.cutMember = like.member + uint16(_draw(3)) - 1;
    if (_favouredBy(rationing, orders, price) == favoured) _expectAccepted(changed);
    else _expectRefused(changed);
  }

  // -- submissions

  function _start(uint256 seed) private returns (Submission memory submission) {
    _seed(seed);
    ReferenceClearing.Result memory result = _crossingBook();
    valid.outcome = result.outcome;
    for (uint256 i; i < result.bids.length; ++i) {
      valid.bids.push(result.bids[i]);
    }
    for (uint256 i; i < result.offers.length; ++i) {
      valid.offers.push(result.offers[i]);
    }
    submission.outcome = result.outcome;
    _sign(submission, BID, result.bids);
    _sign(submission, OFFER, result.offers);
  }

  function _expectRefused(Submission memory changed) private {
    (bool isAccepted, bytes4 refusal) =
      _tryClear(changed.outcome, _join(changed.bids), _join(changed.offers), true);
    vm.assertFalse(isAccepted);
    // For a reason: no want of money, no arithmetic gone wrong.
    vm.assertTrue(refusal != MarginsFallShort.selector && refusal != PANIC, "reason");
    vm.assertTrue(refusal != bytes4(0), "no reason");
    ReferenceClearing.Result memory result = valid;
    _submitAll(result);
  }

  function _expectAccepted(Submission memory changed) private {
    (bool isAccepted,) = _tryClear(changed.outcome, _join(changed.bids), _join(changed.offers), true);
    vm.assertTrue(isAccepted);
  }

  function _sign(Submission memory submission, uint8 side, ReferenceClearing.Order[] memory orders)
    private
    view
  {
    bytes[] memory list = new bytes[](orders.length);
    for (uint256 i; i < orders.length; ++i) {
      address owner = _ownerOf(submission.outcome.areaId, orders[i].member);
      list[i] = _signedBy(owner, submission.outcome.areaId, INTERVAL, side, orders[i]);
    }
    _replace(submission, side, list);
  }

  function _listOf(Submission memory submission, uint8 side) private pure returns (bytes[] memory) {
    return side == BID ? submission.bids : submission.offers;
  }

  function _replace(Submission memory submission, uint8 side, bytes[] memory list) private pure {
    if (side == BID) submission.bids = list;
    else submission.offers = list;
  }

  function _rationingOf(Submission memory submission, uint8 side)
    private
    pure
    returns (AuctionLib.Rationing memory)
  {
    return side == BID ? submission.outcome.bids : submission.outcome.offers;
  }

  function _pick(Submission memory submission) private returns (bytes memory) {
    bytes[] memory list = _listOf(submission, uint8(_draw(2)));
    return list[_draw(list.length)];
  }

  /// @dev The list with one more entry, before the i-th.
  function _with(bytes[] memory list, uint256 place, bytes memory entry)
    private
    pure
    returns (bytes[] memory more)
  {
    more = new bytes[](list.length + 1);
    more[place] = entry;
    for (uint256 i; i < list.length; ++i) {
      more[i < place ? i : i + 1] = list[i];
    }
  }

  // -- orders of the valid clearing

  function _drawOrders() private returns (uint8 side, ReferenceClearing.Order[] memory orders) {
    side = uint8(_draw(2));
    orders = side == BID ? valid.bids : valid.offers;
  }

  function _neighbourOf(uint16 areaId, uint16 member) private view returns (address) {
    return _ownerOf(areaId, member == towns[0].first ? member + 1 : member - 1);
  }

  /// @dev How many orders are at the marginal price or better; never zero.
  function _matchedOf(Submission memory submission, uint8 side, ReferenceClearing.Order[] memory orders)
    private
    pure
    returns (uint256 count)
  {
    int32 bid = submission.outcome.marginalBid;
    int32 offer = submission.outcome.marginalOffer;
    while (
      count < orders.length && (side == BID ? orders[count].price >= bid : orders[count].price <= offer)
    ) {
      ++count;
    }
  }

  /// @dev Which orders at the price belong to members whom the cut gives a Wh that rounding left.
  function _favouredBy(
    AuctionLib.Rationing memory rationing,
    ReferenceClearing.Order[] memory orders,
    int32 price
  ) private pure returns (bytes32) {
    bool[] memory isFavoured = new bool[](orders.length);
    for (uint256 i; i < orders.length; ++i) {
      if (orders[i].price != price) continue;
      uint256 exact = _groupWh(orders, orders[i].member, price) * rationing.filledQuantity;
      uint256 remainder = exact % rationing.levelQuantity;
      bool isAtCut = remainder == rationing.cutRemainder && orders[i].member <= rationing.cutMember;
      isFavoured[i] = remainder > rationing.cutRemainder || isAtCut;
    }
    return keccak256(abi.encode(isFavoured));
  }

  function _groupWh(ReferenceClearing.Order[] memory orders, uint16 member, int32 price)
    private
    pure
    returns (uint256 energyWh)
  {
    for (uint256 i; i < orders.length; ++i) {
      if (orders[i].member == member && orders[i].price == price) energyWh += orders[i].energyWh;
    }
  }
}
