// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// All refusals of the contracts on one page. Energy in Wh, money in micro, prices in micro per kWh, times in unix
// seconds. src/chain/contractRefusal.ts decodes them.

// Who may
error NotAuthorised(address caller, bytes32 role);
error NotMarket(address caller);
error NotClaimant(address caller, uint8 purpose);
error NotOwner(address caller, uint24 account);
error NotSeatOwner(address caller, uint32 seat);
error NotNamed(address caller, uint256 id);
error NotOperator(address caller, uint16 areaId);
error NotGateway(address caller, uint16 areaId);
error NotRegistry(address caller);
error NotAreaRegistry(address caller);

// Participants
error AlreadyRegistered(address participant, uint24 account);
error UnknownAccount(uint24 account);
error UnknownParticipant(address participant);
error RegistryFull(uint256 accounts);
error ZeroAddress();
error MembershipsAlreadySet(address memberships);
error ChangePending(uint24 account, uint256 changeableAt);
error NoRecovery(uint24 account);
error RecoveryRunning(uint24 account, uint256 takeableAt);
error NotAnEntity(uint24 account);
error EntityCannotJoin(uint24 account);
error NotRequested(uint24 account, uint24 entity);
error AlreadyMember(uint24 account, uint24 entity);
error NotAMember(uint24 account);

// Members and metering points
error InvalidInterval(uint256 intervalSeconds);
error InvalidWaiting(uint256 waitingSeconds);
error TooManyAreas(uint256 areas);
error AreaFull(uint16 areaId, uint256 members);
error UnknownDirectory(uint256 directory);
error TooManyMemberships(uint24 account);
error MeterAlreadyEnrolled(bytes32 meterId, uint32 seat);
error UnknownMeter(bytes32 meterId);
error ZeroCapacity(bytes32 meterId);
error NoDeviceKey(bytes32 meterId);
error RevokedDeviceKey(bytes32 meterId, address deviceKey);
error OldCertificate(bytes32 meterId, uint64 number, uint64 newestNumber);
error ExpiredCertificate(bytes32 meterId, uint64 expiresAt);
error InvalidCertificate(bytes32 meterId, address deviceKey, address signer);

// Money
error ZeroAmount();
error InsufficientBalance(uint24 account, uint256 availableMicro, uint256 neededMicro);
error InsufficientMargin(uint32 seat, uint256 availableMicro, uint256 neededMicro);
error MarginsFallShort(address market, uint32[] seats);
error InsufficientEscrow(address market, uint256 availableMicro, uint256 neededMicro);
error AmountTooLarge(uint32 seat, uint256 amountMicro);
error MarginTooLarge(uint32 seat, uint256 marginMicro, uint256 addedMicro);
error MalformedPosting(uint256 group);
error DepositsTooLarge(uint256 heldMicro, uint256 addedMicro);
error DepositIncomplete(uint256 sentMicro, uint256 arrivedMicro);
error NoticeMissing(uint32 seat);
error NoticeLapsed(uint32 seat, uint256 lapsedAt);
error NoticeRunning(uint32 seat, uint256 payableAt);

// Readings and claims
error ReadingsMissing(uint16 areaId, uint32 intervalId);
error TooManyVersions(uint16 areaId, uint32 intervalId);
error EmptyRoot(uint16 areaId, uint32 intervalId);
error ReadingNotProven(uint16 member);
error PageNotProven(uint256 page);
error UnknownPurpose(uint8 purpose);
error AlreadyClaimed(uint16 areaId, uint32 intervalId, uint16 member, uint8 purpose);
error ClaimExceedsReading(uint16 member, uint256 claimedWh, uint256 addedWh, uint256 capWh);

// Auctions
error OutcomeChanged(bytes32 declared, bytes32 given);
error TooManyMembers(uint256 firstMember, uint256 lastMember);
error MemberOutsideRange(uint16 member);
error MalformedOrders(uint256 bytesGiven);
error OutOfOrder(uint8 side, uint256 position);
error OutsidePriceBand(uint16 member, int32 limitPrice);
error ZeroQuantity(uint16 member);
error TooManyOrders(uint16 member);
error NotTradable(uint16 member);
error InvalidSignature(uint16 member, uint8 side, uint256 position);
error OnBothSides(uint16 member);
error AboveCapacity(uint16 member, uint256 energyWh, uint256 capacityW);
error MarginalPricesCrossed(int32 marginalBid, int32 marginalOffer);
error MarginalPriceOutsideBand(int32 marginalBid, int32 marginalOffer);
error LocalPriceOutsidePair(int32 localPrice, int32 marginalBid, int32 marginalOffer);
error LocalPriceDiffers(int32 declared, int256 expected);
error InvalidRationing(uint8 side);
error UnevenStep(uint256 bidsLeft, uint256 offersLeft);
error QuantityTooLarge(uint256 quantity);
error PaymentTooLarge(uint16 member, int256 amount);
error VolumesDiffer(uint256 bought, uint256 sold, uint256 declared);
error NotMaximal(int256 bestBidLeft, int256 bestOfferLeft);
error DemandNotMet(uint256 filled, uint256 demanded);

// Pools: terms and clearings
error UnknownArea(uint16 areaId);
error InvalidTerms(uint8 fault);
error UnknownTerms(uint16 areaId, uint16 version);
error TermsPending(uint16 areaId, uint16 version);
error TermsDiffer(uint16 areaId, uint16 version);
error SupplyNotAccepted(uint16 areaId, uint16 version);
error GateOpen(uint32 intervalId, uint256 closesAt);
error DeliveryBegun(uint32 intervalId, uint256 startsAt);
error DeliveryNotOver(uint32 intervalId, uint256 endsAt);
error AlreadyCleared(uint16 areaId, uint32 intervalId);
error NotClearing(uint16 areaId, uint32 intervalId);
error NotCleared(uint16 areaId, uint32 intervalId);
error TooManyAttempts(uint16 areaId, uint32 intervalId);

// Settlement and return
error PositionsDiffer(uint16 areaId, uint32 intervalId, uint16 page);
error NothingToSettle(uint16 areaId, uint32 intervalId, uint16 page);
error ReadingSealed(uint16 member);
error ReadingMissing(uint16 member);
error ReadingsPresent(uint16 areaId, uint32 intervalId);
error NothingToReturn(uint16 areaId, uint32 intervalId, uint8 attempt);
error TooEarlyToReturn(uint32 intervalId, uint256 returnableAt);

// Corrections and debts
error FinalSettlementOver(uint32 intervalId, uint256 finalAt);
error InvalidFinalSettlement(uint256 finalSeconds);
error NotSettled(uint16 areaId, uint32 intervalId);
error SettledDiffers(uint16 areaId, uint32 intervalId, uint16 page);
error NoPosition(uint16 areaId, uint32 intervalId, uint16 member);
error NothingToCorrect(uint16 areaId, uint32 intervalId, uint16 member);
error SeatInDebt(uint32 seat, uint256 owedMicro);

// Charging quotas: powers in W
error NotDso(address caller, uint16 areaId);
error OutsideWindow(uint32 period, uint256 opensAt, uint256 closesAt);
error AlreadyInitialized(uint16 areaId, uint32 period);
error NotInitialized(uint16 areaId, uint32 period);
error AlreadyDemanded(uint16 areaId, uint32 period, uint16 member);
error NoDemand(uint16 areaId, uint32 period, uint16 member);
error DemandAboveCapacity(uint16 member, uint256 demandW, uint256 capacityW);
error TooManyStations(uint16 areaId, uint32 period);
error DepositTooSmall(uint16 member, uint256 depositMicro, uint256 neededMicro);
error StationsDiffer(uint16 areaId, uint32 period, uint256 stations);
error AllocationDiffers(uint256 allocatedW, uint256 marginW);
error NotAllocated(uint16 areaId, uint32 period);
error NotRationed(uint16 areaId, uint32 period);
error SellsMoreThanQuota(uint16 member, uint256 soldW, uint256 quotaW);
error QuotaAboveCapacity(uint16 member, uint256 quotaW, uint256 capacityW);
error BidNotCovered(uint16 member, uint256 depositMicro, uint256 neededMicro);
error EvidenceIncomplete(uint256 given, uint256 needed);
error AlreadyPaid(uint16 areaId, uint32 period, uint16 member);
error NotPaid(uint16 areaId, uint32 period, uint16 member);
error AlreadyWithdrawn(uint16 areaId, uint32 period, uint16 member);

// Charging sessions
error UnknownStation(bytes32 stationId);
error RevokedModule(bytes32 stationId, address moduleKey);
error OldAttestation(bytes32 stationId, uint64 number, uint64 newestNumber);
error ExpiredAttestation(bytes32 stationId, uint64 expiresAt);
error InvalidAttestation(bytes32 stationId, address moduleKey, address signer);
error WrongStage(bytes32 id, uint8 stage);
error HoldExpired(bytes32 id, uint256 expiresAt);
error HoldTooLong(bytes32 id, uint256 expiresAt);
error HoldNotSigned(bytes32 id, uint32 driver);
error ChargeAboveHold(bytes32 id, uint256 amountMicro, uint256 heldMicro);
error DisputeTooLate(bytes32 id, uint256 until);
error AnswerTooLate(bytes32 id, uint256 until);
error SessionRunning(bytes32 id, uint256 until);
error CommitmentDiffers(bytes32 id);
error TariffNotAnnounced(bytes32 stationId, bytes32 tariffHash);
error StatementNotSigned(bytes32 id, address moduleKey);
error MalformedStatement(uint256 bytesGiven);
error RegisterDiffers(uint256 fromWh, uint256 toWh, uint256 partsWh);
error TariffWithoutPrice(uint256 instant);
