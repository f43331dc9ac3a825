import { createHash } from 'node:crypto'
import { type Column, typeText } from '../values/types.ts'
import { type Analyst, columnsOf, type Input, type Parameter, type Rows } from './analysis.ts'
import { type Address, byteCount, type Database, encodeColumns, type Relation } from './database.ts'
import { BigqueryError } from './errors.ts'
import { informationSchema } from './information-schema.ts'
import { parseStatement } from './parse-statement.ts'
import { checkRestrictions } from './restrictions.ts'
import { editedSlice, flattenPaths } from './rewrite.ts'
import type { Session } from './session.ts'
import type { StatementLog } from './statement-log.ts'
import type { Path, Statement } from './statements.ts'
import { type SplitPath, TableNames, withoutDatasets } from './table-names.ts'
import { checkColumns, storable } from './tables.ts'

/** For whom a statement runs, and how. */
export interface Context {
  readonly session: Session
  readonly defaultDataset: string | undefined
  readonly parameters: readonly Parameter[]
  readonly signal: AbortSignal
  /** Where the job runs: as asked for, else where its first dataset is. */
  readonly place: { location: string | undefined }
  readonly maximumBytesBilled: number | undefined
  /** @throws BigqueryError where the permission is missing on what is named: `Table p:d.t`, `Dataset p:d`, `Project p` */
  require(permission: string, on: string): void
}

/** A cancelled job changes nothing more. @throws BigqueryError */
export function stopIfCancelled({ signal }: Pick<Context, 'signal'>): void {
  if (!signal.aborted) return
  throw new BigqueryError('stopped', 'Job execution was cancelled: User requested cancellation')
}

/** What every statement begins with: which tables it names, what the analyzer says, and the rows of its selects. */
export class Reading {
  readonly database: Database
  readonly analyst: Analyst
  readonly #tableNames: TableNames
  readonly #log: StatementLog
  /** The columns that statements make which passed the analyzer, by text without table names and by the tables' columns. */
  readonly #passed = new Map<string, readonly Column[]>()
  readonly #columnNumbers = new Map<string, number>()
  readonly #viewRows = new WeakMap<Relation, { readonly inputs: readonly Input[]; readonly rows: Rows }>()

  constructor(database: Database, analyst: Analyst, log: StatementLog) {
    this.database = database
    this.analyst = analyst
    this.#tableNames = new TableNames(analyst)
    this.#log = log
  }

  resolve(path: Path | readonly string[], context: Context): Address {
    const segments = ('segments' in path ? path.segments : path).flatMap((each) => each.split('.'))
    const [last = ''] = segments.slice(-1)
    const dataset = segments.at(-2)
    const project = segments.length > 2 ? segments.slice(0, -2).join('.') : undefined
    if (dataset === undefined && context.session.isTemporary(last)) return { dataset: undefined, name: last }
    if (dataset === '_SESSION') return { dataset: undefined, name: last }
    if (project !== undefined && project !== this.database.project) {
      throw new BigqueryError(
        'accessDenied',
        `Access Denied: Project ${project}: User does not have permission to query tables in project ${project}, or perhaps it does not exist.`,
      )
    }
    const home = dataset ?? context.defaultDataset
    if (home === undefined) {
      throw new BigqueryError(
        'invalid',
        `Table "${last}" must be qualified with a dataset (e.g. dataset.table).`,
      )
    }
    this.#checkPlace(home, context)
    return { dataset: home, name: last }
  }

  /** A job sees the datasets of one location only. */
  #checkPlace(dataset: string, { place }: Context): void {
    const found = this.database.datasets.get(dataset)
    if (found === undefined) return
    place.location ??= found.location
    if (place.location !== found.location) throw this.database.noDataset(dataset, place.location)
  }

  readonly splitPath: SplitPath = (segments) => {
    const parts = segments.flatMap((each) => each.split('.'))
    const length = parts[0] === this.database.project ? 2 : 1
    if (parts.length <= length || !this.database.datasets.has(parts[length - 1] ?? '')) return undefined
    return { dataset: parts.slice(0, length), rest: parts.slice(length) }
  }

  requireTable(permission: string, { dataset, name }: Address, context: Context): void {
    // What is temporary is one's own.
    if (dataset !== undefined)
      context.require(permission, `Table ${this.database.project}:${dataset}.${name}`)
  }

  /** The tables that a statement names, with their rows. */
  async inputs(statement: Statement, context: Context): Promise<{ readonly inputs: readonly Input[] }> {
    const names = await this.#tableNames.of(statement.sql, statement.tokens, this.splitPath)
    const unique = new Map(names.map((segments) => [segments.join('\0'), segments]))
    const own = ownName(statement)
    const inputs: Input[] = []
    for (const segments of unique.values()) {
      if (own !== undefined && sameSegments(segments, own)) continue
      inputs.push(await this.#input(segments, context))
    }
    checkBilled(inputs, context.maximumBytesBilled)
    return { inputs }
  }

  async #input(segments: readonly string[], context: Context): Promise<Input> {
    const parts = segments.flatMap((each) => each.split('.'))
    const schemaAt = parts.findIndex((part) => part.toUpperCase() === 'INFORMATION_SCHEMA')
    const last = parts.at(-1) ?? ''
    if (schemaAt >= 0 || last === '__TABLES__') {
      const owner = parts.at((schemaAt >= 0 ? schemaAt : parts.length - 1) - 1)
      const isRegion = schemaAt === 0 || owner === this.database.project || /^region-/i.test(owner ?? '')
      const dataset = isRegion ? undefined : owner
      return { segments, ...informationSchema(this.database, dataset, last) }
    }
    const address = this.resolve(segments, context)
    this.requireTable('bigquery.tables.getData', address, context)
    const relation = context.session.find(address)
    if (relation === undefined) throw this.database.noTable(address)
    if (relation.kind === 'table') return { segments, columns: relation.columns, data: relation.data }
    const rows = await this.#viewResult(relation, { ...context, defaultDataset: relation.defaultDataset })
    return { segments, columns: relation.columns, data: rows.data }
  }

  /** The rows of a view, evaluated anew where a table below has changed. */
  async #viewResult(view: Extract<Relation, { kind: 'view' }>, context: Context): Promise<Rows> {
    const statement = parseStatement(view.sql)
    const { inputs } = await this.inputs(statement, context)
    const known = this.#viewRows.get(view)
    if (known !== undefined && !dependsOnClock.test(view.sql) && sameInputs(known.inputs, inputs))
      return known.rows
    const rows = await this.evaluate(statement, inputs, { ...context, parameters: [] })
    this.#viewRows.set(view, { inputs, rows })
    return rows
  }

  /**
   * The statement as sent, judged by the analyzer; one that differs from a known one in table names and comments only is
   * known.
   *
   * @returns columns of the rows that it gives, or of the table or view that it makes
   */
  async analyze(
    statement: Statement,
    inputs: readonly Input[],
    context: Context,
  ): Promise<readonly Column[]> {
    const { text } = withoutDatasets(statement.sql, statement.tokens, this.splitPath)
    const key = createHash('sha1').update(text)
    for (const { segments, columns } of inputs)
      key.update(`\0${segments.length}:${this.#columnsNumber(columns)}`)
    for (const { name, type } of context.parameters) key.update(`\0${name} ${typeText(type)}`)
    const digest = key.digest('base64')
    const known = this.#passed.get(digest)
    if (known !== undefined) return known
    const resolved = await this.analyst.analyze(statement.sql, inputs, context.parameters)
    checkRestrictions(statement, resolved)
    this.#log.analyzed()
    const columns = columnsOf(resolved)
    this.#passed.set(digest, columns)
    return columns
  }

  #columnsNumber(columns: readonly Column[]): number {
    const text = encodeColumns(columns).toString('latin1')
    const known = this.#columnNumbers.get(text)
    if (known !== undefined) return known
    this.#columnNumbers.set(text, this.#columnNumbers.size)
    return this.#columnNumbers.size - 1
  }

  async evaluate(statement: Statement, inputs: readonly Input[], context: Context, start = 0): Promise<Rows> {
    const flat = flattenPaths(statement.sql, statement.tokens, inputs)
    const sql = editedSlice(statement.sql, flat.edits, start, statement.sql.length)
    const rows = await this.analyst.evaluate(sql, flat.inputs, context.parameters)
    checkColumns(rows.columns)
    return { columns: rows.columns, data: storable(rows.columns, rows.data) }
  }
}

const dependsOnClock = /\bcurrent_|\brand\s*\(|\bgenerate_uuid\b|information_schema|__tables__/i

/** The name that a statement is about, and that it does not read. */
function ownName(statement: Statement): readonly string[] | undefined {
  switch (statement.kind) {
    case 'drop':
    case 'alter':
      return statement.target.segments
    default:
      return undefined
  }
}

function sameSegments(left: readonly string[], right: readonly string[]): boolean {
  return left.join('\0') === right.join('\0')
}

function sameInputs(left: readonly Input[], right: readonly Input[]): boolean {
  return (
    left.length === right.length &&
    left.every((each, index) => each.columns === right[index]?.columns && each.data === right[index]?.data)
  )
}

/** Ten megabytes at least are billed for each table. @throws BigqueryError */
function checkBilled(inputs: readonly Input[], limit: number | undefined): void {
  const billed = billedBytes(inputs.map((input) => byteCount(input.data)))
  if (limit === undefined || billed <= limit) return
  throw new BigqueryError(
    'bytesBilledLimitExceeded',
    `Query exceeded limit for bytes billed: ${limit}. ${billed} or higher required.`,
  )
}

function billedBytes(tables: readonly number[]): number {
  return tables.reduce((sum, bytes) => sum + Math.max(10 * 1024 * 1024, bytes), 0)
}

export function readBytes(inputs: readonly Input[]): number {
  return inputs.reduce((sum, input) => sum + byteCount(input.data), 0)
}
