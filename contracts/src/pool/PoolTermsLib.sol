// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../libraries/AuctionLib.sol";
import "../libraries/Errors.sol";
import { TermsSchedule } from "../libraries/TermsSchedule.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { PoolLib } from "./PoolLib.sol";

/// @notice The terms of a pool in an area, and who stands for them. PoolMarket calls it on its own storage; it stands
/// apart so that the market's code stays small (EIP-170).
library PoolTermsLib {
  using TermsSchedule for TermsSchedule.Schedule;

  /// @notice A supplier that withdraws stands for the intervals that start within this time.
  uint256 internal constant SUPPLY_NOTICE = 1 days;

  /// @dev The history of who signs reaches back an hour (ParticipantRegistry): no gate is cleared that closed before.
  uint256 private constant MAX_GATE_CLOSURE = 1 hours;

  event TermsAnnounced(
    uint16 indexed areaId, uint16 indexed version, uint32 fromInterval, PoolLib.Terms terms
  );
  event SupplyAccepted(
    uint16 indexed areaId, uint16 indexed version, uint16 indexed supplier, address operator
  );
  event SupplyWithdrawn(uint16 indexed areaId, uint16 indexed version, uint32 fromInterval);

  /// @notice See {PoolMarket.announceTerms}.
  function announce(
    PoolLib.State storage state,
    AreaRegistry areas,
    uint16 areaId,
    PoolLib.Terms calldata terms
  ) external returns (uint16 version, uint32 fromInterval) {
    (address operator, uint24 intervalSeconds,,,,) = areas.areas(areaId);
    if (intervalSeconds == 0) revert UnknownArea(areaId);
    if (msg.sender != operator) revert NotOperator(msg.sender, areaId);
    if (terms.intervalSeconds != intervalSeconds) revert InvalidTerms(1);
    _requireTerms(terms);
    TermsSchedule.Schedule memory schedule = state.schedules[areaId];
    (version, fromInterval) = schedule.announce(areaId, intervalSeconds);
    state.schedules[areaId] = schedule;
    state.terms[areaId][version] = terms;
    emit TermsAnnounced(areaId, version, fromInterval, terms);
  }

  /// @notice See {PoolMarket.acceptSupply}.
  function acceptSupply(
    PoolLib.State storage state,
    AreaRegistry areas,
    uint16 areaId,
    uint16 version,
    bytes32 termsHash,
    address operator
  ) external {
    uint16 supplier = _ownSupplier(areas, areaId);
    PoolLib.Terms memory terms = state.terms[areaId][version];
    if (terms.intervalSeconds == 0) revert UnknownTerms(areaId, version);
    if (keccak256(abi.encode(terms)) != termsHash) revert TermsDiffer(areaId, version);
    (address current,,,,,) = areas.areas(areaId);
    if (operator != current) revert NotOperator(operator, areaId);
    state.acceptances[areaId][version] =
      PoolLib.Acceptance({ operator: operator, supplier: supplier, until: type(uint32).max });
    emit SupplyAccepted(areaId, version, supplier, operator);
  }

  /// @notice See {PoolMarket.withdrawSupply}.
  function withdrawSupply(PoolLib.State storage state, AreaRegistry areas, uint16 areaId, uint16 version)
    external
  {
    uint16 supplier = _ownSupplier(areas, areaId);
    PoolLib.Acceptance storage acceptance = state.acceptances[areaId][version];
    if (acceptance.supplier != supplier) revert SupplyNotAccepted(areaId, version);
    uint32 fromInterval =
      TermsSchedule.firstAfter(SUPPLY_NOTICE, state.terms[areaId][version].intervalSeconds);
    if (fromInterval < acceptance.until) acceptance.until = fromInterval;
    emit SupplyWithdrawn(areaId, version, acceptance.until);
  }

  /// @dev The area's supplier, when the caller owns its account.
  function _ownSupplier(AreaRegistry areas, uint16 areaId) private view returns (uint16 supplier) {
    (,,, supplier,,) = areas.areas(areaId);
    uint24 account = areas.accountOf(uint32(PoolLib.seatOf(areaId, supplier)));
    if (areas.registry().ownerOf(account) != msg.sender) revert NotOwner(msg.sender, account);
  }

  /// @dev The shortfall price never falls below the ceiling, so that selling without delivering can't pay (R2.20).
  function _requireTerms(PoolLib.Terms calldata terms) private pure {
    if (terms.intervalSeconds < 60 || terms.intervalSeconds > 1 days) revert InvalidTerms(1);
    if (terms.floor > terms.ceiling) revert InvalidTerms(2);
    if (terms.penaltyPermille < 1000) revert InvalidTerms(3);
    if (terms.upstreamPrice < terms.ceiling || terms.upstreamPrice < 0) revert InvalidTerms(4);
    if (terms.surplusPrice > terms.floor) revert InvalidTerms(5);
    if (terms.pricing > AuctionLib.MARGINAL) revert InvalidTerms(6);
    if (terms.gateClosureSeconds == 0 || terms.gateClosureSeconds > MAX_GATE_CLOSURE) revert InvalidTerms(7);
  }
}
