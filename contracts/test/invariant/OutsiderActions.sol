// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../src/libraries/Errors.sol";
import { vm } from "../support/Vm.sol";
import { SettlementActions } from "./SettlementActions.sol";

/// @notice Somebody without account or role tries everything that only others may, in whatever state the market is.
abstract contract OutsiderActions is SettlementActions {
  function intrude(uint256 seed) external acts(seed) robsNobody {
    _tryMoney();
    _tryPostings();
    _tryRegistrar();
    _tryGateway();
    _tryMarket();
  }

  function _tryMoney() private {
    address to = address(house);
    _refuses(UnknownParticipant.selector, outsider, to, abi.encodeCall(house.deposit, (1)));
    _refuses(UnknownParticipant.selector, outsider, to, abi.encodeCall(house.withdraw, (1)));
    _refuses(UnknownParticipant.selector, outsider, to, abi.encodeCall(house.addMargin, (address(pool), 1)));
    bytes memory announcement = abi.encodeCall(house.announceMarginWithdrawal, (address(pool), 1));
    _refuses(UnknownParticipant.selector, outsider, to, announcement);
    _refuses(UnknownParticipant.selector, outsider, to, abi.encodeCall(house.withdrawMargin, (address(pool))));
    _refuses(NotAuthorised.selector, outsider, to, abi.encodeCall(house.admitMarket, (outsider)));
    bytes memory theft = abi.encodeCall(token.transferFrom, (to, outsider, 1));
    _refuses(outsider, address(token), theft);
  }

  /// @dev Neither outsiders nor owners nor the operator post; only a market does.
  function _tryPostings() private {
    uint256[] memory postings = new uint256[](2);
    (postings[0], postings[1]) = (_draw(0, 1), 1 << 42 * _draw(0, 5));
    (, address owner) = _anyone();
    address[3] memory callers = [outsider, owner, operator];
    for (uint256 i; i < callers.length; ++i) {
      _refuses(NotMarket.selector, callers[i], address(house), abi.encodeCall(house.hold, (postings)));
      _refuses(NotMarket.selector, callers[i], address(house), abi.encodeCall(house.release, (postings)));
    }
  }

  function _tryRegistrar() private {
    (uint24 account,) = _anyone();
    address to = address(registry);
    bytes32 meterId = _meterId(account);
    _refuses(NotAuthorised.selector, outsider, to, abi.encodeCall(registry.register, (outsider, 0)));
    _refuses(NotAuthorised.selector, outsider, to, abi.encodeCall(registry.suspend, (account)));
    _refuses(NotAuthorised.selector, outsider, to, abi.encodeCall(registry.reinstate, (account, 0)));
    _refuses(NotAuthorised.selector, outsider, to, abi.encodeCall(registry.retireMeter, (meterId)));
    bytes memory enrolment = abi.encodeCall(registry.enrolMeter, (meterId, account, 1, outsider, ""));
    _refuses(NotAuthorised.selector, outsider, to, enrolment);
    _refuses(
      UnknownParticipant.selector, outsider, to, abi.encodeCall(registry.joinEntity, (communityAccount))
    );
    _refuses(UnknownParticipant.selector, outsider, to, abi.encodeCall(registry.leaveEntity, ()));
    bytes memory grant = abi.encodeCall(registry.grantRole, (registry.OPERATOR_ROLE(), outsider));
    _refuses(outsider, to, grant);
  }

  function _tryGateway() private {
    address to = address(ledger);
    uint32 intervalId = uint32(_now() / INTERVAL_SECONDS);
    bytes32 meterId = _meterId(prosumerAccount);
    bytes memory publication = abi.encodeCall(ledger.publish, (UNIFORM_AREA, intervalId, meterId, 1));
    _refuses(NotAuthorised.selector, outsider, to, publication);
    _refuses(NotAuthorised.selector, outsider, to, abi.encodeCall(ledger.admitClaimant, (ENERGY, outsider)));
    bytes memory claim = abi.encodeCall(ledger.claimPage, (UNIFORM_AREA, intervalId, 0, ENERGY));
    _refuses(NotClaimant.selector, outsider, to, claim);
    bytes memory revocation = abi.encodeCall(registry.revokeDeviceKey, (meterId));
    _refuses(NotAuthorised.selector, outsider, address(registry), revocation);
    bytes memory rotation = abi.encodeCall(registry.rotateDeviceKey, (meterId, outsider, ""));
    _refuses(NotAuthorised.selector, outsider, address(registry), rotation);
  }

  function _tryMarket() private {
    bytes memory creation =
      abi.encodeCall(pool.createArea, (_terms(0), supplierAccount, dsoAccount, fundAccount));
    _refuses(NotAuthorised.selector, outsider, address(pool), creation);
    _refuses(NotOwner.selector, outsider, address(pool), abi.encodeCall(pool.acceptSupply, (UNIFORM_AREA)));
    if (deals.length == 0) return;
    // Before delivery is over, nobody settles and nobody undoes.
    uint256 id = _draw(0, deals.length - 1);
    if (_now() >= _endsAt(deals[id].intervalId)) return;
    for (uint256 page; page < PAGES; ++page) {
      _refuses(outsider, address(pool), _voidingOf(id, page));
      if (readingsOf[id].length != 0) _refuses(outsider, address(pool), _settlementOf(id, page));
    }
  }
}
