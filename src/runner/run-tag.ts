import type { Adapter } from '../adapters/adapter.ts'
import type { StepTarget } from './run-steps.ts'

/**
 * The same target, with a comment before each statement that leads from the warehouse's query history
 * back to the run and node. Compiled files stay without it: they are the same whoever runs them.
 */
export function tagged(adapter: Adapter, project: string, runId: string, node: string): StepTarget {
  const tag = `/* personas project=${safe(project)} run_id=${safe(runId)} node=${safe(node)} */\n`
  return {
    execute: (sql) => adapter.execute(tag + sql),
    query: (sql, parameters) => adapter.query(tag + sql, parameters),
    transaction: (statements) => adapter.transaction(statements.map((sql) => tag + sql)),
  }
}

/** Nothing in a name may end the comment or start one. */
function safe(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.:-]/g, '_')
}
