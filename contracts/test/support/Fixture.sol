// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../src/accounts/ClearingHouse.sol";
import { ParticipantRegistry } from "../../src/accounts/ParticipantRegistry.sol";
import { TestToken } from "../../src/accounts/TestToken.sol";
import { OrderBookLib } from "../../src/libraries/OrderBookLib.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolMarket } from "../../src/pool/PoolMarket.sol";
import { Readings } from "./Readings.sol";
import { ReferenceClearing } from "./ReferenceClearing.sol";
import { vm } from "./Vm.sol";

/// @notice A deployed market with its people. Area 1 clears at one price, area 2 at midpoints; accounts 1 to 3 are the
/// supplier, the DSO and the fund; prosumer and consumer (4 and 5) live in area 1.
abstract contract Fixture {
  using Readings for Readings.Tree;

  uint16 internal constant UNIFORM_AREA = 1;
  uint16 internal constant MIDPOINT_AREA = 2;
  uint32 internal constant INTERVAL_SECONDS = 900;
  uint32 internal constant GATE_CLOSURE_SECONDS = 300;
  uint32 internal constant INTERVAL = 2_000_000;
  uint256 internal constant MARGIN_MICRO = 100_000_000_000;

  TestToken internal token;
  ParticipantRegistry internal registry;
  ClearingHouse internal house;
  MeterLedger internal ledger;
  PoolMarket internal pool;

  address internal admin = _actor("admin");
  address internal registrar = _actor("registrar");
  address internal operator = _actor("operator");
  address internal gateway = _actor("gateway");
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

  /// @dev Whose key signs the orders of an account, and the key of each address made by {_actor}.
  mapping(address => uint256) internal keyOf;

  function setUp() public virtual {
    vm.warp(_opensAt(INTERVAL) - 1 days);
    _deploy();
    _grantRoles();
    supplierAccount = _register(supplier);
    dsoAccount = _register(dso);
    fundAccount = _register(fund);
    _createArea(_terms(0));
    _createArea(_terms(1));
    prosumerAccount = _enter(prosumer, UNIFORM_AREA);
    consumerAccount = _enter(consumer, UNIFORM_AREA);
    _fundMargin(supplier, MARGIN_MICRO);
  }

  // -- deployment

  function _deploy() private {
    token = TestToken(vm.deployCode("TestToken.sol:TestToken"));
    registry =
      ParticipantRegistry(vm.deployCode("ParticipantRegistry.sol:ParticipantRegistry", abi.encode(admin)));
    house = ClearingHouse(vm.deployCode("ClearingHouse.sol:ClearingHouse", abi.encode(token, registry)));
    ledger = MeterLedger(vm.deployCode("MeterLedger.sol:MeterLedger", abi.encode(registry)));
    pool = PoolMarket(vm.deployCode("PoolMarket.sol:PoolMarket", abi.encode(registry, house, ledger)));
  }

  function _grantRoles() private {
    _grant(registry.REGISTRAR_ROLE(), registrar);
    _grant(registry.OPERATOR_ROLE(), operator);
    _grant(registry.METER_GATEWAY_ROLE(), gateway);
    _grant(registry.CERTIFIER_ROLE(), certifier);
    vm.prank(admin);
    house.admitMarket(address(pool));
    vm.prank(admin);
    ledger.admitClaimant(1, address(pool));
  }

  function _grant(bytes32 role, address holder) internal {
    vm.prank(admin);
    registry.grantRole(role, holder);
  }

  function _terms(uint8 pricing) internal pure returns (PoolLib.Terms memory) {
    return PoolLib.Terms({
      intervalSeconds: INTERVAL_SECONDS,
      gateClosureSeconds: GATE_CLOSURE_SECONDS,
      floor: 60_000,
      ceiling: 360_000,
      upstreamPrice: 360_000,
      surplusPrice: 50_000,
      gridFee: 20_000,
      penaltyPermille: 1250,
      pricing: pricing
    });
  }

  function _createArea(PoolLib.Terms memory terms) internal returns (uint16 areaId) {
    vm.prank(operator);
    areaId = pool.createArea(terms, supplierAccount, dsoAccount, fundAccount);
    vm.prank(supplier);
    pool.acceptSupply(areaId);
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

  /// @dev Registers, enrols a meter in the area, and puts margin into the pool.
  function _enter(address participant, uint16 areaId) internal returns (uint24 account) {
    account = _register(participant);
    _enrol(account, areaId);
    _fundMargin(participant, MARGIN_MICRO);
  }

  /// @return first account of `count` new residents of the area
  function _settleIn(uint256 count, uint16 areaId) internal returns (uint24 first) {
    first = registry.lastAccount() + 1;
    for (uint256 i; i < count; ++i) {
      _enter(_resident(first + i), areaId);
    }
  }

  function _enrol(uint24 account, uint16 areaId) internal {
    address deviceKey = address(uint160(account));
    bytes memory certificate = _certificate(_meterId(account), deviceKey, certifier);
    vm.prank(registrar);
    registry.enrolMeter(_meterId(account), account, areaId, deviceKey, certificate);
  }

  function _meterId(uint24 account) internal pure returns (bytes32) {
    return keccak256(abi.encode("meter", account));
  }

  function _certificate(bytes32 meterId, address deviceKey, address signer)
    internal
    view
    returns (bytes memory)
  {
    bytes32 typeHash = keccak256("DeviceCertificate(bytes32 meterId,address deviceKey)");
    bytes32 digest = _typed(
      _domain("Commonwatt ParticipantRegistry", address(registry)),
      keccak256(abi.encode(typeHash, meterId, deviceKey))
    );
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], digest);
    return abi.encodePacked(r, s, v);
  }

  function _fundFree(address participant, uint256 amountMicro) internal {
    token.mint(participant, amountMicro);
    vm.prank(participant);
    token.approve(address(house), amountMicro);
    vm.prank(participant);
    house.deposit(amountMicro);
  }

  function _fundMargin(address participant, uint256 amountMicro) internal {
    _fundFree(participant, amountMicro);
    vm.prank(participant);
    house.addMargin(address(pool), amountMicro);
  }

  function _marginOf(uint24 account) internal view returns (uint256) {
    return house.marginMicro(address(pool), account);
  }

  function _marginOf(address participant) internal view returns (uint256) {
    return _marginOf(registry.accountOf(participant));
  }

  // -- orders

  function _domain(string memory name, address verifier) internal view returns (bytes32) {
    bytes32 typeHash =
      keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    return keccak256(abi.encode(typeHash, keccak256(bytes(name)), keccak256("1"), block.chainid, verifier));
  }

  function _typed(bytes32 domain, bytes32 structHash) internal pure returns (bytes32) {
    return keccak256(abi.encodePacked(hex"1901", domain, structHash));
  }

  function _digest(uint16 areaId, uint32 intervalId, uint8 side, ReferenceClearing.Order memory order)
    internal
    view
    returns (bytes32)
  {
    bytes32 typeHash = keccak256(
      "Order(uint16 areaId,uint32 intervalId,uint32 account,uint8 side,int32 limitPriceMicroPerKwh,uint32 energyWh,uint8 sequence)"
    );
    bytes32 structHash = keccak256(
      abi.encode(
        typeHash, areaId, intervalId, order.account, side, order.price, order.energyWh, order.sequence
      )
    );
    return _typed(_domain("Commonwatt PoolMarket", address(pool)), structHash);
  }

  function _signedBy(
    address signer,
    uint16 areaId,
    uint32 intervalId,
    uint8 side,
    ReferenceClearing.Order memory order
  ) internal view returns (bytes memory) {
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf[signer], _digest(areaId, intervalId, side, order));
    bytes32 vs = bytes32(uint256(s) | uint256(v - 27) << 255);
    return abi.encodePacked(r, vs, order.account, order.price, order.energyWh, order.sequence);
  }

  /// @dev Orders [from, to) of a sorted side, packed and signed by whoever may sign for each account.
  function _pack(
    uint16 areaId,
    uint32 intervalId,
    uint8 side,
    ReferenceClearing.Order[] memory orders,
    uint256 from,
    uint256 to
  ) internal view returns (bytes memory) {
    bytes[] memory packed = new bytes[](to - from);
    for (uint256 i = from; i < to; ++i) {
      address signer = registry.signerOf(orders[i].account);
      packed[i - from] = _signedBy(signer, areaId, intervalId, side, orders[i]);
    }
    return _join(packed);
  }

  /// @dev Halves at a time, so that the memory stays small.
  function _join(bytes[] memory parts) internal pure returns (bytes memory joined) {
    if (parts.length == 0) return "";
    for (uint256 width = parts.length; width > 1; width = (width + 1) / 2) {
      for (uint256 i; i < width / 2; ++i) {
        parts[i] = bytes.concat(parts[2 * i], parts[2 * i + 1]);
      }
      if (width % 2 == 1) parts[width / 2] = parts[width - 1];
    }
    return parts[0];
  }

  function _order(uint24 account, int32 price, uint32 energyWh)
    internal
    pure
    returns (ReferenceClearing.Order memory)
  {
    return ReferenceClearing.Order(account, price, energyWh, 0);
  }

  function _book(ReferenceClearing.Order memory bid, ReferenceClearing.Order memory offer, uint16 areaId)
    internal
    view
    returns (ReferenceClearing.Result memory)
  {
    ReferenceClearing.Order[] memory bids = new ReferenceClearing.Order[](1);
    ReferenceClearing.Order[] memory offers = new ReferenceClearing.Order[](1);
    (bids[0], offers[0]) = (bid, offer);
    return _cleared(bids, offers, areaId, INTERVAL);
  }

  /// @dev Clears the orders by the reference, and completes what the operator declares.
  function _cleared(
    ReferenceClearing.Order[] memory bids,
    ReferenceClearing.Order[] memory offers,
    uint16 areaId,
    uint32 intervalId
  ) internal view returns (ReferenceClearing.Result memory result) {
    result = ReferenceClearing.clear(bids, offers, pool.areaOf(areaId).terms.pricing == 1);
    result.outcome.areaId = areaId;
    result.outcome.intervalId = intervalId;
    (result.outcome.firstAccount, result.outcome.lastAccount) = _accountsOf(bids, offers);
  }

  function _accountsOf(ReferenceClearing.Order[] memory bids, ReferenceClearing.Order[] memory offers)
    private
    pure
    returns (uint24 first, uint24 last)
  {
    first = type(uint24).max;
    for (uint256 i; i < bids.length + offers.length; ++i) {
      uint24 account = i < bids.length ? bids[i].account : offers[i - bids.length].account;
      if (account < first) first = account;
      if (account > last) last = account;
    }
    if (first > last) first = last;
  }

  function _firstPage(ReferenceClearing.Result memory result) internal pure returns (uint256) {
    return result.outcome.firstAccount / ReadingTree.PAGE;
  }

  function _lastPage(ReferenceClearing.Result memory result) internal pure returns (uint256) {
    return result.outcome.lastAccount / ReadingTree.PAGE;
  }

  // -- the life of an interval

  function _opensAt(uint32 intervalId) internal pure returns (uint256) {
    return uint256(intervalId) * INTERVAL_SECONDS - GATE_CLOSURE_SECONDS;
  }

  function _endsAt(uint32 intervalId) internal pure returns (uint256) {
    return (uint256(intervalId) + 1) * INTERVAL_SECONDS;
  }

  function _clear(ReferenceClearing.Result memory result) internal {
    vm.warp(_opensAt(result.outcome.intervalId));
    _step(result, 0, result.bids.length, 0, result.offers.length, true);
  }

  function _step(
    ReferenceClearing.Result memory result,
    uint256 fromBid,
    uint256 toBid,
    uint256 fromOffer,
    uint256 toOffer,
    bool isLast
  ) internal {
    (uint16 areaId, uint32 intervalId) = (result.outcome.areaId, result.outcome.intervalId);
    bytes memory bids = _pack(areaId, intervalId, 0, result.bids, fromBid, toBid);
    bytes memory offers = _pack(areaId, intervalId, 1, result.offers, fromOffer, toOffer);
    _submit(result.outcome, bids, offers, isLast);
  }

  function _submit(PoolMarket.Outcome memory outcome, bytes memory bids, bytes memory offers, bool isLast)
    internal
  {
    bool isMidpoint = pool.areaOf(outcome.areaId).terms.pricing == 1;
    vm.prank(operator);
    if (isMidpoint) pool.clearMidpoint(outcome, bids, offers, isLast);
    else pool.clearUniform(outcome, bids, offers, isLast);
  }

  /// @dev Publishes readings, in account order, for the next version of the interval.
  function _publish(uint16 areaId, uint32 intervalId, uint256[] memory readings)
    internal
    returns (Readings.Tree memory tree)
  {
    (, uint8 version,) = ledger.publications(areaId, intervalId);
    tree = Readings.build(ledger.contextOf(areaId, intervalId, version + 1), readings);
    vm.prank(gateway);
    ledger.publish(areaId, intervalId, tree.root, uint32(readings.length));
  }

  /// @dev A reading for each position of a cleared book: everything as traded.
  function _exactReadings(ReferenceClearing.Result memory result)
    internal
    pure
    returns (uint256[] memory readings)
  {
    uint256 count;
    readings = new uint256[](result.bids.length + result.offers.length);
    for (uint256 page = _firstPage(result); page <= _lastPage(result); ++page) {
      uint256[] memory positions = ReferenceClearing.positionsOf(result, page, 0, result.trades.length);
      for (uint256 i; i < positions.length; ++i) {
        readings[count++] = _exactReading(positions[i]);
      }
    }
    readings = ReferenceClearing.slice(readings, count);
  }

  function _exactReading(uint256 position) internal pure returns (uint256) {
    (uint256 boughtWh, uint256 soldWh) = (uint48(position >> 32), uint48(position >> 80));
    return Readings.reading(
      uint32(position), boughtWh > soldWh ? boughtWh - soldWh : 0, soldWh > boughtWh ? soldWh - boughtWh : 0
    );
  }

  function _settle(ReferenceClearing.Result memory result, Readings.Tree memory tree) internal {
    vm.warp(_endsAt(result.outcome.intervalId));
    for (uint256 page = _firstPage(result); page <= _lastPage(result); ++page) {
      _settlePage(result, tree, page);
    }
  }

  function _settlePage(ReferenceClearing.Result memory result, Readings.Tree memory tree, uint256 page)
    internal
  {
    uint256[][] memory positions = new uint256[][](1);
    positions[0] = ReferenceClearing.positionsOf(result, page, 0, result.trades.length);
    if (positions[0].length == 0) return;
    pool.settle(
      result.outcome.areaId, result.outcome.intervalId, uint16(page), positions, tree.open(page, positions[0])
    );
  }

  /// @dev Clears, publishes exact readings and settles.
  function _trade(ReferenceClearing.Result memory result) internal {
    _clear(result);
    if (result.trades.length == 0) return;
    vm.warp(_endsAt(result.outcome.intervalId));
    _settle(result, _publish(result.outcome.areaId, result.outcome.intervalId, _exactReadings(result)));
  }

  // -- what the registry says

  function _isTradable(uint16 areaId, uint24 account) internal view returns (bool) {
    return registry.tradableIn(areaId, account / 256) >> (account % 256) & 1 == 1;
  }

  // -- allowances

  /// @dev A permit for the house to take `amountMicro` of the owner's tokens, signed by `signer`.
  function _signPermit(address signer, address owner, uint256 amountMicro, uint256 nonce, uint256 deadline)
    internal
    view
    returns (uint8 v, bytes32 r, bytes32 s)
  {
    bytes32 typeHash =
      keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 structHash = keccak256(abi.encode(typeHash, owner, address(house), amountMicro, nonce, deadline));
    return vm.sign(keyOf[signer], _typed(_domain("Commonwatt test currency", address(token)), structHash));
  }
}
