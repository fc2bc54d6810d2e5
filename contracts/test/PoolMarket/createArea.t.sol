// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../src/accounts/ClearingHouse.sol";
import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import "../../src/libraries/Errors.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { PoolAreaLib } from "../../src/pool/PoolAreaLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice An operator fixes the rules of an area for good (R2.20, R2.51).
contract CreateAreaTest is PoolFixture {
  uint8 private constant INTERVAL_FAULT = 1;
  uint8 private constant BAND_FAULT = 2;
  uint8 private constant PENALTY_FAULT = 3;
  uint8 private constant UPSTREAM_FAULT = 4;
  uint8 private constant SURPLUS_FAULT = 5;
  uint8 private constant PRICING_FAULT = 6;
  uint8 private constant GATE_FAULT = 7;

  function test_TheAreaIsKept() public {
    PoolLib.Terms memory terms = _terms(1);
    uint16 expected = pool.lastArea() + 1;
    vm.expectEmit(address(pool));
    emit PoolAreaLib.AreaCreated(expected, operator, supplierAccount, dsoAccount, fundAccount, terms);
    uint16 areaId = _createArea(terms);
    vm.assertEq(areaId, expected);
    vm.assertEq(pool.lastArea(), expected);
    PoolLib.Area memory area = pool.areaOf(areaId);
    vm.assertEq(keccak256(abi.encode(area.terms)), keccak256(abi.encode(terms)));
    vm.assertEq(area.operator, operator);
    vm.assertEq(area.supplier, supplierAccount);
    vm.assertEq(area.dso, dsoAccount);
    vm.assertEq(area.fund, fundAccount);
    // Fixture._createArea lets the supplier accept.
    vm.assertTrue(area.isSupplied);
  }

  function test_LimitsOfTheTermsAreAllowed() public {
    PoolLib.Terms memory terms = _terms(0);
    (terms.intervalSeconds, terms.gateClosureSeconds) = (60, 30 days);
    (terms.floor, terms.ceiling) = (type(int32).min, type(int32).min);
    (terms.surplusPrice, terms.upstreamPrice) = (type(int32).min, 0);
    terms.penaltyPermille = 1000;
    _createArea(terms);
    (terms.intervalSeconds, terms.gateClosureSeconds) = (1 days, 0);
    (terms.floor, terms.ceiling, terms.upstreamPrice) = (0, type(int32).max, type(int32).max);
    _createArea(terms);
  }

  function test_RevertGiven_NoOperator() public {
    bytes32 role = registry.OPERATOR_ROLE();
    PoolLib.Terms memory terms = _terms(0);
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, outsider, role));
    vm.prank(outsider);
    pool.createArea(terms, supplierAccount, dsoAccount, fundAccount);
  }

  function test_RevertGiven_IntervalTooShortOrLong() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.intervalSeconds = 59;
    _expectFault(terms, INTERVAL_FAULT);
    terms.intervalSeconds = 1 days + 1;
    _expectFault(terms, INTERVAL_FAULT);
  }

  function test_RevertGiven_FloorAboveCeiling() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.floor = terms.ceiling + 1;
    _expectFault(terms, BAND_FAULT);
  }

  function test_RevertGiven_PenaltyBelowOne() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.penaltyPermille = 999;
    _expectFault(terms, PENALTY_FAULT);
  }

  /// @dev Below the ceiling, or below zero, it would pay to sell and not to deliver.
  function test_RevertGiven_UpstreamPriceTooLow() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.upstreamPrice = terms.ceiling - 1;
    _expectFault(terms, UPSTREAM_FAULT);
    (terms.floor, terms.ceiling, terms.surplusPrice, terms.upstreamPrice) = (-9, -5, -9, -1);
    _expectFault(terms, UPSTREAM_FAULT);
  }

  function test_RevertGiven_SurplusPriceAboveFloor() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.surplusPrice = terms.floor + 1;
    _expectFault(terms, SURPLUS_FAULT);
  }

  function test_RevertGiven_UnknownPricing() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.pricing = 2;
    _expectFault(terms, PRICING_FAULT);
  }

  function test_RevertGiven_GateClosureTooEarly() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.gateClosureSeconds = 30 days + 1;
    _expectFault(terms, GATE_FAULT);
  }

  function test_RevertGiven_UnknownAccount() public {
    uint24 unknown = registry.lastAccount() + 1;
    PoolLib.Terms memory terms = _terms(0);
    bytes memory refusal = abi.encodeWithSelector(UnknownAccount.selector, unknown);
    vm.expectRevert(refusal);
    vm.prank(operator);
    pool.createArea(terms, unknown, dsoAccount, fundAccount);

    vm.expectRevert(refusal);
    vm.prank(operator);
    pool.createArea(terms, supplierAccount, unknown, fundAccount);

    vm.expectRevert(refusal);
    vm.prank(operator);
    pool.createArea(terms, supplierAccount, dsoAccount, unknown);
  }

  function test_RevertGiven_ConstructorWithoutContracts() public {
    _expectNoPool(address(0), address(house), address(ledger));
    _expectNoPool(address(registry), address(0), address(ledger));
    _expectNoPool(address(registry), address(house), address(0));
  }

  function test_ThePoolKnowsItsContracts() public view {
    vm.assertEq(address(pool.registry()), address(registry));
    vm.assertEq(address(pool.clearingHouse()), address(house));
    vm.assertEq(address(pool.meterLedger()), address(ledger));
  }

  function _expectFault(PoolLib.Terms memory terms, uint8 fault) private {
    vm.expectRevert(abi.encodeWithSelector(InvalidTerms.selector, fault));
    vm.prank(operator);
    pool.createArea(terms, supplierAccount, dsoAccount, fundAccount);
  }

  function _expectNoPool(address registry_, address house_, address ledger_) private {
    vm.expectRevert(abi.encodeWithSelector(ZeroAddress.selector));
    new PoolMarket(ParticipantRegistry(registry_), ClearingHouse(house_), MeterLedger(ledger_));
  }
}
