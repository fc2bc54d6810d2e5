import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Where a running community answers while a page is being worked on (`npm run dashboard`). */
const API = process.env.COMMONWATT_API ?? "http://127.0.0.1:8080";

export default defineConfig({
  root: here,
  plugins: [react()],
  worker: { format: "es" },
  build: {
    outDir: "../dist/dashboard",
    emptyOutDir: true,
    target: "es2023",
    // The content security policy allows no script or style that is part of the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { entryFileNames: "assets/[name]-[hash].js" } },
  },
  server: { proxy: { "/v1": API, "/ready": API, "/docs": API, "/rpc": API } },
});
