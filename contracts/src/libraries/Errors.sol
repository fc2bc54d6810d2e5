// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// All refusals of the contracts on one page. Energy in Wh, money in micro, prices in micro per kWh, times in unix
// seconds. src/chain/contractRefusal.ts decodes them.

// Who may
error NotAuthorised(address caller, bytes32 role);
error NotOwner(address caller, uint24 account);
error NotMarket(address caller);
error NotClaimant(address caller, uint8 purpose);

// Participants and metering points
error AlreadyRegistered(address participant, uint24 account);
error UnknownAccount(uint24 account);
error UnknownDirectory(uint256 directory);
error UnknownParticipant(address participant);
error RegistryFull(uint256 accounts);
error ZeroAddress();
error NotAnEntity(uint24 account);
error EntityCannotJoin(uint24 account);
error AlreadyMember(uint24 account, uint24 entity);
error NotAMember(uint24 account);
error MeterAlreadyEnrolled(bytes32 meterId, uint24 account);
error AccountHasMeter(uint24 account, bytes32 meterId);
error UnknownMeter(bytes32 meterId);
error RevokedDeviceKey(bytes32 meterId, address deviceKey);
error InvalidCertificate(bytes32 meterId, address deviceKey, address signer);

// Money
error ZeroAmount();
error InsufficientBalance(uint24 account, uint256 availableMicro, uint256 neededMicro);
error InsufficientMargin(uint24 account, uint256 availableMicro, uint256 neededMicro);
error InsufficientEscrow(address market, uint256 availableMicro, uint256 neededMicro);
error AmountTooLarge(uint24 account, uint256 amountMicro);
error MarginTooLarge(uint24 account, uint256 marginMicro, uint256 addedMicro);
error MalformedPosting(uint256 group);
error DepositsTooLarge(uint256 heldMicro, uint256 addedMicro);
error NoticeMissing(uint24 account);
error NoticeLapsed(uint24 account, uint256 lapsedAt);
error NoticeRunning(uint24 account, uint256 payableAt);

// Readings and claims
error ReadingsMissing(uint16 areaId, uint32 intervalId);
error ReadingsInUse(uint16 areaId, uint32 intervalId);
error TooManyVersions(uint16 areaId, uint32 intervalId);
error EmptyRoot(uint16 areaId, uint32 intervalId);
error ReadingNotProven(uint16 areaId, uint32 intervalId, uint24 account);
error SegmentNotProven(uint16 areaId, uint32 intervalId, uint16 page);
error AlreadyClaimed(uint16 areaId, uint32 intervalId, uint16 page, uint8 purpose);
error ClaimExceedsReading(uint24 account, uint256 claimedWh, uint256 addedWh, uint256 meteredWh);

// Areas and clearings
error UnknownArea(uint16 areaId);
error InvalidTerms(uint8 fault);
error SupplyNotAccepted(uint16 areaId);
error WrongPricing(uint16 areaId);
error GateOpen(uint32 intervalId, uint256 closesAt);
error DeliveryOver(uint32 intervalId, uint256 endsAt);
error DeliveryNotOver(uint32 intervalId, uint256 endsAt);
error AlreadyCleared(uint16 areaId, uint32 intervalId);
error NotCleared(uint16 areaId, uint32 intervalId);
error TooManySteps(uint16 areaId, uint32 intervalId);
error OutcomeChanged(uint16 areaId, uint32 intervalId);
error TooManyAccounts(uint256 firstAccount, uint256 lastAccount);
error MalformedOrders(uint256 bytesGiven);
error OutOfOrder(uint8 side, uint256 position);
error OutsidePriceBand(uint24 account, int32 limitPriceMicroPerKwh);
error ZeroEnergy(uint24 account);
error NotTradable(uint24 account);
error AccountOutsideRange(uint24 account);
error InvalidSignature(uint24 account, uint8 side, uint256 position);
error MarginalPricesCrossed(int32 marginalBid, int32 marginalOffer);
error InvalidRationing(uint8 side);
error UnevenStep(uint256 bidsLeft, uint256 offersLeft);
error EnergyTooLarge(uint256 energyWh);
error VolumesDiffer(uint256 boughtWh, uint256 soldWh);
error NotMaximal(int256 bestBidLeft, int256 bestOfferLeft);

// Settlement
error PositionsDiffer(uint16 areaId, uint32 intervalId, uint16 page);
error NothingToSettle(uint16 areaId, uint32 intervalId, uint16 page);
error ReadingWithoutPosition(uint24 account);
error PositionWithoutReading(uint24 account);
error TooEarlyToVoid(uint32 intervalId, uint256 voidableAt);
