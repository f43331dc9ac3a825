import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.ts', 'test/support/bigquery.ts', 'test/support/snowflake.ts'],
    setupFiles: ['test/support/seed.ts'],
    env: { SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true' },
    // One less unless told, which on a machine of two cores is one.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
