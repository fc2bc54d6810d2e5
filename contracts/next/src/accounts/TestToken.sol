// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @notice A settlement currency for demonstrations and tests: six decimals, and its deployer hands it out.
/// A real network names its own ERC-20 instead.
contract TestToken is ERC20, ERC20Permit {
  address public immutable issuer = msg.sender;

  error NotIssuer(address caller);

  constructor() ERC20("Commonwatt test currency", "CWT") ERC20Permit("Commonwatt test currency") { }

  function decimals() public pure override returns (uint8) {
    return 6;
  }

  function mint(address to, uint256 amountMicro) external {
    if (msg.sender != issuer) revert NotIssuer(msg.sender);
    _mint(to, amountMicro);
  }
}
