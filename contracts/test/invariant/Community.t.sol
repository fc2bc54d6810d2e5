// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolLib } from "../../src/pool/PoolLib.sol";
import { vm } from "../support/Vm.sol";
import { OutsiderActions } from "./OutsiderActions.sol";

/// @notice What holds whatever a community of more than 20 accounts does, in whatever order (R2.41, R7.3). Every action
/// states whether it must succeed or be refused, so that none may revert; and each checks that nobody lost money without
/// a call of the owner or a settled trade.
/// forge-config: default.invariant.fail-on-revert = true
contract CommunityInvariants is OutsiderActions {
  struct FuzzSelector {
    address addr;
    bytes4[] selectors;
  }

  uint256 private constant CALLS_PER_CLEARING = 10;
  uint256 private constant CALLS_PER_SETTLEMENT = 15;
  uint256 private constant CALLS_PER_VOID = 20;
  uint256 private constant CALLS_PER_HALF = 30;

  /// @dev One campaign for all: each of its own would repeat the same calls.
  function invariant_MoneyAndEnergyAreSafe() external {
    _requireConserved();
    _requireEscrow();
    _requireSingleClaims();
    _requireWithdrawals();
  }

  /// @notice Every run was full of life; and in the end everybody leaves with everything.
  function afterInvariant() external {
    vm.assertGe(clearings, calls / CALLS_PER_CLEARING, "too few clearings");
    vm.assertGe(settlements, calls / CALLS_PER_SETTLEMENT, "too few settlements");
    vm.assertGe(voids, calls / CALLS_PER_VOID, "too few voids");
    vm.assertGe(contractedPages, calls / CALLS_PER_HALF, "too few intervals settled in part");
    vm.assertGe(blockedSettlements, (calls + CALLS_PER_HALF / 2) / CALLS_PER_HALF, "too few rival claims");
    vm.assertGe(lastSteps, (calls + CALLS_PER_VOID / 2) / CALLS_PER_VOID, "too few clearings of two steps");
    _closeDown();
    vm.assertEq(house.escrowMicro(address(pool)), 0, "locked for ever");
    vm.assertEq(house.heldMicro(), 0, "not all can leave");
    vm.assertEq(token.balanceOf(address(house)), giftsMicro, "only gifts stay");
  }

  // -- what holds

  /// @dev Σ free + Σ margins + Σ escrow = what is held = the tokens of the house without gifts; and everybody has
  /// exactly what the rules give.
  function _requireConserved() private view {
    uint256 totalMicro = house.escrowMicro(address(pool));
    for (uint256 i; i < accounts.length; ++i) {
      uint24 account = accounts[i];
      vm.assertEq(house.freeMicro(account), ghosts[account].freeMicro, "free balance");
      vm.assertEq(_marginOf(account), ghosts[account].marginMicro, "margin");
      totalMicro += house.freeMicro(account) + _marginOf(account);
    }
    vm.assertEq(totalMicro, house.heldMicro(), "held");
    vm.assertEq(totalMicro + giftsMicro, token.balanceOf(address(house)), "tokens");
  }

  /// @dev Escrow is what the open positions and the suppliers reserve, and what settled pages hold over for the rest of
  /// their interval; and each part left it once, or stands in it.
  function _requireEscrow() private view {
    int256 escrowMicro;
    for (uint256 i; i < accounts.length; ++i) {
      escrowMicro += int256(ghosts[accounts[i]].reservedMicro);
    }
    for (uint256 id; id < deals.length; ++id) {
      escrowMicro += deals[id].heldOverMicro;
      _requireParts(id);
    }
    vm.assertEq(int256(house.escrowMicro(address(pool))), escrowMicro, "escrow");
  }

  function _requireParts(uint256 id) private view {
    Deal storage deal = deals[id];
    if (deal.steps == 0) return;
    uint256 open;
    for (uint256 step; step < deal.steps; ++step) {
      for (uint256 page; page < PAGES; ++page) {
        vm.assertLe(timesReleased[id][step][page], 1, "left escrow twice");
        if (parts[id][step][page].length != 0 && timesReleased[id][step][page] == 0) ++open;
      }
    }
    PoolLib.Interval memory interval = pool.intervalOf(deal.areaId, deal.intervalId);
    vm.assertEq(uint256(interval.openParts), open, "open parts");
    vm.assertEq(uint256(interval.stage), uint256(deal.stage), "stage");
    if (open == 0) vm.assertEq(uint256(interval.escrowMicro), 0, "escrow of a closed interval");
  }

  /// @dev No Wh is claimed twice for a purpose, neither reading by reading nor with its page.
  function _requireSingleClaims() private view {
    for (uint256 i; i < claims.length; ++i) {
      Claim storage claim = claims[i];
      uint256 energyWh = ledger.claimedWh(claim.purpose, claim.leaf);
      vm.assertEq(energyWh, claimedWh[claim.purpose][claim.leaf], "claimed");
      vm.assertLe(energyWh, claim.meteredWh, "more claimed than metered");
      vm.assertFalse(isPageClaimed[claim.id][claim.page][claim.purpose]);
    }
  }

  /// @dev Everybody can take the whole free balance, whatever others did, and after everybody else did.
  function _requireWithdrawals() private {
    uint256 snapshotId = vm.snapshotState();
    for (uint256 i; i < accounts.length; ++i) {
      uint256 amountMicro = ghosts[accounts[i]].freeMicro;
      if (amountMicro != 0) _take(registry.ownerOf(accounts[i]), amountMicro);
    }
    vm.assertTrue(vm.revertToStateAndDelete(snapshotId), "the state is back");
  }

  // -- what forge asks

  function targetContracts() external view returns (address[] memory targets) {
    targets = new address[](1);
    targets[0] = address(this);
  }

  function targetSelectors() external view returns (FuzzSelector[] memory targets) {
    bytes4[21] memory actions = [
      this.deposit.selector,
      this.withdraw.selector,
      this.addMargin.selector,
      this.announceMarginWithdrawal.selector,
      this.withdrawMargin.selector,
      this.gift.selector,
      this.passTime.selector,
      this.welcome.selector,
      this.suspend.selector,
      this.reinstate.selector,
      this.joinEntity.selector,
      this.leaveEntity.selector,
      this.publishDirectory.selector,
      this.clear.selector,
      this.beginClearing.selector,
      this.finishClearing.selector,
      this.publish.selector,
      this.settle.selector,
      this.voidPage.selector,
      this.claimReading.selector,
      this.claimPage.selector
    ];
    targets = new FuzzSelector[](1);
    targets[0].addr = address(this);
    targets[0].selectors = new bytes4[](actions.length + 1);
    for (uint256 i; i < actions.length; ++i) {
      targets[0].selectors[i] = actions[i];
    }
    targets[0].selectors[actions.length] = this.intrude.selector;
  }

  // -- the wheel, and the end

  /// @dev Keeps every run busy, whatever the fuzzer chooses.
  function _keepMoving() internal override {
    if (calls % CALLS_PER_CLEARING == 0) {
      _clearWhole(_anyArea(), 1);
      _claimAny();
    }
    if (calls % CALLS_PER_SETTLEMENT == 0) _settleNew();
    if (calls % CALLS_PER_VOID == 0) _voidNew();
    if (calls % CALLS_PER_VOID == CALLS_PER_VOID / 2) _finishNew();
    if (calls % CALLS_PER_HALF == 0) _settleHalf();
    if (calls % CALLS_PER_HALF == CALLS_PER_HALF / 2) _blockNew();
  }

  function _clearNew() private returns (uint256) {
    while (!_clearWhole(_anyArea(), 1) || deals[deals.length - 1].openParts == 0) { }
    return deals.length - 1;
  }

  function _settleNew() private {
    uint256 id = _clearNew();
    while (deals[id].openParts != 0) {
      _settleAny(id);
    }
  }

  /// @dev An interval of two pages, of which one is paid and the other gets no readings in time.
  function _settleHalf() private {
    bool isOnBothPages;
    while (!isOnBothPages) {
      _clearWhole(_anyArea(), 1);
      isOnBothPages = _isOpen(deals.length - 1, 0) && _isOpen(deals.length - 1, 1);
    }
    uint256 id = deals.length - 1;
    _settleAny(id);
    _voidAny(id);
  }

  /// @dev A rival claims a page's energy before it is settled, so that it can only be given back.
  function _blockNew() private {
    uint256 id = _clearNew();
    _publishFor(id);
    for (uint256 page; page < PAGES; ++page) {
      _claimPage(id, page, ENERGY);
    }
    _settleAny(id);
    _voidAny(id);
  }

  /// @dev A clearing of two steps that ends in time.
  function _finishNew() private {
    while (!_clearFirstStep(_anyArea())) { }
    _finish(deals.length - 1, 1);
  }

  /// @dev A clearing that is not finished in time.
  function _voidNew() private {
    while (!_clearFirstStep(_anyArea())) { }
    uint256 id = deals.length - 1;
    while (deals[id].openParts != 0) {
      _voidAny(id);
    }
  }

  function _closeDown() private {
    while (openDeals.length != 0) {
      _voidAny(openDeals[0]);
    }
    for (uint256 i; i < accounts.length; ++i) {
      _announce(accounts[i], registry.ownerOf(accounts[i]), ghosts[accounts[i]].marginMicro);
    }
    vm.warp(_now() + 2 hours);
    for (uint256 i; i < accounts.length; ++i) {
      address owner = registry.ownerOf(accounts[i]);
      _withdrawMargin(accounts[i], owner);
      _withdraw(accounts[i], owner, ghosts[accounts[i]].freeMicro);
    }
  }
}
