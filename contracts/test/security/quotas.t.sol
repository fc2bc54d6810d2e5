// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaLib } from "../../src/charging/QuotaLib.sol";
import { QuotaSettlementLib } from "../../src/charging/QuotaSettlementLib.sol";
import "../../src/libraries/Errors.sol";
import { QuotaFixture } from "../charging/QuotaFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice What somebody could take, block or delay in a quota market: docs/model/threats.md, "Charging quotas".
contract QuotaSecurityTest is QuotaFixture {
  // -- the DSO

  function test_ADsoThatDoesNotAllocateStopsNobody() public {
    // The fixture allocates by an outsider.
    _rationed();
    vm.assertEq(_sumOfQuotas(_stations()), 60_000);
  }

  function test_ADsoThatClearsNothingKeepsNobodysMoney() public {
    _rationed();
    _finishAll(_meterAll(3000));
    vm.assertEq(_marginOf(B), MARGIN_MICRO - 6_000_000);
  }

  function test_TheTariffIsKnownBeforeAnybodyDemands() public {
    _initialize(60_000);
    _demand(A, 40_000, 0);
    QuotaLib.Opening memory opening = _opening(60_000);
    opening.tariff = type(uint32).max;
    vm.expectRevert(abi.encodeWithSelector(AlreadyInitialized.selector, AREA, PERIOD));
    vm.prank(dso);
    market.initialize(AREA, PERIOD, opening);
  }

  function test_ANewDsoDoesNotGetTheFeesOfTheFormer() public {
    _rationed();
    vm.prank(operator);
    uint16 next = areas.changeDso(AREA, supplierAccount);
    Readings.Tree[2] memory trees = _meterAll(3000);
    _pay(A, _proofs(trees, 0));
    vm.assertEq(_marginOf(DSO), 6_000_000);
    vm.assertEq(_marginOf(next), 0);
  }

  function test_DsoAndGatewayEarnNothingBySilence() public {
    _rationed();
    vm.warp(_endOf(PERIOD) + WAITING_SECONDS - 1);
    vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, AREA, INTERVAL));
    _pay(A, new QuotaSettlementLib.Evidence[](2));
    vm.warp(_endOf(PERIOD) + WAITING_SECONDS);
    for (uint16 i; i < 3; ++i) {
      _pay(A + i, new QuotaSettlementLib.Evidence[](2));
      market.withdraw(AREA, PERIOD, A + i);
      vm.assertEq(_marginOf(A + i), MARGIN_MICRO);
    }
    vm.assertEq(_marginOf(DSO), 0);
  }

  function test_AGatewayThatWithholdsReadingsKeepsNobodysMoney() public {
    _rationed();
    vm.warp(_endOf(PERIOD));
    _publishRoot(AREA, INTERVAL, keccak256("nobody knows"), 3);
    _publishRoot(AREA, INTERVAL + 1, keccak256("nobody knows either"), 3);
    uint256 waitedUntil = _endOf(PERIOD) + WAITING_SECONDS;
    vm.warp(waitedUntil + 14 days - 1);
    vm.expectRevert(abi.encodeWithSelector(PageNotProven.selector, 0));
    _pay(A, new QuotaSettlementLib.Evidence[](2));
    vm.warp(waitedUntil + 14 days);
    _pay(A, new QuotaSettlementLib.Evidence[](2));
    market.withdraw(AREA, PERIOD, A);
    vm.assertEq(_marginOf(A), MARGIN_MICRO);
  }

  /// @dev The most that leaving out a station can cost it: the fee of its own quota, and no penalty.
  function test_LeftOutOfAPublicationAStationOwesItsQuotaAndNoPenalty() public {
    _rationed();
    Readings.Tree[2] memory trees = _meter(_only(A), _one(3000), _one(3000));
    vm.expectRevert(abi.encodeWithSelector(ReadingMissing.selector, B));
    _pay(B, _absences(trees));
    vm.warp(_endOf(PERIOD) + WAITING_SECONDS);
    _pay(B, _absences(trees));
    vm.assertEq(_marginOf(DSO), 7_500_000);
  }

  // -- stations

  function test_AStationThatUnplugsItsMeterPaysForItsQuota() public {
    test_LeftOutOfAPublicationAStationOwesItsQuotaAndNoPenalty();
    market.withdraw(AREA, PERIOD, B);
    vm.assertEq(_marginOf(B), MARGIN_MICRO - 7_500_000);
  }

  function test_APublishedReadingCannotPassForAbsent() public {
    _rationed();
    Readings.Tree[2] memory trees = _meterAll(3000);
    vm.warp(_endOf(PERIOD) + WAITING_SECONDS);
    QuotaSettlementLib.Evidence[] memory evidence = _absences(trees);
    vm.expectRevert(abi.encodeWithSelector(ReadingSealed.selector, B));
    _pay(B, evidence);
    for (uint256 i; i < 2; ++i) {
      evidence[i].absence.list ^= 1 << B;
    }
    vm.expectRevert(abi.encodeWithSelector(PageNotProven.selector, 0));
    _pay(B, evidence);
    // In both lists at once it would be in neither by their exclusive or; no page is like that.
    evidence[0].absence.otherList = evidence[0].absence.list;
    vm.expectRevert(abi.encodeWithSelector(PageNotProven.selector, 0));
    _pay(B, evidence);
  }

  function test_AStationPaysByItsOwnReadingsOfItsOwnIntervals() public {
    _rationed();
    Readings.Tree[2] memory trees = _meterAll(3000);
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, A));
    _pay(A, _proofs(trees, 1));
    QuotaSettlementLib.Evidence[] memory evidence = _proofs(trees, 0);
    evidence[1] = evidence[0];
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, A));
    _pay(A, evidence);
  }

  function test_AStationThatVanishesDelaysNobody() public {
    _rationed();
    Readings.Tree[2] memory trees = _meterAll(3000);
    _pay(B, _proofs(trees, 1));
    market.withdraw(AREA, PERIOD, B);
    // A never comes back: anyone who wants pays for it, and the DSO has its fee.
    _pay(A, _proofs(trees, 0));
    vm.assertEq(_marginOf(DSO), 12_000_000);
    market.withdraw(AREA, PERIOD, A);
    vm.assertEq(_marginOf(A), MARGIN_MICRO - 6_000_000);
  }

  /// @dev A sells all of its quota and draws its whole demand all the same: three times the tariff, which it put down.
  function test_WhoSellsItsQuotaAndDrawsAllTheSameIsCovered() public {
    _rationed();
    ReferenceClearing.Order[] memory offers = _orders(_order(A, 0, 5000));
    _clear(_cleared(_orders(_order(B, 0, 5000)), offers));
    uint256[] memory importWh = new uint256[](3);
    importWh[0] = 10_000;
    Readings.Tree[2] memory trees = _meter(_stations(), importWh, importWh);
    uint256 before = _marginOf(A);
    _pay(A, _proofs(trees, 0));
    // 20 kWh, of which 25 kW for half an hour are its quota.
    vm.assertEq(_marginOf(DSO), 20_000_000 + 2 * 7_500_000);
    market.withdraw(AREA, PERIOD, A);
    vm.assertEq(_marginOf(A) - before, 70_000_000 - 35_000_000);
  }

  function test_NoNoticeTakesADepositAway() public {
    _initialize(60_000);
    address owner = _ownerOf(B);
    vm.prank(owner);
    house.announceMarginWithdrawal(address(market), _seat(AREA, B), MARGIN_MICRO);
    vm.warp(_opensAt(PERIOD + 4));
    period = PERIOD + 4;
    vm.prank(dso);
    market.initialize(AREA, period, _opening(60_000));
    _demand(B, 20_000, 0);
    uint256 deposit = _depositOf(B);
    vm.prank(owner);
    house.withdrawMargin(address(market), _seat(AREA, B));
    vm.assertEq(_depositOf(B), deposit);
    vm.assertEq(house.escrowMicro(address(market)), deposit);
  }

  function test_ARetiredMarketTakesNoDemandAndGivesBackWhatItHas() public {
    _rationed();
    vm.prank(admin);
    house.retireMarket(address(market));
    _finishAll(_meterAll(3000));
  }

  // -- outsiders

  function test_OnlyTheRightDivisionIsTaken() public {
    _initialize(50_001);
    _demand(A, 40_000, 0);
    _demand(B, 20_000, 0);
    _demand(C, 20_000, 0);
    vm.warp(_opensAt(PERIOD) + 300);
    (uint40 cut, uint16 last) = _cutOf(_stations());
    uint16[] memory members = _stations();
    vm.expectRevert(abi.encodeWithSelector(AllocationDiffers.selector, 50_000, 50_001));
    market.allocate(AREA, PERIOD, members, cut + 1, last);
    vm.expectRevert(abi.encodeWithSelector(AllocationDiffers.selector, 50_003, 50_001));
    market.allocate(AREA, PERIOD, members, 0, type(uint16).max);
    (members[1], members[2]) = (C, B);
    _expectStations();
    market.allocate(AREA, PERIOD, members, cut, last);
    (members[1], members[2]) = (B, B);
    _expectStations();
    market.allocate(AREA, PERIOD, members, cut, last);
    members[2] = PROSUMER;
    _expectStations();
    market.allocate(AREA, PERIOD, members, cut, last);
    _expectStations();
    market.allocate(AREA, PERIOD, _only(A), cut, last);
    market.allocate(AREA, PERIOD, _stations(), cut, last);
    vm.assertEq(_sumOfQuotas(_stations()), 50_001);
  }

  function test_WithoutAnAllocationDepositsComeBackWhole() public {
    _initialize(60_000);
    _demand(A, 40_000, 0);
    vm.warp(_opensAt(PERIOD) + 420 - 1);
    vm.expectRevert(abi.encodeWithSelector(NotPaid.selector, AREA, PERIOD, A));
    market.withdraw(AREA, PERIOD, A);
    vm.warp(_opensAt(PERIOD) + 420);
    market.withdraw(AREA, PERIOD, A);
    vm.assertEq(_marginOf(A), MARGIN_MICRO);
    vm.assertEq(_quota(A), 0);
  }

  function test_NobodyPaysByNothingWhileReadingsAreWaitedFor() public {
    _rationed();
    _meterAll(3000);
    vm.expectRevert(abi.encodeWithSelector(ReadingMissing.selector, A));
    _pay(A, new QuotaSettlementLib.Evidence[](2));
  }

  /// @dev Station 257 is refused; 256 are allocated within a transaction.
  function test_ManyStationsFitATransaction() public {
    _initialize(60_000);
    uint16[] memory members = new uint16[](256);
    for (uint256 i; i < 256; ++i) {
      members[i] = i < 3 ? A + uint16(i) : _join(i);
      _demand(members[i], uint32(10_000 + i), 0);
    }
    uint16 late = _join(256);
    uint256 needed = market.depositNeeded(AREA, PERIOD, 1, 0);
    address owner = _ownerOf(late);
    vm.expectRevert(abi.encodeWithSelector(TooManyStations.selector, AREA, PERIOD));
    vm.prank(owner);
    market.submitDemand(AREA, PERIOD, late, 1, uint48(needed));
    vm.warp(_opensAt(PERIOD) + 300);
    (uint40 cut, uint16 last) = _cutOf(members);
    uint256 gasBefore = gasleft();
    market.allocate(AREA, PERIOD, members, cut, last);
    vm.assertLe(gasBefore - gasleft(), 2_000_000);
    vm.assertEq(_sumOfQuotas(members), 60_000);
  }

  // -- helpers

  function _finishAll(Readings.Tree[2] memory trees) private {
    for (uint16 i; i < 3; ++i) {
      _pay(A + i, _proofs(trees, i));
      market.withdraw(AREA, PERIOD, A + i);
    }
    vm.assertEq(house.escrowMicro(address(market)), 0);
  }

  function _only(uint16 member) private pure returns (uint16[] memory members) {
    members = new uint16[](1);
    members[0] = member;
  }

  function _one(uint256 value) private pure returns (uint256[] memory values) {
    values = new uint256[](1);
    values[0] = value;
  }

  function _expectStations() private {
    vm.expectRevert(abi.encodeWithSelector(StationsDiffer.selector, AREA, PERIOD, 3));
  }
}
