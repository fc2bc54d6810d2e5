// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { PoolLib } from "../../src/pool/PoolLib.sol";
import { Fixture } from "../support/Fixture.sol";
import { vm } from "../support/Vm.sol";

/// @dev The compiler takes block.timestamp for constant within a call; this reads it anew after a warp.
interface Clock {
  function getBlockTimestamp() external view returns (uint256);
}

/// @notice A community of three areas on two pages of accounts, and a mirror of everybody's money, kept by the actions
/// with arithmetic of their own. Area 3 has negative prices, and residents who trade there are its supplier, DSO and fund.
abstract contract GhostAccounts is Fixture {
  struct Ghost {
    uint256 freeMicro;
    uint256 marginMicro;
    uint256 reservedMicro;
    uint256 noticeMicro;
    uint256 payableAt;
  }

  uint16 internal constant NEGATIVE_AREA = 3;
  uint256 internal constant PAGE = 768;
  uint256 internal constant PAGES = 2;
  uint256 internal constant FIRST_MARGIN_MICRO = 1_000_000;
  uint256 internal constant MAX_NEWCOMERS = 6;

  address internal community = _actor("community");
  uint24 internal communityAccount;
  uint24[] internal accounts;
  mapping(uint24 account => Ghost) internal ghosts;
  mapping(uint16 areaId => uint24[]) internal traders;
  uint256 internal giftsMicro;
  uint256 internal newcomers;

  uint256 internal calls;
  uint256 private random;
  mapping(uint24 account => uint256) private totalBefore;
  mapping(uint24 account => bool) private mayPay;

  /// @dev An action of the fuzzer. The interesting ones come round by themselves as well, so that no run is idle.
  modifier acts(uint256 seed) {
    random = uint256(keccak256(abi.encode(seed, ++calls)));
    _;
    _keepMoving();
  }

  /// @dev Nobody's total falls, unless the action named the account by {_letPay}: for a call of its owner, or for a
  /// settled trade to which it is a party.
  modifier robsNobody() {
    for (uint256 i; i < accounts.length; ++i) {
      totalBefore[accounts[i]] = _totalOf(accounts[i]);
      mayPay[accounts[i]] = false;
    }
    _;
    for (uint256 i; i < accounts.length; ++i) {
      if (!mayPay[accounts[i]]) {
        vm.assertGe(_totalOf(accounts[i]), totalBefore[accounts[i]], "somebody lost money");
      }
    }
  }

  function setUp() public virtual override {
    super.setUp();
    _follow(supplierAccount);
    _follow(dsoAccount);
    _follow(fundAccount);
    _followTrader(prosumerAccount, UNIFORM_AREA);
    _followTrader(consumerAccount, UNIFORM_AREA);
    communityAccount = _register(community);
    _follow(communityAccount);
    _grant(registry.ENTITY_ROLE(), community);
    uint24 first = _welcome(NEGATIVE_AREA);
    vm.prank(operator);
    pool.createArea(_negativeTerms(), first, consumerAccount, first);
    _settleThree();
    for (uint256 i = uint256(registry.lastAccount()) + 1; i < PAGE; ++i) {
      _register(address(uint160(i << 32)));
    }
    _settleThree();
  }

  function _keepMoving() internal virtual;

  // -- people

  /// @dev Two or three in each area, on the page that is being filled.
  function _settleThree() private {
    for (uint256 i; i < 3; ++i) {
      _welcome(MIDPOINT_AREA);
      _welcome(NEGATIVE_AREA);
      if (i != 0) _welcome(UNIFORM_AREA);
    }
  }

  function _welcome(uint16 areaId) internal returns (uint24 account) {
    address newcomer = _resident(uint256(registry.lastAccount()) + 1);
    account = _register(newcomer);
    _enrol(account, areaId);
    _fundMargin(newcomer, FIRST_MARGIN_MICRO);
    _followTrader(account, areaId);
  }

  function _followTrader(uint24 account, uint16 areaId) private {
    traders[areaId].push(account);
    _follow(account);
  }

  function _follow(uint24 account) private {
    accounts.push(account);
    ghosts[account].marginMicro = _marginOf(account);
  }

  function _anyone() internal returns (uint24 account, address owner) {
    account = accounts[_draw(0, accounts.length - 1)];
    owner = registry.ownerOf(account);
  }

  function _letPay(uint24 account) internal {
    mayPay[account] = true;
  }

  /// @dev What the house says that an account has, and what is reserved for its own orders.
  function _totalOf(uint24 account) private view returns (uint256) {
    return house.freeMicro(account) + _marginOf(account) + ghosts[account].reservedMicro;
  }

  function _topUp(uint24 account, uint256 amountMicro) internal {
    _fundMargin(registry.ownerOf(account), amountMicro);
    ghosts[account].marginMicro += amountMicro;
  }

  // -- refusals

  function _refuses(bytes4 reason, address caller, address target, bytes memory data) internal {
    bytes memory refusal = _refusalOf(caller, target, data);
    vm.assertEq(bytes32(bytes4(refusal)), bytes32(reason));
  }

  function _refuses(address caller, address target, bytes memory data) internal {
    _refusalOf(caller, target, data);
  }

  function _refusalOf(address caller, address target, bytes memory data)
    private
    returns (bytes memory refusal)
  {
    bool isDone;
    vm.prank(caller);
    (isDone, refusal) = target.call(data);
    vm.assertFalse(isDone);
  }

  // -- chance and time

  function _now() internal view returns (uint256) {
    return Clock(address(vm)).getBlockTimestamp();
  }

  function _draw(uint256 low, uint256 high) internal returns (uint256) {
    random = uint256(keccak256(abi.encode(random)));
    return low + random % (high - low + 1);
  }

  function _oneIn(uint256 times) internal returns (bool) {
    return _draw(1, times) == 1;
  }

  function _negativeTerms() private pure returns (PoolLib.Terms memory) {
    return PoolLib.Terms({
      intervalSeconds: INTERVAL_SECONDS,
      gateClosureSeconds: GATE_CLOSURE_SECONDS,
      floor: -90_001,
      ceiling: 210_007,
      upstreamPrice: 233_333,
      surplusPrice: -120_003,
      gridFee: 7_001,
      penaltyPermille: 1377,
      pricing: 0
    });
  }
}
