// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../src/ClearingHouse.sol";
import "../../src/libraries/Errors.sol";
import { BareMarket } from "../support/BareMarket.sol";
import { HouseFixture } from "../support/HouseFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice A market moves margin into its own escrow and back: nothing is made or lost, and no other market is touched.
contract HoldTest is HouseFixture {
  /// @dev What the model of {testFuzz_PostingsFollowAPlainLedger} says, by market.
  uint256[4][2] private margins;
  uint256[2] private escrows;

  // -- hold

  function testFuzz_HoldTakesFromEachLane(uint64[4] memory given, uint64[4] memory taken) public {
    uint256 total;
    for (uint256 lane; lane < 4; ++lane) {
      given[lane] /= 8;
      taken[lane] = uint64(_bound(taken[lane], 0, given[lane]));
      total += taken[lane];
      _giveMargin(market, lane, given[lane]);
    }
    vm.expectEmit(address(house));
    emit ClearingHouse.Held(address(market), total);
    vm.assertEq(market.hold(_posting(taken)), total);

    for (uint256 lane; lane < 4; ++lane) {
      vm.assertEq(_lane(market, lane), given[lane] - taken[lane]);
    }
    vm.assertEq(house.escrowMicro(address(market)), total);
    _assertConserved();
  }

  function testFuzz_RevertGiven_OneLaneFallsShort(
    uint64[4] memory given,
    uint64[4] memory taken,
    uint256 short
  ) public {
    short %= 4;
    for (uint256 lane; lane < 4; ++lane) {
      given[lane] /= 8;
      _giveMargin(market, lane, given[lane]);
      taken[lane] = lane == short
        ? uint64(_bound(taken[lane], uint256(given[lane]) + 1, type(uint64).max))
        : uint64(_bound(taken[lane], 0, given[lane]));
    }
    vm.expectRevert(
      abi.encodeWithSelector(InsufficientMargin.selector, FIRST_LANE + short, given[short], taken[short])
    );
    market.hold(_posting(taken));
    for (uint256 lane; lane < 4; ++lane) {
      vm.assertEq(_lane(market, lane), given[lane]);
    }
  }

  function test_RevertGiven_SeveralLanesFallShortNamingTheFirst() public {
    _giveMargin(market, 0, 50);
    _giveMargin(market, 3, 50);
    vm.expectRevert(abi.encodeWithSelector(InsufficientMargin.selector, FIRST_LANE + 1, 0, type(uint64).max));
    market.hold(_posting([uint64(50), type(uint64).max, type(uint64).max, 51]));
  }

  function test_RevertGiven_AGroupComesTwiceAndFallsShortTheSecondTime() public {
    _giveMargin(market, 2, 100);
    vm.expectRevert(abi.encodeWithSelector(InsufficientMargin.selector, FIRST_LANE + 2, 40, 60));
    market.hold(_twice(_posting([uint64(0), 0, 60, 0])));
  }

  function test_ALastWordAloneIsNoPosting() public {
    _giveMargin(market, 0, 100);
    uint256[] memory postings = new uint256[](1);
    postings[0] = GROUP;
    vm.assertEq(market.hold(postings), 0);
    vm.assertEq(market.hold(new uint256[](0)), 0);
    vm.assertEq(_lane(market, 0), 100);
  }

  // -- release

  function testFuzz_ReleaseGivesToEachLane(uint64[4] memory given, uint64[4] memory back) public {
    uint256 left;
    for (uint256 lane; lane < 4; ++lane) {
      given[lane] /= 8;
      _giveMargin(market, lane, given[lane]);
      left += given[lane];
    }
    market.hold(_posting(given));
    uint256 held = left;
    for (uint256 lane; lane < 4; ++lane) {
      back[lane] = uint64(_bound(back[lane], 0, left));
      left -= back[lane];
    }
    vm.expectEmit(address(house));
    emit ClearingHouse.Released(address(market), held - left);
    vm.assertEq(market.release(_posting(back)), held - left);

    for (uint256 lane; lane < 4; ++lane) {
      vm.assertEq(_lane(market, lane), back[lane]);
    }
    vm.assertEq(house.escrowMicro(address(market)), left);
    _assertConserved();
  }

  function testFuzz_RevertGiven_EscrowFallsShort(uint64 held, uint64[4] memory back) public {
    held /= 4;
    _giveMargin(market, 0, held);
    market.hold(_posting([held, 0, 0, 0]));
    if (_sum(back) <= held) back[3] = type(uint64).max;
    vm.expectRevert(
      abi.encodeWithSelector(InsufficientEscrow.selector, address(market), uint256(held), _sum(back))
    );
    market.release(_posting(back));
    vm.assertEq(_lane(market, 0), 0);
  }

  function test_RevertGiven_PostingsThatWouldWrapTheirSum() public {
    _giveMargin(market, 0, 1);
    market.hold(_posting([uint64(1), 0, 0, 0]));
    uint64 top = type(uint64).max;
    uint256[] memory postings = _twice(_posting([top, top, top, top]));
    vm.expectRevert(abi.encodeWithSelector(InsufficientEscrow.selector, address(market), 1, 8 * uint256(top)));
    market.release(postings);
  }

  function test_RevertGiven_MoneyOfAnotherMarket() public {
    _giveMargin(otherMarket, 1, 5_000);
    otherMarket.hold(_posting([uint64(0), 4_000, 0, 0]));
    vm.expectRevert(abi.encodeWithSelector(InsufficientEscrow.selector, address(market), 0, 4_000));
    market.release(_posting([uint64(4_000), 0, 0, 0]));

    vm.expectRevert(abi.encodeWithSelector(InsufficientMargin.selector, FIRST_LANE + 1, 0, 1_000));
    market.hold(_posting([uint64(0), 1_000, 0, 0]));
  }

  function test_RevertGiven_FreeMoney() public {
    _fundFree(_resident(FIRST_LANE), 1_000);
    vm.expectRevert(abi.encodeWithSelector(InsufficientMargin.selector, FIRST_LANE, 0, 1));
    market.hold(_posting([uint64(1), 0, 0, 0]));
  }

  // -- both

  /// @dev 24 random postings by two markets, of a few lanes, a group once or twice a call, against plain arrays.
  function testFuzz_PostingsFollowAPlainLedger(uint256 seed) public {
    BareMarket[2] memory both = [market, otherMarket];
    for (uint256 lane; lane < 4; ++lane) {
      for (uint256 m; m < 2; ++m) {
        margins[m][lane] = uint64(uint256(keccak256(abi.encode(seed, "margin", lane, m)))) / 16;
        _giveMargin(both[m], lane, margins[m][lane]);
      }
    }
    for (uint256 i; i < 24; ++i) {
      uint256 random = uint256(keccak256(abi.encode(seed, i)));
      uint256 m = random & 1;
      if (random & 2 == 0) _holdSome(both[m], m, random);
      else _releaseSome(both[m], m, random);
      _assertAsModelled(both);
    }
    _assertConserved();
  }

  function test_RevertGiven_NotMarket() public {
    BareMarket stranger = new BareMarket(house);
    bytes memory refusal = abi.encodeWithSelector(NotMarket.selector, address(stranger));
    vm.expectRevert(refusal);
    stranger.hold(new uint256[](0));

    vm.expectRevert(refusal);
    stranger.release(new uint256[](0));
  }

  function testFuzz_RevertGiven_CallerIsNoMarket(address caller) public {
    vm.assume(!house.isMarket(caller));
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, caller));
    vm.prank(caller);
    house.release(new uint256[](0));
  }

  // -- internal

  function _holdSome(BareMarket by, uint256 m, uint256 random) private {
    uint64[4] memory amounts;
    for (uint256 lane; lane < 4; ++lane) {
      uint256 amount = _bound(random >> (8 + 40 * lane), 0, margins[m][lane] / 2);
      amounts[lane] = uint64(amount);
      margins[m][lane] -= 2 * amount;
      escrows[m] += 2 * amount;
    }
    by.hold(_twice(_posting(amounts)));
  }

  function _releaseSome(BareMarket by, uint256 m, uint256 random) private {
    uint64[4] memory amounts;
    for (uint256 lane; lane < 4; ++lane) {
      uint256 amount = _bound(random >> (8 + 40 * lane), 0, escrows[m] / 4);
      amounts[lane] = uint64(amount);
      margins[m][lane] += amount;
      escrows[m] -= amount;
    }
    by.release(_posting(amounts));
  }

  function _assertAsModelled(BareMarket[2] memory both) private view {
    for (uint256 m; m < 2; ++m) {
      vm.assertEq(house.escrowMicro(address(both[m])), escrows[m]);
      for (uint256 lane; lane < 4; ++lane) {
        vm.assertEq(_lane(both[m], lane), margins[m][lane]);
      }
    }
  }

  function _twice(uint256[] memory posting) private pure returns (uint256[] memory postings) {
    postings = new uint256[](4);
    for (uint256 i; i < 4; ++i) {
      postings[i] = posting[i % 2];
    }
  }
}
