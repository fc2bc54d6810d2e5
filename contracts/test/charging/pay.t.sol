// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaSettlementLib } from "../../src/charging/QuotaSettlementLib.sol";
import "../../src/libraries/Errors.sol";
import { Readings } from "../support/Readings.sol";
import { vm } from "../support/Vm.sol";
import { QuotaFixture } from "./QuotaFixture.sol";

/// @notice Payment by metered energy, penalty, and withdrawal (R9.11, R9.17, R9.18).
contract QuotaPayTest is QuotaFixture {
  event EnergyPaid(
    uint16 indexed areaId,
    uint32 indexed period,
    uint16 indexed member,
    uint256 meteredWh,
    uint256 excessWh,
    uint256 feeMicro,
    uint256 penaltyMicro,
    uint256 missing
  );

  function test_EnergyWithinTheQuotaCostsTheTariff() public {
    _rationed();
    Readings.Tree[2] memory trees = _meterAll(3000);
    uint256 before = _marginOf(DSO);
    vm.expectEmit(address(market));
    emit EnergyPaid(AREA, PERIOD, A, 6000, 0, 6_000_000, 0, 0);
    _pay(A, _proofs(trees, 0));
    vm.assertEq(_marginOf(DSO) - before, 6_000_000);
    _assertEscrow(_stations());
  }

  function test_EnergyAboveTheQuotaCostsThreeTimesTheTariff() public {
    _rationed();
    // 15 kW allow 3,750 Wh in a quarter of an hour.
    Readings.Tree[2] memory trees = _meterAll(4000);
    vm.expectEmit(address(market));
    emit EnergyPaid(AREA, PERIOD, B, 8000, 500, 8_000_000, 1_000_000, 0);
    _pay(B, _proofs(trees, 1));
  }

  function test_QuotaThatWasBoughtMayBeDrawn() public {
    _rationed();
    _clear(_trade3kW());
    Readings.Tree[2] memory trees = _meterAll(4500);
    vm.expectEmit(address(market));
    emit EnergyPaid(AREA, PERIOD, B, 9000, 0, 9_000_000, 0, 0);
    _pay(B, _proofs(trees, 1));
  }

  function test_NoMoreIsTakenThanTheDeposit() public {
    _rationed();
    Readings.Tree[2] memory trees = _meterAll(25_000);
    uint256 deposit = _depositOf(B);
    uint256 before = _marginOf(DSO);
    _pay(B, _proofs(trees, 1));
    vm.assertEq(_marginOf(DSO) - before, deposit);
    vm.assertEq(_depositOf(B), 0);
    market.withdraw(AREA, PERIOD, B);
  }

  function test_WhoPaidGetsTheRest() public {
    _rationed();
    _clear(_trade3kW());
    Readings.Tree[2] memory trees = _meterAll(3000);
    for (uint16 i; i < 3; ++i) {
      _pay(A + i, _proofs(trees, i));
      vm.prank(outsider);
      market.withdraw(AREA, PERIOD, A + i);
    }
    vm.assertEq(_marginOf(A), MARGIN_MICRO - 6_000_000 + 6_000_000);
    vm.assertEq(_marginOf(B), MARGIN_MICRO - 6_000_000 - 6_000_000);
    vm.assertEq(_marginOf(C), MARGIN_MICRO - 6_000_000);
    vm.assertEq(house.escrowMicro(address(market)), 0);
  }

  function test_RevertGiven_AWithdrawalBeforePaymentOrTwice() public {
    _rationed();
    Readings.Tree[2] memory trees = _meterAll(3000);
    vm.expectRevert(abi.encodeWithSelector(NotPaid.selector, AREA, PERIOD, A));
    market.withdraw(AREA, PERIOD, A);
    _pay(A, _proofs(trees, 0));
    market.withdraw(AREA, PERIOD, A);
    vm.expectRevert(abi.encodeWithSelector(AlreadyWithdrawn.selector, AREA, PERIOD, A));
    market.withdraw(AREA, PERIOD, A);
    vm.expectRevert(abi.encodeWithSelector(NoDemand.selector, AREA, PERIOD, PROSUMER));
    market.withdraw(AREA, PERIOD, PROSUMER);
  }

  function test_RevertGiven_APaymentTooEarlyOrTwiceOrOfNobody() public {
    _rationed();
    vm.warp(_endOf(PERIOD) - 1);
    QuotaSettlementLib.Evidence[] memory none = new QuotaSettlementLib.Evidence[](2);
    vm.expectRevert(abi.encodeWithSelector(DeliveryNotOver.selector, PERIOD, _endOf(PERIOD)));
    _pay(A, none);
    Readings.Tree[2] memory trees = _meterAll(3000);
    vm.expectRevert(abi.encodeWithSelector(NoDemand.selector, AREA, PERIOD, PROSUMER));
    _pay(PROSUMER, none);
    vm.expectRevert(abi.encodeWithSelector(EvidenceIncomplete.selector, 1, 2));
    _pay(A, new QuotaSettlementLib.Evidence[](1));
    _pay(A, _proofs(trees, 0));
    vm.expectRevert(abi.encodeWithSelector(AlreadyPaid.selector, AREA, PERIOD, A));
    _pay(A, _proofs(trees, 0));
  }

  function test_RevertGiven_APeriodWithoutAllocation() public {
    _initialize(60_000);
    _demand(A, 40_000, 0);
    vm.warp(_endOf(PERIOD));
    vm.expectRevert(abi.encodeWithSelector(NotAllocated.selector, AREA, PERIOD));
    _pay(A, new QuotaSettlementLib.Evidence[](2));
  }

  function test_CallsGoTogether() public {
    _rationed();
    Readings.Tree[2] memory trees = _meterAll(3000);
    bytes[] memory calls = new bytes[](2);
    calls[0] = abi.encodeCall(market.pay, (AREA, PERIOD, A, _proofs(trees, 0)));
    calls[1] = abi.encodeCall(market.withdraw, (AREA, PERIOD, A));
    market.multicall(calls);
    vm.assertEq(_marginOf(A), MARGIN_MICRO - 6_000_000);
  }
}
