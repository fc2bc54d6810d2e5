// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../accounts/ParticipantRegistry.sol";
import "../libraries/Errors.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";

/// @notice Where readings become evidence: an area's gateway publishes one Merkle root of signed readings for each interval
/// (R8.29–R8.31); anybody proves a single reading; and each metered Wh is claimed at most once for each purpose, counted
/// by member. Readings themselves stay off chain (R1.3).
/// A corrected version stands beside those before it, each of which stays provable (docs/model/corrections.md).
/// @dev A publication is one word: root (240 bits) | flags (8) | version (8). The gateway and times of an area are kept
/// here too, told by the AreaRegistry, so that a publication reads one slot and calls nobody.
contract MeterLedger {
  /// @notice Exported energy sold, exported energy certified, and energy shifted for a programme.
  uint8 public constant ENERGY = 1;
  uint8 public constant ATTRIBUTE = 2;
  uint8 public constant FLEXIBILITY = 3;
  /// @dev The first 64 members of an area, whom small areas don't exceed: their bits of four intervals share a word, so that
  /// a claim seldom needs a new one.
  uint256 private constant HEAD_MEMBERS = 64;
  uint256 private constant HEAD = (1 << HEAD_MEMBERS) - 1;
  /// @dev The flag of an interval in which energy of single readings was claimed.
  uint256 private constant HAS_SINGLE_CLAIMS = 1 << 8;

  /// @notice What the ledger has to know of an area. Lengths in seconds. One slot.
  /// @param finalSeconds so long after an interval its readings are published and corrected
  struct Station {
    address gateway;
    uint32 intervalSeconds;
    uint32 waitingSeconds;
    uint32 finalSeconds;
  }

  struct Publication {
    uint32 intervalId;
    uint32 meters;
    bytes32 root;
  }

  /// @notice What a market needs to settle a page.
  /// @param context tag of the interval's leaves; zero when nothing is published
  /// @param root zero when nothing is published
  /// @param taken members, all of whose energy was claimed before, import and export
  /// @param partly members with some exported energy claimed before: {claimedWh} says how much
  /// @param isWaitingOver whether a member without a reading counts as zero import and zero export
  struct Evidence {
    bytes32 context;
    bytes32 root;
    uint256 taken;
    uint256 partly;
    bool isWaitingOver;
  }

  ParticipantRegistry public immutable registry;
  mapping(uint16 areaId => Station) public stations;
  mapping(uint8 purpose => mapping(address claimant => bool)) public isClaimant;
  mapping(uint256 interval => uint256 word) private publications;
  /// @dev Roots of versions that were followed by another.
  mapping(uint256 version => bytes32 root) private formerRoots;
  /// @dev One bit a member, all of whose energy a market claimed; but for the first members of an area, see {HEAD}.
  mapping(uint256 page => uint256 bits) private takenOf;
  /// @dev The bits of the first members, four intervals a word.
  mapping(uint256 quad => uint256 bits) private headsOf;
  /// @dev One bit a member of whose energy a part was claimed.
  mapping(uint256 page => uint256 bits) private partlyOf;
  mapping(uint256 claim => uint256 energyWh) private claims;

  event StationSet(
    uint16 indexed areaId, address gateway, uint32 intervalSeconds, uint32 waitingSeconds, uint32 finalSeconds
  );
  event ReadingsPublished(
    uint16 indexed areaId, uint32 indexed intervalId, uint8 version, bytes32 root, uint32 meters
  );
  event ClaimantAdmitted(uint8 indexed purpose, address indexed claimant);
  event PageClaimed(
    uint16 indexed areaId, uint32 indexed intervalId, uint16 page, uint256 members, address claimant
  );
  event ReadingClaimed(
    uint16 indexed areaId,
    uint32 indexed intervalId,
    uint16 indexed member,
    uint8 purpose,
    address claimant,
    uint256 energyWh
  );

  constructor(ParticipantRegistry registry_) {
    if (address(registry_) == address(0)) revert ZeroAddress();
    registry = registry_;
  }

  /// @notice The AreaRegistry tells who publishes for an area, and its times.
  function setStation(uint16 areaId, Station calldata station) external {
    if (msg.sender != address(registry.memberships())) revert NotAreaRegistry(msg.sender);
    stations[areaId] = station;
    emit StationSet(
      areaId, station.gateway, station.intervalSeconds, station.waitingSeconds, station.finalSeconds
    );
  }

  /// @notice Lets a market or programme claim metered energy for a purpose.
  function admitClaimant(uint8 purpose, address claimant) external {
    bytes32 admin = registry.DEFAULT_ADMIN_ROLE();
    if (!registry.hasRole(admin, msg.sender)) revert NotAuthorised(msg.sender, admin);
    if (claimant == address(0)) revert ZeroAddress();
    if (purpose == 0 || purpose > FLEXIBILITY) revert UnknownPurpose(purpose);
    isClaimant[purpose][claimant] = true;
    emit ClaimantAdmitted(purpose, claimant);
  }

  // -- publications

  /// @notice Publishes the readings of an interval that is over, or a corrected version of them, until the area's final
  /// settlement. A version has all readings, the corrected with their quality. What is claimed stays claimed: a
  /// correction changes what of a member is not.
  /// @param root its low 16 bits are not kept, see {ReadingTree}
  /// @param meters number of readings, for readers; the root itself commits to it
  function publish(uint16 areaId, uint32 intervalId, bytes32 root, uint32 meters) external {
    (uint256 intervalSeconds, uint256 finalSeconds) = _timesOfCaller(areaId);
    _publish(areaId, intervalSeconds, finalSeconds, intervalId, root, meters);
  }

  /// @notice Publishes several intervals of an area at once.
  function publishMany(uint16 areaId, Publication[] calldata intervals) external {
    (uint256 intervalSeconds, uint256 finalSeconds) = _timesOfCaller(areaId);
    for (uint256 i; i < intervals.length; ++i) {
      Publication calldata each = intervals[i];
      _publish(areaId, intervalSeconds, finalSeconds, each.intervalId, each.root, each.meters);
    }
  }

  /// @notice The tag of the interval's leaves and its root; both zero when nothing is published.
  function evidenceOf(uint16 areaId, uint32 intervalId) public view returns (bytes32 context, bytes32 root) {
    uint256 word = publications[_intervalKey(areaId, intervalId)];
    if (word != 0) (context, root) = _evidence(areaId, intervalId, word);
  }

  /// @notice The same of a version, the newest or an earlier one; both zero when it was not published.
  function evidenceAt(uint16 areaId, uint32 intervalId, uint8 version)
    public
    view
    returns (bytes32 context, bytes32 root)
  {
    uint256 key = _intervalKey(areaId, intervalId);
    uint256 word = publications[key];
    if (version == 0 || version > uint8(word)) return (0, 0);
    root = version == uint8(word) ? bytes32(word & ReadingTree.ROOT_MASK) : formerRoots[key << 8 | version];
    context = contextOf(areaId, intervalId, version);
  }

  /// @return version zero when nothing is published
  function versionOf(uint16 areaId, uint32 intervalId) external view returns (uint8 version) {
    return uint8(publications[_intervalKey(areaId, intervalId)]);
  }

  function contextOf(uint16 areaId, uint32 intervalId, uint8 version) public view returns (bytes32) {
    return ReadingTree.contextOf(address(this), areaId, intervalId, version);
  }

  /// @notice Reverts unless the proof's reading is one of the published readings of the interval.
  function requireProven(uint16 areaId, uint32 intervalId, ReadingTree.Proof calldata proof) public view {
    (bytes32 context, bytes32 root) = evidenceOf(areaId, intervalId);
    if (root == 0) revert ReadingsMissing(areaId, intervalId);
    ReadingTree.requireProven(context, root, proof);
  }

  /// @notice Reverts unless the proof's reading is one of a version's.
  function requireProvenAt(uint16 areaId, uint32 intervalId, uint8 version, ReadingTree.Proof calldata proof)
    external
    view
  {
    (bytes32 context, bytes32 root) = evidenceAt(areaId, intervalId, version);
    if (root == 0) revert ReadingsMissing(areaId, intervalId);
    ReadingTree.requireProven(context, root, proof);
  }

  // -- claims

  /// @notice Claims the energy of some members of a page for the caller, an energy market, which then has to verify
  /// what it settles against the root. Never refused for what others claimed: the market counts what they left.
  /// @param members one bit each
  function claimPage(uint16 areaId, uint32 intervalId, uint16 page, uint256 members)
    external
    returns (Evidence memory evidence)
  {
    if (!isClaimant[ENERGY][msg.sender]) revert NotClaimant(msg.sender, ENERGY);
    evidence.isWaitingOver = _requireOver(areaId, intervalId);
    uint256 word = publications[_intervalKey(areaId, intervalId)];
    if (word != 0) (evidence.context, evidence.root) = _evidence(areaId, intervalId, word);
    else if (!evidence.isWaitingOver) revert ReadingsMissing(areaId, intervalId);
    evidence.taken = _take(areaId, intervalId, page, members);
    if (word & HAS_SINGLE_CLAIMS != 0) {
      evidence.partly = partlyOf[_pageKey(areaId, intervalId, page)] & members;
    }
    emit PageClaimed(areaId, intervalId, page, members, msg.sender);
  }

  /// @notice Claims a part of one reading's exported energy, for ENERGY or ATTRIBUTE.
  function claimReading(
    uint16 areaId,
    uint32 intervalId,
    ReadingTree.Proof calldata proof,
    uint8 purpose,
    uint256 energyWh
  ) external {
    if (purpose == FLEXIBILITY) revert UnknownPurpose(purpose);
    requireProven(areaId, intervalId, proof);
    uint16 member = uint16(ReadingTree.memberOf(proof.reading));
    if (purpose == ENERGY) _markPartly(areaId, intervalId, member);
    _claim(areaId, intervalId, member, purpose, energyWh, ReadingTree.exportWhOf(proof.reading));
  }

  /// @notice Claims energy that a member shifted for the caller's programme. What could be shifted is between the
  /// programme's baseline and the reading, so that the programme brings the cap; all programmes share it.
  function claimFlexibility(
    uint16 areaId,
    uint32 intervalId,
    ReadingTree.Proof calldata proof,
    uint256 energyWh,
    uint256 capWh
  ) external {
    requireProven(areaId, intervalId, proof);
    uint16 member = uint16(ReadingTree.memberOf(proof.reading));
    _claim(areaId, intervalId, member, FLEXIBILITY, energyWh, capWh);
  }

  /// @notice Energy of a member claimed by single claims, all claimants together.
  function claimedWh(uint16 areaId, uint32 intervalId, uint16 member, uint8 purpose)
    external
    view
    returns (uint256)
  {
    return claims[_claimKey(areaId, intervalId, member, purpose)];
  }

  /// @notice The members of a page, all of whose energy a market claimed, and those with a part of it claimed.
  function claimedMembersOf(uint16 areaId, uint32 intervalId, uint16 page)
    external
    view
    returns (uint256 taken, uint256 partly)
  {
    uint256 key = _pageKey(areaId, intervalId, page);
    (taken, partly) = (takenOf[key], partlyOf[key]);
    if (page == 0) taken |= headsOf[_headKey(areaId, intervalId)] >> _headShift(intervalId) & HEAD;
  }

  // -- internal

  function _timesOfCaller(uint16 areaId)
    private
    view
    returns (uint256 intervalSeconds, uint256 finalSeconds)
  {
    Station memory station = stations[areaId];
    if (msg.sender != station.gateway) revert NotGateway(msg.sender, areaId);
    return (station.intervalSeconds, station.finalSeconds);
  }

  function _publish(
    uint16 areaId,
    uint256 intervalSeconds,
    uint256 finalSeconds,
    uint32 intervalId,
    bytes32 root,
    uint32 meters
  ) private {
    unchecked {
      uint256 endsAt = (uint256(intervalId) + 1) * intervalSeconds;
      if (block.timestamp < endsAt) revert DeliveryNotOver(intervalId, endsAt);
      if (block.timestamp - endsAt >= finalSeconds) {
        revert FinalSettlementOver(intervalId, endsAt + finalSeconds);
      }
    }
    root = bytes32(uint256(root) & ReadingTree.ROOT_MASK);
    if (root == 0) revert EmptyRoot(areaId, intervalId);
    uint256 key = _intervalKey(areaId, intervalId);
    uint256 word = publications[key];
    uint8 version = uint8(word);
    if (version == type(uint8).max) revert TooManyVersions(areaId, intervalId);
    if (version != 0) formerRoots[key << 8 | version] = bytes32(word & ReadingTree.ROOT_MASK);
    unchecked {
      ++version;
    }
    publications[key] = uint256(root) | (word & HAS_SINGLE_CLAIMS) | version;
    emit ReadingsPublished(areaId, intervalId, version, root, meters);
  }

  function _evidence(uint16 areaId, uint32 intervalId, uint256 word)
    private
    view
    returns (bytes32 context, bytes32 root)
  {
    return (contextOf(areaId, intervalId, uint8(word)), bytes32(word & ReadingTree.ROOT_MASK));
  }

  /// @return isWaitingOver whether readings that are not there will not be waited for
  function _requireOver(uint16 areaId, uint32 intervalId) private view returns (bool isWaitingOver) {
    Station memory station = stations[areaId];
    if (station.intervalSeconds == 0) revert UnknownArea(areaId);
    uint256 endsAt = (uint256(intervalId) + 1) * station.intervalSeconds;
    if (block.timestamp < endsAt) revert DeliveryNotOver(intervalId, endsAt);
    return block.timestamp >= endsAt + station.waitingSeconds;
  }

  /// @dev Marks members of a page as claimed, and gives those that were before. Each word is touched only if it has to be.
  function _take(uint16 areaId, uint32 intervalId, uint16 page, uint256 members)
    private
    returns (uint256 before)
  {
    uint256 head = page == 0 ? members & HEAD : 0;
    if (head != 0) {
      (uint256 headKey, uint256 shift) = (_headKey(areaId, intervalId), _headShift(intervalId));
      uint256 heads = headsOf[headKey];
      before = heads >> shift & head;
      headsOf[headKey] = heads | head << shift;
    }
    members ^= head;
    if (members == 0) return before;
    uint256 key = _pageKey(areaId, intervalId, page);
    uint256 taken = takenOf[key];
    before |= taken & members;
    takenOf[key] = taken | members;
  }

  /// @dev Notes that a part of the member's energy is claimed, unless a market has all of it.
  function _markPartly(uint16 areaId, uint32 intervalId, uint16 member) private {
    uint256 key = _pageKey(areaId, intervalId, member / ReadingTree.PAGE);
    uint256 bit = 1 << member % ReadingTree.PAGE;
    bool isTaken = member < HEAD_MEMBERS
      ? headsOf[_headKey(areaId, intervalId)] >> _headShift(intervalId) & bit != 0
      : takenOf[key] & bit != 0;
    if (isTaken) revert AlreadyClaimed(areaId, intervalId, member, ENERGY);
    uint256 partly = partlyOf[key];
    if (partly & bit != 0) return;
    partlyOf[key] = partly | bit;
    publications[_intervalKey(areaId, intervalId)] |= HAS_SINGLE_CLAIMS;
  }

  function _claim(
    uint16 areaId,
    uint32 intervalId,
    uint16 member,
    uint8 purpose,
    uint256 energyWh,
    uint256 capWh
  ) private {
    if (!isClaimant[purpose][msg.sender]) revert NotClaimant(msg.sender, purpose);
    if (energyWh == 0) revert ZeroAmount();
    uint256 key = _claimKey(areaId, intervalId, member, purpose);
    uint256 claimed = claims[key];
    if (energyWh > capWh || claimed > capWh - energyWh) {
      revert ClaimExceedsReading(member, claimed, energyWh, capWh);
    }
    claims[key] = claimed + energyWh;
    emit ReadingClaimed(areaId, intervalId, member, purpose, msg.sender, energyWh);
  }

  function _intervalKey(uint16 areaId, uint32 intervalId) private pure returns (uint256) {
    return uint256(areaId) << 32 | intervalId;
  }

  function _pageKey(uint16 areaId, uint32 intervalId, uint256 page) private pure returns (uint256) {
    return _intervalKey(areaId, intervalId) << 16 | page;
  }

  function _headKey(uint16 areaId, uint32 intervalId) private pure returns (uint256) {
    return _intervalKey(areaId, intervalId >> 2);
  }

  function _headShift(uint32 intervalId) private pure returns (uint256) {
    return (intervalId & 3) * HEAD_MEMBERS;
  }

  function _claimKey(uint16 areaId, uint32 intervalId, uint16 member, uint8 purpose)
    private
    pure
    returns (uint256)
  {
    return (_intervalKey(areaId, intervalId) << 16 | member) << 8 | purpose;
  }
}
