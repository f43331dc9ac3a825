import type { Adapter } from '../adapters/adapter.ts'
import type { Problem } from '../diagnostics/problem.ts'
import type { Dialect, Sql } from '../dialects/dialect.ts'
import { relation } from '../ir/relation.ts'
import type { ValueType } from '../ir/value-type.ts'
import type { NodeResult } from './node-result.ts'

/** One execution of a command that changes tables. Instants are ISO with `Z`. */
export interface RunRecord {
  readonly runId: string
  readonly command: string
  readonly startedAt: string
  readonly finishedAt: string
  readonly asOf: string
  /** `running`: not over, or killed before it could say how it ended. */
  readonly status: 'running' | 'success' | 'error' | 'cancelled'
  readonly target: string
  readonly project: string
  /** Of personas. */
  readonly version: string
  /** See `hashOfDefinitions`. */
  readonly definitionsHash: string
  readonly results: readonly NodeResult[]
  /** Ids of nodes that an earlier run had done, and this one went on from. */
  readonly kept: readonly string[]
  /** What is to be said of it as a whole. */
  readonly problems: readonly Problem[]
}

interface Column {
  readonly name: string
  readonly type: ValueType
}

/** Tables of earlier versions have none. */
const definitionsHash: Column = { name: 'definitions_hash', type: 'text' }

const runsColumns: readonly Column[] = [
  { name: 'run_id', type: 'text' },
  { name: 'command', type: 'text' },
  { name: 'started_at', type: 'timestamp' },
  { name: 'finished_at', type: 'timestamp' },
  { name: 'as_of', type: 'timestamp' },
  { name: 'status', type: 'text' },
  { name: 'target', type: 'text' },
  { name: 'project', type: 'text' },
  { name: 'version', type: 'text' },
  { name: 'nodes', type: 'integer' },
  { name: 'errors', type: 'integer' },
  definitionsHash,
]

const runNodesColumns: readonly Column[] = [
  { name: 'run_id', type: 'text' },
  { name: 'node_id', type: 'text' },
  { name: 'status', type: 'text' },
  { name: 'started_at', type: 'timestamp' },
  { name: 'seconds', type: 'number' },
  { name: 'rows', type: 'integer' },
  { name: 'message', type: 'text' },
]

/**
 * Writes a run to the public tables `runs` and `run_nodes`, both or none; once, however often it is told. The schema must
 * exist.
 */
export async function logRun(adapter: Adapter, schema: string, run: RunRecord): Promise<void> {
  const { dialect } = adapter
  const runs = relation(schema, 'runs')
  const runNodes = relation(schema, 'run_nodes')
  for (const sql of [
    ...dialect.createTableIfMissing(runs, runsColumns),
    ...dialect.addColumnIfMissing(runs, definitionsHash),
    ...dialect.createTableIfMissing(runNodes, runNodesColumns),
  ]) {
    await adapter.execute(sql)
  }
  const statements = [
    ...[runs, runNodes].map(
      (table) => `delete from ${dialect.relation(table)} where run_id = ${dialect.text(run.runId)}`,
    ),
    insert(dialect, dialect.relation(runs), runsColumns, [runRow(dialect, run)]),
  ]
  if (run.results.length > 0) {
    const rows = run.results.map((result) => nodeRow(dialect, run.runId, result))
    statements.push(insert(dialect, dialect.relation(runNodes), runNodesColumns, rows))
  }
  await adapter.transaction(statements)
}

function runRow(dialect: Dialect, run: RunRecord): readonly Sql[] {
  return [
    dialect.text(run.runId),
    dialect.text(run.command),
    dialect.timestamp(run.startedAt),
    dialect.timestamp(run.finishedAt),
    dialect.timestamp(run.asOf),
    dialect.text(run.status),
    dialect.text(run.target),
    dialect.text(run.project),
    dialect.text(run.version),
    dialect.integer(run.results.length),
    dialect.integer(run.results.filter((result) => result.status === 'error').length),
    dialect.text(run.definitionsHash),
  ]
}

function nodeRow(dialect: Dialect, runId: string, result: NodeResult): readonly Sql[] {
  return [
    dialect.text(runId),
    dialect.text(result.nodeId),
    dialect.text(result.status),
    result.startedAt === undefined ? dialect.nullOf('timestamp') : dialect.timestamp(result.startedAt),
    dialect.number(result.seconds),
    result.rows === undefined ? dialect.nullOf('integer') : dialect.integer(result.rows),
    result.message === undefined ? dialect.nullOf('text') : dialect.text(result.message),
  ]
}

function insert(
  dialect: Dialect,
  into: Sql,
  columns: readonly Column[],
  rows: readonly (readonly Sql[])[],
): Sql {
  const names = columns.map((column) => dialect.ident(column.name)).join(', ')
  const values = rows.map((row) => `(${row.join(', ')})`).join(',\n  ')
  return `insert into ${into} (${names})\nvalues\n  ${values}`
}
