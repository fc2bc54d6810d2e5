// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../../src/accounts/ClearingHouse.sol";
import "../../../src/libraries/Errors.sol";
import { HouseFixture } from "../../support/HouseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice A market has one seat pay another, as far as its margin reaches; the rest is a debt that binds what comes in.
contract TransferTest is HouseFixture {
  function _transfer(uint256 from, uint256 to, uint256 amountMicro) private returns (uint256) {
    return market.transfer(_laneSeat(from), _laneSeat(to), amountMicro);
  }

  function _owed(uint256 from, uint256 to) private view returns (uint256) {
    return house.debtMicro(address(market), _laneSeat(from), _laneSeat(to));
  }

  function test_AMarginPaysAnother() public {
    _giveMargin(market, 0, 100);
    _giveMargin(market, 1, 7);
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginTransferred(_laneSeat(0), _laneSeat(1), address(market), 60, 0);
    vm.assertEq(_transfer(0, 1, 60), 60);
    vm.assertEq(_lane(market, 0), 40);
    vm.assertEq(_lane(market, 1), 67);
    _assertConserved();
  }

  function test_AnybodyCollectsWhatIsOwed() public {
    _giveMargin(market, 0, 100);
    _transfer(0, 1, 150);
    _transfer(0, 2, 30);
    vm.assertEq(_owed(0, 1), 50);
    vm.assertEq(_owed(0, 2), 30);
    vm.assertEq(house.owedMicro(address(market), _laneSeat(0)), 80);
    _giveMargin(market, 0, 70);
    vm.prank(outsider);
    vm.assertEq(house.collect(address(market), _laneSeat(0), _laneSeat(1)), 50);
    vm.prank(outsider);
    vm.assertEq(house.collect(address(market), _laneSeat(0), _laneSeat(2)), 20);
    vm.assertEq(_lane(market, 1), 150);
    vm.assertEq(_lane(market, 2), 20);
    vm.assertEq(_owed(0, 1), 0);
    vm.assertEq(_owed(0, 2), 10);
    vm.expectRevert(abi.encodeWithSelector(ZeroAmount.selector));
    house.collect(address(market), _laneSeat(0), _laneSeat(1));
    _assertConserved();
  }

  function test_ADebtCountsForNoOrderUntilItIsPaid() public {
    _transfer(0, 1, 50);
    _giveMargin(market, 0, 80);
    _giveMargin(market, 3, 80);
    uint256[] memory tooMuch = _posting([uint64(31), 0, 0, 80, 0, 0]);
    vm.expectRevert(_fallShort(0));
    market.hold(tooMuch, COVERS_FROM);
    market.hold(_posting([uint64(30), 0, 0, 80, 0, 0]), COVERS_FROM);
    house.collect(address(market), _laneSeat(0), _laneSeat(1));
    vm.assertEq(_lane(market, 0), 0);
    _giveMargin(market, 0, 31);
    market.hold(_posting([uint64(31), 0, 0, 0, 0, 0]), COVERS_FROM);
  }

  function test_WhatIsNotOwedLeaves() public {
    _transfer(0, 1, 50);
    _giveMargin(market, 0, 80);
    vm.prank(_resident(0));
    house.announceMarginWithdrawal(address(market), _laneSeat(0), 80);
    vm.warp(START + 2 hours);
    vm.prank(_resident(0));
    house.withdrawMargin(address(market), _laneSeat(0));
    vm.assertEq(_lane(market, 0), 50);
  }

  function test_ADebtInOneMarketBindsNoneOfAnother() public {
    _transfer(0, 1, 50);
    _giveMargin(otherMarket, 0, 80);
    otherMarket.hold(_posting([uint64(80), 0, 0, 0, 0, 0]), COVERS_FROM);
  }

  function test_WhatAFullMarginCannotTakeFlowsOver() public {
    _giveMargin(market, 0, 100);
    _giveMargin(market, 1, MAX_MARGIN - 40);
    _transfer(0, 1, 100);
    vm.assertEq(_lane(market, 1), MAX_MARGIN);
    vm.assertEq(house.freeMicro(areas.accountOf(_laneSeat(1))), 60);
    _assertConserved();
  }

  function test_ARetiredMarketStillCorrects() public {
    _giveMargin(market, 0, 100);
    vm.prank(admin);
    house.retireMarket(address(market));
    vm.assertEq(_transfer(0, 1, 60), 60);
  }

  function test_RevertGiven_NoMarket() public {
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, outsider));
    vm.prank(outsider);
    house.transfer(_laneSeat(0), _laneSeat(1), 1);
  }

  /// @dev Whatever is owed and paid, in whatever order: money is conserved, and debts are what was not paid.
  function testFuzz_MoneyIsConserved(uint256 seed) public {
    uint256 owed;
    for (uint256 i; i < 12; ++i) {
      seed = uint256(keccak256(abi.encode(seed)));
      (uint256 from, uint256 to, uint256 amount) = (seed % 6, (seed >> 8) % 6, 1 + (seed >> 16) % 1000);
      if (seed >> 255 == 1) {
        _giveMargin(market, from, amount);
        continue;
      }
      owed = owed + amount - _transfer(from, to, amount);
      uint256 total;
      for (uint256 lane; lane < LANES; ++lane) {
        total += house.owedMicro(address(market), _laneSeat(lane));
      }
      vm.assertEq(total, owed);
      _assertConserved();
    }
  }
}
