// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../../../src/libraries/Errors.sol";
import { ReadingTree } from "../../../src/libraries/ReadingTree.sol";
import { BaseFixture } from "../../support/BaseFixture.sol";
import { Readings } from "../../support/Readings.sol";
import { vm } from "../../support/Vm.sol";

/// @notice A published root proves its own readings, one a member, and nothing else.
contract RequireProvenTest is BaseFixture {
  using Readings for Readings.Tree;

  function setUp() public override {
    super.setUp();
    vm.warp(_endsAt(INTERVAL));
  }

  // -- the tree, against one built independently

  /// forge-config: default.fuzz.runs = 64
  function testFuzz_EveryReadingIsProven(uint256 seed) public {
    Readings.Tree memory tree = _randomTree(seed, 1 + seed % 60);
    for (uint256 i; i < tree.readings.length; ++i) {
      _requireProven(tree.prove(i));
    }
  }

  /// @dev A full page: every node and every place of the two lists.
  function test_AFullPageIsProven() public {
    uint256[] memory readings = new uint256[](256);
    bool[] memory isSecond = new bool[](256);
    for (uint256 i; i < 256; ++i) {
      (readings[i], isSecond[i]) = (Readings.reading(256 + i, i, 2 * i), i % 3 == 0);
    }
    Readings.Tree memory tree = _publishTree(readings, isSecond);
    for (uint256 i; i < 256; i += 17) {
      _requireProven(tree.prove(i));
    }
    _requireProven(tree.prove(255));
  }

  function testFuzz_TopIsThatOfTheIndependentTree(bytes32[] memory leaves) public pure {
    uint256 count = leaves.length < 256 ? leaves.length : 256;
    bytes32[] memory first = new bytes32[](count);
    uint256[] memory words = new uint256[](count);
    for (uint256 i; i < count; ++i) {
      (first[i], words[i]) = (leaves[i], uint256(leaves[i]));
    }
    vm.assertEq(ReadingTree.topOf(words), Readings.topOf(first));
  }

  function testFuzz_RootIsThatOfTheIndependentTree(bytes32[16] memory given, uint256 page) public pure {
    page %= 16;
    bytes32[] memory pages = new bytes32[](16);
    bytes32[] memory others = new bytes32[](15);
    for (uint256 i; i < 16; ++i) {
      pages[i] = given[i];
      if (i != page) others[i < page ? i : i - 1] = given[i];
    }
    vm.assertEq(ReadingTree.rootOf(page, given[page], others), Readings.rootOf(pages));
  }

  // -- what a proof cannot do

  /// forge-config: default.fuzz.runs = 128
  function testFuzz_RevertGiven_AnythingElse(uint256 seed, uint8 part, uint256 change) public {
    Readings.Tree memory tree = _randomTree(seed, 2 + seed % 60);
    ReadingTree.Proof memory proof = tree.prove(change % tree.readings.length);
    if (!_tamper(proof, part % 8, change)) return;
    vm.expectRevert();
    _requireProven(proof);
  }

  /// @dev The energies, the quality and the salt: each of the 240 bits below the member counts.
  function testFuzz_RevertGiven_AnotherReading(uint8 bit) public {
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _readings(5));
    ReadingTree.Proof memory proof = tree.prove(2);
    proof.reading ^= 1 << bit % 240;
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, 6));
    _requireProven(proof);
  }

  /// @dev A climb that runs out of its path must not answer with a zero that a root can be made for.
  function test_ARootOverNothingProvesNothing() public {
    bytes32[] memory none = new bytes32[](0);
    ReadingTree.Proof memory proof;
    proof.reading = Readings.reading(PROSUMER, 0, 999_999);
    proof.list = 1 << PROSUMER;
    bytes32[3] memory roots = [
      ReadingTree.rootOf(0, 0, none),
      ReadingTree.rootOf(0, bytes32(uint256(1)), none),
      bytes32(uint256(1 << 20))
    ];
    for (uint256 i; i < roots.length; ++i) {
      _publishRoot(AREA, INTERVAL, roots[i], 1);
      vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, PROSUMER));
      _requireProven(proof);
      proof.leaves = new bytes32[](1);
      vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, PROSUMER));
      _requireProven(proof);
      proof.leaves = none;
    }
  }

  function test_RevertGiven_APathOfAnotherLength() public {
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _readings(40));
    bytes memory refusal = abi.encodeWithSelector(ReadingNotProven.selector, 4);
    ReadingTree.Proof memory proof = tree.prove(0);
    proof.leaves = new bytes32[](14);
    vm.expectRevert(refusal);
    _requireProven(proof);

    proof = tree.prove(0);
    proof.nodes = new bytes32[](3);
    vm.expectRevert(refusal);
    _requireProven(proof);

    proof = tree.prove(0);
    proof.pages = new bytes32[](16);
    vm.expectRevert(abi.encodeWithSelector(PageNotProven.selector, 0));
    _requireProven(proof);
  }

  // -- one leaf a member

  /// @dev The gateway puts two readings of one member into the two lists of a page: neither is worth anything.
  function test_AMemberWithAReadingInBothListsHasNone() public {
    uint256[] memory readings = new uint256[](2);
    (readings[0], readings[1]) = (Readings.reading(PROSUMER, 0, 600), Readings.reading(PROSUMER, 0, 1));
    bool[] memory isSecond = new bool[](2);
    isSecond[1] = true;
    Readings.Tree memory tree = _publishTree(readings, isSecond);
    for (uint256 i; i < 2; ++i) {
      ReadingTree.Proof memory proof = tree.prove(i);
      vm.expectRevert(abi.encodeWithSelector(PageNotProven.selector, 0));
      _requireProven(proof);
    }
  }

  /// @dev Two leaves of one member in one list: the second stands where another member's belongs, and can't be opened.
  function test_AMembersSecondLeafInAListIsNobodys() public {
    uint256[] memory readings = new uint256[](2);
    (readings[0], readings[1]) = (Readings.reading(PROSUMER, 0, 600), Readings.reading(CONSUMER, 0, 1));
    Readings.Tree memory tree = _publish(AREA, INTERVAL, readings);
    tree.readings[1] = Readings.reading(PROSUMER, 0, 1);
    bytes32[] memory leaves = new bytes32[](2);
    tree.context = ledger.contextOf(AREA, INTERVAL, 2);
    (leaves[0], leaves[1]) = (_leaf(tree, 0), _leaf(tree, 1));
    uint256 list = 1 << PROSUMER | 1 << CONSUMER;
    bytes32 page = ReadingTree.pageOf(0, list, Readings.topOf(leaves), 0, 0);
    _publishRoot(AREA, INTERVAL, ReadingTree.rootOf(0, page, new bytes32[](0)), 2);
    ReadingTree.Proof memory proof;
    (proof.list, proof.leaves) = (list, new bytes32[](1));
    (proof.reading, proof.leaves[0]) = (tree.readings[0], leaves[1]);
    _requireProven(proof);
    (proof.reading, proof.leaves[0]) = (tree.readings[1], leaves[0]);
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, PROSUMER));
    _requireProven(proof);
  }

  /// @dev A member of another page has no place here, though its number fits modulo 256.
  function test_AReadingOfAnotherPageIsRefused() public {
    bytes32 context = ledger.contextOf(AREA, INTERVAL, 1);
    uint256 stray = Readings.reading(256 + PROSUMER, 0, 600);
    bytes32[] memory leaves = new bytes32[](1);
    leaves[0] = ReadingTree.leafOf(context, stray);
    bytes32 page = ReadingTree.pageOf(0, 1 << PROSUMER, Readings.topOf(leaves), 0, 0);
    _publishRoot(AREA, INTERVAL, ReadingTree.rootOf(0, page, new bytes32[](0)), 1);
    ReadingTree.Proof memory proof;
    (proof.reading, proof.list) = (stray, 1 << PROSUMER);
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, 256 + PROSUMER));
    _requireProven(proof);
    proof.pages = new bytes32[](1);
    proof.pages[0] = page;
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, 256 + PROSUMER));
    _requireProven(proof);
  }

  /// @dev A node told to be a leaf, a top told to be a node, a page told to be a root.
  function test_LevelsCannotPassForEachOther() public {
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _readings(20));
    bytes32[] memory leaves = tree.leavesOf(0, false);
    bytes32[] memory nodes = Readings.nodesOf(leaves);
    ReadingTree.Proof memory proof;
    (proof.reading, proof.list) = (uint256(nodes[0]), 3 << PROSUMER);
    proof.leaves = new bytes32[](1);
    proof.leaves[0] = nodes[1];
    vm.expectRevert();
    _requireProven(proof);
    bytes32 context = ledger.contextOf(AREA, INTERVAL, 2);
    _publishRoot(AREA, INTERVAL, ReadingTree.leafOf(context, tree.readings[0]), 1);
    (proof.reading, proof.list, proof.leaves) = (tree.readings[0], 1 << PROSUMER, new bytes32[](0));
    vm.expectRevert(abi.encodeWithSelector(ReadingNotProven.selector, PROSUMER));
    _requireProven(proof);
  }

  function test_RevertGiven_AnotherIntervalAreaOrVersion() public {
    vm.warp(_endsAt(INTERVAL + 1));
    Readings.Tree memory tree = _publish(AREA, INTERVAL, _readings(3));
    ReadingTree.Proof memory proof = tree.prove(0);
    _publishRoot(AREA, INTERVAL + 1, tree.root, 3);
    _publishRoot(OTHER_AREA, INTERVAL, tree.root, 3);
    bytes memory refusal = abi.encodeWithSelector(ReadingNotProven.selector, 4);
    vm.expectRevert(refusal);
    ledger.requireProven(AREA, INTERVAL + 1, proof);
    vm.expectRevert(refusal);
    ledger.requireProven(OTHER_AREA, INTERVAL, proof);
    _requireProven(proof);
    _publishRoot(AREA, INTERVAL, tree.root, 3);
    vm.expectRevert(refusal);
    _requireProven(proof);
  }

  function test_RevertGiven_ReadingsMissing() public {
    ReadingTree.Proof memory proof;
    vm.expectRevert(abi.encodeWithSelector(ReadingsMissing.selector, AREA, INTERVAL));
    _requireProven(proof);
  }

  // -- internal

  /// @dev Readings of `count` members on a few pages, in random lists; published.
  function _randomTree(uint256 seed, uint256 count) private returns (Readings.Tree memory) {
    uint256[] memory readings = new uint256[](count);
    bool[] memory isSecond = new bool[](count);
    uint256 member;
    for (uint256 i; i < count; ++i) {
      uint256 random = uint256(keccak256(abi.encode(seed, i)));
      member += 1 + (random % 16 == 0 ? (random >> 8) % 300 : (random >> 8) % 3);
      if (member > 4095) member = 4095 - count + i;
      readings[i] = Readings.reading(member, uint32(random >> 32), uint32(random >> 64));
      isSecond[i] = random >> 128 & 1 == 1;
    }
    return _publishTree(readings, isSecond);
  }

  function _publishTree(uint256[] memory readings, bool[] memory isSecond)
    private
    returns (Readings.Tree memory tree)
  {
    uint8 version = ledger.versionOf(AREA, INTERVAL) + 1;
    tree = Readings.build(ledger.contextOf(AREA, INTERVAL, version), readings, isSecond);
    _publishRoot(AREA, INTERVAL, tree.root, uint32(readings.length));
  }

  /// @return isTampered false when the proof has no such part
  function _tamper(ReadingTree.Proof memory proof, uint256 part, uint256 change)
    private
    pure
    returns (bool isTampered)
  {
    isTampered = true;
    if (part == 0) proof.reading ^= 1 << change % 256;
    if (part == 1) proof.list ^= 1 << change % 256;
    if (part == 2) proof.otherList ^= 1 << change % 256;
    if (part == 3) proof.otherTop ^= bytes32(1 << change % 256);
    if (part == 4) proof.isSecond = !proof.isSecond;
    if (part == 5) return _tamperPath(proof.leaves, change);
    if (part == 6) return _tamperPath(proof.nodes, change);
    if (part == 7) return _tamperPath(proof.pages, change);
  }

  function _tamperPath(bytes32[] memory path, uint256 change) private pure returns (bool) {
    if (path.length == 0) return false;
    path[change % path.length] ^= bytes32(1 << (change >> 8) % 256);
    return true;
  }

  /// @dev Members 4, 5, …
  function _readings(uint256 count) private pure returns (uint256[] memory readings) {
    readings = new uint256[](count);
    for (uint256 i; i < count; ++i) {
      readings[i] = Readings.reading(PROSUMER + i, 100 + i, 200 + i);
    }
  }

  function _leaf(Readings.Tree memory tree, uint256 index) private pure returns (bytes32) {
    return ReadingTree.leafOf(tree.context, tree.readings[index]);
  }

  function _requireProven(ReadingTree.Proof memory proof) private view {
    ledger.requireProven(AREA, INTERVAL, proof);
  }
}
