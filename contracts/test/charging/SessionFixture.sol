// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ChargingSessions } from "../../src/charging/ChargingSessions.sol";
import { SessionProofLib } from "../../src/charging/SessionProofLib.sol";
import { BaseFixture } from "../support/BaseFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice A station of an owner in AREA, drivers with wallets there, and everything that a test does with a session.
abstract contract SessionFixture is BaseFixture {
  uint256 internal constant WALLET_MICRO = 50_000_000;
  uint48 internal constant LIMIT_MICRO = 20_000_000;
  uint256 internal constant HOLD_SECONDS = 2 days;
  uint256 internal constant DISPUTE_SECONDS = 3 days;
  uint256 internal constant ANSWER_SECONDS = 2 days;
  bytes32 internal constant STATION = keccak256("DE*CWT*E1");
  bytes32 internal constant SALT = keccak256("salt");
  bytes32 internal constant INVOICE = keccak256("invoice");

  ChargingSessions internal market;
  address internal stationOwner = _actor("station owner");
  address internal module = _actor("module");
  address internal driver = _actor("driver");
  address internal otherDriver = _actor("other driver");
  uint32 internal payee;
  uint32 internal wallet;
  uint32 internal otherWallet;

  function setUp() public virtual override {
    super.setUp();
    market =
      ChargingSessions(vm.deployCode("ChargingSessions.sol:ChargingSessions", abi.encode(areas, house)));
    _admitMarket(address(market));
    payee = _seat(AREA, _enter(stationOwner, AREA));
    _registerStation(STATION, module, 1);
    (wallet, otherWallet) = (_openWallet(driver), _openWallet(otherDriver));
  }

  // -- stations

  /// @dev At the owner's metering point.
  function _registerStation(bytes32 stationId, address moduleKey, uint64 number) internal {
    ChargingSessions.Attestation memory attestation = _attest(stationId, moduleKey, number, certifier);
    vm.prank(stationOwner);
    market.registerStation(stationId, payee, moduleKey, attestation, _hashOf(_tariff()));
  }

  function _attest(bytes32 stationId, address moduleKey, uint64 number, address signer)
    internal
    view
    returns (ChargingSessions.Attestation memory)
  {
    (,, bytes32 meterId) = areas.members(payee);
    uint64 expiresAt = uint64(START + 365 days);
    bytes memory fields = abi.encode(stationId, meterId, moduleKey, number, expiresAt);
    bytes memory signature = _sign(signer, bytes.concat(market.MODULE_TYPEHASH(), fields));
    return ChargingSessions.Attestation(number, expiresAt, signature);
  }

  /// @dev By day twice as much as by night; local time is an hour ahead.
  function _tariff() internal pure returns (SessionProofLib.Tariff memory tariff) {
    tariff.nameHash = keccak256("day and night");
    (tariff.sessionFeeMicro, tariff.idleGraceSeconds) = (500_000, 600);
    tariff.prices = new SessionProofLib.DayPrice[](2);
    tariff.prices[0] = SessionProofLib.DayPrice(0, 300_000, 0, 3_600_000);
    tariff.prices[1] = SessionProofLib.DayPrice(480, 600_000, 360_000, 7_200_000);
    tariff.offsets = new SessionProofLib.ZoneOffset[](1);
    tariff.offsets[0] = SessionProofLib.ZoneOffset(0, 3600);
  }

  function _hashOf(SessionProofLib.Tariff memory tariff) internal pure returns (bytes32) {
    return keccak256(abi.encode(tariff));
  }

  // -- wallets

  function _openWallet(address owner) internal returns (uint32 seat) {
    uint24 account = _register(owner);
    vm.prank(registrar);
    seat = _seat(AREA, areas.addMember(AREA, account));
    _fundMargin(address(market), seat, WALLET_MICRO);
  }

  function _marginOf(uint32 seat) internal view returns (uint256) {
    return house.marginMicro(address(market), seat);
  }

  // -- a session

  function _session(bytes32 salt) internal view returns (bytes32) {
    return market.sessionOf(salt, STATION, _hashOf(_tariff()));
  }

  function _idOf(bytes32 salt) internal view returns (bytes32) {
    return market.idOf(wallet, _session(salt));
  }

  function _signedHold(uint32 seat, address signer, bytes32 session, uint48 limitMicro)
    internal
    view
    returns (ChargingSessions.Hold memory held)
  {
    uint40 expiresAt = uint40(block.timestamp + HOLD_SECONDS);
    held = ChargingSessions.Hold(seat, payee, limitMicro, expiresAt, session, "");
    held.signature = _signHold(held, signer);
  }

  function _signHold(ChargingSessions.Hold memory held, address signer) internal view returns (bytes memory) {
    bytes memory fields = abi.encode(held.driver, held.payee, held.limitMicro, held.expiresAt, held.session);
    return _sign(signer, bytes.concat(market.HOLD_TYPEHASH(), fields));
  }

  function _one(ChargingSessions.Hold memory held)
    internal
    pure
    returns (ChargingSessions.Hold[] memory all)
  {
    all = new ChargingSessions.Hold[](1);
    all[0] = held;
  }

  /// @dev The driver's session of this salt is held for.
  function _hold(bytes32 salt) internal returns (bytes32 id) {
    market.hold(_one(_signedHold(wallet, driver, _session(salt), LIMIT_MICRO)));
    return _idOf(salt);
  }

  function _charges(bytes32 id, uint256 amountMicro)
    internal
    pure
    returns (ChargingSessions.Charge[] memory all)
  {
    all = new ChargingSessions.Charge[](1);
    all[0] = ChargingSessions.Charge(id, uint48(amountMicro), INVOICE);
  }

  function _charge(bytes32 id, uint256 amountMicro) internal {
    vm.prank(stationOwner);
    market.charge(_charges(id, amountMicro));
  }

  function _charged(bytes32 salt, uint256 amountMicro) internal returns (bytes32 id) {
    id = _hold(salt);
    _charge(id, amountMicro);
  }

  function _disputed(bytes32 salt, uint256 amountMicro) internal returns (bytes32 id) {
    id = _charged(salt, amountMicro);
    vm.prank(driver);
    market.dispute(id);
  }

  function _finish(bytes32 id) internal {
    bytes32[] memory ids = new bytes32[](1);
    ids[0] = id;
    vm.prank(outsider);
    market.finish(ids);
  }

  // -- the proof

  function _opening(bytes32 salt) internal view returns (ChargingSessions.Opening memory) {
    return ChargingSessions.Opening(_session(salt), salt, STATION, module);
  }

  /// @dev From 7:50 local time: 1,000 Wh in ten minutes of the night, 2,500 Wh in a quarter of the day, then a quarter idle. It comes to
  /// 500,000 + 300,000 + 1,500,000 + 90,000 + 300 s × 2,000 = 2,990,000 micro.
  function _statement() internal pure returns (SessionProofLib.Statement memory) {
    bytes memory parts = bytes.concat(_part(1000, 600, 0), _part(2500, 900, 0), _part(0, 0, 900));
    uint40 midnight = uint40(START / 1 days * 1 days);
    return SessionProofLib.Statement(midnight + 6 hours + 50 minutes, 10_000, 13_500, parts);
  }

  uint256 internal constant TOTAL_MICRO = 2_990_000;

  function _part(uint32 energyWh, uint16 charging, uint16 idle) internal pure returns (bytes memory) {
    return abi.encodePacked(energyWh, charging, idle);
  }

  function _signStatement(bytes32 id, SessionProofLib.Statement memory statement, address signer)
    internal
    view
    returns (bytes memory)
  {
    bytes memory fields = abi.encode(
      STATION, id, statement.startedAt, statement.fromWh, statement.toWh, keccak256(statement.parts)
    );
    return _sign(signer, bytes.concat(market.STATEMENT_TYPEHASH(), fields));
  }

  function _prove(bytes32 salt, SessionProofLib.Statement memory statement, address signer) internal {
    bytes memory signature = _signStatement(_idOf(salt), statement, signer);
    ChargingSessions.Opening memory opening = _opening(salt);
    bytes32 id = _idOf(salt);
    vm.prank(outsider);
    market.prove(id, opening, _tariff(), statement, signature);
  }

  /// @param encoded type hash and fields of a struct
  function _sign(address signer, bytes memory encoded) internal view returns (bytes memory) {
    bytes32 domain = _domain("Commonwatt ChargingSessions", address(market));
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], _typed(domain, keccak256(encoded)));
    return abi.encodePacked(r, s, v);
  }

  function _stageOf(bytes32 id) internal view returns (uint8) {
    (ChargingSessions.Stage stage,,,,,) = market.sessions(id);
    return uint8(stage);
  }

  function _wrongStage(bytes32 id, ChargingSessions.Stage stage) internal pure returns (bytes memory) {
    return abi.encodeWithSelector(bytes4(keccak256("WrongStage(bytes32,uint8)")), id, uint8(stage));
  }
}
