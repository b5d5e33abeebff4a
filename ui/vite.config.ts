import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { usedStyles } from "./used-styles.ts";

/** Formulas' fonts once, in the form every window reads, not three times. */
const oneFontForm: Plugin = {
  name: "one-font-form",
  enforce: "pre",
  transform: (code, id) => (/katex.*\.css/.test(id) ? code.replaceAll(/,\s*url\([^)]+\.(?:woff|ttf)\)\s*format\([^)]+\)/g, "") : undefined),
};

export default defineConfig({
  plugins: [react(), oneFontForm, usedStyles()],
  clearScreen: false,
  // The window reads its files from the bundle, so paths stay relative and nothing is inlined that the policy would refuse.
  base: "./",
  build: { target: "es2022", assetsInlineLimit: 0, chunkSizeWarningLimit: 900, reportCompressedSize: false },
  server: { port: 5173, strictPort: true, host: "127.0.0.1" },
  test: {
    environment: "happy-dom",
    setupFiles: ["src/testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    testTimeout: 60_000,
    pool: "threads",
    maxWorkers: 2,
  },
});
