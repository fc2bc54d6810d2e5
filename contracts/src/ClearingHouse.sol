// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ParticipantRegistry } from "./ParticipantRegistry.sol";
import "./libraries/Errors.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice The only contract that holds money (R7.3). An account has a free balance, which it can always withdraw, and a
/// margin in each market that it chose to trade in. A market moves margin into its own escrow and back, never more than
/// it holds there: a fault in one market cannot touch the money of another, or a free balance.
/// @dev Four margins of 64 bits share a slot: account n is lane n % 4 of group n / 4. Deposits are capped at 2⁶³ − 1 micro
/// in all, so that no lane can overflow, and the top bit of each is free. Invariant: Σ free + Σ margin + Σ escrow = heldMicro ≤ tokens of this contract.
contract ClearingHouse {
  using SafeERC20 for IERC20;

  /// @notice Margin leaves a market this long after it was announced, so that orders under way stay covered.
  uint256 public constant MARGIN_NOTICE_SECONDS = 2 hours;
  /// @notice A notice lapses this long after it fell due; without that, one old notice would let margin leave at any
  /// second, from under a clearing that counts on it.
  uint256 public constant NOTICE_LAPSES_AFTER_SECONDS = 1 days;
  uint256 public constant MAX_HELD_MICRO = uint64(type(int64).max);
  uint256 private constant LANES = 4;
  uint256 private constant SIGN_BITS = 0x8000000000000000800000000000000080000000000000008000000000000000;
  uint256 private constant EVEN_LANES = 0x0000000000000000ffffffffffffffff0000000000000000ffffffffffffffff;

  struct MarginNotice {
    uint64 amountMicro;
    uint64 payableAt;
  }

  IERC20 public immutable token;
  ParticipantRegistry public immutable registry;

  uint256 public heldMicro;
  mapping(uint24 account => uint256) public freeMicro;
  mapping(address market => uint256) public escrowMicro;
  mapping(address market => bool) public isMarket;
  mapping(address market => mapping(uint24 account => MarginNotice)) public noticeOf;
  mapping(address market => mapping(uint256 group => uint256 lanes)) private margins;

  event MarketAdmitted(address indexed market);
  event Deposited(uint24 indexed account, uint256 amountMicro);
  event Withdrawn(uint24 indexed account, uint256 amountMicro);
  event MarginAdded(uint24 indexed account, address indexed market, uint256 amountMicro);
  event MarginWithdrawalAnnounced(
    uint24 indexed account, address indexed market, uint256 amountMicro, uint256 payableAt
  );
  event MarginWithdrawn(uint24 indexed account, address indexed market, uint256 amountMicro);
  event Held(address indexed market, uint256 amountMicro);
  event Released(address indexed market, uint256 amountMicro);

  constructor(IERC20 token_, ParticipantRegistry registry_) {
    if (address(token_) == address(0) || address(registry_) == address(0)) revert ZeroAddress();
    token = token_;
    registry = registry_;
  }

  function admitMarket(address market) external {
    bytes32 admin = registry.DEFAULT_ADMIN_ROLE();
    if (!registry.hasRole(admin, msg.sender)) revert NotAuthorised(msg.sender, admin);
    if (market == address(0)) revert ZeroAddress();
    isMarket[market] = true;
    emit MarketAdmitted(market);
  }

  // -- the owner's side

  function deposit(uint256 amountMicro) public {
    uint24 account = _ownAccount();
    if (amountMicro == 0) revert ZeroAmount();
    if (heldMicro + amountMicro > MAX_HELD_MICRO) revert DepositsTooLarge(heldMicro, amountMicro);
    heldMicro += amountMicro;
    freeMicro[account] += amountMicro;
    emit Deposited(account, amountMicro);
    token.safeTransferFrom(msg.sender, address(this), amountMicro);
  }

  /// @dev A permit that somebody already spent is no obstacle: the allowance decides.
  function depositWithPermit(uint256 amountMicro, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
    try IERC20Permit(address(token)).permit(msg.sender, address(this), amountMicro, deadline, v, r, s) { }
      catch { }
    deposit(amountMicro);
  }

  function withdraw(uint256 amountMicro) external {
    uint24 account = _ownAccount();
    if (amountMicro == 0) revert ZeroAmount();
    uint256 available = freeMicro[account];
    if (amountMicro > available) revert InsufficientBalance(account, available, amountMicro);
    freeMicro[account] = available - amountMicro;
    heldMicro -= amountMicro;
    emit Withdrawn(account, amountMicro);
    token.safeTransfer(msg.sender, amountMicro);
  }

  function addMargin(address market, uint256 amountMicro) external {
    uint24 account = _ownAccount();
    if (!isMarket[market]) revert NotMarket(market);
    if (amountMicro == 0) revert ZeroAmount();
    uint256 available = freeMicro[account];
    if (amountMicro > available) revert InsufficientBalance(account, available, amountMicro);
    freeMicro[account] = available - amountMicro;
    margins[market][account / LANES] += amountMicro << _shift(account);
    emit MarginAdded(account, market, amountMicro);
  }

  /// @notice Announces that margin will leave `market`; a new announcement replaces the old one and starts anew.
  function announceMarginWithdrawal(address market, uint256 amountMicro) external {
    uint24 account = _ownAccount();
    if (amountMicro == 0) revert ZeroAmount();
    uint256 margin = marginMicro(market, account);
    if (amountMicro > margin) revert InsufficientMargin(account, margin, amountMicro);
    uint64 payableAt = uint64(block.timestamp + MARGIN_NOTICE_SECONDS);
    noticeOf[market][account] = MarginNotice({ amountMicro: uint64(amountMicro), payableAt: payableAt });
    emit MarginWithdrawalAnnounced(account, market, amountMicro, payableAt);
  }

  /// @notice Frees the announced margin, or what trades left of it.
  function withdrawMargin(address market) external {
    uint24 account = _ownAccount();
    MarginNotice memory notice = noticeOf[market][account];
    if (notice.payableAt == 0) revert NoticeMissing(account);
    if (block.timestamp < notice.payableAt) revert NoticeRunning(account, notice.payableAt);
    uint256 lapsesAt = notice.payableAt + NOTICE_LAPSES_AFTER_SECONDS;
    if (block.timestamp >= lapsesAt) revert NoticeLapsed(account, lapsesAt);
    uint256 margin = marginMicro(market, account);
    uint256 amountMicro = notice.amountMicro < margin ? notice.amountMicro : margin;
    delete noticeOf[market][account];
    margins[market][account / LANES] -= amountMicro << _shift(account);
    freeMicro[account] += amountMicro;
    emit MarginWithdrawn(account, market, amountMicro);
  }

  function marginMicro(address market, uint24 account) public view returns (uint256) {
    return uint64(margins[market][account / LANES] >> _shift(account));
  }

  // -- the market's side: margin to escrow, escrow to margin, nothing else

  /// @param postings pairs of (group, four 64-bit amounts); a group may come more than once
  function hold(uint256[] calldata postings) external returns (uint256 totalMicro) {
    if (!isMarket[msg.sender]) revert NotMarket(msg.sender);
    mapping(uint256 => uint256) storage lanes = margins[msg.sender];
    unchecked {
      uint256 sums;
      for (uint256 i; i + 1 < postings.length; i += 2) {
        (uint256 group, uint256 amounts) = (postings[i], postings[i + 1]);
        // With the sign bits set in what is held, a lane that falls short loses its own and borrows from no other.
        uint256 held = lanes[group];
        uint256 left = (held | SIGN_BITS) - amounts;
        if ((left & ~amounts & SIGN_BITS) != SIGN_BITS) _refuse(group, held, amounts);
        lanes[group] = left ^ SIGN_BITS;
        sums += (amounts & EVEN_LANES) + (amounts >> 64 & EVEN_LANES);
      }
      totalMicro = uint128(sums) + (sums >> 128);
    }
    escrowMicro[msg.sender] += totalMicro;
    emit Held(msg.sender, totalMicro);
  }

  /// @param postings as in {hold}; their sum must be in the market's escrow
  function release(uint256[] calldata postings) external returns (uint256 totalMicro) {
    if (!isMarket[msg.sender]) revert NotMarket(msg.sender);
    mapping(uint256 => uint256) storage lanes = margins[msg.sender];
    unchecked {
      uint256 sums;
      for (uint256 i; i + 1 < postings.length; i += 2) {
        (uint256 group, uint256 amounts) = (postings[i], postings[i + 1]);
        // No lane overflows: the sum is checked below, and all money there is fits into one lane.
        lanes[group] += amounts;
        sums += (amounts & EVEN_LANES) + (amounts >> 64 & EVEN_LANES);
      }
      totalMicro = uint128(sums) + (sums >> 128);
    }
    uint256 escrow = escrowMicro[msg.sender];
    if (totalMicro > escrow) revert InsufficientEscrow(msg.sender, escrow, totalMicro);
    escrowMicro[msg.sender] = escrow - totalMicro;
    emit Released(msg.sender, totalMicro);
  }

  // -- internal

  function _ownAccount() private view returns (uint24 account) {
    account = registry.accountOf(msg.sender);
    if (account == 0) revert UnknownParticipant(msg.sender);
  }

  /// @dev Names the first lane that holds less than is asked of it.
  function _refuse(uint256 group, uint256 held, uint256 amounts) private pure {
    uint256 lane;
    while (uint64(amounts >> 64 * lane) <= uint64(held >> 64 * lane)) {
      ++lane;
    }
    revert InsufficientMargin(
      uint24(group * LANES + lane), uint64(held >> 64 * lane), uint64(amounts >> 64 * lane)
    );
  }

  function _shift(uint24 account) private pure returns (uint256) {
    return (account % LANES) * 64;
  }
}
