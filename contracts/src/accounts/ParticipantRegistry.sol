// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";
import { AccessControl } from "@openzeppelin/contracts/access/AccessControl.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ECDSA } from "solady/utils/ECDSA.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @dev Accounts whose signers share one piece of code, and whose standing shares one word.
uint256 constant DIRECTORY_ACCOUNTS = 256;

/// @notice Who takes part: numbered accounts with a salted hash of the verified identity (R2.29), roles, metering points
/// with their device keys (R2.19), and membership in at most one larger entity, which then signs for its members (R5.10).
/// @dev Numbering keeps an order at 76 bytes and lets six balances share a slot. Accounts n·256 … n·256+255 are directory
/// n. The signers of a directory can be written into code once (`publishDirectory`), which a market reads for 2,600 gas
/// instead of 2,100 an account; any change to one of them forgets the code until somebody publishes it again.
contract ParticipantRegistry is AccessControl, EIP712 {
  bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");
  bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
  bytes32 public constant DSO_ROLE = keccak256("DSO_ROLE");
  bytes32 public constant METER_GATEWAY_ROLE = keccak256("METER_GATEWAY_ROLE");
  bytes32 public constant CERTIFIER_ROLE = keccak256("CERTIFIER_ROLE");
  bytes32 public constant ENTITY_ROLE = keccak256("ENTITY_ROLE");
  bytes32 public constant DEVICE_CERTIFICATE_TYPEHASH =
    keccak256("DeviceCertificate(bytes32 meterId,address deviceKey)");
  uint256 public constant MAX_ACCOUNTS = 1 << 24;

  struct Participant {
    address owner;
    uint24 entity;
    uint16 areaId;
    bool isVerified;
  }

  struct MeteringPoint {
    address deviceKey;
    uint24 account;
    uint16 areaId;
  }

  uint24 public lastAccount;
  mapping(uint24 account => Participant) public participants;
  mapping(uint24 account => bytes32 kycHash) public kycHashOf;
  mapping(uint24 account => bytes32 meterId) public meterOf;
  mapping(address participant => uint24 account) public accountOf;
  mapping(bytes32 meterId => MeteringPoint) public meteringPoints;
  /// @notice A revoked device key never comes back, whatever certificate it still has.
  mapping(address deviceKey => bool) public isRevoked;
  /// @notice One bit an account: verified, and metered in the area.
  mapping(uint16 areaId => mapping(uint256 directory => uint256 bits)) public tradableIn;
  mapping(uint256 directory => address pointer) public directoryOf;

  event ParticipantRegistered(uint24 indexed account, address indexed participant, bytes32 kycHash);
  event ParticipantSuspended(uint24 indexed account);
  event ParticipantReinstated(uint24 indexed account, bytes32 kycHash);
  event IdentityDisclosed(uint24 indexed account, address indexed authority, bytes32 reasonHash);
  event EntityJoined(uint24 indexed account, uint24 indexed entity);
  event EntityLeft(uint24 indexed account, uint24 indexed entity);
  event MeterEnrolled(
    bytes32 indexed meterId, uint24 indexed account, uint16 indexed areaId, address deviceKey
  );
  event MeterRetired(bytes32 indexed meterId, uint24 indexed account, uint16 indexed areaId);
  event DeviceKeyRotated(bytes32 indexed meterId, address deviceKey);
  event DeviceKeyRevoked(bytes32 indexed meterId, address deviceKey);
  event DirectoryPublished(uint256 indexed directory, address pointer);

  modifier only(bytes32 role) {
    if (!hasRole(role, msg.sender)) revert NotAuthorised(msg.sender, role);
    _;
  }

  constructor(address admin) EIP712("Commonwatt ParticipantRegistry", "1") {
    if (admin == address(0)) revert ZeroAddress();
    _grantRole(DEFAULT_ADMIN_ROLE, admin);
  }

  // -- participants

  /// @param kycHash salted hash of the identity that the registrar verified; the identity stays with the registrar
  function register(address participant, bytes32 kycHash)
    external
    only(REGISTRAR_ROLE)
    returns (uint24 account)
  {
    if (participant == address(0)) revert ZeroAddress();
    if (accountOf[participant] != 0) revert AlreadyRegistered(participant, accountOf[participant]);
    if (uint256(lastAccount) + 1 == MAX_ACCOUNTS) revert RegistryFull(MAX_ACCOUNTS);
    account = ++lastAccount;
    participants[account] = Participant({ owner: participant, entity: 0, areaId: 0, isVerified: true });
    kycHashOf[account] = kycHash;
    accountOf[participant] = account;
    _forgetDirectory(account);
    emit ParticipantRegistered(account, participant, kycHash);
  }

  /// @notice Stops an account from trading; its money stays free to withdraw.
  function suspend(uint24 account) external only(REGISTRAR_ROLE) {
    _known(account).isVerified = false;
    _updateTradable(account);
    emit ParticipantSuspended(account);
  }

  function reinstate(uint24 account, bytes32 kycHash) external only(REGISTRAR_ROLE) {
    _known(account).isVerified = true;
    kycHashOf[account] = kycHash;
    _updateTradable(account);
    emit ParticipantReinstated(account, kycHash);
  }

  /// @notice The audit entry that must accompany each disclosure of an identity to an authority (R2.29).
  function recordDisclosure(uint24 account, address authority, bytes32 reasonHash)
    external
    only(REGISTRAR_ROLE)
  {
    _known(account);
    emit IdentityDisclosed(account, authority, reasonHash);
  }

  // -- membership: from joining to leaving, the entity signs for the member

  function joinEntity(uint24 entity) external {
    uint24 account = _ownAccount();
    Participant storage member = participants[account];
    if (member.entity != 0) revert AlreadyMember(account, member.entity);
    Participant storage joined = _known(entity);
    if (!hasRole(ENTITY_ROLE, joined.owner) || joined.entity != 0 || entity == account) {
      revert NotAnEntity(entity);
    }
    // An entity signs for its members, so that it must not be signed for itself.
    if (hasRole(ENTITY_ROLE, msg.sender)) revert EntityCannotJoin(account);
    member.entity = entity;
    _forgetDirectory(account);
    emit EntityJoined(account, entity);
  }

  function leaveEntity() external {
    uint24 account = _ownAccount();
    uint24 entity = participants[account].entity;
    if (entity == 0) revert NotAMember(account);
    participants[account].entity = 0;
    _forgetDirectory(account);
    emit EntityLeft(account, entity);
  }

  // -- metering points

  /// @param certificate signature of a certifier over (meterId, deviceKey), EIP-712
  function enrolMeter(
    bytes32 meterId,
    uint24 account,
    uint16 areaId,
    address deviceKey,
    bytes calldata certificate
  ) external only(REGISTRAR_ROLE) {
    if (areaId == 0) revert UnknownArea(areaId);
    Participant storage owner = _known(account);
    if (meteringPoints[meterId].account != 0) {
      revert MeterAlreadyEnrolled(meterId, meteringPoints[meterId].account);
    }
    if (meterOf[account] != 0) revert AccountHasMeter(account, meterOf[account]);
    _requireCertificate(meterId, deviceKey, certificate);
    meteringPoints[meterId] = MeteringPoint({ deviceKey: deviceKey, account: account, areaId: areaId });
    meterOf[account] = meterId;
    owner.areaId = areaId;
    _updateTradable(account);
    emit MeterEnrolled(meterId, account, areaId, deviceKey);
  }

  /// @notice Ends the metering of an account, for instance before it moves to another area.
  function retireMeter(bytes32 meterId) external only(REGISTRAR_ROLE) {
    MeteringPoint memory point = _knownMeter(meterId);
    _setTradable(point.areaId, point.account, false);
    delete meteringPoints[meterId];
    delete meterOf[point.account];
    participants[point.account].areaId = 0;
    emit MeterRetired(meterId, point.account, point.areaId);
  }

  function rotateDeviceKey(bytes32 meterId, address deviceKey, bytes calldata certificate)
    external
    only(METER_GATEWAY_ROLE)
  {
    MeteringPoint storage point = _knownMeter(meterId);
    _requireCertificate(meterId, deviceKey, certificate);
    point.deviceKey = deviceKey;
    emit DeviceKeyRotated(meterId, deviceKey);
  }

  function revokeDeviceKey(bytes32 meterId) external only(METER_GATEWAY_ROLE) {
    MeteringPoint storage point = _knownMeter(meterId);
    isRevoked[point.deviceKey] = true;
    emit DeviceKeyRevoked(meterId, point.deviceKey);
    point.deviceKey = address(0);
  }

  // -- directory

  /// @notice Writes the signers of a directory into code, a word each. Anybody may; it only saves gas.
  function publishDirectory(uint256 directory) external returns (address pointer) {
    if (directory >= MAX_ACCOUNTS / DIRECTORY_ACCOUNTS) revert UnknownDirectory(directory);
    uint256 end = (directory + 1) * DIRECTORY_ACCOUNTS;
    if (end > uint256(lastAccount) + 1) end = uint256(lastAccount) + 1;
    uint256 first = directory * DIRECTORY_ACCOUNTS;
    address[] memory signers = new address[](end > first ? end - first : 0);
    for (uint256 i; i < signers.length; ++i) {
      signers[i] = signerOf(uint24(first + i));
    }
    pointer = SSTORE2.write(abi.encodePacked(signers));
    directoryOf[directory] = pointer;
    emit DirectoryPublished(directory, pointer);
  }

  /// @notice Whose signature an order of `account` needs: its owner's, or its entity's while it is a member (R5.10).
  function signerOf(uint24 account) public view returns (address) {
    Participant storage participant = participants[account];
    return participant.entity == 0 ? participant.owner : participants[participant.entity].owner;
  }

  function ownerOf(uint24 account) external view returns (address) {
    return participants[account].owner;
  }

  // -- internal

  function _known(uint24 account) private view returns (Participant storage participant) {
    participant = participants[account];
    if (participant.owner == address(0)) revert UnknownAccount(account);
  }

  function _knownMeter(bytes32 meterId) private view returns (MeteringPoint storage point) {
    point = meteringPoints[meterId];
    if (point.account == 0) revert UnknownMeter(meterId);
  }

  function _ownAccount() private view returns (uint24 account) {
    account = accountOf[msg.sender];
    if (account == 0) revert UnknownParticipant(msg.sender);
  }

  function _requireCertificate(bytes32 meterId, address deviceKey, bytes calldata certificate) private view {
    if (deviceKey == address(0)) revert ZeroAddress();
    if (isRevoked[deviceKey]) revert RevokedDeviceKey(meterId, deviceKey);
    bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(DEVICE_CERTIFICATE_TYPEHASH, meterId, deviceKey)));
    address signer = ECDSA.tryRecoverCalldata(digest, certificate);
    if (signer == address(0) || !hasRole(CERTIFIER_ROLE, signer)) {
      revert InvalidCertificate(meterId, deviceKey, signer);
    }
  }

  function _updateTradable(uint24 account) private {
    Participant storage participant = participants[account];
    if (participant.areaId != 0) _setTradable(participant.areaId, account, participant.isVerified);
  }

  function _setTradable(uint16 areaId, uint24 account, bool isTradable) private {
    uint256 bit = 1 << (account % DIRECTORY_ACCOUNTS);
    uint256 bits = tradableIn[areaId][account / DIRECTORY_ACCOUNTS];
    tradableIn[areaId][account / DIRECTORY_ACCOUNTS] = isTradable ? bits | bit : bits & ~bit;
  }

  function _forgetDirectory(uint24 account) private {
    if (directoryOf[account / DIRECTORY_ACCOUNTS] != address(0)) {
      delete directoryOf[account / DIRECTORY_ACCOUNTS];
    }
  }
}
