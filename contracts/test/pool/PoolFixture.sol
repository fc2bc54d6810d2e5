// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PageLib } from "../../src/pool/PageLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { AuctionFixture } from "../support/AuctionFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice A pool over three areas, of which each clears by a pricing of its own, and everything that a test does with it:
/// books, submissions, settlements. AREA clears at one price and has the prosumer and the consumer.
abstract contract PoolFixture is AuctionFixture {
  uint16 internal constant MARGINAL_AREA = 3;
  uint256 internal constant ORDER_BYTES = 75;
  uint256 internal constant MARGIN_MICRO = 100_000_000_000;
  uint32 internal constant WIDE_CAPACITY_W = 4_000_000_000;

  /// @dev What {_trade600} reserves: the price and the grid fee of the buyer, the shortfall of the seller beyond what the
  /// trade brings, and what the supplier may have to take back.
  uint256 internal constant BUYER_RESERVE = 90_000 + 12_000;
  uint256 internal constant SELLER_RESERVE = 270_000 - 90_000;
  uint256 internal constant SUPPLIER_RESERVE = 30_000;

  PoolMarket internal pool;

  function setUp() public virtual override {
    super.setUp();
    pool = _newPool();
    _openArea(otherGateway);
    _openPool(AREA, _terms(UNIFORM));
    _openPool(OTHER_AREA, _terms(MIDPOINT));
    _openPool(MARGINAL_AREA, _terms(MARGINAL));
    _fund(AREA, PROSUMER, MARGIN_MICRO);
    _fund(AREA, CONSUMER, MARGIN_MICRO);
    vm.warp(_closesAt(INTERVAL));
  }

  // -- deployment

  function _newPool() internal returns (PoolMarket created) {
    created = PoolMarket(vm.deployCode("PoolMarket.sol:PoolMarket", abi.encode(areas, house, ledger)));
    _admitMarket(address(created));
    _admitClaimant(1, address(created));
  }

  /// @dev Terms, the supplier's consent, and its margin.
  function _openPool(uint16 areaId, PoolLib.Terms memory terms) internal {
    vm.prank(operator);
    pool.announceTerms(areaId, terms);
    _accept(areaId, 1);
    _fund(areaId, SUPPLIER, MARGIN_MICRO);
  }

  function _accept(uint16 areaId, uint16 version) internal {
    bytes32 termsHash = keccak256(abi.encode(pool.termsOf(areaId, version)));
    vm.prank(supplier);
    pool.acceptSupply(areaId, version, termsHash, operator);
  }

  function _terms(uint8 pricing) internal pure returns (PoolLib.Terms memory) {
    return PoolLib.Terms({
      intervalSeconds: INTERVAL_SECONDS,
      gateClosureSeconds: GATE_CLOSURE_SECONDS,
      floor: 60_000,
      ceiling: 360_000,
      upstreamPrice: 360_000,
      surplusPrice: 50_000,
      gridFee: 20_000,
      penaltyPermille: 1250,
      pricing: pricing
    });
  }

  // -- people and money

  function _fund(uint16 areaId, uint16 member, uint256 amountMicro) internal {
    _fundMargin(address(pool), _seat(areaId, member), amountMicro);
  }

  function _marginOf(uint16 areaId, uint16 member) internal view returns (uint256) {
    return house.marginMicro(address(pool), _seat(areaId, member));
  }

  function _marginOf(uint16 member) internal view returns (uint256) {
    return _marginOf(AREA, member);
  }

  /// @dev A new resident of the area with margin, and a connection that is no limit to it.
  function _join(uint256 number, uint16 areaId) internal returns (uint16 member) {
    uint24 account = _register(_resident(number));
    member = _enrol(account, areaId);
    vm.prank(registrar);
    areas.changeCapacity(_meterId(account, areaId), WIDE_CAPACITY_W);
    _fund(areaId, member, MARGIN_MICRO);
  }

  /// @return first of `count` new members of the area
  function _settleIn(uint256 count, uint16 areaId) internal returns (uint16 first) {
    for (uint256 i; i < count; ++i) {
      uint16 member = _join(10_000 * uint256(areaId) + 100 + i, areaId);
      if (i == 0) first = member;
    }
  }

  function _ownerOf(uint16 areaId, uint16 member) internal view returns (address) {
    return registry.ownerOf(areas.accountOf(_seat(areaId, member)));
  }

  function _publishDirectories(uint16 areaId) internal {
    (,, uint16 lastMember,,,) = areas.areas(areaId);
    for (uint256 directory; directory <= lastMember / 256; ++directory) {
      areas.publishDirectory(areaId, directory);
    }
  }

  // -- orders

  function _digest(uint16 areaId, uint32 intervalId, uint8 side, ReferenceClearing.Order memory order)
    internal
    view
    returns (bytes32)
  {
    bytes32 typeHash = keccak256(
      "Order(uint16 areaId,uint32 intervalId,uint16 member,uint8 side,int32 limitPriceMicroPerKwh,uint32 energyWh,uint8 sequence)"
    );
    bytes32 structHash = keccak256(
      abi.encode(
        typeHash, areaId, intervalId, order.member, side, order.price, order.energyWh, order.sequence
      )
    );
    return _typed(_domain("Commonwatt PoolMarket", address(pool)), structHash);
  }

  function _signedBy(
    address signer,
    uint16 areaId,
    uint32 intervalId,
    uint8 side,
    ReferenceClearing.Order memory order
  ) internal view returns (bytes memory) {
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], _digest(areaId, intervalId, side, order));
    bytes32 vs = bytes32(uint256(s) | uint256(v - 27) << 255);
    return abi.encodePacked(r, vs, order.member, order.price, order.energyWh, order.sequence);
  }

  /// @dev Orders [from, to) of a sorted side, packed and signed by the signer of each member.
  function _pack(
    uint16 areaId,
    uint32 intervalId,
    uint8 side,
    ReferenceClearing.Order[] memory orders,
    uint256 from,
    uint256 to
  ) internal view returns (bytes memory) {
    bytes[] memory packed = new bytes[](to - from);
    for (uint256 i = from; i < to; ++i) {
      (address signer,) = areas.signerAt(areaId, orders[i].member, _closesAt(intervalId));
      packed[i - from] = _signedBy(signer, areaId, intervalId, side, orders[i]);
    }
    return _join(packed);
  }

  /// @dev Halves at a time, so that the memory stays small.
  function _join(bytes[] memory parts) internal pure returns (bytes memory) {
    if (parts.length == 0) return "";
    for (uint256 width = parts.length; width > 1; width = (width + 1) / 2) {
      for (uint256 i; i < width / 2; ++i) {
        parts[i] = bytes.concat(parts[2 * i], parts[2 * i + 1]);
      }
      if (width % 2 == 1) parts[width / 2] = parts[width - 1];
    }
    return parts[0];
  }

  function _packBids(ReferenceClearing.Result memory result) internal view returns (bytes memory) {
    return _pack(result.outcome.areaId, result.outcome.intervalId, BID, result.bids, 0, result.bids.length);
  }

  function _packOffers(ReferenceClearing.Result memory result) internal view returns (bytes memory) {
    return
      _pack(result.outcome.areaId, result.outcome.intervalId, OFFER, result.offers, 0, result.offers.length);
  }

  // -- books

  /// @dev The consumer buys 600 Wh from the prosumer at 150,000 micro/kWh; 400 Wh of the bid are left.
  function _trade600() internal view returns (ReferenceClearing.Result memory) {
    return _book(_order(CONSUMER, 200_000, 1000), _order(PROSUMER, 100_000, 600), AREA);
  }

  function _book(ReferenceClearing.Order memory bid, ReferenceClearing.Order memory offer, uint16 areaId)
    internal
    view
    returns (ReferenceClearing.Result memory)
  {
    return _cleared(_orders(bid), _orders(offer), areaId, INTERVAL);
  }

  /// @dev Clears the orders by the reference, and completes what the operator declares.
  function _cleared(
    ReferenceClearing.Order[] memory bids,
    ReferenceClearing.Order[] memory offers,
    uint16 areaId,
    uint32 intervalId
  ) internal view returns (ReferenceClearing.Result memory result) {
    result = ReferenceClearing.clear(bids, offers, _pricingOf(areaId));
    (result.outcome.areaId, result.outcome.intervalId) = (areaId, intervalId);
    (result.outcome.firstMember, result.outcome.lastMember) = _membersOf(bids, offers);
  }

  function _pricingOf(uint16 areaId) internal view returns (uint8) {
    return pool.termsOf(areaId, pool.versionFor(areaId, INTERVAL)).pricing;
  }

  function _membersOf(ReferenceClearing.Order[] memory bids, ReferenceClearing.Order[] memory offers)
    private
    pure
    returns (uint16 first, uint16 last)
  {
    first = type(uint16).max;
    for (uint256 i; i < bids.length + offers.length; ++i) {
      uint16 member = i < bids.length ? bids[i].member : offers[i - bids.length].member;
      if (member < first) first = member;
      if (member > last) last = member;
    }
    if (first > last) first = last;
  }

  // -- submissions

  function _submit(
    PoolLib.Outcome memory outcome,
    bytes memory bids,
    bytes memory offers,
    uint256[][] memory positions,
    bool isLast
  ) internal {
    vm.prank(operator);
    pool.clear(outcome, bids, offers, positions, isLast);
  }

  function _submitAll(ReferenceClearing.Result memory result) internal {
    _submit(result.outcome, _packBids(result), _packOffers(result), new uint256[][](0), true);
  }

  /// @dev Whether the whole book is taken in one step.
  function _clears(ReferenceClearing.Result memory result) internal returns (bool) {
    bytes memory bids = _packBids(result);
    bytes memory offers = _packOffers(result);
    vm.prank(operator);
    try pool.clear(result.outcome, bids, offers, new uint256[][](0), true) {
      return true;
    } catch {
      return false;
    }
  }

  function _expectRefusal(ReferenceClearing.Result memory result, bytes memory refusal) internal {
    _expectRefusal(result.outcome, _packBids(result), _packOffers(result), refusal);
  }

  function _expectRefusal(
    PoolLib.Outcome memory outcome,
    bytes memory bids,
    bytes memory offers,
    bytes memory refusal
  ) internal {
    vm.expectRevert(refusal);
    vm.prank(operator);
    pool.clear(outcome, bids, offers, new uint256[][](0), true);
  }

  /// @dev One step of a clearing: the bids [fromBid, toBid) and offers [fromOffer, toOffer).
  function _step(
    ReferenceClearing.Result memory result,
    uint256 fromBid,
    uint256 toBid,
    uint256 fromOffer,
    uint256 toOffer,
    bool isLast
  ) internal {
    (uint16 areaId, uint32 intervalId) = (result.outcome.areaId, result.outcome.intervalId);
    bytes memory bids = _pack(areaId, intervalId, BID, result.bids, fromBid, toBid);
    bytes memory offers = _pack(areaId, intervalId, OFFER, result.offers, fromOffer, toOffer);
    _submit(result.outcome, bids, offers, _priorOf(result, fromBid, fromOffer), isLast);
  }

  /// @dev What the steps before committed to, page by page.
  function _priorOf(ReferenceClearing.Result memory result, uint256 bids, uint256 offers)
    internal
    pure
    returns (uint256[][] memory positions)
  {
    uint256 first = result.outcome.firstMember / 256;
    positions = new uint256[][](result.outcome.lastMember / 256 - first + 1);
    for (uint256 i; i < positions.length; ++i) {
      positions[i] = ReferenceClearing.positionsOf(result, first + i, bids, offers, false);
    }
  }

  // -- readings and settlement

  /// @dev The readings of a page, opened for the given members and sealed for all others.
  function _open(Readings.Tree memory tree, uint256 page, uint256 opened)
    internal
    pure
    returns (PageLib.Readings memory readings)
  {
    for (uint256 i; i < 2; ++i) {
      readings.lists[i] = Readings.listOf(tree, page, i == 1);
      readings.opened[i] = readings.lists[i] & opened;
      readings.leaves = bytes.concat(readings.leaves, _leavesOf(tree, page, i == 1, readings.opened[i]));
    }
    readings.pages = Readings.otherPages(tree, page);
  }

  function _leavesOf(Readings.Tree memory tree, uint256 page, bool isSecond, uint256 opened)
    private
    pure
    returns (bytes memory)
  {
    bytes32[] memory hashes = Readings.leavesOf(tree, page, isSecond);
    if (hashes.length == 0) return "";
    if (opened == 0) return abi.encode(Readings.topOf(hashes));
    bytes[] memory leaves = new bytes[](hashes.length);
    uint256 count;
    for (uint256 i; i < tree.readings.length; ++i) {
      uint256 member = tree.readings[i] >> 240;
      if (member / 256 != page || tree.isSecond[i] != isSecond) continue;
      leaves[count] = opened >> member % 256 & 1 == 1
        ? abi.encodePacked(uint200(tree.readings[i]))
        : abi.encodePacked(hashes[count]);
      ++count;
    }
    return _join(leaves);
  }

  /// @dev A bit for each member of the page that has a position.
  function _traders(ReferenceClearing.Result memory result, uint256 page)
    internal
    pure
    returns (uint256 bits)
  {
    ReferenceClearing.Page memory held =
      ReferenceClearing.pageOf(result, page, result.bids.length, result.offers.length);
    for (uint256 i; i < 256; ++i) {
      if (held.energyWh[i] != 0) bits |= 1 << i;
    }
  }

  /// @dev A reading for each position of a cleared book: everything as traded.
  function _exactReadings(ReferenceClearing.Result memory result)
    internal
    pure
    returns (uint256[] memory readings)
  {
    readings = new uint256[](result.bids.length + result.offers.length);
    uint256 count;
    for (uint256 page = result.outcome.firstMember / 256; page <= result.outcome.lastMember / 256; ++page) {
      ReferenceClearing.Page memory held =
        ReferenceClearing.pageOf(result, page, result.bids.length, result.offers.length);
      for (uint256 i; i < 256; ++i) {
        if (held.energyWh[i] == 0) continue;
        bool isBuyer = held.side[i] == 1;
        readings[count++] =
          Readings.reading(page * 256 + i, isBuyer ? held.energyWh[i] : 0, isBuyer ? 0 : held.energyWh[i]);
      }
    }
    readings = ReferenceClearing.slice(readings, count);
  }

  function _publishExact(ReferenceClearing.Result memory result) internal returns (Readings.Tree memory) {
    return _publish(result.outcome.areaId, result.outcome.intervalId, _exactReadings(result));
  }

  function _settlePage(ReferenceClearing.Result memory result, Readings.Tree memory tree, uint256 page)
    internal
  {
    pool.settle(
      result.outcome.areaId,
      result.outcome.intervalId,
      uint16(page),
      ReferenceClearing.positionsOf(result, page),
      _open(tree, page, _traders(result, page))
    );
  }

  function _settleAll(ReferenceClearing.Result memory result, Readings.Tree memory tree) internal {
    for (uint256 page = result.outcome.firstMember / 256; page <= result.outcome.lastMember / 256; ++page) {
      if (_traders(result, page) != 0) _settlePage(result, tree, page);
    }
  }

  /// @dev Clears, delivers as traded, publishes and settles.
  function _trade(ReferenceClearing.Result memory result) internal {
    vm.warp(_closesAt(result.outcome.intervalId));
    _submitAll(result);
    if (result.clearedWh == 0) return;
    vm.warp(_endsAt(result.outcome.intervalId));
    _settleAll(result, _publishExact(result));
  }

  // -- state

  function _interval(uint16 areaId) internal view returns (PoolLib.Interval memory) {
    return pool.intervalOf(areaId, INTERVAL);
  }

  function _assertStage(uint16 areaId, PoolLib.Stage stage) internal view {
    vm.assertEq(uint256(_interval(areaId).stage), uint256(stage));
  }

  function _assertNothingHeld() internal view {
    vm.assertEq(house.escrowMicro(address(pool)), 0);
  }
}
