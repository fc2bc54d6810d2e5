// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { AuctionLib } from "../../src/libraries/AuctionLib.sol";
import { OrderLib } from "../../src/libraries/OrderLib.sol";
import { PostingLib } from "../../src/libraries/PostingLib.sol";
import { SettlementLib } from "../../src/libraries/SettlementLib.sol";
import { vm } from "../support/Vm.sol";
import { SSTORE2 } from "solady/utils/SSTORE2.sol";

/// @notice Gas of the kernel's passes by themselves, an order or a position, without storage and calldata.
contract KernelGasTest {
  using AuctionLib for AuctionLib.Walk;
  using OrderLib for OrderLib.Desk;
  using PostingLib for PostingLib.List;

  uint256 private constant ORDERS = 200;

  address private directory;

  function test_Walk() public {
    bytes memory code;
    for (uint256 i; i < 256; ++i) {
      code = bytes.concat(code, abi.encodePacked(vm.addr(77), uint32(1_000_000)));
    }
    directory = SSTORE2.write(code);
    bytes[] memory packed = new bytes[](ORDERS);
    for (uint256 i; i < ORDERS; ++i) {
      packed[i] = _signed(uint16(i + 1), int32(int256(300_000 - i)), uint32(1000 + i));
    }
    bytes memory joined;
    for (uint256 i; i < ORDERS; ++i) {
      joined = bytes.concat(joined, packed[i]);
    }
    AuctionLib.Rationing memory rationing = AuctionLib.Rationing(1, 1, 0, 0);
    (uint256 walk, uint256 commit, uint256 reserve) = this.measure(joined, rationing);
    vm.snapshotValue("Kernel", "walk", walk / ORDERS);
    vm.snapshotValue("Kernel", "commit", commit / ORDERS);
    vm.snapshotValue("Kernel", "reserve", reserve / ORDERS);
  }

  function _signed(uint16 member, int32 price, uint32 quantity) private pure returns (bytes memory) {
    bytes32 hash = keccak256(
      abi.encode(keccak256("type"), uint256(1), uint256(2), member, uint256(0), price, quantity, uint256(0))
    );
    bytes32 digest = keccak256(abi.encodePacked(hex"1901", keccak256("domain"), hash));
    (uint8 v, bytes32 r, bytes32 s) = vm.sign(77, digest);
    bytes32 vs = bytes32(uint256(s) | uint256(v - 27) << 255);
    return abi.encodePacked(r, vs, member, price, quantity, uint8(0));
  }

  function _all() private pure returns (uint256[] memory fresh) {
    fresh = new uint256[](1);
    fresh[0] = type(uint256).max;
  }

  function _directories() private view returns (address[] memory) {
    address[] memory pointers = new address[](1);
    pointers[0] = directory;
    return pointers;
  }

  function measure(bytes calldata packed, AuctionLib.Rationing calldata rationing)
    external
    view
    returns (uint256 walked, uint256 committed, uint256 reserved)
  {
    AuctionLib.Walk memory walk;
    (walk.floor, walk.ceiling) = (0, 400_000);
    walk.desk.readyToHash(keccak256("domain"), keccak256("type"), 1, 2);
    walk.desk.readMembers(255, _all(), _directories());
    AuctionLib.Side memory side;
    uint256 start = gasleft();
    walk.walkSide(side, rationing, 0, 1, packed);
    walked = start - gasleft();
    start = gasleft();
    walk.commit(0, 256, true);
    committed = start - gasleft();
    start = gasleft();
    PostingLib.List memory postings = PostingLib.list(65_536, 65_792, 0);
    SettlementLib.Prices memory prices = SettlementLib.Prices(450_000, 50_000, 20_000);
    for (uint256 i; i < 256; ++i) {
      uint256 total = walk.desk.totals[i];
      if (total == 0) continue;
      uint256 reserve = SettlementLib.reserveOf(
        total >> 127 == 1, uint64(total), int256(uint256(uint64(total)) * 150_000), prices
      );
      postings.add(65_536 + i, reserve);
    }
    reserved = start - gasleft();
  }
}
