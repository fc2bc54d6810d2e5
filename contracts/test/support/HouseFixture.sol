// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BareMarket } from "./BareMarket.sol";
import { Fixture } from "./Fixture.sol";
import { vm } from "./Vm.sol";

/// @notice Two bare markets beside the pool, and six residents, accounts 12 to 17, whose margins share a slot: group 2.
abstract contract HouseFixture is Fixture {
  uint24 internal constant FIRST_LANE = 12;
  uint256 internal constant GROUP = 2;
  uint256 internal constant LANES = 6;
  uint256 internal constant LANE_BITS = 42;
  uint64 internal constant LANE_MAX = (1 << 42) - 1;
  uint64 internal constant MAX_MARGIN = (1 << 41) - 1;

  BareMarket internal market;
  BareMarket internal otherMarket;

  function setUp() public virtual override {
    super.setUp();
    market = new BareMarket(house);
    otherMarket = new BareMarket(house);
    _admit(address(market));
    _admit(address(otherMarket));
    while (registry.lastAccount() < FIRST_LANE + LANES - 1) {
      _register(_resident(uint256(registry.lastAccount()) + 1));
    }
  }

  function _admit(address admitted) internal {
    vm.prank(admin);
    house.admitMarket(admitted);
  }

  /// @dev Gives lane `lane` of the group a margin in a bare market.
  function _giveMargin(BareMarket to, uint256 lane, uint256 amountMicro) internal {
    if (amountMicro == 0) return;
    address owner = _resident(FIRST_LANE + lane);
    _fundFree(owner, amountMicro);
    vm.prank(owner);
    house.addMargin(address(to), amountMicro);
  }

  function _lane(BareMarket of_, uint256 lane) internal view returns (uint256) {
    return house.marginMicro(address(of_), uint24(FIRST_LANE + lane));
  }

  /// @dev One posting for the group.
  function _posting(uint64[LANES] memory amounts) internal pure returns (uint256[] memory postings) {
    postings = new uint256[](2);
    postings[0] = GROUP;
    for (uint256 lane; lane < LANES; ++lane) {
      postings[1] |= uint256(amounts[lane]) << (LANE_BITS * lane);
    }
  }

  function _sum(uint64[LANES] memory amounts) internal pure returns (uint256 totalMicro) {
    for (uint256 lane; lane < LANES; ++lane) {
      totalMicro += amounts[lane];
    }
  }

  /// @dev Σ free + Σ margin + Σ escrow = heldMicro = the tokens of the house.
  function _assertConserved() internal view {
    uint256 total = house.escrowMicro(address(pool)) + house.escrowMicro(address(market))
      + house.escrowMicro(address(otherMarket));
    for (uint24 account = 1; account <= registry.lastAccount(); ++account) {
      total += house.freeMicro(account) + house.marginMicro(address(pool), account);
      total += house.marginMicro(address(market), account) + house.marginMicro(address(otherMarket), account);
    }
    vm.assertEq(total, house.heldMicro());
    vm.assertEq(total, token.balanceOf(address(house)));
  }

  function _bound(uint256 random, uint256 low, uint256 high) internal pure returns (uint256) {
    return low + random % (high - low + 1);
  }
}
