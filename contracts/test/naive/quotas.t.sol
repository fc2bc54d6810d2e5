// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaFixture } from "../charging/QuotaFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { NaiveQuotas } from "./NaiveQuotas.sol";

/// @notice The peer of the benchmark comes to what QuotaMarket comes to: quotas and money of a whole period.
/// forge-config: default.fuzz.runs = 128
/// forge-config: deep.fuzz.runs = 2000
contract NaiveQuotasTest is QuotaFixture {
  uint256 private constant STATIONS = 6;
  uint256 private constant BALANCE_MICRO = 10 ** 15;

  NaiveQuotas private naive;
  uint16[] private members;
  address[] private owners;
  uint256[] private marginsBefore;

  function setUp() public override {
    super.setUp();
    vm.warp(START);
    members = _stations();
    for (uint256 i = 3; i < STATIONS; ++i) {
      members.push(_join(i));
    }
    vm.prank(dso);
    naive = new NaiveQuotas();
    for (uint256 i; i < STATIONS; ++i) {
      owners.push(_ownerOf(members[i]));
      marginsBefore.push(_marginOf(members[i]));
    }
    naive.endow(owners, BALANCE_MICRO);
    vm.warp(_opensAt(PERIOD));
  }

  function testFuzz_TheSameOutcome(uint256 seed_) public {
    seed = seed_;
    uint256 dsoBefore = _marginOf(DSO);
    uint32 marginW = uint32(_draw(400_000));
    _initialize(marginW);
    vm.prank(dso);
    naive.initialize(PERIOD, marginW, TARIFF);
    _demandAll();
    _allocate(members);
    naive.allocate(PERIOD);
    _assertSameQuotas();
    if (market.periodOf(AREA, PERIOD).totalDemandW > marginW) _auction();
    _assertSameQuotas();
    _deliver();
    for (uint256 i; i < STATIONS; ++i) {
      // Both may end above or below what they began with.
      vm.assertEq(_marginOf(members[i]) + BALANCE_MICRO, naive.balanceMicro(owners[i]) + marginsBefore[i]);
    }
    vm.assertEq(_marginOf(DSO) - dsoBefore, naive.balanceMicro(dso));
    vm.assertEq(_marginOf(FUND), 0);
  }

  function _demandAll() private {
    for (uint256 i; i < STATIONS; ++i) {
      uint32 demandW = uint32(1 + _draw(STATION_W));
      _demand(members[i], demandW, 8_000_000_000);
      uint64 depositMicro = uint64(_depositOf(members[i]));
      vm.prank(owners[i]);
      naive.submitDemand(PERIOD, demandW, depositMicro);
    }
  }

  /// @dev Each station bids for what it lacks, or offers some of what it has; no two at one price.
  function _auction() private {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](STATIONS);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](STATIONS);
    (uint256 bidCount, uint256 offerCount) = (0, 0);
    for (uint256 i; i < STATIONS; ++i) {
      int32 price = int32(int256(2000 * (STATIONS * _draw(6000) + i)));
      uint256 quotaW = _quota(members[i]);
      uint256 lackW = market.stationOf(AREA, PERIOD, members[i]).demandW - quotaW;
      if (lackW != 0 && _draw(2) == 0) {
        bids[bidCount] = _order(members[i], price, uint32(1 + _draw(lackW)));
        vm.prank(owners[i]);
        naive.bid(PERIOD, uint48(uint32(price)), bids[bidCount++].energyWh);
      } else if (quotaW != 0) {
        offers[offerCount] = _order(members[i], price, uint32(1 + _draw(quotaW)));
        vm.prank(owners[i]);
        naive.offer(PERIOD, uint48(uint32(price)), offers[offerCount++].energyWh);
      }
    }
    if (bidCount + offerCount == 0) return;
    _clear(_cleared(_firstOf(bids, bidCount), _firstOf(offers, offerCount)));
    vm.prank(dso);
    naive.auction(PERIOD);
  }

  function _deliver() private {
    uint256[][2] memory importWh;
    for (uint256 interval; interval < 2; ++interval) {
      importWh[interval] = new uint256[](STATIONS);
      uint128[] memory reported = new uint128[](STATIONS);
      for (uint256 i; i < STATIONS; ++i) {
        importWh[interval][i] = _draw(30_000);
        reported[i] = uint128(importWh[interval][i]);
      }
      vm.prank(dso);
      naive.report(PERIOD, interval, owners, reported);
    }
    Readings.Tree[2] memory trees = _meter(members, importWh[0], importWh[1]);
    for (uint256 i; i < STATIONS; ++i) {
      _pay(members[i], _proofs(trees, i));
      market.withdraw(AREA, PERIOD, members[i]);
      vm.prank(owners[i]);
      naive.pay(PERIOD);
      vm.prank(owners[i]);
      naive.withdraw(PERIOD);
    }
  }

  function _assertSameQuotas() private view {
    for (uint256 i; i < STATIONS; ++i) {
      NaiveQuotas.Station memory station = naive.stationOf(PERIOD, owners[i]);
      vm.assertEq(station.quotaW, _quota(members[i]));
      vm.assertEq(station.depositMicro, _depositOf(members[i]));
    }
  }
}
