// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { ParticipantRegistry } from "./ParticipantRegistry.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice The only contract that holds money (R7.3). An account has a free balance, which it can always withdraw, and a
/// margin in each market that it chose to trade in. A market moves margin into its own escrow and back, never more than
/// it holds there: a fault in one market cannot touch the money of another, or a free balance.
/// @dev Six margins of 42 bits share a slot: account n is lane n % 6 of group n / 6. The top bit of each lane is free to
/// show a lane that falls short or overflows; a margin is at most 2⁴¹ − 1 micro, and what a release brings beyond that
/// goes to the free balance. Invariant: Σ free + Σ margin + Σ escrow = heldMicro ≤ tokens of this contract.
contract ClearingHouse {
  using SafeERC20 for IERC20;

  /// @notice Margin leaves a market this long after it was announced, so that orders under way stay covered.
  uint256 public constant MARGIN_NOTICE_SECONDS = 2 hours;
  /// @notice A notice lapses this long after it fell due; without that, one old notice would let margin leave at any
  /// second, from under a clearing that counts on it.
  uint256 public constant NOTICE_LAPSES_AFTER_SECONDS = 1 days;
  /// @notice Deposits in all; bounds every sum, and with it what one settlement can pay.
  uint256 public constant MAX_HELD_MICRO = (1 << 47) - 1;
  uint256 public constant MAX_MARGIN_MICRO = PostingLib.MAX_AMOUNT_MICRO;
  uint256 private constant LANES = PostingLib.LANES;
  uint256 private constant LANE_BITS = PostingLib.LANE_BITS;
  uint256 private constant LANE = (1 << LANE_BITS) - 1;
  /// @dev The top bit of each lane, and the four bits above the last one: zero in all amounts.
  uint256 private constant GUARD = 1 << 41 | 1 << 83 | 1 << 125 | 1 << 167 | 1 << 209 | 31 << 251;
  /// @dev Lanes 0, 2 and 4, each with room for 2⁴² amounts.
  uint256 private constant EVEN_LANES = LANE | LANE << 84 | LANE << 168;
  uint256 private constant PAIR = (1 << 84) - 1;

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
  event MarginOverflowed(uint24 indexed account, address indexed market, uint256 amountMicro);
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
    uint256 margin = marginMicro(market, account);
    if (amountMicro > MAX_MARGIN_MICRO - margin) revert MarginTooLarge(account, margin, amountMicro);
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
    return margins[market][account / LANES] >> _shift(account) & LANE;
  }

  // -- the market's side: margin to escrow, escrow to margin, nothing else

  /// @param postings pairs of (group, six 42-bit amounts); a group may come more than once
  function hold(uint256[] calldata postings) external returns (uint256 totalMicro) {
    if (!isMarket[msg.sender]) revert NotMarket(msg.sender);
    mapping(uint256 => uint256) storage lanes = margins[msg.sender];
    unchecked {
      uint256 sums;
      for (uint256 i; i + 1 < postings.length; i += 2) {
        (uint256 group, uint256 amounts) = (postings[i], postings[i + 1]);
        // With the guard bits set in what is held, a lane that falls short loses its own and borrows from no other.
        uint256 held = lanes[group];
        uint256 left = (held | GUARD) - amounts;
        if ((left & ~amounts & GUARD) != GUARD) _refuse(group, held, amounts);
        lanes[group] = left ^ GUARD;
        sums += (amounts & EVEN_LANES) + (amounts >> LANE_BITS & EVEN_LANES);
      }
      totalMicro = _total(sums);
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
        uint256 held = lanes[group];
        uint256 sum = held + amounts;
        // Two lanes without their guard bits add up to no more than their 42 bits, so that none runs into the next.
        lanes[group] = (amounts | sum) & GUARD == 0 ? sum : _releaseByLane(group, held, amounts);
        sums += (amounts & EVEN_LANES) + (amounts >> LANE_BITS & EVEN_LANES);
      }
      totalMicro = _total(sums);
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

  /// @dev Adds amounts lane by lane; what exceeds the largest margin goes to the free balance of its account.
  function _releaseByLane(uint256 group, uint256 held, uint256 amounts) private returns (uint256 lanes) {
    if (amounts >> LANES * LANE_BITS != 0 || group > type(uint24).max / LANES) {
      revert MalformedPosting(group);
    }
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 sum = (held >> LANE_BITS * lane & LANE) + (amounts >> LANE_BITS * lane & LANE);
      if (sum > MAX_MARGIN_MICRO) {
        uint24 account = uint24(group * LANES + lane);
        freeMicro[account] += sum - MAX_MARGIN_MICRO;
        emit MarginOverflowed(account, msg.sender, sum - MAX_MARGIN_MICRO);
        sum = MAX_MARGIN_MICRO;
      }
      lanes |= sum << LANE_BITS * lane;
    }
  }

  /// @dev Names the first lane that holds less than is asked of it.
  function _refuse(uint256 group, uint256 held, uint256 amounts) private pure {
    if (amounts >> LANES * LANE_BITS != 0) revert MalformedPosting(group);
    uint256 lane;
    while ((amounts >> LANE_BITS * lane & LANE) <= (held >> LANE_BITS * lane & LANE)) {
      ++lane;
    }
    revert InsufficientMargin(
      uint24(group * LANES + lane), held >> LANE_BITS * lane & LANE, amounts >> LANE_BITS * lane & LANE
    );
  }

  /// @dev What three pairs of lanes came to.
  function _total(uint256 sums) private pure returns (uint256) {
    return (sums & PAIR) + (sums >> 84 & PAIR) + (sums >> 168);
  }

  function _shift(uint24 account) private pure returns (uint256) {
    return account % LANES * LANE_BITS;
  }
}
