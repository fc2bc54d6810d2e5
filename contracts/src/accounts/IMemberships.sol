// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What accounts know of the areas above them: whose a seat is, and whom to tell that an account changed.
/// @dev A seat is a member of an area: areaId << 16 | member. It belongs to one account for ever.
interface IMemberships {
  /// @return account zero for a seat that nobody ever had
  function accountOf(uint32 seat) external view returns (uint24 account);

  /// @notice Forgets what is published of the signer of an account, in each of its areas.
  function forget(uint24 account) external;
}
