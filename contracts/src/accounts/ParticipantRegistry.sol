// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";
import { IMemberships } from "./IMemberships.sol";
import { AccessControl } from "@openzeppelin/contracts/access/AccessControl.sol";

/// @notice Who takes part: numbered accounts with a salted hash of the verified identity (R2.29), the owner that moves an
/// account's money, the signer of its orders, and membership in at most one entity, which then signs for it (R5.10).
/// @dev A change of signer is announced and counts for gates that close `SIGNER_NOTICE` later. The former signer is kept
/// until the next change, which waits until the last one counted for `SIGNER_NOTICE`: so the registry can tell the signer for
/// each gate that closed less than `SIGNER_NOTICE` ago, and nobody takes back an order by a change of signer.
contract ParticipantRegistry is AccessControl {
  bytes32 public constant REGISTRAR_ROLE = keccak256("REGISTRAR_ROLE");
  bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
  bytes32 public constant CERTIFIER_ROLE = keccak256("CERTIFIER_ROLE");
  uint256 public constant MAX_ACCOUNTS = 1 << 24;
  /// @notice From the announcement of a signer to the first gate that it counts for; a market clears no gate that closed
  /// longer ago than this.
  uint256 public constant SIGNER_NOTICE = 1 hours;
  /// @notice How long an owner may object to its replacement.
  uint256 public constant RECOVERY_NOTICE = 14 days;

  /// @param entity the account that signs for this one, until `entityFrom`
  /// @param nextEntity the one that does so for gates that close at or after `entityFrom`; zero for none
  struct Account {
    address owner;
    bool isVerified;
    bool isEntity;
    uint24 entity;
    uint24 nextEntity;
    uint32 entityFrom;
  }

  /// @param signer signs until `from`; zero is the owner
  /// @param nextSigner signs for gates that close at or after `from`; zero is the owner
  struct Signing {
    address signer;
    uint32 from;
    address nextSigner;
  }

  struct Recovery {
    address owner;
    uint64 takeableAt;
  }

  /// @notice The contract that numbers the members of areas; set once.
  IMemberships public memberships;
  uint24 public lastAccount;
  mapping(uint24 account => Account) public accounts;
  mapping(uint24 account => Signing) public signings;
  mapping(uint24 account => bytes32 kycHash) public kycHashOf;
  mapping(address owner => uint24 account) public accountOf;
  /// @notice The owner that the present one named, and that has not accepted yet.
  mapping(uint24 account => address owner) public nextOwnerOf;
  mapping(uint24 account => Recovery) public recoveries;
  /// @notice The entity that an account asked to join.
  mapping(uint24 account => uint24 entity) public entityRequests;

  event MembershipsSet(address memberships);
  event ParticipantRegistered(uint24 indexed account, address indexed owner, bytes32 kycHash);
  event ParticipantSuspended(uint24 indexed account);
  event ParticipantReinstated(uint24 indexed account, bytes32 kycHash);
  event IdentityDisclosed(uint24 indexed account, address indexed authority, bytes32 reasonHash);
  event SignerAnnounced(uint24 indexed account, address indexed signer, uint256 effectiveAt);
  event OwnerNamed(uint24 indexed account, address indexed owner);
  event OwnerChanged(uint24 indexed account, address indexed owner);
  event RecoveryProposed(uint24 indexed account, address indexed owner, uint256 takeableAt);
  event RecoveryRefused(uint24 indexed account, address indexed owner);
  event EntitySet(uint24 indexed account, bool isEntity);
  event EntityRequested(uint24 indexed account, uint24 indexed entity);
  event EntityJoined(uint24 indexed account, uint24 indexed entity, uint256 effectiveAt);
  event EntityLeft(uint24 indexed account, uint24 indexed entity, uint256 effectiveAt);

  modifier only(bytes32 role) {
    if (!hasRole(role, msg.sender)) revert NotAuthorised(msg.sender, role);
    _;
  }

  constructor(address admin) {
    if (admin == address(0)) revert ZeroAddress();
    _grantRole(DEFAULT_ADMIN_ROLE, admin);
  }

  /// @notice Names the contract that numbers members. Once: to change it would be to take every margin.
  function setMemberships(IMemberships memberships_) external only(DEFAULT_ADMIN_ROLE) {
    if (address(memberships_) == address(0)) revert ZeroAddress();
    if (address(memberships) != address(0)) revert MembershipsAlreadySet(address(memberships));
    memberships = memberships_;
    emit MembershipsSet(address(memberships_));
  }

  // -- participants

  /// @param kycHash salted hash of the identity that the registrar verified; the identity stays with the registrar
  function register(address owner, bytes32 kycHash) external only(REGISTRAR_ROLE) returns (uint24 account) {
    _requireFree(owner);
    if (uint256(lastAccount) + 1 == MAX_ACCOUNTS) revert RegistryFull(MAX_ACCOUNTS);
    account = ++lastAccount;
    accounts[account].owner = owner;
    accounts[account].isVerified = true;
    kycHashOf[account] = kycHash;
    accountOf[owner] = account;
    emit ParticipantRegistered(account, owner, kycHash);
  }

  /// @notice Stops an account from trading, and an entity from signing, at once; its money stays free to withdraw.
  function suspend(uint24 account) external only(REGISTRAR_ROLE) {
    _known(account).isVerified = false;
    emit ParticipantSuspended(account);
    _forget(account);
  }

  function reinstate(uint24 account, bytes32 kycHash) external only(REGISTRAR_ROLE) {
    _known(account).isVerified = true;
    kycHashOf[account] = kycHash;
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

  // -- signers: they sign orders, and can do nothing else

  /// @notice Announces who signs the orders of the caller's account. An owner that is a contract trades through it.
  function setAgent(address signer) external {
    uint24 account = _ownAccount();
    if (signer == address(0)) revert ZeroAddress();
    _requireSettled(account, signings[account].from);
    _announceSigner(account, signings[account].nextSigner, signer);
  }

  /// @notice Whose signature an order of `account` needs when its gate closes at `closesAt` (unix s): its agent's, its
  /// owner's, or its entity's while it is a member. Zero when nobody may sign, for want of standing.
  function signerAt(uint24 account, uint256 closesAt) external view returns (address) {
    Account storage participant = accounts[account];
    if (!participant.isVerified) return address(0);
    uint24 entity = closesAt < participant.entityFrom ? participant.entity : participant.nextEntity;
    if (entity == 0) return _ownSignerAt(account, closesAt);
    Account storage signatory = accounts[entity];
    return signatory.isEntity && signatory.isVerified ? _ownSignerAt(entity, closesAt) : address(0);
  }

  /// @notice The signer of an account for every gate that is still to be cleared, unless it depends on the gate or on
  /// another account: zero then. Stays true until `forget` is called for the account.
  function steadySignerOf(uint24 account) external view returns (address) {
    Account storage participant = accounts[account];
    bool isSteady = participant.isVerified && participant.nextEntity == 0
      && block.timestamp >= participant.entityFrom + SIGNER_NOTICE
      && block.timestamp >= signings[account].from + SIGNER_NOTICE;
    return isSteady ? _ownSignerAt(account, block.timestamp) : address(0);
  }

  // -- owners

  /// @notice Names the next owner of the caller's account, which must accept; zero withdraws the name.
  function rotateOwner(address owner) external {
    uint24 account = _ownAccount();
    if (owner != address(0)) _requireFree(owner);
    nextOwnerOf[account] = owner;
    emit OwnerNamed(account, owner);
  }

  /// @notice Takes over an account that its owner named the caller for. The money follows at once; when the former owner
  /// signed, the new one does so after the notice.
  function acceptOwner(uint24 account) external {
    if (nextOwnerOf[account] != msg.sender) revert NotNamed(msg.sender, account);
    _requireFree(msg.sender);
    _changeOwner(account, msg.sender);
  }

  /// @notice Proposes a new owner of an account whose key is lost; a new proposal starts the notice anew.
  function proposeOwner(uint24 account, address owner) external only(REGISTRAR_ROLE) {
    _known(account);
    _requireFree(owner);
    uint64 takeableAt = uint64(block.timestamp + RECOVERY_NOTICE);
    recoveries[account] = Recovery({ owner: owner, takeableAt: takeableAt });
    emit RecoveryProposed(account, owner, takeableAt);
  }

  /// @notice The owner of an account still has its key.
  function objectToRecovery() external {
    uint24 account = _ownAccount();
    address owner = recoveries[account].owner;
    if (owner == address(0)) revert NoRecovery(account);
    delete recoveries[account];
    emit RecoveryRefused(account, owner);
  }

  /// @notice Completes a recovery that nobody objected to. Anybody may call.
  function takeRecovery(uint24 account) external {
    Recovery memory recovery = recoveries[account];
    if (recovery.owner == address(0)) revert NoRecovery(account);
    if (block.timestamp < recovery.takeableAt) revert RecoveryRunning(account, recovery.takeableAt);
    _requireFree(recovery.owner);
    _changeOwner(account, recovery.owner);
  }

  function ownerOf(uint24 account) external view returns (address) {
    return accounts[account].owner;
  }

  // -- membership: from joining to leaving, the entity signs for the member

  /// @notice Lets an account sign for others, or ends that at once.
  function setEntity(uint24 account, bool isEntity) external only(DEFAULT_ADMIN_ROLE) {
    Account storage participant = _known(account);
    // An entity signs for its members, so that it must not be signed for itself.
    if (isEntity && _isMember(participant)) revert EntityCannotJoin(account);
    participant.isEntity = isEntity;
    emit EntitySet(account, isEntity);
  }

  /// @notice Asks an entity to sign for the caller's account; zero withdraws the request.
  function requestEntity(uint24 entity) external {
    uint24 account = _ownAccount();
    entityRequests[account] = entity;
    emit EntityRequested(account, entity);
  }

  /// @notice The entity consents: it signs for the account after the notice.
  function admitMember(uint24 account) external {
    uint24 entity = _ownAccount();
    if (entityRequests[account] != entity) revert NotRequested(account, entity);
    Account storage signatory = accounts[entity];
    if (!signatory.isEntity || !signatory.isVerified) revert NotAnEntity(entity);
    Account storage member = accounts[account];
    if (member.isEntity) revert EntityCannotJoin(account);
    if (member.nextEntity != 0) revert AlreadyMember(account, member.nextEntity);
    delete entityRequests[account];
    emit EntityJoined(account, entity, _announceEntity(account, member, entity));
  }

  function leaveEntity() external {
    uint24 account = _ownAccount();
    _leave(account, accounts[account].nextEntity);
  }

  /// @notice The entity ceases to sign for a member, after the notice.
  function releaseMember(uint24 account) external {
    uint24 entity = _ownAccount();
    if (accounts[account].nextEntity != entity) revert NotAMember(account);
    _leave(account, entity);
  }

  // -- internal

  function _known(uint24 account) private view returns (Account storage participant) {
    participant = accounts[account];
    if (participant.owner == address(0)) revert UnknownAccount(account);
  }

  function _ownAccount() private view returns (uint24 account) {
    account = accountOf[msg.sender];
    if (account == 0) revert UnknownParticipant(msg.sender);
  }

  function _requireFree(address owner) private view {
    if (owner == address(0)) revert ZeroAddress();
    if (accountOf[owner] != 0) revert AlreadyRegistered(owner, accountOf[owner]);
  }

  /// @dev The last change counted for all gates that a market may still clear.
  function _requireSettled(uint24 account, uint256 from) private view {
    if (block.timestamp < from + SIGNER_NOTICE) revert ChangePending(account, from + SIGNER_NOTICE);
  }

  function _ownSignerAt(uint24 account, uint256 closesAt) private view returns (address signer) {
    Signing storage signing = signings[account];
    signer = closesAt < signing.from ? signing.signer : signing.nextSigner;
    if (signer == address(0)) signer = accounts[account].owner;
  }

  function _announceSigner(uint24 account, address signer, address nextSigner) private {
    uint32 from = uint32(block.timestamp + SIGNER_NOTICE);
    signings[account] = Signing({ signer: signer, from: from, nextSigner: nextSigner });
    emit SignerAnnounced(account, nextSigner, from);
    _forget(account);
  }

  /// @dev Where the former owner signed it goes on to do so until the notice is over, or, when another change is under
  /// way, until the new owner sets an agent.
  function _changeOwner(uint24 account, address owner) private {
    address former = accounts[account].owner;
    Signing storage signing = signings[account];
    if (signing.signer == address(0)) signing.signer = former;
    if (signing.nextSigner == address(0)) signing.nextSigner = former;
    delete accountOf[former];
    delete nextOwnerOf[account];
    delete recoveries[account];
    accounts[account].owner = owner;
    accountOf[owner] = account;
    emit OwnerChanged(account, owner);
    bool isSettled = block.timestamp >= signing.from + SIGNER_NOTICE;
    if (isSettled && signing.nextSigner == former) _announceSigner(account, former, owner);
  }

  function _isMember(Account storage participant) private view returns (bool) {
    return participant.nextEntity != 0
      || (participant.entity != 0 && block.timestamp < participant.entityFrom + SIGNER_NOTICE);
  }

  function _leave(uint24 account, uint24 entity) private {
    if (entity == 0) revert NotAMember(account);
    emit EntityLeft(account, entity, _announceEntity(account, accounts[account], 0));
  }

  function _announceEntity(uint24 account, Account storage member, uint24 entity)
    private
    returns (uint32 from)
  {
    _requireSettled(account, member.entityFrom);
    from = uint32(block.timestamp + SIGNER_NOTICE);
    (member.entity, member.nextEntity, member.entityFrom) = (member.nextEntity, entity, from);
    _forget(account);
  }

  function _forget(uint24 account) private {
    if (address(memberships) != address(0)) memberships.forget(account);
  }
}
