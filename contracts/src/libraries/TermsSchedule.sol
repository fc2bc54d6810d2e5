// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "./Errors.sol";

/// @notice Which version of an area's terms is in force in a market. Terms are for whole spans of time, the intervals or periods of
/// the market, which are numbered by their length: the first version takes effect at once, a later one with the first span that
/// starts after the notice.
library TermsSchedule {
  /// @notice A later version of the terms takes effect for spans that start this long after it was announced.
  uint256 internal constant TERMS_NOTICE = 7 days;

  /// @param version in force, until `nextVersion` takes over with the span `nextFrom`; 0 for none
  struct Schedule {
    uint16 version;
    uint16 nextVersion;
    uint32 nextFrom;
  }

  /// @notice Adds a version; refused as long as another one waits.
  /// @return version its number
  /// @return from the first span that it is for
  function announce(Schedule memory schedule, uint16 areaId, uint256 spanSeconds)
    internal
    view
    returns (uint16 version, uint32 from)
  {
    if (schedule.nextVersion != 0) {
      uint256 inForceAt = uint256(schedule.nextFrom) * spanSeconds;
      if (block.timestamp < inForceAt) revert TermsPending(areaId, schedule.nextVersion);
      (schedule.version, schedule.nextVersion) = (schedule.nextVersion, 0);
    }
    version = schedule.version + 1;
    if (schedule.version == 0) {
      schedule.version = version;
    } else {
      from = firstAfter(TERMS_NOTICE, spanSeconds);
      (schedule.nextVersion, schedule.nextFrom) = (version, from);
    }
  }

  /// @notice The version of the terms that a span has.
  function versionFor(Schedule memory schedule, uint32 span) internal pure returns (uint16) {
    bool isNext = schedule.nextVersion != 0 && span >= schedule.nextFrom;
    return isNext ? schedule.nextVersion : schedule.version;
  }

  /// @notice The first span that starts after a notice given now.
  function firstAfter(uint256 noticeSeconds, uint256 spanSeconds) internal view returns (uint32) {
    return uint32((block.timestamp + noticeSeconds + spanSeconds - 1) / spanSeconds);
  }
}
