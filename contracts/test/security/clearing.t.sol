// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { PoolFixture } from "../pool/PoolFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Trades of a member with itself neither tie up the supplier nor earn anything: a member is on one side.
contract OneSideTest is PoolFixture {
  function test_APennilessMemberCannotStopTheMarket_Uniform() public {
    _penniless(AREA);
  }

  function test_APennilessMemberCannotStopTheMarket_Midpoint() public {
    _penniless(OTHER_AREA);
  }

  function test_APennilessMemberCannotStopTheMarket_Marginal() public {
    _penniless(MARGINAL_AREA);
  }

  /// @dev A member without margin bids and offers 500 MWh: refused by name, and the market goes on without it.
  function _penniless(uint16 areaId) private {
    uint16 griefer = _enter(_resident(1000), areaId);
    uint16 buyer = _join(1001, areaId);
    uint16 seller = _join(1002, areaId);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(griefer, 360_000, 500_000_000), _order(buyer, 200_000, 1000)),
      _orders(_order(griefer, 60_000, 500_000_000), _order(seller, 100_000, 1000)),
      areaId,
      INTERVAL
    );
    _expectRefusal(result, abi.encodeWithSelector(OnBothSides.selector, griefer));
    vm.assertEq(_marginOf(areaId, SUPPLIER), MARGIN_MICRO);
    vm.assertTrue(_clears(_book(_order(buyer, 200_000, 1000), _order(seller, 100_000, 1000), areaId)));
  }

  function test_AMiddlemanWithoutEnergyCannotEarn() public {
    uint16 buyer = _join(1001, OTHER_AREA);
    uint16 seller = _join(1002, OTHER_AREA);
    uint16 middleman = _join(1003, OTHER_AREA);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(buyer, 300_000, 1000), _order(middleman, 301_000, 1000)),
      _orders(_order(seller, 100_000, 1000), _order(middleman, 300_000, 1000)),
      OTHER_AREA,
      INTERVAL
    );
    _expectRefusal(result, abi.encodeWithSelector(OnBothSides.selector, middleman));
  }

  /// @dev The middleman refused, buyer and seller meet at their midpoint.
  function test_TheBuyerPaysWhatItWouldWithoutAMiddleman() public {
    uint16 buyer = _join(1001, OTHER_AREA);
    uint16 seller = _join(1002, OTHER_AREA);
    _trade(_book(_order(buyer, 300_000, 1000), _order(seller, 100_000, 1000), OTHER_AREA));
    vm.assertEq(_marginOf(OTHER_AREA, buyer), MARGIN_MICRO - 200_000 - 20_000);
    vm.assertEq(_marginOf(OTHER_AREA, seller), MARGIN_MICRO + 200_000);
  }

  /// @dev Two members of one owner: the buying one consumes nothing, the selling one delivers nothing.
  function test_TwoMembersOfOneOwnerCannotEarnTogether() public {
    uint16 buying = _join(1001, OTHER_AREA);
    uint16 selling = _join(1002, OTHER_AREA);
    uint16 buyer = _join(1003, OTHER_AREA);
    uint16 seller = _join(1004, OTHER_AREA);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(buyer, 300_000, 1000), _order(buying, 301_000, 1000)),
      _orders(_order(seller, 100_000, 1000), _order(selling, 300_000, 1000)),
      OTHER_AREA,
      INTERVAL
    );
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory readings = new uint256[](4);
    readings[0] = Readings.reading(buying, 0, 0);
    readings[1] = Readings.reading(selling, 0, 0);
    readings[2] = Readings.reading(buyer, 1000, 0);
    readings[3] = Readings.reading(seller, 0, 1000);
    _settleAll(result, _publish(OTHER_AREA, INTERVAL, readings));
    vm.assertLe(_marginOf(OTHER_AREA, buying) + _marginOf(OTHER_AREA, selling), 2 * MARGIN_MICRO);
  }

  /// @dev A bid in the first step, an offer in the second.
  function test_AMemberIsOnOneSideOverAllSteps() public {
    uint16 member = _join(1001, AREA);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(member, 300_000, 500), _order(CONSUMER, 200_000, 500)),
      _orders(_order(PROSUMER, 100_000, 400), _order(member, 110_000, 600)),
      AREA,
      INTERVAL
    );
    _step(result, 0, 1, 0, 1, false);
    bytes memory bids = _pack(AREA, INTERVAL, BID, result.bids, 1, 2);
    bytes memory offers = _pack(AREA, INTERVAL, OFFER, result.offers, 1, 2);
    uint256[][] memory prior = _priorOf(result, 1, 1);
    vm.expectRevert(abi.encodeWithSelector(OnBothSides.selector, member));
    vm.prank(operator);
    pool.clear(result.outcome, bids, offers, prior, true);
  }

  /// @dev An order that is left counts too, and is remembered from step to step.
  function test_AMemberWithAnOrderLeftIsOnOneSideOverAllSteps() public {
    uint16 member = _join(1001, AREA);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 300_000, 500), _order(member, 70_000, 500)),
      _orders(_order(PROSUMER, 80_000, 400), _order(member, 90_000, 600)),
      AREA,
      INTERVAL
    );
    _step(result, 0, 2, 0, 1, false);
    bytes memory offers = _pack(AREA, INTERVAL, OFFER, result.offers, 1, 2);
    uint256[][] memory prior = _priorOf(result, 2, 1);
    vm.expectRevert(abi.encodeWithSelector(OnBothSides.selector, member));
    vm.prank(operator);
    pool.clear(result.outcome, "", offers, prior, true);
  }

  /// @dev An entity signs for its member: it cannot move the member's margin to itself.
  function test_AnEntityCannotEmptyItsMembersMargin() public {
    address entity = _actor("entity");
    uint16 own = _join(1001, OTHER_AREA);
    address owner = _ownerOf(OTHER_AREA, own);
    uint16 member = _join(1005, OTHER_AREA);
    (uint24 entityAccount, uint24 account) =
      (registry.accountOf(owner), registry.accountOf(_ownerOf(OTHER_AREA, member)));
    entity = owner;
    vm.prank(admin);
    registry.setEntity(entityAccount, true);
    vm.warp(START);
    vm.prank(_ownerOf(OTHER_AREA, member));
    registry.requestEntity(entityAccount);
    vm.prank(entity);
    registry.admitMember(account);
    vm.warp(_closesAt(INTERVAL));
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(own, 360_000, 500_000_000), _order(member, 360_000, 500_000_000)),
      _orders(_order(member, 60_000, 500_000_000), _order(own, 360_000, 500_000_000)),
      OTHER_AREA,
      INTERVAL
    );
    vm.assertFalse(_clears(result));
  }
}

/// @notice Once step 1 of a clearing is in, no single account can make the rest of it impossible.
contract UnstoppableClearingTest is PoolFixture {
  uint16 private griefer;
  address private owner;

  function setUp() public override {
    super.setUp();
    griefer = _join(1000, AREA);
    owner = _ownerOf(AREA, griefer);
    vm.warp(START);
  }

  function _book3() private view returns (ReferenceClearing.Result memory) {
    return _cleared(
      _orders(_order(CONSUMER, 300_000, 500), _order(griefer, 200_000, 500)),
      _orders(_order(PROSUMER, 100_000, 1000)),
      AREA,
      INTERVAL
    );
  }

  /// @dev The second of two steps; or, should it fail, another attempt without the griefer.
  function _finishes(ReferenceClearing.Result memory result, bytes memory bids, bytes memory offers)
    private
    returns (bool)
  {
    uint256[][] memory prior = _priorOf(result, 1, 0);
    vm.prank(operator);
    try pool.clear(result.outcome, bids, offers, prior, true) {
      return true;
    } catch { }
    vm.prank(operator);
    pool.abandon(AREA, INTERVAL);
    pool.returnPage(AREA, INTERVAL, 0, 0, prior[0]);
    _assertNothingHeld();
    return _clears(_book(_order(CONSUMER, 300_000, 500), _order(PROSUMER, 100_000, 1000), AREA));
  }

  function _firstStep()
    private
    returns (ReferenceClearing.Result memory result, bytes memory bids, bytes memory offers)
  {
    vm.warp(_closesAt(INTERVAL));
    result = _book3();
    bids = _pack(AREA, INTERVAL, BID, result.bids, 1, 2);
    offers = _pack(AREA, INTERVAL, OFFER, result.offers, 0, 1);
    _step(result, 0, 1, 0, 0, false);
  }

  function test_TheSameStepsFinish() public {
    (ReferenceClearing.Result memory result, bytes memory bids, bytes memory offers) = _firstStep();
    vm.assertTrue(_finishes(result, bids, offers));
  }

  function test_AMemberThatAsksAnEntityBetweenStepsStopsNothing() public {
    address community = _join(1001, AREA) == 0 ? address(0) : _resident(1001);
    uint24 communityAccount = registry.accountOf(community);
    vm.prank(admin);
    registry.setEntity(communityAccount, true);
    (ReferenceClearing.Result memory result, bytes memory bids, bytes memory offers) = _firstStep();
    uint24 account = registry.accountOf(owner);
    vm.prank(owner);
    registry.requestEntity(communityAccount);
    vm.prank(community);
    registry.admitMember(account);
    vm.assertTrue(_finishes(result, bids, offers));
    vm.assertEq(uint256(_interval(AREA).attempt), 0);
  }

  function test_ASuspensionBetweenStepsStopsNothing() public {
    (ReferenceClearing.Result memory result, bytes memory bids, bytes memory offers) = _firstStep();
    uint24 account = registry.accountOf(owner);
    vm.prank(registrar);
    registry.suspend(account);
    vm.assertTrue(_finishes(result, bids, offers));
  }

  function test_AMemberCannotTakeAnnouncedMarginBetweenSteps() public {
    vm.warp(_closesAt(INTERVAL) - 2 hours);
    vm.prank(owner);
    house.announceMarginWithdrawal(address(pool), _seat(AREA, griefer), MARGIN_MICRO);
    (ReferenceClearing.Result memory result, bytes memory bids, bytes memory offers) = _firstStep();
    vm.prank(owner);
    house.withdrawMargin(address(pool), _seat(AREA, griefer));
    vm.assertTrue(_finishes(result, bids, offers));
  }

  /// @dev Its reserve is held by the first step.
  function test_TheSupplierCannotTakeAnnouncedMarginBetweenSteps() public {
    vm.warp(_closesAt(INTERVAL) - 2 hours + 1);
    vm.prank(supplier);
    house.announceMarginWithdrawal(address(pool), _seat(AREA, SUPPLIER), MARGIN_MICRO);
    (ReferenceClearing.Result memory result, bytes memory bids, bytes memory offers) = _firstStep();
    vm.warp(_closesAt(INTERVAL) + 1);
    vm.prank(supplier);
    house.withdrawMargin(address(pool), _seat(AREA, SUPPLIER));
    vm.assertTrue(_finishes(result, bids, offers));
  }

  /// @dev The gate closed before the notice falls due, so the margin counts and stays until the interval is cleared.
  function test_AnOrderBindsUntilItsClearing() public {
    vm.warp(_closesAt(INTERVAL) - 1 hours);
    vm.prank(owner);
    house.announceMarginWithdrawal(address(pool), _seat(AREA, griefer), MARGIN_MICRO);
    vm.warp(_closesAt(INTERVAL));
    ReferenceClearing.Result memory result = _book3();
    vm.expectRevert();
    vm.prank(owner);
    house.withdrawMargin(address(pool), _seat(AREA, griefer));
    vm.assertTrue(_clears(result));
  }

  function test_ASupplierWithoutMarginDoesNotStopTheMarket() public {
    vm.prank(supplier);
    house.announceMarginWithdrawal(address(pool), _seat(AREA, SUPPLIER), MARGIN_MICRO);
    vm.warp(START + 2 hours);
    vm.prank(supplier);
    house.withdrawMargin(address(pool), _seat(AREA, SUPPLIER));
    vm.warp(_closesAt(INTERVAL));
    vm.assertTrue(_clears(_trade600()));
    vm.assertFalse(_interval(AREA).isSupplied);
    _assertStage(AREA, PoolLib.Stage.Cleared);
  }

  /// @dev What a supplier agreed to under one operator binds it to no other.
  function test_AnotherOperatorDoesNotInheritTheSuppliersConsent() public {
    address next = _actor("next operator");
    _grant(registry.OPERATOR_ROLE(), next);
    vm.prank(operator);
    areas.nameOperator(AREA, next);
    vm.prank(next);
    areas.acceptOperation(AREA);
    vm.warp(_closesAt(INTERVAL));
    operator = next;
    vm.assertTrue(_clears(_trade600()));
    vm.assertFalse(_interval(AREA).isSupplied);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
  }
}

/// @notice The cost of a clearing is the area's own.
/// forge-config: default.isolate = true
contract ClearingCostTest is PoolFixture {
  uint256 private constant LIMIT = 10_000_000;

  function _gasOfTrade(uint16 buyer, uint16 seller) private returns (uint256) {
    ReferenceClearing.Result memory result =
      _book(_order(buyer, 200_000, 1000), _order(seller, 100_000, 600), AREA);
    _submitAll(result);
    return vm.snapshotGasLastCall("PoolLimits", "clearOneTradeApart");
  }

  /// @dev The most that two numbers of one area can be apart, of members of whom no directory tells. Each change of the
  /// fund is a new member.
  function test_ATradeAcrossAWholeAreaFitsATransaction() public {
    for (uint256 i; i < 4089; ++i) {
      vm.prank(operator);
      areas.changeFund(AREA, fundAccount);
    }
    uint16 last = _join(4095, AREA);
    vm.assertEq(uint256(last), 4095);
    vm.assertLe(_gasOfTrade(CONSUMER, last), 1_500_000, "gas of one trade between members 4,090 apart");
  }

  /// @dev The same book of 512 members in an area whose accounts are the first on the chain, and in one whose accounts come
  /// after 100,000 others: no gas differs.
  function test_TheCostOfAnAreaIsItsOwnAmong100000Accounts() public {
    uint256 snapshotId = vm.snapshotState();
    (uint256 cleared, uint256 settled) = _gasOf512Members();
    vm.revertToStateAndDelete(snapshotId);
    vm.store(address(registry), bytes32(uint256(1)), bytes32(_withAccounts(100_000)));
    vm.assertEq(uint256(registry.lastAccount()), 100_000);
    (uint256 clearedThere, uint256 settledThere) = _gasOf512Members();
    vm.assertEq(uint256(registry.lastAccount()), 100_512);
    // A digit more in a signature's calldata may be zero or not: 12 gas a byte, and no more than a percent.
    vm.assertLe(clearedThere, cleared + cleared / 100, "gas of the clearing");
    vm.assertLe(cleared, clearedThere + cleared / 100, "gas of the clearing");
    vm.assertLe(settledThere, settled + settled / 100, "gas of the settlement");
    vm.assertLe(settled, settledThere + settled / 100, "gas of the settlement");
  }

  /// @dev The word that has the number of the last account besides others.
  function _withAccounts(uint256 count) private view returns (uint256 word) {
    word = uint256(vm.load(address(registry), bytes32(uint256(1))));
    uint256 shift = 0;
    while (word >> shift & type(uint24).max != registry.lastAccount()) {
      shift += 8;
    }
    word = (word & ~(uint256(type(uint24).max) << shift)) | count << shift;
  }

  function _gasOf512Members() private returns (uint256 cleared, uint256 settled) {
    uint16 first = _settleIn(512, AREA);
    _publishDirectories(AREA);
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](64);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](64);
    for (uint16 i; i < 64; ++i) {
      bids[i] = _order(first + 8 * i, int32(int16(i)) + 300_000, 100 + i);
      offers[i] = _order(first + 8 * i + 4, int32(int16(i)) + 100_000, 100 + i);
    }
    ReferenceClearing.Result memory result = _cleared(bids, offers, AREA, INTERVAL);
    _submitAll(result);
    cleared = vm.snapshotGasLastCall("PoolLimits", "clear128Of512Members");
    vm.warp(_endsAt(INTERVAL));
    _settlePage(result, _publishExact(result), 0);
    settled = vm.snapshotGasLastCall("PoolLimits", "settlePageOf512Members");
  }

  /// @dev 128 traded orders with the directory of their area; then after four members changed their signer.
  function test_AMemberCannotRaiseTheCostOfAClearing() public {
    uint16 first = _settleIn(128, AREA);
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](64);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](64);
    for (uint16 i; i < 64; ++i) {
      bids[i] = _order(first + 2 * i, int32(int16(i)) + 300_000, 100 + i);
      offers[i] = _order(first + 2 * i + 1, int32(int16(i)) + 100_000, 100 + i);
    }
    ReferenceClearing.Result memory result = _cleared(bids, offers, AREA, INTERVAL);
    _publishDirectories(AREA);
    (bytes memory packedBids, bytes memory packedOffers) = (_packBids(result), _packOffers(result));
    uint256 snapshotId = vm.snapshotState();
    _submit(result.outcome, packedBids, packedOffers, new uint256[][](0), true);
    uint256 cheap = vm.snapshotGasLastCall("PoolLimits", "clear128Fresh");
    vm.revertToStateAndDelete(snapshotId);
    for (uint16 i; i < 4; ++i) {
      address owner = _ownerOf(AREA, first + i);
      vm.prank(owner);
      registry.setAgent(_actor(string.concat("agent ", vm.toString(uint256(i)))));
    }
    _submit(result.outcome, packedBids, packedOffers, new uint256[][](0), true);
    uint256 dear = vm.snapshotGasLastCall("PoolLimits", "clear128FourStale");
    // A look-up, and the order recovered once more.
    vm.assertLe(dear, cheap + 4 * 20_000, "gas after four members changed their signer");
  }
}
