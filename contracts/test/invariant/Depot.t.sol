// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { DepotActions } from "./DepotActions.sol";

/// @notice What holds whatever a depot does (R9.10, R9.23): quotas are within the margin, deposits are in escrow or came back, and all
/// of them come back in the end, though stations vanish, the gateway is silent, and the DSO tries what it must not.
/// Actions state what must succeed, so that none may revert.
/// forge-config: default.invariant.fail-on-revert = true
contract DepotInvariants {
  struct FuzzSelector {
    address addr;
    bytes4[] selectors;
  }

  DepotActions private depot;

  function setUp() public {
    depot = new DepotActions();
    depot.setUp();
  }

  function targetContracts() external view returns (address[] memory contracts) {
    contracts = new address[](1);
    contracts[0] = address(depot);
  }

  function targetSelectors() external view returns (FuzzSelector[] memory targets) {
    bytes4[] memory selectors = new bytes4[](12);
    selectors[0] = depot.begin.selector;
    selectors[1] = depot.demand.selector;
    selectors[2] = depot.demand.selector;
    selectors[3] = depot.demand.selector;
    selectors[4] = depot.allocate.selector;
    selectors[5] = depot.allocate.selector;
    selectors[6] = depot.auction.selector;
    selectors[7] = depot.deliver.selector;
    selectors[8] = depot.pay.selector;
    selectors[9] = depot.pay.selector;
    selectors[10] = depot.withdraw.selector;
    selectors[11] = depot.wait_.selector;
    targets = new FuzzSelector[](1);
    targets[0] = FuzzSelector(address(depot), selectors);
  }

  function invariant_QuotasAndMoneyAreSafe() external view {
    depot.requireSafe();
  }

  function afterInvariant() external {
    depot.closeDown();
  }
}
