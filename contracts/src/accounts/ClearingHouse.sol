// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../libraries/Errors.sol";
import { PostingLib } from "../libraries/PostingLib.sol";
import { IMemberships } from "./IMemberships.sol";
import { ParticipantRegistry } from "./ParticipantRegistry.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { LibBit } from "solady/utils/LibBit.sol";

/// @notice The only contract that holds money (R7.3). An account has a free balance, which it can always withdraw, and in
/// each market a margin for each of its seats. A market moves margin into its own escrow and back, never more than it
/// holds there: a fault in one market cannot touch the money of another, or a free balance.
/// @dev Six margins of 42 bits share a slot: seat n is lane n % 6 of group n / 6. The top bit of each lane is free to
/// show a lane that falls short or overflows; a margin is at most 2⁴¹ − 1 micro, and what a release brings beyond that
/// goes to the free balance. Invariant: Σ free + Σ margin + Σ escrow = heldMicro ≤ tokens of this contract.
contract ClearingHouse {
  using SafeERC20 for IERC20;

  /// @notice Margin leaves a market this long after it was announced, so that orders under way stay covered.
  uint256 public constant MARGIN_NOTICE_SECONDS = 2 hours;
  /// @notice A notice lapses this long after it fell due; without that, one old notice would let margin leave at any
  /// second, from under a clearing that counts on it.
  uint256 public constant NOTICE_LAPSES_AFTER_SECONDS = 1 hours;
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
  /// @dev Groups whose notices share a word, a bit a seat.
  uint256 private constant NOTICE_GROUPS = 42;

  enum Standing {
    Unknown,
    Admitted,
    Retired
  }

  /// @param notices how many of its seats have a notice that was not used
  struct Market {
    Standing standing;
    uint64 escrowMicro;
    uint32 notices;
  }

  struct MarginNotice {
    uint64 amountMicro;
    uint64 payableAt;
  }

  /// @dev A struct, so that a group is looked up once to be read and written.
  struct Margins {
    uint256 lanes;
  }

  IERC20 public immutable token;
  ParticipantRegistry public immutable registry;
  IMemberships public immutable memberships;

  uint256 public heldMicro;
  mapping(uint24 account => uint256) public freeMicro;
  mapping(address market => Market) public markets;
  mapping(address market => mapping(uint32 seat => MarginNotice)) public noticeOf;
  mapping(address market => mapping(uint256 word => uint256 bits)) private noticeBits;
  mapping(address market => mapping(uint256 group => Margins)) private margins;

  event MarketAdmitted(address indexed market);
  event MarketRetired(address indexed market);
  event Deposited(uint24 indexed account, uint256 amountMicro);
  event Withdrawn(uint24 indexed account, uint256 amountMicro);
  event MarginAdded(uint32 indexed seat, address indexed market, uint256 amountMicro);
  event MarginWithdrawalAnnounced(
    uint32 indexed seat, address indexed market, uint256 amountMicro, uint256 payableAt
  );
  event MarginWithdrawn(uint32 indexed seat, address indexed market, uint256 amountMicro);
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
    if (noticeOf[market][seat].payableAt == 0) _countNotice(market, seat, true);
    noticeOf[market][seat] = MarginNotice({ amountMicro: uint64(amountMicro), payableAt: payableAt });
    emit MarginWithdrawalAnnounced(seat, market, amountMicro, payableAt);
  }

  /// @notice Frees the announced margin, or what trades left of it; all of it at once where the market is retired.
  function withdrawMargin(address market, uint32 seat) external {
    uint24 account = _ownerOf(seat);
    uint256 amountMicro = marginMicro(market, seat);
    MarginNotice memory notice = noticeOf[market][seat];
    if (markets[market].standing != Standing.Retired) {
      _requireDue(seat, notice.payableAt);
      if (notice.amountMicro < amountMicro) amountMicro = notice.amountMicro;
    }
    if (notice.payableAt != 0) {
      delete noticeOf[market][seat];
      _countNotice(market, seat, false);
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
    return margin - _boundMicro(noticeOf[market][seat], margin, coversFrom);
  }

  function escrowMicro(address market) external view returns (uint256) {
    return markets[market].escrowMicro;
  }

  // -- the market's side: margin to escrow, escrow to margin, nothing else

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
    mapping(uint256 => Margins) storage groups = margins[msg.sender];
    unchecked {
      uint256 sums;
      for (uint256 i; i + 1 < postings.length; i += 2) {
        (uint256 group, uint256 amounts) = (postings[i], postings[i + 1]);
        Margins storage margin = groups[group];
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

  function _countNotice(address market, uint32 seat, bool isNew) private {
    noticeBits[market][seat / (LANES * NOTICE_GROUPS)] ^= 1 << seat % (LANES * NOTICE_GROUPS);
    if (isNew) ++markets[market].notices;
    else --markets[market].notices;
  }

  // -- internal: holding

  /// @dev Leaves nothing held when a seat falls short.
  function _hold(uint256[] calldata postings, uint256 coversFrom)
    private
    returns (uint256 totalMicro, uint32[] memory shortSeats)
  {
    Market memory market = markets[msg.sender];
    if (market.standing != Standing.Admitted) revert NotMarket(msg.sender);
    mapping(uint256 => Margins) storage groups = margins[msg.sender];
    unchecked {
      uint256 sums;
      for (uint256 i; i + 1 < postings.length; i += 2) {
        (uint256 group, uint256 amounts) = (postings[i], postings[i + 1]);
        Margins storage margin = groups[group];
        uint256 held = margin.lanes;
        uint256 bound = market.notices == 0 ? 0 : _boundLanes(group, held, coversFrom);
        // With the guard bits set in what is held, a lane that falls short loses its own and borrows from no other.
        uint256 left = (held - bound | GUARD) - amounts;
        if ((left & ~amounts & GUARD) != GUARD) return (0, _shortSeats(postings, i, coversFrom));
        margin.lanes = (left ^ GUARD) + bound;
        sums += (amounts & EVEN_LANES) + (amounts >> LANE_BITS & EVEN_LANES);
      }
      totalMicro = _total(sums);
    }
    markets[msg.sender].escrowMicro = uint64(market.escrowMicro + totalMicro);
    emit Held(msg.sender, totalMicro);
  }

  /// @dev Gives back the postings before `end`, walks over all of them lane by lane to name each seat that falls short,
  /// and leaves the margins as they were.
  function _shortSeats(uint256[] calldata postings, uint256 end, uint256 coversFrom)
    private
    returns (uint32[] memory shortSeats)
  {
    mapping(uint256 => Margins) storage groups = margins[msg.sender];
    for (uint256 i; i < end; i += 2) {
      groups[postings[i]].lanes += postings[i + 1];
    }
    uint256 count = postings.length / 2;
    uint256[] memory taken = new uint256[](count);
    uint256[] memory shortBits = new uint256[](count);
    uint256 found;
    for (uint256 i; i < count; ++i) {
      (taken[i], shortBits[i]) = _takeByLane(postings[2 * i], postings[2 * i + 1], coversFrom);
      found += LibBit.popCount(shortBits[i]);
    }
    shortSeats = new uint32[](found);
    found = 0;
    for (uint256 i; i < count; ++i) {
      groups[postings[2 * i]].lanes += taken[i];
      for (uint256 lane; lane < LANES; ++lane) {
        if (shortBits[i] >> lane & 1 == 1) shortSeats[found++] = uint32(postings[2 * i] * LANES + lane);
      }
    }
  }

  /// @dev Takes what the lanes of a group can give, and says which of them cannot.
  function _takeByLane(uint256 group, uint256 amounts, uint256 coversFrom)
    private
    returns (uint256 taken, uint256 shortBits)
  {
    if (amounts >> LANES * LANE_BITS != 0 || group > type(uint32).max / LANES) {
      revert MalformedPosting(group);
    }
    Margins storage margin = margins[msg.sender][group];
    uint256 held = margin.lanes;
    uint256 counted = held - _boundLanes(group, held, coversFrom);
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 amount = amounts >> LANE_BITS * lane & LANE;
      if (amount > counted >> LANE_BITS * lane & LANE) shortBits |= 1 << lane;
      else taken |= amount << LANE_BITS * lane;
    }
    margin.lanes = held - taken;
  }

  /// @dev What of a group's margins is bound by notices, lane by lane; never more than they hold.
  function _boundLanes(uint256 group, uint256 held, uint256 coversFrom) private view returns (uint256 bound) {
    uint256 bits = noticeBits[msg.sender][group / NOTICE_GROUPS] >> group % NOTICE_GROUPS * LANES;
    for (uint256 lane; lane < LANES; ++lane) {
      if (bits >> lane & 1 == 0) continue;
      MarginNotice memory notice = noticeOf[msg.sender][uint32(group * LANES + lane)];
      uint256 shift = LANE_BITS * lane;
      bound |= _boundMicro(notice, held >> shift & LANE, coversFrom) << shift;
    }
  }

  /// @dev What of a margin leaves before `coversFrom`, if its owner uses the notice.
  function _boundMicro(MarginNotice memory notice, uint256 margin, uint256 coversFrom)
    private
    view
    returns (uint256)
  {
    bool isBinding = notice.payableAt != 0 && coversFrom > notice.payableAt
      && block.timestamp < notice.payableAt + NOTICE_LAPSES_AFTER_SECONDS;
    if (!isBinding) return 0;
    return notice.amountMicro < margin ? notice.amountMicro : margin;
  }

  /// @dev Adds amounts lane by lane; what exceeds the largest margin goes to the free balance of the seat's account.
  function _releaseByLane(uint256 group, uint256 held, uint256 amounts) private returns (uint256 lanes) {
    if (amounts >> LANES * LANE_BITS != 0 || group > type(uint32).max / LANES) {
      revert MalformedPosting(group);
    }
    for (uint256 lane; lane < LANES; ++lane) {
      uint256 sum = (held >> LANE_BITS * lane & LANE) + (amounts >> LANE_BITS * lane & LANE);
      if (sum > MAX_MARGIN_MICRO) {
        uint32 seat = uint32(group * LANES + lane);
        uint24 account = memberships.accountOf(seat);
        if (account == 0) revert MalformedPosting(group);
        freeMicro[account] += sum - MAX_MARGIN_MICRO;
        emit MarginOverflowed(seat, msg.sender, sum - MAX_MARGIN_MICRO);
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
