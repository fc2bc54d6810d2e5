import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "dashboard/src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/buildProgram.ts", "test/recordedMarkets.ts"],
    // Files of a worker share what they import, and its engines: no test changes a module or the environment of others.
    isolate: false,
    // Two cores: chains, databases and property tests side by side would starve each other.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
