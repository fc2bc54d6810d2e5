// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A double auction as one would first write it on a chain, to measure PoolMarket against: each participant sends
/// its own transaction, orders are kept sorted in storage, the two heads are matched until they no longer cross, and money
/// moves between internal balances. No escrow, no readings, no grid fee, no area: it does less than PoolMarket.
/// @dev Kept fair: an order fills one storage slot, and no more of the array is moved than a sorted array needs.
contract NaiveAuction {
  struct Order {
    address owner;
    uint48 limitPriceMicroPerKwh;
    uint48 energyWh;
  }

  uint256 private constant WH_PER_KWH = 1000;

  /// @notice Best first: falling limit price.
  Order[] public bids;
  /// @notice Best first: rising limit price.
  Order[] public offers;
  mapping(address owner => uint256) public balanceMicro;

  event Traded(address indexed buyer, address indexed seller, uint256 energyWh, uint256 priceMicroPerKwh);

  /// @notice Gives out play money, so that no balance starts from zero.
  function endow(address[] calldata owners, uint256 amountMicro) external {
    for (uint256 i; i < owners.length; ++i) {
      balanceMicro[owners[i]] += amountMicro;
    }
  }

  function bid(uint48 limitPriceMicroPerKwh, uint48 energyWh) external {
    bids.push();
    uint256 place = bids.length - 1;
    for (; place > 0 && bids[place - 1].limitPriceMicroPerKwh < limitPriceMicroPerKwh; --place) {
      bids[place] = bids[place - 1];
    }
    bids[place] = Order(msg.sender, limitPriceMicroPerKwh, energyWh);
  }

  function offer(uint48 limitPriceMicroPerKwh, uint48 energyWh) external {
    offers.push();
    uint256 place = offers.length - 1;
    for (; place > 0 && offers[place - 1].limitPriceMicroPerKwh > limitPriceMicroPerKwh; --place) {
      offers[place] = offers[place - 1];
    }
    offers[place] = Order(msg.sender, limitPriceMicroPerKwh, energyWh);
  }

  /// @notice Matches the heads at the midpoint of their limit prices. Once they no longer cross, empties the book for the
  /// next interval; after `maxTrades` trades it stops before that, to be called again.
  function auction(uint256 maxTrades) external {
    for (uint256 trades; bids.length > 0 && offers.length > 0; ++trades) {
      Order memory buyer = bids[0];
      Order memory seller = offers[0];
      if (buyer.limitPriceMicroPerKwh < seller.limitPriceMicroPerKwh) break;
      if (trades == maxTrades) return;
      uint48 energyWh = buyer.energyWh < seller.energyWh ? buyer.energyWh : seller.energyWh;
      _trade(buyer, seller, energyWh);
      if (energyWh == buyer.energyWh) _removeHead(bids);
      else bids[0].energyWh = buyer.energyWh - energyWh;
      if (energyWh == seller.energyWh) _removeHead(offers);
      else offers[0].energyWh = seller.energyWh - energyWh;
    }
    delete bids;
    delete offers;
  }

  function _trade(Order memory buyer, Order memory seller, uint256 energyWh) private {
    uint256 price = (uint256(buyer.limitPriceMicroPerKwh) + seller.limitPriceMicroPerKwh) / 2;
    uint256 amountMicro = energyWh * price / WH_PER_KWH;
    balanceMicro[buyer.owner] -= amountMicro;
    balanceMicro[seller.owner] += amountMicro;
    emit Traded(buyer.owner, seller.owner, energyWh, price);
  }

  function _removeHead(Order[] storage orders) private {
    uint256 last = orders.length - 1;
    for (uint256 i; i < last; ++i) {
      orders[i] = orders[i + 1];
    }
    orders.pop();
  }
}
