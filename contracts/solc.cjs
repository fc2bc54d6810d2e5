#!/usr/bin/env node
// forge asks its compiler for a version and for a standard-JSON compilation; the npm package solc answers both.
const solc = require("solc");

if (process.argv.includes("--version")) {
  const version = solc.version().replace(/\.Emscripten.*$/, "");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}.Linux.g++`);
} else {
  let input = "";
  process.stdin.on("data", (chunk) => {
    input += chunk;
  });
  process.stdin.on("end", () => process.stdout.write(solc.compile(input)));
}
