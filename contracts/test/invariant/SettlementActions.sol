// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { ReadingTree } from "../../src/libraries/ReadingTree.sol";
import { MeterLedger } from "../../src/metering/MeterLedger.sol";
import { PoolLib } from "../../src/pool/PoolLib.sol";
import { PoolSettlementLib } from "../../src/pool/PoolSettlementLib.sol";
import { Readings } from "../support/Readings.sol";
import { vm } from "../support/Vm.sol";
import { ClearingActions } from "./ClearingActions.sol";

/// @notice Readings are published, corrected and claimed; pages are settled against them, or voided when none came.
/// A rival claimant takes single readings and whole pages, for the pool's own purpose as well.
abstract contract SettlementActions is ClearingActions {
  using Readings for Readings.Tree;

  struct Claim {
    uint8 purpose;
    bytes32 leaf;
    uint256 meteredWh;
    uint256 id;
    uint256 page;
  }

  uint8 internal constant ENERGY = 1;
  uint8 internal constant FLEXIBILITY = 3;
  uint256 private constant CLAIMS_A_CALL = 3;

  address internal rival = _actor("rival claimant");
  uint256[] private metered;
  Claim[] internal claims;
  mapping(uint8 purpose => mapping(bytes32 leaf => uint256)) internal claimedWh;
  mapping(uint256 deal => mapping(uint256 page => mapping(uint8 purpose => bool))) internal isPageClaimed;
  mapping(uint256 deal => mapping(uint256 page => mapping(uint8 purpose => bool))) internal isSingleClaimed;
  mapping(uint256 deal => bool) private isClaimed;
  uint256 internal blockedSettlements;

  function setUp() public virtual override {
    super.setUp();
    for (uint8 purpose = ENERGY; purpose <= FLEXIBILITY; ++purpose) {
      vm.prank(admin);
      ledger.admitClaimant(purpose, rival);
    }
  }

  function settle(uint256 seed) external acts(seed) {
    if (openDeals.length != 0) _settleAny(openDeals[_draw(0, openDeals.length - 1)]);
  }

  function voidPage(uint256 seed) external acts(seed) {
    if (openDeals.length != 0) _voidAny(openDeals[_draw(0, openDeals.length - 1)]);
  }

  function publish(uint256 seed) external acts(seed) {
    if (openDeals.length != 0) _publishFor(openDeals[_draw(0, openDeals.length - 1)]);
  }

  function claimReading(uint256 seed) external acts(seed) {
    _claimAny();
  }

  function claimPage(uint256 seed) external acts(seed) {
    if (metered.length == 0) return;
    _claimPage(metered[_draw(0, metered.length - 1)], _draw(0, PAGES - 1), _drawPurpose());
  }

  // -- settlement

  function _settleAny(uint256 id) internal {
    PoolLib.Stage stage = deals[id].stage;
    if (stage != PoolLib.Stage.Cleared && stage != PoolLib.Stage.Settling) return;
    _warpTo(_endsAt(deals[id].intervalId));
    if (readingsOf[id].length == 0) _publishFor(id);
    uint256 page = _openPage(id);
    if (isPageClaimed[id][page][ENERGY] || isSingleClaimed[id][page][ENERGY]) {
      _refuses(AlreadyClaimed.selector, outsider, address(pool), _settlementOf(id, page));
      ++blockedSettlements;
    } else {
      _settlePage(id, page);
    }
  }

  function _settlePage(uint256 id, uint256 page) private robsNobody {
    _refuseWrongSettlements(id, page);
    bytes memory data = _settlementOf(id, page);
    vm.prank(outsider);
    (bool isDone,) = address(pool).call(data);
    vm.assertTrue(isDone, "a sound settlement was refused");
    _bookPayment(id, page, readingsOf[id]);
    _markPage(id, page, ENERGY);
    _refuses(outsider, address(pool), data);
    _refuses(outsider, address(pool), _voidingOf(id, page));
  }

  /// @dev A reading that exports more, and a position that was paid more.
  function _refuseWrongSettlements(uint256 id, uint256 page) private {
    (uint16 areaId, uint32 intervalId) = (deals[id].areaId, deals[id].intervalId);
    uint256[][] memory positions = _positionsOf(id, page);
    PoolSettlementLib.Readings memory opened = _opened(id, page);
    uint256 i;
    while (opened.opened[0] >> i & 1 == 0) {
      ++i;
    }
    opened.leaves[i] += 1 << 160;
    bytes memory data = abi.encodeCall(pool.settle, (areaId, intervalId, uint16(page), positions, opened));
    _refuses(SegmentNotProven.selector, outsider, address(pool), data);

    uint256 step;
    while (positions[step].length == 0) {
      ++step;
    }
    unchecked {
      positions[step][0] -= 1000 << 128;
    }
    data = abi.encodeCall(pool.settle, (areaId, intervalId, uint16(page), positions, _opened(id, page)));
    _refuses(PositionsDiffer.selector, outsider, address(pool), data);
  }

  // -- voids

  /// @dev Voids a page as soon as that is allowed, and not before.
  function _voidAny(uint256 id) internal robsNobody {
    Deal storage deal = deals[id];
    bool isCleared = deal.stage == PoolLib.Stage.Cleared || deal.stage == PoolLib.Stage.Settling;
    uint256 voidableAt = _endsAt(deal.intervalId) + (isCleared ? 14 days : 0);
    uint256 page = _openPage(id);
    bytes memory data = _voidingOf(id, page);
    if (_now() < voidableAt) _refuses(TooEarlyToVoid.selector, outsider, address(pool), data);
    _warpTo(voidableAt);
    vm.prank(outsider);
    (bool isDone,) = address(pool).call(data);
    vm.assertTrue(isDone, "a page can't be voided");
    if (deal.stage == PoolLib.Stage.Settling) {
      _bookPayment(id, page, _asContracted(id, page));
      ++contractedPages;
    } else {
      _bookReturn(id, page);
    }
    _refuses(outsider, address(pool), data);
    if (readingsOf[id].length != 0) _refuses(outsider, address(pool), _settlementOf(id, page));
  }

  function _asContracted(uint256 id, uint256 page) private view returns (uint256[] memory readings) {
    Holding[] memory holdings = _holdingsOf(id, page, Prices(0, 0, 0));
    readings = new uint256[](holdings.length);
    for (uint256 i; i < holdings.length; ++i) {
      Holding memory holding = holdings[i];
      readings[i] = Readings.reading(
        holding.account, _excess(holding.boughtWh, holding.soldWh), _excess(holding.soldWh, holding.boughtWh)
      );
    }
  }

  // -- readings

  /// @dev Publishes readings, or others in their place; refused once any of them is claimed.
  function _publishFor(uint256 id) internal robsNobody {
    Deal storage deal = deals[id];
    if (isClaimed[id]) {
      bytes memory data =
        abi.encodeCall(ledger.publish, (deal.areaId, deal.intervalId, bytes32(uint256(1)), 1));
      _refuses(ReadingsInUse.selector, gateway, address(ledger), data);
      return;
    }
    if (readingsOf[id].length == 0) metered.push(id);
    readingsOf[id] = _drawReadings(id);
    _publish(deal.areaId, deal.intervalId, readingsOf[id]);
  }

  /// @dev Of everybody in the area: as contracted, less, more, or of somebody without a position.
  function _drawReadings(uint256 id) private returns (uint256[] memory readings) {
    uint24[] memory people = traders[deals[id].areaId];
    readings = new uint256[](people.length);
    for (uint256 page; page < PAGES; ++page) {
      _insert(readings, people, _asContracted(id, page));
    }
    for (uint256 i; i < people.length; ++i) {
      uint256 contracted = readings[i];
      readings[i] = Readings.reading(
        people[i], _drawNear(uint32(contracted >> 192)), _drawNear(uint32(contracted >> 160))
      );
    }
  }

  function _insert(uint256[] memory readings, uint24[] memory people, uint256[] memory contracted)
    private
    pure
  {
    for (uint256 i; i < contracted.length; ++i) {
      uint256 index;
      while (people[index] != contracted[i] >> 224) {
        ++index;
      }
      readings[index] = contracted[i];
    }
  }

  function _drawNear(uint256 energyWh) private returns (uint256) {
    uint256 kind = _draw(0, 3);
    if (kind == 0) return energyWh;
    if (kind == 1) return _draw(0, energyWh);
    return kind == 2 ? energyWh + _draw(0, 3_000) : 0;
  }

  // -- claims

  function _claimAny() internal {
    if (metered.length == 0) return;
    uint256 id = metered[_draw(0, metered.length - 1)];
    for (uint256 i; i < CLAIMS_A_CALL; ++i) {
      _claim(id, _draw(0, readingsOf[id].length - 1), _drawPurpose());
    }
  }

  function _claimPage(uint256 id, uint256 page, uint8 purpose) internal robsNobody {
    bytes memory data =
      abi.encodeCall(ledger.claimPage, (deals[id].areaId, deals[id].intervalId, uint16(page), purpose));
    bool isTaken = isPageClaimed[id][page][purpose] || isSingleClaimed[id][page][purpose];
    if (isTaken) return _refuses(AlreadyClaimed.selector, rival, address(ledger), data);
    vm.prank(rival);
    ledger.claimPage(deals[id].areaId, deals[id].intervalId, uint16(page), purpose);
    _markPage(id, page, purpose);
  }

  /// @dev Up to a tenth more than was metered.
  function _claim(uint256 id, uint256 index, uint8 purpose) private robsNobody {
    Readings.Tree memory tree = _treeOf(id);
    uint256 reading = tree.readings[index];
    uint256 page = (reading >> 224) / PAGE;
    bytes32 leaf = ReadingTree.leafOf(tree.context, reading);
    uint256 meteredWh = uint32(reading >> 160) + (purpose == FLEXIBILITY ? uint32(reading >> 192) : 0);
    uint256 energyWh = _draw(1, meteredWh + meteredWh / 10 + 1);
    MeterLedger.ReadingProof memory proof = tree.prove(index);
    bytes memory data = abi.encodeCall(
      ledger.claimReading, (deals[id].areaId, deals[id].intervalId, reading, proof, purpose, energyWh)
    );
    if (isPageClaimed[id][page][purpose]) {
      return _refuses(AlreadyClaimed.selector, rival, address(ledger), data);
    }
    if (claimedWh[purpose][leaf] + energyWh > meteredWh) {
      return _refuses(ClaimExceedsReading.selector, rival, address(ledger), data);
    }
    vm.prank(rival);
    (bool isDone,) = address(ledger).call(data);
    vm.assertTrue(isDone, "a sound claim was refused");
    claimedWh[purpose][leaf] += energyWh;
    claims.push(Claim(purpose, leaf, meteredWh, id, page));
    isSingleClaimed[id][page][purpose] = true;
    isClaimed[id] = true;
  }

  /// @dev Energy seldom: it keeps a page from being settled.
  function _drawPurpose() private returns (uint8) {
    return _oneIn(4) ? ENERGY : uint8(_draw(ENERGY + 1, FLEXIBILITY));
  }

  function _markPage(uint256 id, uint256 page, uint8 purpose) private {
    isPageClaimed[id][page][purpose] = true;
    isClaimed[id] = true;
  }

  // -- what is sent

  function _settlementOf(uint256 id, uint256 page) internal view returns (bytes memory) {
    return abi.encodeCall(
      pool.settle,
      (deals[id].areaId, deals[id].intervalId, uint16(page), _positionsOf(id, page), _opened(id, page))
    );
  }

  function _voidingOf(uint256 id, uint256 page) internal view returns (bytes memory) {
    return abi.encodeCall(
      pool.voidPage, (deals[id].areaId, deals[id].intervalId, uint16(page), _positionsOf(id, page))
    );
  }

  function _opened(uint256 id, uint256 page) private view returns (PoolSettlementLib.Readings memory) {
    return _treeOf(id).open(page, _holdersOf(id, page));
  }

  /// @dev The accounts that have a position on the page.
  function _holdersOf(uint256 id, uint256 page) private view returns (uint256[] memory holders) {
    Holding[] memory holdings = _holdingsOf(id, page, Prices(0, 0, 0));
    holders = new uint256[](holdings.length);
    for (uint256 i; i < holdings.length; ++i) {
      holders[i] = holdings[i].account;
    }
  }

  function _treeOf(uint256 id) private view returns (Readings.Tree memory) {
    (, uint8 version,) = ledger.publications(deals[id].areaId, deals[id].intervalId);
    return Readings.build(ledger.contextOf(deals[id].areaId, deals[id].intervalId, version), readingsOf[id]);
  }

  function _openPage(uint256 id) internal returns (uint256 page) {
    page = _draw(0, PAGES - 1);
    if (!_isOpen(id, page)) page = PAGES - 1 - page;
  }

  function _warpTo(uint256 timestamp) internal {
    if (_now() < timestamp) vm.warp(timestamp);
  }
}
