// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { ClearingHouse } from "../../src/accounts/ClearingHouse.sol";
import { IMemberships } from "../../src/accounts/IMemberships.sol";
import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import { TestToken } from "../../src/accounts/TestToken.sol";
import { AreaRegistry } from "../../src/metering/AreaRegistry.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { Readings } from "./Readings.sol";
import { vm } from "./Vm.sol";

/// @notice Accounts, money, areas and readings with their people, and no market. Accounts 1 to 3 are the supplier, the DSO and
/// the fund, members 1 to 3 of both areas; prosumer and consumer, accounts 4 and 5, are members 4 and 5 of the first.
abstract contract BaseFixture {
  uint16 internal constant AREA = 1;
  uint16 internal constant OTHER_AREA = 2;
  uint32 internal constant INTERVAL_SECONDS = 900;
  uint32 internal constant GATE_CLOSURE_SECONDS = 300;
  uint32 internal constant WAITING_SECONDS = 1 days;
  uint32 internal constant FINAL_SECONDS = 60 days;
  uint32 internal constant INTERVAL = 2_000_000;
  uint32 internal constant CAPACITY_W = 10_000;
  uint16 internal constant PROSUMER = 4;
  uint16 internal constant CONSUMER = 5;
  /// @dev The time of the set-up, as a constant: the optimiser may read the block's clock anew after a warp.
  uint256 internal constant START = uint256(INTERVAL) * INTERVAL_SECONDS - GATE_CLOSURE_SECONDS - 1 days;

  TestToken internal token;
  ParticipantRegistry internal registry;
  AreaRegistry internal areas;
  MeterLedger internal ledger;
  ClearingHouse internal house;

  address internal admin = _actor("admin");
  address internal registrar = _actor("registrar");
  address internal operator = _actor("operator");
  address internal gateway = _actor("gateway");
  address internal otherGateway = _actor("gateway of the other area");
  address internal certifier = _actor("certifier");
  address internal supplier = _actor("supplier");
  address internal dso = _actor("dso");
  address internal fund = _actor("fund");
  address internal prosumer = _actor("prosumer");
  address internal consumer = _actor("consumer");
  address internal outsider = _actor("outsider");

  uint24 internal supplierAccount;
  uint24 internal dsoAccount;
  uint24 internal fundAccount;
  uint24 internal prosumerAccount;
  uint24 internal consumerAccount;

  /// @dev The key of each address made by {_actor}.
  mapping(address => uint256) internal keyOf;

  function setUp() public virtual {
    vm.warp(START);
    _deploy();
    _grant(registry.REGISTRAR_ROLE(), registrar);
    _grant(registry.OPERATOR_ROLE(), operator);
    _grant(registry.CERTIFIER_ROLE(), certifier);
    (supplierAccount, dsoAccount, fundAccount) = (_register(supplier), _register(dso), _register(fund));
    _openArea(gateway);
    _openArea(otherGateway);
    (prosumerAccount, consumerAccount) = (_register(prosumer), _register(consumer));
    _enrol(prosumerAccount, AREA);
    _enrol(consumerAccount, AREA);
  }

  // -- deployment

  function _deploy() private {
    token = TestToken(vm.deployCode("TestToken.sol:TestToken"));
    registry = _newRegistry(admin);
    ledger = _newLedger(registry);
    areas = _newAreas(registry, ledger);
    vm.prank(admin);
    registry.setMemberships(areas);
    house = _newHouse(token, registry, areas);
  }

  function _newRegistry(address itsAdmin) internal returns (ParticipantRegistry) {
    return
      ParticipantRegistry(vm.deployCode("ParticipantRegistry.sol:ParticipantRegistry", abi.encode(itsAdmin)));
  }

  function _newLedger(ParticipantRegistry itsRegistry) internal returns (MeterLedger) {
    return MeterLedger(vm.deployCode("MeterLedger.sol:MeterLedger", abi.encode(itsRegistry)));
  }

  function _newAreas(ParticipantRegistry itsRegistry, MeterLedger itsLedger) internal returns (AreaRegistry) {
    return AreaRegistry(vm.deployCode("AreaRegistry.sol:AreaRegistry", abi.encode(itsRegistry, itsLedger)));
  }

  function _newHouse(IERC20 itsToken, ParticipantRegistry itsRegistry, IMemberships itsAreas)
    internal
    returns (ClearingHouse)
  {
    return ClearingHouse(
      vm.deployCode("ClearingHouse.sol:ClearingHouse", abi.encode(itsToken, itsRegistry, itsAreas))
    );
  }

  function _grant(bytes32 role, address holder) internal {
    vm.prank(admin);
    registry.grantRole(role, holder);
  }

  function _setup(address gateway_) internal view returns (AreaRegistry.AreaSetup memory) {
    return AreaRegistry.AreaSetup({
      intervalSeconds: INTERVAL_SECONDS,
      waitingSeconds: WAITING_SECONDS,
      finalSeconds: FINAL_SECONDS,
      gateway: gateway_,
      supplier: supplierAccount,
      dso: dsoAccount,
      fund: fundAccount
    });
  }

  function _openArea(address gateway_) internal returns (uint16 areaId) {
    vm.prank(operator);
    areaId = areas.openArea(_setup(gateway_));
  }

  function _admitMarket(address market) internal {
    vm.prank(admin);
    house.admitMarket(market);
  }

  function _admitClaimant(uint8 purpose, address claimant) internal {
    vm.prank(admin);
    ledger.admitClaimant(purpose, claimant);
  }

  // -- people

  function _actor(string memory name) internal returns (address actor) {
    uint256 key = uint256(keccak256(bytes(name)));
    actor = vm.addr(key);
    keyOf[actor] = key;
  }

  function _resident(uint256 number) internal returns (address) {
    return _actor(string.concat("resident ", vm.toString(number)));
  }

  function _register(address participant) internal returns (uint24 account) {
    vm.prank(registrar);
    account = registry.register(participant, keccak256(abi.encode("kyc", participant)));
  }

  /// @dev Enrols the account's first meter in the area.
  function _enrol(uint24 account, uint16 areaId) internal returns (uint16 member) {
    return _enrolMeter(account, areaId, _meterId(account, areaId));
  }

  function _enrolMeter(uint24 account, uint16 areaId, bytes32 meterId) internal returns (uint16 member) {
    address deviceKey = address(uint160(uint256(meterId)));
    AreaRegistry.Certificate memory certificate = _certificate(meterId, deviceKey, 1);
    vm.prank(registrar);
    member = areas.enrolMeter(areaId, meterId, account, CAPACITY_W, deviceKey, certificate);
  }

  /// @dev Registers and enrols.
  function _enter(address participant, uint16 areaId) internal returns (uint16 member) {
    return _enrol(_register(participant), areaId);
  }

  function _meterId(uint24 account, uint16 areaId) internal pure returns (bytes32) {
    return keccak256(abi.encode("meter", account, areaId));
  }

  /// @dev A certifier's certificate that is in force for a year.
  function _certificate(bytes32 meterId, address deviceKey, uint64 number)
    internal
    view
    returns (AreaRegistry.Certificate memory)
  {
    return _certificate(meterId, deviceKey, number, uint64(START + 365 days), certifier);
  }

  function _certificate(bytes32 meterId, address deviceKey, uint64 number, uint64 expiresAt, address signer)
    internal
    view
    returns (AreaRegistry.Certificate memory)
  {
    bytes32 typeHash =
      keccak256("DeviceCertificate(bytes32 meterId,address deviceKey,uint64 number,uint64 expiresAt)");
    bytes32 digest = _typed(
      _domain("Commonwatt AreaRegistry", address(areas)),
      keccak256(abi.encode(typeHash, meterId, deviceKey, number, expiresAt))
    );
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
    return AreaRegistry.Certificate(number, expiresAt, abi.encodePacked(r, s, v));
  }

  function _seat(uint16 areaId, uint16 member) internal pure returns (uint32) {
    return uint32(areaId) << 16 | member;
  }

  // -- money

  function _fundFree(address participant, uint256 amountMicro) internal {
    token.mint(participant, amountMicro);
    vm.prank(participant);
    token.approve(address(house), amountMicro);
    vm.prank(participant);
    house.deposit(amountMicro);
  }

  function _fundMargin(address market, uint32 seat, uint256 amountMicro) internal {
    address owner = registry.ownerOf(areas.accountOf(seat));
    _fundFree(owner, amountMicro);
    vm.prank(owner);
    house.addMargin(market, seat, amountMicro);
  }

  function _signPermit(address signer, address owner, uint256 amountMicro, uint256 nonce, uint256 deadline)
    internal
    view
    returns (uint8 v, bytes32 r, bytes32 s)
  {
    bytes32 typeHash =
      keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 structHash = keccak256(abi.encode(typeHash, owner, address(house), amountMicro, nonce, deadline));
    return vm.sign(keyOf[signer], _typed(token.DOMAIN_SEPARATOR(), structHash));
  }

  // -- signatures

  function _domain(string memory name, address verifier) internal view returns (bytes32) {
    bytes32 typeHash =
      keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    return keccak256(abi.encode(typeHash, keccak256(bytes(name)), keccak256("1"), block.chainid, verifier));
  }

  function _typed(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
    return keccak256(abi.encodePacked(hex"1901", domain, structHash));
  }

  // -- the life of an interval

  function _closesAt(uint32 intervalId) internal pure returns (uint256) {
    return uint256(intervalId) * INTERVAL_SECONDS - GATE_CLOSURE_SECONDS;
  }

  function _endsAt(uint32 intervalId) internal pure returns (uint256) {
    return (uint256(intervalId) + 1) * INTERVAL_SECONDS;
  }

  /// @dev Publishes readings, in member order, for the next version of the interval.
  function _publish(uint16 areaId, uint32 intervalId, uint256[] memory readings)
    internal
    returns (Readings.Tree memory tree)
  {
    uint8 version = ledger.versionOf(areaId, intervalId) + 1;
    tree = Readings.build(ledger.contextOf(areaId, intervalId, version), readings);
    _publishRoot(areaId, intervalId, tree.root, uint32(readings.length));
  }

  function _publishRoot(uint16 areaId, uint32 intervalId, bytes32 root, uint32 meters) internal {
    vm.prank(areaId == AREA ? gateway : otherGateway);
    ledger.publish(areaId, intervalId, root, meters);
  }

  function _bound(uint256 random, uint256 low, uint256 high) internal pure returns (uint256) {
    return low + random % (high - low + 1);
  }
}
