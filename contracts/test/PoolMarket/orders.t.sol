// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice Which orders a clearing may hold: signed by whoever may sign, of who may trade, within the band, in merit
/// order, each once (R1.5, R2.41, R5.10, R9.8).
contract OrdersTest is PoolFixture {
  // -- form and order

  function test_RevertGiven_BytesMissing() public {
    ReferenceClearing.Result memory result = _trade600();
    _expectRefusal(
      result.outcome,
      new bytes(75),
      _packOffers(result),
      true,
      abi.encodeWithSelector(MalformedOrders.selector, 75)
    );
    _expectRefusal(
      result.outcome,
      _packBids(result),
      bytes.concat(_packOffers(result), hex"00"),
      true,
      abi.encodeWithSelector(MalformedOrders.selector, 77)
    );
  }

  function test_RevertGiven_WorseBidFirst() public {
    ReferenceClearing.Result memory result = _twoBids(200_000, 300_000);
    (result.bids[0], result.bids[1]) = (result.bids[1], result.bids[0]);
    _expectRefusal(result, abi.encodeWithSelector(OutOfOrder.selector, BID, 1));
  }

  function test_RevertGiven_WorseOfferFirst() public {
    uint24 other = _settleIn(1, UNIFORM_AREA);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(consumerAccount, 200_000, 1000)),
      _orders(_order(prosumerAccount, 100_000, 600), _order(other, 99_999, 600)),
      UNIFORM_AREA,
      INTERVAL
    );
    (result.offers[0], result.offers[1]) = (result.offers[1], result.offers[0]);
    _expectRefusal(result, abi.encodeWithSelector(OutOfOrder.selector, OFFER, 1));
  }

  function test_RevertGiven_HigherAccountFirst() public {
    ReferenceClearing.Result memory result = _twoBids(200_000, 200_000);
    (result.bids[0], result.bids[1]) = (result.bids[1], result.bids[0]);
    _expectRefusal(result, abi.encodeWithSelector(OutOfOrder.selector, BID, 1));
  }

  function test_RevertGiven_HigherSequenceFirst() public {
    ReferenceClearing.Result memory result = _twoOfOne(0, 1);
    (result.bids[0], result.bids[1]) = (result.bids[1], result.bids[0]);
    _expectRefusal(result, abi.encodeWithSelector(OutOfOrder.selector, BID, 1));
  }

  function test_RevertGiven_OrderTwice() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bid = _packBids(result);
    bytes memory refusal = abi.encodeWithSelector(OutOfOrder.selector, BID, 1);
    _expectRefusal(result.outcome, bytes.concat(bid, bid), _packOffers(result), true, refusal);
  }

  /// @dev Two orders of an account that differ in their energy alone are one order and its replacement, not two.
  function test_RevertGiven_SequenceTwice() public {
    _expectRefusal(_twoOfOne(7, 7), abi.encodeWithSelector(OutOfOrder.selector, BID, 1));
  }

  function test_AnAccountMayTradeWithSeveralOrdersOnBothSides() public {
    ReferenceClearing.Result memory result = _cleared(
      _orders(
        ReferenceClearing.Order(consumerAccount, 200_000, 100, 255),
        ReferenceClearing.Order(consumerAccount, 300_000, 50, 255),
        ReferenceClearing.Order(prosumerAccount, 250_000, 10, 0)
      ),
      _orders(_order(prosumerAccount, 100_000, 120), _order(consumerAccount, 110_000, 90)),
      UNIFORM_AREA,
      INTERVAL
    );
    _trade(result);
    // 160 Wh at 155,000: the consumer buys 150 and sells 40, the prosumer buys 10 and sells 120.
    vm.assertEq(result.clearedWh, 160);
    vm.assertEq(_marginOf(consumerAccount), MARGIN_MICRO - 110 * 155 - 150 * 20);
    vm.assertEq(_marginOf(prosumerAccount), MARGIN_MICRO + 110 * 155 - 10 * 20);
    vm.assertEq(_marginOf(dsoAccount), 160 * 20);
    _assertNothingHeld();
  }

  function test_RevertGiven_ZeroEnergy() public {
    ReferenceClearing.Result memory result =
      _untraded(_orders(_order(consumerAccount, 200_000, 0)), _none(), UNIFORM_AREA);
    _expectRefusal(result, abi.encodeWithSelector(ZeroEnergy.selector, consumerAccount));
  }

  // -- band

  function test_RevertGiven_BidOutsideTheBand() public {
    _expectBandRefusal(BID, 360_001);
    _expectBandRefusal(BID, 59_999);
  }

  function test_RevertGiven_OfferOutsideTheBand() public {
    _expectBandRefusal(OFFER, 360_001);
    _expectBandRefusal(OFFER, 59_999);
  }

  /// @dev The limit of the band and of the numbers at once.
  function test_TheWholeRangeOfPricesIsOrdered() public {
    PoolLib.Terms memory terms = _terms(0);
    (terms.floor, terms.ceiling) = (type(int32).min, type(int32).max);
    (terms.upstreamPrice, terms.surplusPrice) = (type(int32).max, type(int32).min);
    uint16 areaId = _createArea(terms);
    uint24 first = _settleIn(4, areaId);
    ReferenceClearing.Result memory result = _cleared(
      _orders(_order(first, type(int32).max, 10), _order(first + 1, type(int32).min, 10)),
      _orders(_order(first + 2, type(int32).min, 10), _order(first + 3, type(int32).max, 10)),
      areaId,
      INTERVAL
    );
    _trade(result);
    vm.assertEq(pool.intervalOf(areaId, INTERVAL).localPrice, -1);
    vm.assertEq(pool.intervalOf(areaId, INTERVAL).clearedWh, 10);
    // 10 Wh at −1 micro/kWh are −0.01 micro: the buyer's payment rounds up to 0, the seller's 0.01 up to 1.
    vm.assertEq(_marginOf(first), MARGIN_MICRO - 200);
    vm.assertEq(_marginOf(first + 2), MARGIN_MICRO - 1);
    vm.assertEq(_marginOf(fundAccount), 1);
  }

  // -- who may trade

  function test_RevertGiven_AccountOfNobody() public {
    uint24 unknown = registry.lastAccount() + 1;
    _expectNotTradable(unknown);
    _expectNotTradable(0);
  }

  function test_RevertGiven_AccountWithoutMeter() public {
    _expectNotTradable(dsoAccount);
  }

  function test_RevertGiven_AccountOfAnotherArea() public {
    _expectNotTradable(_settleIn(1, MIDPOINT_AREA));
  }

  function test_RevertGiven_SuspendedAccount() public {
    registry.publishDirectory(0);
    vm.prank(registrar);
    registry.suspend(consumerAccount);
    _expectNotTradable(consumerAccount);
    vm.prank(registrar);
    registry.reinstate(consumerAccount, keccak256("kyc"));
    _submitAll(_trade600());
  }

  function test_RevertGiven_MeterRetired() public {
    vm.prank(registrar);
    registry.retireMeter(_meterId(consumerAccount));
    _expectNotTradable(consumerAccount);
  }

  function test_RevertGiven_AccountOutsideTheRange() public {
    ReferenceClearing.Result memory result = _trade600();
    (result.outcome.firstAccount, result.outcome.lastAccount) = (256, 767);
    _expectRefusal(result, abi.encodeWithSelector(AccountOutsideRange.selector, consumerAccount));
    result = _untraded(_orders(_order(256, 200_000, 1)), _none(), UNIFORM_AREA);
    (result.outcome.firstAccount, result.outcome.lastAccount) = (0, 255);
    bytes memory bid = _signedBy(consumer, UNIFORM_AREA, INTERVAL, BID, result.bids[0]);
    _expectRefusal(result.outcome, bid, "", true, abi.encodeWithSelector(AccountOutsideRange.selector, 256));
  }

  // -- signatures

  function test_RevertGiven_SignatureOfAnother() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bid = _signedBy(prosumer, UNIFORM_AREA, INTERVAL, BID, result.bids[0]);
    _expectInvalidBid(result, bid);
    registry.publishDirectory(0);
    _expectInvalidBid(result, bid);
  }

  function test_RevertGiven_NoSignature() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bid = _packBids(result);
    for (uint256 i; i < 64; ++i) {
      bid[i] = 0;
    }
    _expectInvalidBid(result, bid);
    registry.publishDirectory(0);
    _expectInvalidBid(result, bid);
  }

  function test_RevertGiven_OrderOfTheOtherSide() public {
    ReferenceClearing.Result memory result = _trade600();
    _expectInvalidBid(result, _signedBy(consumer, UNIFORM_AREA, INTERVAL, OFFER, result.bids[0]));
  }

  function test_RevertGiven_OrderOfAnotherInterval() public {
    ReferenceClearing.Result memory result = _trade600();
    _expectInvalidBid(result, _signedBy(consumer, UNIFORM_AREA, INTERVAL + 1, BID, result.bids[0]));
  }

  function test_RevertGiven_OrderOfAnotherArea() public {
    ReferenceClearing.Result memory result = _trade600();
    _expectInvalidBid(result, _signedBy(consumer, MIDPOINT_AREA, INTERVAL, BID, result.bids[0]));
  }

  function test_RevertGiven_OrderOfAnotherChain() public {
    ReferenceClearing.Result memory result = _trade600();
    bytes32 typeHash =
      keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 name = keccak256("Commonwatt PoolMarket");
    bytes32 here = keccak256(abi.encode(typeHash, name, keccak256("1"), block.chainid, address(pool)));
    bytes32 elsewhere =
      keccak256(abi.encode(typeHash, name, keccak256("1"), block.chainid + 1, address(pool)));
    _expectInvalidBid(result, _signedIn(elsewhere, result.bids[0]));
    _submit(result.outcome, _signedIn(here, result.bids[0]), _packOffers(result), true);
  }

  /// @dev The same people, area and interval in a second pool: the orders of the first are no orders there.
  function test_RevertGiven_OrderOfAnotherPool() public {
    ReferenceClearing.Result memory result = _trade600();
    (bytes memory bids, bytes memory offers) = (_packBids(result), _packOffers(result));
    PoolMarket other =
      PoolMarket(vm.deployCode("PoolMarket.sol:PoolMarket", abi.encode(registry, house, ledger)));
    vm.prank(operator);
    vm.assertEq(other.createArea(_terms(0), supplierAccount, dsoAccount, fundAccount), UNIFORM_AREA);
    vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, consumerAccount, BID, 0));
    vm.prank(operator);
    other.clearUniform(result.outcome, bids, offers, true);
  }

  function test_RevertGiven_OrderOfAClearedInterval() public {
    ReferenceClearing.Result memory result = _trade600();
    (bytes memory bids, bytes memory offers) = (_packBids(result), _packOffers(result));
    _submitAll(result);
    vm.warp(_opensAt(INTERVAL + 1));
    result.outcome.intervalId = INTERVAL + 1;
    _expectRefusal(
      result.outcome,
      bids,
      offers,
      true,
      abi.encodeWithSelector(InvalidSignature.selector, consumerAccount, BID, 0)
    );
  }

  // -- membership

  function test_TheEntitySignsForItsMember() public {
    _joinAggregator();
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bid = _signedBy(outsider, UNIFORM_AREA, INTERVAL, BID, result.bids[0]);
    _submit(result.outcome, bid, _packOffers(result), true);
    vm.assertEq(_marginOf(consumerAccount), MARGIN_MICRO - BUYER_RESERVE);
  }

  function test_RevertGiven_MemberSignsItself() public {
    registry.publishDirectory(0);
    _joinAggregator();
    ReferenceClearing.Result memory result = _trade600();
    bytes memory bid = _signedBy(consumer, UNIFORM_AREA, INTERVAL, BID, result.bids[0]);
    _expectInvalidBid(result, bid);
    registry.publishDirectory(0);
    _expectInvalidBid(result, bid);
  }

  function test_LeavingGivesTheSignatureBack() public {
    _joinAggregator();
    registry.publishDirectory(0);
    vm.prank(consumer);
    registry.leaveEntity();
    ReferenceClearing.Result memory result = _trade600();
    _expectInvalidBid(result, _signedBy(outsider, UNIFORM_AREA, INTERVAL, BID, result.bids[0]));
    bytes memory bid = _signedBy(consumer, UNIFORM_AREA, INTERVAL, BID, result.bids[0]);
    _submit(result.outcome, bid, _packOffers(result), true);
  }

  // -- directory

  function test_ClearsWithAPublishedDirectory() public {
    registry.publishDirectory(0);
    _submitAll(_trade600());
    vm.assertEq(_marginOf(consumerAccount), MARGIN_MICRO - BUYER_RESERVE);
  }

  /// @dev A newcomer makes the registry forget the directory of its page, which lacks it.
  function test_ClearsWithAForgottenDirectory() public {
    registry.publishDirectory(0);
    uint24 newcomer = _settleIn(1, UNIFORM_AREA);
    vm.assertEq(registry.directoryOf(0), address(0));
    _submitAll(_book(_order(newcomer, 200_000, 600), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA));
    vm.assertEq(_marginOf(newcomer), MARGIN_MICRO - BUYER_RESERVE);
  }

  // -- books and people of these tests

  function _twoBids(int32 ofConsumer, int32 ofOther) private returns (ReferenceClearing.Result memory) {
    uint24 other = _settleIn(1, UNIFORM_AREA);
    return _cleared(
      _orders(_order(consumerAccount, ofConsumer, 100), _order(other, ofOther, 100)),
      _orders(_order(prosumerAccount, 100_000, 150)),
      UNIFORM_AREA,
      INTERVAL
    );
  }

  function _twoOfOne(uint8 firstSequence, uint8 secondSequence)
    private
    view
    returns (ReferenceClearing.Result memory)
  {
    return _cleared(
      _orders(
        ReferenceClearing.Order(consumerAccount, 200_000, 100, firstSequence),
        ReferenceClearing.Order(consumerAccount, 200_000, 70, secondSequence)
      ),
      _orders(_order(prosumerAccount, 100_000, 150)),
      UNIFORM_AREA,
      INTERVAL
    );
  }

  function _joinAggregator() private {
    uint24 entity = _register(outsider);
    _grant(registry.ENTITY_ROLE(), outsider);
    vm.prank(consumer);
    registry.joinEntity(entity);
  }

  function _signedIn(bytes32 domain, ReferenceClearing.Order memory bid) private view returns (bytes memory) {
    bytes32 typeHash = keccak256(
      "Order(uint16 areaId,uint32 intervalId,uint32 account,uint8 side,int32 limitPriceMicroPerKwh,uint32 energyWh,uint8 sequence)"
    );
    bytes32 structHash = keccak256(
      abi.encode(typeHash, UNIFORM_AREA, INTERVAL, bid.account, BID, bid.price, bid.energyWh, bid.sequence)
    );
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[consumer], _typed(domain, structHash));
    bytes32 vs = bytes32(uint256(s) | uint256(v - 27) << 255);
    return abi.encodePacked(r, vs, bid.account, bid.price, bid.energyWh, bid.sequence);
  }

  function _expectInvalidBid(ReferenceClearing.Result memory result, bytes memory bid) private {
    bytes memory refusal = abi.encodeWithSelector(InvalidSignature.selector, consumerAccount, BID, 0);
    _expectRefusal(result.outcome, bid, _packOffers(result), true, refusal);
  }

  function _expectNotTradable(uint24 account) private {
    ReferenceClearing.Result memory result =
      _untraded(_orders(_order(account, 200_000, 600)), _none(), UNIFORM_AREA);
    bytes memory bid = _signedBy(consumer, UNIFORM_AREA, INTERVAL, BID, result.bids[0]);
    _expectRefusal(result.outcome, bid, "", true, abi.encodeWithSelector(NotTradable.selector, account));
  }

  function _expectBandRefusal(uint8 side, int32 price) private {
    ReferenceClearing.Order[] memory outside = _orders(_order(consumerAccount, price, 600));
    ReferenceClearing.Order[] memory around =
      _orders(_order(consumerAccount, price, 600), _order(consumerAccount, 200_000, 600));
    bytes memory refusal = abi.encodeWithSelector(OutsidePriceBand.selector, consumerAccount, price);
    if (side == BID) {
      _expectRefusal(_untraded(outside, _none(), UNIFORM_AREA), refusal);
      _expectRefusal(_untraded(around, _none(), UNIFORM_AREA), refusal);
    } else {
      _expectRefusal(_untraded(_none(), outside, UNIFORM_AREA), refusal);
      _expectRefusal(_untraded(_none(), around, UNIFORM_AREA), refusal);
    }
  }
}
