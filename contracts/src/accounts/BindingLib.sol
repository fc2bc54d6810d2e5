// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What of the margins in a market is bound: announced to leave, or owed to other seats. What is bound counts for no
/// order; what is owed does not leave either, so that a debt is paid first from what comes in.
library BindingLib {
  /// @notice A notice lapses this long after it fell due; without that, one old notice would let margin leave at any
  /// second, from under a clearing that counts on it.
  uint256 internal constant NOTICE_LAPSES_AFTER_SECONDS = 1 hours;
  uint256 private constant LANES = 6;
  uint256 private constant LANE_BITS = 42;
  uint256 private constant LANE = (1 << LANE_BITS) - 1;
  /// @dev Groups whose marks share a word, a bit a seat.
  uint256 private constant MARKED_GROUPS = 42;

  struct MarginNotice {
    uint64 amountMicro;
    uint64 payableAt;
  }

  /// @dev Of one market. `debts` by who owes (32 bits) | whom (32 bits); `owed` is their sum by who owes.
  struct Bindings {
    mapping(uint32 seat => MarginNotice) notices;
    mapping(uint256 word => uint256 bits) noticeBits;
    mapping(uint32 seat => uint256 amountMicro) owed;
    mapping(uint256 word => uint256 bits) debtBits;
    mapping(uint64 pair => uint256 amountMicro) debts;
  }

  /// @return isNew whether the seat had no notice
  function announce(Bindings storage bindings, uint32 seat, MarginNotice memory notice)
    internal
    returns (bool isNew)
  {
    isNew = bindings.notices[seat].payableAt == 0;
    if (isNew) _toggle(bindings.noticeBits, seat);
    bindings.notices[seat] = notice;
  }

  function endNotice(Bindings storage bindings, uint32 seat) internal {
    delete bindings.notices[seat];
    _toggle(bindings.noticeBits, seat);
  }

  /// @return hadDebts whether the seat owed anything before
  /// @return hasDebts whether it does now
  function setDebt(Bindings storage bindings, uint64 pair, uint256 amountMicro)
    internal
    returns (bool hadDebts, bool hasDebts)
  {
    uint32 seat = uint32(pair >> 32);
    uint256 before = bindings.owed[seat];
    uint256 owedMicro = before - bindings.debts[pair] + amountMicro;
    bindings.debts[pair] = amountMicro;
    bindings.owed[seat] = owedMicro;
    (hadDebts, hasDebts) = (before != 0, owedMicro != 0);
    if (hadDebts != hasDebts) _toggle(bindings.debtBits, seat);
  }

  function pairOf(uint32 from, uint32 to) internal pure returns (uint64) {
    return uint64(from) << 32 | to;
  }

  /// @notice What of a group's margins is bound, lane by lane; never more than they hold.
  function boundLanes(Bindings storage bindings, uint256 group, uint256 held, uint256 coversFrom)
    internal
    view
    returns (uint256 bound)
  {
    uint256 word = group / MARKED_GROUPS;
    uint256 bits = (bindings.noticeBits[word] | bindings.debtBits[word]) >> group % MARKED_GROUPS * LANES;
    for (uint256 lane; lane < LANES; ++lane) {
      if (bits >> lane & 1 == 0) continue;
      uint256 shift = LANE_BITS * lane;
      bound |= boundMicro(bindings, uint32(group * LANES + lane), held >> shift & LANE, coversFrom) << shift;
    }
  }

  /// @notice What of a margin is owed, or leaves before `coversFrom`, if its owner uses the notice.
  function boundMicro(Bindings storage bindings, uint32 seat, uint256 margin, uint256 coversFrom)
    internal
    view
    returns (uint256 bound)
  {
    bound = bindings.owed[seat];
    MarginNotice memory notice = bindings.notices[seat];
    bool isBinding = notice.payableAt != 0 && coversFrom > notice.payableAt
      && block.timestamp < notice.payableAt + NOTICE_LAPSES_AFTER_SECONDS;
    if (isBinding) bound += notice.amountMicro;
    return bound < margin ? bound : margin;
  }

  function _toggle(mapping(uint256 => uint256) storage bits, uint32 seat) private {
    bits[seat / (LANES * MARKED_GROUPS)] ^= 1 << seat % (LANES * MARKED_GROUPS);
  }
}
