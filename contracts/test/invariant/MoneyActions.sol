// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { vm } from "../support/Vm.sol";
import { GhostAccounts } from "./GhostAccounts.sol";

/// @notice What owners do with their money, and what the registrar and members do with accounts.
abstract contract MoneyActions is GhostAccounts {
  uint256 private constant MAX_DEPOSIT_MICRO = 50_000_000;

  function deposit(uint256 seed) external acts(seed) {
    (uint24 account, address owner) = _anyone();
    _deposit(account, owner, _draw(1, MAX_DEPOSIT_MICRO));
  }

  function withdraw(uint256 seed) external acts(seed) {
    (uint24 account, address owner) = _anyone();
    _withdraw(account, owner, _oneIn(2) ? ghosts[account].freeMicro : _draw(0, ghosts[account].freeMicro));
  }

  function addMargin(uint256 seed) external acts(seed) {
    (uint24 account, address owner) = _anyone();
    _addMargin(account, owner, _draw(0, ghosts[account].freeMicro));
  }

  function announceMarginWithdrawal(uint256 seed) external acts(seed) {
    (uint24 account, address owner) = _anyone();
    _announce(account, owner, _draw(0, ghosts[account].marginMicro));
  }

  function withdrawMargin(uint256 seed) external acts(seed) {
    (uint24 account, address owner) = _anyone();
    if (_oneIn(2) && ghosts[account].payableAt > _now()) vm.warp(ghosts[account].payableAt);
    _withdrawMargin(account, owner);
  }

  /// @dev Tokens that nobody deposited must not become anybody's.
  function gift(uint256 seed) external acts(seed) robsNobody {
    uint256 amountMicro = _draw(1, MAX_DEPOSIT_MICRO);
    token.mint(outsider, amountMicro);
    vm.prank(outsider);
    token.transfer(address(house), amountMicro);
    giftsMicro += amountMicro;
  }

  function passTime(uint256 seed) external acts(seed) {
    vm.warp(_now() + _draw(1, 3 hours));
  }

  function welcome(uint256 seed) external acts(seed) robsNobody {
    if (newcomers == MAX_NEWCOMERS) return;
    ++newcomers;
    _welcome(uint16(_draw(UNIFORM_AREA, NEGATIVE_AREA)));
  }

  function suspend(uint256 seed) external acts(seed) robsNobody {
    (uint24 account,) = _anyone();
    vm.prank(registrar);
    registry.suspend(account);
  }

  function reinstate(uint256 seed) external acts(seed) robsNobody {
    (uint24 account,) = _anyone();
    vm.prank(registrar);
    registry.reinstate(account, bytes32(_draw(1, 100)));
  }

  function joinEntity(uint256 seed) external acts(seed) robsNobody {
    (uint24 account, address owner) = _anyone();
    if (account == communityAccount || _isMember(account)) return;
    vm.prank(owner);
    registry.joinEntity(communityAccount);
  }

  function leaveEntity(uint256 seed) external acts(seed) robsNobody {
    (uint24 account, address owner) = _anyone();
    if (!_isMember(account)) return;
    vm.prank(owner);
    registry.leaveEntity();
  }

  function publishDirectory(uint256 seed) external acts(seed) robsNobody {
    vm.prank(outsider);
    registry.publishDirectory(_draw(0, registry.lastAccount() / 256));
  }

  // -- internal

  function _deposit(uint24 account, address owner, uint256 amountMicro) private robsNobody {
    if (_oneIn(2)) {
      _fundFree(owner, amountMicro);
    } else {
      token.mint(owner, amountMicro);
      uint256 deadline = _now() + 1;
      (uint8 v, bytes32 r, bytes32 s) = _signPermit(owner, owner, amountMicro, token.nonces(owner), deadline);
      vm.prank(owner);
      house.depositWithPermit(amountMicro, deadline, v, r, s);
    }
    ghosts[account].freeMicro += amountMicro;
  }

  function _withdraw(uint24 account, address owner, uint256 amountMicro) internal robsNobody {
    Ghost storage ghost = ghosts[account];
    uint256 tooMuch = ghost.freeMicro + 1;
    _refuses(InsufficientBalance.selector, owner, address(house), abi.encodeCall(house.withdraw, (tooMuch)));
    if (amountMicro == 0) return;
    _letPay(account);
    _take(owner, amountMicro);
    ghost.freeMicro -= amountMicro;
  }

  function _take(address owner, uint256 amountMicro) internal {
    uint256 tokensBefore = token.balanceOf(owner);
    vm.prank(owner);
    house.withdraw(amountMicro);
    vm.assertEq(token.balanceOf(owner), tokensBefore + amountMicro, "withdrawn, not received");
  }

  function _addMargin(uint24 account, address owner, uint256 amountMicro) private robsNobody {
    Ghost storage ghost = ghosts[account];
    bytes memory tooMuch = abi.encodeCall(house.addMargin, (address(pool), ghost.freeMicro + 1));
    _refuses(InsufficientBalance.selector, owner, address(house), tooMuch);
    if (amountMicro == 0) return;
    vm.prank(owner);
    house.addMargin(address(pool), amountMicro);
    ghost.freeMicro -= amountMicro;
    ghost.marginMicro += amountMicro;
  }

  function _announce(uint24 account, address owner, uint256 amountMicro) internal robsNobody {
    Ghost storage ghost = ghosts[account];
    bytes memory tooMuch =
      abi.encodeCall(house.announceMarginWithdrawal, (address(pool), ghost.marginMicro + 1));
    _refuses(InsufficientMargin.selector, owner, address(house), tooMuch);
    if (amountMicro == 0) return;
    vm.prank(owner);
    house.announceMarginWithdrawal(address(pool), amountMicro);
    (ghost.noticeMicro, ghost.payableAt) = (amountMicro, _now() + 2 hours);
  }

  /// @dev Trades may have left less than was announced.
  function _withdrawMargin(uint24 account, address owner) internal robsNobody {
    Ghost storage ghost = ghosts[account];
    bytes memory data = abi.encodeCall(house.withdrawMargin, (address(pool)));
    if (ghost.payableAt == 0) return _refuses(NoticeMissing.selector, owner, address(house), data);
    if (ghost.payableAt > _now()) {
      return _refuses(NoticeRunning.selector, owner, address(house), data);
    }
    if (_now() >= ghost.payableAt + 1 days) {
      return _refuses(NoticeLapsed.selector, owner, address(house), data);
    }
    uint256 amountMicro = ghost.noticeMicro < ghost.marginMicro ? ghost.noticeMicro : ghost.marginMicro;
    vm.prank(owner);
    house.withdrawMargin(address(pool));
    ghost.marginMicro -= amountMicro;
    ghost.freeMicro += amountMicro;
    (ghost.noticeMicro, ghost.payableAt) = (0, 0);
    _refuses(NoticeMissing.selector, owner, address(house), data);
  }

  function _isMember(uint24 account) private view returns (bool) {
    return registry.signerOf(account) != registry.ownerOf(account);
  }
}
