// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaFixture } from "../charging/QuotaFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of the steps of a period, each a whole transaction, with half of what stations demand left of the transformer.
/// Every second station sells a part of its quota to the one before it; two readings a station and period. Of the steps that each
/// station takes, that of the last station is measured.
/// @dev Isolated: each call is a transaction, so that storage is cold as on a chain.
/// forge-config: default.isolate = true
contract QuotaGasTest is QuotaFixture {
  uint256 private constant MAX_TRANSACTION_GAS = 10_000_000;
  uint256 private constant MAX_GAS_PER_STATION_OF_AN_ALLOCATION = 4000;
  uint256 private constant MAX_GAS_PER_STATION_OF_A_CLEARING = 25_000;

  uint16[] private members;

  function test_8Stations() public {
    _run(8, "8");
  }

  function test_64Stations() public {
    _run(64, "64");
  }

  function test_256Stations() public {
    _run(256, "256");
  }

  function _run(uint256 count, string memory name) private {
    for (uint256 i; i < count; ++i) {
      members.push(i < 3 ? A + uint16(i) : _join(i));
    }
    for (uint256 directory; directory <= members[count - 1] / 256; ++directory) {
      areas.publishDirectory(AREA, directory);
    }
    _initialize(uint32(500 * count));
    vm.snapshotGasLastCall("QuotaMarket", string.concat("initialize.", name));
    for (uint256 i; i < count; ++i) {
      _demand(members[i], 1000, 1_000_000);
    }
    vm.snapshotGasLastCall("QuotaMarket", string.concat("submitDemand.", name));
    _allocate(members);
    uint256 gasUsed = vm.snapshotGasLastCall("QuotaMarket", string.concat("allocate.", name));
    vm.assertLe(gasUsed, 60_000 + count * MAX_GAS_PER_STATION_OF_AN_ALLOCATION);
    _clear(_book(count));
    gasUsed = vm.snapshotGasLastCall("QuotaMarket", string.concat("clear.", name));
    vm.assertLe(gasUsed, 100_000 + count * MAX_GAS_PER_STATION_OF_A_CLEARING);
    vm.assertLe(gasUsed, MAX_TRANSACTION_GAS);
    _settle(count, name);
  }

  function _book(uint256 count) private view returns (ReferenceClearing.Result memory) {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](count / 2);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](count / 2);
    for (uint256 i; i < count / 2; ++i) {
      bids[i] = _order(members[2 * i], 5_000_000 + int32(int256(1000 * i)), 100);
      offers[i] = _order(members[2 * i + 1], 4_000_000 - int32(int256(1000 * i)), 100);
    }
    return _cleared(bids, offers);
  }

  function _settle(uint256 count, string memory name) private {
    uint256[] memory importWh = new uint256[](count);
    for (uint256 i; i < count; ++i) {
      importWh[i] = 90;
    }
    Readings.Tree[2] memory trees = _meter(members, importWh, importWh);
    _pay(members[0], _proofs(trees, 0));
    _pay(members[count - 1], _proofs(trees, count - 1));
    vm.snapshotGasLastCall("QuotaMarket", string.concat("pay.", name));
    market.withdraw(AREA, PERIOD, members[count - 1]);
    vm.snapshotGasLastCall("QuotaMarket", string.concat("withdraw.", name));
  }
}
