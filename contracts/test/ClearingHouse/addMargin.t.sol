// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../src/accounts/ClearingHouse.sol";
import "../../src/libraries/Errors.sol";
import { HouseFixture } from "../support/HouseFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Margin goes into a market at once and leaves it after a notice; a market is admitted by the admin.
contract AddMarginTest is HouseFixture {
  /// @dev The time of the set-up and the notice, as constants: the optimiser may read the block's clock anew after a warp.
  uint256 private constant START = uint256(INTERVAL) * INTERVAL_SECONDS - GATE_CLOSURE_SECONDS - 1 days;
  uint256 private constant NOTICE = 2 hours;

  address private trader;
  uint24 private account;

  function setUp() public override {
    super.setUp();
    account = FIRST_LANE + 1;
    trader = _resident(account);
    _fundFree(trader, 10_000);
  }

  // -- admission

  function test_TheAdminAdmitsAMarket() public {
    vm.assertFalse(house.isMarket(outsider));
    vm.expectEmit(address(house));
    emit ClearingHouse.MarketAdmitted(outsider);
    _admit(outsider);
    vm.assertTrue(house.isMarket(outsider));
  }

  function testFuzz_RevertGiven_MarketAdmittedByAnother(address caller) public {
    vm.assume(caller != admin);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, caller, bytes32(0)));
    vm.prank(caller);
    house.admitMarket(caller);
  }

  function test_RevertGiven_ZeroMarket() public {
    vm.expectRevert(ZeroAddress.selector);
    _admit(address(0));
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
    vm.assertEq(house.marginMicro(address(market), FIRST_LANE + uint24(LANES)), 0);
    _assertConserved();
  }

  function test_MarginLeavesTheFreeBalance() public {
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginAdded(account, address(market), 4_000);
    _add(4_000);
    vm.assertEq(house.freeMicro(account), 6_000);
    vm.assertEq(_margin(), 4_000);
    _assertConserved();
  }

  function test_RevertGiven_NotMarket() public {
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, outsider));
    vm.prank(trader);
    house.addMargin(outsider, 1);
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
    house.addMargin(address(market), 1);

    vm.expectRevert(refusal);
    vm.prank(outsider);
    house.announceMarginWithdrawal(address(market), 1);

    vm.expectRevert(refusal);
    vm.prank(outsider);
    house.withdrawMargin(address(market));
  }

  // -- margin out

  function testFuzz_AnnouncedMarginIsFreedAfterTheNotice(uint256 amountMicro) public {
    amountMicro = _bound(amountMicro, 1, 10_000);
    _add(10_000);
    uint256 payableAt = START + NOTICE;
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginWithdrawalAnnounced(account, address(market), amountMicro, payableAt);
    _announce(amountMicro);
    _assertNotice(amountMicro, payableAt);

    vm.warp(payableAt);
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginWithdrawn(account, address(market), amountMicro);
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
    market.hold(_posting([uint64(0), 7_000, 0, 0, 0, 0]));
    vm.warp(START + NOTICE);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 3_000);
    vm.assertEq(_margin(), 0);
    _assertConserved();
  }

  function test_AnAccountWhoseMarginIsAllTradedFreesNothing() public {
    _add(10_000);
    _announce(10_000);
    market.hold(_posting([uint64(0), 10_000, 0, 0, 0, 0]));
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
    vm.expectRevert(abi.encodeWithSelector(NoticeRunning.selector, account, payableAt));
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
    vm.expectRevert(abi.encodeWithSelector(NoticeMissing.selector, account));
    _withdraw();
  }

  function test_RevertGiven_NoticeForAnotherMarket() public {
    _add(10_000);
    _announce(1_000);
    vm.warp(START + NOTICE);
    vm.expectRevert(abi.encodeWithSelector(NoticeMissing.selector, account));
    vm.prank(trader);
    house.withdrawMargin(address(otherMarket));
  }

  function test_RevertGiven_NoNotice() public {
    _add(10_000);
    vm.expectRevert(abi.encodeWithSelector(NoticeMissing.selector, account));
    _withdraw();
  }

  function testFuzz_RevertGiven_NoticeRunning(uint256 waited) public {
    waited = _bound(waited, 0, NOTICE - 1);
    _add(10_000);
    _announce(1_000);
    uint256 payableAt = START + NOTICE;
    vm.warp(START + waited);
    vm.expectRevert(abi.encodeWithSelector(NoticeRunning.selector, account, payableAt));
    _withdraw();
  }

  function test_RevertGiven_NoticeLapsed() public {
    _add(10_000);
    _announce(1_000);
    uint256 lapsesAt = START + NOTICE + house.NOTICE_LAPSES_AFTER_SECONDS();
    vm.warp(lapsesAt);
    vm.expectRevert(abi.encodeWithSelector(NoticeLapsed.selector, account, lapsesAt));
    _withdraw();

    _announce(1_000);
    vm.warp(lapsesAt + NOTICE);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 1_000);
  }

  function test_TheNoticeHoldsToItsLastSecond() public {
    _add(10_000);
    _announce(1_000);
    vm.warp(START + NOTICE + house.NOTICE_LAPSES_AFTER_SECONDS() - 1);
    _withdraw();
    vm.assertEq(house.freeMicro(account), 1_000);
  }

  function testFuzz_RevertGiven_NoticeOfMoreThanTheMargin(uint256 amountMicro) public {
    amountMicro = _bound(amountMicro, 4_001, type(uint256).max);
    _add(4_000);
    vm.expectRevert(abi.encodeWithSelector(InsufficientMargin.selector, account, 4_000, amountMicro));
    _announce(amountMicro);
  }

  function test_RevertGiven_NoticeOfNothing() public {
    vm.expectRevert(ZeroAmount.selector);
    _announce(0);
  }

  // -- internal

  function _add(uint256 amountMicro) private {
    vm.prank(trader);
    house.addMargin(address(market), amountMicro);
  }

  function _announce(uint256 amountMicro) private {
    vm.prank(trader);
    house.announceMarginWithdrawal(address(market), amountMicro);
  }

  function _withdraw() private {
    vm.prank(trader);
    house.withdrawMargin(address(market));
  }

  function _margin() private view returns (uint256) {
    return house.marginMicro(address(market), account);
  }

  function _assertNotice(uint256 amountMicro, uint256 payableAt) private view {
    (uint64 amountThere, uint64 payableThere) = house.noticeOf(address(market), account);
    vm.assertEq(uint256(amountThere), amountMicro);
    vm.assertEq(uint256(payableThere), payableAt);
  }
}
