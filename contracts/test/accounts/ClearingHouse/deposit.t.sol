// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../../src/accounts/ClearingHouse.sol";
import { IMemberships } from "../../../src/accounts/IMemberships.sol";
import { ParticipantRegistry } from "../../../src/accounts/ParticipantRegistry.sol";
import "../../../src/libraries/Errors.sol";
import { HouseFixture } from "../../support/HouseFixture.sol";
import { vm } from "../../support/Vm.sol";
import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @notice A token whose transfers fail by saying so, instead of reverting.
contract RefusingToken {
  function balanceOf(address) external pure returns (uint256) {
    return 0;
  }

  function transferFrom(address, address, uint256) external pure returns (bool) {
    return false;
  }
}

/// @notice A token that keeps a hundredth of each transfer.
contract TollToken is ERC20 {
  constructor() ERC20("Toll", "TOLL") {
    _mint(msg.sender, 1e12);
  }

  function _update(address from, address to, uint256 value) internal override {
    uint256 toll = from == address(0) ? 0 : value / 100;
    super._update(from, to, value - toll);
    if (toll != 0) super._update(from, address(this), toll);
  }
}

/// @notice A token that calls its sender back before it moves anything, and deposits once more from there.
contract RecallingToken is ERC20 {
  ClearingHouse public house;
  bool private isInside;

  constructor() ERC20("Recall", "RCL") { }

  function arm(ClearingHouse house_) external {
    house = house_;
    _mint(address(this), 1e12);
    _approve(address(this), address(house), 1e12);
  }

  function deposit(uint256 amountMicro) external {
    house.deposit(amountMicro);
  }

  function transferFrom(address from, address to, uint256 value) public override returns (bool) {
    if (!isInside) {
      isInside = true;
      house.deposit(value);
    }
    return super.transferFrom(from, to, value);
  }
}

/// @notice Money comes in by deposit, with an allowance or a permit, and goes out by withdrawal (R7.3).
contract DepositTest is HouseFixture {
  uint256 private constant FAR = type(uint256).max;

  address private depositor = _actor("depositor");
  uint24 private account;

  function setUp() public override {
    super.setUp();
    account = _register(depositor);
  }

  // -- deposit

  function testFuzz_ADepositBecomesFreeMoney(uint256 first, uint256 second) public {
    first = _bound(first, 1, 5e13);
    second = _bound(second, 1, 5e13);
    uint256 heldBefore = house.heldMicro();
    _fundFree(depositor, first);
    _fundFree(depositor, second);
    vm.assertEq(house.freeMicro(account), first + second);
    vm.assertEq(house.heldMicro(), heldBefore + first + second);
    _assertConserved();
  }

  function test_ADepositIsAnnounced() public {
    _prepare(500);
    vm.expectEmit(address(house));
    emit ClearingHouse.Deposited(account, 500);
    _deposit(500);
  }

  function test_TheHouseFillsUpToItsCapAndNoFurther() public {
    uint256 room = house.MAX_HELD_MICRO() - house.heldMicro();
    vm.assertEq(house.MAX_HELD_MICRO(), 2 ** 47 - 1);
    _fundFree(depositor, room);
    _prepare(1);
    vm.expectRevert(abi.encodeWithSelector(DepositsTooLarge.selector, 2 ** 47 - 1, 1));
    _deposit(1);

    vm.prank(depositor);
    house.withdraw(1);
    _deposit(1);
    _assertConserved();
  }

  function testFuzz_RevertGiven_DepositAboveTheCap(uint256 amountMicro) public {
    uint256 held = house.heldMicro();
    amountMicro = _bound(amountMicro, house.MAX_HELD_MICRO() - held + 1, type(uint256).max - held);
    vm.expectRevert(abi.encodeWithSelector(DepositsTooLarge.selector, held, amountMicro));
    _deposit(amountMicro);
  }

  function test_RevertGiven_ZeroAmount() public {
    vm.expectRevert(ZeroAmount.selector);
    _deposit(0);
  }

  function test_RevertGiven_UnknownParticipant() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownParticipant.selector, outsider));
    vm.prank(outsider);
    house.deposit(1);
  }

  function test_RevertGiven_NoAllowance() public {
    token.mint(depositor, 10);
    vm.expectRevert(
      abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(house), 0, 10)
    );
    _deposit(10);
  }

  function test_RevertGiven_NotEnoughTokens() public {
    _prepare(10);
    vm.prank(depositor);
    token.approve(address(house), 11);
    vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, depositor, 10, 11));
    _deposit(11);
  }

  function test_RevertGiven_TokenRefuses() public {
    IERC20 refusing = IERC20(address(new RefusingToken()));
    ClearingHouse refused = _newHouse(refusing, registry, areas);
    vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(refusing)));
    vm.prank(depositor);
    refused.deposit(10);
  }

  /// @dev What is credited beyond what arrives would be paid out of the money of others.
  function test_RevertGiven_TheTokenKeepsAFee() public {
    TollToken toll = new TollToken();
    ClearingHouse tolled = _newHouse(toll, registry, areas);
    toll.transfer(depositor, 1_000);
    vm.prank(depositor);
    toll.approve(address(tolled), 500);
    vm.expectRevert(abi.encodeWithSelector(DepositIncomplete.selector, 500, 495));
    vm.prank(depositor);
    tolled.deposit(500);
    vm.assertEq(tolled.freeMicro(account), 0);
  }

  function test_RevertGiven_TheTokenDepositsWithinADeposit() public {
    RecallingToken recalling = new RecallingToken();
    ClearingHouse recalled = _newHouse(recalling, registry, areas);
    recalling.arm(recalled);
    _register(address(recalling));
    vm.expectRevert(abi.encodeWithSelector(DepositIncomplete.selector, 500, 1_000));
    recalling.deposit(500);
  }

  // -- deposit with permit

  function testFuzz_APermitAndADepositInOneCall(uint256 amountMicro) public {
    amountMicro = _bound(amountMicro, 1, 5e13);
    token.mint(depositor, amountMicro);
    _depositWithPermit(amountMicro, FAR, depositor);
    vm.assertEq(house.freeMicro(account), amountMicro);
    vm.assertEq(token.allowance(depositor, address(house)), 0);
    _assertConserved();
  }

  function test_APermitThatSomebodySpentIsNoObstacle() public {
    token.mint(depositor, 700);
    (uint8 v, bytes32 r, bytes32 s) = _permit(700, FAR, depositor);
    vm.prank(outsider);
    token.permit(depositor, address(house), 700, FAR, v, r, s);

    vm.prank(depositor);
    house.depositWithPermit(700, FAR, v, r, s);
    vm.assertEq(house.freeMicro(account), 700);
  }

  function test_AnExpiredPermitIsNoObstacleToAnAllowance() public {
    _prepare(700);
    _depositWithPermit(700, block.timestamp - 1, depositor);
    vm.assertEq(house.freeMicro(account), 700);
  }

  function test_RevertGiven_PermitOfSomebodyElse() public {
    token.mint(depositor, 700);
    (uint8 v, bytes32 r, bytes32 s) = _permit(700, FAR, outsider);
    vm.expectRevert(
      abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(house), 0, 700)
    );
    vm.prank(depositor);
    house.depositWithPermit(700, FAR, v, r, s);
  }

  function test_RevertGiven_PermitSpentTwice() public {
    token.mint(depositor, 1_400);
    (uint8 v, bytes32 r, bytes32 s) = _permit(700, FAR, depositor);
    vm.prank(depositor);
    house.depositWithPermit(700, FAR, v, r, s);

    vm.expectRevert(
      abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, address(house), 0, 700)
    );
    vm.prank(depositor);
    house.depositWithPermit(700, FAR, v, r, s);
  }

  function test_RevertGiven_PermitOfAnUnknownParticipant() public {
    (uint8 v, bytes32 r, bytes32 s) = _permit(700, FAR, outsider);
    vm.expectRevert(abi.encodeWithSelector(UnknownParticipant.selector, outsider));
    vm.prank(outsider);
    house.depositWithPermit(700, FAR, v, r, s);
  }

  function test_RevertGiven_PermitForNothing() public {
    (uint8 v, bytes32 r, bytes32 s) = _permit(0, FAR, depositor);
    vm.expectRevert(ZeroAmount.selector);
    vm.prank(depositor);
    house.depositWithPermit(0, FAR, v, r, s);
  }

  // -- withdrawal

  function testFuzz_TheFreeBalanceCanAlwaysBeWithdrawn(uint256 deposited, uint256 first) public {
    deposited = _bound(deposited, 2, 5e13);
    first = _bound(first, 1, deposited - 1);
    _fundFree(depositor, deposited);
    vm.prank(registrar);
    registry.suspend(account);

    vm.expectEmit(address(house));
    emit ClearingHouse.Withdrawn(account, first);
    vm.prank(depositor);
    house.withdraw(first);
    _assertConserved();
    vm.prank(depositor);
    house.withdraw(deposited - first);
    vm.assertEq(token.balanceOf(depositor), deposited);
    vm.assertEq(house.freeMicro(account), 0);
    _assertConserved();
  }

  function testFuzz_RevertGiven_WithdrawalOfMoreThanIsFree(uint256 freeMicro, uint256 amountMicro) public {
    freeMicro = _bound(freeMicro, 1, 5e13);
    amountMicro = _bound(amountMicro, freeMicro + 1, type(uint256).max);
    _fundFree(depositor, freeMicro);
    vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, account, freeMicro, amountMicro));
    vm.prank(depositor);
    house.withdraw(amountMicro);
  }

  function test_RevertGiven_WithdrawalOfMargin() public {
    _fundMargin(address(market), _seat(AREA, _enrol(account, AREA)), 100);
    vm.expectRevert(abi.encodeWithSelector(InsufficientBalance.selector, account, 0, 100));
    vm.prank(depositor);
    house.withdraw(100);
  }

  function test_RevertGiven_WithdrawalOfNothing() public {
    vm.expectRevert(ZeroAmount.selector);
    vm.prank(depositor);
    house.withdraw(0);
  }

  function test_RevertGiven_WithdrawalByAnUnknownParticipant() public {
    vm.expectRevert(abi.encodeWithSelector(UnknownParticipant.selector, outsider));
    vm.prank(outsider);
    house.withdraw(1);
  }

  // -- deployment

  function test_RevertGiven_NoToken() public {
    vm.expectRevert(ZeroAddress.selector);
    _newHouse(IERC20(address(0)), registry, areas);
  }

  function test_RevertGiven_NoRegistry() public {
    vm.expectRevert(ZeroAddress.selector);
    _newHouse(token, ParticipantRegistry(address(0)), areas);
  }

  function test_RevertGiven_NoMemberships() public {
    vm.expectRevert(ZeroAddress.selector);
    _newHouse(token, registry, IMemberships(address(0)));
  }

  // -- internal

  function _prepare(uint256 amountMicro) private {
    token.mint(depositor, amountMicro);
    vm.prank(depositor);
    token.approve(address(house), amountMicro);
  }

  function _deposit(uint256 amountMicro) private {
    vm.prank(depositor);
    house.deposit(amountMicro);
  }

  function _depositWithPermit(uint256 amountMicro, uint256 deadline, address signer) private {
    (uint8 v, bytes32 r, bytes32 s) = _permit(amountMicro, deadline, signer);
    vm.prank(depositor);
    house.depositWithPermit(amountMicro, deadline, v, r, s);
  }

  /// @dev A permit for the depositor's tokens, signed by `signer`.
  function _permit(uint256 amountMicro, uint256 deadline, address signer)
    private
    view
    returns (uint8 v, bytes32 r, bytes32 s)
  {
    return _signPermit(signer, depositor, amountMicro, token.nonces(depositor), deadline);
  }
}
