import type { Statement } from './statements.ts'

/** What the analyzer, a superset of BigQuery, lets through. @throws BigqueryError */
export function checkRestrictions(_statement: Statement): void {}
