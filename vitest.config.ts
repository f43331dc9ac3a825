import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.ts', 'test/support/bigquery.ts', 'test/support/snowflake.ts'],
    env: { SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true' },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
