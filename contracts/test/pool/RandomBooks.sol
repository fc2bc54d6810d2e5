// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolLib } from "../../src/pool/PoolLib.sol";
import { ReferenceClearing } from "../support/ReferenceClearing.sol";
import { vm } from "../support/Vm.sol";
import { PoolFixture } from "./PoolFixture.sol";

/// @notice Random books in six areas: one price, midpoints and marginal prices, with positive prices and with negative ones.
/// Four buyers and four sellers each; few price levels, so that ties are frequent.
abstract contract RandomBooks is PoolFixture {
  uint256 internal constant BUYERS = 4;
  uint256 internal constant PEOPLE = 8;
  uint256 private constant MOST_ORDERS = 12;
  uint256 private constant MOST_LEVELS = 6;
  int32 private constant CEILING = 360_000;

  struct Town {
    uint16 areaId;
    uint16 first;
    int32 floor;
  }

  /// @dev How the prices and energies of a book are drawn.
  struct Range {
    Town town;
    int32 base;
    int32 step;
    uint256 levels;
    uint256 mostWh;
  }

  Town[] internal towns;
  uint256 private random;

  function setUp() public virtual override {
    super.setUp();
    for (uint8 pricing; pricing < 3; ++pricing) {
      _found(_terms(pricing));
      _found(_negativeTerms(pricing));
    }
  }

  function _seed(uint256 seed) internal {
    random = seed;
  }

  function _draw(uint256 count) internal returns (uint256) {
    random = uint256(keccak256(abi.encode(random)));
    return random % count;
  }

  /// @dev Any book, maybe with an empty side.
  function _anyBook() internal returns (ReferenceClearing.Result memory) {
    Range memory range = _drawRange();
    return _bookOf(
      range, _drawSide(range, 0, _draw(MOST_ORDERS + 1)), _drawSide(range, BUYERS, _draw(MOST_ORDERS + 1))
    );
  }

  /// @dev A book in which something trades.
  function _crossingBook() internal returns (ReferenceClearing.Result memory) {
    Range memory range = _drawRange();
    ReferenceClearing.Order[] memory bids = _drawSide(range, 0, 1 + _draw(MOST_ORDERS));
    ReferenceClearing.Order[] memory offers = _drawSide(range, BUYERS, 1 + _draw(MOST_ORDERS));
    bids[0].price = _priceOf(range, range.levels - 1);
    offers[0].price = range.base;
    return _bookOf(range, bids, offers);
  }

  /// @dev Whether the pool takes the clearing, and what it says if not.
  function _tryClear(PoolLib.Outcome memory outcome, bytes memory bids, bytes memory offers, bool isLast)
    internal
    returns (bool isAccepted, bytes4 refusal)
  {
    bytes memory answer;
    vm.prank(operator);
    (isAccepted, answer) =
      address(pool).call(abi.encodeCall(pool.clear, (outcome, bids, offers, new uint256[][](0), isLast)));
    if (!isAccepted) refusal = bytes4(answer);
  }

  function _found(PoolLib.Terms memory terms) private {
    uint16 areaId = _openArea(otherGateway);
    _openPool(areaId, terms);
    uint16 first = _settleIn(PEOPLE, areaId);
    for (uint16 i; i < PEOPLE; ++i) {
      _fund(areaId, first + i, 10 * MARGIN_MICRO);
    }
    towns.push(Town(areaId, first, terms.floor));
  }

  /// @dev Odd figures, so that roundings show.
  function _negativeTerms(uint8 pricing) private pure returns (PoolLib.Terms memory terms) {
    terms = _terms(pricing);
    (terms.floor, terms.surplusPrice) = (-200_000, -250_001);
    (terms.gridFee, terms.penaltyPermille) = (19_999, 1333);
  }

  function _drawRange() private returns (Range memory range) {
    range.town = towns[_draw(towns.length)];
    range.step = [int32(1), 7, 33_333][_draw(3)];
    range.levels = 1 + _draw(MOST_LEVELS);
    int256 room = int256(CEILING) - range.town.floor - int256(MOST_LEVELS) * range.step;
    range.base = range.town.floor + int32(int256(_draw(uint256(room))));
    range.mostWh = [uint256(3), 50, 5000, 60_000_000][_draw(4)];
  }

  /// @dev Orders of the four members from `place` on.
  function _drawSide(Range memory range, uint256 place, uint256 count)
    private
    returns (ReferenceClearing.Order[] memory orders)
  {
    orders = new ReferenceClearing.Order[](count);
    for (uint256 i; i < count; ++i) {
      orders[i] = ReferenceClearing.Order({
        member: range.town.first + uint16(place + _draw(BUYERS)),
        price: _priceOf(range, _draw(range.levels)),
        energyWh: uint32(1 + _draw(range.mostWh)),
        sequence: uint8(i)
      });
    }
  }

  function _priceOf(Range memory range, uint256 level) private pure returns (int32) {
    return range.base + range.step * int32(int256(level));
  }

  function _bookOf(
    Range memory range,
    ReferenceClearing.Order[] memory bids,
    ReferenceClearing.Order[] memory offers
  ) private view returns (ReferenceClearing.Result memory) {
    return _cleared(bids, offers, range.town.areaId, INTERVAL);
  }
}
