// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { SealLib } from "../../src/pool/SealLib.sol";
import { PoolFixture } from "../pool/PoolFixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice A pool whose intervals are settled, and what brings a corrected reading to it.
abstract contract CorrectionFixture is PoolFixture {
  using Readings for Readings.Tree;

  /// @dev The readings of prosumer and consumer.
  function _two(uint256 exportWh, uint256 importWh) internal pure returns (uint256[] memory readings) {
    readings = new uint256[](2);
    readings[0] = Readings.reading(PROSUMER, 7, exportWh);
    readings[1] = Readings.reading(CONSUMER, importWh, 7);
  }

  /// @dev Clears a book of the two, and settles it with these readings.
  function _settledWith(ReferenceClearing.Result memory result, uint256 exportWh, uint256 importWh)
    internal
    returns (SealLib.Settled memory)
  {
    _submitAll(result);
    vm.warp(_endsAt(INTERVAL));
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _two(exportWh, importWh));
    bool isSupplied = _interval(AREA).isSupplied;
    _settlePage(result, tree, 0);
    return _settledOf(result, tree.readings, 0, isSupplied);
  }

  /// @dev What a page was settled by, when each trader had its reading in `readings`, or none.
  function _settledOf(
    ReferenceClearing.Result memory result,
    uint256[] memory readings,
    uint256 page,
    bool isSupplied
  ) internal view returns (SealLib.Settled memory settled) {
    uint16 areaId = result.outcome.areaId;
    settled.terms = pool.versionFor(areaId, result.outcome.intervalId);
    (settled.isSupplied, settled.localPrice) = (isSupplied, result.outcome.localPrice);
    (settled.supplier, settled.dso) = (SUPPLIER, DSO);
    settled.positions = ReferenceClearing.positionsOf(result, page);
    uint256 traders = _traders(result, page);
    uint256 count = 256;
    while (traders >> (count - 1) == 0) {
      --count;
    }
    settled.readings = new uint256[](count);
    for (uint256 i; i < readings.length; ++i) {
      uint256 member = readings[i] >> 240;
      if (member / 256 == page && traders >> member % 256 & 1 == 1) {
        settled.readings[member % 256] = readings[i];
      }
    }
  }

  /// @dev Publishes the next version and gives the proof of its reading at `index`.
  function _corrected(uint256[] memory readings, uint256 index)
    internal
    returns (ReadingTree.Proof[] memory proofs)
  {
    proofs = new ReadingTree.Proof[](1);
    proofs[0] = _publish(AREA, INTERVAL, readings).prove(index);
  }

  function _correct(SealLib.Settled memory settled, ReadingTree.Proof[] memory proofs) internal {
    vm.prank(outsider);
    pool.correct(AREA, INTERVAL, 0, settled, proofs);
  }

  function _owed(uint16 from, uint16 to) internal view returns (uint256) {
    return house.debtMicro(address(pool), _seat(AREA, from), _seat(AREA, to));
  }

  /// @dev Takes all margin of a member out, but for what the pool holds.
  function _emptyMargin(uint16 member) internal {
    address owner = _ownerOf(AREA, member);
    uint256 margin = _marginOf(member);
    vm.prank(owner);
    house.announceMarginWithdrawal(address(pool), _seat(AREA, member), margin);
    vm.warp(block.timestamp + 2 hours);
    vm.prank(owner);
    house.withdrawMargin(address(pool), _seat(AREA, member));
  }

  /// @dev What all seats of the area have in the pool, and what is free, is what the house holds.
  function _assertConserved() internal view {
    uint256 total = house.escrowMicro(address(pool));
    for (uint16 areaId = 1; areaId <= 3; ++areaId) {
      (,, uint16 lastMember,,,) = areas.areas(areaId);
      for (uint16 member = 1; member <= lastMember; ++member) {
        total += _marginOf(areaId, member);
      }
    }
    for (uint24 account = 1; registry.ownerOf(account) != address(0); ++account) {
      total += house.freeMicro(account);
    }
    vm.assertEq(total, house.heldMicro());
  }
}
