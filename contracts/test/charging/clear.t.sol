// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaLib } from "../../src/charging/QuotaLib.sol";
import "../../src/libraries/Errors.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { QuotaFixture } from "./QuotaFixture.sol";

/// @notice The auction of quotas (R9.7–R9.10, R9.16, E9.7).
contract QuotaClearTest is QuotaFixture {
  event QuotaTraded(
    uint16 indexed areaId, uint32 indexed period, uint16 indexed member, int40 quotaW, int64 paymentMicro
  );

  function test_QuotaAndMoneyMoveInOneStep() public {
    _rationed();
    (uint256 sellerBefore, uint256 buyerBefore) = (_marginOf(A), _depositOf(B));
    ReferenceClearing.Result memory result = _trade3kW();
    vm.expectEmit(address(market));
    emit QuotaTraded(AREA, PERIOD, A, -3000, -6_000_000);
    vm.expectEmit(address(market));
    emit QuotaTraded(AREA, PERIOD, B, 3000, 6_000_000);
    _clear(result);
    vm.assertEq(_quota(A), 27_000);
    vm.assertEq(_quota(B), 18_000);
    vm.assertEq(_quota(C), 15_000);
    vm.assertEq(_marginOf(A) - sellerBefore, 6_000_000);
    vm.assertEq(buyerBefore - _depositOf(B), 6_000_000);
    _assertEscrow(_stations());
  }

  function test_AnEmptyAuctionLeavesQuotasAsTheyAre() public {
    _rationed();
    _clear(_cleared(_orders(_order(B, 1_000_000, 3000)), _orders(_order(A, 2_000_000, 5000))));
    vm.assertEq(_quota(A), 30_000);
    vm.assertEq(uint256(market.periodOf(AREA, PERIOD).stage), uint256(QuotaLib.Stage.Cleared));
  }

  function test_WhatRoundingLeavesIsTheFunds() public {
    _rationed();
    uint256 before = _marginOf(FUND);
    // 333 W at 1,001 micro per kW are 333.333 micro: the buyer pays 334, the seller gets 333.
    _clear(_cleared(_orders(_order(B, 1_001, 333)), _orders(_order(A, 1_001, 333))));
    vm.assertEq(_marginOf(FUND) - before, 1);
    _assertEscrow(_stations());
  }

  function test_RevertGiven_ACallThatIsNotTheDsosOrNotInTime() public {
    _rationed();
    ReferenceClearing.Result memory result = _trade3kW();
    (bytes memory bids, bytes memory offers) = (_pack(BID, result.bids), _pack(OFFER, result.offers));
    QuotaLib.Outcome memory outcome = _outcomeOf(result);
    uint256 opens = _opensAt(PERIOD);
    vm.expectRevert(abi.encodeWithSelector(OutsideWindow.selector, PERIOD, opens + 600, opens + 900));
    vm.prank(dso);
    market.clear(outcome, bids, offers);
    vm.warp(opens + 900);
    vm.expectRevert(abi.encodeWithSelector(OutsideWindow.selector, PERIOD, opens + 600, opens + 900));
    vm.prank(dso);
    market.clear(outcome, bids, offers);
    vm.warp(opens + 600);
    vm.expectRevert(abi.encodeWithSelector(NotDso.selector, operator, AREA));
    vm.prank(operator);
    market.clear(outcome, bids, offers);
    vm.prank(dso);
    market.clear(outcome, bids, offers);
    vm.expectRevert(abi.encodeWithSelector(NotRationed.selector, AREA, PERIOD));
    vm.prank(dso);
    market.clear(outcome, bids, offers);
  }

  function test_RevertGiven_AStationThatSellsMoreThanItHas() public {
    _rationed();
    _expectRefusal(
      _cleared(_orders(_order(B, 3_000, 30_001)), _orders(_order(A, 1_000, 30_001))),
      abi.encodeWithSelector(SellsMoreThanQuota.selector, A, 30_001, 30_000)
    );
  }

  function test_RevertGiven_ABidThatTheDepositDoesNotCover() public {
    _rationed();
    // 5 kW more are within the demand, at 2,000,000 and a micro more in all than was put down for it.
    _expectRefusal(
      _cleared(_orders(_order(B, 4_000_001, 5000)), _orders(_order(A, 1, 5000))),
      abi.encodeWithSelector(BidNotCovered.selector, B, 40_000_000, 40_000_005)
    );
  }

  function test_RevertGiven_AQuotaAboveTheConnection() public {
    _rationed();
    bytes32 meterId = _meterId(areas.accountOf(_seat(AREA, B)), AREA);
    vm.prank(registrar);
    areas.changeCapacity(meterId, 17_999);
    _expectRefusal(_trade3kW(), abi.encodeWithSelector(QuotaAboveCapacity.selector, B, 18_000, 17_999));
  }

  function test_RevertGiven_WhoDidNotDemand() public {
    _initialize(60_000);
    _demand(A, 40_000, 10_000_000);
    _demand(B, 30_000, 10_000_000);
    uint16[] memory members = new uint16[](2);
    (members[0], members[1]) = (A, B);
    _allocate(members);
    _expectRefusal(
      _cleared(_orders(_order(A, 2_000_000, 1)), _orders(_order(C, 1_000_000, 1))),
      abi.encodeWithSelector(SellsMoreThanQuota.selector, C, 1, 0)
    );
    _expectRefusal(
      _cleared(_orders(_order(C, 0, 1)), _orders(_order(A, 0, 1))),
      abi.encodeWithSelector(BidNotCovered.selector, C, 0, 1000)
    );
  }

  function test_RevertGiven_BothSidesOfOneStation() public {
    _rationed();
    _expectRefusal(
      _cleared(_orders(_order(A, 2_000_000, 1000)), _orders(_order(A, 1_000_000, 1000))),
      abi.encodeWithSelector(OnBothSides.selector, A)
    );
  }

  function test_RevertGiven_APriceOrVolumeThatIsNotTheBooks() public {
    _rationed();
    ReferenceClearing.Result memory result = _trade3kW();
    result.outcome.localPrice += 1;
    _expectRefusal(
      result, abi.encodeWithSelector(LocalPriceDiffers.selector, int32(2_000_001), int256(2_000_000))
    );
    result = _trade3kW();
    result.outcome.clearedWh -= 1;
    _expectRefusal(result, abi.encodeWithSelector(VolumesDiffer.selector, 3000, 3000, 2999));
  }

  function test_RevertGiven_AnOrderOfAnotherPeriod() public {
    _rationed();
    ReferenceClearing.Result memory result = _trade3kW();
    vm.warp(_opensAt(PERIOD) + 600);
    bytes memory bids = _signed(_ownerOf(B), PERIOD + 1, BID, result.bids[0]);
    bytes memory offers = _pack(OFFER, result.offers);
    vm.expectRevert(abi.encodeWithSelector(InvalidSignature.selector, B, BID, uint256(0)));
    vm.prank(dso);
    market.clear(_outcomeOf(result), bids, offers);
  }
}
