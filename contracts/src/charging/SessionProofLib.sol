// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";

/// @notice What a session costs by its tariff and its meter: the same components and the same rounding as
/// src/domains/charging/sessions/invoice.ts. The cases in cases/session-charges bind the two.
library SessionProofLib {
  uint256 private constant QUARTER_SECONDS = 900;
  uint256 private constant SECONDS_PER_DAY = 86_400;
  uint256 private constant PART_BYTES = 8;
  /// @dev Wh × micro/kWh and s × micro/h are both whole 18,000ths of a micro.
  uint256 private constant PARTS_OF_A_MICRO = 18_000;
  uint256 private constant PARTS_PER_WH = 18;
  uint256 private constant PARTS_PER_SECOND = 5;

  /// @notice What holds from a minute of the local day on, until the next.
  struct DayPrice {
    uint16 fromMinute;
    uint64 energyMicroPerKwh;
    uint64 timeMicroPerHour;
    uint64 idleMicroPerHour;
  }

  /// @notice How far local time is ahead of UTC from an instant on.
  struct ZoneOffset {
    uint40 from;
    int32 offsetSeconds;
  }

  /// @param nameHash of its id and currency
  /// @param prices by rising minute, the first from midnight
  /// @param offsets of the stations' time zone, by rising instant
  struct Tariff {
    bytes32 nameHash;
    uint64 sessionFeeMicro;
    uint32 idleGraceSeconds;
    DayPrice[] prices;
    ZoneOffset[] offsets;
  }

  /// @notice What a module signs of a session.
  /// @param fromWh what the register shows at the start; `toWh` at the end
  /// @param parts for each quarter-hour from that of the start on: energy in Wh (4 bytes), seconds of charging (2), seconds of
  /// standing there without charging (2)
  struct Statement {
    uint40 startedAt;
    uint64 fromWh;
    uint64 toWh;
    bytes parts;
  }

  /// @notice Tariff × meter, micro, rounded up once. The parts come to what the register rose.
  function totalOf(Tariff calldata tariff, Statement calldata statement) internal pure returns (uint256) {
    uint256 exact = uint256(tariff.sessionFeeMicro) * PARTS_OF_A_MICRO;
    uint256 grace = tariff.idleGraceSeconds;
    uint256 quarter = statement.startedAt / QUARTER_SECONDS;
    uint256 totalWh;
    if (statement.parts.length % PART_BYTES != 0) revert MalformedStatement(statement.parts.length);
    for (uint256 i; i < statement.parts.length; i += PART_BYTES) {
      (uint256 energyWh, uint256 charging, uint256 idle) = _part(statement.parts, i);
      DayPrice calldata price = _priceAt(tariff, (quarter + i / PART_BYTES) * QUARTER_SECONDS);
      uint256 free = idle < grace ? idle : grace;
      grace -= free;
      totalWh += energyWh;
      exact += energyWh * price.energyMicroPerKwh * PARTS_PER_WH + charging * price.timeMicroPerHour
        * PARTS_PER_SECOND + (idle - free) * price.idleMicroPerHour * PARTS_PER_SECOND;
    }
    if (statement.fromWh + totalWh != statement.toWh) {
      revert RegisterDiffers(statement.fromWh, statement.toWh, totalWh);
    }
    return (exact + PARTS_OF_A_MICRO - 1) / PARTS_OF_A_MICRO;
  }

  function _part(bytes calldata parts, uint256 at)
    private
    pure
    returns (uint256 energyWh, uint256 charging, uint256 idle)
  {
    uint64 word = uint64(bytes8(parts[at:at + PART_BYTES]));
    (energyWh, charging, idle) = (word >> 32, word >> 16 & 0xffff, word & 0xffff);
    if (charging + idle > QUARTER_SECONDS) revert MalformedStatement(parts.length);
  }

  /// @dev The price of a quarter-hour is that of its start: tariffs and zones change at quarter-hours.
  function _priceAt(Tariff calldata tariff, uint256 instant) private pure returns (DayPrice calldata) {
    int256 offset;
    bool isKnown;
    for (uint256 i = tariff.offsets.length; i != 0 && !isKnown; --i) {
      (isKnown, offset) = (tariff.offsets[i - 1].from <= instant, tariff.offsets[i - 1].offsetSeconds);
    }
    if (isKnown) {
      uint256 minute = uint256(int256(instant + SECONDS_PER_DAY) + offset) % SECONDS_PER_DAY / 60;
      for (uint256 i = tariff.prices.length; i != 0; --i) {
        if (tariff.prices[i - 1].fromMinute <= minute) return tariff.prices[i - 1];
      }
    }
    revert TariffWithoutPrice(instant);
  }
}
