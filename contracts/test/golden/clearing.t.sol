// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolFixture } from "../pool/PoolFixture.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice The cases of cases/clearing, which the TypeScript clearing reads as well: each is cleared by the pool
/// and settled with exact delivery, and everybody has paid what the case says (R9.8, docs/model/clearing.md).
contract ClearingGoldenTest is PoolFixture {
  string private constant CASES = "cases/clearing";
  uint256 private constant FEWEST_CASES = 9;
  uint256 private constant PARTICIPANTS = 8;

  /// @dev An area and the member before that of participant 1, by pricing.
  uint16[3] private areaIds;
  uint16[3] private before;

  struct Case {
    string directory;
    string input;
    string expected;
    uint256 pricing;
    uint32 intervalId;
  }

  function setUp() public override {
    super.setUp();
    vm.warp(START);
    _openMarket(UNIFORM);
    _openMarket(MIDPOINT);
    _openMarket(MARGINAL);
  }

  function _openMarket(uint8 pricing) private {
    areaIds[pricing] = _openArea(otherGateway);
    _openPool(areaIds[pricing], _wideTerms(pricing));
    before[pricing] = _settleIn(PARTICIPANTS, areaIds[pricing]) - 1;
  }

  function test_EveryCaseClearsAsStated() public {
    uint256 count = vm.readDir(CASES).length;
    vm.assertGe(count, FEWEST_CASES);
    for (uint256 i; i < count; ++i) {
      _check(_read(vm.readDir(CASES)[i].path, INTERVAL + 2 * uint32(i)));
    }
  }

  /// @dev Every price of the cases is within the band, and nothing is paid but for energy.
  function _wideTerms(uint8 pricing) private pure returns (PoolLib.Terms memory terms) {
    terms = _terms(pricing);
    (terms.floor, terms.ceiling) = (-100_000, 30_000_000);
    (terms.upstreamPrice, terms.surplusPrice) = (30_000_000, -100_000);
    (terms.gridFee, terms.penaltyPermille) = (0, 1000);
  }

  function _read(string memory directory, uint32 intervalId) private view returns (Case memory golden) {
    golden.directory = directory;
    golden.input = vm.readFile(string.concat(directory, "/input.json"));
    golden.expected = vm.readFile(string.concat(directory, "/expected.json"));
    golden.intervalId = intervalId;
    bytes32 pricing = keccak256(bytes(vm.parseJsonString(golden.input, ".pricing")));
    string[3] memory names = ["uniform", "midpoint", "marginal"];
    while (keccak256(bytes(names[golden.pricing])) != pricing) {
      ++golden.pricing;
    }
  }

  function _check(Case memory golden) private {
    ReferenceClearing.Order[] memory bids = _side(golden, ".bids");
    ReferenceClearing.Order[] memory offers = _side(golden, ".offers");
    ReferenceClearing.Result memory result =
      _cleared(bids, offers, areaIds[golden.pricing], golden.intervalId);
    _checkFills(golden, ".bidFillWh", bids, result.bids, result.bidFillWh);
    _checkFills(golden, ".offerFillWh", offers, result.offers, result.offerFillWh);
    _checkEnergy(golden, result);

    uint256[] memory margins = _margins(golden.pricing);
    uint16 areaId = areaIds[golden.pricing];
    uint256 fundBefore = _marginOf(areaId, FUND);
    _trade(result);
    _checkClearing(golden, result);
    _checkPayments(golden, margins);
    vm.assertEq(
      _marginOf(areaId, FUND) - fundBefore,
      vm.parseJsonUint(golden.expected, ".remainderMicro"),
      golden.directory
    );
    vm.assertEq(house.escrowMicro(address(pool)), 0, golden.directory);
  }

  function _checkFills(
    Case memory golden,
    string memory key,
    ReferenceClearing.Order[] memory orders,
    ReferenceClearing.Order[] memory sorted,
    uint256[] memory fillWh
  ) private pure {
    uint256[] memory expected = vm.parseJsonUintArray(golden.expected, key);
    vm.assertEq(expected.length, orders.length, golden.directory);
    for (uint256 i; i < orders.length; ++i) {
      vm.assertEq(fillWh[_placeOf(orders[i], sorted)], expected[i], golden.directory);
    }
  }

  /// @dev What each participant bought and sold. The pool commits to the same positions, or it would not settle them.
  function _checkEnergy(Case memory golden, ReferenceClearing.Result memory result) private view {
    uint256[] memory participants = vm.parseJsonUintArray(golden.expected, ".participants");
    uint256[] memory boughtWh = vm.parseJsonUintArray(golden.expected, ".boughtWh");
    uint256[] memory soldWh = vm.parseJsonUintArray(golden.expected, ".soldWh");
    ReferenceClearing.Page memory held =
      ReferenceClearing.pageOf(result, 0, result.bids.length, result.offers.length);
    for (uint256 i; i < participants.length; ++i) {
      uint256 member = before[golden.pricing] + participants[i];
      uint256 energyWh = held.energyWh[member];
      vm.assertEq(held.side[member] == 1 ? energyWh : 0, boughtWh[i], golden.directory);
      vm.assertEq(held.side[member] == 2 ? energyWh : 0, soldWh[i], golden.directory);
    }
  }

  function _checkClearing(Case memory golden, ReferenceClearing.Result memory result) private view {
    PoolLib.Interval memory interval = pool.intervalOf(result.outcome.areaId, golden.intervalId);
    PoolLib.Stage stage = result.clearedWh == 0 ? PoolLib.Stage.Untraded : PoolLib.Stage.Settled;
    vm.assertEq(uint256(interval.stage), uint256(stage), golden.directory);
    vm.assertEq(result.clearedWh, vm.parseJsonUint(golden.expected, ".clearedWh"), golden.directory);
    if (vm.parseJsonBool(golden.expected, ".hasPrice")) {
      int256 price = vm.parseJsonInt(golden.expected, ".clearingPriceMicroPerKwh");
      vm.assertEq(result.outcome.localPrice, price, golden.directory);
    }
    if (result.clearedWh == 0) return;
    int256 marginalBid = vm.parseJsonInt(golden.expected, ".marginalBidMicroPerKwh");
    int256 marginalOffer = vm.parseJsonInt(golden.expected, ".marginalOfferMicroPerKwh");
    vm.assertEq(result.outcome.marginalBid, marginalBid, golden.directory);
    vm.assertEq(result.outcome.marginalOffer, marginalOffer, golden.directory);
  }

  function _checkPayments(Case memory golden, uint256[] memory margins) private view {
    uint256[] memory participants = vm.parseJsonUintArray(golden.expected, ".participants");
    int256[] memory paymentMicro = vm.parseJsonIntArray(golden.expected, ".paymentMicro");
    vm.assertEq(participants.length, paymentMicro.length, golden.directory);
    for (uint256 i; i < participants.length; ++i) {
      uint256 margin = _marginOf(areaIds[golden.pricing], uint16(before[golden.pricing] + participants[i]));
      int256 paid = int256(margins[participants[i]]) - int256(margin);
      vm.assertEq(paid, paymentMicro[i], golden.directory);
    }
  }

  function _side(Case memory golden, string memory key)
    private
    view
    returns (ReferenceClearing.Order[] memory orders)
  {
    uint256[] memory participants = vm.parseJsonUintArray(golden.input, string.concat(key, ".participant"));
    int256[] memory prices = vm.parseJsonIntArray(golden.input, string.concat(key, ".limitPriceMicroPerKwh"));
    uint256[] memory energyWh = vm.parseJsonUintArray(golden.input, string.concat(key, ".energyWh"));
    uint256[] memory sequences = vm.parseJsonUintArray(golden.input, string.concat(key, ".sequence"));
    orders = new ReferenceClearing.Order[](participants.length);
    for (uint256 i; i < orders.length; ++i) {
      vm.assertTrue(participants[i] != 0 && participants[i] <= PARTICIPANTS, golden.directory);
      orders[i] = ReferenceClearing.Order({
        member: uint16(before[golden.pricing] + participants[i]),
        price: int32(prices[i]),
        energyWh: uint32(energyWh[i]),
        sequence: uint8(sequences[i])
      });
    }
  }

  /// @dev By participant; place 0 is nobody's.
  function _margins(uint256 pricing) private view returns (uint256[] memory margins) {
    margins = new uint256[](PARTICIPANTS + 1);
    for (uint16 participant = 1; participant <= PARTICIPANTS; ++participant) {
      margins[participant] = _marginOf(areaIds[pricing], before[pricing] + participant);
    }
  }

  function _placeOf(ReferenceClearing.Order memory order, ReferenceClearing.Order[] memory sorted)
    private
    pure
    returns (uint256 place)
  {
    while (keccak256(abi.encode(sorted[place])) != keccak256(abi.encode(order))) {
      ++place;
    }
  }
}
