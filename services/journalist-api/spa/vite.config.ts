import { defineConfig } from "vitest/config";

// Everything is a file of its own: the site's policy allows no inline script or style, and no data: addresses.
export default defineConfig({
  base: "/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    outDir: "dist",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 20_000 },
});
