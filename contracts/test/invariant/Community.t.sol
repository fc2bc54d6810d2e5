// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { CommunityActions } from "./CommunityActions.sol";

/// @notice What holds whatever a community of 18 accounts does, in whatever order (R2.41, R7.3): money is conserved, escrow
/// is what open intervals hold, corrections move what one owes another, no Wh is claimed twice, an interval with readings settles within the waiting time, and all
/// reserved money comes out within a transaction's limits.
/// Actions state what must succeed, so that none may revert.
/// forge-config: default.invariant.fail-on-revert = true
contract CommunityInvariants {
  struct FuzzSelector {
    address addr;
    bytes4[] selectors;
  }

  CommunityActions private community;

  function setUp() public {
    community = new CommunityActions();
    community.setUp();
  }

  function targetContracts() external view returns (address[] memory contracts) {
    contracts = new address[](1);
    contracts[0] = address(community);
  }

  function targetSelectors() external view returns (FuzzSelector[] memory targets) {
    bytes4[] memory selectors = new bytes4[](18);
    selectors[0] = community.clear.selector;
    selectors[1] = community.clear.selector;
    selectors[2] = community.publish.selector;
    selectors[3] = community.publish.selector;
    selectors[4] = community.settle.selector;
    selectors[5] = community.settle.selector;
    selectors[6] = community.giveBack.selector;
    selectors[7] = community.wait_.selector;
    selectors[8] = community.announceMargin.selector;
    selectors[9] = community.takeMargin.selector;
    selectors[10] = community.changeSigner.selector;
    selectors[11] = community.suspend.selector;
    selectors[12] = community.askEntity.selector;
    selectors[13] = community.claimElsewhere.selector;
    selectors[14] = community.standBy.selector;
    selectors[15] = community.changeTerms.selector;
    selectors[16] = community.correct.selector;
    selectors[17] = community.correct.selector;
    targets = new FuzzSelector[](1);
    targets[0] = FuzzSelector(address(community), selectors);
  }

  function invariant_MoneyIsSafe() external view {
    community.requireConserved();
  }

  function afterInvariant() external {
    community.closeDown();
  }
}
