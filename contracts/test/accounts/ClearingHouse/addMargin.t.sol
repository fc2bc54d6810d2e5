// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../../src/accounts/ClearingHouse.sol";
import "../../../src/libraries/Errors.sol";
import { HouseFixture } from "../../support/HouseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Margin goes into a market at once and leaves it after a notice; a market is admitted by the admin.
contract AddMarginTest is HouseFixture {
  uint256 private constant NOTICE = 2 hours;

  uint256 private constant LAPSE = 1 hours;

  address private trader;
  uint24 private account;
  uint32 private seat;

  function setUp() public override {
    super.setUp();
    seat = _laneSeat(1);
    trader = _resident(1);
    account = registry.accountOf(trader);
    _fundFree(trader, 10_000);
  }

  // -- admission

  function test_TheAdminAdmitsAMarket() public {
    vm.expectEmit(address(house));
    emit ClearingHouse.MarketAdmitted(outsider);
    _admitMarket(outsider);
    _assertStanding(outsider, ClearingHouse.Standing.Admitted);
  }

  function testFuzz_RevertGiven_MarketAdmittedByAnother(address caller) public {
    vm.assume(caller != admin);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, caller, bytes32(0)));
    vm.prank(caller);
    house.admitMarket(caller);
  }

  function test_RevertGiven_ZeroMarket() public {
    vm.expectRevert(ZeroAddress.selector);
    _admitMarket(address(0));
  }

  // -- margin in

  function testFuzz_SixMarginsShareASlotUndisturbed(uint64[LANES] memory first, uint64[LANES] memory second)
    public
  {
    for (uint256 lane; lane < LANES; ++lane) {
      (first[lane], second[lane]) = (first[lane] % MAX_MARGIN / 2, second[lane] % MAX_MARGIN / 2);
      _giveMargin(market, lane, first[lane]);
      _giveMargin(otherMarket, lane, 1);
    }
    for (uint256 lane; lane < LANES; ++lane) {
      _giveMargin(market, LANES - 1 - lane, second[LANES - 1 - lane]);
    }
    for (uint256 lane; lane < LANES; ++lane) {
      vm.assertEq(_lane(market, lane), uint256(first[lane]) + second[lane]);
      vm.assertEq(_lane(otherMarket, lane), 1);
    }
    vm.assertEq(house.marginMicro(address(market), FIRST_LANE - 1), 0);
    vm.assertEq(house.marginMicro(address(market), _laneSeat(LANES)), 0);
    _assertConserved();
  }

  function test_MarginLeavesTheFreeBalance() public {
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginAdded(seat, address(market), 4_000);
    _add(4_000);
    vm.assertEq(house.freeMicro(account), 6_000);
    vm.assertEq(_margin(), 4_000);
    _assertConserved();
  }

  function test_RevertGiven_NotMarket() public {
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, outsider));
    vm.prank(trader);
    house.addMargin(outsider, seat, 1);
  }

  function test_RevertGiven_ZeroAmount() public {
    vm.expectRevert(ZeroAmount.selector);
    _add(0);
  }

  function testFuzz_RevertGiven_MoreThanIsFree(uint256 amountMicro) public {
    amountMicro = _bound(amountMicro, 10_001, type(uint256).max);
    vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, account, 10_000, amountMicro));
    _add(amountMicro);
  }

  function test_RevertGiven_UnknownParticipant() public {
    bytes memory refusal = abi.encodeWithSelector(UnknownParticipant.selector, outsider);
    vm.expectRevert(refusal);
    vm.prank(outsider);
    house.addMargin(address(market), seat, 1);

    vm.expectRevert(refusal);
    vm.prank(outsider);
    house.announceMarginWithdrawal(address(market), seat, 1);

    vm.expectRevert(refusal);
    vm.prank(outsider);
    house.withdrawMargin(address(market), seat);
  }

  // -- margin out

  function testFuzz_AnnouncedMarginIsFreedAfterTheNotice(uint256 amountMicro) public {
    amountMicro = _bound(amountMicro, 1, 10_000);
    _add(10_000);
    uint256 payableAt = START + NOTICE;
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginWithdrawalAnnounced(seat, address(market), amountMicro, payableAt);
    _announce(amountMicro);
    _assertNotice(amountMicro, payableAt);

    vm.warp(payableAt);
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginWithdrawn(seat, address(market), amountMicro);
    _withdraw();
    vm.assertEq(house.freeMicro(account), amountMicro);
    vm.assertEq(_margin(), 10_000 - amountMicro);
    _assertNotice(0, 0);
    _assertConserved();
  }

  function testFuzz_WithdrawalLeavesTheNeighboursOfTheSlot(uint64[LANES] memory margins, uint256 amountMicro)
    public
  {
    for (uint256 lane; lane < LANES; ++lane) {
      margins[lane] = margins[lane] % MAX_MARGIN + 1;
      _giveMargin(market, lane, margins[lane]);
    }
    amountMicro = _bound(amountMicro, 1, margins[1]);
    _announce(amountMicro);
    vm.warp(START + NOTICE);
    _withdraw();
    margins[1] -= uint64(amountMicro);
    for (uint256 lane; lane < LANES; ++lane) {
      vm.assertEq(_lane(market, lane), margins[lane]);
    }
    _assertConserved();
  }

  function test_TradesDuringTheNoticeComeFirst() public {
    _add(10_000);
    _announce(9_000);
    market.hold(_posting([uint64(0), 7_000, 0, 0, 0, 0]), COVERS_FROM);
    vm.warp(START + NOTICE);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 3_000);
    vm.assertEq(_margin(), 0);
    _assertConserved();
  }

  function test_AnAccountWhoseMarginIsAllTradedFreesNothing() public {
    _add(10_000);
    _announce(10_000);
    market.hold(_posting([uint64(0), 10_000, 0, 0, 0, 0]), COVERS_FROM);
    vm.warp(START + NOTICE);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 0);
  }

  function test_ANewNoticeStartsAnew() public {
    _add(10_000);
    _announce(1_000);
    vm.warp(START + NOTICE - 1);
    uint256 payableAt = START + 2 * NOTICE - 1;
    _announce(2_000);
    vm.warp(payableAt - 1);
    vm.expectRevert(abi.encodeWithSelector(NoticeRunning.selector, seat, payableAt));
    _withdraw();

    vm.warp(payableAt);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 2_000);
  }

  function test_RevertGiven_WithdrawnTwice() public {
    _add(10_000);
    _announce(1_000);
    vm.warp(START + NOTICE);
    _withdraw();
    vm.expectRevert(abi.encodeWithSelector(NoticeMissing.selector, seat));
    _withdraw();
  }

  function test_RevertGiven_NoticeForAnotherMarket() public {
    _add(10_000);
    _announce(1_000);
    vm.warp(START + NOTICE);
    vm.expectRevert(abi.encodeWithSelector(NoticeMissing.selector, seat));
    vm.prank(trader);
    house.withdrawMargin(address(otherMarket), seat);
  }

  function test_RevertGiven_NoNotice() public {
    _add(10_000);
    vm.expectRevert(abi.encodeWithSelector(NoticeMissing.selector, seat));
    _withdraw();
  }

  function testFuzz_RevertGiven_NoticeRunning(uint256 waited) public {
    waited = _bound(waited, 0, NOTICE - 1);
    _add(10_000);
    _announce(1_000);
    uint256 payableAt = START + NOTICE;
    vm.warp(START + waited);
    vm.expectRevert(abi.encodeWithSelector(NoticeRunning.selector, seat, payableAt));
    _withdraw();
  }

  function test_RevertGiven_NoticeLapsed() public {
    _add(10_000);
    _announce(1_000);
    uint256 lapsesAt = START + NOTICE + LAPSE;
    vm.warp(lapsesAt);
    vm.expectRevert(abi.encodeWithSelector(NoticeLapsed.selector, seat, lapsesAt));
    _withdraw();

    _announce(1_000);
    vm.warp(lapsesAt + NOTICE);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 1_000);
  }

  function test_TheNoticeHoldsToItsLastSecond() public {
    _add(10_000);
    _announce(1_000);
    vm.warp(START + NOTICE + LAPSE - 1);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 1_000);
  }

  function testFuzz_RevertGiven_NoticeOfMoreThanTheMargin(uint256 amountMicro) public {
    amountMicro = _bound(amountMicro, 4_001, type(uint256).max);
    _add(4_000);
    vm.expectRevert(abi.encodeWithSelector(InsufficientMargin.selector, seat, 4_000, amountMicro));
    _announce(amountMicro);
  }

  function test_RevertGiven_NoticeOfNothing() public {
    vm.expectRevert(ZeroAmount.selector);
    _announce(0);
  }

  // -- whose seat

  function test_RevertGiven_TheSeatOfAnother() public {
    bytes memory refusal = abi.encodeWithSelector(NotSeatOwner.selector, trader, _laneSeat(2));
    vm.expectRevert(refusal);
    vm.prank(trader);
    house.addMargin(address(market), _laneSeat(2), 1);

    vm.expectRevert(refusal);
    vm.prank(trader);
    house.announceMarginWithdrawal(address(market), _laneSeat(2), 1);

    vm.expectRevert(refusal);
    vm.prank(trader);
    house.withdrawMargin(address(market), _laneSeat(2));
  }

  /// @dev A member number that nobody has is nobody's, not account zero's.
  function test_RevertGiven_ASeatThatNobodyHas() public {
    uint32 nobodys = _seat(AREA, 4000);
    vm.expectRevert(abi.encodeWithSelector(NotSeatOwner.selector, trader, nobodys));
    vm.prank(trader);
    house.addMargin(address(market), nobodys, 1);
  }

  function test_TheMoneyOfTwoSeatsOfAnAccountStandsApart() public {
    uint32 second = _seat(OTHER_AREA, _enrol(account, OTHER_AREA));
    _add(4_000);
    vm.prank(trader);
    house.addMargin(address(market), second, 1_000);
    vm.assertEq(_margin(), 4_000);
    vm.assertEq(house.marginMicro(address(market), second), 1_000);
  }

  function test_TheMarginOfARetiredMeterCanBeWithdrawn() public {
    _add(4_000);
    vm.prank(registrar);
    areas.retireMeter(_meterId(account, AREA));
    _announce(4_000);
    vm.warp(START + NOTICE);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 10_000);
  }

  function test_ANewOwnerHasTheMoneyAtOnce() public {
    _add(4_000);
    vm.prank(trader);
    registry.rotateOwner(outsider);
    vm.prank(outsider);
    registry.acceptOwner(account);
    vm.expectRevert(abi.encodeWithSelector(UnknownParticipant.selector, trader));
    vm.prank(trader);
    house.withdraw(1);

    vm.prank(outsider);
    house.withdraw(6_000);
    vm.prank(outsider);
    house.announceMarginWithdrawal(address(market), seat, 4_000);
    vm.warp(START + NOTICE);
    vm.prank(outsider);
    house.withdrawMargin(address(market), seat);
    vm.assertEq(house.freeMicro(account), 4_000);
    _assertConserved();
  }

  // -- announced margin

  /// @dev An interval whose delivery starts after the notice falls due could see the margin leave.
  function testFuzz_AnnouncedMarginCountsForDeliveriesBeforeItIsDue(uint256 coversFrom) public {
    _add(10_000);
    _announce(4_000);
    uint256 payableAt = START + NOTICE;
    coversFrom = _bound(coversFrom, START, START + 2 * NOTICE);
    uint256 counted = coversFrom > payableAt ? 6_000 : 10_000;
    vm.assertEq(house.countedMarginMicro(address(market), seat, coversFrom), counted);
    uint64 amount = uint64(counted) + 1;
    vm.expectRevert(_fallShort(1));
    market.hold(_posting([uint64(0), amount, 0, 0, 0, 0]), coversFrom);
    market.hold(_posting([uint64(0), amount - 1, 0, 0, 0, 0]), coversFrom);
    vm.assertEq(_margin(), 10_000 - counted);
    _assertConserved();
  }

  /// @dev Once a hold counted the margin, no withdrawal takes it from under the later steps of the clearing.
  function test_WhatCountsIsThereUntilDeliveryStarts() public {
    vm.warp(START - 20 hours);
    _add(10_000);
    _announce(10_000);
    uint256 startsAt = START - 20 hours + NOTICE;
    vm.warp(startsAt - 1);
    vm.assertEq(house.countedMarginMicro(address(market), seat, startsAt), 10_000);
    vm.expectRevert(abi.encodeWithSelector(NoticeRunning.selector, seat, startsAt));
    _withdraw();
  }

  function test_ALapsedNoticeCountsAsNone() public {
    _add(10_000);
    _announce(4_000);
    vm.warp(START + NOTICE + LAPSE - 1);
    vm.assertEq(house.countedMarginMicro(address(market), seat, START + 1 days), 6_000);
    vm.warp(START + NOTICE + LAPSE);
    vm.assertEq(house.countedMarginMicro(address(market), seat, START + 1 days), 10_000);
    market.hold(_posting([uint64(0), 10_000, 0, 0, 0, 0]), START + 1 days);
    vm.assertEq(_margin(), 0);
  }

  function test_ANoticeBindsItsOwnLaneAndMarketOnly() public {
    _add(10_000);
    _giveMargin(market, 0, 500);
    _giveMargin(market, 2, 500);
    _fundMargin(address(otherMarket), seat, 700);
    _announce(10_000);
    market.hold(_posting([uint64(500), 0, 500, 0, 0, 0]), START + 1 days);
    otherMarket.hold(_posting([uint64(0), 700, 0, 0, 0, 0]), START + 1 days);
    vm.assertEq(_margin(), 10_000);
    _assertConserved();
  }

  /// @dev More is announced than trades left of the margin: nothing of it counts, and nothing wraps.
  function test_ANoticeOfMoreThanIsLeftBindsWhatIsLeft() public {
    _add(10_000);
    _announce(10_000);
    market.hold(_posting([uint64(0), 7_000, 0, 0, 0, 0]), COVERS_FROM);
    vm.assertEq(house.countedMarginMicro(address(market), seat, START + 1 days), 0);
    vm.expectRevert(_fallShort(1));
    market.hold(_posting([uint64(0), 1, 0, 0, 0, 0]), START + 1 days);
  }

  /// @dev The counter of notices rises and falls with them: after the last one `hold` looks for none.
  function testFuzz_NoticesAreCounted(uint256 seed) public {
    uint256 count;
    bool[LANES] memory hasNotice;
    for (uint256 i; i < LANES; ++i) {
      _giveMargin(market, i, 1_000);
    }
    for (uint256 i; i < 12; ++i) {
      uint256 lane = (seed >> 4 * i) % LANES;
      address owner = _resident(lane);
      vm.warp(START + i * NOTICE);
      if (hasNotice[lane] && seed >> 4 * i + 3 & 1 == 1) {
        vm.prank(owner);
        house.announceMarginWithdrawal(address(market), _laneSeat(lane), 1);
      } else if (!hasNotice[lane]) {
        vm.prank(owner);
        house.announceMarginWithdrawal(address(market), _laneSeat(lane), 1);
        (hasNotice[lane], count) = (true, count + 1);
      }
      (,, uint32 notices) = house.markets(address(market));
      vm.assertEq(uint256(notices), count);
    }
    for (uint256 lane; lane < LANES; ++lane) {
      if (!hasNotice[lane]) continue;
      vm.warp(START + (20 + lane) * NOTICE);
      vm.prank(_resident(lane));
      house.announceMarginWithdrawal(address(market), _laneSeat(lane), 1);
      vm.warp(START + (21 + lane) * NOTICE);
      vm.prank(_resident(lane));
      house.withdrawMargin(address(market), _laneSeat(lane));
    }
    (,, uint32 left) = house.markets(address(market));
    vm.assertEq(uint256(left), 0);
  }

  // -- retired markets

  function test_ARetiredMarketGivesBackAndTakesNothing() public {
    _add(10_000);
    market.hold(_posting([uint64(0), 6_000, 0, 0, 0, 0]), COVERS_FROM);
    vm.expectEmit(address(house));
    emit ClearingHouse.MarketRetired(address(market));
    _retire(admin);
    _assertStanding(address(market), ClearingHouse.Standing.Retired);
    bytes memory refusal = abi.encodeWithSelector(NotMarket.selector, address(market));
    vm.expectRevert(refusal);
    market.hold(_posting([uint64(0), 1, 0, 0, 0, 0]), COVERS_FROM);
    vm.expectRevert(refusal);
    market.tryHold(_posting([uint64(0), 1, 0, 0, 0, 0]), COVERS_FROM);
    vm.expectRevert(refusal);
    _add(1);

    _withdraw();
    vm.assertEq(house.freeMicro(account), 4_000);
    market.release(_posting([uint64(0), 6_000, 0, 0, 0, 0]));
    _withdraw();
    vm.assertEq(house.freeMicro(account), 10_000);
    vm.assertEq(house.escrowMicro(address(market)), 0);
    _assertConserved();
  }

  function test_RevertGiven_ARetiredMarketIsAdmittedAgain() public {
    _retire(admin);
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, address(market)));
    _admitMarket(address(market));
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, address(market)));
    _retire(admin);
  }

  function test_RevertGiven_MarketRetiredByAnother() public {
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, operator, bytes32(0)));
    _retire(operator);
  }

  // -- internal

  function _retire(address caller) private {
    vm.prank(caller);
    house.retireMarket(address(market));
  }

  function _assertStanding(address market_, ClearingHouse.Standing standing) private view {
    (ClearingHouse.Standing there,,) = house.markets(market_);
    vm.assertEq(uint256(there), uint256(standing));
  }

  function _add(uint256 amountMicro) private {
    vm.prank(trader);
    house.addMargin(address(market), seat, amountMicro);
  }

  function _announce(uint256 amountMicro) private {
    vm.prank(trader);
    house.announceMarginWithdrawal(address(market), seat, amountMicro);
  }

  function _withdraw() private {
    vm.prank(trader);
    house.withdrawMargin(address(market), seat);
  }

  function _margin() private view returns (uint256) {
    return house.marginMicro(address(market), seat);
  }

  function _assertNotice(uint256 amountMicro, uint256 payableAt) private view {
    (uint64 amountThere, uint64 payableThere) = house.noticeOf(address(market), seat);
    vm.assertEq(uint256(amountThere), amountMicro);
    vm.assertEq(uint256(payableThere), payableAt);
  }
}
