// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { PoolSettlementLib } from "../../src/pool/PoolSettlementLib.sol";
import { Fixture } from "../support/Fixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of whole transactions, calldata and the 21,000 of any transaction included (R2.8). Half the orders are bids
/// (80,000 to 360,000 micro/kWh), half offers (60,000 to 300,000), 100 to 5,000 Wh. Directories are published and
/// balances are not zero, as in any interval but the first. One order an account; submitted is what an operator submits of
/// such a book: the traded orders and the best one left on each side. Besides, at 512: two orders an account ("Ladders"),
/// every order of the book submitted ("WholeBook"), and a book of which every order trades ("AllTrade").
/// @dev Isolated: each call is a transaction, so that storage is cold as on a chain.
/// forge-config: default.isolate = true
contract PoolGasTest is Fixture {
  using Readings for Readings.Tree;

  uint256 private constant MAX_TRANSACTION_GAS = 5_000_000;
  uint256 private constant MAX_CALLDATA_BYTES = 120_000;

  uint256 private random;

  function test_Uniform8() public {
    _measure("Uniform", 8, UNIFORM_AREA);
  }

  function test_Uniform32() public {
    _measure("Uniform", 32, UNIFORM_AREA);
  }

  function test_Uniform128() public {
    _measure("Uniform", 128, UNIFORM_AREA);
  }

  function test_Uniform512() public {
    _measure("Uniform", 512, UNIFORM_AREA);
  }

  function test_Midpoint8() public {
    _measure("Midpoint", 8, MIDPOINT_AREA);
  }

  function test_Midpoint32() public {
    _measure("Midpoint", 32, MIDPOINT_AREA);
  }

  function test_Midpoint128() public {
    _measure("Midpoint", 128, MIDPOINT_AREA);
  }

  function test_Midpoint512() public {
    _measure("Midpoint", 512, MIDPOINT_AREA);
  }

  function test_UniformLadders512() public {
    _run("UniformLadders", 512, _needed(_randomBook(512, UNIFORM_AREA, 2)));
  }

  function test_MidpointLadders512() public {
    _run("MidpointLadders", 512, _needed(_randomBook(512, MIDPOINT_AREA, 2)));
  }

  function test_UniformWholeBook512() public {
    _run("UniformWholeBook", 512, _randomBook(512, UNIFORM_AREA, 1));
  }

  function test_MidpointWholeBook512() public {
    _run("MidpointWholeBook", 512, _randomBook(512, MIDPOINT_AREA, 1));
  }

  function test_UniformAllTrade512() public {
    _run("UniformAllTrade", 512, _tradedBook(512, UNIFORM_AREA));
  }

  function test_MidpointAllTrade512() public {
    _run("MidpointAllTrade", 512, _tradedBook(512, MIDPOINT_AREA));
  }

  function _measure(string memory pricing, uint256 size, uint16 areaId) private {
    _run(pricing, size, _needed(_randomBook(size, areaId, 1)));
  }

  function _run(string memory pricing, uint256 size, ReferenceClearing.Result memory result) private {
    string memory name = string.concat(pricing, ".", vm.toString(size));
    _measureClearing(result, name);
    _measureSettlement(result, name);
  }

  function _measureClearing(ReferenceClearing.Result memory result, string memory name) private {
    vm.warp(_opensAt(INTERVAL));
    PoolMarket.Outcome memory outcome = result.outcome;
    bytes memory bids = _pack(outcome.areaId, INTERVAL, 0, result.bids, 0, result.bids.length);
    bytes memory offers = _pack(outcome.areaId, INTERVAL, 1, result.offers, 0, result.offers.length);
    _submit(outcome, bids, offers, true);
    uint256 gasUsed = vm.snapshotGasLastCall("PoolMarket", string.concat("clear", name));
    uint256 bytesSent = abi.encodeCall(pool.clearUniform, (outcome, bids, offers, true)).length;
    vm.assertLe(gasUsed, MAX_TRANSACTION_GAS, "gas of the clearing");
    vm.assertLe(bytesSent, MAX_CALLDATA_BYTES, "bytes of the clearing");
    vm.snapshotValue(
      "PoolMarket", string.concat("clear", name, ".gasPerTrade"), gasUsed / result.trades.length
    );
  }

  function _measureSettlement(ReferenceClearing.Result memory result, string memory name) private {
    vm.warp(_endsAt(INTERVAL));
    uint256[] memory positions = ReferenceClearing.positionsOf(result, 0, 0, result.trades.length);
    (uint256[] memory readings, uint256 traded) = _allReadings(positions);
    Readings.Tree memory tree =
      Readings.build(ledger.contextOf(result.outcome.areaId, INTERVAL, 1), readings, traded);
    vm.prank(gateway);
    ledger.publish(result.outcome.areaId, INTERVAL, tree.root, uint32(readings.length));
    uint256[][] memory steps = new uint256[][](1);
    steps[0] = positions;
    pool.settle(result.outcome.areaId, INTERVAL, 0, steps, tree.open(0, positions));
    uint256 gasUsed = vm.snapshotGasLastCall("PoolMarket", string.concat("settle", name));
    vm.assertLe(gasUsed, MAX_TRANSACTION_GAS, "gas of the settlement");
    vm.snapshotValue("PoolMarket", string.concat("settle", name, ".gasPerPosition"), gasUsed / traded);
    vm.snapshotValue("PoolMarket", string.concat("settle", name, ".gasPerReading"), gasUsed / readings.length);
  }

  /// @dev Every resident has a meter: first those with a position, of whom one in eight deviates from its contract.
  function _allReadings(uint256[] memory positions)
    private
    view
    returns (uint256[] memory readings, uint256 traded)
  {
    uint256 first = consumerAccount + 1;
    traded = positions.length;
    readings = new uint256[](registry.lastAccount() + 1 - first);
    uint256 next = traded;
    for (uint256 account = first; account <= registry.lastAccount(); ++account) {
      uint256 i = _indexOf(positions, account);
      if (i == traded) readings[next++] = Readings.reading(account, 700, 0);
      else readings[i] = i % 8 == 0 ? Readings.reading(account, 700, 0) : _exactReading(positions[i]);
    }
  }

  function _indexOf(uint256[] memory positions, uint256 account) private pure returns (uint256 index) {
    while (index < positions.length && uint32(positions[index]) != account) {
      ++index;
    }
  }

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
      INTERVAL
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
    uint24 first = _openMarket(size / ordersEach, areaId);
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](size / 2);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](size / 2);
    for (uint24 i; i < size / 2; ++i) {
      uint24 buyer = first + 2 * (i / ordersEach);
      bids[i] = _randomOrder(buyer, uint8(i % ordersEach), 80_000, 360_000);
      offers[i] = _randomOrder(buyer + 1, uint8(i % ordersEach), 60_000, 300_000);
    }
    return _cleared(bids, offers, areaId, INTERVAL);
  }

  /// @dev Bids above all offers, and of the same energies.
  function _tradedBook(uint256 size, uint16 areaId) private returns (ReferenceClearing.Result memory) {
    uint24 first = _openMarket(size, areaId);
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](size / 2);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](size / 2);
    for (uint24 i; i < size / 2; ++i) {
      bids[i] = _randomOrder(first + 2 * i, 0, 210_000, 360_000);
      offers[i] = _randomOrder(first + 2 * i + 1, 0, 60_000, 200_000);
      offers[i].energyWh = bids[i].energyWh;
    }
    return _cleared(bids, offers, areaId, INTERVAL);
  }

  /// @dev Residents with margins, directories and balances; gives the first one.
  function _openMarket(uint256 accounts, uint16 areaId) private returns (uint24 first) {
    first = _settleIn(accounts, areaId);
    for (uint256 directory = first / 256; directory <= (first + accounts - 1) / 256; ++directory) {
      registry.publishDirectory(directory);
    }
    _fundMargin(dso, 1);
    _fundMargin(fund, 1);
    random = 1;
  }

  function _randomOrder(uint24 account, uint8 sequence, uint256 low, uint256 high)
    private
    returns (ReferenceClearing.Order memory)
  {
    int32 price = int32(int256(_uniform(low, high)));
    return ReferenceClearing.Order(account, price, uint32(_uniform(100, 5000)), sequence);
  }

  function _uniform(uint256 low, uint256 high) private returns (uint256) {
    random = uint256(keccak256(abi.encode(random)));
    return low + random % (high - low + 1);
  }
}
