// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { BareMarket } from "../support/BareMarket.sol";
import { HouseFixture } from "../support/HouseFixture.sol";
import { vm } from "../support/Vm.sol";

/// @notice Gas of every function of accounts and money that changes state, as whole transactions (R2.8).
/// forge-config: default.isolate = true
contract AccountsGasTest is HouseFixture {
  uint256 private constant NOTICE = 1 hours;

  function test_Participants() public {
    vm.prank(registrar);
    registry.register(outsider, keccak256("identity"));
    _snapshot("register");
    vm.prank(registrar);
    registry.suspend(prosumerAccount);
    _snapshot("suspend");
    vm.prank(registrar);
    registry.reinstate(prosumerAccount, keccak256("identity"));
    _snapshot("reinstate");
    vm.prank(registrar);
    registry.recordDisclosure(prosumerAccount, dso, keccak256("reason"));
    _snapshot("recordDisclosure");
  }

  /// @dev Of a member that stands in a published directory.
  function test_OwnersAndSigners() public {
    areas.publishDirectory(AREA, 0);
    vm.prank(prosumer);
    registry.setAgent(outsider);
    _snapshot("setAgent");
    vm.prank(consumer);
    registry.rotateOwner(_resident(50));
    _snapshot("rotateOwner");
    vm.prank(_resident(50));
    registry.acceptOwner(consumerAccount);
    _snapshot("acceptOwner");
    vm.prank(registrar);
    registry.proposeOwner(prosumerAccount, _resident(51));
    _snapshot("proposeOwner");
    vm.prank(prosumer);
    registry.objectToRecovery();
    _snapshot("objectToRecovery");
    vm.prank(registrar);
    registry.proposeOwner(prosumerAccount, _resident(51));
    vm.warp(START + 14 days);
    registry.takeRecovery(prosumerAccount);
    _snapshot("takeRecovery");
  }

  function test_Entities() public {
    vm.prank(admin);
    registry.setEntity(consumerAccount, true);
    _snapshot("setEntity");
    vm.prank(prosumer);
    registry.requestEntity(consumerAccount);
    _snapshot("requestEntity");
    vm.prank(consumer);
    registry.admitMember(prosumerAccount);
    _snapshot("admitMember");
    vm.warp(START + 2 * NOTICE);
    vm.prank(prosumer);
    registry.leaveEntity();
    _snapshot("leaveEntity");
  }

  function test_Money() public {
    uint32 seat = _seat(AREA, CONSUMER);
    token.mint(consumer, 3e6);
    vm.prank(consumer);
    token.approve(address(house), 1e6);
    vm.prank(consumer);
    house.deposit(1e6);
    _snapshotHouse("deposit");
    (uint8 v, bytes32 r, bytes32 s) =
      _signPermit(consumer, consumer, 1e6, token.nonces(consumer), type(uint256).max);
    vm.prank(consumer);
    house.depositWithPermit(1e6, type(uint256).max, v, r, s);
    _snapshotHouse("depositWithPermit");
    vm.prank(consumer);
    house.addMargin(address(market), seat, 1e6);
    _snapshotHouse("addMargin");
    vm.prank(consumer);
    house.announceMarginWithdrawal(address(market), seat, 1e6);
    _snapshotHouse("announceMarginWithdrawal");
    vm.warp(START + 2 * NOTICE);
    vm.prank(consumer);
    house.withdrawMargin(address(market), seat);
    _snapshotHouse("withdrawMargin");
    vm.prank(consumer);
    house.withdraw(1e6);
    _snapshotHouse("withdraw");
    vm.prank(admin);
    house.admitMarket(outsider);
    _snapshotHouse("admitMarket");
    vm.prank(admin);
    house.retireMarket(outsider);
    _snapshotHouse("retireMarket");
  }

  /// @dev Six lanes of one group; once more with a notice running that does not bind.
  function test_HoldAndRelease() public {
    for (uint256 lane; lane < LANES; ++lane) {
      _giveMargin(market, lane, 3_000);
    }
    uint256[] memory postings = _posting([uint64(1_000), 1_000, 1_000, 1_000, 1_000, 1_000]);
    market.hold(postings, COVERS_FROM);
    _snapshotHouse("hold.6Seats");
    market.release(postings);
    _snapshotHouse("release.6Seats");
    vm.prank(_resident(0));
    house.announceMarginWithdrawal(address(market), _laneSeat(0), 1);
    market.tryHold(postings, COVERS_FROM);
    _snapshotHouse("tryHold.6Seats.1Notice");
    market.tryHold(_posting([uint64(2_500), 2_500, 1_000, 1_000, 1_000, 1_000]), COVERS_FROM);
    _snapshotHouse("tryHold.6Seats.2FallShort");
  }

  function _snapshot(string memory name) private {
    vm.snapshotGasLastCall("ParticipantRegistry", name);
  }

  function _snapshotHouse(string memory name) private {
    vm.snapshotGasLastCall("ClearingHouse", name);
  }
}
