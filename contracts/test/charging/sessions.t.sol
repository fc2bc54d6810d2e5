// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ChargingSessions } from "../../src/charging/ChargingSessions.sol";
import { SessionProofLib } from "../../src/charging/SessionProofLib.sol";
import "../../src/libraries/Errors.sol";
import { vm } from "../support/Vm.sol";
import { SessionFixture } from "./SessionFixture.sol";

/// @notice A session from its hold to its end (R8.17).
contract ChargingSessionsTest is SessionFixture {
  event TariffAnnounced(bytes32 indexed stationId, uint32 version, bytes32 tariffHash);
  event WalletHeld(
    bytes32 indexed id,
    uint32 indexed driver,
    uint32 indexed payee,
    bytes32 session,
    uint48 limitMicro,
    uint40 expiresAt
  );
  event SessionCharged(bytes32 indexed id, uint48 amountMicro, bytes32 invoiceHash, uint256 disputableUntil);
  event SessionFinished(bytes32 indexed id, uint48 paidMicro, uint48 returnedMicro);

  // -- stations

  function test_TariffsAreNumbered() public {
    (uint32 seat, address key, uint32 version, uint64 number) = market.stations(STATION);
    vm.assertEq(seat, payee);
    vm.assertEq(key, module);
    vm.assertEq(version, 1);
    vm.assertEq(number, 1);
    vm.expectEmit(address(market));
    emit TariffAnnounced(STATION, 2, keccak256("next"));
    vm.prank(stationOwner);
    market.announceTariff(STATION, keccak256("next"));
  }

  function test_RevertGiven_AnUnknownStation() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownStation.selector, keccak256("nowhere")));
    vm.prank(stationOwner);
    market.announceTariff(keccak256("nowhere"), 0);
  }

  // -- hold

  function test_AHoldMovesTheWallet() public {
    ChargingSessions.Hold memory held = _signedHold(wallet, driver, _session(SALT), LIMIT_MICRO);
    vm.expectEmit(address(market));
    emit WalletHeld(_idOf(SALT), wallet, payee, held.session, LIMIT_MICRO, held.expiresAt);
    market.hold(_one(held));
    vm.assertEq(_marginOf(wallet), WALLET_MICRO - LIMIT_MICRO);
    vm.assertEq(house.escrowMicro(address(market)), LIMIT_MICRO);
  }

  function test_SeveralAreHeldAndChargedTogether() public {
    ChargingSessions.Hold[] memory holds = new ChargingSessions.Hold[](2);
    holds[0] = _signedHold(wallet, driver, _session(SALT), LIMIT_MICRO);
    holds[1] = _signedHold(otherWallet, otherDriver, _session(SALT), 5_000_000);
    market.hold(holds);
    ChargingSessions.Charge[] memory charges = new ChargingSessions.Charge[](2);
    charges[0] = ChargingSessions.Charge(_idOf(SALT), 7_000_000, INVOICE);
    charges[1] = ChargingSessions.Charge(market.idOf(otherWallet, _session(SALT)), 5_000_000, INVOICE);
    vm.prank(stationOwner);
    market.charge(charges);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO - 7_000_000);
    vm.assertEq(_marginOf(otherWallet), WALLET_MICRO - 5_000_000);
    vm.warp(block.timestamp + DISPUTE_SECONDS);
    bytes32[] memory ids = new bytes32[](2);
    (ids[0], ids[1]) = (charges[0].id, charges[1].id);
    market.finish(ids);
    vm.assertEq(_marginOf(payee), 12_000_000);
    vm.assertEq(house.escrowMicro(address(market)), 0);
  }

  function test_RevertGiven_AWalletThatFallsShort() public {
    ChargingSessions.Hold memory held = _signedHold(wallet, driver, _session(SALT), uint48(WALLET_MICRO + 1));
    uint32[] memory short = new uint32[](1);
    short[0] = wallet;
    vm.expectRevert(abi.encodeWithSelector(MarginsFallShort.selector, address(market), short));
    market.hold(_one(held));
  }

  function test_RevertGiven_AHoldOfNothing_OfTheLongPast_OrForTooLong() public {
    ChargingSessions.Hold memory held = _signedHold(wallet, driver, _session(SALT), 0);
    vm.expectRevert(ZeroAmount.selector);
    market.hold(_one(held));
    (held.limitMicro, held.expiresAt) = (1, uint40(block.timestamp));
    vm.expectRevert(abi.encodeWithSelector(HoldExpired.selector, _idOf(SALT), held.expiresAt));
    market.hold(_one(held));
    held.expiresAt = uint40(block.timestamp + 14 days + 1);
    vm.expectRevert(abi.encodeWithSelector(HoldTooLong.selector, _idOf(SALT), held.expiresAt));
    market.hold(_one(held));
    (held.expiresAt, held.payee) = (uint40(block.timestamp + 1), 999);
    vm.expectRevert(abi.encodeWithSelector(UnknownAccount.selector, 0));
    market.hold(_one(held));
  }

  // -- charge and finish

  function test_TheRestIsReleasedAtOnceAndTheChargeLater() public {
    bytes32 id = _hold(SALT);
    vm.expectEmit(address(market));
    emit SessionCharged(id, 7_000_000, INVOICE, block.timestamp + DISPUTE_SECONDS);
    _charge(id, 7_000_000);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO - 7_000_000);
    vm.assertEq(_marginOf(payee), 0);
    uint256 until = block.timestamp + DISPUTE_SECONDS;
    vm.warp(until - 1);
    vm.expectRevert(abi.encodeWithSelector(SessionRunning.selector, id, until));
    _finish(id);
    vm.warp(until);
    vm.expectEmit(address(market));
    emit SessionFinished(id, 7_000_000, 0);
    _finish(id);
    vm.assertEq(_marginOf(payee), 7_000_000);
  }

  function test_AHoldThatNobodyChargesReturns() public {
    uint256 expiresAt = block.timestamp + HOLD_SECONDS;
    bytes32 id = _hold(SALT);
    vm.warp(expiresAt - 1);
    vm.expectRevert(abi.encodeWithSelector(SessionRunning.selector, id, expiresAt));
    _finish(id);
    vm.warp(expiresAt);
    vm.expectRevert(abi.encodeWithSelector(HoldExpired.selector, id, expiresAt));
    _charge(id, 1);
    _finish(id);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO);
    vm.assertEq(house.escrowMicro(address(market)), 0);
  }

  function test_RevertGiven_ASessionThatIsUnknown_NothingIsPaidTwice() public {
    bytes32 id = _idOf(SALT);
    vm.expectRevert(_wrongStage(id, ChargingSessions.Stage.None));
    _charge(id, 1);
    vm.expectRevert(_wrongStage(id, ChargingSessions.Stage.None));
    _finish(id);
    _charged(SALT, 1);
    vm.warp(block.timestamp + DISPUTE_SECONDS);
    _finish(id);
    uint256 paidMicro = _marginOf(payee);
    _finish(id);
    vm.assertEq(_marginOf(payee), paidMicro);
  }

  // -- dispute and proof

  function test_AProvenChargeStands() public {
    bytes32 id = _disputed(SALT, TOTAL_MICRO);
    _prove(SALT, _statement(), module);
    vm.assertEq(_marginOf(payee), TOTAL_MICRO);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO - TOTAL_MICRO);
    vm.assertEq(_stageOf(id), uint8(ChargingSessions.Stage.Finished));
  }

  function test_OnlyWhatIsProvenIsPaid() public {
    _disputed(SALT, 10_000_000);
    _prove(SALT, _statement(), module);
    vm.assertEq(_marginOf(payee), TOTAL_MICRO);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO - TOTAL_MICRO);
  }

  function test_NoMoreIsPaidThanWasCharged() public {
    _disputed(SALT, 1_000_000);
    _prove(SALT, _statement(), module);
    vm.assertEq(_marginOf(payee), 1_000_000);
  }

  function test_WhatNobodyProvesReturns() public {
    bytes32 id = _disputed(SALT, TOTAL_MICRO);
    uint256 until = block.timestamp + ANSWER_SECONDS;
    vm.warp(until - 1);
    vm.expectRevert(abi.encodeWithSelector(SessionRunning.selector, id, until));
    _finish(id);
    vm.warp(until);
    _finish(id);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO);
    vm.assertEq(_marginOf(payee), 0);
  }

  function test_RevertGiven_AStatementThatDoesNotAddUp() public {
    bytes32 id = _disputed(SALT, TOTAL_MICRO);
    SessionProofLib.Statement memory statement = _statement();
    statement.toWh += 1;
    bytes memory signature = _signStatement(id, statement, module);
    ChargingSessions.Opening memory opening = _opening(SALT);
    vm.expectRevert(abi.encodeWithSelector(RegisterDiffers.selector, 10_000, 13_501, 3500));
    market.prove(id, opening, _tariff(), statement, signature);
    statement.parts = bytes.concat(statement.parts, hex"00");
    signature = _signStatement(id, statement, module);
    vm.expectRevert(abi.encodeWithSelector(MalformedStatement.selector, 25));
    market.prove(id, opening, _tariff(), statement, signature);
    statement.parts = _part(3501, 900, 1);
    signature = _signStatement(id, statement, module);
    vm.expectRevert(abi.encodeWithSelector(MalformedStatement.selector, 8));
    market.prove(id, opening, _tariff(), statement, signature);
  }
}
