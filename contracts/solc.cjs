#!/usr/bin/env node
// forge asks its compiler for a version and for a standard-JSON compilation; the npm package solc answers both, on all cores.
// What is deployed, and what measures its gas, is compiled as forge says. The other tests don't go by Solidity's intermediate
// code: they compile four times as fast, and what they deploy is what is deployed elsewhere.
const { availableParallelism } = require("node:os");
const { isMainThread, parentPort, Worker } = require("node:worker_threads");

/** Source code that one job compiles, characters: each job reads all sources first, which takes a second. */
const JOB_SIZE = 12_000;

if (!isMainThread) serveJobs(parentPort);
else if (process.argv.includes("--version")) {
  const version = require("solc")
    .version()
    .replace(/\.Emscripten.*$/, "");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}.Linux.g++`);
} else {
  let input = "";
  process.stdin.on("data", (chunk) => {
    input += chunk;
  });
  process.stdin.on("end", async () => {
    process.stdout.write(JSON.stringify(await compileOnAllCores(JSON.parse(input))));
  });
}

async function compileOnAllCores(input) {
  const jobs = jobsOf(input);
  const outputs = [];
  const work = async () => {
    const worker = new Worker(__filename);
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift())
      outputs.push(await ask(worker, { ...input, settings: { ...input.settings, ...job } }));
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work));
  return merge(outputs);
}

function ask(worker, input) {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (output) => {
      worker.removeListener("error", reject);
      resolve(output);
    });
    worker.postMessage(input);
  });
}

/** Settings of each job: the files that it compiles, those of one kind that are small together; the largest jobs first. */
function jobsOf({ sources, settings: { outputSelection } }) {
  const jobs = [];
  const open = new Map();
  for (const [file, selection] of Object.entries(outputSelection)) {
    const viaIR = !isPlainTest(file);
    const job = open.get(viaIR) ?? { size: 0, settings: { viaIR, outputSelection: {} } };
    job.settings.outputSelection[file] = selection;
    job.size += sources[file]?.content.length ?? 0;
    if (job.size < JOB_SIZE) open.set(viaIR, job);
    else {
      open.delete(viaIR);
      jobs.push(job);
    }
  }
  return [...jobs, ...open.values()].sort((a, b) => b.size - a.size).map(({ settings }) => settings);
}

function isPlainTest(file) {
  return file.startsWith("contracts/test/") && !file.includes("gas");
}

function merge(outputs) {
  const errors = new Map(
    outputs.flatMap((output) => output.errors ?? []).map((error) => [error.formattedMessage, error]),
  );
  return {
    errors: [...errors.values()],
    sources: Object.assign({}, ...outputs.map(({ sources }) => sources)),
    contracts: Object.assign({}, ...outputs.map(({ contracts }) => contracts)),
  };
}

function serveJobs(port) {
  const solc = require("solc");
  port.on("message", (input) => port.postMessage(JSON.parse(solc.compile(JSON.stringify(input)))));
}
