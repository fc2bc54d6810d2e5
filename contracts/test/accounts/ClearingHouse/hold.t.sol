// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../../src/accounts/ClearingHouse.sol";
import "../../../src/libraries/Errors.sol";
import { BareMarket } from "../../support/BareMarket.sol";
import { HouseFixture } from "../../support/HouseFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice A market moves margin into its own escrow and back: nothing is made or lost, and no other market is touched.
contract HoldTest is HouseFixture {
  /// @dev What the model of {testFuzz_PostingsFollowAPlainLedger} says, by market.
  uint256[LANES][2] private margins;
  uint256[2] private escrows;

  // -- hold

  function testFuzz_HoldTakesFromEachLane(uint64[LANES] memory given, uint64[LANES] memory taken) public {
    uint256 total;
    for (uint256 lane; lane < LANES; ++lane) {
      given[lane] %= MAX_MARGIN + 1;
      taken[lane] = uint64(_bound(taken[lane], 0, given[lane]));
      total += taken[lane];
      _giveMargin(market, lane, given[lane]);
    }
    vm.expectEmit(address(house));
    emit ClearingHouse.Held(address(market), total);
    vm.assertEq(market.hold(_posting(taken), COVERS_FROM), total);

    for (uint256 lane; lane < LANES; ++lane) {
      vm.assertEq(_lane(market, lane), given[lane] - taken[lane]);
    }
    vm.assertEq(house.escrowMicro(address(market)), total);
    _assertConserved();
  }

  function testFuzz_RevertGiven_OneLaneFallsShort(
    uint64[LANES] memory given,
    uint64[LANES] memory taken,
    uint256 short
  ) public {
    short %= LANES;
    for (uint256 lane; lane < LANES; ++lane) {
      given[lane] %= MAX_MARGIN + 1;
      _giveMargin(market, lane, given[lane]);
      taken[lane] = lane == short
        ? uint64(_bound(taken[lane], uint256(given[lane]) + 1, LANE_MAX))
        : uint64(_bound(taken[lane], 0, given[lane]));
    }
    vm.expectRevert(_fallShort(short));
    market.hold(_posting(taken), COVERS_FROM);
    for (uint256 lane; lane < LANES; ++lane) {
      vm.assertEq(_lane(market, lane), given[lane]);
    }
  }

  function test_RevertGiven_SeveralLanesFallShortNamingEach() public {
    _giveMargin(market, 0, 50);
    _giveMargin(market, 3, 50);
    uint32[] memory seats = new uint32[](4);
    (seats[0], seats[1], seats[2], seats[3]) = (_laneSeat(1), _laneSeat(2), _laneSeat(3), _laneSeat(5));
    vm.expectRevert(_fallShort(seats));
    market.hold(_posting([uint64(50), LANE_MAX, LANE_MAX, 51, 0, LANE_MAX]), COVERS_FROM);
  }

  function test_RevertGiven_AGroupComesTwiceAndFallsShortTheSecondTime() public {
    _giveMargin(market, 2, 100);
    vm.expectRevert(_fallShort(2));
    market.hold(_twice(_posting([uint64(0), 0, 60, 0, 0, 0])), COVERS_FROM);
  }

  function test_ALastWordAloneIsNoPosting() public {
    _giveMargin(market, 0, 100);
    uint256[] memory postings = new uint256[](1);
    postings[0] = GROUP;
    vm.assertEq(market.hold(postings, COVERS_FROM), 0);
    vm.assertEq(market.hold(new uint256[](0), COVERS_FROM), 0);
    vm.assertEq(_lane(market, 0), 100);
  }

  // -- tryHold

  function testFuzz_TryHoldTakesAllOrNothing(uint64[LANES] memory given, uint64[LANES] memory taken) public {
    uint256 total;
    uint256 shortCount;
    for (uint256 lane; lane < LANES; ++lane) {
      given[lane] %= MAX_MARGIN + 1;
      taken[lane] %= LANE_MAX + 1;
      // Half of the runs are covered throughout.
      if (given[0] % 2 == 0) taken[lane] = uint64(_bound(taken[lane], 0, given[lane]));
      _giveMargin(market, lane, given[lane]);
      if (taken[lane] > given[lane]) ++shortCount;
      total += taken[lane];
    }
    (uint256 heldMicro, uint32[] memory seats) = market.tryHold(_posting(taken), COVERS_FROM);
    vm.assertEq(seats.length, shortCount);
    uint256 named;
    for (uint256 lane; lane < LANES; ++lane) {
      if (taken[lane] > given[lane]) vm.assertEq(uint256(seats[named++]), _laneSeat(lane));
      vm.assertEq(_lane(market, lane), shortCount == 0 ? given[lane] - taken[lane] : given[lane]);
    }
    vm.assertEq(heldMicro, shortCount == 0 ? total : 0);
    vm.assertEq(house.escrowMicro(address(market)), heldMicro);
    _assertConserved();
  }

  /// @dev The second posting of a group falls short, after the first took what there was.
  function test_TryHoldGivesBackThePostingsBefore() public {
    _giveMargin(market, 2, 100);
    _giveMargin(market, 4, 100);
    (uint256 heldMicro, uint32[] memory seats) =
      market.tryHold(_twice(_posting([uint64(0), 0, 60, 0, 10, 0])), COVERS_FROM);
    vm.assertEq(heldMicro, 0);
    vm.assertEq(seats.length, 1);
    vm.assertEq(uint256(seats[0]), _laneSeat(2));
    vm.assertEq(_lane(market, 2), 100);
    vm.assertEq(_lane(market, 4), 100);
    vm.assertEq(market.hold(_twice(_posting([uint64(0), 0, 50, 0, 10, 0])), COVERS_FROM), 120);
  }

  function test_RevertGiven_TryHoldByNoMarket() public {
    BareMarket stranger = new BareMarket(house);
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, address(stranger)));
    stranger.tryHold(new uint256[](0), COVERS_FROM);
  }

  // -- release

  function testFuzz_ReleaseGivesToEachLane(uint64[LANES] memory given, uint64[LANES] memory back) public {
    uint256 left;
    for (uint256 lane; lane < LANES; ++lane) {
      given[lane] %= MAX_MARGIN + 1;
      _giveMargin(market, lane, given[lane]);
      left += given[lane];
    }
    market.hold(_posting(given), COVERS_FROM);
    uint256 held = left;
    for (uint256 lane; lane < LANES; ++lane) {
      back[lane] = uint64(_bound(back[lane], 0, left < MAX_MARGIN ? left : MAX_MARGIN));
      left -= back[lane];
    }
    vm.expectEmit(address(house));
    emit ClearingHouse.Released(address(market), held - left);
    vm.assertEq(market.release(_posting(back)), held - left);

    for (uint256 lane; lane < LANES; ++lane) {
      vm.assertEq(_lane(market, lane), back[lane]);
    }
    vm.assertEq(house.escrowMicro(address(market)), left);
    _assertConserved();
  }

  function testFuzz_RevertGiven_EscrowFallsShort(uint64 held, uint64[LANES] memory back) public {
    held %= MAX_MARGIN + 1;
    for (uint256 lane; lane < LANES; ++lane) {
      back[lane] %= LANE_MAX + 1;
    }
    _giveMargin(market, 0, held);
    market.hold(_posting([held, 0, 0, 0, 0, 0]), COVERS_FROM);
    if (_sum(back) <= held) back[3] = LANE_MAX;
    vm.expectRevert(
      abi.encodeWithSelector(InsufficientEscrow.selector, address(market), uint256(held), _sum(back))
    );
    market.release(_posting(back));
    vm.assertEq(_lane(market, 0), 0);
  }

  function test_RevertGiven_PostingsThatWouldWrapTheirSum() public {
    _giveMargin(market, 0, 1);
    market.hold(_posting([uint64(1), 0, 0, 0, 0, 0]), COVERS_FROM);
    uint64 top = LANE_MAX;
    uint256[] memory postings = _twice(_posting([top, top, top, top, top, top]));
    vm.expectRevert(
      abi.encodeWithSelector(InsufficientEscrow.selector, address(market), 1, 12 * uint256(top))
    );
    market.release(postings);
  }

  function test_RevertGiven_MoneyOfAnotherMarket() public {
    _giveMargin(otherMarket, 1, 5_000);
    otherMarket.hold(_posting([uint64(0), 4_000, 0, 0, 0, 0]), COVERS_FROM);
    vm.expectRevert(abi.encodeWithSelector(InsufficientEscrow.selector, address(market), 0, 4_000));
    market.release(_posting([uint64(4_000), 0, 0, 0, 0, 0]));

    vm.expectRevert(_fallShort(1));
    market.hold(_posting([uint64(0), 1_000, 0, 0, 0, 0]), COVERS_FROM);
  }

  function test_RevertGiven_FreeMoney() public {
    _fundFree(_resident(0), 1_000);
    vm.expectRevert(_fallShort(0));
    market.hold(_posting([uint64(1), 0, 0, 0, 0, 0]), COVERS_FROM);
  }

  function test_RevertGiven_BitsBesideTheLanes() public {
    _giveMargin(market, 5, 100);
    for (uint256 bit = 252; bit < 256; ++bit) {
      uint256[] memory postings = _posting([uint64(0), 0, 0, 0, 0, 1]);
      postings[1] |= 1 << bit;
      vm.expectRevert(abi.encodeWithSelector(MalformedPosting.selector, GROUP));
      market.hold(postings, COVERS_FROM);
      vm.expectRevert(abi.encodeWithSelector(MalformedPosting.selector, GROUP));
      market.release(postings);
    }
  }

  /// @dev Six margins that are full; what comes back beyond that is free.
  function testFuzz_WhatExceedsAMarginIsFree(uint64[LANES] memory more) public {
    for (uint256 lane; lane < LANES; ++lane) {
      more[lane] = uint64(_bound(more[lane], 1, MAX_MARGIN));
      _giveMargin(market, lane, more[lane]);
    }
    market.hold(_posting(more), COVERS_FROM);
    for (uint256 lane; lane < LANES; ++lane) {
      _giveMargin(market, lane, MAX_MARGIN - lane);
    }
    market.release(_posting(more));
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 over = more[lane] > lane ? more[lane] - lane : 0;
      vm.assertEq(_lane(market, lane), MAX_MARGIN - lane + more[lane] - over);
      vm.assertEq(house.freeMicro(areas.accountOf(_laneSeat(lane))), over);
    }
    _assertConserved();
  }

  function test_AnOverflowIsAnnounced() public {
    _giveMargin(market, 2, 70);
    market.hold(_posting([uint64(0), 0, 70, 0, 0, 0]), COVERS_FROM);
    _giveMargin(market, 2, MAX_MARGIN - 20);
    vm.expectEmit(address(house));
    emit ClearingHouse.MarginOverflowed(FIRST_LANE + 2, address(market), 50);
    market.release(_posting([uint64(0), 0, 70, 0, 0, 0]));
  }

  // -- both

  /// @dev 24 random postings by two markets, of a few lanes, a group once or twice a call, against plain arrays.
  function testFuzz_PostingsFollowAPlainLedger(uint256 seed) public {
    BareMarket[2] memory both = [market, otherMarket];
    for (uint256 lane; lane < LANES; ++lane) {
      for (uint256 m; m < 2; ++m) {
        margins[m][lane] = uint256(keccak256(abi.encode(seed, "margin", lane, m))) % (MAX_MARGIN / 12);
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
    stranger.hold(new uint256[](0), COVERS_FROM);

    vm.expectRevert(refusal);
    stranger.release(new uint256[](0));
  }

  function testFuzz_RevertGiven_CallerIsNoMarket(address caller) public {
    vm.assume(caller != address(market) && caller != address(otherMarket));
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, caller));
    vm.prank(caller);
    house.release(new uint256[](0));
  }

  // -- internal

  function _holdSome(BareMarket by, uint256 m, uint256 random) private {
    uint64[LANES] memory amounts;
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 amount = _bound(random >> (8 + 41 * lane), 0, margins[m][lane] / 2);
      amounts[lane] = uint64(amount);
      margins[m][lane] -= 2 * amount;
      escrows[m] += 2 * amount;
    }
    by.hold(_twice(_posting(amounts)), COVERS_FROM);
  }

  function _releaseSome(BareMarket by, uint256 m, uint256 random) private {
    uint64[LANES] memory amounts;
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 amount = _bound(random >> (8 + 41 * lane), 0, escrows[m] / LANES);
      amounts[lane] = uint64(amount);
      margins[m][lane] += amount;
      escrows[m] -= amount;
    }
    by.release(_posting(amounts));
  }

  function _assertAsModelled(BareMarket[2] memory both) private view {
    for (uint256 m; m < 2; ++m) {
      vm.assertEq(house.escrowMicro(address(both[m])), escrows[m]);
      for (uint256 lane; lane < LANES; ++lane) {
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
