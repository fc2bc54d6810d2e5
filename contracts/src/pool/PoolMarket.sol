// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../accounts/ClearingHouse.sol";
import { ZeroAddress } from "../libraries/Errors.sol";
import { ReadingTree } from "../libraries/ReadingTree.sol";
import { SeveralCalls } from "../libraries/SeveralCalls.sol";
import { TermsSchedule } from "../libraries/TermsSchedule.sol";
import { AreaRegistry } from "../metering/AreaRegistry.sol";
import { MeterLedger } from "../metering/MeterLedger.sol";
import { CommitmentLib } from "./CommitmentLib.sol";
import { PageLib } from "./PageLib.sol";
import { PoolClearingLib } from "./PoolClearingLib.sol";
import { PoolCorrectionLib } from "./PoolCorrectionLib.sol";
import { PoolLib } from "./PoolLib.sol";
import { PoolSettlementLib } from "./PoolSettlementLib.sol";
import { PoolTermsLib } from "./PoolTermsLib.sol";
import { SealLib } from "./SealLib.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @notice The pool of a local community (R5.39). The operator submits the clearing of an interval with the orders that
/// bear on it: those at the margin or better, and the best one left on each side. The contract recovers every signature
/// and verifies limits, order, rationing, volume, money, and that no pair of orders left could still trade (R9.8,
/// E9.5–E9.8). It never searches. A root binds the whole book, so that an order left out can be shown. Money is reserved
/// at the clearing and moves only against signed readings (R2.41, R7.19); anybody may bring those.
/// @dev A clearing that exceeds a transaction goes on in further steps; one that cannot be finished is abandoned, and a new
/// attempt starts. docs/model/clearing.md and docs/model/settlement.md hold the equations.
contract PoolMarket is EIP712, SeveralCalls {
  AreaRegistry public immutable areaRegistry;
  ClearingHouse public immutable clearingHouse;
  MeterLedger public immutable meterLedger;

  PoolLib.State private state;

  constructor(AreaRegistry areaRegistry_, ClearingHouse clearingHouse_, MeterLedger meterLedger_)
    EIP712("Commonwatt PoolMarket", "1")
  {
    if (address(areaRegistry_) == address(0) || address(clearingHouse_) == address(0)) revert ZeroAddress();
    if (address(meterLedger_) == address(0)) revert ZeroAddress();
    areaRegistry = areaRegistry_;
    clearingHouse = clearingHouse_;
    meterLedger = meterLedger_;
  }

  // -- terms

  /// @notice Announces a version of the terms of an area. The first takes effect at once, a later one for intervals that
  /// start after the notice. By the area's operator.
  function announceTerms(uint16 areaId, PoolLib.Terms calldata terms)
    external
    returns (uint16 version, uint32 fromInterval)
  {
    return PoolTermsLib.announce(state, areaRegistry, areaId, terms);
  }

  /// @notice The supplier agrees that its margin stands for the surpluses of the area, at a version of its terms and under
  /// an operator. Without that, intervals are cleared unsupplied. `termsHash` is keccak256 of the encoded terms.
  function acceptSupply(uint16 areaId, uint16 version, bytes32 termsHash, address operator) external {
    PoolTermsLib.acceptSupply(state, areaRegistry, areaId, version, termsHash, operator);
  }

  /// @notice The supplier stands for no interval any more that starts after a day.
  function withdrawSupply(uint16 areaId, uint16 version) external {
    PoolTermsLib.withdrawSupply(state, areaRegistry, areaId, version);
  }

  function scheduleOf(uint16 areaId) external view returns (TermsSchedule.Schedule memory) {
    return state.schedules[areaId];
  }

  function termsOf(uint16 areaId, uint16 version) external view returns (PoolLib.Terms memory) {
    return state.terms[areaId][version];
  }

  /// @notice The version of the terms that an interval is cleared with.
  function versionFor(uint16 areaId, uint32 intervalId) external view returns (uint16) {
    return TermsSchedule.versionFor(state.schedules[areaId], intervalId);
  }

  function acceptanceOf(uint16 areaId, uint16 version) external view returns (PoolLib.Acceptance memory) {
    return state.acceptances[areaId][version];
  }

  // -- clearing

  /// @notice Verifies a clearing, or a step of one.
  /// @param bids packed orders by price descending, member, sequence
  /// @param offers packed orders by price ascending, member, sequence
  /// @param positions in a further step: for each page from that of the first member to that of the last, the positions
  /// that the steps so far committed to
  /// @param isLast whether the book ends with this step
  function clear(
    PoolLib.Outcome calldata outcome,
    bytes calldata bids,
    bytes calldata offers,
    uint256[][] calldata positions,
    bool isLast
  ) external {
    PoolClearingLib.clear(state, _base(), _domainSeparatorV4(), outcome, bids, offers, positions, isLast);
  }

  /// @notice Gives up a clearing under way; a new attempt may start at once, while the gate is closed and delivery has not
  /// begun. What the attempt reserved goes back page by page, the supplier's reserve at once. By the operator; by anybody
  /// once delivery began.
  function abandon(uint16 areaId, uint32 intervalId) external {
    PoolSettlementLib.abandon(state, _base(), areaId, intervalId);
  }

  // -- settlement

  /// @notice Settles the positions of a page against its readings. Anybody may call: the proofs decide. A member without
  /// a reading counts as zero once the area's waiting time is over.
  /// @param positions as the clearing committed to them
  function settle(
    uint16 areaId,
    uint32 intervalId,
    uint16 page,
    uint256[] calldata positions,
    PageLib.Readings calldata readings
  ) external {
    PoolSettlementLib.settle(state, _base(), areaId, intervalId, page, positions, readings);
  }

  /// @notice Settles what corrected readings change for positions of a page that is settled: the difference moves between the
  /// member, the supplier and the DSO. Anybody may call: the proofs decide, against the newest version. Once per version and
  /// position; who cannot pay owes it ({ClearingHouse.transfer}).
  /// @param settled what the page was settled by, with the corrections so far
  /// @param proofs of corrected readings, each of a member with a position
  function correct(
    uint16 areaId,
    uint32 intervalId,
    uint16 page,
    SealLib.Settled calldata settled,
    ReadingTree.Proof[] calldata proofs
  ) external {
    PoolCorrectionLib.correct(state, _base(), areaId, intervalId, page, settled, proofs);
  }

  /// @notice Gives back what was reserved for a page: of an attempt that was abandoned, or of an interval for which no
  /// reading was published within the area's waiting time. Anybody may call.
  function returnPage(
    uint16 areaId,
    uint32 intervalId,
    uint8 attempt,
    uint16 page,
    uint256[] calldata positions
  ) external {
    PoolSettlementLib.returnPage(state, _base(), areaId, intervalId, attempt, page, positions);
  }

  /// @notice An interval. Of one that is settled what it was cleared with is in events and in the seals of its pages.
  function intervalOf(uint16 areaId, uint32 intervalId)
    external
    view
    returns (PoolLib.Interval memory interval)
  {
    interval = state.intervals[PoolLib.keyOf(areaId, intervalId)];
    if (interval.stage == PoolLib.Stage.Settled) SealLib.pack(interval, 0);
  }

  /// @notice The hash of what a page was settled by ({SealLib}); zero when the interval is not settled. Of a page without a
  /// position it is that of the page that closed the interval.
  function sealOf(uint16 areaId, uint32 intervalId, uint16 page) external view returns (bytes32 seal) {
    (seal,) = SealLib.read(state, areaId, intervalId, page);
  }

  /// @notice An attempt that was abandoned.
  function abandonedOf(uint16 areaId, uint32 intervalId, uint8 attempt)
    external
    view
    returns (PoolLib.Interval memory)
  {
    return state.abandoned[PoolLib.attemptKeyOf(areaId, intervalId, attempt)];
  }

  /// @notice What a clearing committed to on a page; zero when nothing of it is in escrow.
  function positionsHashOf(uint16 areaId, uint32 intervalId, uint8 attempt, uint16 page)
    external
    view
    returns (bytes32)
  {
    return CommitmentLib.read(state, CommitmentLib.Page(areaId, intervalId, attempt, page));
  }

  function _base() private view returns (PoolLib.Base memory) {
    return PoolLib.Base(areaRegistry, clearingHouse, meterLedger);
  }
}
