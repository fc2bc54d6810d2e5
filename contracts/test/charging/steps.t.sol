// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaLib } from "../../src/charging/QuotaLib.sol";
import "../../src/libraries/Errors.sol";
import { vm } from "../support/Vm.sol";
import { QuotaFixture } from "./QuotaFixture.sol";

/// @notice Terms, margin, demands and allocation, each in its window (R9.3–R9.6, R9.12–R9.14).
contract QuotaStepsTest is QuotaFixture {
  // -- terms

  function test_TermsAreTheDsos() public {
    vm.expectRevert(abi.encodeWithSelector(NotDso.selector, operator, AREA));
    vm.prank(operator);
    market.announceTerms(AREA, _terms(UNIFORM));
  }

  function test_LaterTermsTakeEffectAfterTheirNotice() public {
    uint32 period = uint32((block.timestamp + 7 days) / PERIOD_SECONDS);
    vm.prank(dso);
    (uint16 version, uint32 from) = market.announceTerms(AREA, _terms(UNIFORM));
    vm.assertEq(uint256(version), 2);
    vm.assertEq(uint256(from), period);
    vm.expectRevert(abi.encodeWithSelector(TermsPending.selector, AREA, 2));
    _announceAs(_terms(UNIFORM));
    _initialize(1);
    vm.assertEq(uint256(market.periodOf(AREA, PERIOD).terms), 1);
    vm.warp(_opensAt(period));
    vm.prank(dso);
    market.initialize(AREA, period, _opening(1));
    vm.assertEq(uint256(market.periodOf(AREA, period).terms), 2);
  }

  function test_RevertGiven_TermsThatCannotBe() public {
    QuotaLib.Terms memory terms = _terms(UNIFORM);
    terms.periodSeconds = 1000;
    _expectFault(terms, 1);
    terms = _terms(UNIFORM);
    terms.periodSeconds = 900;
    terms.clearingSeconds = 901;
    _expectFault(terms, 7);
    terms = _terms(UNIFORM);
    terms.floor = -1;
    _expectFault(terms, 2);
    terms = _terms(UNIFORM);
    terms.penaltyPermille = 999;
    _expectFault(terms, 3);
    terms = _terms(UNIFORM);
    terms.ratingW = 0;
    _expectFault(terms, 4);
    terms = _terms(3);
    _expectFault(terms, 6);
    terms = _terms(UNIFORM);
    terms.orderSeconds = terms.allocationSeconds;
    _expectFault(terms, 7);
    // Periods are numbered by their length.
    terms = _terms(UNIFORM);
    terms.periodSeconds = 3600;
    _expectFault(terms, 1);
  }

  // -- margin

  function test_TheMarginIsTheRatingLessForecastAndReserve() public {
    vm.prank(dso);
    market.initialize(AREA, PERIOD, QuotaLib.Opening(657_000, 20_000, TARIFF, CNY_MICRO_PER_ETHER));
    vm.assertEq(uint256(market.periodOf(AREA, PERIOD).marginW), 323_000);
  }

  function test_TheMarginIsNeverBelowZero() public {
    vm.prank(dso);
    market.initialize(AREA, PERIOD, QuotaLib.Opening(RATING_W, type(uint32).max, TARIFF, CNY_MICRO_PER_ETHER));
    vm.assertEq(uint256(market.periodOf(AREA, PERIOD).marginW), 0);
  }

  function test_RevertGiven_AMarginOfAnotherOrTwiceOrTooLate() public {
    vm.expectRevert(abi.encodeWithSelector(NotDso.selector, outsider, AREA));
    vm.prank(outsider);
    market.initialize(AREA, PERIOD, _opening(1));
    _initialize(1);
    vm.expectRevert(abi.encodeWithSelector(AlreadyInitialized.selector, AREA, PERIOD));
    vm.prank(dso);
    market.initialize(AREA, PERIOD, _opening(2));
    _expectOutside(PERIOD + 1, 0, 300);
    vm.prank(dso);
    market.initialize(AREA, PERIOD + 1, _opening(1));
    vm.warp(_opensAt(PERIOD + 1) + 300);
    _expectOutside(PERIOD + 1, 0, 300);
    vm.prank(dso);
    market.initialize(AREA, PERIOD + 1, _opening(1));
  }

  function test_HundredTokensAreOneCnyAtAnyRate() public {
    vm.assertEq(market.weiFor(AREA, 100_000_000), 0);
    _initialize(1);
    vm.assertEq(market.weiFor(AREA, 100_000_000), 1 ether / uint256(8000));
    vm.warp(_opensAt(PERIOD + 1));
    QuotaLib.Opening memory opening = _opening(1);
    opening.cnyMicroPerEther = 20_000_000_000;
    vm.prank(dso);
    market.initialize(AREA, PERIOD + 1, opening);
    vm.assertEq(market.weiFor(AREA, 100_000_000), 1 ether / uint256(20_000));
  }

  // -- demands (R9.13: deposit before the deadline, AMB-23)

  function test_ADemandLocksItsDeposit() public {
    _initialize(60_000);
    // 20 kWh by right and twice that as penalty, at 1 a kWh.
    vm.assertEq(market.depositNeeded(AREA, PERIOD, 40_000, 5), 60_000_005);
    _demand(A, 40_000, 5);
    vm.assertEq(_marginOf(A), MARGIN_MICRO - 60_000_005);
    vm.assertEq(house.escrowMicro(address(market)), 60_000_005);
    vm.assertEq(uint256(market.periodOf(AREA, PERIOD).totalDemandW), 40_000);
  }

  function test_AnAgentDemandsForItsOwner() public {
    _initialize(60_000);
    address agent = _actor("agent");
    vm.prank(_ownerOf(A));
    registry.setAgent(agent);
    vm.warp(block.timestamp + 1 days);
    uint32 period = uint32(block.timestamp / PERIOD_SECONDS) + 1;
    vm.warp(_opensAt(period));
    vm.prank(dso);
    market.initialize(AREA, period, _opening(60_000));
    vm.prank(agent);
    market.submitDemand(AREA, period, A, 1000, 1_500_000);
  }

  function test_RevertGiven_ADemandThatIsNotRight() public {
    (address ownerA, address ownerB) = (_ownerOf(A), _ownerOf(B));
    vm.expectRevert(abi.encodeWithSelector(NotInitialized.selector, AREA, PERIOD));
    _demandAs(ownerA, A, 40_000, 60_000_000);
    _initialize(60_000);
    vm.expectRevert(abi.encodeWithSelector(DepositTooSmall.selector, A, 59_999_999, 60_000_000));
    _demandAs(ownerA, A, 40_000, 59_999_999);
    uint24 account = areas.accountOf(_seat(AREA, A));
    vm.expectRevert(abi.encodeWithSelector(NotOwner.selector, outsider, account));
    _demandAs(outsider, A, 40_000, 60_000_000);
    vm.expectRevert(abi.encodeWithSelector(DemandAboveCapacity.selector, A, STATION_W + 1, STATION_W));
    _demandAs(ownerA, A, STATION_W + 1, type(uint48).max);
    vm.expectRevert(abi.encodeWithSelector(ZeroQuantity.selector, A));
    _demandAs(ownerA, A, 0, 0);
    vm.expectRevert(abi.encodeWithSelector(NotTradable.selector, DSO));
    _demandAs(dso, DSO, 1, 60_000_000);
    _demandAs(ownerA, A, 40_000, 60_000_000);
    vm.expectRevert(abi.encodeWithSelector(AlreadyDemanded.selector, AREA, PERIOD, A));
    _demandAs(ownerA, A, 40_000, 60_000_000);
    vm.warp(_opensAt(PERIOD) + 300);
    _expectOutside(PERIOD, 0, 300);
    _demandAs(ownerB, B, 40_000, 60_000_000);
  }

  function test_RevertGiven_ADepositThatTheMarginDoesNotHave() public {
    _initialize(60_000);
    address owner = _ownerOf(A);
    uint32[] memory seats = new uint32[](1);
    seats[0] = _seat(AREA, A);
    vm.expectRevert(abi.encodeWithSelector(MarginsFallShort.selector, address(market), seats));
    _demandAs(owner, A, 40_000, uint48(MARGIN_MICRO + 1));
  }

  // -- allocation

  function test_RationedQuotasComeToTheMargin() public {
    _rationed();
    vm.assertEq(_quota(A), 30_000);
    vm.assertEq(_quota(B), 15_000);
    vm.assertEq(_quota(C), 15_000);
    vm.assertEq(uint256(market.periodOf(AREA, PERIOD).stage), uint256(QuotaLib.Stage.Rationed));
  }

  function test_DemandsThatFitAreQuotas() public {
    _initialize(60_000);
    _demand(A, 40_000, 0);
    _demand(B, 20_000, 0);
    _allocate(new uint16[](0));
    vm.assertEq(_quota(A), 40_000);
    vm.assertEq(_quota(B), 20_000);
    _expectNoAuction();
  }

  function test_NothingLeftIsNothingForEverybody() public {
    _initialize(0);
    _demand(A, 40_000, 0);
    vm.warp(_opensAt(PERIOD) + 300);
    uint16[] memory members = new uint16[](1);
    members[0] = A;
    market.allocate(AREA, PERIOD, members, 40_000, 0);
    vm.assertEq(_quota(A), 0);
  }

  function test_RevertGiven_AnAllocationOutsideItsWindow() public {
    _initialize(60_000);
    _demand(A, 40_000, 0);
    _expectOutside(PERIOD, 300, 420);
    market.allocate(AREA, PERIOD, new uint16[](0), 0, 0);
    vm.warp(_opensAt(PERIOD) + 420);
    _expectOutside(PERIOD, 300, 420);
    market.allocate(AREA, PERIOD, new uint16[](0), 0, 0);
  }

  function test_RevertGiven_AnAllocationTwice() public {
    _rationed();
    vm.expectRevert(abi.encodeWithSelector(NotInitialized.selector, AREA, PERIOD));
    market.allocate(AREA, PERIOD, _stations(), 0, 0);
  }

  function _expectNoAuction() private {
    vm.warp(_opensAt(PERIOD) + 600);
    QuotaLib.Outcome memory outcome;
    (outcome.areaId, outcome.period) = (AREA, PERIOD);
    vm.expectRevert(abi.encodeWithSelector(NotRationed.selector, AREA, PERIOD));
    vm.prank(dso);
    market.clear(outcome, "", "");
  }

  function _expectFault(QuotaLib.Terms memory terms, uint8 fault) private {
    vm.expectRevert(abi.encodeWithSelector(InvalidTerms.selector, fault));
    _announceAs(terms);
  }

  function _announceAs(QuotaLib.Terms memory terms) private {
    vm.prank(dso);
    market.announceTerms(AREA, terms);
  }

  function _demandAs(address caller, uint16 member, uint32 demandW, uint48 depositMicro) private {
    vm.prank(caller);
    market.submitDemand(AREA, PERIOD, member, demandW, depositMicro);
  }

  function _expectOutside(uint32 period, uint256 from, uint256 until) private {
    vm.expectRevert(
      abi.encodeWithSelector(
        OutsideWindow.selector, period, _opensAt(period) + from, _opensAt(period) + until
      )
    );
  }
}
