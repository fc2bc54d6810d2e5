// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { PageLib } from "../../src/pool/PageLib.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { PoolFixture } from "../pool/PoolFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of whole transactions, calldata and the 21,000 of any transaction included (R2.8). Half the orders are bids
/// (80,000 to 360,000 micro/kWh), half offers (60,000 to 300,000), 100 to 5,000 Wh. Directories are published and
/// balances are not zero, as in any interval but the first. One order a member; submitted is what an operator submits of
/// such a book: the traded orders and the best one left on each side. Besides, at 512: two orders a member ("Ladders"),
/// every order of the book submitted ("WholeBook"), and a book of which every order trades ("AllTrade").
/// @dev Isolated: each call is a transaction, so that storage is cold as on a chain.
/// forge-config: default.isolate = true
contract PoolGasTest is PoolFixture {
  uint256 private constant MAX_TRANSACTION_GAS = 10_000_000;
  uint256 private constant MAX_CALLDATA_BYTES = 120_000;
  /// @dev The goals of the design: they are reached, and stay so.
  uint256 private constant MAX_GAS_PER_TRADE = 7500;
  uint256 private constant MAX_GAS_PER_PARTICIPANT = 2000;
  uint256 private constant MAX_GAS_OF_A_PUBLICATION = 50_000;
  uint256 private constant MAX_GAS_OF_24_HOMES = 300_000;
  /// @dev With midpoints each pair has its own price, and a position takes twice the room.
  uint256 private constant MAX_GAS_PER_MIDPOINT_TRADE = 8600;
  uint256 private constant MAX_GAS_PER_MIDPOINT_PARTICIPANT = 2500;

  uint256 private random = 1;

  function test_Uniform8() public {
    _run("Uniform.8", _needed(_randomBook(8, AREA, 1)));
  }

  function test_Uniform32() public {
    _run("Uniform.32", _needed(_randomBook(32, AREA, 1)));
  }

  function test_Uniform128() public {
    _run("Uniform.128", _needed(_randomBook(128, AREA, 1)));
  }

  function test_Uniform512() public {
    _run("Uniform.512", _needed(_randomBook(512, AREA, 1)));
  }

  function test_Midpoint512() public {
    _run("Midpoint.512", _needed(_randomBook(512, OTHER_AREA, 1)));
  }

  function test_Marginal512() public {
    _run("Marginal.512", _needed(_randomBook(512, MARGINAL_AREA, 1)));
  }

  function test_UniformLadders512() public {
    _run("UniformLadders.512", _needed(_randomBook(512, AREA, 2)));
  }

  function test_UniformWholeBook512() public {
    _run("UniformWholeBook.512", _randomBook(512, AREA, 1));
  }

  function test_UniformAllTrade512() public {
    _runAllTrade("UniformAllTrade.512", AREA);
  }

  function test_MidpointAllTrade512() public {
    _runAllTrade("MidpointAllTrade.512", OTHER_AREA);
  }

  /// @dev The clearing by itself; then its settlement in one transaction with the clearing of what comes, as an operator
  /// sends them: the same margins are written once for both. What that costs more than a clearing is the settlement's.
  function _runAllTrade(string memory name, uint16 areaId) private {
    uint16 first = _openMarket(500, areaId);
    ReferenceClearing.Result memory due = _tradedBook(first, areaId, INTERVAL);
    uint256 cleared = _measureClearing(due, name);
    uint256 perTrade = cleared / due.trades.length;
    vm.snapshotValue("PoolMarket", string.concat("clear", name, ".gasPerTrade"), perTrade);
    bool isMidpoint = areaId == OTHER_AREA;
    vm.assertLe(perTrade, isMidpoint ? MAX_GAS_PER_MIDPOINT_TRADE : MAX_GAS_PER_TRADE, "gas a trade");
    ReferenceClearing.Result memory next = _tradedBook(first, areaId, INTERVAL + 2);
    vm.warp(_closesAt(INTERVAL + 2));
    (Readings.Tree memory tree, uint256 traders) = _publishAll(due);
    uint256 published = vm.snapshotGasLastCall("PoolMarket", string.concat("publish", name));
    vm.assertLe(published, MAX_GAS_OF_A_PUBLICATION, "gas of a publication");
    _settleAndClear(due, tree, next);
    uint256 both = vm.snapshotGasLastCall("PoolMarket", string.concat("settleAndClear", name));
    uint256 perParticipant = (both - cleared) / traders;
    vm.snapshotValue("PoolMarket", string.concat("settle", name, ".gasPerParticipant"), perParticipant);
    vm.assertLe(both, MAX_TRANSACTION_GAS, "gas of settlement and clearing");
    uint256 most = isMidpoint ? MAX_GAS_PER_MIDPOINT_PARTICIPANT : MAX_GAS_PER_PARTICIPANT;
    vm.assertLe(perParticipant, most, "gas a participant settled");
  }

  function _settleAndClear(
    ReferenceClearing.Result memory due,
    Readings.Tree memory tree,
    ReferenceClearing.Result memory next
  ) private {
    bytes[] memory settlements = _settlements(due, tree);
    bytes[] memory calls = new bytes[](settlements.length + 1);
    for (uint256 i; i < settlements.length; ++i) {
      calls[i] = settlements[i];
    }
    calls[settlements.length] = _clearingOf(next);
    vm.prank(operator);
    pool.multicall(calls);
  }

  function _clearingOf(ReferenceClearing.Result memory result) private view returns (bytes memory) {
    (bytes memory bids, bytes memory offers) = (_packBids(result), _packOffers(result));
    return abi.encodeCall(pool.clear, (result.outcome, bids, offers, new uint256[][](0), true));
  }

  function _run(string memory name, ReferenceClearing.Result memory result) private {
    uint256 perTrade = _measureClearing(result, name) / result.trades.length;
    vm.snapshotValue("PoolMarket", string.concat("clear", name, ".gasPerTrade"), perTrade);
    _measureSettlement(result, name);
  }

  function _measureClearing(ReferenceClearing.Result memory result, string memory name)
    private
    returns (uint256 gasUsed)
  {
    vm.warp(_closesAt(INTERVAL));
    PoolLib.Outcome memory outcome = result.outcome;
    (bytes memory bids, bytes memory offers) = (_packBids(result), _packOffers(result));
    _submit(outcome, bids, offers, new uint256[][](0), true);
    gasUsed = vm.snapshotGasLastCall("PoolMarket", string.concat("clear", name));
    uint256 bytesSent = abi.encodeCall(pool.clear, (outcome, bids, offers, new uint256[][](0), true)).length;
    vm.assertLe(gasUsed, MAX_TRANSACTION_GAS, "gas of the clearing");
    vm.assertLe(bytesSent, MAX_CALLDATA_BYTES, "bytes of the clearing");
  }

  /// @dev All pages in one transaction.
  function _measureSettlement(ReferenceClearing.Result memory result, string memory name) private {
    vm.warp(_endsAt(INTERVAL));
    (Readings.Tree memory tree, uint256 traders) = _publishAll(result);
    bytes[] memory calls = _settlements(result, tree);
    pool.multicall(calls);
    uint256 gasUsed = vm.snapshotGasLastCall("PoolMarket", string.concat("settle", name));
    vm.assertLe(gasUsed, MAX_TRANSACTION_GAS, "gas of the settlement");
    vm.snapshotValue("PoolMarket", string.concat("settle", name, ".gasPerPosition"), gasUsed / traders);
    _assertNothingHeld();
  }

  function _settlements(ReferenceClearing.Result memory result, Readings.Tree memory tree)
    internal
    view
    returns (bytes[] memory calls)
  {
    uint256 first = result.outcome.firstMember / 256;
    calls = new bytes[](result.outcome.lastMember / 256 - first + 1);
    for (uint256 i; i < calls.length; ++i) {
      calls[i] = _settlementOf(result, tree, first + i);
    }
  }

  function _settlementOf(ReferenceClearing.Result memory result, Readings.Tree memory tree, uint256 page)
    internal
    view
    returns (bytes memory)
  {
    uint256[] memory positions = ReferenceClearing.positionsOf(result, page);
    PageLib.Readings memory readings = _open(tree, page, _traders(result, page));
    PoolLib.Outcome memory outcome = result.outcome;
    return
      abi.encodeCall(pool.settle, (outcome.areaId, outcome.intervalId, uint16(page), positions, readings));
  }

  /// @dev Every member has a reading: those with a position in the first list, of whom one in eight deviates from its
  /// contract.
  function _publishAll(ReferenceClearing.Result memory result)
    internal
    returns (Readings.Tree memory tree, uint256 traders)
  {
    (tree, traders) = _treeOf(result);
    PoolLib.Outcome memory outcome = result.outcome;
    _publishRoot(outcome.areaId, outcome.intervalId, tree.root, uint32(tree.readings.length));
  }

  function _treeOf(ReferenceClearing.Result memory result)
    private
    view
    returns (Readings.Tree memory tree, uint256 traders)
  {
    uint16 areaId = result.outcome.areaId;
    (,, uint16 lastMember,,,) = areas.areas(areaId);
    uint256[] memory readings = new uint256[](lastMember - 3);
    bool[] memory isSecond = new bool[](readings.length);
    ReferenceClearing.Page memory held;
    for (uint256 member = 4; member <= lastMember; ++member) {
      if (member == 4 || member % 256 == 0) {
        held = ReferenceClearing.pageOf(result, member / 256, result.bids.length, result.offers.length);
      }
      uint256 energyWh = held.energyWh[member % 256];
      isSecond[member - 4] = energyWh == 0;
      if (energyWh != 0 && ++traders % 8 == 0) energyWh = energyWh / 2;
      bool isBuyer = held.side[member % 256] == 1;
      readings[member - 4] =
        Readings.reading(member, energyWh == 0 ? 700 : isBuyer ? energyWh : 0, isBuyer ? 0 : energyWh);
    }
    uint8 version = ledger.versionOf(areaId, result.outcome.intervalId) + 1;
    tree = Readings.build(ledger.contextOf(areaId, result.outcome.intervalId, version), readings, isSecond);
  }

  // -- a small community

  /// @dev 24 homes, one order each, gates that close an hour before delivery. Once an hour the gateway publishes four
  /// intervals, and the operator settles the four that are due and clears the four that come: two transactions.
  function test_AnIntervalOf24Homes() public {
    PoolLib.Terms memory terms = _terms(UNIFORM);
    terms.gateClosureSeconds = 3600;
    uint16 areaId = _openArea(otherGateway);
    _openPool(areaId, terms);
    uint16 first = _openMarket(24, areaId);
    ReferenceClearing.Result[] memory due = new ReferenceClearing.Result[](4);
    bytes[] memory calls = new bytes[](8);
    vm.warp(uint256(INTERVAL) * INTERVAL_SECONDS - 1);
    for (uint32 i; i < 4; ++i) {
      due[i] = _homesBook(first, areaId, INTERVAL + i);
      _submitAll(due[i]);
      calls[4 + i] = _clearingOf(_homesBook(first, areaId, INTERVAL + 5 + i));
    }
    vm.warp(uint256(INTERVAL + 5) * INTERVAL_SECONDS - 1);
    uint256 published = _publishFour(due, calls);
    vm.prank(operator);
    pool.multicall(calls);
    uint256 settledAndCleared = vm.snapshotGasLastCall("PoolMarket", "homes24.settleAndClearFour");
    vm.snapshotValue("PoolMarket", "homes24.interval", (published + settledAndCleared) / 4);
    vm.assertLe((published + settledAndCleared) / 4, MAX_GAS_OF_24_HOMES, "gas of an interval of 24 homes");
  }

  /// @dev Publishes the four intervals, and puts their settlements before the clearings.
  function _publishFour(ReferenceClearing.Result[] memory due, bytes[] memory calls)
    private
    returns (uint256)
  {
    MeterLedger.Publication[] memory publications = new MeterLedger.Publication[](4);
    for (uint256 i; i < 4; ++i) {
      (Readings.Tree memory tree,) = _treeOf(due[i]);
      uint32 meters = uint32(tree.readings.length);
      publications[i] = MeterLedger.Publication(due[i].outcome.intervalId, meters, tree.root);
      calls[i] = _settlements(due[i], tree)[0];
    }
    vm.prank(otherGateway);
    ledger.publishMany(due[0].outcome.areaId, publications);
    return vm.snapshotGasLastCall("PoolMarket", "homes24.publishFour");
  }

  function _homesBook(uint16 first, uint16 areaId, uint32 intervalId)
    private
    returns (ReferenceClearing.Result memory)
  {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](12);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](12);
    for (uint16 i; i < 12; ++i) {
      bids[i] = _randomOrder(first + 2 * i, 0, 80_000, 360_000);
      offers[i] = _randomOrder(first + 2 * i + 1, 0, 60_000, 300_000);
    }
    return _needed(_cleared(bids, offers, areaId, intervalId));
  }

  // -- books

  /// @dev What an operator submits of a cleared book.
  function _needed(ReferenceClearing.Result memory result)
    private
    view
    returns (ReferenceClearing.Result memory)
  {
    return _cleared(
      _needed(result.bids, result.bidFillWh),
      _needed(result.offers, result.offerFillWh),
      result.outcome.areaId,
      result.outcome.intervalId
    );
  }

  /// @dev The filled orders of a side, all others at the marginal price, and the best one left.
  function _needed(ReferenceClearing.Order[] memory orders, uint256[] memory fillWh)
    private
    pure
    returns (ReferenceClearing.Order[] memory needed)
  {
    uint256 count;
    while (count < orders.length && fillWh[count] != 0) {
      ++count;
    }
    while (count != 0 && count < orders.length && orders[count].price == orders[count - 1].price) {
      ++count;
    }
    if (count < orders.length) ++count;
    needed = new ReferenceClearing.Order[](count);
    for (uint256 i; i < count; ++i) {
      needed[i] = orders[i];
    }
  }

  function _randomBook(uint256 size, uint16 areaId, uint8 ordersEach)
    private
    returns (ReferenceClearing.Result memory)
  {
    uint16 first = _openMarket(size / ordersEach, areaId);
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](size / 2);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](size / 2);
    for (uint16 i; i < size / 2; ++i) {
      uint16 buyer = first + 2 * (i / ordersEach);
      bids[i] = _randomOrder(buyer, uint8(i % ordersEach), 80_000, 360_000);
      offers[i] = _randomOrder(buyer + 1, uint8(i % ordersEach), 60_000, 300_000);
    }
    return _cleared(bids, offers, areaId, INTERVAL);
  }

  /// @dev Bids above all offers, and of the same energies: 512 orders of 500 members, of whom twelve have two.
  function _tradedBook(uint16 first, uint16 areaId, uint32 intervalId)
    private
    returns (ReferenceClearing.Result memory)
  {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](256);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](256);
    for (uint16 i; i < 256; ++i) {
      uint16 buyer = first + 2 * (i % 250);
      bids[i] = _randomOrder(buyer, uint8(i / 250), 210_000, 360_000);
      offers[i] = _randomOrder(buyer + 1, uint8(i / 250), 60_000, 200_000);
      offers[i].energyWh = bids[i].energyWh;
    }
    return _cleared(bids, offers, areaId, intervalId);
  }

  /// @dev Residents with margins, directories and balances; gives the first one.
  function _openMarket(uint256 members, uint16 areaId) private returns (uint16 first) {
    first = _settleIn(members, areaId);
    _publishDirectories(areaId);
    _fund(areaId, DSO, 1);
    _fund(areaId, FUND, 1);
  }

  function _randomOrder(uint16 member, uint8 sequence, uint256 low, uint256 high)
    private
    returns (ReferenceClearing.Order memory)
  {
    int32 price = int32(int256(_uniform(low, high)));
    return ReferenceClearing.Order(member, price, uint32(_uniform(100, 5000)), sequence);
  }

  function _uniform(uint256 low, uint256 high) private returns (uint256) {
    random = uint256(keccak256(abi.encode(random)));
    return low + random % (high - low + 1);
  }
}
