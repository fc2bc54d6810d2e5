// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { Address } from "@openzeppelin/contracts/utils/Address.sol";

/// @notice A market that takes several calls in one transaction: what is due is settled and what comes is cleared, and a slot
/// that both write is paid for once.
/// @dev OpenZeppelin's Multicall copies each call to append a context that no market has.
abstract contract SeveralCalls {
  /// @notice Makes all calls, or none.
  function multicall(bytes[] calldata data) external returns (bytes[] memory results) {
    results = new bytes[](data.length);
    for (uint256 i; i < data.length; ++i) {
      (bool isDone, bytes memory result) = address(this).delegatecall(data[i]);
      results[i] = Address.verifyCallResult(isDone, result);
    }
  }
}
