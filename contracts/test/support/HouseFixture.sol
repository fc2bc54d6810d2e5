// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MarginsFallShort } from "../../src/libraries/Errors.sol";
import { BareMarket } from "./BareMarket.sol";
import { BaseFixture } from "./BaseFixture.sol";
import { vm } from "./Vm.sol";

/// @notice Two bare markets, and six residents of the first area whose seats share a slot: lane n is resident n.
abstract contract HouseFixture is BaseFixture {
  /// @dev The first member from 6 on whose seat is a lane 0.
  uint16 internal constant FIRST_MEMBER = 8;
  uint32 internal constant FIRST_LANE = uint32(AREA) << 16 | FIRST_MEMBER;
  uint256 internal constant GROUP = FIRST_LANE / 6;
  /// @dev Start of a delivery before any notice of the tests falls due.
  uint256 internal constant COVERS_FROM = START + 1 hours;
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
    _admitMarket(address(market));
    _admitMarket(address(otherMarket));
    _enter(_actor("neighbour 6"), AREA);
    _enter(_actor("neighbour 7"), AREA);
    for (uint256 lane; lane < LANES; ++lane) {
      _enter(_resident(lane), AREA);
    }
  }

  /// @dev Gives lane `lane` of the group a margin in a bare market.
  function _giveMargin(BareMarket to, uint256 lane, uint256 amountMicro) internal {
    if (amountMicro == 0) return;
    _fundMargin(address(to), _laneSeat(lane), amountMicro);
  }

  function _lane(BareMarket of_, uint256 lane) internal view returns (uint256) {
    return house.marginMicro(address(of_), _laneSeat(lane));
  }

  function _laneSeat(uint256 lane) internal pure returns (uint32) {
    return FIRST_LANE + uint32(lane);
  }

  function _fallShort(uint32[] memory seats) internal view returns (bytes memory) {
    return abi.encodeWithSelector(MarginsFallShort.selector, address(market), seats);
  }

  function _fallShort(uint256 lane) internal view returns (bytes memory) {
    uint32[] memory seats = new uint32[](1);
    seats[0] = _laneSeat(lane);
    return _fallShort(seats);
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
    uint256 total = house.escrowMicro(address(market)) + house.escrowMicro(address(otherMarket));
    for (uint24 account = 1; account <= registry.lastAccount(); ++account) {
      total += house.freeMicro(account);
    }
    (,, uint16 lastMember,,,) = areas.areas(AREA);
    for (uint16 member = 1; member <= lastMember; ++member) {
      total += house.marginMicro(address(market), _seat(AREA, member));
      total += house.marginMicro(address(otherMarket), _seat(AREA, member));
    }
    vm.assertEq(total, house.heldMicro());
    vm.assertEq(total, token.balanceOf(address(house)));
  }
}
