// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { BindingLib } from "./BindingLib.sol";
import { IMemberships } from "./IMemberships.sol";
import { ParticipantRegistry } from "./ParticipantRegistry.sol";
import { ShortfallLib } from "./ShortfallLib.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice The only contract that holds money (R7.3). An account has a free balance, which it can always withdraw, and in
/// each market a margin for each of its seats. A market moves margin into its own escrow and back, never more than it
/// holds there: a fault in one market cannot touch the money of another, or a free balance.
/// @dev Six margins of 42 bits share a slot: seat n is lane n % 6 of group n / 6. The top bit of each lane is free to
/// show a lane that falls short or overflows; a margin is at most 2⁴¹ − 1 micro, and what a release brings beyond that
/// goes to the free balance. Invariant: Σ free + Σ margin + Σ escrow = heldMicro ≤ tokens of this contract.
contract ClearingHouse {
  using BindingLib for BindingLib.Bindings;
  using SafeERC20 for IERC20;

  /// @notice Margin leaves a market this long after it was announced, so that orders under way stay covered.
  uint256 public constant MARGIN_NOTICE_SECONDS = 2 hours;
  uint256 public constant NOTICE_LAPSES_AFTER_SECONDS = BindingLib.NOTICE_LAPSES_AFTER_SECONDS;
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

  enum Standing {
    Unknown,
    Admitted,
    Retired
  }

  /// @param marked how many notices were not used, and how many of its seats owe other seats
  struct Market {
    Standing standing;
    uint64 escrowMicro;
    uint32 marked;
  }

  IERC20 public immutable token;
  ParticipantRegistry public immutable registry;
  IMemberships public immutable memberships;

  uint256 public heldMicro;
  mapping(uint24 account => uint256) public freeMicro;
  mapping(address market => Market) public markets;
  mapping(address market => BindingLib.Bindings) private bindings;
  mapping(address market => mapping(uint256 group => ShortfallLib.Margins)) private margins;

  event MarketAdmitted(address indexed market);
  event MarketRetired(address indexed market);
  event Deposited(uint24 indexed account, uint256 amountMicro);
  event Withdrawn(uint24 indexed account, uint256 amountMicro);
  event MarginAdded(uint32 indexed seat, address indexed market, uint256 amountMicro);
  event MarginWithdrawalAnnounced(
    uint32 indexed seat, address indexed market, uint256 amountMicro, uint256 payableAt
  );
  event MarginWithdrawn(uint32 indexed seat, address indexed market, uint256 amountMicro);
  event MarginTransferred(
    uint32 indexed from, uint32 indexed to, address indexed market, uint256 paidMicro, uint256 owedMicro
  );
  event MarginOverflowed(uint32 indexed seat, address indexed market, uint256 amountMicro);
  event Held(address indexed market, uint256 amountMicro);
  event Released(address indexed market, uint256 amountMicro);

  constructor(IERC20 token_, ParticipantRegistry registry_, IMemberships memberships_) {
    if (address(token_) == address(0) || address(registry_) == address(0)) revert ZeroAddress();
    if (address(memberships_) == address(0)) revert ZeroAddress();
    token = token_;
    registry = registry_;
    memberships = memberships_;
  }

  function admitMarket(address market) external {
    _requireAdmin();
    if (market == address(0)) revert ZeroAddress();
    if (markets[market].standing == Standing.Retired) revert NotMarket(market);
    markets[market].standing = Standing.Admitted;
    emit MarketAdmitted(market);
  }

  /// @notice Ends a market for good: nothing new is held or added there, margin leaves without notice, and what is in
  /// escrow can still be released.
  function retireMarket(address market) external {
    _requireAdmin();
    if (markets[market].standing != Standing.Admitted) revert NotMarket(market);
    markets[market].standing = Standing.Retired;
    emit MarketRetired(market);
  }

  // -- the owner's side

  /// @notice What arrives is what is credited: a token that keeps a fee is refused.
  function deposit(uint256 amountMicro) public {
    uint24 account = _ownAccount();
    if (amountMicro == 0) revert ZeroAmount();
    if (heldMicro + amountMicro > MAX_HELD_MICRO) revert DepositsTooLarge(heldMicro, amountMicro);
    heldMicro += amountMicro;
    freeMicro[account] += amountMicro;
    emit Deposited(account, amountMicro);
    uint256 before = token.balanceOf(address(this));
    token.safeTransferFrom(msg.sender, address(this), amountMicro);
    uint256 arrived = token.balanceOf(address(this)) - before;
    if (arrived != amountMicro) revert DepositIncomplete(amountMicro, arrived);
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

  /// @param seat one of the caller's
  function addMargin(address market, uint32 seat, uint256 amountMicro) external {
    uint24 account = _ownerOf(seat);
    if (markets[market].standing != Standing.Admitted) revert NotMarket(market);
    if (amountMicro == 0) revert ZeroAmount();
    uint256 available = freeMicro[account];
    if (amountMicro > available) revert InsufficientBalance(account, available, amountMicro);
    uint256 margin = marginMicro(market, seat);
    if (amountMicro > MAX_MARGIN_MICRO - margin) revert MarginTooLarge(seat, margin, amountMicro);
    freeMicro[account] = available - amountMicro;
    margins[market][seat / LANES].lanes += amountMicro << _shift(seat);
    emit MarginAdded(seat, market, amountMicro);
  }

  /// @notice Announces that margin will leave `market`; a new announcement replaces the old one and starts anew.
  function announceMarginWithdrawal(address market, uint32 seat, uint256 amountMicro) external {
    _ownerOf(seat);
    if (amountMicro == 0) revert ZeroAmount();
    uint256 margin = marginMicro(market, seat);
    if (amountMicro > margin) revert InsufficientMargin(seat, margin, amountMicro);
    uint64 payableAt = uint64(block.timestamp + MARGIN_NOTICE_SECONDS);
    if (bindings[market].announce(seat, BindingLib.MarginNotice(uint64(amountMicro), payableAt))) {
      ++markets[market].marked;
    }
    emit MarginWithdrawalAnnounced(seat, market, amountMicro, payableAt);
  }

  /// @notice Frees the announced margin, or what trades left of it; all of it at once where the market is retired. What the
  /// seat owes stays.
  function withdrawMargin(address market, uint32 seat) external {
    uint24 account = _ownerOf(seat);
    uint256 amountMicro = marginMicro(market, seat);
    BindingLib.MarginNotice memory notice = bindings[market].notices[seat];
    uint256 owed = bindings[market].owed[seat];
    if (owed != 0) {
      if (owed >= amountMicro) revert SeatInDebt(seat, owed);
      amountMicro -= owed;
    }
    if (markets[market].standing != Standing.Retired) {
      _requireDue(seat, notice.payableAt);
      if (notice.amountMicro < amountMicro) amountMicro = notice.amountMicro;
    }
    if (notice.payableAt != 0) {
      bindings[market].endNotice(seat);
      --markets[market].marked;
    }
    margins[market][seat / LANES].lanes -= amountMicro << _shift(seat);
    freeMicro[account] += amountMicro;
    emit MarginWithdrawn(seat, market, amountMicro);
  }

  function marginMicro(address market, uint32 seat) public view returns (uint256) {
    return margins[market][seat / LANES].lanes >> _shift(seat) & LANE;
  }

  /// @notice What of a margin counts for an interval whose delivery starts at `coversFrom` (unix s), as {hold} reads it.
  function countedMarginMicro(address market, uint32 seat, uint256 coversFrom)
    external
    view
    returns (uint256)
  {
    uint256 margin = marginMicro(market, seat);
    return margin - bindings[market].boundMicro(seat, margin, coversFrom);
  }

  function noticeOf(address market, uint32 seat)
    external
    view
    returns (uint64 amountMicro, uint64 payableAt)
  {
    BindingLib.MarginNotice memory notice = bindings[market].notices[seat];
    return (notice.amountMicro, notice.payableAt);
  }

  /// @notice What a seat owes another one in a market, because its margin fell short of a {transfer}.
  function debtMicro(address market, uint32 from, uint32 to) external view returns (uint256) {
    return bindings[market].debts[BindingLib.pairOf(from, to)];
  }

  /// @notice What a seat owes in a market in all.
  function owedMicro(address market, uint32 seat) external view returns (uint256) {
    return bindings[market].owed[seat];
  }

  /// @notice Pays a debt from what the margin of who owes has by now. Anybody may call.
  function collect(address market, uint32 from, uint32 to) external returns (uint256 paidMicro) {
    if (bindings[market].debts[BindingLib.pairOf(from, to)] == 0) revert ZeroAmount();
    return _transfer(market, from, to, 0);
  }

  function escrowMicro(address market) external view returns (uint256) {
    return markets[market].escrowMicro;
  }

  // -- the market's side: margin to escrow, escrow to margin, and from seat to seat what a correction moves

  /// @notice Pays an amount from one seat's margin to another's, as far as it reaches; the rest is a debt, which binds what
  /// comes in. No other money is touched for it.
  function transfer(uint32 from, uint32 to, uint256 amountMicro) external returns (uint256 paidMicro) {
    if (markets[msg.sender].standing == Standing.Unknown) revert NotMarket(msg.sender);
    return _transfer(msg.sender, from, to, amountMicro);
  }

  /// @notice Holds all postings, or reverts and names every seat that falls short.
  /// @param postings pairs of (group, six 42-bit amounts); a group may come more than once
  /// @param coversFrom when the delivery starts that the margin stands for, unix s: margin whose notice falls due before
  /// does not count
  function hold(uint256[] calldata postings, uint256 coversFrom) external returns (uint256 totalMicro) {
    uint32[] memory shortSeats;
    (totalMicro, shortSeats) = _hold(postings, coversFrom);
    if (shortSeats.length != 0) revert MarginsFallShort(msg.sender, shortSeats);
  }

  /// @notice Holds all postings or none.
  /// @return totalMicro what is held now; zero when nothing is
  /// @return shortSeats the seats that fall short; nothing is held unless there are none
  function tryHold(uint256[] calldata postings, uint256 coversFrom)
    external
    returns (uint256 totalMicro, uint32[] memory shortSeats)
  {
    return _hold(postings, coversFrom);
  }

  /// @param postings as in {hold}; their sum must be in the market's escrow
  function release(uint256[] calldata postings) external returns (uint256 totalMicro) {
    Market memory market = markets[msg.sender];
    if (market.standing == Standing.Unknown) revert NotMarket(msg.sender);
    mapping(uint256 => ShortfallLib.Margins) storage groups = margins[msg.sender];
    unchecked {
      uint256 sums;
      for (uint256 i; i + 1 < postings.length; i += 2) {
        (uint256 group, uint256 amounts) = (postings[i], postings[i + 1]);
        ShortfallLib.Margins storage margin = groups[group];
        uint256 held = margin.lanes;
        uint256 sum = held + amounts;
        // Two lanes without their guard bits add up to no more than their 42 bits, so that none runs into the next.
        margin.lanes = (amounts | sum) & GUARD == 0 ? sum : _releaseByLane(group, held, amounts);
        sums += (amounts & EVEN_LANES) + (amounts >> LANE_BITS & EVEN_LANES);
      }
      totalMicro = _total(sums);
    }
    if (totalMicro > market.escrowMicro) {
      revert InsufficientEscrow(msg.sender, market.escrowMicro, totalMicro);
    }
    markets[msg.sender].escrowMicro = uint64(market.escrowMicro - totalMicro);
    emit Released(msg.sender, totalMicro);
  }

  // -- internal: owners

  function _requireAdmin() private view {
    bytes32 admin = registry.DEFAULT_ADMIN_ROLE();
    if (!registry.hasRole(admin, msg.sender)) revert NotAuthorised(msg.sender, admin);
  }

  function _ownAccount() private view returns (uint24 account) {
    account = registry.accountOf(msg.sender);
    if (account == 0) revert UnknownParticipant(msg.sender);
  }

  /// @dev The caller's account, whose seat it is.
  function _ownerOf(uint32 seat) private view returns (uint24 account) {
    account = _ownAccount();
    if (memberships.accountOf(seat) != account) revert NotSeatOwner(msg.sender, seat);
  }

  function _requireDue(uint32 seat, uint256 payableAt) private view {
    if (payableAt == 0) revert NoticeMissing(seat);
    if (block.timestamp < payableAt) revert NoticeRunning(seat, payableAt);
    uint256 lapsesAt = payableAt + NOTICE_LAPSES_AFTER_SECONDS;
    if (block.timestamp >= lapsesAt) revert NoticeLapsed(seat, lapsesAt);
  }

  function _transfer(address market, uint32 from, uint32 to, uint256 amountMicro)
    private
    returns (uint256 paidMicro)
  {
    uint64 pair = BindingLib.pairOf(from, to);
    uint256 due = bindings[market].debts[pair] + amountMicro;
    uint256 margin = marginMicro(market, from);
    paidMicro = due < margin ? due : margin;
    if (due != amountMicro || due != paidMicro) {
      (bool hadDebts, bool hasDebts) = bindings[market].setDebt(pair, due - paidMicro);
      if (hasDebts && !hadDebts) ++markets[market].marked;
      if (hadDebts && !hasDebts) --markets[market].marked;
    }
    margins[market][from / LANES].lanes -= paidMicro << _shift(from);
    emit MarginTransferred(from, to, market, paidMicro, due - paidMicro);
    uint256 room = MAX_MARGIN_MICRO - marginMicro(market, to);
    if (paidMicro > room) _overflow(market, to, paidMicro - room);
    margins[market][to / LANES].lanes += (paidMicro < room ? paidMicro : room) << _shift(to);
  }

  /// @dev What exceeds the largest margin goes to the free balance of the seat's account.
  function _overflow(address market, uint32 seat, uint256 amountMicro) private {
    uint24 account = memberships.accountOf(seat);
    if (account == 0) revert MalformedPosting(seat / LANES);
    freeMicro[account] += amountMicro;
    emit MarginOverflowed(seat, market, amountMicro);
  }

  // -- internal: holding

  /// @dev Leaves nothing held when a seat falls short.
  function _hold(uint256[] calldata postings, uint256 coversFrom)
    private
    returns (uint256 totalMicro, uint32[] memory shortSeats)
  {
    Market memory market = markets[msg.sender];
    if (market.standing != Standing.Admitted) revert NotMarket(msg.sender);
    mapping(uint256 => ShortfallLib.Margins) storage groups = margins[msg.sender];
    BindingLib.Bindings storage bindings_ = bindings[msg.sender];
    unchecked {
      uint256 sums;
      for (uint256 i; i + 1 < postings.length; i += 2) {
        (uint256 group, uint256 amounts) = (postings[i], postings[i + 1]);
        ShortfallLib.Margins storage margin = groups[group];
        uint256 held = margin.lanes;
        uint256 bound = market.marked == 0 ? 0 : bindings_.boundLanes(group, held, coversFrom);
        // With the guard bits set in what is held, a lane that falls short loses its own and borrows from no other.
        uint256 left = (held - bound | GUARD) - amounts;
        if ((left & ~amounts & GUARD) != GUARD) {
          return (0, ShortfallLib.shortSeats(groups, bindings_, postings, i, coversFrom));
        }
        margin.lanes = (left ^ GUARD) + bound;
        sums += (amounts & EVEN_LANES) + (amounts >> LANE_BITS & EVEN_LANES);
      }
      totalMicro = _total(sums);
    }
    markets[msg.sender].escrowMicro = uint64(market.escrowMicro + totalMicro);
    emit Held(msg.sender, totalMicro);
  }

  /// @dev Adds amounts lane by lane; what exceeds the largest margin goes to the free balance of the seat's account.
  function _releaseByLane(uint256 group, uint256 held, uint256 amounts) private returns (uint256 lanes) {
    if (amounts >> LANES * LANE_BITS != 0 || group > type(uint32).max / LANES) {
      revert MalformedPosting(group);
    }
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 sum = (held >> LANE_BITS * lane & LANE) + (amounts >> LANE_BITS * lane & LANE);
      if (sum > MAX_MARGIN_MICRO) {
        _overflow(msg.sender, uint32(group * LANES + lane), sum - MAX_MARGIN_MICRO);
        sum = MAX_MARGIN_MICRO;
      }
      lanes |= sum << LANE_BITS * lane;
    }
  }

  /// @dev What three pairs of lanes came to.
  function _total(uint256 sums) private pure returns (uint256) {
    return (sums & PAIR) + (sums >> 84 & PAIR) + (sums >> 168);
  }

  function _shift(uint32 seat) private pure returns (uint256) {
    return seat % LANES * LANE_BITS;
  }
}
