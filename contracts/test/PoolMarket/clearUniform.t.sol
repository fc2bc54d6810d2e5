// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice A clearing at one price: when, by whom, of which statement, against which margins (R9.8, R2.41).
contract ClearUniformTest is PoolFixture {
  // -- success

  function test_TheClearingIsRecorded() public {
    vm.expectEmit(address(pool));
    emit PoolMarket.IntervalCleared(UNIFORM_AREA, INTERVAL, 0, 150_000, 600, 0);
    _submitAll(_trade600());
    PoolLib.Interval memory interval = pool.intervalOf(UNIFORM_AREA, INTERVAL);
    vm.assertEq(uint256(interval.stage), uint256(PoolLib.Stage.Cleared));
    vm.assertEq(interval.steps, 1);
    vm.assertEq(interval.localPrice, 150_000);
    vm.assertEq(interval.clearedWh, 600);
    vm.assertEq(interval.openParts, 1);
    vm.assertEq(interval.escrowMicro, BUYER_RESERVE + SELLER_RESERVE + SUPPLIER_RESERVE);
    vm.assertEq(interval.supplierMicro, int256(SUPPLIER_RESERVE));
  }

  function test_TheWorstCaseIsReserved() public {
    _submitAll(_trade600());
    vm.assertEq(_marginOf(consumerAccount), MARGIN_MICRO - BUYER_RESERVE);
    vm.assertEq(_marginOf(prosumerAccount), MARGIN_MICRO - SELLER_RESERVE);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO - SUPPLIER_RESERVE);
    vm.assertEq(house.escrowMicro(address(pool)), BUYER_RESERVE + SELLER_RESERVE + SUPPLIER_RESERVE);
  }

  function test_ABookWithoutOverlapIsOverAtOnce() public {
    vm.expectEmit(address(pool));
    emit PoolMarket.IntervalCleared(UNIFORM_AREA, INTERVAL, 0, 0, 0, 0);
    _submitAll(
      _book(_order(consumerAccount, 99_999, 1000), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA)
    );
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Settled);
    _assertNothingHeld();
  }

  function test_BooksWithAnEmptySideAreCleared() public {
    _submitAll(_cleared(_orders(_order(consumerAccount, 200_000, 1)), _none(), UNIFORM_AREA, INTERVAL));
    vm.warp(_opensAt(INTERVAL + 1));
    _submitAll(_cleared(_none(), _orders(_order(prosumerAccount, 200_000, 1)), UNIFORM_AREA, INTERVAL + 1));
    vm.warp(_opensAt(INTERVAL + 2));
    _submitAll(_cleared(_none(), _none(), UNIFORM_AREA, INTERVAL + 2));
    vm.assertEq(uint256(pool.intervalOf(UNIFORM_AREA, INTERVAL + 2).stage), uint256(PoolLib.Stage.Settled));
    _assertNothingHeld();
  }

  function test_EqualPricesTrade() public {
    _submitAll(
      _book(_order(consumerAccount, 100_000, 1000), _order(prosumerAccount, 100_000, 1000), UNIFORM_AREA)
    );
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).localPrice, 100_000);
  }

  function test_OrdersAtTheLimitsOfTheBandTrade() public {
    _submitAll(
      _book(_order(consumerAccount, 360_000, 1000), _order(prosumerAccount, 60_000, 1000), UNIFORM_AREA)
    );
    vm.assertEq(pool.intervalOf(UNIFORM_AREA, INTERVAL).clearedWh, 1000);
  }

  function test_TheMarginMayBeSpentToTheLastMicro() public {
    uint24 poor = _poorAccount(BUYER_RESERVE);
    _submitAll(_book(_order(poor, 200_000, 600), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA));
    vm.assertEq(_marginOf(poor), 0);
  }

  /// @dev A supplier reserves only for areas in which it pays for surpluses.
  function test_TheSupplierNeedsNoMarginWithoutSurplusPrice() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.surplusPrice = 0;
    uint16 areaId = _createArea(terms);
    uint24 first = _settleIn(2, areaId);
    uint256 before = _marginOf(supplierAccount);
    _submitAll(_book(_order(first, 200_000, 600), _order(first + 1, 100_000, 600), areaId));
    vm.assertEq(_marginOf(supplierAccount), before);
  }

  // -- when and by whom

  function test_ClearsUntilTheLastSecondOfDelivery() public {
    vm.warp(_endsAt(INTERVAL) - 1);
    _submitAll(_trade600());
    _assertStage(UNIFORM_AREA, PoolLib.Stage.Cleared);
  }

  function test_RevertGiven_GateOpen() public {
    vm.warp(_opensAt(INTERVAL) - 1);
    _expectRefusal(_trade600(), abi.encodeWithSelector(GateOpen.selector, INTERVAL, _opensAt(INTERVAL)));
  }

  function test_RevertGiven_DeliveryOver() public {
    vm.warp(_endsAt(INTERVAL));
    _expectRefusal(_trade600(), abi.encodeWithSelector(DeliveryOver.selector, INTERVAL, _endsAt(INTERVAL)));
  }

  function test_RevertGiven_UnknownArea() public {
    PoolMarket.Outcome memory outcome;
    outcome.areaId = pool.lastArea() + 1;
    _expectRefusal(outcome, "", "", true, abi.encodeWithSelector(UnknownArea.selector, outcome.areaId));
  }

  function test_RevertGiven_AnotherOperator() public {
    bytes32 role = registry.OPERATOR_ROLE();
    _grant(role, outsider);
    PoolMarket.Outcome memory outcome = _trade600().outcome;
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, outsider, role));
    vm.prank(outsider);
    pool.clearUniform(outcome, "", "", true);
  }

  function test_RevertGiven_OperatorRevoked() public {
    bytes32 role = registry.OPERATOR_ROLE();
    vm.prank(admin);
    registry.revokeRole(role, operator);
    _expectRefusal(_trade600(), abi.encodeWithSelector(NotAuthorised.selector, operator, role));
  }

  function test_RevertGiven_MidpointArea() public {
    PoolMarket.Outcome memory outcome = _trade600().outcome;
    outcome.areaId = MIDPOINT_AREA;
    vm.expectRevert(abi.encodeWithSelector(WrongPricing.selector, MIDPOINT_AREA));
    vm.prank(operator);
    pool.clearUniform(outcome, "", "", true);
  }

  function test_RevertGiven_AlreadyCleared() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    _expectRefusal(result, abi.encodeWithSelector(AlreadyCleared.selector, UNIFORM_AREA, INTERVAL));
  }

  function test_RevertGiven_ClearedWithoutTrades() public {
    ReferenceClearing.Result memory result = _cleared(_none(), _none(), UNIFORM_AREA, INTERVAL);
    _submitAll(result);
    _expectRefusal(result, abi.encodeWithSelector(AlreadyCleared.selector, UNIFORM_AREA, INTERVAL));
  }

  function test_RevertGiven_PoolNotAdmitted() public {
    PoolMarket other =
      PoolMarket(vm.deployCode("PoolMarket.sol:PoolMarket", abi.encode(registry, house, ledger)));
    PoolLib.Terms memory terms = _terms(0);
    vm.prank(operator);
    other.createArea(terms, supplierAccount, dsoAccount, fundAccount);
    PoolMarket.Outcome memory outcome = _cleared(_none(), _none(), UNIFORM_AREA, INTERVAL).outcome;
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, address(other)));
    vm.prank(operator);
    other.clearUniform(outcome, "", "", true);
  }

  // -- the statement

  function test_RevertGiven_MarginalPricesCrossed() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.marginalBid = 99_999;
    _expectRefusal(result, abi.encodeWithSelector(MarginalPricesCrossed.selector, 99_999, 100_000));
  }

  function test_RevertGiven_AccountsTurnedRound() public {
    ReferenceClearing.Result memory result = _trade600();
    (result.outcome.firstAccount, result.outcome.lastAccount) = (9, 8);
    _expectRefusal(result, abi.encodeWithSelector(TooManyAccounts.selector, 9, 8));
  }

  function test_RevertGiven_TooManyAccounts() public {
    ReferenceClearing.Result memory result = _trade600();
    (result.outcome.firstAccount, result.outcome.lastAccount) = (1, 16_385);
    _expectRefusal(result, abi.encodeWithSelector(TooManyAccounts.selector, 1, 16_385));
    result.outcome.lastAccount = 16_384;
    _submitAll(result);
  }

  function testFuzz_TheBookRootIsRecorded(bytes32 bookRoot) public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bookRoot = bookRoot;
    vm.warp(_opensAt(INTERVAL));
    vm.expectEmit(address(pool));
    emit PoolMarket.IntervalCleared(UNIFORM_AREA, INTERVAL, 0, 150_000, 600, bookRoot);
    _submitAll(result);
  }

  function test_RevertGiven_MoreFilledThanTheLevelHolds() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bids.filledWh = 1001;
    _expectRefusal(result, abi.encodeWithSelector(InvalidRationing.selector, BID));
    result = _trade600();
    result.outcome.offers.filledWh = 601;
    _expectRefusal(result, abi.encodeWithSelector(InvalidRationing.selector, OFFER));
  }

  function test_RevertGiven_LevelOfAnotherSize() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bids.levelWh = 1001;
    _expectRefusal(result, abi.encodeWithSelector(InvalidRationing.selector, BID));
    result = _trade600();
    result.outcome.offers.levelWh = 601;
    _expectRefusal(result, abi.encodeWithSelector(InvalidRationing.selector, OFFER));
  }

  /// @dev Nobody stands at the declared marginal price, neither just within nor beyond the true one.
  function test_RevertGiven_WrongMarginalPrices() public {
    for (int32 difference = -1; difference <= 1; difference += 2) {
      ReferenceClearing.Result memory result = _trade600();
      result.outcome.marginalBid += difference;
      _expectRefusal(result, abi.encodeWithSelector(InvalidRationing.selector, BID));
      result = _trade600();
      result.outcome.marginalOffer += difference;
      _expectRefusal(result, abi.encodeWithSelector(InvalidRationing.selector, OFFER));
    }
  }

  function test_RevertGiven_VolumesDiffer() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bids.filledWh = 601;
    _expectRefusal(result, abi.encodeWithSelector(VolumesDiffer.selector, 601, 600));
  }

  /// @dev 50 and 50 and 50 bid for 100: remainders are equal, and the lower account gets the Wh left over.
  function test_RevertGiven_AnotherGetsTheLastWh() public {
    uint24 first = _settleIn(3, UNIFORM_AREA);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(first, 200_000, 50), _order(first + 1, 200_000, 50), _order(first + 2, 200_000, 50)),
      _orders(_order(prosumerAccount, 100_000, 100)),
      UNIFORM_AREA,
      INTERVAL
    );
    vm.assertEq(result.outcome.bids.cutRemainder, 50);
    vm.assertEq(result.outcome.bids.cutAccount, first);
    bytes memory refusal = abi.encodeWithSelector(InvalidRationing.selector, BID);
    result.outcome.bids.cutAccount = first + 1;
    _expectRefusal(result, refusal);
    result.outcome.bids.cutAccount = first - 1;
    _expectRefusal(result, refusal);
    (result.outcome.bids.cutAccount, result.outcome.bids.cutRemainder) = (first, 49);
    _expectRefusal(result, refusal);
    result.outcome.bids.cutRemainder = 50;
    _submitAll(result);
  }

  function test_RevertGiven_CrossingOrdersDeclaredUntraded() public {
    ReferenceClearing.Result memory result = _untraded(
      _orders(_order(consumerAccount, 200_000, 1000)),
      _orders(_order(prosumerAccount, 200_000, 600)),
      UNIFORM_AREA
    );
    _expectRefusal(result, abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(200_000)));
  }

  /// @dev Both marginal levels are declared to fill a Wh less than they could.
  function test_RevertGiven_AWhLeftOnBothMargins() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bids.filledWh = 599;
    result.outcome.offers.filledWh = 599;
    _expectRefusal(result, abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(100_000)));
  }

  /// @dev One level is filled, and the next orders of both sides still cross.
  function test_RevertGiven_WorseOrdersStillCross() public {
    uint24 first = _settleIn(2, UNIFORM_AREA);
    ReferenceClearing.Result memory result = _trade600();
    PoolMarket.Outcome memory declared = result.outcome;
    result = _cleared(
      _orders(_order(consumerAccount, 200_000, 1000), _order(first, 190_000, 100)),
      _orders(_order(prosumerAccount, 100_000, 600), _order(first + 1, 150_000, 700)),
      UNIFORM_AREA,
      INTERVAL
    );
    (declared.firstAccount, declared.lastAccount) = (prosumerAccount, first + 1);
    result.outcome = declared;
    _expectRefusal(result, abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(150_000)));
  }

  // -- the money

  function test_RevertGiven_BuyerWithoutMargin() public {
    uint24 poor = _poorAccount(BUYER_RESERVE - 1);
    ReferenceClearing.Result memory result =
      _book(_order(poor, 200_000, 600), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA);
    _expectRefusal(
      result, abi.encodeWithSelector(InsufficientMargin.selector, poor, BUYER_RESERVE - 1, BUYER_RESERVE)
    );
  }

  function test_RevertGiven_SellerWithoutMargin() public {
    uint24 poor = _poorAccount(SELLER_RESERVE - 1);
    ReferenceClearing.Result memory result =
      _book(_order(consumerAccount, 200_000, 600), _order(poor, 100_000, 600), UNIFORM_AREA);
    _expectRefusal(
      result, abi.encodeWithSelector(InsufficientMargin.selector, poor, SELLER_RESERVE - 1, SELLER_RESERVE)
    );
  }

  /// @dev 2,000,001 kWh at 50,000 micro are 50 micro more than the supplier has.
  function test_RevertGiven_SupplierWithoutMargin() public {
    _fundMargin(consumer, 1_000_000_000_000);
    _fundMargin(prosumer, 1_000_000_000_000);
    ReferenceClearing.Result memory result = _book(
      _order(consumerAccount, 200_000, 2_000_001_000),
      _order(prosumerAccount, 100_000, 2_000_001_000),
      UNIFORM_AREA
    );
    _expectRefusal(
      result,
      abi.encodeWithSelector(
        InsufficientMargin.selector, supplierAccount, MARGIN_MICRO, uint256(2_000_001) * 50_000
      )
    );
  }

  function test_RevertGiven_MarginOfAnotherMarket() public {
    uint24 poor = _poorAccount(0);
    _fundFree(_resident(poor), BUYER_RESERVE);
    ReferenceClearing.Result memory result =
      _book(_order(poor, 200_000, 600), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA);
    _expectRefusal(result, abi.encodeWithSelector(InsufficientMargin.selector, poor, 0, BUYER_RESERVE));
  }

  /// @dev 32 offers of 2³² − 1 Wh at the highest shortfall price there is exceed what a posting can hold.
  function test_RevertGiven_ReserveBeyondAPosting() public {
    PoolLib.Terms memory terms = _terms(0);
    (terms.upstreamPrice, terms.penaltyPermille) = (type(int32).max, type(uint16).max);
    uint16 areaId = _createArea(terms);
    uint24 first = _settleIn(2, areaId);
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](32);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](32);
    for (uint8 i; i < 32; ++i) {
      bids[i] = ReferenceClearing.Order(first, 60_000, type(uint32).max, i);
      offers[i] = ReferenceClearing.Order(first + 1, 60_000, type(uint32).max, i);
    }
    uint256 energyWh = 32 * uint256(type(uint32).max);
    uint256 shortfallPrice = (uint256(65_535) * 2_147_483_647 + 999) / 1000;
    uint256 reserve = (energyWh * shortfallPrice + 999) / 1000 - energyWh * 60_000 / 1000;
    _expectRefusal(
      _cleared(bids, offers, areaId, INTERVAL),
      abi.encodeWithSelector(AmountTooLarge.selector, first + 1, reserve)
    );
  }

  function test_ARefusedClearingLeavesNothingBehind() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bids.filledWh = 599;
    result.outcome.offers.filledWh = 599;
    _expectRefusal(result, abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(100_000)));
    _assertStage(UNIFORM_AREA, PoolLib.Stage.None);
    _assertNothingHeld();
    _submitAll(_trade600());
  }

  // -- people and books of these tests

  function _poorAccount(uint256 marginMicro) private returns (uint24 account) {
    address poor = _resident(registry.lastAccount() + 1);
    account = _register(poor);
    _enrol(account, UNIFORM_AREA);
    if (marginMicro != 0) _fundMargin(poor, marginMicro);
  }
}
