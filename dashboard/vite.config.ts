import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Where a running community answers while a page is being worked on (`npm run dashboard`). */
const API = process.env.COMMONWATT_API ?? "http://127.0.0.1:8080";
/** The host stays that of the page, since a sign-in is for it. */
const PROXY = { target: API, changeOrigin: false };

/** The library of signatures gets a loader that a browser understands. */
const wasmLoader = (): Plugin => ({
  name: "commonwatt:wasm-loader",
  enforce: "pre",
  resolveId: (source, importer) =>
    source === "./wasm_loader.js" && importer?.includes("tiny-secp256k1")
      ? `${here}src/app/check/loadWasm.ts`
      : null,
});

export default defineConfig({
  root: here,
  plugins: [react(), wasmLoader()],
  worker: { format: "es", plugins: () => [wasmLoader()] },
  build: {
    outDir: "../dist/dashboard",
    emptyOutDir: true,
    target: "es2023",
    // The content security policy allows no script or style that is part of the page itself.
    assetsInlineLimit: 0,
    // One small file of styles: none is missing on a page whose script came after an outage.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { entryFileNames: "assets/[name]-[hash].js" } },
  },
  server: { proxy: Object.fromEntries(["/v1", "/ready", "/docs", "/rpc"].map((path) => [path, PROXY])) },
});
