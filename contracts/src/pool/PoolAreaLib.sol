// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "../accounts/ParticipantRegistry.sol";
import "../libraries/Errors.sol";
import { PoolLib } from "./PoolLib.sol";

/// @notice The areas of a pool: their rules, fixed when they are created, and the accounts they pay. PoolMarket calls it
/// on its own storage; it stands apart because together they exceed the size of one contract (EIP-170).
library PoolAreaLib {
  event AreaCreated(
    uint16 indexed areaId,
    address indexed operator,
    uint24 supplier,
    uint24 dso,
    uint24 fund,
    PoolLib.Terms terms
  );
  event SupplyAccepted(uint16 indexed areaId, uint24 indexed supplier);

  /// @notice See {PoolMarket.createArea}.
  function create(
    PoolLib.State storage state,
    ParticipantRegistry registry,
    uint16 areaId,
    PoolLib.Terms calldata terms,
    uint24[3] calldata accounts
  ) external {
    if (!registry.hasRole(PoolLib.OPERATOR_ROLE, msg.sender)) {
      revert NotAuthorised(msg.sender, PoolLib.OPERATOR_ROLE);
    }
    _requireTerms(terms);
    for (uint256 i; i < accounts.length; ++i) {
      if (registry.ownerOf(accounts[i]) == address(0)) revert UnknownAccount(accounts[i]);
    }
    (uint24 supplier, uint24 dso, uint24 fund) = (accounts[0], accounts[1], accounts[2]);
    state.areas[areaId] = PoolLib.Area({
      terms: terms, operator: msg.sender, supplier: supplier, dso: dso, fund: fund, isSupplied: false
    });
    emit AreaCreated(areaId, msg.sender, supplier, dso, fund, terms);
    if (registry.ownerOf(supplier) == msg.sender) _acceptSupply(state, areaId, supplier);
  }

  /// @notice See {PoolMarket.acceptSupply}.
  function acceptSupply(PoolLib.State storage state, ParticipantRegistry registry, uint16 areaId) external {
    PoolLib.Area memory area = state.areas[areaId];
    if (area.operator == address(0)) revert UnknownArea(areaId);
    if (registry.ownerOf(area.supplier) != msg.sender) revert NotOwner(msg.sender, area.supplier);
    _acceptSupply(state, areaId, area.supplier);
  }

  function _acceptSupply(PoolLib.State storage state, uint16 areaId, uint24 supplier) private {
    state.areas[areaId].isSupplied = true;
    emit SupplyAccepted(areaId, supplier);
  }

  /// @dev The shortfall price never falls below the ceiling, so that selling without delivering can't pay (R2.20).
  function _requireTerms(PoolLib.Terms calldata terms) private pure {
    if (terms.intervalSeconds < 60 || terms.intervalSeconds > 1 days) revert InvalidTerms(1);
    if (terms.floor > terms.ceiling) revert InvalidTerms(2);
    if (terms.penaltyPermille < 1000) revert InvalidTerms(3);
    if (terms.upstreamPrice < terms.ceiling || terms.upstreamPrice < 0) revert InvalidTerms(4);
    if (terms.surplusPrice > terms.floor) revert InvalidTerms(5);
    if (terms.pricing > PoolLib.MIDPOINT) revert InvalidTerms(6);
    if (terms.gateClosureSeconds > 30 days) revert InvalidTerms(7);
  }
}
