// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaLib } from "../../src/charging/QuotaLib.sol";
import { QuotaSettlementLib } from "../../src/charging/QuotaSettlementLib.sol";
import { QuotaFixture } from "../charging/QuotaFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice What a depot of five stations does, with stations that vanish at any step, a DSO that tries what it must not, and a
/// gateway that may be silent. Each action says itself what must not happen.
contract DepotActions is QuotaFixture {
  uint256 private constant STATIONS = 5;

  /// @dev A period that was begun. `isPublished` of its two intervals; readings by station.
  struct Record {
    uint32 period;
    bool[2] isPublished;
    bool isDelivered;
  }

  Record[] private records;
  uint16[] private members;
  mapping(uint32 period => Readings.Tree[2]) private trees;

  function setUp() public override {
    super.setUp();
    members = _stations();
    for (uint256 i = 3; i < STATIONS; ++i) {
      members.push(_join(i));
    }
  }

  // -- actions

  /// @dev The next period opens; its DSO may say nothing of it.
  function begin(uint256 seed_) external {
    seed = seed_;
    period = uint32(block.timestamp / PERIOD_SECONDS) + 2;
    vm.warp(_opensAt(period));
    records.push().period = period;
    if (_draw(10) != 0) _initialize(uint32(_draw(300_000)));
  }

  function demand(uint256 seed_) external {
    seed = seed_;
    uint16 member = members[_draw(STATIONS)];
    QuotaLib.Period memory here = market.periodOf(AREA, period);
    if (here.stage != QuotaLib.Stage.Open || block.timestamp >= _opensAt(period) + 300) return;
    if (market.stationOf(AREA, period, member).demandW != 0) return;
    uint32 demandW = uint32(1 + _draw(STATION_W));
    uint256 needed = market.depositNeeded(AREA, period, demandW, 10_000_000 * _draw(10));
    if (_marginOf(member) < needed) return;
    vm.prank(_ownerOf(member));
    market.submitDemand(AREA, period, member, demandW, uint48(needed));
  }

  function allocate(uint256 seed_) external {
    seed = seed_;
    if (market.periodOf(AREA, period).stage != QuotaLib.Stage.Open) return;
    if (block.timestamp >= _opensAt(period) + 420) return;
    vm.warp(_opensAt(period) + 300);
    uint16[] memory demanding = _demanding(period);
    (uint40 cut, uint16 last) = _cutOf(demanding);
    // Somebody tries another division first; it is taken only where it is the same, or nothing is divided.
    uint40 wrong = uint40(_draw(uint256(cut) + 10));
    try market.allocate(AREA, period, demanding, wrong, uint16(_draw(12))) { }
    catch {
      market.allocate(AREA, period, demanding, cut, last);
    }
  }

  /// @dev The DSO clears a book in which it may have changed price or volume; only the right one passes.
  function auction(uint256 seed_) external {
    seed = seed_;
    if (market.periodOf(AREA, period).stage != QuotaLib.Stage.Rationed) return;
    if (block.timestamp >= _opensAt(period) + 900) return;
    vm.warp(_opensAt(period) + 600);
    (uint16 seller, uint16 buyer) = (members[_draw(STATIONS)], members[_draw(STATIONS)]);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(buyer, int32(int256(_draw(4_000_000))), uint32(1 + _draw(20_000)))),
      _orders(_order(seller, int32(int256(_draw(2_000_000))), uint32(1 + _draw(20_000))))
    );
    QuotaLib.Outcome memory outcome = _outcomeOf(result);
    bool isWrong = _draw(3) == 0;
    if (isWrong) outcome.localPrice += int32(int256(1 + _draw(1000)));
    if (isWrong && _draw(2) == 0) outcome.clearedW += uint32(1 + _draw(1000));
    bytes memory bids = _pack(BID, result.bids);
    bytes memory offers = _pack(OFFER, result.offers);
    vm.prank(dso);
    try market.clear(outcome, bids, offers) {
      vm.assertFalse(isWrong);
    } catch { }
  }

  /// @dev The period of one record is over; the gateway publishes some intervals, without some stations.
  function deliver(uint256 seed_) external {
    seed = seed_;
    if (records.length == 0) return;
    Record storage here = records[_draw(records.length)];
    if (here.isDelivered) return;
    if (block.timestamp < _endOf(here.period)) vm.warp(_endOf(here.period));
    here.isDelivered = true;
    for (uint256 i; i < 2; ++i) {
      uint256[] memory readings = _someReadings();
      if (readings.length == 0) continue;
      trees[here.period][i] = _publish(AREA, here.period * 2 + uint32(i), readings);
      here.isPublished[i] = true;
    }
  }

  function pay(uint256 seed_) external {
    seed = seed_;
    if (records.length == 0) return;
    Record storage here = records[_draw(records.length)];
    _tryPay(here, members[_draw(STATIONS)]);
  }

  function withdraw(uint256 seed_) external {
    seed = seed_;
    if (records.length == 0) return;
    uint32 of_ = records[_draw(records.length)].period;
    uint16 member = members[_draw(STATIONS)];
    QuotaLib.Station memory station = market.stationOf(AREA, of_, member);
    uint256 before = _marginOf(member);
    vm.prank(outsider);
    try market.withdraw(AREA, of_, member) {
      vm.assertFalse(station.isWithdrawn);
      vm.assertEq(_marginOf(member) - before, station.depositMicro);
    } catch { }
  }

  function wait_(uint256 seed_) external {
    vm.warp(block.timestamp + seed_ % (2 * WAITING_SECONDS));
  }

  // -- what must hold

  /// @dev Quotas within the margin; what is in escrow is what stations put down; nothing of the house is lost.
  function requireSafe() external view {
    uint256 deposits;
    for (uint256 i; i < records.length; ++i) {
      uint32 of_ = records[i].period;
      uint256 quotasW;
      for (uint256 j; j < STATIONS; ++j) {
        quotasW += market.quotaOf(AREA, of_, members[j]);
        deposits += market.stationOf(AREA, of_, members[j]).depositMicro;
      }
      vm.assertLe(quotasW, market.periodOf(AREA, of_).marginW);
    }
    vm.assertEq(house.escrowMicro(address(market)), deposits);
    uint256 total = deposits;
    (,, uint16 lastMember,,,) = areas.areas(AREA);
    for (uint16 member = 1; member <= lastMember; ++member) {
      total += _marginOf(member);
    }
    for (uint24 account = 1; account <= registry.lastAccount(); ++account) {
      total += house.freeMicro(account);
    }
    vm.assertEq(total, house.heldMicro());
    vm.assertEq(total, token.balanceOf(address(house)));
  }

  /// @dev After all waiting is over, everybody's deposit comes out, no matter who vanished.
  function closeDown() external {
    vm.warp(block.timestamp + 2 hours + WAITING_SECONDS + 14 days);
    for (uint256 i; i < records.length; ++i) {
      Record storage here = records[i];
      for (uint256 j; j < STATIONS; ++j) {
        QuotaLib.Station memory station = market.stationOf(AREA, here.period, members[j]);
        if (station.demandW == 0 || station.isWithdrawn) continue;
        bool isAllocated = market.periodOf(AREA, here.period).stage > QuotaLib.Stage.Open;
        if (isAllocated && !station.isPaid) {
          market.pay(AREA, here.period, members[j], new QuotaSettlementLib.Evidence[](2));
        }
        market.withdraw(AREA, here.period, members[j]);
      }
    }
    vm.assertEq(house.escrowMicro(address(market)), 0);
  }

  // -- helpers

  function _tryPay(Record storage here, uint16 member) private {
    QuotaSettlementLib.Evidence[] memory evidence = new QuotaSettlementLib.Evidence[](2);
    for (uint256 i; i < 2; ++i) {
      if (!here.isPublished[i]) continue;
      Readings.Tree memory tree = trees[here.period][i];
      (bool isThere, uint256 index) = _indexIn(tree, member);
      if (isThere) evidence[i].reading = Readings.prove(tree, index);
      else _proveAbsence(evidence[i].absence, tree);
    }
    QuotaLib.Station memory before = market.stationOf(AREA, here.period, member);
    uint256 dsoBefore = _marginOf(DSO);
    vm.prank(outsider);
    try market.pay(AREA, here.period, member, evidence) {
      vm.assertFalse(before.isPaid);
      uint256 left = market.stationOf(AREA, here.period, member).depositMicro;
      vm.assertEq(_marginOf(DSO) - dsoBefore, before.depositMicro - left);
    } catch { }
  }

  function _proveAbsence(QuotaSettlementLib.Absence memory absence, Readings.Tree memory tree) private pure {
    absence.list = Readings.listOf(tree, 0, false);
    absence.top = Readings.topOf(Readings.leavesOf(tree, 0, false));
    absence.pages = Readings.otherPages(tree, 0);
  }

  function _indexIn(Readings.Tree memory tree, uint16 member) private pure returns (bool, uint256) {
    for (uint256 i; i < tree.readings.length; ++i) {
      if (tree.readings[i] >> 240 == member) return (true, i);
    }
    return (false, 0);
  }

  function _someReadings() private returns (uint256[] memory readings) {
    readings = new uint256[](STATIONS);
    uint256 count;
    bool isSilent = _draw(5) == 0;
    for (uint256 i; i < STATIONS && !isSilent; ++i) {
      if (_draw(4) != 0) readings[count++] = Readings.reading(members[i], _draw(30_000), 0);
    }
    return ReferenceClearing.slice(readings, count);
  }

  function _demanding(uint32 of_) private view returns (uint16[] memory demanding) {
    uint256 count;
    for (uint256 i; i < STATIONS; ++i) {
      if (market.stationOf(AREA, of_, members[i]).demandW != 0) ++count;
    }
    demanding = new uint16[](count);
    count = 0;
    for (uint256 i; i < STATIONS; ++i) {
      if (market.stationOf(AREA, of_, members[i]).demandW != 0) demanding[count++] = members[i];
    }
  }
}
