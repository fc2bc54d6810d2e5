// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaMarket } from "../../src/charging/QuotaMarket.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { QuotaFixture } from "./QuotaFixture.sol";

/// @notice Whole periods at random: the sum of the quotas is never above the margin, nobody trades at a loss, and every micro
/// that was put down is somewhere (R9.10, R9.22, R9.23).
/// forge-config: deep.fuzz.runs = 10000
contract QuotaFuzzTest is QuotaFixture {
  uint256 private constant STATIONS = 6;

  QuotaMarket[3] private markets;
  uint16[] private members;

  function setUp() public override {
    super.setUp();
    vm.warp(START);
    members = _stations();
    for (uint256 i = 3; i < STATIONS; ++i) {
      members.push(_join(i));
    }
    markets[MIDPOINT] = market;
    for (uint8 pricing; pricing < 3; ++pricing) {
      if (pricing != MIDPOINT) _openMarket(pricing);
    }
    vm.warp(_opensAt(PERIOD));
  }

  function _openMarket(uint8 pricing) private {
    market = QuotaMarket(vm.deployCode("QuotaMarket.sol:QuotaMarket", abi.encode(areas, house, ledger)));
    _admitMarket(address(market));
    _announce(_terms(pricing));
    for (uint256 i; i < STATIONS; ++i) {
      _fundMargin(address(market), _seat(AREA, members[i]), MARGIN_MICRO);
    }
    markets[pricing] = market;
  }

  function testFuzz_APeriod(uint256 seed_) public {
    seed = seed_;
    market = markets[_draw(3)];
    uint256 wealthMicro = _wealth();
    uint256 marginW = _draw(3) == 0 ? _draw(500_000) : _draw(200_000);
    _initialize(uint32(marginW));
    for (uint256 i; i < STATIONS; ++i) {
      _demand(members[i], uint32(1 + _draw(STATION_W)), 100_000_000 * _draw(100));
    }
    _allocate(members);
    uint256 allocatedW = _sumOfQuotas(members);
    vm.assertLe(allocatedW, marginW);
    bool isRationed = market.periodOf(AREA, PERIOD).totalDemandW > marginW;
    if (isRationed) vm.assertEq(allocatedW, marginW);
    _assertEscrow(members);
    if (isRationed && _draw(8) != 0) _auction();
    vm.assertEq(_sumOfQuotas(members), allocatedW);
    _assertEscrow(members);
    _deliver();
    vm.assertEq(house.escrowMicro(address(market)), 0);
    vm.assertEq(_wealth(), wealthMicro);
  }

  /// @dev Each station with a quota may offer some of it, each other bids for what it lacks, as its deposit allows.
  function _auction() private {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](STATIONS);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](STATIONS);
    (uint256 bidCount, uint256 offerCount) = (0, 0);
    for (uint256 i; i < STATIONS; ++i) {
      int32 price = int32(int256(_draw(100_000_001)));
      uint256 quotaW = _quota(members[i]);
      uint256 lackW = market.stationOf(AREA, PERIOD, members[i]).demandW - quotaW;
      uint256 wantW = _draw(2) == 0 ? 0 : lackW == 0 ? 0 : 1 + _draw(lackW);
      if (wantW != 0 && _affords(members[i], wantW, uint32(price))) {
        bids[bidCount++] = _order(members[i], price, uint32(wantW));
      } else if (quotaW != 0 && _draw(4) != 0) {
        offers[offerCount++] = _order(members[i], price, uint32(1 + _draw(quotaW)));
      }
    }
    if (bidCount + offerCount == 0) return;
    (uint256[] memory deposits, uint256[] memory margins) = (_deposits(), _margins());
    ReferenceClearing.Result memory result = _cleared(_firstOf(bids, bidCount), _firstOf(offers, offerCount));
    _clear(result);
    _assertNobodyWorseOff(result, deposits, margins);
  }

  /// @dev At its own limit, what a station bought is worth what it paid, and what it sold brought what it was worth.
  function _assertNobodyWorseOff(
    ReferenceClearing.Result memory result,
    uint256[] memory deposits,
    uint256[] memory margins
  ) private view {
    for (uint256 i; i < STATIONS; ++i) {
      uint256 paid = deposits[i] - _depositOf(members[i]);
      uint256 got = _marginOf(members[i]) - margins[i];
      for (uint256 j; j < result.bids.length; ++j) {
        if (result.bids[j].member != members[i]) continue;
        uint256 worth = result.bidFillWh[j] * uint32(result.bids[j].price);
        vm.assertLe(paid, (worth + 999) / 1000);
      }
      for (uint256 j; j < result.offers.length; ++j) {
        if (result.offers[j].member != members[i]) continue;
        uint256 worth = result.offerFillWh[j] * uint32(result.offers[j].price);
        vm.assertGe(got, worth / 1000);
      }
    }
  }

  function _deliver() private {
    uint256[] memory firstWh = new uint256[](STATIONS);
    uint256[] memory secondWh = new uint256[](STATIONS);
    for (uint256 i; i < STATIONS; ++i) {
      (firstWh[i], secondWh[i]) = (_draw(30_000), _draw(30_000));
    }
    Readings.Tree[2] memory trees = _meter(members, firstWh, secondWh);
    for (uint256 i; i < STATIONS; ++i) {
      _pay(members[i], _proofs(trees, i));
      market.withdraw(AREA, PERIOD, members[i]);
    }
  }

  function _affords(uint16 member, uint256 wantW, uint256 price) private view returns (bool) {
    uint256 demandW = market.stationOf(AREA, PERIOD, member).demandW;
    uint256 needed = market.depositNeeded(AREA, PERIOD, uint32(demandW), (wantW * price + 999) / 1000);
    return needed <= _depositOf(member);
  }

  function _deposits() private view returns (uint256[] memory deposits) {
    deposits = new uint256[](STATIONS);
    for (uint256 i; i < STATIONS; ++i) {
      deposits[i] = _depositOf(members[i]);
    }
  }

  function _margins() private view returns (uint256[] memory margins) {
    margins = new uint256[](STATIONS);
    for (uint256 i; i < STATIONS; ++i) {
      margins[i] = _marginOf(members[i]);
    }
  }

  /// @dev What all have in this market.
  function _wealth() private view returns (uint256 sumMicro) {
    sumMicro = house.escrowMicro(address(market)) + _marginOf(DSO) + _marginOf(FUND);
    for (uint256 i; i < STATIONS; ++i) {
      sumMicro += _marginOf(members[i]);
    }
  }
}
