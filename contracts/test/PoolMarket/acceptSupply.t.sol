// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PoolAreaLib } from "../../src/pool/PoolAreaLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice Nobody is made the supplier of an area, at its expense, without its own call.
contract AcceptSupplyTest is PoolFixture {
  uint16 private areaId;
  uint24 private first;

  function setUp() public override {
    super.setUp();
    areaId = _createUnsupplied(_terms(0));
    first = _settleIn(2, areaId);
  }

  function test_TheSupplierAccepts() public {
    vm.assertFalse(pool.areaOf(areaId).isSupplied);
    vm.expectEmit(address(pool));
    emit PoolAreaLib.SupplyAccepted(areaId, supplierAccount);
    vm.prank(supplier);
    pool.acceptSupply(areaId);
    vm.assertTrue(pool.areaOf(areaId).isSupplied);
    _submitAll(_tradeIn(areaId));
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO - SUPPLIER_RESERVE);
  }

  function test_AnOperatorThatSuppliesItselfAccepts() public {
    uint24 own = _register(operator);
    vm.prank(operator);
    uint16 ownArea = pool.createArea(_terms(0), own, dsoAccount, fundAccount);
    vm.assertTrue(pool.areaOf(ownArea).isSupplied);
  }

  function test_RevertGiven_SupplyNotAccepted() public {
    _expectRefusal(_tradeIn(areaId), abi.encodeWithSelector(SupplyNotAccepted.selector, areaId));
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO);
  }

  /// @dev What takes nothing of the supplier's needs no consent of it.
  function test_ABookWithoutTradesNeedsNoSupply() public {
    _submitAll(_cleared(_orders(_order(first, 200_000, 600)), _none(), areaId, INTERVAL));
    _assertStage(areaId, PoolLib.Stage.Settled);
  }

  function test_AnAreaWithoutSurplusPriceNeedsNoSupply() public {
    PoolLib.Terms memory terms = _terms(0);
    terms.surplusPrice = 0;
    uint16 freeArea = _createUnsupplied(terms);
    first = _settleIn(2, freeArea);
    _submitAll(_tradeIn(freeArea));
    _assertStage(freeArea, PoolLib.Stage.Cleared);
    vm.assertEq(_marginOf(supplierAccount), MARGIN_MICRO);
  }

  /// @dev Its reserves as buyer and as supplier add up in one balance, and so do its payments as DSO and as fund.
  function test_TheSupplierMayTradeAndHoldTheOtherRoles() public {
    uint24 both = registry.lastAccount() + 1;
    _register(_resident(both));
    vm.prank(operator);
    uint16 ownArea = pool.createArea(_terms(0), both, both, both);
    vm.prank(_resident(both));
    pool.acceptSupply(ownArea);
    _enrol(both, ownArea);
    _fundMargin(_resident(both), BUYER_RESERVE + SUPPLIER_RESERVE);
    uint24 seller = _settleIn(1, ownArea);
    ReferenceClearing.Result memory result =
      _book(_order(both, 200_001, 599), _order(seller, 100_000, 599), ownArea);
    _trade(result);
    // 599 Wh at 150,000 are 89,850; the grid fee of 11,980 comes back.
    vm.assertEq(_marginOf(both), BUYER_RESERVE + SUPPLIER_RESERVE - 89_850);
    vm.assertEq(_marginOf(seller), MARGIN_MICRO + 89_850);
    _assertNothingHeld();
  }

  function test_RevertGiven_UnknownArea() public {
    uint16 unknown = pool.lastArea() + 1;
    vm.expectRevert(abi.encodeWithSelector(UnknownArea.selector, unknown));
    vm.prank(supplier);
    pool.acceptSupply(unknown);
  }

  function test_RevertGiven_AnotherThanTheSupplier() public {
    vm.expectRevert(abi.encodeWithSelector(NotOwner.selector, operator, supplierAccount));
    vm.prank(operator);
    pool.acceptSupply(areaId);

    vm.expectRevert(abi.encodeWithSelector(NotOwner.selector, dso, supplierAccount));
    vm.prank(dso);
    pool.acceptSupply(areaId);
  }

  function _createUnsupplied(PoolLib.Terms memory terms) private returns (uint16) {
    vm.prank(operator);
    return pool.createArea(terms, supplierAccount, dsoAccount, fundAccount);
  }

  function _tradeIn(uint16 tradingArea) private view returns (ReferenceClearing.Result memory) {
    return _book(_order(first, 200_000, 1000), _order(first + 1, 100_000, 600), tradingArea);
  }
}
