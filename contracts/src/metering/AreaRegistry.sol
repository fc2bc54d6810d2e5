// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IMemberships } from "../accounts/IMemberships.sol";
import { ParticipantRegistry } from "../accounts/ParticipantRegistry.sol";
import "../libraries/Errors.sol";
import { MeterLedger } from "./MeterLedger.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { ECDSA } from "solady/utils/ECDSA.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @notice Where energy is measured: areas with their operator, gateway and interval length, and their members by number.
/// A member is one metering point of an account; the accounts of the supplier, the DSO, the fund and of drivers are members
/// without a meter. Several markets stand on one area.
/// @dev A seat is areaId << 16 | member. Numbers start at 1 and never come back. Members d·256 … d·256+255 are directory d:
/// what an order of each needs can be written into code (`publishDirectory`), 24 bytes a member: signer (20) | capacity in W
/// (4). A bit says for each member whether that still holds; a change clears one bit and touches no other member.
contract AreaRegistry is IMemberships, EIP712 {
  bytes32 public constant DEVICE_CERTIFICATE_TYPEHASH =
    keccak256("DeviceCertificate(bytes32 meterId,address deviceKey,uint64 number,uint64 expiresAt)");
  /// @notice Numbers of one area, 0 included; bounds memory and gas of one clearing.
  uint256 public constant MAX_MEMBERS = 4096;
  /// @notice Metering points of one account; bounds what a change of its signer has to touch.
  uint256 public constant MAX_MEMBERSHIPS = 32;
  uint256 public constant DIRECTORY_MEMBERS = 256;
  /// @dev What the field knows as the longest time to a final settlement.
  uint256 private constant MAX_FINAL_SECONDS = 3 * 365 days;

  /// @param waitingSeconds how long a reading is waited for after its interval
  /// @param finalSeconds how long its readings are corrected after an interval
  /// @param supplier account that replaces shortfalls and takes surpluses
  /// @param dso account that gets the grid fees (R2.51)
  /// @param fund named account for what rounding leaves
  struct AreaSetup {
    uint32 intervalSeconds;
    uint32 waitingSeconds;
    uint32 finalSeconds;
    address gateway;
    uint24 supplier;
    uint24 dso;
    uint24 fund;
  }

  /// @dev One slot. Supplier, DSO and fund are numbers of members.
  struct Area {
    address operator;
    uint24 intervalSeconds;
    uint16 lastMember;
    uint16 supplier;
    uint16 dso;
    uint16 fund;
  }

  struct Metering {
    address gateway;
    uint32 waitingSeconds;
    uint32 finalSeconds;
  }

  struct Member {
    uint24 account;
    uint32 capacityW;
    bytes32 meterId;
  }

  /// @param number of the newest certificate that was used for the meter; it outlives the enrolment
  struct MeteringPoint {
    address deviceKey;
    uint16 areaId;
    uint16 member;
    uint64 number;
  }

  /// @param number rises with each certificate of a meter
  /// @param expiresAt unix s; from then on it is refused
  /// @param signature of a certifier over {DEVICE_CERTIFICATE_TYPEHASH}
  struct Certificate {
    uint64 number;
    uint64 expiresAt;
    bytes signature;
  }

  /// @notice What a market needs to walk over the orders of an area.
  /// @param fresh for each directory asked for: one bit for each member whose entry still holds
  /// @param directories where their code is; zero when it was never published
  struct Roster {
    address operator;
    uint256 intervalSeconds;
    uint16 supplier;
    uint16 dso;
    uint16 fund;
    uint256[] fresh;
    address[] directories;
  }

  ParticipantRegistry public immutable registry;
  MeterLedger public immutable ledger;

  uint16 public lastArea;
  mapping(uint16 areaId => Area) public areas;
  mapping(uint16 areaId => Metering) public meterings;
  mapping(uint16 areaId => address operator) public nextOperatorOf;
  mapping(uint32 seat => Member) public members;
  mapping(bytes32 meterId => MeteringPoint) private points;
  mapping(uint24 account => uint32[] seats) private meteredSeats;
  /// @notice A revoked device key is dead at every meter and never comes back, whatever certificate it still has.
  mapping(address deviceKey => bool) public isRevoked;
  mapping(uint16 areaId => mapping(uint256 directory => uint256 bits)) public freshIn;
  mapping(uint16 areaId => mapping(uint256 directory => address pointer)) public directoryOf;

  event AreaOpened(uint16 indexed areaId, address indexed operator, AreaSetup setup);
  event OperatorNamed(uint16 indexed areaId, address indexed operator);
  event OperatorChanged(uint16 indexed areaId, address indexed operator);
  event GatewayChanged(uint16 indexed areaId, address indexed gateway);
  event SupplierChanged(uint16 indexed areaId, uint16 indexed member);
  event DsoChanged(uint16 indexed areaId, uint16 indexed member);
  event FundChanged(uint16 indexed areaId, uint16 indexed member);
  event MemberAdded(uint16 indexed areaId, uint16 indexed member, uint24 indexed account);
  event MeterEnrolled(
    bytes32 indexed meterId,
    uint16 indexed areaId,
    uint16 indexed member,
    uint32 capacityW,
    address deviceKey,
    uint64 number
  );
  event MeterRetired(bytes32 indexed meterId, uint16 indexed areaId, uint16 indexed member);
  event CapacityChanged(bytes32 indexed meterId, uint32 capacityW);
  event DeviceKeyRotated(bytes32 indexed meterId, address deviceKey, uint64 number);
  event DeviceKeyRevoked(bytes32 indexed meterId, address indexed deviceKey);
  event DirectoryPublished(uint16 indexed areaId, uint256 indexed directory, address pointer, uint256 fresh);

  constructor(ParticipantRegistry registry_, MeterLedger ledger_) EIP712("Commonwatt AreaRegistry", "1") {
    if (address(registry_) == address(0) || address(ledger_) == address(0)) revert ZeroAddress();
    registry = registry_;
    ledger = ledger_;
  }

  modifier onlyRegistrar() {
    _requireRole(registry.REGISTRAR_ROLE(), msg.sender);
    _;
  }

  // -- areas

  function openArea(AreaSetup calldata setup) external returns (uint16 areaId) {
    _requireRole(registry.OPERATOR_ROLE(), msg.sender);
    if (setup.intervalSeconds < 60 || setup.intervalSeconds > 1 days) {
      revert InvalidInterval(setup.intervalSeconds);
    }
    if (setup.waitingSeconds < 1 hours || setup.waitingSeconds > 14 days) {
      revert InvalidWaiting(setup.waitingSeconds);
    }
    if (setup.finalSeconds < setup.waitingSeconds || setup.finalSeconds > MAX_FINAL_SECONDS) {
      revert InvalidFinalSettlement(setup.finalSeconds);
    }
    if (lastArea == type(uint16).max) revert TooManyAreas(lastArea);
    areaId = ++lastArea;
    Area storage area = areas[areaId];
    (area.operator, area.intervalSeconds) = (msg.sender, uint24(setup.intervalSeconds));
    (meterings[areaId].waitingSeconds, meterings[areaId].finalSeconds) =
    (setup.waitingSeconds, setup.finalSeconds);
    emit AreaOpened(areaId, msg.sender, setup);
    _setGateway(areaId, setup.gateway);
    area.supplier = _addMember(areaId, setup.supplier);
    area.dso = _addMember(areaId, setup.dso);
    area.fund = _addMember(areaId, setup.fund);
  }

  /// @notice Names the next operator, which must accept.
  function nameOperator(uint16 areaId, address operator) external {
    _requireOperator(areaId);
    nextOperatorOf[areaId] = operator;
    emit OperatorNamed(areaId, operator);
  }

  function acceptOperation(uint16 areaId) external {
    if (msg.sender != nextOperatorOf[areaId]) revert NotNamed(msg.sender, areaId);
    _requireRole(registry.OPERATOR_ROLE(), msg.sender);
    _setOperator(areaId, msg.sender);
  }

  /// @notice Puts another operator in charge of an area whose operator fails; zero stops its markets.
  function replaceOperator(uint16 areaId, address operator) external {
    _requireRole(registry.DEFAULT_ADMIN_ROLE(), msg.sender);
    if (areas[areaId].intervalSeconds == 0) revert UnknownArea(areaId);
    if (operator != address(0)) _requireRole(registry.OPERATOR_ROLE(), operator);
    _setOperator(areaId, operator);
  }

  function changeGateway(uint16 areaId, address gateway) external {
    _requireOperator(areaId);
    _setGateway(areaId, gateway);
  }

  /// @notice Gives the area another supplier. Its seat is new: what the former one holds stays its own.
  function changeSupplier(uint16 areaId, uint24 account) external returns (uint16 member) {
    _requireOperator(areaId);
    areas[areaId].supplier = member = _addMember(areaId, account);
    emit SupplierChanged(areaId, member);
  }

  function changeDso(uint16 areaId, uint24 account) external returns (uint16 member) {
    _requireOperator(areaId);
    areas[areaId].dso = member = _addMember(areaId, account);
    emit DsoChanged(areaId, member);
  }

  function changeFund(uint16 areaId, uint24 account) external returns (uint16 member) {
    _requireOperator(areaId);
    areas[areaId].fund = member = _addMember(areaId, account);
    emit FundChanged(areaId, member);
  }

  /// @notice Numbers an account in an area without a meter: it has margins there and no orders, as the wallet of a driver.
  function addMember(uint16 areaId, uint24 account) external onlyRegistrar returns (uint16 member) {
    return _addMember(areaId, account);
  }

  // -- metering points (R2.19)

  /// @param capacityW connection capacity: no position of an interval is above capacity × length
  /// @return member its number in the area
  function enrolMeter(
    uint16 areaId,
    bytes32 meterId,
    uint24 account,
    uint32 capacityW,
    address deviceKey,
    Certificate calldata certificate
  ) external onlyRegistrar returns (uint16 member) {
    MeteringPoint storage point = points[meterId];
    if (point.member != 0) revert MeterAlreadyEnrolled(meterId, seatOf(point.areaId, point.member));
    if (capacityW == 0) revert ZeroCapacity(meterId);
    if (meteredSeats[account].length == MAX_MEMBERSHIPS) revert TooManyMemberships(account);
    member = _addMember(areaId, account);
    uint32 seat = seatOf(areaId, member);
    (members[seat].capacityW, members[seat].meterId) = (capacityW, meterId);
    meteredSeats[account].push(seat);
    (point.areaId, point.member) = (areaId, member);
    _setDeviceKey(point, meterId, deviceKey, certificate);
    emit MeterEnrolled(meterId, areaId, member, capacityW, deviceKey, certificate.number);
  }

  /// @notice Ends the metering of a member; its meter may be enrolled anew, its number may not. Its margins stay its own.
  function retireMeter(bytes32 meterId) external onlyRegistrar {
    MeteringPoint storage point = _known(meterId);
    (uint16 areaId, uint16 member) = (point.areaId, point.member);
    uint32 seat = seatOf(areaId, member);
    (point.deviceKey, point.areaId, point.member) = (address(0), 0, 0);
    members[seat].capacityW = 0;
    _dropSeat(members[seat].account, seat);
    _forgetSeat(seat);
    emit MeterRetired(meterId, areaId, member);
  }

  function changeCapacity(bytes32 meterId, uint32 capacityW) external onlyRegistrar {
    MeteringPoint storage point = _known(meterId);
    if (capacityW == 0) revert ZeroCapacity(meterId);
    uint32 seat = seatOf(point.areaId, point.member);
    members[seat].capacityW = capacityW;
    _forgetSeat(seat);
    emit CapacityChanged(meterId, capacityW);
  }

  function rotateDeviceKey(bytes32 meterId, address deviceKey, Certificate calldata certificate) external {
    MeteringPoint storage point = _known(meterId);
    _requireGateway(point.areaId);
    _setDeviceKey(point, meterId, deviceKey, certificate);
    emit DeviceKeyRotated(meterId, deviceKey, certificate.number);
  }

  function revokeDeviceKey(bytes32 meterId) external {
    MeteringPoint storage point = _known(meterId);
    _requireGateway(point.areaId);
    address deviceKey = point.deviceKey;
    if (deviceKey == address(0)) revert NoDeviceKey(meterId);
    isRevoked[deviceKey] = true;
    point.deviceKey = address(0);
    emit DeviceKeyRevoked(meterId, deviceKey);
  }

  /// @notice Where a meter is enrolled, and its key in force: zero when it was revoked, at this meter or another.
  /// {DeviceKeyRotated} and {DeviceKeyRevoked} tell which key was in force at any other time.
  function meterOf(bytes32 meterId) external view returns (MeteringPoint memory point) {
    point = points[meterId];
    if (isRevoked[point.deviceKey]) point.deviceKey = address(0);
  }

  // -- what a market asks

  /// @param lastDirectory last directory asked for; a member n is in directory n / 256
  function rosterOf(uint16 areaId, uint256 firstDirectory, uint256 lastDirectory)
    external
    view
    returns (Roster memory roster)
  {
    Area memory area = areas[areaId];
    if (area.intervalSeconds == 0) revert UnknownArea(areaId);
    (roster.operator, roster.intervalSeconds) = (area.operator, area.intervalSeconds);
    (roster.supplier, roster.dso, roster.fund) = (area.supplier, area.dso, area.fund);
    if (lastDirectory < firstDirectory || lastDirectory >= MAX_MEMBERS / DIRECTORY_MEMBERS) {
      revert UnknownDirectory(lastDirectory);
    }
    uint256 count = lastDirectory - firstDirectory + 1;
    (roster.fresh, roster.directories) = (new uint256[](count), new address[](count));
    for (uint256 i; i < count; ++i) {
      uint256 fresh = freshIn[areaId][firstDirectory + i];
      if (fresh == 0) continue;
      (roster.fresh[i], roster.directories[i]) = (fresh, directoryOf[areaId][firstDirectory + i]);
    }
  }

  /// @notice Whose signature an order of a member needs when its gate closes at `closesAt`, and the member's capacity.
  /// @return signer zero when nobody may sign: no meter, or no standing
  function signerAt(uint16 areaId, uint16 member, uint256 closesAt)
    external
    view
    returns (address signer, uint32 capacityW)
  {
    Member storage there = members[seatOf(areaId, member)];
    capacityW = there.capacityW;
    if (capacityW != 0) signer = registry.signerAt(there.account, closesAt);
  }

  /// @notice Writes what the orders of a directory need into code. Anybody may; it only saves gas.
  function publishDirectory(uint16 areaId, uint256 directory) external returns (address pointer) {
    uint256 end = uint256(areas[areaId].lastMember) + 1;
    uint256 first = directory * DIRECTORY_MEMBERS;
    if (directory >= MAX_MEMBERS / DIRECTORY_MEMBERS || first >= end) revert UnknownDirectory(directory);
    if (end > first + DIRECTORY_MEMBERS) end = first + DIRECTORY_MEMBERS;
    // Four entries fill three words.
    uint256[] memory words = new uint256[]((end - first + 3) / 4 * 3);
    uint256 fresh;
    for (uint256 i; i < end - first; ++i) {
      uint256 entry = _entryOf(seatOf(areaId, uint16(first + i)));
      if (entry == 0) continue;
      fresh |= 1 << i;
      _write(words, i, entry);
    }
    pointer = SSTORE2.write(abi.encodePacked(words));
    directoryOf[areaId][directory] = pointer;
    freshIn[areaId][directory] = fresh;
    emit DirectoryPublished(areaId, directory, pointer, fresh);
  }

  /// @inheritdoc IMemberships
  function accountOf(uint32 seat) external view returns (uint24) {
    return members[seat].account;
  }

  /// @inheritdoc IMemberships
  function forget(uint24 account) external {
    if (msg.sender != address(registry)) revert NotRegistry(msg.sender);
    uint32[] storage seats = meteredSeats[account];
    for (uint256 i; i < seats.length; ++i) {
      _forgetSeat(seats[i]);
    }
  }

  /// @notice The seats of an account that have a meter, in no order.
  function seatsOf(uint24 account) external view returns (uint32[] memory) {
    return meteredSeats[account];
  }

  function seatOf(uint16 areaId, uint16 member) public pure returns (uint32) {
    return uint32(areaId) << 16 | member;
  }

  // -- internal

  function _requireRole(bytes32 role, address holder) private view {
    if (!registry.hasRole(role, holder)) revert NotAuthorised(holder, role);
  }

  function _requireOperator(uint16 areaId) private view {
    if (msg.sender != areas[areaId].operator) revert NotOperator(msg.sender, areaId);
  }

  function _requireGateway(uint16 areaId) private view {
    if (msg.sender != meterings[areaId].gateway) revert NotGateway(msg.sender, areaId);
  }

  function _known(bytes32 meterId) private view returns (MeteringPoint storage point) {
    point = points[meterId];
    if (point.member == 0) revert UnknownMeter(meterId);
  }

  function _setOperator(uint16 areaId, address operator) private {
    areas[areaId].operator = operator;
    delete nextOperatorOf[areaId];
    emit OperatorChanged(areaId, operator);
  }

  function _setGateway(uint16 areaId, address gateway) private {
    if (gateway == address(0)) revert ZeroAddress();
    meterings[areaId].gateway = gateway;
    emit GatewayChanged(areaId, gateway);
    ledger.setStation(
      areaId,
      MeterLedger.Station({
        gateway: gateway,
        intervalSeconds: areas[areaId].intervalSeconds,
        waitingSeconds: meterings[areaId].waitingSeconds,
        finalSeconds: meterings[areaId].finalSeconds
      })
    );
  }

  function _addMember(uint16 areaId, uint24 account) private returns (uint16 member) {
    Area storage area = areas[areaId];
    if (area.intervalSeconds == 0) revert UnknownArea(areaId);
    if (registry.ownerOf(account) == address(0)) revert UnknownAccount(account);
    if (uint256(area.lastMember) + 1 == MAX_MEMBERS) revert AreaFull(areaId, MAX_MEMBERS);
    member = ++area.lastMember;
    members[seatOf(areaId, member)].account = account;
    emit MemberAdded(areaId, member, account);
  }

  function _setDeviceKey(
    MeteringPoint storage point,
    bytes32 meterId,
    address deviceKey,
    Certificate calldata certificate
  ) private {
    if (deviceKey == address(0)) revert ZeroAddress();
    if (isRevoked[deviceKey]) revert RevokedDeviceKey(meterId, deviceKey);
    if (certificate.number <= point.number) revert OldCertificate(meterId, certificate.number, point.number);
    if (block.timestamp >= certificate.expiresAt) revert ExpiredCertificate(meterId, certificate.expiresAt);
    bytes32 digest = _hashTypedDataV4(
      keccak256(
        abi.encode(DEVICE_CERTIFICATE_TYPEHASH, meterId, deviceKey, certificate.number, certificate.expiresAt)
      )
    );
    address signer = ECDSA.tryRecoverCalldata(digest, certificate.signature);
    if (signer == address(0) || !registry.hasRole(registry.CERTIFIER_ROLE(), signer)) {
      revert InvalidCertificate(meterId, deviceKey, signer);
    }
    (point.deviceKey, point.number) = (deviceKey, certificate.number);
  }

  function _dropSeat(uint24 account, uint32 seat) private {
    uint32[] storage seats = meteredSeats[account];
    uint256 last = seats.length - 1;
    for (uint256 i; i < last; ++i) {
      if (seats[i] == seat) seats[i] = seats[last];
    }
    seats.pop();
  }

  function _forgetSeat(uint32 seat) private {
    uint256 directory = uint16(seat) / DIRECTORY_MEMBERS;
    uint256 bit = 1 << seat % DIRECTORY_MEMBERS;
    mapping(uint256 => uint256) storage fresh = freshIn[uint16(seat >> 16)];
    if (fresh[directory] & bit != 0) fresh[directory] &= ~bit;
  }

  /// @dev Zero when an order of the seat needs a look-up, or nobody may sign it.
  function _entryOf(uint32 seat) private view returns (uint256) {
    Member storage member = members[seat];
    if (member.capacityW == 0) return 0;
    address signer = registry.steadySignerOf(member.account);
    return signer == address(0) ? 0 : uint256(uint160(signer)) << 32 | member.capacityW;
  }

  /// @dev Puts 24 bytes at 24 · index, which may cross from one word into the next.
  function _write(uint256[] memory words, uint256 index, uint256 entry) private pure {
    uint256 word = index * 3 / 4;
    uint256 lane = index % 4;
    if (lane == 0) words[word] |= entry << 64;
    if (lane == 3) words[word] |= entry;
    if (lane == 1) (words[word], words[word + 1]) = (words[word] | entry >> 128, entry << 128);
    if (lane == 2) (words[word], words[word + 1]) = (words[word] | entry >> 64, entry << 192);
  }
}
