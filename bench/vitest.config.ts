import { defineConfig } from 'vitest/config'

/** Measurements, not tests: they take minutes, fill the machine, and are run by hand. */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    include: ['bench/**/*.bench.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    disableConsoleIntercept: true,
  },
})
