// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaLib } from "../../src/charging/QuotaLib.sol";
import { QuotaMarket } from "../../src/charging/QuotaMarket.sol";
import { QuotaSettlementLib } from "../../src/charging/QuotaSettlementLib.sol";
import { BaseFixture } from "../support/BaseFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Stations behind the transformer of AREA, whose periods have two intervals, and everything that a test does with a
/// period: margin, demands, allocation, auction, readings, payment. Stations A … C are members of residents 0 … 2.
abstract contract QuotaFixture is BaseFixture {
  uint8 internal constant BID = 0;
  uint8 internal constant OFFER = 1;
  uint8 internal constant UNIFORM = 0;
  uint8 internal constant MIDPOINT = 1;
  uint8 internal constant MARGINAL = 2;
  uint24 internal constant PERIOD_SECONDS = 1800;
  /// @dev Starts with INTERVAL.
  uint32 internal constant PERIOD = INTERVAL / 2;
  uint32 internal constant RATING_W = 1_000_000;
  uint32 internal constant STATION_W = 100_000;
  uint32 internal constant TARIFF = 1_000_000;
  uint64 internal constant CNY_MICRO_PER_ETHER = 8_000_000_000;
  uint256 internal constant MARGIN_MICRO = 200_000_000_000;
  uint16 internal constant DSO = 2;
  uint16 internal constant FUND = 3;
  uint16 internal constant A = 6;
  uint16 internal constant B = 7;
  uint16 internal constant C = 8;

  QuotaMarket internal market;
  /// @dev Where a test plays: {AREA} and {PERIOD}, unless it says otherwise.
  uint16 internal areaId = AREA;
  uint32 internal period = PERIOD;
  uint256 internal periodSeconds = PERIOD_SECONDS;
  /// @dev What {_draw} draws from next.
  uint256 internal seed;

  function setUp() public virtual override {
    super.setUp();
    market = QuotaMarket(vm.deployCode("QuotaMarket.sol:QuotaMarket", abi.encode(areas, house, ledger)));
    _admitMarket(address(market));
    _announce(_terms(MIDPOINT));
    for (uint256 i; i < 3; ++i) {
      _join(i);
    }
    vm.warp(_opensAt(period));
  }

  function _terms(uint8 pricing) internal pure returns (QuotaLib.Terms memory) {
    return QuotaLib.Terms({
      periodSeconds: PERIOD_SECONDS,
      demandSeconds: 300,
      allocationSeconds: 420,
      orderSeconds: 600,
      clearingSeconds: 900,
      ratingW: RATING_W,
      floor: 0,
      ceiling: 100_000_000,
      penaltyPermille: 2000,
      pricing: pricing
    });
  }

  function _announce(QuotaLib.Terms memory terms) internal {
    vm.prank(dso);
    market.announceTerms(areaId, terms);
  }

  /// @dev A new station with a wide connection and margin.
  function _join(uint256 number) internal returns (uint16 member) {
    uint24 account = _register(_resident(number));
    member = _enrol(account, AREA);
    vm.prank(registrar);
    areas.changeCapacity(_meterId(account, AREA), STATION_W);
    _fundMargin(address(market), _seat(AREA, member), MARGIN_MICRO);
  }

  // -- times

  function _opensAt(uint32 of_) internal view returns (uint256) {
    return (uint256(of_) - 1) * periodSeconds;
  }

  function _endOf(uint32 of_) internal view returns (uint256) {
    return (uint256(of_) + 1) * periodSeconds;
  }

  // -- steps

  function _opening(uint32 marginW) internal pure returns (QuotaLib.Opening memory) {
    return QuotaLib.Opening(RATING_W - marginW, 0, TARIFF, CNY_MICRO_PER_ETHER);
  }

  function _initialize(uint32 marginW) internal {
    vm.prank(dso);
    market.initialize(areaId, period, _opening(marginW));
  }

  function _ownerOf(uint16 member) internal view returns (address) {
    return registry.ownerOf(areas.accountOf(_seat(areaId, member)));
  }

  function _demand(uint16 member, uint32 demandW, uint256 bidMicro) internal {
    uint256 depositMicro = market.depositNeeded(areaId, period, demandW, bidMicro);
    vm.prank(_ownerOf(member));
    market.submitDemand(areaId, period, member, demandW, uint48(depositMicro));
  }

  /// @dev Allocates as a plain count of remainders says.
  function _allocate(uint16[] memory members) internal {
    vm.warp(_opensAt(period) + 300);
    (uint40 cutRemainder, uint16 cutMember) = _cutOf(members);
    vm.prank(outsider);
    market.allocate(areaId, period, members, cutRemainder, cutMember);
  }

  /// @dev Raises the largest remainder, one after the other, until the margin is used.
  function _cutOf(uint16[] memory members) internal view returns (uint40 cutRemainder, uint16 cutMember) {
    QuotaLib.Period memory here = market.periodOf(areaId, period);
    cutRemainder = here.totalDemandW;
    if (here.totalDemandW <= here.marginW) return (cutRemainder, 0);
    uint256[] memory remainders = new uint256[](members.length);
    uint256 leftW = here.marginW;
    for (uint256 i; i < members.length; ++i) {
      uint256 product = uint256(market.stationOf(areaId, period, members[i]).demandW) * here.marginW;
      remainders[i] = product % here.totalDemandW + 1;
      leftW -= product / here.totalDemandW;
    }
    for (; leftW != 0; --leftW) {
      uint256 best;
      for (uint256 i = 1; i < members.length; ++i) {
        if (remainders[i] > remainders[best]) best = i;
      }
      (cutRemainder, cutMember) = (uint40(remainders[best] - 1), members[best]);
      remainders[best] = 0;
    }
  }

  /// @dev A, B and C demand 40, 20 and 20 kW of 60: they get 30, 15 and 15. Each may bid for 10,000,000 micro.
  function _rationed() internal {
    _initialize(60_000);
    _demand(A, 40_000, 10_000_000);
    _demand(B, 20_000, 10_000_000);
    _demand(C, 20_000, 10_000_000);
    _allocate(_stations());
  }

  function _stations() internal pure returns (uint16[] memory members) {
    members = new uint16[](3);
    (members[0], members[1], members[2]) = (A, B, C);
  }

  // -- the auction

  function _order(uint16 member, int32 price, uint32 quotaW)
    internal
    pure
    returns (ReferenceClearing.Order memory)
  {
    return ReferenceClearing.Order(member, price, quotaW, 0);
  }

  function _orders(ReferenceClearing.Order memory order)
    internal
    pure
    returns (ReferenceClearing.Order[] memory orders)
  {
    orders = new ReferenceClearing.Order[](1);
    orders[0] = order;
  }

  /// @dev B buys 3 kW of A at 2,000,000 micro per kW: 6,000,000.
  function _trade3kW() internal view returns (ReferenceClearing.Result memory) {
    return _cleared(_orders(_order(B, 3_000_000, 3000)), _orders(_order(A, 1_000_000, 5000)));
  }

  function _cleared(ReferenceClearing.Order[] memory bids, ReferenceClearing.Order[] memory offers)
    internal
    view
    returns (ReferenceClearing.Result memory)
  {
    QuotaLib.Period memory here = market.periodOf(areaId, period);
    return ReferenceClearing.clear(bids, offers, market.termsOf(areaId, here.terms).pricing);
  }

  function _outcomeOf(ReferenceClearing.Result memory result)
    internal
    view
    returns (QuotaLib.Outcome memory outcome)
  {
    (outcome.areaId, outcome.period) = (areaId, period);
    outcome.firstMember = type(uint16).max;
    for (uint256 i; i < result.bids.length + result.offers.length; ++i) {
      uint16 member =
        i < result.bids.length ? result.bids[i].member : result.offers[i - result.bids.length].member;
      if (member < outcome.firstMember) outcome.firstMember = member;
      if (member > outcome.lastMember) outcome.lastMember = member;
    }
    if (outcome.firstMember > outcome.lastMember) outcome.firstMember = outcome.lastMember;
    (outcome.marginalBid, outcome.marginalOffer) = (result.outcome.marginalBid, result.outcome.marginalOffer);
    (outcome.localPrice, outcome.clearedW) = (result.outcome.localPrice, result.outcome.clearedWh);
    (outcome.bids, outcome.offers) = (result.outcome.bids, result.outcome.offers);
  }

  function _clear(ReferenceClearing.Result memory result) internal {
    vm.warp(_opensAt(period) + 600);
    bytes memory bids = _pack(BID, result.bids);
    bytes memory offers = _pack(OFFER, result.offers);
    vm.prank(dso);
    market.clear(_outcomeOf(result), bids, offers);
  }

  function _expectRefusal(ReferenceClearing.Result memory result, bytes memory refusal) internal {
    vm.warp(_opensAt(period) + 600);
    bytes memory bids = _pack(BID, result.bids);
    bytes memory offers = _pack(OFFER, result.offers);
    vm.expectRevert(refusal);
    vm.prank(dso);
    market.clear(_outcomeOf(result), bids, offers);
  }

  function _pack(uint8 side, ReferenceClearing.Order[] memory orders)
    internal
    view
    returns (bytes memory packed)
  {
    for (uint256 i; i < orders.length; ++i) {
      packed = bytes.concat(packed, _signed(_ownerOf(orders[i].member), period, side, orders[i]));
    }
  }

  function _signed(address signer, uint32 of_, uint8 side, ReferenceClearing.Order memory order)
    internal
    view
    returns (bytes memory)
  {
    bytes32 typeHash = keccak256(
      "QuotaOrder(uint16 areaId,uint32 period,uint16 member,uint8 side,int32 limitPriceMicroPerKw,uint32 quotaW,uint8 sequence)"
    );
    bytes32 structHash = keccak256(
      abi.encode(typeHash, areaId, of_, order.member, side, order.price, order.energyWh, order.sequence)
    );
    bytes32 digest = _typed(_domain("Commonwatt QuotaMarket", address(market)), structHash);
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
    bytes32 vs = bytes32(uint256(s) | uint256(v - 27) << 255);
    return abi.encodePacked(r, vs, order.member, order.price, order.energyWh, order.sequence);
  }

  /// @dev The orders up to a count.
  function _firstOf(ReferenceClearing.Order[] memory orders, uint256 count)
    internal
    pure
    returns (ReferenceClearing.Order[] memory kept)
  {
    kept = new ReferenceClearing.Order[](count);
    for (uint256 i; i < count; ++i) {
      kept[i] = orders[i];
    }
  }

  // -- energy

  /// @dev Publishes both intervals of the period: for each member, what it imports in each of them.
  function _meter(uint16[] memory members, uint256[] memory firstWh, uint256[] memory secondWh)
    internal
    returns (Readings.Tree[2] memory trees)
  {
    vm.warp(_endOf(period));
    trees[0] = _publish(AREA, INTERVAL, _readingsOf(members, firstWh));
    trees[1] = _publish(AREA, INTERVAL + 1, _readingsOf(members, secondWh));
  }

  function _readingsOf(uint16[] memory members, uint256[] memory importWh)
    private
    pure
    returns (uint256[] memory readings)
  {
    readings = new uint256[](members.length);
    for (uint256 i; i < members.length; ++i) {
      readings[i] = Readings.reading(members[i], importWh[i], 0);
    }
  }

  /// @dev All three stations import the same in both intervals.
  function _meterAll(uint256 wh) internal returns (Readings.Tree[2] memory) {
    uint256[] memory importWh = new uint256[](3);
    (importWh[0], importWh[1], importWh[2]) = (wh, wh, wh);
    return _meter(_stations(), importWh, importWh);
  }

  function _proofs(Readings.Tree[2] memory trees, uint256 index)
    internal
    pure
    returns (QuotaSettlementLib.Evidence[] memory evidence)
  {
    evidence = new QuotaSettlementLib.Evidence[](2);
    for (uint256 i; i < 2; ++i) {
      evidence[i].reading = Readings.prove(trees[i], index);
    }
  }

  /// @dev That a member of the first page has no reading.
  function _absences(Readings.Tree[2] memory trees)
    internal
    pure
    returns (QuotaSettlementLib.Evidence[] memory evidence)
  {
    evidence = new QuotaSettlementLib.Evidence[](2);
    for (uint256 i; i < 2; ++i) {
      evidence[i].absence.list = Readings.listOf(trees[i], 0, false);
      evidence[i].absence.top = Readings.topOf(Readings.leavesOf(trees[i], 0, false));
      evidence[i].absence.pages = Readings.otherPages(trees[i], 0);
    }
  }

  function _pay(uint16 member, QuotaSettlementLib.Evidence[] memory evidence) internal {
    vm.prank(outsider);
    market.pay(areaId, period, member, evidence);
  }

  // -- state

  function _marginOf(uint16 member) internal view returns (uint256) {
    return house.marginMicro(address(market), _seat(areaId, member));
  }

  function _quota(uint16 member) internal view returns (uint256) {
    return market.quotaOf(areaId, period, member);
  }

  function _depositOf(uint16 member) internal view returns (uint256) {
    return market.stationOf(areaId, period, member).depositMicro;
  }

  function _sumOfQuotas(uint16[] memory members) internal view returns (uint256 sumW) {
    for (uint256 i; i < members.length; ++i) {
      sumW += _quota(members[i]);
    }
  }

  /// @dev What is in escrow is what the stations of the period put down and have not got back.
  function _assertEscrow(uint16[] memory members) internal view {
    uint256 sumMicro;
    for (uint256 i; i < members.length; ++i) {
      sumMicro += _depositOf(members[i]);
    }
    vm.assertEq(house.escrowMicro(address(market)), sumMicro);
  }

  // -- chance

  function _draw(uint256 below) internal returns (uint256) {
    seed = uint256(keccak256(abi.encode(seed)));
    return seed % below;
  }
}
