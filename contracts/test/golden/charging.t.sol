// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { QuotaLib } from "../../src/charging/QuotaLib.sol";
import { QuotaSettlementLib } from "../../src/charging/QuotaSettlementLib.sol";
import { AreaRegistry } from "../../src/metering/AreaRegistry.sol";
import { QuotaFixture } from "../charging/QuotaFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice The cases of cases/charging, which the TypeScript rules read as well: each is a period in an area of its own, from
/// the margin to the withdrawal of what is left.
contract ChargingGoldenTest is QuotaFixture {
  string private constant CASES = "cases/charging";
  uint256 private constant FEWEST_CASES = 11;
  /// @dev Station n of a case is member n + 3.
  uint16 private constant BEFORE = 3;
  uint32 private constant WIDE_W = 1_000_000;

  struct Case {
    string directory;
    string input;
    string expected;
    uint256 count;
    uint256 intervalSeconds;
  }

  uint256 private cases;
  uint16[] private members;

  function test_EveryCaseEndsAsStated() public {
    uint256 count = vm.readDir(CASES).length;
    vm.assertGe(count, FEWEST_CASES);
    for (uint256 i; i < count; ++i) {
      _check(_read(vm.readDir(CASES)[i].path));
    }
  }

  function _read(string memory directory) private view returns (Case memory golden) {
    golden.directory = directory;
    golden.input = vm.readFile(string.concat(directory, "/input.json"));
    golden.expected = vm.readFile(string.concat(directory, "/expected.json"));
    golden.count = _inputs(golden, ".demandsW").length;
    golden.intervalSeconds = _input(golden, ".intervalSeconds");
  }

  function _check(Case memory golden) private {
    _settleIn(golden);
    uint256 dsoBefore = _marginOf(DSO);
    vm.prank(dso);
    market.initialize(
      areaId,
      period,
      QuotaLib.Opening({
        forecastW: uint32(_input(golden, ".forecastW")),
        reserveW: uint32(_input(golden, ".reserveW")),
        tariff: uint32(_input(golden, ".tariffMicroPerKwh")),
        cnyMicroPerEther: CNY_MICRO_PER_ETHER
      })
    );
    _demandAll(golden);
    _allocate(members);
    _checkAllocation(golden);
    uint256[] memory margins = _margins(golden);
    uint256 fundBefore = _marginOf(FUND);
    if (vm.parseJsonBool(golden.expected, ".isRationed")) _auction(golden);
    _checkAuction(golden, margins, _marginOf(FUND) - fundBefore);
    _settle(golden);
    uint256 earned = _sum(_expected(golden, ".feeMicro")) + _sum(_expected(golden, ".penaltyMicro"));
    vm.assertEq(_marginOf(DSO) - dsoBefore, earned, golden.directory);
    vm.assertEq(house.escrowMicro(address(market)), 0, golden.directory);
  }

  /// @dev An area with the stations of the case, and its terms, in a time of its own.
  function _settleIn(Case memory golden) private {
    periodSeconds = _input(golden, ".periodSeconds");
    period = uint32((START + ++cases * 2 days) / periodSeconds);
    vm.warp(_opensAt(period));
    AreaRegistry.AreaSetup memory setup = _setup(otherGateway);
    setup.intervalSeconds = uint32(golden.intervalSeconds);
    vm.prank(operator);
    areaId = areas.openArea(setup);
    QuotaLib.Terms memory terms = _terms(_pricing(golden));
    terms.periodSeconds = uint24(periodSeconds);
    terms.ratingW = uint32(_input(golden, ".ratingW"));
    terms.penaltyPermille = uint16(_input(golden, ".penaltyPermille"));
    _announce(terms);
    delete members;
    for (uint256 i; i < golden.count; ++i) {
      uint24 account = _register(_resident(1000 * cases + i));
      members.push(_enrol(account, areaId));
      vm.prank(registrar);
      areas.changeCapacity(_meterId(account, areaId), WIDE_W);
      _fundMargin(address(market), _seat(areaId, members[i]), MARGIN_MICRO);
    }
  }

  function _demandAll(Case memory golden) private {
    uint256[] memory demandsW = _inputs(golden, ".demandsW");
    uint256[] memory depositsMicro = _inputs(golden, ".depositsMicro");
    for (uint256 i; i < golden.count; ++i) {
      vm.assertLe(
        market.depositNeeded(areaId, period, uint32(demandsW[i]), 0), depositsMicro[i], golden.directory
      );
      vm.prank(_ownerOf(members[i]));
      market.submitDemand(areaId, period, members[i], uint32(demandsW[i]), uint48(depositsMicro[i]));
    }
  }

  function _checkAllocation(Case memory golden) private view {
    QuotaLib.Period memory here = market.periodOf(areaId, period);
    vm.assertEq(uint256(here.marginW), vm.parseJsonUint(golden.expected, ".marginW"), golden.directory);
    bool isRationed = vm.parseJsonBool(golden.expected, ".isRationed");
    vm.assertTrue(isRationed == (here.stage == QuotaLib.Stage.Rationed), golden.directory);
    if (isRationed) {
      uint256 cutMember = vm.parseJsonUint(golden.expected, ".cutMember");
      vm.assertEq(uint256(here.cutMember), cutMember == 0 ? 0 : cutMember + BEFORE, golden.directory);
      vm.assertEq(
        uint256(here.cutRemainder), vm.parseJsonUint(golden.expected, ".cutRemainder"), golden.directory
      );
    }
    _checkQuotas(golden, ".quotasW");
  }

  function _auction(Case memory golden) private {
    ReferenceClearing.Order[] memory bids = _side(golden, ".bids");
    ReferenceClearing.Order[] memory offers = _side(golden, ".offers");
    if (bids.length + offers.length != 0) _clear(_cleared(bids, offers));
  }

  function _checkAuction(Case memory golden, uint256[] memory margins, uint256 remainderMicro) private view {
    int256[] memory paymentMicro = vm.parseJsonIntArray(golden.expected, ".paymentMicro");
    uint256[] memory depositsMicro = _inputs(golden, ".depositsMicro");
    for (uint256 i; i < golden.count; ++i) {
      int256 paid = int256(depositsMicro[i]) - int256(_depositOf(members[i]));
      int256 got = int256(_marginOf(members[i])) - int256(margins[i]);
      vm.assertEq(paid - got, paymentMicro[i], golden.directory);
    }
    vm.assertEq(remainderMicro, vm.parseJsonUint(golden.expected, ".remainderMicro"), golden.directory);
    _checkQuotas(golden, ".finalQuotasW");
  }

  function _checkQuotas(Case memory golden, string memory key) private view {
    uint256[] memory quotasW = _expected(golden, key);
    for (uint256 i; i < golden.count; ++i) {
      vm.assertEq(_quota(members[i]), quotasW[i], golden.directory);
    }
  }

  function _settle(Case memory golden) private {
    Readings.Tree[] memory trees = _publishAll(golden);
    uint256[] memory restMicro = _expected(golden, ".restMicro");
    for (uint256 i; i < golden.count; ++i) {
      QuotaSettlementLib.Evidence[] memory evidence = new QuotaSettlementLib.Evidence[](trees.length);
      for (uint256 j; j < trees.length; ++j) {
        evidence[j].reading = Readings.prove(trees[j], i);
      }
      _pay(members[i], evidence);
      vm.assertEq(_depositOf(members[i]), restMicro[i], golden.directory);
      market.withdraw(areaId, period, members[i]);
    }
  }

  function _publishAll(Case memory golden) private returns (Readings.Tree[] memory trees) {
    vm.warp(_endOf(period));
    uint256 intervals = periodSeconds / golden.intervalSeconds;
    uint256[] memory importWh = _inputs(golden, ".importWh");
    trees = new Readings.Tree[](intervals);
    for (uint256 j; j < intervals; ++j) {
      uint256[] memory readings = new uint256[](golden.count);
      for (uint256 i; i < golden.count; ++i) {
        readings[i] = Readings.reading(members[i], importWh[i * intervals + j], 0);
      }
      trees[j] = _publish(areaId, uint32(period * intervals + j), readings);
    }
  }

  function _side(Case memory golden, string memory key)
    private
    pure
    returns (ReferenceClearing.Order[] memory orders)
  {
    uint256[] memory participants = _inputs(golden, string.concat(key, ".participant"));
    uint256[] memory prices = _inputs(golden, string.concat(key, ".limitPriceMicroPerKw"));
    uint256[] memory quotasW = _inputs(golden, string.concat(key, ".quotaW"));
    uint256[] memory sequences = _inputs(golden, string.concat(key, ".sequence"));
    orders = new ReferenceClearing.Order[](participants.length);
    for (uint256 i; i < orders.length; ++i) {
      orders[i] = ReferenceClearing.Order({
        member: uint16(participants[i]) + BEFORE,
        price: int32(int256(prices[i])),
        energyWh: uint32(quotasW[i]),
        sequence: uint8(sequences[i])
      });
    }
  }

  function _pricing(Case memory golden) private pure returns (uint8 pricing) {
    bytes32 name = keccak256(bytes(vm.parseJsonString(golden.input, ".pricing")));
    string[3] memory names = ["uniform", "midpoint", "marginal"];
    while (keccak256(bytes(names[pricing])) != name) {
      ++pricing;
    }
  }

  function _margins(Case memory golden) private view returns (uint256[] memory margins) {
    margins = new uint256[](golden.count);
    for (uint256 i; i < golden.count; ++i) {
      margins[i] = _marginOf(members[i]);
    }
  }

  function _input(Case memory golden, string memory key) private pure returns (uint256) {
    return vm.parseJsonUint(golden.input, key);
  }

  function _inputs(Case memory golden, string memory key) private pure returns (uint256[] memory) {
    return vm.parseJsonUintArray(golden.input, key);
  }

  function _expected(Case memory golden, string memory key) private pure returns (uint256[] memory) {
    return vm.parseJsonUintArray(golden.expected, key);
  }

  function _sum(uint256[] memory values) private pure returns (uint256 sum) {
    for (uint256 i; i < values.length; ++i) {
      sum += values[i];
    }
  }
}
