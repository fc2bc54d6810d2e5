// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolSettlementLib } from "../../src/libraries/PoolSettlementLib.sol";
import { PoolMarket } from "../../src/markets/PoolMarket.sol";
import { Fixture } from "../support/Fixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of whole transactions, calldata and the 21,000 of any transaction included (R2.8). Half the orders are bids
/// (80,000 to 360,000 micro/kWh), half offers (60,000 to 300,000), 100 to 5,000 Wh. Directories are published and
/// balances are not zero, as in any interval but the first. Three books of each size: one order an account and all of
/// them submitted, traded or not; the same with two orders an account ("Ladders"); and with the traded orders only.
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
    _run("UniformLadders", 512, _randomBook(512, UNIFORM_AREA, 2));
  }

  function test_MidpointLadders512() public {
    _run("MidpointLadders", 512, _randomBook(512, MIDPOINT_AREA, 2));
  }

  function test_UniformTraded512() public {
    _run("UniformTraded", 512, _onlyTraded(_randomBook(512, UNIFORM_AREA, 1)));
  }

  function test_MidpointTraded512() public {
    _run("MidpointTraded", 512, _onlyTraded(_randomBook(512, MIDPOINT_AREA, 1)));
  }

  function _measure(string memory pricing, uint256 size, uint16 areaId) private {
    _run(pricing, size, _randomBook(size, areaId, 1));
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
    Readings.Tree memory tree = _publish(result.outcome.areaId, INTERVAL, _allReadings(result));
    uint256 gasUsed;
    uint256 participants;
    for (uint256 page = result.outcome.firstPage; page <= result.outcome.lastPage; ++page) {
      uint256[][] memory positions = new uint256[][](1);
      positions[0] = ReferenceClearing.positionsOf(result, page, 0, result.trades.length);
      participants += positions[0].length;
      if (positions[0].length == 0) continue;
      PoolSettlementLib.Readings memory readings = tree.open(page, positions[0]);
      pool.settle(result.outcome.areaId, INTERVAL, uint16(page), positions, readings);
      uint256 pageGas =
        vm.snapshotGasLastCall("PoolMarket", string.concat("settle", name, ".page", vm.toString(page)));
      vm.assertLe(pageGas, MAX_TRANSACTION_GAS, "gas of the settlement");
      gasUsed += pageGas;
    }
    vm.snapshotValue("PoolMarket", string.concat("settle", name, ".gasPerPosition"), gasUsed / participants);
    vm.snapshotValue(
      "PoolMarket", string.concat("settle", name, ".gasPerReading"), gasUsed / tree.readings.length
    );
  }

  /// @dev Every resident has a meter; those without a position are sealed. One in eight deviates from its contract.
  function _allReadings(ReferenceClearing.Result memory result)
    private
    view
    returns (uint256[] memory readings)
  {
    uint256[] memory traded = _exactReadings(result);
    uint256 first = consumerAccount + 1;
    readings = new uint256[](registry.lastAccount() + 1 - first);
    for (uint256 i; i < readings.length; ++i) {
      readings[i] = Readings.reading(first + i, 700, 0);
    }
    for (uint256 i; i < traded.length; ++i) {
      if (i % 8 != 0) readings[(traded[i] >> 224) - first] = traded[i];
    }
  }

  function _onlyTraded(ReferenceClearing.Result memory result)
    private
    view
    returns (ReferenceClearing.Result memory)
  {
    return _cleared(
      _filled(result.bids, result.bidFillWh),
      _filled(result.offers, result.offerFillWh),
      result.outcome.areaId,
      INTERVAL
    );
  }

  function _filled(ReferenceClearing.Order[] memory orders, uint256[] memory fillWh)
    private
    pure
    returns (ReferenceClearing.Order[] memory filled)
  {
    uint256 count;
    while (count < orders.length && fillWh[count] != 0) {
      ++count;
    }
    filled = new ReferenceClearing.Order[](count);
    for (uint256 i; i < count; ++i) {
      filled[i] = orders[i];
    }
  }

  function _randomBook(uint256 size, uint16 areaId, uint8 ordersEach)
    private
    returns (ReferenceClearing.Result memory result)
  {
    uint256 accounts = size / ordersEach;
    uint24 first = _settleIn(accounts, areaId);
    for (uint256 page = first / 256; page <= (first + accounts - 1) / 256; ++page) {
      registry.publishDirectory(page);
    }
    _fundMargin(dso, 1);
    _fundMargin(fund, 1);
    random = 1;
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](size / 2);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](size / 2);
    for (uint24 i; i < size / 2; ++i) {
      uint24 buyer = first + 2 * (i / ordersEach);
      bids[i] = _randomOrder(buyer, uint8(i % ordersEach), 80_000, 360_000);
      offers[i] = _randomOrder(buyer + 1, uint8(i % ordersEach), 60_000, 300_000);
    }
    result = _cleared(bids, offers, areaId, INTERVAL);
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
