// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { PageLib } from "../../src/pool/PageLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { PoolFixture } from "../pool/PoolFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice A member without a reading is not better off than one that delivered nothing, and blocks nobody.
contract MissingReadingTest is PoolFixture {
  uint16 private cheat;

  function setUp() public override {
    super.setUp();
    cheat = _join(1000, AREA);
  }

  /// @dev 1000 Wh at 150,000: 600 from the prosumer, 400 from the cheat, who may unplug its meter.
  function _result() private view returns (ReferenceClearing.Result memory) {
    return _cleared(
      _orders(_order(CONSUMER, 200_000, 1000)),
      _orders(_order(PROSUMER, 100_000, 600), _order(cheat, 100_000, 400)),
      AREA,
      INTERVAL
    );
  }

  function _settled(bool isUnplugged) private {
    ReferenceClearing.Result memory result = _result();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory readings = new uint256[](isUnplugged ? 2 : 3);
    readings[0] = Readings.reading(PROSUMER, 0, 600);
    readings[1] = Readings.reading(CONSUMER, 1000, 0);
    if (!isUnplugged) readings[2] = Readings.reading(cheat, 0, 0);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, readings);
    if (isUnplugged) vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS);
    _settlePage(result, tree, 0);
    _assertStage(AREA, PoolLib.Stage.Settled);
    _assertNothingHeld();
  }

  function test_AMissingReadingIsWaitedFor() public {
    ReferenceClearing.Result memory result = _result();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS - 1);
    uint256[] memory readings = new uint256[](1);
    readings[0] = Readings.reading(CONSUMER, 1000, 0);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, readings);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    PageLib.Readings memory opened = _open(tree, 0, _traders(result, 0));
    vm.expectRevert(abi.encodeWithSelector(ReadingMissing.selector, PROSUMER));
    pool.settle(AREA, INTERVAL, 0, positions, opened);
  }

  function test_TheHonestSellerIsPaidThoughAnotherUnplugs() public {
    _settled(true);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO - 1000 * 150 - 1000 * 20);
  }

  function test_UnpluggingIsNoBetterThanNotDelivering() public {
    uint256 snapshotId = vm.snapshotState();
    _settled(false);
    uint256 withZeroReading = _marginOf(cheat);
    vm.revertToStateAndDelete(snapshotId);
    _settled(true);
    vm.assertEq(_marginOf(cheat), withZeroReading);
    vm.assertEq(_marginOf(cheat), MARGIN_MICRO + 400 * 150 - 400 * 450);
  }

  /// @dev Who settles may not leave out a reading that is there.
  function test_APublishedReadingCannotPassForMissing() public {
    ReferenceClearing.Result memory result = _result();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS);
    Readings.Tree memory tree = _publishExact(result);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    PageLib.Readings memory opened = _open(tree, 0, _traders(result, 0) & ~(1 << PROSUMER));
    vm.expectRevert(abi.encodeWithSelector(ReadingSealed.selector, PROSUMER));
    pool.settle(AREA, INTERVAL, 0, positions, opened);
    opened.lists[0] &= ~(1 << PROSUMER);
    vm.expectRevert(abi.encodeWithSelector(PageNotProven.selector, 0));
    pool.settle(AREA, INTERVAL, 0, positions, opened);
  }
}

/// @notice Published readings settle an interval, no matter who is first to call; and no gateway keeps anybody's money.
contract PublishedReadingsTest is PoolFixture {
  /// @dev The operator was away; readings are there. The seller delivered nothing.
  function test_ASellerCannotHaveReturnedWhatItsReadingSettles() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(PROSUMER, 0, 0);
    readings[1] = Readings.reading(CONSUMER, 600, 0);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, readings);
    vm.warp(_endsAt(INTERVAL) + 14 days);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    vm.expectRevert(abi.encodeWithSelector(ReadingsPresent.selector, AREA, INTERVAL));
    vm.prank(prosumer);
    pool.returnPage(AREA, INTERVAL, 0, 0, positions);
    _settlePage(result, tree, 0);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 600 * 450);
  }

  function test_NothingIsReturnedWhileReadingsAreWaitedFor() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS - 1);
    vm.expectRevert(
      abi.encodeWithSelector(TooEarlyToReturn.selector, INTERVAL, _endsAt(INTERVAL) + WAITING_SECONDS)
    );
    pool.returnPage(AREA, INTERVAL, 0, 0, positions);
  }

  /// @dev A gateway that is silent takes nothing from anybody; a late publication changes nothing.
  function test_ASilentGatewayKeepsNobodysMoney() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    pool.returnPage(AREA, INTERVAL, 0, 0, positions);
    _assertStage(AREA, PoolLib.Stage.Returned);
    _assertAllReturned();
    Readings.Tree memory tree = _publishExact(result);
    vm.expectRevert(abi.encodeWithSelector(NotCleared.selector, AREA, INTERVAL));
    pool.settle(AREA, INTERVAL, 0, positions, _open(tree, 0, _traders(result, 0)));
  }

  /// @dev Nor do supplier and gateway earn shortfalls by silence: nothing published settles nothing.
  function test_SilenceSettlesNothing() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS);
    PageLib.Readings memory none;
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, AREA, INTERVAL));
    vm.prank(supplier);
    pool.settle(AREA, INTERVAL, 0, positions, none);
  }

  /// @dev A root that nobody can open: after a last time the money goes back.
  function test_AGatewayThatWithholdsReadingsKeepsNobodysMoney() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    _publishRoot(AREA, INTERVAL, keccak256("nothing"), 2);
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS + 14 days - 1);
    vm.expectRevert(abi.encodeWithSelector(ReadingsPresent.selector, AREA, INTERVAL));
    pool.returnPage(AREA, INTERVAL, 0, 0, positions);
    vm.warp(_endsAt(INTERVAL) + WAITING_SECONDS + 14 days);
    pool.returnPage(AREA, INTERVAL, 0, 0, positions);
    _assertAllReturned();
  }

  function _assertAllReturned() private view {
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO);
    vm.assertEq(_marginOf(CONSUMER), MARGIN_MICRO);
    vm.assertEq(_marginOf(SUPPLIER), MARGIN_MICRO);
    _assertNothingHeld();
  }

  /// @dev A root over nothing proves nothing.
  function test_AnOutsiderCannotSettleWithReadingsOfItsOwn() public {
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publishExact(result);
    PageLib.Readings memory made = _open(tree, 0, _traders(result, 0));
    bytes[] memory leaves = new bytes[](2);
    leaves[0] = abi.encodePacked(uint200(Readings.reading(PROSUMER, 0, 0)));
    leaves[1] = abi.encodePacked(uint200(Readings.reading(CONSUMER, 600, 0)));
    made.leaves = _join(leaves);
    _expectNotProven(result, made);
    // a path too long, a list too large, leaves too many
    made = _open(tree, 0, _traders(result, 0));
    made.pages = new bytes32[](1);
    made.pages[0] = bytes32(uint256(1));
    _expectNotProven(result, made);
    made = _open(tree, 0, _traders(result, 0));
    made.leaves = bytes.concat(made.leaves, bytes32(0));
    _expectNotProven(result, made);
    made = _open(tree, 0, _traders(result, 0));
    (made.lists[1], made.opened[1]) = (made.lists[0], made.opened[0]);
    _expectNotProven(result, made);
  }

  function _expectNotProven(ReferenceClearing.Result memory result, PageLib.Readings memory made) private {
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0);
    vm.expectRevert(abi.encodeWithSelector(PageNotProven.selector, 0));
    vm.prank(outsider);
    pool.settle(AREA, INTERVAL, 0, positions, made);
  }
}

/// @notice Other markets on the same ledger and area.
contract SharedLedgerTest is PoolFixture {
  address private otherMarket = _actor("other market");

  function _withNeighbour(uint32 exportWh)
    private
    returns (ReferenceClearing.Result memory result, Readings.Tree memory tree)
  {
    _admitClaimant(1, otherMarket);
    uint16 neighbour = _join(1000, AREA);
    result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory readings = new uint256[](3);
    readings[0] = Readings.reading(PROSUMER, 0, 600);
    readings[1] = Readings.reading(CONSUMER, 600, 0);
    readings[2] = Readings.reading(neighbour, 0, exportWh);
    tree = _publish(AREA, INTERVAL, readings);
  }

  function test_ASingleClaimDoesNotBlockAPage() public {
    (ReferenceClearing.Result memory result, Readings.Tree memory tree) = _withNeighbour(100);
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, Readings.prove(tree, 2), 1, 1);
    _settlePage(result, tree, 0);
    _assertStage(AREA, PoolLib.Stage.Settled);
  }

  function test_AHomeMaySellTheRestOfItsEnergyElsewhere() public {
    (ReferenceClearing.Result memory result, Readings.Tree memory tree) = _withNeighbour(5000);
    _settlePage(result, tree, 0);
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, Readings.prove(tree, 2), 1, 5000);
  }

  /// @dev A seller that sold 100 of its 600 Wh elsewhere delivered 500 here; it is no reason to stop the others.
  function test_EnergySoldElsewhereIsNotSoldHereAgain() public {
    (ReferenceClearing.Result memory result, Readings.Tree memory tree) = _withNeighbour(0);
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, Readings.prove(tree, 0), 1, 100);
    _settlePage(result, tree, 0);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 100 * 450);
    vm.expectRevert();
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, Readings.prove(tree, 0), 1, 1);
  }

  function test_ACertificateDoesNotStopACorrection() public {
    _admitClaimant(2, otherMarket);
    ReferenceClearing.Result memory result = _trade600();
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory early = new uint256[](1);
    early[0] = Readings.reading(PROSUMER, 0, 600);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, early);
    vm.prank(otherMarket);
    ledger.claimReading(AREA, INTERVAL, Readings.prove(tree, 0), 2, 1);
    _settlePage(result, _publishExact(result), 0);
    _assertStage(AREA, PoolLib.Stage.Settled);
  }

  /// @dev A second pool on the same area, of the same operator: it settles its own members, and takes nothing else.
  function test_ASecondPoolCannotTakeThePagesOfTheFirst() public {
    PoolMarket first = pool;
    uint16 buyer = _enter(_resident(1000), AREA);
    uint16 seller = _enter(_resident(1001), AREA);
    ReferenceClearing.Result memory honest = _trade600();
    _submitAll(honest);
    pool = _newPool();
    PoolLib.Terms memory terms = _terms(UNIFORM);
    terms.surplusPrice = 0;
    vm.prank(operator);
    pool.announceTerms(AREA, terms);
    _fund(AREA, buyer, MARGIN_MICRO);
    _fund(AREA, seller, MARGIN_MICRO);
    ReferenceClearing.Result memory other = _book(_order(buyer, 360_000, 1), _order(seller, 60_000, 1), AREA);
    _submitAll(other);
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory readings = new uint256[](4);
    readings[0] = Readings.reading(PROSUMER, 0, 600);
    readings[1] = Readings.reading(CONSUMER, 600, 0);
    readings[2] = Readings.reading(buyer, 0, 0);
    readings[3] = Readings.reading(seller, 0, 0);
    Readings.Tree memory tree = _publish(AREA, INTERVAL, readings);
    _settlePage(other, tree, 0);
    pool = first;
    _settlePage(honest, tree, 0);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
  }

  /// @dev One Wh exported, sold in two pools: it is delivered once.
  function test_TwoPoolsDoNotCountOneWhTwice() public {
    PoolMarket first = pool;
    ReferenceClearing.Result memory one = _trade600();
    _submitAll(one);
    pool = _newPool();
    _openPool(AREA, _terms(UNIFORM));
    _fund(AREA, PROSUMER, MARGIN_MICRO);
    _fund(AREA, CONSUMER, MARGIN_MICRO);
    ReferenceClearing.Result memory two = _trade600();
    _submitAll(two);
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publishExact(one);
    _settlePage(two, tree, 0);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150);
    pool = first;
    _settlePage(one, tree, 0);
    vm.assertEq(_marginOf(PROSUMER), MARGIN_MICRO + 600 * 150 - 600 * 450);
    _assertNothingHeld();
  }
}

/// @notice From every state reserved money returns in a transaction that a chain takes, whatever the number of steps.
/// forge-config: default.isolate = true
contract ReturnLimitsTest is PoolFixture {
  uint256 private constant MAX_TRANSACTION_GAS = 10_000_000;
  uint256 private constant MAX_CALLDATA_BYTES = 120_000;

  uint16 private first;
  uint256 private count;

  /// @dev As many positions as a page can have, over many steps.
  function test_AFullPageOfManyStepsIsReturned() public {
    _run(252, 6);
  }

  function test_APageOf100MembersAnd40StepsIsReturned() public {
    _run(100, 40);
  }

  function _run(uint256 members, uint256 steps) private {
    first = _settleIn(members, AREA);
    count = members;
    _publishDirectories(AREA);
    for (uint256 step; step < steps; ++step) {
      this.submitStep(step);
    }
    vm.warp(uint256(INTERVAL) * INTERVAL_SECONDS);
    vm.prank(outsider);
    pool.abandon(AREA, INTERVAL);
    for (uint256 page; page <= (first + members - 1) / 256; ++page) {
      uint256[] memory positions = _positionsAfter(steps, page);
      bytes memory data = abi.encodeCall(pool.returnPage, (AREA, INTERVAL, 0, uint16(page), positions));
      vm.assertLe(data.length, MAX_CALLDATA_BYTES, "bytes of a return");
      pool.returnPage(AREA, INTERVAL, 0, uint16(page), positions);
      vm.assertLe(
        vm.snapshotGasLastCall("PoolLimits", string.concat("returnPage.", vm.toString(members))),
        MAX_TRANSACTION_GAS,
        "gas of a return"
      );
    }
    _assertNothingHeld();
    vm.assertEq(_marginOf(first), MARGIN_MICRO);
  }

  /// @dev Each member bought a Wh a step.
  function _positionsAfter(uint256 steps, uint256 page) private view returns (uint256[] memory) {
    ReferenceClearing.Page memory held;
    for (uint256 i; i < count; ++i) {
      uint256 member = first + i;
      if (member / 256 != page) continue;
      (held.side[member % 256], held.energyWh[member % 256]) = (1, steps);
    }
    return ReferenceClearing.pack(UNIFORM, page, held, false);
  }

  /// @dev Bids of 1 Wh of every member at one price below that of the step before; a call of its own frees its memory.
  function submitStep(uint256 step) external {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](count);
    for (uint256 i; i < count; ++i) {
      bids[i] = _order(uint16(first + i), int32(int256(360_000 - step)), 1);
    }
    PoolLib.Outcome memory outcome;
    (outcome.areaId, outcome.intervalId, outcome.clearedWh) = (AREA, INTERVAL, 1);
    (outcome.marginalBid, outcome.marginalOffer, outcome.localPrice) = (60_000, 60_000, 60_000);
    (outcome.bids.levelQuantity, outcome.bids.filledQuantity) = (1, 1);
    (outcome.offers.levelQuantity, outcome.offers.filledQuantity) = (1, 1);
    (outcome.firstMember, outcome.lastMember) = (first, uint16(first + count - 1));
    uint256[][] memory prior = new uint256[][](outcome.lastMember / 256 + 1);
    for (uint256 page; step != 0 && page < prior.length; ++page) {
      prior[page] = _positionsAfter(step, page);
    }
    _submit(outcome, _pack(AREA, INTERVAL, BID, bids, 0, count), "", prior, false);
  }
}
