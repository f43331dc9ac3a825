import { createRequire } from 'node:module'

/**
 * DuckDB's driver. An `import` of a CommonJS package reads all its files for the names of exports before it runs them,
 * a tenth of a second here; `require` does not.
 */
export const driver: typeof import('@duckdb/node-api') = createRequire(import.meta.url)('@duckdb/node-api')
