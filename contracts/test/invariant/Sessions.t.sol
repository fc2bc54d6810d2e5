// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { SessionActions } from "./SessionActions.sol";

/// @notice What holds whatever drivers and owners do: Σ holds = escrow, nobody pays more than the hold, every hold returns.
/// Actions state what must succeed, so that none may revert.
/// forge-config: default.invariant.fail-on-revert = true
contract SessionInvariants {
  struct FuzzSelector {
    address addr;
    bytes4[] selectors;
  }

  SessionActions private actions;

  function setUp() public {
    actions = new SessionActions();
    actions.setUp();
  }

  function targetContracts() external view returns (address[] memory contracts) {
    contracts = new address[](1);
    contracts[0] = address(actions);
  }

  function targetSelectors() external view returns (FuzzSelector[] memory targets) {
    bytes4[] memory selectors = new bytes4[](8);
    selectors[0] = actions.hold.selector;
    selectors[1] = actions.hold.selector;
    selectors[2] = actions.charge.selector;
    selectors[3] = actions.charge.selector;
    selectors[4] = actions.dispute.selector;
    selectors[5] = actions.prove.selector;
    selectors[6] = actions.finish.selector;
    selectors[7] = actions.wait_.selector;
    targets = new FuzzSelector[](1);
    targets[0] = FuzzSelector(address(actions), selectors);
  }

  function invariant_HoldsAreSafe() external view {
    actions.requireSafe();
  }

  function afterInvariant() external {
    actions.closeDown();
  }
}
