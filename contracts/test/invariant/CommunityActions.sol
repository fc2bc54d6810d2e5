// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { PageLib } from "../../src/pool/PageLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { SealLib } from "../../src/pool/SealLib.sol";
import { PoolFixture } from "../pool/PoolFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice What a community does, in any order: ten homes, a supplier, an operator, a gateway, an entity, an outsider. Each of
/// them also does what harms others, where it can: the operator leaves clearings unfinished, the gateway is silent, leaves
/// readings out, corrects them to nothing or withholds them, the supplier and homes take margin away or change who signs, another
/// market claims what they exported.
contract CommunityActions is PoolFixture {
  using Readings for Readings.Tree;

  uint16 private constant FIRST = 4;
  uint16 private constant LAST = 15;
  uint256 private constant MAX_TRANSACTION_GAS = 10_000_000;
  uint256 private constant MAX_CALLDATA_BYTES = 120_000;

  enum Evidence {
    None,
    Honest,
    Withheld
  }

  /// @dev A clearing whose money is in escrow.
  struct Deal {
    uint32 intervalId;
    uint8 attempt;
    bool isAbandoned;
    bool isClosed;
    Evidence evidence;
    uint256[] positions;
    uint256[] exact;
    uint256[] readings;
    uint256[] claimedWh;
    SealLib.Settled settled;
  }

  Deal[] internal deals;
  uint256 internal settlements;
  uint256 internal returns_;
  uint256 internal corrections;
  uint32 private nextInterval = INTERVAL;
  uint256 private random;
  address private otherMarket = _actor("other market");

  function setUp() public override {
    super.setUp();
    for (uint256 i; i < 10; ++i) {
      _join(100 + i, AREA);
    }
    _admitClaimant(1, otherMarket);
    uint24 entity = registry.accountOf(_ownerOf(AREA, LAST));
    vm.prank(admin);
    registry.setEntity(entity, true);
  }

  // -- the operator

  /// @dev A clearing in one step; or one that is begun and given up by the operator, or by anybody.
  function clear(uint256 seed) external {
    random = seed;
    ReferenceClearing.Result memory result = _randomBook(nextInterval++);
    vm.warp(_closesAt(result.outcome.intervalId));
    if (result.clearedWh == 0) return;
    if (seed % 3 != 0) {
      if (_clears(result)) _remember(result, 0, false);
    } else {
      _beginAndGiveUp(result, seed);
    }
  }

  function _beginAndGiveUp(ReferenceClearing.Result memory result, uint256 seed) private {
    uint32 intervalId = result.outcome.intervalId;
    bytes memory bids = _pack(AREA, intervalId, BID, result.bids, 0, 1);
    vm.prank(operator);
    try pool.clear(result.outcome, bids, "", new uint256[][](0), false) { }
    catch {
      return;
    }
    bool isByOperator = seed % 2 == 0;
    if (!isByOperator) vm.warp(uint256(intervalId) * INTERVAL_SECONDS);
    vm.prank(isByOperator ? operator : outsider);
    pool.abandon(AREA, intervalId);
    Deal storage deal = _newDeal(intervalId, 0, true);
    deal.positions = ReferenceClearing.positionsOf(result, 0, 1, 0, false);
    if (isByOperator && _clears(result)) _remember(result, 1, false);
  }

  function _remember(ReferenceClearing.Result memory result, uint8 attempt, bool isAbandoned) private {
    Deal storage deal = _newDeal(result.outcome.intervalId, attempt, isAbandoned);
    deal.positions = ReferenceClearing.positionsOf(result, 0);
    deal.exact = _exactReadings(result);
  }

  function _newDeal(uint32 intervalId, uint8 attempt, bool isAbandoned) private returns (Deal storage deal) {
    deal = deals.push();
    (deal.intervalId, deal.attempt, deal.isAbandoned) = (intervalId, attempt, isAbandoned);
  }

  /// @dev Each home on one side, at some price.
  function _randomBook(uint32 intervalId) private returns (ReferenceClearing.Result memory) {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](6);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](6);
    for (uint16 i; i < 6; ++i) {
      bids[i] = _randomOrder(FIRST + 2 * i, 80_000, 360_000);
      offers[i] = _randomOrder(FIRST + 2 * i + 1, 60_000, 300_000);
    }
    return _cleared(bids, offers, AREA, intervalId);
  }

  function _randomOrder(uint16 member, uint256 low, uint256 high)
    private
    returns (ReferenceClearing.Order memory)
  {
    return _order(member, int32(int256(_next(low, high))), uint32(_next(1, 2000)));
  }

  function _next(uint256 low, uint256 high) private returns (uint256) {
    random = uint256(keccak256(abi.encode(random)));
    return low + random % (high - low + 1);
  }

  // -- the gateway

  /// @dev Honest, with readings left out, with all of them zero, or with a root that it does not open.
  function publish(uint256 seed) external {
    Deal storage deal = _dealOf(seed);
    if (deal.isAbandoned || deal.isClosed) return;
    if (block.timestamp < _endsAt(deal.intervalId)) vm.warp(_endsAt(deal.intervalId));
    if (block.timestamp >= _endsAt(deal.intervalId) + FINAL_SECONDS) return;
    uint256 kind = seed / 7 % 4;
    if (kind == 3) {
      _publishRoot(AREA, deal.intervalId, keccak256(abi.encode(seed)), 1);
      deal.evidence = Evidence.Withheld;
      return;
    }
    delete deal.readings;
    for (uint256 i; i < deal.exact.length; ++i) {
      if (kind == 1 && i % 3 == seed % 3) continue;
      uint256 reading = deal.exact[i];
      deal.readings.push(kind == 2 ? Readings.reading(reading >> 240, 0, 0) : reading);
    }
    if (deal.readings.length == 0) deal.readings.push(Readings.reading(FIRST, 0, 0));
    _publish(AREA, deal.intervalId, deal.readings);
    deal.evidence = Evidence.Honest;
  }

  // -- anybody

  /// @dev Settles what can be settled. Once the waiting time is over, published readings always settle.
  function settle(uint256 seed) external {
    _settleDeal(_dealOf(seed));
  }

  function _settleDeal(Deal storage deal) internal {
    if (deal.isAbandoned || deal.isClosed || deal.evidence != Evidence.Honest) return;
    PoolLib.Interval memory interval = pool.intervalOf(AREA, deal.intervalId);
    if (interval.stage != PoolLib.Stage.Cleared) return;
    uint8 version = ledger.versionOf(AREA, deal.intervalId);
    Readings.Tree memory tree =
      Readings.build(ledger.contextOf(AREA, deal.intervalId, version), deal.readings);
    PageLib.Readings memory opened = _open(tree, 0, type(uint256).max);
    bool isDue = block.timestamp >= _endsAt(deal.intervalId) + WAITING_SECONDS;
    vm.prank(outsider);
    uint256 gasBefore = gasleft();
    try pool.settle(AREA, deal.intervalId, 0, deal.positions, opened) {
      vm.assertLe(gasBefore - gasleft(), MAX_TRANSACTION_GAS, "gas of a settlement");
      deal.isClosed = true;
      ++settlements;
      _noteClaims(deal);
      _noteSettled(deal, interval);
    } catch {
      vm.assertTrue(!isDue, "an interval with readings settles within the waiting time");
    }
  }

  /// @dev Claims of members' energy by others, as they are when the pool has counted the rest.
  function _noteClaims(Deal storage deal) private {
    for (uint16 member; member <= LAST; ++member) {
      deal.claimedWh.push(ledger.claimedWh(AREA, deal.intervalId, member, 1));
    }
  }

  /// @dev What the page was settled by; all its readings were opened.
  function _noteSettled(Deal storage deal, PoolLib.Interval memory interval) private {
    (deal.settled.terms, deal.settled.isSupplied) = (interval.terms, interval.isSupplied);
    (deal.settled.localPrice, deal.settled.supplier) = (interval.localPrice, interval.supplier);
    (deal.settled.dso, deal.settled.positions) = (interval.dso, deal.positions);
    uint256 last;
    for (uint256 i; i < deal.exact.length + deal.readings.length; ++i) {
      uint256 word = i < deal.exact.length ? deal.exact[i] : deal.readings[i - deal.exact.length];
      if (word >> 240 > last) last = word >> 240;
    }
    deal.settled.readings = new uint256[](last + 1);
    for (uint256 i; i < deal.readings.length; ++i) {
      uint16 member = uint16(deal.readings[i] >> 240);
      deal.settled.readings[member] =
        _isTraded(deal, member) ? _unclaimed(deal, deal.readings[i]) : deal.readings[i];
    }
  }

  function _unclaimed(Deal storage deal, uint256 reading) private view returns (uint256) {
    uint256 exportWh = ReadingTree.exportWhOf(reading);
    uint256 claimedWh = deal.claimedWh[reading >> 240];
    return reading - ((exportWh < claimedWh ? exportWh : claimedWh) << 136);
  }

  /// @dev The gateway corrects the reading of a home that traded, up or down, late or not; its settlement never fails.
  function correct(uint256 seed) external {
    Deal storage deal = _dealOf(seed);
    if (deal.settled.readings.length == 0) return;
    // Its delivery was over when it was settled; a later clearing went back to its gate.
    if (block.timestamp < _endsAt(deal.intervalId)) vm.warp(_endsAt(deal.intervalId));
    if (block.timestamp >= _endsAt(deal.intervalId) + FINAL_SECONDS) return;
    uint256 member = deal.exact[seed / 11 % deal.exact.length] >> 240;
    uint256[] memory readings = new uint256[](1);
    readings[0] = Readings.reading(member, seed / 13 % 2500, seed / 17 % 2500);
    uint256 corrected = _unclaimed(deal, readings[0]);
    if (corrected == deal.settled.readings[member]) return;
    ReadingTree.Proof[] memory proofs = new ReadingTree.Proof[](1);
    proofs[0] = _publish(AREA, deal.intervalId, readings).prove(0);
    vm.prank(outsider);
    pool.correct(AREA, deal.intervalId, 0, deal.settled, proofs);
    deal.settled.readings[member] = corrected;
    ++corrections;
    uint32 debtor = _seat(AREA, seed % 2 == 0 ? uint16(member) : SUPPLIER);
    uint32 creditor = _seat(AREA, seed % 2 == 0 ? SUPPLIER : uint16(member));
    if (house.debtMicro(address(pool), debtor, creditor) != 0) {
      house.collect(address(pool), debtor, creditor);
    }
  }

  /// @dev Another market claims what a home exported, or more; of whom the pool settled, nothing.
  function claimElsewhere(uint256 seed) external {
    Deal storage deal = _dealOf(seed);
    if (deal.evidence != Evidence.Honest) return;
    uint8 version = ledger.versionOf(AREA, deal.intervalId);
    Readings.Tree memory tree =
      Readings.build(ledger.contextOf(AREA, deal.intervalId, version), deal.readings);
    uint256 index = seed / 5 % deal.readings.length;
    uint16 member = uint16(deal.readings[index] >> 240);
    (uint256 taken,) = ledger.claimedMembersOf(AREA, deal.intervalId, 0);
    vm.prank(otherMarket);
    try ledger.claimReading(AREA, deal.intervalId, Readings.prove(tree, index), 1, 1 + seed % 700) {
      vm.assertTrue(taken >> member & 1 == 0, "a Wh is claimed once");
    } catch { }
  }

  function giveBack(uint256 seed) external {
    _giveBackDeal(_dealOf(seed));
  }

  /// @dev What was abandoned goes back at any time, and an interval without a publication after the waiting time.
  function _giveBackDeal(Deal storage deal) internal {
    if (deal.isClosed) return;
    uint256 waitedUntil = _endsAt(deal.intervalId) + WAITING_SECONDS;
    bool isDue = deal.isAbandoned || (deal.evidence == Evidence.None && block.timestamp >= waitedUntil)
      || block.timestamp >= waitedUntil + 14 days;
    bytes memory data =
      abi.encodeCall(pool.returnPage, (AREA, deal.intervalId, deal.attempt, 0, deal.positions));
    vm.assertLe(data.length, MAX_CALLDATA_BYTES, "bytes of a return");
    vm.prank(outsider);
    uint256 gasBefore = gasleft();
    try pool.returnPage(AREA, deal.intervalId, deal.attempt, 0, deal.positions) {
      vm.assertLe(gasBefore - gasleft(), MAX_TRANSACTION_GAS, "gas of a return");
      vm.assertTrue(isDue, "returned although readings are there");
      deal.isClosed = true;
      ++returns_;
    } catch {
      vm.assertTrue(!isDue, "reserved money goes back");
    }
  }

  function wait_(uint256 seed) external {
    vm.warp(block.timestamp + seed % 2 days);
    uint32 now_ = uint32(block.timestamp / INTERVAL_SECONDS) + 2;
    if (nextInterval < now_) nextInterval = now_;
  }

  // -- homes and the supplier

  function announceMargin(uint256 seed) external {
    uint16 member = seed % 13 == 0 ? SUPPLIER : uint16(FIRST + seed % 12);
    uint256 margin = _marginOf(member);
    if (margin == 0) return;
    vm.prank(_ownerOf(AREA, member));
    house.announceMarginWithdrawal(address(pool), _seat(AREA, member), 1 + seed % margin);
  }

  function takeMargin(uint256 seed) external {
    uint16 member = seed % 13 == 0 ? SUPPLIER : uint16(FIRST + seed % 12);
    vm.prank(_ownerOf(AREA, member));
    try house.withdrawMargin(address(pool), _seat(AREA, member)) { } catch { }
  }

  function changeSigner(uint256 seed) external {
    vm.prank(_ownerOf(AREA, uint16(FIRST + seed % 12)));
    try registry.setAgent(_resident(100 + seed % 10)) { } catch { }
  }

  function suspend(uint256 seed) external {
    uint24 account = registry.accountOf(_ownerOf(AREA, uint16(FIRST + seed % 12)));
    vm.prank(registrar);
    registry.suspend(account);
    vm.prank(registrar);
    registry.reinstate(account, keccak256("again"));
  }

  function askEntity(uint256 seed) external {
    address owner = _ownerOf(AREA, LAST);
    uint24 entity = registry.accountOf(owner);
    address home = _ownerOf(AREA, uint16(FIRST + seed % 11));
    uint24 account = registry.accountOf(home);
    vm.prank(home);
    try registry.requestEntity(entity) { } catch { }
    vm.prank(owner);
    try registry.admitMember(account) { } catch { }
  }

  /// @dev The supplier withdraws its consent, or gives it again.
  function standBy(uint256 seed) external {
    uint16 version = pool.scheduleOf(AREA).version;
    bytes32 termsHash = keccak256(abi.encode(pool.termsOf(AREA, version)));
    vm.prank(supplier);
    if (seed % 2 == 0) {
      try pool.withdrawSupply(AREA, version) { } catch { }
    } else {
      pool.acceptSupply(AREA, version, termsHash, operator);
    }
  }

  /// @dev The operator changes what it may: a notice later other prices hold.
  function changeTerms(uint256 seed) external {
    PoolLib.Terms memory terms = _terms(UNIFORM);
    (terms.gridFee, terms.penaltyPermille) = (uint32(seed % 50_000), uint16(1000 + seed % 2000));
    vm.prank(operator);
    try pool.announceTerms(AREA, terms) { } catch { }
  }

  function _dealOf(uint256 seed) private returns (Deal storage) {
    if (deals.length == 0) {
      Deal storage none = deals.push();
      (none.isClosed, none.intervalId) = (true, INTERVAL - 1);
    }
    return deals[seed % deals.length];
  }

  // -- what holds

  /// @dev Σ margins + Σ free + escrow is what the house holds; its escrow is that of all open intervals and attempts.
  function requireConserved() external view {
    uint256 escrowMicro = house.escrowMicro(address(pool));
    uint256 totalMicro = escrowMicro;
    for (uint16 areaId = 1; areaId <= 3; ++areaId) {
      (,, uint16 lastMember,,,) = areas.areas(areaId);
      for (uint16 member = 1; member <= lastMember; ++member) {
        totalMicro += _marginOf(areaId, member);
      }
    }
    for (uint24 account = 1; registry.ownerOf(account) != address(0); ++account) {
      totalMicro += house.freeMicro(account);
    }
    vm.assertEq(totalMicro, house.heldMicro(), "held");
    vm.assertEq(totalMicro, token.balanceOf(address(house)), "tokens");
    uint256 openMicro;
    for (uint256 i; i < deals.length; ++i) {
      Deal storage deal = deals[i];
      for (uint16 member; member < deal.claimedWh.length; ++member) {
        uint256 claimedWh = ledger.claimedWh(AREA, deal.intervalId, member, 1);
        vm.assertTrue(claimedWh <= deal.claimedWh[member] || !_isTraded(deal, member), "claimed twice");
      }
      openMicro += deal.isAbandoned
        ? pool.abandonedOf(AREA, deal.intervalId, deal.attempt).escrowMicro
        : pool.intervalOf(AREA, deal.intervalId).escrowMicro;
      if (deal.isClosed) continue;
      vm.assertTrue(pool.positionsHashOf(AREA, deal.intervalId, deal.attempt, 0) != 0, "positions");
    }
    vm.assertEq(escrowMicro, openMicro, "escrow");
  }

  function _isTraded(Deal storage deal, uint16 member) private view returns (bool) {
    for (uint256 i; i < deal.exact.length; ++i) {
      if (deal.exact[i] >> 240 == member) return true;
    }
    return false;
  }

  /// @dev In the end every interval is settled or returned, whatever anybody did.
  function closeDown() external {
    vm.warp(_endsAt(nextInterval) + WAITING_SECONDS);
    for (uint256 i; i < deals.length; ++i) {
      _settleDeal(deals[i]);
      if (deals[i].evidence != Evidence.Withheld) _giveBackDeal(deals[i]);
    }
    vm.warp(block.timestamp + 14 days);
    for (uint256 i; i < deals.length; ++i) {
      _giveBackDeal(deals[i]);
    }
    _assertNothingHeld();
  }
}
