// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ChargingSessions } from "../../src/charging/ChargingSessions.sol";
import { SessionFixture } from "../charging/SessionFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice What drivers and a station's owner do, who may vanish at any step, charge too much, or dispute what is right. Each action
/// says itself what must not happen.
contract SessionActions is SessionFixture {
  /// @dev What the driver signed, and what it had paid in the end.
  struct Record {
    bytes32 salt;
    bytes32 id;
    uint48 limitMicro;
  }

  Record[] private records;
  uint256 private seed;
  uint256 private paidMicro;

  // -- actions

  function hold(uint256 seed_) external {
    seed = seed_;
    uint48 limitMicro = uint48(1 + _draw(LIMIT_MICRO));
    if (_marginOf(wallet) < limitMicro) return;
    bytes32 salt = bytes32(records.length);
    market.hold(_one(_signedHold(wallet, driver, _session(salt), limitMicro)));
    records.push(Record(salt, _idOf(salt), limitMicro));
  }

  /// @dev Up to twice the limit: more than the limit is refused.
  function charge(uint256 seed_) external {
    seed = seed_;
    if (records.length == 0) return;
    Record memory here = records[_draw(records.length)];
    uint256 amountMicro = _draw(2 * uint256(here.limitMicro));
    uint256 before = _marginOf(wallet);
    vm.prank(stationOwner);
    try market.charge(_charges(here.id, amountMicro)) {
      vm.assertLe(amountMicro, here.limitMicro);
      vm.assertEq(_marginOf(wallet) - before, here.limitMicro - amountMicro);
    } catch { }
  }

  function dispute(uint256 seed_) external {
    seed = seed_;
    if (records.length == 0) return;
    bytes32 id = records[_draw(records.length)].id;
    vm.prank(driver);
    try market.dispute(id) { } catch { }
  }

  /// @dev By the module, or by its owner, who must not prove anything.
  function prove(uint256 seed_) external {
    seed = seed_;
    if (records.length == 0) return;
    Record memory here = records[_draw(records.length)];
    bool isModule = _draw(4) != 0;
    bytes memory signature = _signStatement(here.id, _statement(), isModule ? module : stationOwner);
    (,,, uint48 chargedMicro,,) = market.sessions(here.id);
    uint256 before = _marginOf(payee);
    try market.prove(here.id, _opening(here.salt), _tariff(), _statement(), signature) {
      vm.assertTrue(isModule);
      uint256 gained = _marginOf(payee) - before;
      vm.assertEq(gained, chargedMicro < TOTAL_MICRO ? chargedMicro : TOTAL_MICRO);
      paidMicro += gained;
    } catch { }
  }

  function finish(uint256 seed_) external {
    seed = seed_;
    if (records.length == 0) return;
    bytes32 id = records[_draw(records.length)].id;
    uint256 before = _marginOf(payee);
    bytes32[] memory ids = new bytes32[](1);
    ids[0] = id;
    try market.finish(ids) {
      paidMicro += _marginOf(payee) - before;
    } catch { }
  }

  function wait_(uint256 seed_) external {
    vm.warp(block.timestamp + seed_ % (2 * HOLD_SECONDS));
  }

  // -- what must hold

  /// @dev What is in escrow is what is held, charged or disputed; what the driver is without, the payee has or escrow.
  function requireSafe() external view {
    uint256 open;
    for (uint256 i; i < records.length; ++i) {
      (ChargingSessions.Stage stage,,, uint48 amountMicro,,) = market.sessions(records[i].id);
      vm.assertLe(amountMicro, records[i].limitMicro);
      if (stage == ChargingSessions.Stage.Finished) vm.assertEq(amountMicro, 0);
      open += amountMicro;
    }
    vm.assertEq(house.escrowMicro(address(market)), open);
    vm.assertEq(_marginOf(payee), paidMicro);
    vm.assertEq(_marginOf(wallet) + open + paidMicro, WALLET_MICRO);
  }

  /// @dev After all waiting is over everything leaves escrow, no matter who vanished.
  function closeDown() external {
    vm.warp(block.timestamp + HOLD_SECONDS + DISPUTE_SECONDS + ANSWER_SECONDS);
    for (uint256 i; i < records.length; ++i) {
      if (_stageOf(records[i].id) != uint8(ChargingSessions.Stage.Finished)) _finish(records[i].id);
    }
    vm.assertEq(house.escrowMicro(address(market)), 0);
  }

  function _draw(uint256 below) private returns (uint256) {
    seed = uint256(keccak256(abi.encode(seed)));
    return seed % below;
  }
}
