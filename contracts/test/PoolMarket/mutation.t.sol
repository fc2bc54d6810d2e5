// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { OrderBookLib } from "../../src/libraries/OrderBookLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { RandomBooks } from "./RandomBooks.sol";

/// @notice One change to a valid clearing, and the pool refuses it, for every kind of change that can be noticed on the
/// chain. Right after, the same clearing without the change is accepted: nothing else was wrong with it.
/// @dev An order left out of the book as if it had never come can't be noticed here, only by whoever signed it.
/// forge-config: default.fuzz.runs = 64
contract MutationTest is RandomBooks {
  /// @dev A clearing in which something trades, its orders packed one by one.
  struct Submission {
    PoolMarket.Outcome outcome;
    bytes[] bids;
    bytes[] offers;
  }

  ReferenceClearing.Result private valid;

  // -- orders as they were signed

  /// @dev Any bit of what an order says: account, limit price, energy, sequence.
  function testFuzz_RevertGiven_OrderTampered(uint256 seed) public {
    Submission memory changed = _start(seed);
    bytes memory order = _pick(changed);
    uint256 bit = _draw(96);
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
    address another = _neighbourOf(orders[i].account);
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
    address owner = registry.ownerOf(orders[i].account);
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
    list[list.length - 1] = new bytes(_draw(ORDER_BYTES));
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
    more[orders.length] = ReferenceClearing.Order(like.account, like.price, uint32(1 + _draw(1000)), 200);
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
    OrderBookLib.Rationing memory rationing = _rationingOf(changed, uint8(_draw(2)));
    if (_draw(2) == 0) ++rationing.levelWh;
    else --rationing.levelWh;
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_WrongFill(uint256 seed) public {
    Submission memory changed = _start(seed);
    OrderBookLib.Rationing memory rationing = _rationingOf(changed, uint8(_draw(2)));
    if (_draw(2) == 0) ++rationing.filledWh;
    else --rationing.filledWh;
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_LessTradedThanPossible(uint256 seed) public {
    Submission memory changed = _start(seed);
    if (_draw(2) == 0) {
      delete changed.outcome.bids;
      delete changed.outcome.offers;
      _expectRefused(changed);
    } else {
      --changed.outcome.bids.filledWh;
      --changed.outcome.offers.filledWh;
      _expectRefused(changed);
    }
  }

  function testFuzz_RevertGiven_MoreTradedThanPossible(uint256 seed) public {
    Submission memory changed = _start(seed);
    ++changed.outcome.bids.filledWh;
    ++changed.outcome.offers.filledWh;
    _expectRefused(changed);
  }

  function testFuzz_RevertGiven_OtherAccounts(uint256 seed) public {
    Submission memory changed = _start(seed);
    changed.outcome.firstAccount = uint24(changed.outcome.lastAccount + 1 + _draw(60_000));
    changed.outcome.lastAccount = uint24(changed.outcome.firstAccount + _draw(2_000));
    _expectRefused(changed);
  }

  /// @dev A cut is right when it gives the Wh left over to the same participants, and only then.
  function testFuzz_ACutCountsByWhomItFavours(uint256 seed) public {
    Submission memory changed = _start(seed);
    (uint8 side, ReferenceClearing.Order[] memory orders) = _drawOrders();
    OrderBookLib.Rationing memory rationing = _rationingOf(changed, side);
    int32 price = side == BID ? changed.outcome.marginalBid : changed.outcome.marginalOffer;
    bytes32 favoured = _favouredBy(rationing, orders, price);
    ReferenceClearing.Order memory like = orders[_draw(_matchedOf(changed, side, orders))];
    if (_draw(2) == 0) {
      rationing.cutRemainder =
        uint64(_groupWh(orders, like.account, price) * rationing.filledWh % rationing.levelWh);
    }
    if (_draw(2) == 0) rationing.cutAccount = like.account + uint24(_draw(3)) - 1;
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
    vm.assertTrue(refusal != InsufficientMargin.selector && refusal != bytes4(_panic(0)), "reason");
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
      address owner = registry.ownerOf(orders[i].account);
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
    returns (OrderBookLib.Rationing memory)
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

  function _neighbourOf(uint24 account) private view returns (address) {
    uint24 first = towns[0].first;
    uint24 place = (account - first) % uint24(PEOPLE);
    return registry.ownerOf(account - place + (place + 1) % uint24(PEOPLE));
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

  /// @dev Which orders at the price belong to participants whom the cut gives a Wh that rounding left.
  function _favouredBy(
    OrderBookLib.Rationing memory rationing,
    ReferenceClearing.Order[] memory orders,
    int32 price
  ) private pure returns (bytes32) {
    bool[] memory isFavoured = new bool[](orders.length);
    for (uint256 i; i < orders.length; ++i) {
      if (orders[i].price != price) continue;
      uint256 exact = _groupWh(orders, orders[i].account, price) * rationing.filledWh;
      uint256 remainder = exact % rationing.levelWh;
      bool isAtCut = remainder == rationing.cutRemainder && orders[i].account <= rationing.cutAccount;
      isFavoured[i] = remainder > rationing.cutRemainder || isAtCut;
    }
    return keccak256(abi.encode(isFavoured));
  }

  function _groupWh(ReferenceClearing.Order[] memory orders, uint24 account, int32 price)
    private
    pure
    returns (uint256 energyWh)
  {
    for (uint256 i; i < orders.length; ++i) {
      if (orders[i].account == account && orders[i].price == price) energyWh += orders[i].energyWh;
    }
  }
}
