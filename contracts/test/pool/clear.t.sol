// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

contract ClearTest is PoolFixture {
  event IntervalCleared(
    uint16 indexed areaId,
    uint32 indexed intervalId,
    uint8 attempt,
    uint16 terms,
    int32 localPrice,
    uint32 clearedWh,
    bytes32 bookRoot
  );

  function test_ATradeReservesTheWorstCaseOfEverybody() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bookRoot = keccak256("book");
    vm.expectEmit(address(pool));
    emit IntervalCleared(AREA, INTERVAL, 0, 1, 150_000, 600, keccak256("book"));
    _submitAll(result);
    PoolLib.Interval memory interval = _interval(AREA);
    _assertStage(AREA, PoolLib.Stage.Cleared);
    vm.assertTrue(interval.isSupplied);
    vm.assertEq(uint256(interval.openPages), 1);
    vm.assertEq(uint256(interval.escrowMicro), BUYER_RESERVE + SELLER_RESERVE + SUPPLIER_RESERVE);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - BUYER_RESERVE);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO - SELLER_RESERVE);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO - SUPPLIER_RESERVE);
    vm.assertTrue(
      pool.positionsHashOf(AREA, INTERVAL, 0, 0)
        == keccak256(abi.encodePacked(ReferenceClearing.positionsOf(result, 0))) >> 40 << 40
    );
  }

  function test_NothingTraded_IsUntraded() public {
    ReferenceClearing.Result memory result =
      _book(_order(CONSUMER, 90_000, 1000), _order(PROSUMER, 100_000, 600), AREA);
    _submitAll(result);
    _assertStage(AREA, PoolLib.Stage.Untraded);
    _expectRefusal(result, abi.encodeWithSelector(AlreadyCleared.selector, AREA, INTERVAL));
  }

  // -- marginal pricing

  function test_Marginal_TheLimitOfTheBidThatIsFilledInPart() public {
    (uint16 buyer, uint16 seller) = (_join(1, MARGINAL_AREA), _join(2, MARGINAL_AREA));
    _submitAll(_book(_order(buyer, 200_000, 1000), _order(seller, 100_000, 600), MARGINAL_AREA));
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), 200_000);
  }

  function test_Marginal_TheLimitOfTheOfferThatIsFilledInPart() public {
    (uint16 buyer, uint16 seller) = (_join(1, MARGINAL_AREA), _join(2, MARGINAL_AREA));
    _submitAll(_book(_order(buyer, 200_000, 600), _order(seller, 100_000, 1000), MARGINAL_AREA));
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), 100_000);
  }

  function test_Marginal_TheMidpointWhereBothAreFilledWhole() public {
    (uint16 buyer, uint16 seller) = (_join(1, MARGINAL_AREA), _join(2, MARGINAL_AREA));
    _submitAll(_book(_order(buyer, 200_001, 600), _order(seller, 100_000, 600), MARGINAL_AREA));
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), 150_000);
  }

  /// @dev The midpoint is 140_000. The bid at 190_000 is left out whole, and would buy more below its limit.
  function test_Marginal_TheLimitOfABidThatIsLeftOut() public {
    _submitAll(_leftOut(200_000, 190_000, 80_000, 350_000));
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), 190_000);
  }

  function test_Marginal_TheLimitOfAnOfferThatIsLeftOut() public {
    _submitAll(_leftOut(200_000, 60_000, 80_000, 90_000));
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), 90_000);
  }

  function test_RevertGiven_APriceThatABidLeftOutWouldBuyAt() public {
    ReferenceClearing.Result memory result = _leftOut(200_000, 190_000, 80_000, 350_000);
    result.outcome.localPrice = 189_999;
    _expectRefusal(
      result, abi.encodeWithSelector(LocalPriceDiffers.selector, int32(189_999), int256(190_000))
    );
  }

  function test_RevertGiven_APriceThatAnOfferLeftOutWouldSellAt() public {
    ReferenceClearing.Result memory result = _leftOut(200_000, 60_000, 80_000, 90_000);
    result.outcome.localPrice = 90_001;
    _expectRefusal(result, abi.encodeWithSelector(LocalPriceDiffers.selector, int32(90_001), int256(90_000)));
  }

  /// @dev Any two sides of two orders, and any price declared: what the reference says passes, and nothing else.
  function testFuzz_Marginal_OnlyTheReferencesPrice(uint256 seed, int32 declared) public {
    int32[4] memory prices;
    uint32[4] memory energiesWh;
    for (uint256 i; i < 4; ++i) {
      uint256 draw = uint256(keccak256(abi.encode(seed, i)));
      prices[i] = int32(int256(100_000 + 10_000 * (draw % 8)));
      energiesWh[i] = uint32(100 * (1 + (draw >> 128) % 3));
    }
    ReferenceClearing.Result memory result = _fourOrders(prices, energiesWh);
    int32 price = result.outcome.localPrice;
    result.outcome.localPrice = int32(int256(100_000 + (uint256(uint32(declared)) % 16) * 5000));
    bool isRight = result.clearedWh == 0 || result.outcome.localPrice == price;
    uint256 snapshotId = vm.snapshotState();
    vm.assertTrue(_clears(result) == isRight);
    vm.revertToStateAndDelete(snapshotId);
    result.outcome.localPrice = price;
    _submitAll(result);
    vm.assertEq(int256(_interval(MARGINAL_AREA).localPrice), int256(price));
  }

  function _leftOut(int32 bid, int32 bidLeft, int32 offer, int32 offerLeft)
    private
    returns (ReferenceClearing.Result memory)
  {
    return _fourOrders([bid, bidLeft, offer, offerLeft], [uint32(600), 500, 600, 500]);
  }

  function _fourOrders(int32[4] memory prices, uint32[4] memory energiesWh)
    private
    returns (ReferenceClearing.Result memory)
  {
    uint16 first = _settleIn(4, MARGINAL_AREA);
    return _cleared(
      _orders(_order(first, prices[0], energiesWh[0]), _order(first + 1, prices[1], energiesWh[1])),
      _orders(_order(first + 2, prices[2], energiesWh[2]), _order(first + 3, prices[3], energiesWh[3])),
      MARGINAL_AREA,
      INTERVAL
    );
  }

  /// @dev Both in part would leave a bid and an offer that can still trade.
  function test_RevertGiven_BothSidesInPart() public {
    (uint16 buyer, uint16 seller) = (_join(1, MARGINAL_AREA), _join(2, MARGINAL_AREA));
    ReferenceClearing.Result memory result =
      _book(_order(buyer, 200_000, 1000), _order(seller, 100_000, 1000), MARGINAL_AREA);
    (result.outcome.bids.filledQuantity, result.outcome.offers.filledQuantity) = (600, 600);
    (result.outcome.bids.cutRemainder, result.outcome.offers.cutRemainder) = (1000, 1000);
    result.outcome.clearedWh = 600;
    _expectRefusal(result, abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(100_000)));
  }

  // -- who, when

  function test_RevertGiven_AnotherCaller() public {
    ReferenceClearing.Result memory result = _trade600();
    (bytes memory bids, bytes memory offers) = (_packBids(result), _packOffers(result));
    vm.expectRevert(abi.encodeWithSelector(NotOperator.selector, outsider, AREA));
    vm.prank(outsider);
    pool.clear(result.outcome, bids, offers, new uint256[][](0), true);
  }

  function test_RevertGiven_TheGateIsOpen() public {
    vm.warp(_closesAt(INTERVAL) - 1);
    _expectRefusal(_trade600(), abi.encodeWithSelector(GateOpen.selector, INTERVAL, _closesAt(INTERVAL)));
  }

  function test_RevertGiven_DeliveryBegan() public {
    uint256 startsAt = uint256(INTERVAL) * INTERVAL_SECONDS;
    vm.warp(startsAt);
    _expectRefusal(_trade600(), abi.encodeWithSelector(DeliveryBegun.selector, INTERVAL, startsAt));
  }

  function test_RevertGiven_NoTerms() public {
    uint16 areaId = _openArea(gateway);
    ReferenceClearing.Result memory result = _trade600();
    (bytes memory bids, bytes memory offers) = (_packBids(result), _packOffers(result));
    result.outcome.areaId = areaId;
    _expectRefusal(result.outcome, bids, offers, abi.encodeWithSelector(UnknownTerms.selector, areaId, 0));
  }

  // -- orders

  function test_RevertGiven_AnothersSignature() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bids = _signedBy(outsider, AREA, INTERVAL, BID, result.bids[0]);
    _expectRefusal(
      result.outcome,
      bids,
      _packOffers(result),
      abi.encodeWithSelector(InvalidSignature.selector, CONSUMER, BID, 0)
    );
  }

  function test_RevertGiven_AnOrderOfAnotherInterval() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bids = _signedBy(consumer, AREA, INTERVAL + 1, BID, result.bids[0]);
    _expectRefusal(
      result.outcome,
      bids,
      _packOffers(result),
      abi.encodeWithSelector(InvalidSignature.selector, CONSUMER, BID, 0)
    );
  }

  function test_RevertGiven_TheSameOrderTwice() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bids = _packBids(result);
    _expectRefusal(
      result.outcome,
      bytes.concat(bids, bids),
      _packOffers(result),
      abi.encodeWithSelector(OutOfOrder.selector, BID, 1)
    );
  }

  function test_RevertGiven_OrdersCutShort() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bids = bytes.concat(_packBids(result), hex"00");
    _expectRefusal(
      result.outcome,
      bids,
      _packOffers(result),
      abi.encodeWithSelector(MalformedOrders.selector, ORDER_BYTES + 1)
    );
  }

  function test_RevertGiven_ASequenceTooHigh() public {
    ReferenceClearing.Order memory order = ReferenceClearing.Order(CONSUMER, 200_000, 1000, 16);
    _expectRefusal(
      _book(order, _order(PROSUMER, 100_000, 600), AREA),
      abi.encodeWithSelector(TooManyOrders.selector, CONSUMER)
    );
  }

  function test_RevertGiven_NoEnergy() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 200_000, 600), _order(CONSUMER, 190_000, 0)),
      _orders(_order(PROSUMER, 100_000, 600)),
      AREA,
      INTERVAL
    );
    _expectRefusal(result, abi.encodeWithSelector(ZeroQuantity.selector, CONSUMER));
  }

  function test_RevertGiven_AMemberWithoutAMeter() public {
    ReferenceClearing.Result memory result =
      _book(_order(DSO, 200_000, 600), _order(PROSUMER, 100_000, 600), AREA);
    bytes memory bids = _signedBy(dso, AREA, INTERVAL, BID, result.bids[0]);
    _expectRefusal(
      result.outcome, bids, _packOffers(result), abi.encodeWithSelector(NotTradable.selector, DSO)
    );
  }

  function test_RevertGiven_AMemberOutsideTheRange() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.lastMember = PROSUMER;
    _expectRefusal(result, abi.encodeWithSelector(MemberOutsideRange.selector, CONSUMER));
    (result.outcome.firstMember, result.outcome.lastMember) = (CONSUMER, CONSUMER);
    _expectRefusal(result, abi.encodeWithSelector(MemberOutsideRange.selector, PROSUMER));
  }

  function test_RevertGiven_ALimitOutsideTheBand() public {
    _expectRefusal(
      _book(_order(CONSUMER, 200_000, 600), _order(PROSUMER, 59_999, 600), AREA),
      abi.encodeWithSelector(MarginalPriceOutsideBand.selector, int32(200_000), int32(59_999))
    );
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 360_001, 100), _order(CONSUMER, 200_000, 500)),
      _orders(_order(PROSUMER, 100_000, 600)),
      AREA,
      INTERVAL
    );
    _expectRefusal(result, abi.encodeWithSelector(OutsidePriceBand.selector, CONSUMER, int32(360_001)));
  }

  /// @dev 10 kW over a quarter of an hour are 2,500 Wh, from a directory as from a look-up.
  function test_NoPositionIsAboveTheConnectionsCapacity() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 200_000, 2000), _order(CONSUMER, 190_000, 501)),
      _orders(_order(_join(1, AREA), 100_000, 2501)),
      AREA,
      INTERVAL
    );
    bytes memory refusal = abi.encodeWithSelector(AboveCapacity.selector, CONSUMER, 2501, CAPACITY_W);
    _expectRefusal(result, refusal);
    areas.publishDirectory(AREA, 0);
    _expectRefusal(result, refusal);
    result.bids[1].energyWh = 500;
    _submitAll(_cleared(result.bids, result.offers, AREA, INTERVAL));
  }

  function test_AnAgentSignsAfterItsNotice() public {
    address agent = _actor("agent");
    vm.warp(START);
    vm.prank(consumer);
    registry.setAgent(agent);
    vm.warp(_closesAt(INTERVAL));
    ReferenceClearing.Result memory result = _trade600();
    bytes memory byOwner = _signedBy(consumer, AREA, INTERVAL, BID, result.bids[0]);
    _expectRefusal(
      result.outcome,
      byOwner,
      _packOffers(result),
      abi.encodeWithSelector(InvalidSignature.selector, CONSUMER, BID, 0)
    );
    bytes memory byAgent = _signedBy(agent, AREA, INTERVAL, BID, result.bids[0]);
    _submit(result.outcome, byAgent, _packOffers(result), new uint256[][](0), true);
  }

  // -- money

  function test_RevertGiven_MarginsFallShort_AllAreNamed() public {
    uint16 buyer = _enter(_resident(1), AREA);
    uint16 seller = _enter(_resident(2), AREA);
    uint32[] memory seats = new uint32[](2);
    (seats[0], seats[1]) = (_seat(AREA, buyer), _seat(AREA, seller));
    _expectRefusal(
      _book(_order(buyer, 200_000, 600), _order(seller, 100_000, 600), AREA),
      abi.encodeWithSelector(MarginsFallShort.selector, address(pool), seats)
    );
  }

  function test_AnUnsuppliedIntervalPaysNothingForASurplus() public {
    vm.prank(supplier);
    pool.withdrawSupply(AREA, 1);
    uint32 later = INTERVAL + 97;
    vm.warp(_closesAt(later));
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 200_000, 600)), _orders(_order(PROSUMER, 100_000, 600)), AREA, later
    );
    _submitAll(result);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    vm.assertFalse(pool.intervalOf(AREA, later).isSupplied);
    vm.warp(_endsAt(later));
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(PROSUMER, 0, 600);
    readings[1] = Readings.reading(CONSUMER, 0, 0);
    _settleAll(result, _publish(AREA, later, readings));
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 600 * 150);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
    _assertNothingHeld();
  }

  // -- what is declared

  function test_RevertGiven_AnotherVolume() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.clearedWh = 599;
    _expectRefusal(result, abi.encodeWithSelector(VolumesDiffer.selector, 600, 600, 599));
  }

  function test_RevertGiven_WelfareLeft() public {
    ReferenceClearing.Result memory result = _trade600();
    delete result.outcome.bids;
    delete result.outcome.offers;
    delete result.outcome.clearedWh;
    _expectRefusal(result, abi.encodeWithSelector(NotMaximal.selector, int256(200_000), int256(100_000)));
  }

  function test_RevertGiven_ALevelThatIsNotThere() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.bids.levelQuantity += 1;
    _expectRefusal(result, abi.encodeWithSelector(InvalidRationing.selector, BID));
  }

  function test_RevertGiven_ALocalPriceOutsideThePair() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.localPrice = 200_001;
    _expectRefusal(
      result,
      abi.encodeWithSelector(LocalPriceOutsidePair.selector, int32(200_001), int32(200_000), int32(100_000))
    );
    result.outcome.localPrice = 99_999;
    _expectRefusal(
      result,
      abi.encodeWithSelector(LocalPriceOutsidePair.selector, int32(99_999), int32(200_000), int32(100_000))
    );
  }

  function test_RevertGiven_AnotherLocalPriceThanTheMidpoint() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.localPrice = 150_001;
    _expectRefusal(
      result, abi.encodeWithSelector(LocalPriceDiffers.selector, int32(150_001), int256(150_000))
    );
  }

  function test_RevertGiven_CrossedPrices() public {
    ReferenceClearing.Result memory result = _trade600();
    result.outcome.marginalOffer = 200_001;
    _expectRefusal(
      result, abi.encodeWithSelector(MarginalPricesCrossed.selector, int32(200_000), int32(200_001))
    );
  }
}

/// @notice Terms, and who stands for them.
contract TermsTest is PoolFixture {
  function test_ALaterVersionTakesEffectAfterItsNotice() public {
    PoolLib.Terms memory terms = _terms(UNIFORM);
    terms.gridFee = 1;
    vm.prank(operator);
    (uint16 version, uint32 fromInterval) = pool.announceTerms(AREA, terms);
    vm.assertEq(uint256(version), 2);
    vm.assertGe(uint256(fromInterval) * INTERVAL_SECONDS, _closesAt(INTERVAL) + 7 days);
    vm.assertEq(uint256(pool.versionFor(AREA, fromInterval - 1)), 1);
    vm.assertEq(uint256(pool.versionFor(AREA, fromInterval)), 2);
    vm.expectRevert(abi.encodeWithSelector(TermsPending.selector, AREA, 2));
    vm.prank(operator);
    pool.announceTerms(AREA, terms);
    vm.warp(uint256(fromInterval) * INTERVAL_SECONDS);
    vm.prank(operator);
    (version,) = pool.announceTerms(AREA, terms);
    vm.assertEq(uint256(version), 3);
    vm.assertEq(uint256(pool.scheduleOf(AREA).version), 2);
  }

  /// @dev What was cleared at the old terms settles at them.
  function test_AnIntervalSettlesAtTheTermsItWasClearedWith() public {
    PoolLib.Terms memory terms = _terms(UNIFORM);
    terms.gridFee = 100_000;
    vm.prank(operator);
    (, uint32 from) = pool.announceTerms(AREA, terms);
    uint32 last = from - 1;
    vm.warp(_closesAt(last));
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 200_000, 600)), _orders(_order(PROSUMER, 100_000, 600)), AREA, last
    );
    _submitAll(result);
    vm.warp(_endsAt(last));
    _settleAll(result, _publishExact(result));
    vm.assertEq(_marginOf(DSO), 600 * 20);
  }

  function test_ANewVersionNeedsTheSuppliersConsent() public {
    vm.prank(operator);
    (, uint32 from) = pool.announceTerms(AREA, _terms(UNIFORM));
    vm.warp(_closesAt(from));
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(CONSUMER, 200_000, 600)), _orders(_order(PROSUMER, 100_000, 600)), AREA, from
    );
    uint256 snapshotId = vm.snapshotState();
    _submitAll(result);
    vm.assertFalse(pool.intervalOf(AREA, from).isSupplied);
    vm.revertToStateAndDelete(snapshotId);
    _accept(AREA, 2);
    _submitAll(result);
    vm.assertTrue(pool.intervalOf(AREA, from).isSupplied);
  }

  function test_RevertGiven_AnotherOperatorAnnounces() public {
    vm.expectRevert(abi.encodeWithSelector(NotOperator.selector, outsider, AREA));
    vm.prank(outsider);
    pool.announceTerms(AREA, _terms(UNIFORM));
  }

  function test_RevertGiven_TermsThatTheSupplierDidNotSee() public {
    vm.expectRevert(abi.encodeWithSelector(TermsDiffer.selector, AREA, 1));
    vm.prank(supplier);
    pool.acceptSupply(AREA, 1, keccak256("others"), operator);
    vm.expectRevert(abi.encodeWithSelector(NotOwner.selector, outsider, supplierAccount));
    vm.prank(outsider);
    pool.acceptSupply(AREA, 1, keccak256("others"), operator);
    vm.expectRevert(abi.encodeWithSelector(UnknownTerms.selector, AREA, 9));
    vm.prank(supplier);
    pool.acceptSupply(AREA, 9, keccak256("others"), operator);
  }

  function test_RevertGiven_InvalidTerms() public {
    PoolLib.Terms[] memory wrong = new PoolLib.Terms[](8);
    for (uint256 i; i < 8; ++i) {
      wrong[i] = _terms(UNIFORM);
    }
    wrong[0].intervalSeconds = 3600;
    wrong[1].floor = 360_001;
    wrong[2].penaltyPermille = 999;
    wrong[3].upstreamPrice = 359_999;
    wrong[4].surplusPrice = 60_001;
    wrong[5].pricing = 3;
    wrong[6].gateClosureSeconds = 0;
    wrong[7].gateClosureSeconds = 3601;
    for (uint8 i; i < 8; ++i) {
      uint8 fault = i < 7 ? i + 1 : 7;
      vm.expectRevert(abi.encodeWithSelector(InvalidTerms.selector, fault));
      vm.prank(operator);
      pool.announceTerms(AREA, wrong[i]);
    }
  }
}
