// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ClearingHouse } from "../../src/accounts/ClearingHouse.sol";

/// @notice A market without rules of its own: it posts whatever it is told to, as a faulty market might.
contract BareMarket {
  ClearingHouse private immutable house;

  constructor(ClearingHouse house_) {
    house = house_;
  }

  function hold(uint256[] calldata postings, uint256 coversFrom) external returns (uint256) {
    return house.hold(postings, coversFrom);
  }

  function tryHold(uint256[] calldata postings, uint256 coversFrom)
    external
    returns (uint256, uint32[] memory)
  {
    return house.tryHold(postings, coversFrom);
  }

  function transfer(uint32 from, uint32 to, uint256 amountMicro) external returns (uint256) {
    return house.transfer(from, to, amountMicro);
  }

  function release(uint256[] calldata postings) external returns (uint256) {
    return house.release(postings);
  }
}
