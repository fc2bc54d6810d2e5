// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { ParticipantRegistry } from "../accounts/ParticipantRegistry.sol";
import "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { SeveralCalls } from "../libraries/SeveralCalls.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { SessionProofLib } from "./SessionProofLib.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ECDSA } from "solady/utils/ECDSA.sol";

/// @notice Charging sessions and their money (R8.17, R2.65). A station is registered with a module's attestation and a tariff. A driver
/// signs a hold of a limit; the station's owner charges what the session cost, and the rest is released at once. What is charged
/// stays in escrow until the driver could have disputed it; a charge that is disputed stands as far as a statement that the station's
/// module signed proves it by the tariff, and is returned otherwise. A hold that nobody charges returns.
/// @dev A session is a salted commitment to station and tariff: nothing here says where somebody charged, or when, unless the
/// driver disputes. docs/decisions/018 says why.
contract ChargingSessions is EIP712, SeveralCalls {
  using PostingLib for PostingLib.List;

  bytes32 public constant MODULE_TYPEHASH = keccak256(
    "ModuleAttestation(bytes32 stationId,bytes32 meterId,address moduleKey,uint64 number,uint64 expiresAt)"
  );
  bytes32 public constant HOLD_TYPEHASH =
    keccak256("SessionHold(uint32 driver,uint32 payee,uint48 limitMicro,uint40 expiresAt,bytes32 session)");
  bytes32 public constant STATEMENT_TYPEHASH = keccak256(
    "SessionStatement(bytes32 stationId,bytes32 id,uint40 startedAt,uint64 fromWh,uint64 toWh,bytes parts)"
  );
  /// @notice The longest time that a hold binds money: a session of a week, and what a station sends late.
  uint256 public constant MAX_HOLD_SECONDS = 14 days;
  /// @notice So long after a charge its driver may dispute it.
  uint256 public constant DISPUTE_SECONDS = 3 days;
  /// @notice So long after a dispute the charge may be proven.
  uint256 public constant ANSWER_SECONDS = 2 days;

  enum Stage {
    None,
    Held,
    Charged,
    Disputed,
    Finished
  }

  /// @param seat of the metering point that feeds the station
  /// @param moduleKey of the newest module
  /// @param number of the newest attestation
  /// @param tariffVersion of the newest tariff
  struct Station {
    uint32 seat;
    address moduleKey;
    uint32 tariffVersion;
    uint64 number;
  }

  /// @param number rises with each attestation of a station
  /// @param expiresAt unix s; from then on it is refused
  /// @param signature of a certifier over {MODULE_TYPEHASH}
  struct Attestation {
    uint64 number;
    uint64 expiresAt;
    bytes signature;
  }

  /// @notice What a driver signs.
  /// @param driver seat whose margin is the wallet
  /// @param payee seat that is paid
  /// @param expiresAt unix s; from then on nothing can be charged
  /// @param session {sessionOf} the station and the tariff
  /// @param signature over {HOLD_TYPEHASH}, of who signs for the driver's account
  struct Hold {
    uint32 driver;
    uint32 payee;
    uint48 limitMicro;
    uint40 expiresAt;
    bytes32 session;
    bytes signature;
  }

  /// @param invoiceHash salted hash of the invoice
  struct Charge {
    bytes32 id;
    uint48 amountMicro;
    bytes32 invoiceHash;
  }

  /// @notice One slot. `amountMicro` is what is in escrow for it.
  /// @param until when the hold expires, the dispute's time is over, or that of the answer
  struct Session {
    Stage stage;
    uint32 driver;
    uint32 payee;
    uint48 amountMicro;
    uint40 until;
    uint40 heldAt;
  }

  /// @notice What a session's commitment was made of.
  struct Opening {
    bytes32 session;
    bytes32 salt;
    bytes32 stationId;
    address moduleKey;
  }

  AreaRegistry public immutable areaRegistry;
  ClearingHouse public immutable clearingHouse;
  ParticipantRegistry public immutable registry;

  mapping(bytes32 stationId => Station) public stations;
  /// @notice Modules that were attested for a station, and not revoked.
  mapping(bytes32 stationId => mapping(address moduleKey => bool)) public isModule;
  mapping(bytes32 stationId => mapping(address moduleKey => bool)) public isRevoked;
  /// @notice When a station announced a tariff first, unix s.
  mapping(bytes32 stationId => mapping(bytes32 tariffHash => uint256)) public announcedAt;
  mapping(bytes32 id => Session) public sessions;

  event StationRegistered(bytes32 indexed stationId, uint32 indexed seat, address moduleKey, uint64 number);
  event ModuleRevoked(bytes32 indexed stationId, address indexed moduleKey);
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
  event SessionDisputed(bytes32 indexed id, uint256 answerableUntil);
  event SessionProven(bytes32 indexed id, uint256 totalMicro);
  event SessionFinished(bytes32 indexed id, uint48 paidMicro, uint48 returnedMicro);

  constructor(AreaRegistry areaRegistry_, ClearingHouse clearingHouse_)
    EIP712("Commonwatt ChargingSessions", "1")
  {
    if (address(areaRegistry_) == address(0) || address(clearingHouse_) == address(0)) revert ZeroAddress();
    areaRegistry = areaRegistry_;
    clearingHouse = clearingHouse_;
    registry = areaRegistry_.registry();
  }

  // -- stations

  /// @notice Registers a station, or a new module of one, or its new metering point, with the tariff that holds from now on. By the
  /// owner of the metering point, with a certifier's word that the module is fitted there.
  function registerStation(
    bytes32 stationId,
    uint32 seat,
    address moduleKey,
    Attestation calldata attestation,
    bytes32 tariffHash
  ) external {
    (uint24 account,, bytes32 meterId) = areaRegistry.members(seat);
    if (meterId == 0) revert UnknownMeter(meterId);
    if (registry.ownerOf(account) != msg.sender) revert NotSeatOwner(msg.sender, seat);
    Station storage station = stations[stationId];
    _requireAttested(stationId, meterId, moduleKey, station.number, attestation);
    (station.seat, station.moduleKey, station.number) = (seat, moduleKey, attestation.number);
    isModule[stationId][moduleKey] = true;
    emit StationRegistered(stationId, seat, moduleKey, attestation.number);
    _announceTariff(stationId, tariffHash);
  }

  /// @notice Takes the attestation of a module back, for good: nothing is proven by it any more. By a certifier.
  function revokeModule(bytes32 stationId, address moduleKey) external {
    bytes32 role = registry.CERTIFIER_ROLE();
    if (!registry.hasRole(role, msg.sender)) revert NotAuthorised(msg.sender, role);
    (isModule[stationId][moduleKey], isRevoked[stationId][moduleKey]) = (false, true);
    emit ModuleRevoked(stationId, moduleKey);
  }

  /// @notice Gives a station another tariff, for sessions that are held for from now on; a session that is held for has the tariff
  /// that its driver signed.
  function announceTariff(bytes32 stationId, bytes32 tariffHash) external {
    uint32 seat = stations[stationId].seat;
    if (seat == 0) revert UnknownStation(stationId);
    if (registry.ownerOf(areaRegistry.accountOf(seat)) != msg.sender) revert NotSeatOwner(msg.sender, seat);
    _announceTariff(stationId, tariffHash);
  }

  // -- money

  /// @notice Moves what drivers signed for into escrow: all that is not held for yet, or none. Anybody may call.
  /// @dev Who brings one of the holds first does not undo the others: a session that was held for is passed over.
  function hold(Hold[] calldata holds) external {
    PostingLib.List memory postings = PostingLib.list(0, 0, holds.length);
    bool[] memory isNew = new bool[](holds.length);
    for (uint256 i; i < holds.length; ++i) {
      Hold calldata each = holds[i];
      bytes32 id = idOf(each.driver, each.session);
      if (sessions[id].stage != Stage.None) continue;
      _requireHold(id, each);
      isNew[i] = true;
      sessions[id] = Session({
        stage: Stage.Held,
        driver: each.driver,
        payee: each.payee,
        amountMicro: each.limitMicro,
        until: each.expiresAt,
        heldAt: uint40(block.timestamp)
      });
      postings.addSingle(each.driver, each.limitMicro);
    }
    // At once in escrow, so that no notice of a driver can take it away later.
    uint256[] memory words = postings.finish();
    if (words.length != 0) clearingHouse.hold(words, 0);
    for (uint256 i; i < holds.length; ++i) {
      if (!isNew[i]) continue;
      Hold calldata each = holds[i];
      emit WalletHeld(
        idOf(each.driver, each.session),
        each.driver,
        each.payee,
        each.session,
        each.limitMicro,
        each.expiresAt
      );
    }
  }

  /// @notice Charges sessions, and releases what was held beyond. By the payees' owner, or who signs for it.
  function charge(Charge[] calldata charges) external {
    PostingLib.List memory postings = PostingLib.list(0, 0, charges.length);
    uint256 disputableUntil = block.timestamp + DISPUTE_SECONDS;
    uint32 payee;
    for (uint256 i; i < charges.length; ++i) {
      Charge calldata each = charges[i];
      Session memory session = sessions[each.id];
      if (session.stage != Stage.Held) revert WrongStage(each.id, uint8(session.stage));
      if (block.timestamp >= session.until) revert HoldExpired(each.id, session.until);
      if (each.amountMicro > session.amountMicro) {
        revert ChargeAboveHold(each.id, each.amountMicro, session.amountMicro);
      }
      if (session.payee != payee) _requireActor(payee = session.payee);
      postings.addSingle(session.driver, session.amountMicro - each.amountMicro);
      (session.stage, session.amountMicro) = (Stage.Charged, each.amountMicro);
      session.until = uint40(disputableUntil);
      sessions[each.id] = session;
    }
    _release(postings);
    for (uint256 i; i < charges.length; ++i) {
      emit SessionCharged(charges[i].id, charges[i].amountMicro, charges[i].invoiceHash, disputableUntil);
    }
  }

  /// @notice Asks for the proof of a charge. By the driver's owner, or who signs for it.
  function dispute(bytes32 id) external {
    Session storage session = sessions[id];
    if (session.stage != Stage.Charged) revert WrongStage(id, uint8(session.stage));
    if (block.timestamp >= session.until) revert DisputeTooLate(id, session.until);
    _requireActor(session.driver);
    session.stage = Stage.Disputed;
    session.until = uint40(block.timestamp + ANSWER_SECONDS);
    emit SessionDisputed(id, session.until);
  }

  /// @notice Proves a disputed charge by the tariff that the driver signed and what the station's module signed: that is paid, never
  /// more than what was charged, and the rest returned. Anybody may call.
  /// @param signature of the module over {STATEMENT_TYPEHASH}
  function prove(
    bytes32 id,
    Opening calldata opening,
    SessionProofLib.Tariff calldata tariff,
    SessionProofLib.Statement calldata statement,
    bytes calldata signature
  ) external {
    Session memory session = sessions[id];
    if (session.stage != Stage.Disputed) revert WrongStage(id, uint8(session.stage));
    if (block.timestamp >= session.until) revert AnswerTooLate(id, session.until);
    _requireOpening(id, session, opening, keccak256(abi.encode(tariff)));
    _requireStatement(id, opening, statement, signature);
    uint256 totalMicro = SessionProofLib.totalOf(tariff, statement);
    uint256 paidMicro = totalMicro < session.amountMicro ? totalMicro : session.amountMicro;
    PostingLib.List memory postings = PostingLib.list(0, 0, 2);
    uint256 returnedMicro = _finish(postings, id, session, paidMicro);
    _release(postings);
    emit SessionProven(id, totalMicro);
    emit SessionFinished(id, uint48(paidMicro), uint48(returnedMicro));
  }

  /// @notice Ends sessions whose time is over: an expired hold returns, a charge that nobody disputed is paid, one that nobody
  /// proved returns. What somebody ended before is passed over. Anybody may call.
  function finish(bytes32[] calldata ids) external {
    PostingLib.List memory postings = PostingLib.list(0, 0, 2 * ids.length);
    uint256[] memory paidMicro = new uint256[](ids.length);
    uint256[] memory returnedMicro = new uint256[](ids.length);
    bool[] memory ends = new bool[](ids.length);
    for (uint256 i; i < ids.length; ++i) {
      Session memory session = sessions[ids[i]];
      if (session.stage == Stage.Finished) continue;
      if (session.stage == Stage.None) revert WrongStage(ids[i], uint8(session.stage));
      if (block.timestamp < session.until) revert SessionRunning(ids[i], session.until);
      ends[i] = true;
      paidMicro[i] = session.stage == Stage.Charged ? session.amountMicro : 0;
      returnedMicro[i] = _finish(postings, ids[i], session, paidMicro[i]);
    }
    _release(postings);
    for (uint256 i; i < ids.length; ++i) {
      if (ends[i]) emit SessionFinished(ids[i], uint48(paidMicro[i]), uint48(returnedMicro[i]));
    }
  }

  // -- views

  /// @notice The name of a driver's session; another driver's with the same commitment has another.
  function idOf(uint32 driver, bytes32 session) public pure returns (bytes32) {
    return keccak256(abi.encode(driver, session));
  }

  /// @notice The commitment to a station and a tariff; the salt keeps anybody from trying them all.
  function sessionOf(bytes32 salt, bytes32 stationId, bytes32 tariffHash) public pure returns (bytes32) {
    return keccak256(abi.encode(salt, stationId, tariffHash));
  }

  // -- internal

  function _requireAttested(
    bytes32 stationId,
    bytes32 meterId,
    address moduleKey,
    uint64 number,
    Attestation calldata attestation
  ) private view {
    if (moduleKey == address(0)) revert ZeroAddress();
    if (isRevoked[stationId][moduleKey]) revert RevokedModule(stationId, moduleKey);
    if (attestation.number <= number) revert OldAttestation(stationId, attestation.number, number);
    if (block.timestamp >= attestation.expiresAt) {
      revert ExpiredAttestation(stationId, attestation.expiresAt);
    }
    bytes32 digest = _hashTypedDataV4(
      keccak256(
        abi.encode(MODULE_TYPEHASH, stationId, meterId, moduleKey, attestation.number, attestation.expiresAt)
      )
    );
    address signer = ECDSA.tryRecoverCalldata(digest, attestation.signature);
    if (signer == address(0) || !registry.hasRole(registry.CERTIFIER_ROLE(), signer)) {
      revert InvalidAttestation(stationId, moduleKey, signer);
    }
  }

  function _announceTariff(bytes32 stationId, bytes32 tariffHash) private {
    if (announcedAt[stationId][tariffHash] == 0) announcedAt[stationId][tariffHash] = block.timestamp;
    emit TariffAnnounced(stationId, ++stations[stationId].tariffVersion, tariffHash);
  }

  function _requireHold(bytes32 id, Hold calldata each) private view {
    if (each.limitMicro == 0) revert ZeroAmount();
    if (block.timestamp >= each.expiresAt) revert HoldExpired(id, each.expiresAt);
    if (each.expiresAt > block.timestamp + MAX_HOLD_SECONDS) revert HoldTooLong(id, each.expiresAt);
    uint24 payee = areaRegistry.accountOf(each.payee);
    if (payee == 0) revert UnknownAccount(payee);
    bytes32 digest = _hashTypedDataV4(
      keccak256(
        abi.encode(HOLD_TYPEHASH, each.driver, each.payee, each.limitMicro, each.expiresAt, each.session)
      )
    );
    address signer = registry.signerAt(areaRegistry.accountOf(each.driver), block.timestamp);
    if (signer == address(0) || ECDSA.tryRecoverCalldata(digest, each.signature) != signer) {
      revert HoldNotSigned(id, each.driver);
    }
  }

  /// @dev The caller owns the seat's account, or signs for it.
  function _requireActor(uint32 seat) private view {
    uint24 account = areaRegistry.accountOf(seat);
    if (registry.ownerOf(account) == msg.sender) return;
    if (registry.signerAt(account, block.timestamp) != msg.sender) revert NotSeatOwner(msg.sender, seat);
  }

  /// @dev The session is of this station and this tariff, which the station had announced before.
  function _requireOpening(bytes32 id, Session memory session, Opening calldata opening, bytes32 tariffHash)
    private
    view
  {
    bool isOpened = idOf(session.driver, opening.session) == id
      && sessionOf(opening.salt, opening.stationId, tariffHash) == opening.session;
    if (!isOpened) revert CommitmentDiffers(id);
    uint256 at = announcedAt[opening.stationId][tariffHash];
    if (at == 0 || at > session.heldAt) revert TariffNotAnnounced(opening.stationId, tariffHash);
  }

  function _requireStatement(
    bytes32 id,
    Opening calldata opening,
    SessionProofLib.Statement calldata statement,
    bytes calldata signature
  ) private view {
    bytes32 digest = _hashTypedDataV4(
      keccak256(
        abi.encode(
          STATEMENT_TYPEHASH,
          opening.stationId,
          id,
          statement.startedAt,
          statement.fromWh,
          statement.toWh,
          keccak256(statement.parts)
        )
      )
    );
    bool isSigned = ECDSA.tryRecoverCalldata(digest, signature) == opening.moduleKey;
    if (!isSigned || !isModule[opening.stationId][opening.moduleKey]) {
      revert StatementNotSigned(id, opening.moduleKey);
    }
  }

  /// @dev Ends a session: `paidMicro` to the payee, the rest to the driver.
  function _finish(PostingLib.List memory postings, bytes32 id, Session memory session, uint256 paidMicro)
    private
    returns (uint256 returnedMicro)
  {
    returnedMicro = session.amountMicro - paidMicro;
    postings.addSingle(session.payee, paidMicro);
    postings.addSingle(session.driver, returnedMicro);
    (session.stage, session.amountMicro) = (Stage.Finished, 0);
    sessions[id] = session;
  }

  function _release(PostingLib.List memory postings) private {
    uint256[] memory words = postings.finish();
    if (words.length != 0) clearingHouse.release(words);
  }
}
