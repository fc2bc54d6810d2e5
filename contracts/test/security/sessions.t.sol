// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ChargingSessions } from "../../src/charging/ChargingSessions.sol";
import { SessionProofLib } from "../../src/charging/SessionProofLib.sol";
import "../../src/libraries/Errors.sol";
import { SessionFixture } from "../charging/SessionFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice What somebody could take, block or delay of a charging session: docs/model/threats.md, "Charging sessions".
contract SessionSecurityTest is SessionFixture {
  // -- the station's owner

  function test_NoStationWithoutAnAttestation() public {
    bytes32 stationId = keccak256("DE*CWT*E2");
    bytes32 tariffHash = _hashOf(_tariff());
    ChargingSessions.Attestation memory attestation = _attest(stationId, module, 1, stationOwner);
    vm.expectRevert(abi.encodeWithSelector(InvalidAttestation.selector, stationId, module, stationOwner));
    vm.prank(stationOwner);
    market.registerStation(stationId, payee, module, attestation, tariffHash);
    // A certifier's word of another station, of another key, and one that is over.
    attestation = _attest(STATION, module, 2, certifier);
    vm.expectRevert();
    vm.prank(stationOwner);
    market.registerStation(stationId, payee, module, attestation, tariffHash);
    vm.expectRevert();
    vm.prank(stationOwner);
    market.registerStation(STATION, payee, outsider, attestation, tariffHash);
    vm.warp(attestation.expiresAt);
    vm.expectRevert(abi.encodeWithSelector(ExpiredAttestation.selector, STATION, attestation.expiresAt));
    vm.prank(stationOwner);
    market.registerStation(STATION, payee, module, attestation, tariffHash);
  }

  function test_AnAttestationIsUsedOnce() public {
    ChargingSessions.Attestation memory attestation = _attest(STATION, module, 1, certifier);
    bytes32 tariffHash = _hashOf(_tariff());
    vm.expectRevert(abi.encodeWithSelector(OldAttestation.selector, STATION, 1, 1));
    vm.prank(stationOwner);
    market.registerStation(STATION, payee, module, attestation, tariffHash);
  }

  function test_NobodyPaysMoreThanTheHold() public {
    bytes32 id = _hold(SALT);
    vm.expectRevert(abi.encodeWithSelector(ChargeAboveHold.selector, id, LIMIT_MICRO + 1, LIMIT_MICRO));
    _charge(id, LIMIT_MICRO + 1);
  }

  function test_ASessionIsChargedOnce() public {
    bytes32 id = _charged(SALT, 1_000_000);
    vm.expectRevert(_wrongStage(id, ChargingSessions.Stage.Charged));
    _charge(id, 1_000_000);
  }

  function test_ChargingAboveTheMeterIsUndone() public {
    bytes32 id = _disputed(SALT, LIMIT_MICRO);
    // What another signed proves nothing; what the module signed proves no more than it says.
    SessionProofLib.Statement memory false_ = _statement();
    (false_.toWh, false_.parts) = (14_500, bytes.concat(false_.parts, _part(1000, 900, 0)));
    bytes memory signature = _signStatement(id, false_, stationOwner);
    ChargingSessions.Opening memory opening = _opening(SALT);
    vm.expectRevert(abi.encodeWithSelector(StatementNotSigned.selector, id, module));
    market.prove(id, opening, _tariff(), false_, signature);
    opening.moduleKey = stationOwner;
    vm.expectRevert(abi.encodeWithSelector(StatementNotSigned.selector, id, stationOwner));
    market.prove(id, opening, _tariff(), false_, signature);
    _prove(SALT, _statement(), module);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO - TOTAL_MICRO);
  }

  function test_AStatementIsOfOneSession() public {
    bytes32 other = keccak256("another salt");
    bytes memory signature = _signStatement(_idOf(other), _statement(), module);
    bytes32 id = _disputed(SALT, LIMIT_MICRO);
    ChargingSessions.Opening memory opening = _opening(SALT);
    vm.expectRevert(abi.encodeWithSelector(StatementNotSigned.selector, id, module));
    market.prove(id, opening, _tariff(), _statement(), signature);
    opening = _opening(other);
    vm.expectRevert(abi.encodeWithSelector(CommitmentDiffers.selector, id));
    market.prove(id, opening, _tariff(), _statement(), signature);
  }

  function test_ADearerTariffIsForLaterSessionsOnly() public {
    bytes32 id = _disputed(SALT, LIMIT_MICRO);
    SessionProofLib.Tariff memory dearer = _tariff();
    dearer.sessionFeeMicro = 15_000_000;
    bytes32 dearerHash = _hashOf(dearer);
    vm.prank(stationOwner);
    market.announceTariff(STATION, dearerHash);
    bytes memory signature = _signStatement(id, _statement(), module);
    ChargingSessions.Opening memory opening = _opening(SALT);
    vm.expectRevert(abi.encodeWithSelector(CommitmentDiffers.selector, id));
    market.prove(id, opening, dearer, _statement(), signature);
    _prove(SALT, _statement(), module);
    vm.assertEq(_marginOf(payee), TOTAL_MICRO);
  }

  /// @dev The driver signed for it, and its station announces it only when the session is held for.
  function test_ATariffIsAnnouncedBeforeTheSession() public {
    SessionProofLib.Tariff memory hidden = _tariff();
    hidden.sessionFeeMicro = 1;
    bytes32 hash = _hashOf(hidden);
    bytes32 session = market.sessionOf(SALT, STATION, hash);
    market.hold(_one(_signedHold(wallet, driver, session, LIMIT_MICRO)));
    bytes32 id = market.idOf(wallet, session);
    _charge(id, 1_000_000);
    vm.prank(driver);
    market.dispute(id);
    vm.warp(block.timestamp + 1);
    vm.prank(stationOwner);
    market.announceTariff(STATION, hash);
    ChargingSessions.Opening memory opening = ChargingSessions.Opening(session, SALT, STATION, module);
    bytes memory signature = _signStatement(id, _statement(), module);
    vm.expectRevert(abi.encodeWithSelector(TariffNotAnnounced.selector, STATION, hash));
    market.prove(id, opening, hidden, _statement(), signature);
  }

  function test_ATariffWithAGapProvesNothing() public {
    SessionProofLib.Tariff memory gap = _tariff();
    gap.prices[0].fromMinute = 475;
    bytes32 hash = _hashOf(gap);
    vm.prank(stationOwner);
    market.announceTariff(STATION, hash);
    bytes32 session = market.sessionOf(SALT, STATION, hash);
    market.hold(_one(_signedHold(wallet, driver, session, LIMIT_MICRO)));
    bytes32 id = market.idOf(wallet, session);
    _charge(id, LIMIT_MICRO);
    vm.prank(driver);
    market.dispute(id);
    bytes memory signature = _signStatement(id, _statement(), module);
    uint256 instant = START / 1 days * 1 days + 6 hours + 45 minutes;
    vm.expectRevert(abi.encodeWithSelector(TariffWithoutPrice.selector, instant));
    market.prove(id, ChargingSessions.Opening(session, SALT, STATION, module), gap, _statement(), signature);
    vm.warp(block.timestamp + ANSWER_SECONDS);
    _finish(id);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO);
  }

  function test_AnOwnerThatVanishesKeepsNobodysMoney() public {
    bytes32 held = _hold(SALT);
    bytes32 disputed = _disputed(keccak256("second"), 1_000_000);
    vm.warp(block.timestamp + ANSWER_SECONDS);
    _finish(held);
    _finish(disputed);
    vm.assertEq(_marginOf(wallet), WALLET_MICRO);
  }

  // -- the driver

  function test_NoNoticeTakesAHoldAway() public {
    vm.prank(driver);
    house.announceMarginWithdrawal(address(market), wallet, WALLET_MICRO);
    bytes32 id = _hold(SALT);
    vm.warp(block.timestamp + 2 hours);
    vm.prank(driver);
    house.withdrawMargin(address(market), wallet);
    _charge(id, LIMIT_MICRO);
    vm.warp(block.timestamp + DISPUTE_SECONDS);
    _finish(id);
    vm.assertEq(_marginOf(payee), LIMIT_MICRO);
  }

  function test_ADisputeOfARightChargeOnlyDelaysIt() public {
    _disputed(SALT, TOTAL_MICRO);
    vm.warp(block.timestamp + ANSWER_SECONDS - 1);
    _prove(SALT, _statement(), module);
    vm.assertEq(_marginOf(payee), TOTAL_MICRO);
  }

  function test_ADisputeComesInTimeAndOnce() public {
    bytes32 id = _charged(SALT, TOTAL_MICRO);
    uint256 until = block.timestamp + DISPUTE_SECONDS;
    vm.warp(until);
    vm.expectRevert(abi.encodeWithSelector(DisputeTooLate.selector, id, until));
    vm.prank(driver);
    market.dispute(id);
    id = _disputed(keccak256("second"), TOTAL_MICRO);
    vm.expectRevert(_wrongStage(id, ChargingSessions.Stage.Disputed));
    vm.prank(driver);
    market.dispute(id);
    until = block.timestamp + ANSWER_SECONDS;
    vm.warp(until);
    bytes memory signature = _signStatement(id, _statement(), module);
    ChargingSessions.Opening memory opening = _opening(keccak256("second"));
    vm.expectRevert(abi.encodeWithSelector(AnswerTooLate.selector, id, until));
    market.prove(id, opening, _tariff(), _statement(), signature);
  }

  function test_ASuspendedDriverStillDisputes() public {
    bytes32 id = _charged(SALT, TOTAL_MICRO);
    (uint24 account,,) = areas.members(wallet);
    vm.prank(registrar);
    registry.suspend(account);
    vm.prank(driver);
    market.dispute(id);
    vm.assertEq(_stageOf(id), uint8(ChargingSessions.Stage.Disputed));
  }

  // -- outsiders

  function test_NobodyElseHoldsAWallet() public {
    ChargingSessions.Hold memory held = _signedHold(wallet, outsider, _session(SALT), LIMIT_MICRO);
    bytes memory refusal = abi.encodeWithSelector(HoldNotSigned.selector, _idOf(SALT), wallet);
    vm.expectRevert(refusal);
    market.hold(_one(held));
    held.signature = _signHold(held, driver);
    held.limitMicro += 1;
    vm.expectRevert(refusal);
    market.hold(_one(held));
    // A seat of nobody.
    held.driver = 999;
    vm.expectRevert(abi.encodeWithSelector(HoldNotSigned.selector, market.idOf(999, held.session), 999));
    market.hold(_one(held));
  }

  function test_AHoldIsUsedOnce() public {
    ChargingSessions.Hold memory held = _signedHold(wallet, driver, _session(SALT), LIMIT_MICRO);
    market.hold(_one(held));
    uint256 marginMicro = _marginOf(wallet);
    market.hold(_one(held));
    vm.assertEq(_marginOf(wallet), marginMicro);
    vm.warp(block.timestamp + HOLD_SECONDS - 1);
    _charge(_idOf(SALT), 0);
    marginMicro = _marginOf(wallet);
    market.hold(_one(held));
    vm.assertEq(_marginOf(wallet), marginMicro);
    vm.assertEq(_stageOf(_idOf(SALT)), uint8(ChargingSessions.Stage.Charged));
  }

  /// @dev Anyone who sees a batch and brings one of its holds first, or all, stops none of the others, and takes no money twice.
  function test_WhoBringsOneHoldFirstStopsNoBatch() public {
    ChargingSessions.Hold[] memory holds = new ChargingSessions.Hold[](3);
    holds[0] = _signedHold(wallet, driver, _session(SALT), LIMIT_MICRO);
    holds[1] = _signedHold(otherWallet, otherDriver, _session(SALT), LIMIT_MICRO);
    holds[2] = holds[1];
    uint256 marginMicro = _marginOf(wallet);
    uint256 otherMarginMicro = _marginOf(otherWallet);
    vm.prank(outsider);
    market.hold(_one(holds[0]));
    market.hold(holds);
    vm.assertEq(_marginOf(wallet), marginMicro - LIMIT_MICRO);
    vm.assertEq(_marginOf(otherWallet), otherMarginMicro - LIMIT_MICRO);
    vm.assertEq(_stageOf(market.idOf(otherWallet, _session(SALT))), uint8(ChargingSessions.Stage.Held));
    market.hold(holds);
    vm.assertEq(_marginOf(otherWallet), otherMarginMicro - LIMIT_MICRO);
  }

  /// @dev A hold that is refused still undoes all of its batch: no money moves without its driver's signature.
  function test_AFalseHoldUndoesItsBatch() public {
    ChargingSessions.Hold[] memory holds = new ChargingSessions.Hold[](2);
    holds[0] = _signedHold(wallet, driver, _session(SALT), LIMIT_MICRO);
    holds[1] = _signedHold(otherWallet, driver, _session(SALT), LIMIT_MICRO);
    vm.expectRevert(
      abi.encodeWithSelector(HoldNotSigned.selector, market.idOf(otherWallet, _session(SALT)), otherWallet)
    );
    market.hold(holds);
    vm.assertEq(_stageOf(_idOf(SALT)), uint8(ChargingSessions.Stage.None));
  }

  /// @dev The same for what is over: nobody is paid twice, and the rest of the batch ends.
  function test_WhoEndsOneSessionFirstStopsNoBatch() public {
    bytes32[] memory ids = new bytes32[](3);
    ids[0] = _charged(SALT, 1_000_000);
    market.hold(_one(_signedHold(otherWallet, otherDriver, _session(SALT), LIMIT_MICRO)));
    ids[1] = market.idOf(otherWallet, _session(SALT));
    ids[2] = ids[0];
    vm.warp(block.timestamp + DISPUTE_SECONDS + HOLD_SECONDS);
    uint256 payeeMicro = _marginOf(payee);
    uint256 otherMicro = _marginOf(otherWallet);
    _finish(ids[0]);
    vm.assertEq(_marginOf(payee), payeeMicro + 1_000_000);
    market.finish(ids);
    vm.assertEq(_marginOf(payee), payeeMicro + 1_000_000);
    vm.assertEq(_marginOf(otherWallet), otherMicro + LIMIT_MICRO);
    vm.assertEq(_stageOf(ids[1]), uint8(ChargingSessions.Stage.Finished));
  }

  /// @dev Anyone who sees a commitment first cannot take it: a session is its driver's.
  function test_NobodyOccupiesACommitment() public {
    market.hold(_one(_signedHold(otherWallet, otherDriver, _session(SALT), 1)));
    _hold(SALT);
    vm.assertEq(_stageOf(_idOf(SALT)), uint8(ChargingSessions.Stage.Held));
  }

  function test_OnlyThePayeeCharges_OnlyTheDriverDisputes() public {
    bytes32 id = _hold(SALT);
    vm.expectRevert(abi.encodeWithSelector(NotSeatOwner.selector, outsider, payee));
    vm.prank(outsider);
    market.charge(_charges(id, 1));
    _charge(id, 1);
    vm.expectRevert(abi.encodeWithSelector(NotSeatOwner.selector, outsider, wallet));
    vm.prank(outsider);
    market.dispute(id);
  }

  function test_NobodyElseRegistersOrPricesAStation() public {
    ChargingSessions.Attestation memory attestation = _attest(STATION, module, 2, certifier);
    bytes32 tariffHash = _hashOf(_tariff());
    vm.expectRevert(abi.encodeWithSelector(NotSeatOwner.selector, outsider, payee));
    vm.prank(outsider);
    market.registerStation(STATION, payee, module, attestation, tariffHash);
    vm.expectRevert(abi.encodeWithSelector(NotSeatOwner.selector, outsider, payee));
    vm.prank(outsider);
    market.announceTariff(STATION, keccak256("free"));
    // The attestation is of the owner's metering point; a wallet has none.
    vm.expectRevert(abi.encodeWithSelector(UnknownMeter.selector, bytes32(0)));
    vm.prank(driver);
    market.registerStation(STATION, wallet, module, attestation, tariffHash);
    vm.expectRevert();
    vm.prank(prosumer);
    market.registerStation(STATION, _seat(AREA, PROSUMER), module, attestation, tariffHash);
  }

  // -- two together

  function test_ARevokedModuleProvesNothingAndDoesNotComeBack() public {
    bytes32 id = _disputed(SALT, TOTAL_MICRO);
    bytes32 role = registry.CERTIFIER_ROLE();
    vm.expectRevert(abi.encodeWithSelector(NotAuthorised.selector, stationOwner, role));
    vm.prank(stationOwner);
    market.revokeModule(STATION, module);
    vm.prank(certifier);
    market.revokeModule(STATION, module);
    bytes memory signature = _signStatement(id, _statement(), module);
    ChargingSessions.Opening memory opening = _opening(SALT);
    vm.expectRevert(abi.encodeWithSelector(StatementNotSigned.selector, id, module));
    market.prove(id, opening, _tariff(), _statement(), signature);
    ChargingSessions.Attestation memory attestation = _attest(STATION, module, 2, certifier);
    bytes32 tariffHash = _hashOf(_tariff());
    vm.expectRevert(abi.encodeWithSelector(RevokedModule.selector, STATION, module));
    vm.prank(stationOwner);
    market.registerStation(STATION, payee, module, attestation, tariffHash);
  }

  function test_AFormerModuleStillProvesItsSessions() public {
    _disputed(SALT, TOTAL_MICRO);
    _registerStation(STATION, _actor("next module"), 2);
    _prove(SALT, _statement(), module);
    vm.assertEq(_marginOf(payee), TOTAL_MICRO);
  }

  // -- the admin

  function test_ARetiredMarketHoldsNothingAndGivesBackWhatItHas() public {
    bytes32 id = _charged(SALT, 1_000_000);
    bytes32 other = _hold(keccak256("second"));
    ChargingSessions.Hold memory late = _signedHold(wallet, driver, _session(keccak256("late")), 1);
    vm.prank(admin);
    house.retireMarket(address(market));
    vm.expectRevert(abi.encodeWithSelector(NotMarket.selector, address(market)));
    market.hold(_one(late));
    vm.warp(block.timestamp + DISPUTE_SECONDS);
    _finish(id);
    _finish(other);
    vm.assertEq(house.escrowMicro(address(market)), 0);
    vm.assertEq(_marginOf(payee), 1_000_000);
  }
}
