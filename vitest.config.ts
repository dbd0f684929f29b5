import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Whole labs with servers and databases run in these tests; two of them at once fill two cores.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
