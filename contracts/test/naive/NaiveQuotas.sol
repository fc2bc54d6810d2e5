// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Chapter 9's contract as one would first write it, to measure QuotaMarket against: each station sends its own transaction,
/// bids and offers are kept sorted in storage (R9.15), the heads are matched and the arrays shifted (R9.9), and everything is stored:
/// stations, quotas, readings, money. Beside QuotaMarket it does less: no area, no signatures, no windows, no proofs of readings, no
/// margins with notice; money is internal balances.
/// @dev Kept fair: a station of a period, an order and a reading fill one storage slot each; no more of an array is moved
/// than a sorted array needs; one transaction reports the readings of all stations. Amounts are whole where prices are multiples of
/// 2000 micro per kW; then it comes to the same as QuotaMarket at midpoints, unless two orders have one price at the margin.
contract NaiveQuotas {
  struct Order {
    address owner;
    uint48 priceMicroPerKw;
    uint48 quotaW;
  }

  struct Station {
    uint32 demandW;
    uint32 quotaW;
    uint64 depositMicro;
    bool hasOrder;
    bool isPaid;
    bool isWithdrawn;
  }

  struct Period {
    Stage stage;
    uint32 marginW;
    uint32 tariffMicroPerKwh;
  }

  struct Readings {
    uint128 firstWh;
    uint128 secondWh;
  }

  enum Stage {
    None,
    Open,
    Fits,
    Rationed,
    Cleared
  }

  uint256 private constant PERIOD_SECONDS = 1800;
  uint256 private constant SECONDS_PER_HOUR = 3600;
  uint256 private constant PENALTY_FACTOR = 2;
  uint256 private constant PER_THOUSAND = 1000;

  address public immutable dso = msg.sender;

  /// @notice Best first: falling price.
  Order[] public bids;
  /// @notice Best first: rising price.
  Order[] public offers;
  mapping(address owner => uint256) public balanceMicro;
  mapping(uint256 period => Period) public periods;
  mapping(uint256 period => address[]) public owners;
  mapping(uint256 period => mapping(address owner => Station)) public stations;
  mapping(uint256 period => mapping(address owner => Readings)) public readings;

  event Traded(address indexed buyer, address indexed seller, uint256 quotaW, uint256 priceMicroPerKw);

  modifier onlyDso() {
    require(msg.sender == dso, "not the DSO");
    _;
  }

  /// @notice Gives out play money, so that no balance starts from zero.
  function endow(address[] calldata to, uint256 amountMicro) external {
    for (uint256 i; i < to.length; ++i) {
      balanceMicro[to[i]] += amountMicro;
    }
  }

  function initialize(uint256 period, uint32 marginW, uint32 tariffMicroPerKwh) external onlyDso {
    require(periods[period].stage == Stage.None, "initialized");
    periods[period] = Period(Stage.Open, marginW, tariffMicroPerKwh);
  }

  function submitDemand(uint256 period, uint32 demandW, uint64 depositMicro) external {
    Period memory here = periods[period];
    require(here.stage == Stage.Open, "not open");
    require(demandW != 0 && stations[period][msg.sender].demandW == 0, "demanded");
    require(depositMicro >= _needed(here, demandW, demandW), "deposit too small");
    balanceMicro[msg.sender] -= depositMicro;
    stations[period][msg.sender] = Station(demandW, 0, depositMicro, false, false, false);
    owners[period].push(msg.sender);
  }

  /// @notice Whole watts by the largest remainder, of equal ones to who demanded first.
  function allocate(uint256 period) external {
    Period memory here = periods[period];
    require(here.stage == Stage.Open, "not open");
    address[] memory all = owners[period];
    uint256[] memory quotasW = new uint256[](all.length);
    uint256 totalW;
    for (uint256 i; i < all.length; ++i) {
      quotasW[i] = stations[period][all[i]].demandW;
      totalW += quotasW[i];
    }
    bool isRationed = totalW > here.marginW;
    if (isRationed) _ration(quotasW, totalW, here.marginW);
    for (uint256 i; i < all.length; ++i) {
      stations[period][all[i]].quotaW = uint32(quotasW[i]);
    }
    periods[period].stage = isRationed ? Stage.Rationed : Stage.Fits;
  }

  function bid(uint256 period, uint48 priceMicroPerKw, uint48 quotaW) external {
    Station storage station = _ordering(period);
    Period memory here = periods[period];
    uint256 bidMicro = uint256(quotaW) * priceMicroPerKw / PER_THOUSAND;
    uint256 needed = _needed(here, station.demandW, station.quotaW + quotaW) + bidMicro;
    require(station.depositMicro >= needed, "bid not covered");
    bids.push();
    uint256 place = bids.length - 1;
    for (; place > 0 && bids[place - 1].priceMicroPerKw < priceMicroPerKw; --place) {
      bids[place] = bids[place - 1];
    }
    bids[place] = Order(msg.sender, priceMicroPerKw, quotaW);
  }

  function offer(uint256 period, uint48 priceMicroPerKw, uint48 quotaW) external {
    require(quotaW <= _ordering(period).quotaW, "offers more than its quota");
    offers.push();
    uint256 place = offers.length - 1;
    for (; place > 0 && offers[place - 1].priceMicroPerKw > priceMicroPerKw; --place) {
      offers[place] = offers[place - 1];
    }
    offers[place] = Order(msg.sender, priceMicroPerKw, quotaW);
  }

  /// @notice Algorithm 1: matches the heads at the midpoint of their prices; both heads go where both are used up (E9.8).
  function auction(uint256 period) external onlyDso {
    require(periods[period].stage == Stage.Rationed, "not rationed");
    periods[period].stage = Stage.Cleared;
    while (bids.length > 0 && offers.length > 0) {
      Order memory buyer = bids[0];
      Order memory seller = offers[0];
      if (buyer.priceMicroPerKw < seller.priceMicroPerKw) break;
      uint48 quotaW = buyer.quotaW < seller.quotaW ? buyer.quotaW : seller.quotaW;
      _trade(period, buyer, seller, quotaW);
      if (quotaW == buyer.quotaW) _removeHead(bids);
      else bids[0].quotaW = buyer.quotaW - quotaW;
      if (quotaW == seller.quotaW) _removeHead(offers);
      else offers[0].quotaW = seller.quotaW - quotaW;
    }
    delete bids;
    delete offers;
  }

  /// @notice What stations imported in one of the two intervals of a period.
  function report(uint256 period, uint256 interval, address[] calldata of_, uint128[] calldata importWh)
    external
    onlyDso
  {
    for (uint256 i; i < of_.length; ++i) {
      Readings storage reading = readings[period][of_[i]];
      if (interval == 0) reading.firstWh = importWh[i];
      else reading.secondWh = importWh[i];
    }
  }

  function pay(uint256 period) external {
    Station storage station = stations[period][msg.sender];
    require(station.demandW != 0 && !station.isPaid, "nothing to pay");
    Readings memory reading = readings[period][msg.sender];
    uint256 tariff = periods[period].tariffMicroPerKwh;
    uint256 allowedWh = _energyWhOf(station.quotaW, PERIOD_SECONDS / 2);
    uint256 excessWh = _above(reading.firstWh, allowedWh) + _above(reading.secondWh, allowedWh);
    uint256 meteredWh = uint256(reading.firstWh) + reading.secondWh;
    uint256 owedMicro = _feeOf(tariff, meteredWh) + _feeOf(tariff, PENALTY_FACTOR * excessWh);
    uint256 paidMicro = owedMicro < station.depositMicro ? owedMicro : station.depositMicro;
    station.depositMicro -= uint64(paidMicro);
    station.isPaid = true;
    balanceMicro[dso] += paidMicro;
  }

  function withdraw(uint256 period) external {
    Station storage station = stations[period][msg.sender];
    require(station.isPaid && !station.isWithdrawn, "not paid, or withdrawn");
    station.isWithdrawn = true;
    balanceMicro[msg.sender] += station.depositMicro;
    station.depositMicro = 0;
  }

  function stationOf(uint256 period, address owner) external view returns (Station memory) {
    return stations[period][owner];
  }

  /// @dev One order a station, which is on one side (R9.7).
  function _ordering(uint256 period) private returns (Station storage station) {
    require(periods[period].stage == Stage.Rationed, "not rationed");
    station = stations[period][msg.sender];
    require(station.demandW != 0 && !station.hasOrder, "no demand, or has an order");
    station.hasOrder = true;
  }

  function _ration(uint256[] memory quotasW, uint256 totalW, uint256 marginW) private pure {
    uint256[] memory remainders = new uint256[](quotasW.length);
    uint256 leftW = marginW;
    for (uint256 i; i < quotasW.length; ++i) {
      uint256 product = quotasW[i] * marginW;
      quotasW[i] = product / totalW;
      // One more than it is, so that zero means raised.
      remainders[i] = product % totalW + 1;
      leftW -= quotasW[i];
    }
    for (; leftW != 0; --leftW) {
      uint256 best;
      for (uint256 i = 1; i < remainders.length; ++i) {
        if (remainders[i] > remainders[best]) best = i;
      }
      remainders[best] = 0;
      ++quotasW[best];
    }
  }

  function _trade(uint256 period, Order memory buyer, Order memory seller, uint48 quotaW) private {
    uint256 price = (uint256(buyer.priceMicroPerKw) + seller.priceMicroPerKw) / 2;
    uint256 amountMicro = quotaW * price / PER_THOUSAND;
    Station storage buying = stations[period][buyer.owner];
    buying.depositMicro -= uint64(amountMicro);
    buying.quotaW += uint32(quotaW);
    stations[period][seller.owner].quotaW -= uint32(quotaW);
    balanceMicro[seller.owner] += amountMicro;
    emit Traded(buyer.owner, seller.owner, quotaW, price);
  }

  function _removeHead(Order[] storage orders) private {
    uint256 last = orders.length - 1;
    for (uint256 i; i < last; ++i) {
      orders[i] = orders[i + 1];
    }
    orders.pop();
  }

  /// @dev AMB-23: fee of the most that it may draw, and penalty for all that it asked for.
  function _needed(Period memory here, uint256 demandW, uint256 quotaW) private pure returns (uint256) {
    uint256 mostW = demandW > quotaW ? demandW : quotaW;
    uint256 tariff = here.tariffMicroPerKwh;
    return _feeOf(tariff, _energyWhOf(mostW, PERIOD_SECONDS))
      + _feeOf(tariff, PENALTY_FACTOR * _energyWhOf(demandW, PERIOD_SECONDS));
  }

  function _energyWhOf(uint256 powerW, uint256 seconds_) private pure returns (uint256) {
    return (powerW * seconds_ + SECONDS_PER_HOUR - 1) / SECONDS_PER_HOUR;
  }

  function _feeOf(uint256 tariff, uint256 energyWh) private pure returns (uint256) {
    return (tariff * energyWh + PER_THOUSAND - 1) / PER_THOUSAND;
  }

  function _above(uint256 importWh, uint256 allowedWh) private pure returns (uint256) {
    return importWh > allowedWh ? importWh - allowedWh : 0;
  }
}
