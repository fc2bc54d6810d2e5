// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { PoolSettlementLib } from "../../src/pool/PoolSettlementLib.sol";
import { BareMarket } from "../support/BareMarket.sol";
import { Fixture } from "../support/Fixture.sol";
import { Readings } from "../support/Readings.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of every function that changes state, as whole transactions (R2.8); the pool's at size stand in pool.t.sol.
/// forge-config: default.isolate = true
contract FunctionsGasTest is Fixture {
  using Readings for Readings.Tree;

  bytes32 private constant METER = keccak256("another meter");
  address private constant DEVICE = address(0xD1);

  function test_ParticipantRegistry() public {
    address community = _actor("community");
    vm.prank(registrar);
    uint24 account = registry.register(community, keccak256("identity"));
    _snapshot("ParticipantRegistry", "register");
    bytes memory certificate = _certificate(METER, DEVICE, certifier);
    vm.prank(registrar);
    registry.enrolMeter(METER, account, UNIFORM_AREA, DEVICE, certificate);
    _snapshot("ParticipantRegistry", "enrolMeter");
    certificate = _certificate(METER, prosumer, certifier);
    vm.prank(gateway);
    registry.rotateDeviceKey(METER, prosumer, certificate);
    _snapshot("ParticipantRegistry", "rotateDeviceKey");
    vm.prank(gateway);
    registry.revokeDeviceKey(METER);
    _snapshot("ParticipantRegistry", "revokeDeviceKey");
    vm.prank(registrar);
    registry.retireMeter(METER);
    _snapshot("ParticipantRegistry", "retireMeter");
    _measureMembership(community, account);
    _measureStanding();
  }

  function test_ClearingHouse() public {
    token.mint(consumer, 3e6);
    vm.prank(consumer);
    token.approve(address(house), 1e6);
    vm.prank(consumer);
    house.deposit(1e6);
    _snapshot("ClearingHouse", "deposit");
    (uint8 v, bytes32 r, bytes32 s) = _permit(consumer, 1e6);
    vm.prank(consumer);
    house.depositWithPermit(1e6, type(uint256).max, v, r, s);
    _snapshot("ClearingHouse", "depositWithPermit");
    vm.prank(consumer);
    house.addMargin(address(pool), 1e6);
    _snapshot("ClearingHouse", "addMargin");
    vm.prank(consumer);
    house.announceMarginWithdrawal(address(pool), 1e6);
    _snapshot("ClearingHouse", "announceMarginWithdrawal");
    vm.warp(_opensAt(INTERVAL) - 1 days + 2 hours);
    vm.prank(consumer);
    house.withdrawMargin(address(pool));
    _snapshot("ClearingHouse", "withdrawMargin");
    vm.prank(consumer);
    house.withdraw(1e6);
    _snapshot("ClearingHouse", "withdraw");
    vm.prank(admin);
    house.admitMarket(outsider);
    _snapshot("ClearingHouse", "admitMarket");
  }

  function test_HoldAndRelease() public {
    BareMarket market = new BareMarket(house);
    vm.prank(admin);
    house.admitMarket(address(market));
    _fundFree(prosumer, 1e6);
    vm.prank(prosumer);
    house.addMargin(address(market), 1e6);
    uint256[] memory postings = new uint256[](2);
    (postings[0], postings[1]) = (prosumerAccount / 6, uint256(1000) << (42 * (prosumerAccount % 6)));
    market.hold(postings);
    _snapshot("ClearingHouse", "hold");
    market.release(postings);
    _snapshot("ClearingHouse", "release");
  }

  function test_MeterLedger() public {
    uint256[] memory readings = new uint256[](2);
    readings[0] = Readings.reading(prosumerAccount, 0, 900);
    readings[1] = Readings.reading(consumerAccount, 700, 0);
    Readings.Tree memory tree = _publish(UNIFORM_AREA, INTERVAL, readings);
    _snapshot("MeterLedger", "publish");
    MeterLedger.ReadingProof memory proof = tree.prove(0);
    vm.prank(admin);
    ledger.admitClaimant(2, dso);
    _snapshot("MeterLedger", "admitClaimant");
    vm.prank(dso);
    ledger.claimReading(UNIFORM_AREA, INTERVAL, readings[0], proof, 2, 500);
    _snapshot("MeterLedger", "claimReading");
    vm.prank(admin);
    ledger.admitClaimant(3, dso);
    vm.prank(dso);
    ledger.claimPage(UNIFORM_AREA, INTERVAL, 0, 3);
    _snapshot("MeterLedger", "claimPage");
  }

  function test_PoolMarket() public {
    vm.prank(operator);
    uint16 areaId = pool.createArea(_terms(0), supplierAccount, dsoAccount, fundAccount);
    _snapshot("PoolMarket", "createArea");
    vm.prank(supplier);
    pool.acceptSupply(areaId);
    _snapshot("PoolMarket", "acceptSupply");
    ReferenceClearing.Result memory result =
      _book(_order(consumerAccount, 200_000, 1000), _order(prosumerAccount, 100_000, 600), UNIFORM_AREA);
    _clear(result);
    vm.warp(_endsAt(INTERVAL) + PoolSettlementLib.VOID_AFTER_SECONDS);
    uint256[][] memory positions = new uint256[][](1);
    positions[0] = ReferenceClearing.positionsOf(result, 0, 0, result.trades.length);
    pool.voidPage(UNIFORM_AREA, INTERVAL, 0, positions);
    _snapshot("PoolMarket", "voidPage");
  }

  function _measureMembership(address community, uint24 account) private {
    _grant(registry.ENTITY_ROLE(), community);
    vm.prank(prosumer);
    registry.joinEntity(account);
    _snapshot("ParticipantRegistry", "joinEntity");
    registry.publishDirectory(0);
    _snapshot("ParticipantRegistry", "publishDirectory.7Accounts");
    vm.prank(prosumer);
    registry.leaveEntity();
    _snapshot("ParticipantRegistry", "leaveEntity");
  }

  function _measureStanding() private {
    vm.prank(registrar);
    registry.suspend(prosumerAccount);
    _snapshot("ParticipantRegistry", "suspend");
    vm.prank(registrar);
    registry.reinstate(prosumerAccount, keccak256("identity"));
    _snapshot("ParticipantRegistry", "reinstate");
    vm.prank(registrar);
    registry.recordDisclosure(prosumerAccount, dso, keccak256("reason"));
    _snapshot("ParticipantRegistry", "recordDisclosure");
  }

  function _permit(address owner, uint256 amountMicro) private view returns (uint8, bytes32, bytes32) {
    bytes32 typeHash =
      keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 structHash = keccak256(
      abi.encode(typeHash, owner, address(house), amountMicro, token.nonces(owner), type(uint256).max)
    );
    return vm.sign(keyOf[owner], _typed(token.DOMAIN_SEPARATOR(), structHash));
  }

  function _snapshot(string memory group, string memory name) private {
    vm.snapshotGasLastCall(group, name);
  }
}
