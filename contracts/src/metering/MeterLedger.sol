// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../accounts/ParticipantRegistry.sol";
import "../libraries/Errors.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";

/// @notice Where readings become evidence: the gateway publishes one Merkle root of signed readings for each area and
/// interval (R8.29–R8.31); anybody proves a single reading; and each metered Wh is claimed at most once for each purpose.
/// Readings themselves stay off chain (R1.3).
contract MeterLedger {
  uint8 public constant ENERGY = 1;
  uint8 public constant ATTRIBUTE = 2;
  uint8 public constant FLEXIBILITY = 3;

  struct Publication {
    bytes32 root;
    uint8 version;
    bool isClaimed;
  }

  struct ReadingProof {
    uint16 page;
    uint256 leafIndex;
    uint256 leaves;
    bytes32[] leafPath;
    uint256 segmentIndex;
    uint256 segments;
    bytes32[] segmentPath;
  }

  ParticipantRegistry public immutable registry;
  mapping(uint16 areaId => mapping(uint32 intervalId => Publication)) public publications;
  mapping(uint8 purpose => mapping(address claimant => bool)) public isClaimant;
  /// @notice One bit a page that a market claimed whole.
  mapping(bytes32 claimKey => uint256 bits) private pageClaims;
  /// @notice One bit a page of which single readings were claimed.
  mapping(bytes32 claimKey => uint256 bits) private singleClaims;
  mapping(uint8 purpose => mapping(bytes32 leaf => uint256)) public claimedWh;

  event ReadingsPublished(
    uint16 indexed areaId, uint32 indexed intervalId, uint8 version, bytes32 root, uint32 meters
  );
  event ClaimantAdmitted(uint8 indexed purpose, address indexed claimant);
  event PageClaimed(
    uint16 indexed areaId, uint32 indexed intervalId, uint16 page, uint8 purpose, address claimant
  );
  event ReadingClaimed(
    uint16 indexed areaId,
    uint32 indexed intervalId,
    uint24 indexed account,
    uint8 purpose,
    address claimant,
    uint256 energyWh
  );

  constructor(ParticipantRegistry registry_) {
    if (address(registry_) == address(0)) revert ZeroAddress();
    registry = registry_;
  }

  /// @notice Lets a market or programme claim metered energy for a purpose.
  function admitClaimant(uint8 purpose, address claimant) external {
    _only(registry.DEFAULT_ADMIN_ROLE());
    if (claimant == address(0)) revert ZeroAddress();
    isClaimant[purpose][claimant] = true;
    emit ClaimantAdmitted(purpose, claimant);
  }

  /// @notice Publishes the readings of an interval, or a corrected version of them while nothing of them is claimed.
  /// @param meters number of readings, for readers; the root itself commits to it
  function publish(uint16 areaId, uint32 intervalId, bytes32 root, uint32 meters) external {
    _only(registry.METER_GATEWAY_ROLE());
    if (root == 0) revert EmptyRoot(areaId, intervalId);
    Publication storage publication = publications[areaId][intervalId];
    if (publication.isClaimed) revert ReadingsInUse(areaId, intervalId);
    if (publication.version == type(uint8).max) revert TooManyVersions(areaId, intervalId);
    publication.root = root;
    uint8 version = ++publication.version;
    emit ReadingsPublished(areaId, intervalId, version, root, meters);
  }

  /// @notice The tag of the interval's leaves and its root; reverts when nothing is published.
  function evidenceOf(uint16 areaId, uint32 intervalId) public view returns (bytes32 context, bytes32 root) {
    Publication storage publication = publications[areaId][intervalId];
    root = publication.root;
    if (root == 0) revert ReadingsMissing(areaId, intervalId);
    context = contextOf(areaId, intervalId, publication.version);
  }

  function contextOf(uint16 areaId, uint32 intervalId, uint8 version) public view returns (bytes32) {
    return ReadingTree.contextOf(address(this), areaId, intervalId, version);
  }

  /// @notice Whether `reading` is one of the published readings of the interval.
  function isProven(uint16 areaId, uint32 intervalId, uint256 reading, ReadingProof calldata proof)
    public
    view
    returns (bool)
  {
    (bytes32 context, bytes32 root) = evidenceOf(areaId, intervalId);
    if (proof.leafIndex >= proof.leaves || proof.segmentIndex >= proof.segments) return false;
    bytes32 top = ReadingTree.climb(
      ReadingTree.leafOf(context, reading), proof.leafIndex, proof.leaves, proof.leafPath
    );
    bytes32 segment = ReadingTree.segmentOf(proof.page, proof.leaves, top);
    bytes32 all = ReadingTree.climb(segment, proof.segmentIndex, proof.segments, proof.segmentPath);
    return ReadingTree.rootOf(proof.segments, all) == root;
  }

  /// @notice Claims every reading of a page for a purpose, as a market does that settles the whole page.
  /// @return context tag of the interval's leaves
  /// @return root what they must give
  function claimPage(uint16 areaId, uint32 intervalId, uint16 page, uint8 purpose)
    external
    returns (bytes32 context, bytes32 root)
  {
    if (!isClaimant[purpose][msg.sender]) revert NotClaimant(msg.sender, purpose);
    (context, root) = evidenceOf(areaId, intervalId);
    (bytes32 key, uint256 bit) = _claimKey(areaId, intervalId, page, purpose);
    if ((pageClaims[key] | singleClaims[key]) & bit != 0) {
      revert AlreadyClaimed(areaId, intervalId, page, purpose);
    }
    pageClaims[key] |= bit;
    publications[areaId][intervalId].isClaimed = true;
    emit PageClaimed(areaId, intervalId, page, purpose, msg.sender);
  }

  /// @notice Claims part of one reading: exported energy, and for flexibility also imported energy.
  function claimReading(
    uint16 areaId,
    uint32 intervalId,
    uint256 reading,
    ReadingProof calldata proof,
    uint8 purpose,
    uint256 energyWh
  ) external {
    if (!isClaimant[purpose][msg.sender]) {
      revert NotClaimant(msg.sender, purpose);
    }
    if (energyWh == 0) revert ZeroAmount();
    uint24 account = ReadingTree.accountOf(reading);
    // A reading out of its page would escape what was claimed of the page it belongs to.
    if (account / ReadingTree.PAGE != proof.page || !isProven(areaId, intervalId, reading, proof)) {
      revert ReadingNotProven(areaId, intervalId, account);
    }
    (bytes32 key, uint256 bit) = _claimKey(areaId, intervalId, proof.page, purpose);
    if (pageClaims[key] & bit != 0) revert AlreadyClaimed(areaId, intervalId, proof.page, purpose);
    Publication storage publication = publications[areaId][intervalId];
    bytes32 leaf = ReadingTree.leafOf(contextOf(areaId, intervalId, publication.version), reading);
    uint256 claimed = claimedWh[purpose][leaf];
    uint256 metered = ReadingTree.exportWhOf(reading);
    if (purpose == FLEXIBILITY) metered += ReadingTree.importWhOf(reading);
    if (energyWh > metered || claimed > metered - energyWh) {
      revert ClaimExceedsReading(account, claimed, energyWh, metered);
    }
    claimedWh[purpose][leaf] = claimed + energyWh;
    singleClaims[key] |= bit;
    if (!publication.isClaimed) publication.isClaimed = true;
    emit ReadingClaimed(areaId, intervalId, account, purpose, msg.sender, energyWh);
  }

  // -- internal

  function _claimKey(uint16 areaId, uint32 intervalId, uint16 page, uint8 purpose)
    private
    pure
    returns (bytes32 key, uint256 bit)
  {
    key = keccak256(abi.encode(areaId, intervalId, purpose, page / 256));
    bit = 1 << (page % 256);
  }

  function _only(bytes32 role) private view {
    if (!registry.hasRole(role, msg.sender)) revert NotAuthorised(msg.sender, role);
  }
}
