import { createHash } from 'node:crypto'
import { fieldsOf, messageField } from '../service/wire.ts'
import { cellsOf } from '../values/decode.ts'
import { type Column, column, typeText } from '../values/types.ts'
import { type Analyst, columnsOf, type Input, type Parameter, type Rows } from './analysis.ts'
import {
  type Address,
  byteCount,
  type Database,
  encodeColumns,
  newTable,
  type Relation,
  rowCount,
  rowsOf,
  type Table,
} from './database.ts'
import { BigqueryError, EmulatorGap } from './errors.ts'
import { informationSchema } from './information-schema.ts'
import { isWord, quoteName } from './lexer.ts'
import { mergeQuery, parseMerge } from './merge.ts'
import { checkRestrictions } from './restrictions.ts'
import { applyEdits, editedSlice, flattenPaths } from './rewrite.ts'
import { keyOf, type Session } from './session.ts'
import type { StatementLog } from './statement-log.ts'
import {
  type AlterAction,
  type Path,
  parseStatement,
  type Statement,
  type StatementOf,
  splitStatements,
} from './statements.ts'
import { checkColumns, checkTableName, rowField, rowNumber, storable } from './tables.ts'

export interface Context {
  readonly session: Session
  readonly defaultDataset: string | undefined
  readonly parameters: readonly Parameter[]
  readonly signal: AbortSignal
  /** Where the job runs: as asked for, else where its first dataset is. */
  readonly place: { location: string | undefined }
  readonly maximumBytesBilled: number | undefined
}

export interface Result {
  /** As `statistics.query.statementType`. */
  readonly type: string
  readonly sql: string
  readonly rows?: Rows
  readonly affected?: { readonly inserted: number; readonly updated: number; readonly deleted: number }
  readonly target?: Address
  readonly bytesRead: number
}

const maxQueryBytes = 1024 * 1024

/** GoogleSQL statements over tables in memory; all SQL is understood and evaluated by Google's own code. */
export class Engine {
  readonly database: Database
  readonly #analyst: Analyst
  readonly #log: StatementLog
  /** The columns that statements make which passed the analyzer, by text without table names and by the tables' columns. */
  readonly #passed = new Map<string, readonly Column[]>()
  readonly #columnNumbers = new Map<string, number>()
  readonly #locks = new Map<string, Promise<unknown>>()
  readonly #viewRows = new WeakMap<Relation, { readonly inputs: readonly Input[]; readonly rows: Rows }>()

  constructor(database: Database, analyst: Analyst, log: StatementLog) {
    this.database = database
    this.#analyst = analyst
    this.#log = log
  }

  /** Runs a request's statements in order. @throws BigqueryError of the first that fails; an open transaction is undone */
  async run(sql: string, context: Context): Promise<readonly Result[]> {
    const statements = cut(sql)
    const results: Result[] = []
    const { session } = context
    const wasInTransaction = session.inTransaction
    try {
      for (const { text } of statements) {
        if (context.signal.aborted)
          throw new BigqueryError('stopped', 'Job execution was cancelled: User requested cancellation')
        results.push(await this.#judged(text, context))
      }
    } catch (error) {
      if (session.inTransaction) session.rollback()
      throw error instanceof BigqueryError && statements.length > 1
        ? inScript(error, sql, statements, results.length)
        : error
    }
    // A transaction that a single request leaves open ends with it.
    if (session.inTransaction && !wasInTransaction && statements.length > 1) session.rollback()
    return results
  }

  /** Analyzes without running. @returns what a run would read, in bytes, and the columns of the last statement */
  async dryRun(
    sql: string,
    context: Context,
  ): Promise<{ readonly bytes: number; readonly columns: readonly Column[]; readonly type: string }> {
    let bytes = 0
    let columns: readonly Column[] = []
    let type = 'SCRIPT'
    const statements = cut(sql)
    for (const { text } of statements) {
      const statement = parseStatement(text)
      if (statement.kind === 'begin' || statement.kind === 'commit' || statement.kind === 'rollback') continue
      const { inputs } = await this.#inputs(statement, context)
      columns = await this.#analyze(statement, inputs, context)
      bytes += inputs.reduce((sum, input) => sum + byteCount(input.data), 0)
      if (statements.length === 1) type = typeOf(statement)
    }
    return { bytes, columns, type }
  }

  async #judged(text: string, context: Context): Promise<Result> {
    const start = performance.now()
    try {
      const result = await this.#execute(parseStatement(text), context)
      this.#log.ran(performance.now() - start)
      return result
    } catch (error) {
      if (error instanceof EmulatorGap) this.#log.notVerifiable(text, error.message)
      else if (error instanceof BigqueryError) this.#log.refused(text, error.message)
      throw error
    }
  }

  async #execute(statement: Statement, context: Context): Promise<Result> {
    const { session } = context
    switch (statement.kind) {
      case 'begin':
        session.begin()
        return done('BEGIN_TRANSACTION', statement)
      case 'commit':
        session.commit()
        return done('COMMIT_TRANSACTION', statement)
      case 'rollback':
        session.rollback()
        return done('ROLLBACK_TRANSACTION', statement)
      case 'other':
        throw new EmulatorGap(`statement ${statement.what}`)
      case 'query':
        return await this.#query(statement, context)
      case 'insert':
        return await this.#insert(statement, context)
      case 'update':
      case 'delete':
        return await this.#alone(this.#resolve(statement.target, context), () =>
          this.#change(statement, context),
        )
      case 'merge':
        return await this.#alone(this.#resolve(statement.target, context), () =>
          this.#merge(statement, context),
        )
      case 'truncate':
        return await this.#truncate(statement, context)
      case 'createTable':
        return await this.#createTable(statement, context)
      case 'createView':
        return await this.#createView(statement, context)
      case 'drop':
        return await this.#drop(statement, context)
      case 'alter':
        return await this.#alone(this.#resolve(statement.target, context), () =>
          this.#alter(statement, context),
        )
      case 'createSchema':
        return this.#createSchema(statement, context)
      case 'dropSchema':
        return this.#dropSchema(statement, context)
    }
  }

  /** One after the other for each table, so that no change is lost. */
  async #alone<T>(address: Address, work: () => Promise<T>): Promise<T> {
    const key = keyOf(address)
    const before = this.#locks.get(key) ?? Promise.resolve()
    const mine = before.then(work, work)
    const settled = mine.catch(() => {})
    this.#locks.set(key, settled)
    try {
      return await mine
    } finally {
      if (this.#locks.get(key) === settled) this.#locks.delete(key)
    }
  }

  // names

  #resolve(path: Path | readonly string[], context: Context): Address {
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

  /** The tables that a statement names, with their rows. */
  async #inputs(statement: Statement, context: Context): Promise<{ readonly inputs: readonly Input[] }> {
    const names = await this.#analyst.tableNames(statement.sql)
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
    const address = this.#resolve(segments, context)
    const relation = context.session.find(address)
    if (relation === undefined) throw this.database.noTable(address)
    if (relation.kind === 'table') return { segments, columns: relation.columns, data: relation.data }
    const rows = await this.#viewResult(relation, { ...context, defaultDataset: relation.defaultDataset })
    return { segments, columns: relation.columns, data: rows.data }
  }

  /** The rows of a view, evaluated anew where a table below has changed. */
  async #viewResult(view: Extract<Relation, { kind: 'view' }>, context: Context): Promise<Rows> {
    const statement = parseStatement(view.sql)
    const { inputs } = await this.#inputs(statement, context)
    const known = this.#viewRows.get(view)
    if (known !== undefined && !dependsOnClock.test(view.sql) && sameInputs(known.inputs, inputs))
      return known.rows
    const rows = await this.#evaluate(statement, inputs, { ...context, parameters: [] })
    this.#viewRows.set(view, { inputs, rows })
    return rows
  }

  // statements

  /**
   * The statement as sent, judged by the analyzer; one that differs from a known one in table names and comments only is
   * known.
   *
   * @returns columns of the rows that it gives, or of the table or view that it makes
   */
  async #analyze(
    statement: Statement,
    inputs: readonly Input[],
    context: Context,
  ): Promise<readonly Column[]> {
    const flat = flattenPaths(statement.sql, statement.tokens, inputs)
    const key = createHash('sha1').update(
      applyEdits(statement.sql, flat.edits).replace(/^(?:\/\*.*?\*\/\s*)+/s, ''),
    )
    for (const { segments, columns } of inputs)
      key.update(`\0${segments.length}:${this.#columnsNumber(columns)}`)
    for (const { name, type } of context.parameters) key.update(`\0${name} ${typeText(type)}`)
    const digest = key.digest('base64')
    const known = this.#passed.get(digest)
    if (known !== undefined) return known
    const resolved = await this.#analyst.analyze(statement.sql, inputs, context.parameters)
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

  async #evaluate(
    statement: Statement,
    inputs: readonly Input[],
    context: Context,
    start = 0,
  ): Promise<Rows> {
    const flat = flattenPaths(statement.sql, statement.tokens, inputs)
    const sql = editedSlice(statement.sql, flat.edits, start, statement.sql.length)
    const rows = await this.#analyst.evaluate(sql, flat.inputs, context.parameters)
    checkColumns(rows.columns)
    return { columns: rows.columns, data: storable(rows.columns, rows.data) }
  }

  async #query(statement: Statement, context: Context): Promise<Result> {
    const { inputs } = await this.#inputs(statement, context)
    await this.#analyze(statement, inputs, context)
    const rows = await this.#evaluate(statement, inputs, context)
    return { ...done('SELECT', statement), rows, bytesRead: readBytes(inputs) }
  }

  async #createTable(statement: StatementOf<'createTable'>, context: Context): Promise<Result> {
    const { session } = context
    const type = statement.select === undefined ? 'CREATE_TABLE' : 'CREATE_TABLE_AS_SELECT'
    if (statement.from !== '') throw new EmulatorGap(`create table … ${statement.from.toLowerCase()}`)
    if (!statement.temporary) refuseInTransaction(session, 'CREATE TABLE')
    const address: Address = statement.temporary
      ? { dataset: undefined, name: statement.target.segments.at(-1) ?? '' }
      : this.#resolve(statement.target, context)
    checkTableName(address.name)
    const { inputs } = await this.#inputs(statement, context)
    let columns = await this.#analyze(statement, inputs, context)
    const existing = session.find(address)
    if (existing !== undefined) {
      if (statement.ifNotExists) return { ...done(type, statement), target: address }
      if (!statement.orReplace) throw this.#exists(address)
      if (existing.kind === 'view') throw this.#is(address, 'VIEW')
      this.#sameLayout(existing, statement)
    }
    let data: readonly Buffer[] = []
    if (statement.select !== undefined) {
      const rows = await this.#evaluate(statement, inputs, context, statement.select)
      for (const [index, each] of columns.entries()) {
        const from = rows.columns[index]
        if (from === undefined || typeText(from.type) !== typeText(each.type)) {
          throw new EmulatorGap('create table with a column list of other types than its select')
        }
      }
      if (columns.length === 0) columns = rows.columns
      data = storable(columns, rows.data)
    }
    checkColumns(columns)
    session.replace(address, {
      ...newTable(columns, data),
      partitionBy: statement.partitionBy,
      clusterBy: statement.clusterBy,
      options: statement.options,
    })
    return { ...done(type, statement), target: address, bytesRead: readBytes(inputs) }
  }

  #sameLayout(existing: Table, statement: StatementOf<'createTable'>): void {
    for (const [what, before, now] of [
      ['partitioning', existing.partitionBy, statement.partitionBy],
      ['clustering', existing.clusterBy, statement.clusterBy],
    ] as const) {
      if (before !== now) {
        throw new BigqueryError(
          'invalidQuery',
          `Cannot replace a table with a different ${what} spec. Instead, DROP the table, and then recreate it. ` +
            `New ${what} spec is ${now || 'none'} and existing spec is ${before || 'none'}`,
        )
      }
    }
  }

  async #createView(statement: StatementOf<'createView'>, context: Context): Promise<Result> {
    const { session } = context
    if (statement.materialized) throw new EmulatorGap('materialized views')
    refuseInTransaction(session, 'CREATE VIEW')
    if (context.parameters.length > 0) {
      throw new BigqueryError('invalidQuery', 'Query parameters cannot be used in CREATE VIEW')
    }
    const address = this.#resolve(statement.target, context)
    checkTableName(address.name)
    const { inputs } = await this.#inputs(statement, context)
    const columns = await this.#analyze(statement, inputs, context)
    checkColumns(columns)
    const existing = session.find(address)
    if (existing !== undefined) {
      if (statement.ifNotExists) return { ...done('CREATE_VIEW', statement), target: address }
      if (!statement.orReplace) throw this.#exists(address)
      if (existing.kind === 'table') throw this.#is(address, 'TABLE')
    }
    const now = Date.now()
    session.replace(address, {
      kind: 'view',
      columns,
      sql: statement.sql.slice(statement.select),
      defaultDataset: context.defaultDataset,
      options: statement.options,
      created: now,
      modified: now,
    })
    return { ...done('CREATE_VIEW', statement), target: address }
  }

  async #insert(statement: StatementOf<'insert'>, context: Context): Promise<Result> {
    const address = this.#resolve(statement.target, context)
    const table = context.session.table(address)
    const { inputs } = await this.#inputs(statement, context)
    await this.#analyze(statement, inputs, context)
    const { target } = statement
    const flat = flattenPaths(statement.sql, statement.tokens, inputs, {
      from: target.end,
      to: statement.sql.length,
    })
    // Under a name of its own the target needs no rows, even where the statement also reads it.
    const sql = applyEdits(statement.sql, [
      { start: target.start, end: target.end, text: quoteName(':target') },
      ...flat.edits,
    ])
    const changes = await this.#analyst.modify(
      sql,
      { segments: [':target'], columns: table.columns, data: [] },
      false,
      flat.inputs,
      context.parameters,
    )
    const data = storable(
      table.columns,
      changes.map(({ cells }) => rowField(cells)),
    )
    context.session.append(address, data.length === 0 ? [] : [Buffer.concat(data)])
    return {
      ...done('INSERT', statement),
      target: address,
      affected: { inserted: changes.length, updated: 0, deleted: 0 },
      bytesRead: readBytes(inputs),
    }
  }

  async #change(statement: StatementOf<'update' | 'delete'>, context: Context): Promise<Result> {
    const address = this.#resolve(statement.target, context)
    const table = context.session.table(address)
    if (!statement.tokens.some((token) => isWord(token, 'WHERE'))) {
      throw new BigqueryError(
        'invalidQuery',
        `${statement.kind.toUpperCase()} must have a WHERE clause at [1:1]`,
      )
    }
    const { inputs } = await this.#inputs(statement, context)
    await this.#analyze(statement, inputs, context)
    const { target } = statement
    const others = flattenPaths(statement.sql, statement.tokens, inputs, {
      from: target.end,
      to: statement.sql.length,
    })
    const [own] = flattenPaths(
      statement.sql,
      statement.tokens,
      [{ segments: target.segments, columns: [], data: [] }],
      {
        from: target.start,
        to: target.end,
      },
    ).edits
    const alias = own?.text.slice(quoteName(':0').length) ?? ` as ${quoteName(target.segments.at(-1) ?? '')}`
    const sql = applyEdits(statement.sql, [
      { start: target.start, end: target.end, text: quoteName(':target') + alias },
      ...others.edits,
    ])
    const rows = rowsOf(table.data)
    const changes = await this.#analyst.modify(
      sql,
      { segments: [':target'], ...withRowNumbers(table) },
      true,
      others.inputs,
      context.parameters,
    )
    const next = new Map<number, Buffer | undefined>()
    for (const { operation, cells, key } of changes) {
      if (key === undefined) throw new Error('a changed row without its key')
      next.set(numberOf(key), operation === 'DELETE' ? undefined : rowField(cells.slice(0, -1)))
    }
    this.#replaceRows(context.session, address, table, rows, next, [])
    const isDelete = statement.kind === 'delete'
    return {
      ...done(isDelete ? 'DELETE' : 'UPDATE', statement),
      target: address,
      affected: {
        inserted: 0,
        updated: isDelete ? 0 : changes.length,
        deleted: isDelete ? changes.length : 0,
      },
      bytesRead: readBytes(inputs),
    }
  }

  /** The table with some of its rows changed or left out, and others added. */
  #replaceRows(
    session: Session,
    address: Address,
    table: Table,
    rows: readonly Buffer[],
    next: ReadonlyMap<number, Buffer | undefined>,
    added: readonly Buffer[],
  ): void {
    if (next.size === 0 && added.length === 0) return
    const kept = rows.flatMap((row, index) => {
      if (!next.has(index)) return [messageField(1, [row])]
      const changed = next.get(index)
      return changed === undefined ? [] : [changed]
    })
    const data = storable(table.columns, [Buffer.concat([...kept, ...added])])
    session.replace(address, { ...table, data, modified: Date.now() })
  }

  async #merge(statement: StatementOf<'merge'>, context: Context): Promise<Result> {
    const address = this.#resolve(statement.target, context)
    const table = context.session.table(address)
    const { inputs } = await this.#inputs(statement, context)
    await this.#analyze(statement, inputs, context)
    const { sql, tokens, target } = statement
    const names = table.columns.map(({ name }) => name)
    const merge = parseMerge(sql, tokens, target, names)
    const flat = flattenPaths(sql, tokens, inputs, { from: target.end, to: sql.length })
    const slice = (span: { start: number; end: number }): string =>
      editedSlice(sql, flat.edits, span.start, span.end)
    const columnAt = (name: string): number => {
      const index = names.findIndex((each) => each.toLowerCase() === name.toLowerCase())
      if (index < 0) throw new EmulatorGap('MERGE of a part of a column')
      return index
    }
    const typeOfColumn = (name: string): string =>
      typeText(table.columns[columnAt(name)]?.type ?? { kind: 'STRING' })
    const source = merge.clauses.some(({ wholeRow }) => wholeRow)
      ? columnsOf(
          await this.#analyst.analyze(
            `select * from ${slice(merge.source)}`,
            flat.inputs,
            context.parameters,
          ),
        )
      : []
    const pairs = await this.#analyst.evaluate(
      mergeQuery(
        merge,
        slice,
        typeOfColumn,
        source.map(({ name }) => name),
      ),
      [...flat.inputs, { segments: [':target'], ...withRowNumbers(table) }],
      context.parameters,
    )
    const rows = rowsOf(table.data)
    const next = new Map<number, Buffer | undefined>()
    const added: Buffer[] = []
    const offsets = offsetsOf(merge.clauses.map(({ values }) => values.length))
    const affected = { inserted: 0, updated: 0, deleted: 0 }
    for (const row of rowsOf(pairs.data)) {
      const cells = cellsOf(row)
      const fires = merge.clauses[numberOf(cells[1] ?? Buffer.alloc(0))]
      if (fires === undefined) continue
      const given = offsets[merge.clauses.indexOf(fires)] ?? 0
      const at = fires.action === 'insert' ? -1 : numberOf(cells[0] ?? Buffer.alloc(0))
      if (at >= 0 && next.has(at)) {
        throw new BigqueryError(
          'invalidQuery',
          'UPDATE/MERGE must match at most one source row for each target row',
        )
      }
      const values = at < 0 ? names.map(() => Buffer.alloc(0)) : [...cellsOf(rows[at] ?? Buffer.alloc(0))]
      for (const [position, { column: name }] of fires.values.entries()) {
        values[columnAt(name)] = cells[2 + given + position] ?? Buffer.alloc(0)
      }
      switch (fires.action) {
        case 'delete':
          next.set(at, undefined)
          affected.deleted += 1
          break
        case 'update':
          next.set(at, rowField(values))
          affected.updated += 1
          break
        case 'insert':
          added.push(rowField(values))
          affected.inserted += 1
          break
      }
    }
    this.#replaceRows(context.session, address, table, rows, next, added)
    return { ...done('MERGE', statement), target: address, affected, bytesRead: readBytes(inputs) }
  }

  async #truncate(statement: StatementOf<'truncate'>, context: Context): Promise<Result> {
    const address = this.#resolve(statement.target, context)
    const table = context.session.table(address)
    await this.#analyze(statement, [{ segments: statement.target.segments, ...table }], context)
    context.session.replace(address, { ...table, data: [], modified: Date.now() })
    return {
      ...done('TRUNCATE_TABLE', statement),
      target: address,
      affected: { inserted: 0, updated: 0, deleted: rowCount(table.data) },
    }
  }

  async #drop(statement: StatementOf<'drop'>, context: Context): Promise<Result> {
    const { session } = context
    const type = `DROP_${statement.what}`
    await this.#analyze(statement, [], context)
    const address = this.#resolve(statement.target, context)
    if (address.dataset !== undefined) refuseInTransaction(session, `DROP ${statement.what}`)
    if (address.dataset !== undefined && !this.database.datasets.has(address.dataset) && statement.ifExists) {
      return { ...done(type, statement), target: address }
    }
    const found = session.find(address)
    if (found === undefined) {
      if (statement.ifExists) return { ...done(type, statement), target: address }
      throw this.database.noTable(address)
    }
    if ((found.kind === 'view') !== (statement.what === 'VIEW')) {
      throw this.#is(address, found.kind === 'view' ? 'VIEW' : 'TABLE')
    }
    session.replace(address, undefined)
    return { ...done(type, statement), target: address }
  }

  #createSchema(statement: StatementOf<'createSchema'>, context: Context): Result {
    refuseInTransaction(context.session, 'CREATE SCHEMA')
    const id = statement.target.segments.flatMap((each) => each.split('.')).at(-1) ?? ''
    if (!(statement.ifNotExists && this.database.datasets.has(id))) {
      const location = statement.options.get('location')?.slice(1, -1) ?? context.place.location
      this.database.createDataset(id, location === undefined ? {} : { location })
    }
    return done('CREATE_SCHEMA', statement)
  }

  #dropSchema(statement: StatementOf<'dropSchema'>, context: Context): Result {
    refuseInTransaction(context.session, 'DROP SCHEMA')
    const id = statement.target.segments.flatMap((each) => each.split('.')).at(-1) ?? ''
    const found = this.database.datasets.get(id)
    if (found === undefined) {
      if (statement.ifExists) return done('DROP_SCHEMA', statement)
      throw this.database.noDataset(id)
    }
    if (found.relations.size > 0 && !statement.cascade) {
      throw new BigqueryError('resourceInUse', `Dataset ${this.database.project}:${id} is still in use`)
    }
    this.database.datasets.delete(id)
    return done('DROP_SCHEMA', statement)
  }

  // alter

  async #alter(statement: StatementOf<'alter'>, context: Context): Promise<Result> {
    const { session } = context
    const address = this.#resolve(statement.target, context)
    if (address.dataset !== undefined) refuseInTransaction(session, `ALTER ${statement.what}`)
    const result = { ...done(`ALTER_${statement.what}`, statement), target: address }
    const found = session.find(address)
    if (found === undefined) {
      if (statement.ifExists) return result
      throw this.database.noTable(address)
    }
    await this.#analyze(
      statement,
      [{ segments: statement.target.segments, columns: found.columns, data: [] }],
      context,
    )
    if (found.kind === 'view') {
      if (statement.what !== 'VIEW') throw this.#is(address, 'VIEW')
      const options = statement.actions.flatMap((action) =>
        action.kind === 'setOptions' ? [...action.options] : [],
      )
      session.replace(address, { ...found, options: new Map([...found.options, ...options]) })
      return result
    }
    if (statement.what !== 'TABLE') throw this.#is(address, 'TABLE')
    let table = found
    for (const action of statement.actions) {
      if (action.kind === 'renameTo') {
        this.#rename(session, address, action.to, table)
        return result
      }
      table = await this.#altered(table, action, address)
    }
    checkColumns(table.columns)
    session.replace(address, { ...table, modified: Date.now() })
    return result
  }

  #rename(session: Session, address: Address, to: Path, table: Table): void {
    const name = to.segments.at(-1) ?? ''
    if (to.segments.length > 1) {
      throw new BigqueryError(
        'invalidQuery',
        `Invalid table name "${to.segments.join('.')}" in RENAME TO: it takes the name of a table within its dataset only`,
      )
    }
    checkTableName(name)
    const target = { ...address, name }
    if (session.find(target) !== undefined) throw this.#exists(target)
    session.replace(address, undefined)
    session.replace(target, { ...table, modified: Date.now() })
  }

  async #altered(table: Table, action: AlterAction, address: Address): Promise<Table> {
    const at = (name: string): number =>
      table.columns.findIndex((each) => each.name.toLowerCase() === name.toLowerCase())
    const changed = (name: string, change: (column: Column) => Column): Table => {
      const index = at(name)
      if (index < 0) throw new BigqueryError('invalidQuery', `Column not found: ${name}`)
      return {
        ...table,
        columns: table.columns.map((each, place) => (place === index ? change(each) : each)),
      }
    }
    switch (action.kind) {
      case 'addColumn': {
        if (at(action.name) >= 0) {
          if (action.ifNotExists) return table
          throw new BigqueryError('invalidQuery', `Column already exists: ${action.name}`)
        }
        const [added] = columnsOf(
          await this.#analyst.analyze(`create table added (${action.definition})`, [], []),
        )
        if (added === undefined) throw new Error('a definition without a column')
        if (added.required) {
          throw new BigqueryError(
            'invalidQuery',
            `Cannot add required columns to an existing schema. (field: ${action.name})`,
          )
        }
        const columns = [...table.columns, added]
        return {
          ...table,
          columns,
          data: await this.#recast(
            table,
            columns.map(({ name }, index) =>
              index < table.columns.length ? quoteName(name) : `cast(null as ${typeText(added.type)})`,
            ),
          ),
        }
      }
      case 'dropColumn': {
        const index = at(action.name)
        if (index < 0) {
          if (action.ifExists) return table
          throw new BigqueryError('invalidQuery', `Column not found: ${action.name}`)
        }
        const name = action.name.toLowerCase()
        const layout = `${table.partitionBy} , ${table.clusterBy}`.split(/[^\p{L}\p{N}_]+/u)
        if (layout.includes(name)) {
          throw new BigqueryError(
            'invalidQuery',
            `Column ${action.name} cannot be dropped: the table is partitioned or clustered by it`,
          )
        }
        if (table.columns.length === 1)
          throw new BigqueryError('invalidQuery', 'Cannot drop the only column of a table')
        const columns = table.columns.filter((_, place) => place !== index)
        return {
          ...table,
          columns,
          data: await this.#recast(
            table,
            columns.map((each) => quoteName(each.name)),
          ),
        }
      }
      case 'renameColumn': {
        if (at(action.name) < 0 && action.ifExists) return table
        if (at(action.to) >= 0) throw new BigqueryError('invalidQuery', `Column already exists: ${action.to}`)
        return changed(action.name, (of) => ({ ...of, name: action.to }))
      }
      case 'setType': {
        const [next] = columnsOf(
          await this.#analyst.analyze(`create table altered (altered ${action.type})`, [], []),
        )
        if (next === undefined) throw new Error('a type without a column')
        const index = at(action.name)
        const of = table.columns[index]
        if (of === undefined) throw new BigqueryError('invalidQuery', `Column not found: ${action.name}`)
        const from = typeText(of.type)
        const to = typeText(next.type)
        if (from !== to && !(widens[from]?.includes(to) ?? false)) {
          throw new BigqueryError(
            'invalidQuery',
            `ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (${from}) is assignable to the new column type (${to})`,
          )
        }
        const casts = table.columns.map((each, place) =>
          place === index ? `cast(${quoteName(each.name)} as ${to})` : quoteName(each.name),
        )
        return {
          ...changed(action.name, (old) => ({ ...old, type: next.type, parameters: next.parameters })),
          data: await this.#recast(table, casts),
        }
      }
      case 'dropNotNull':
        return changed(action.name, (of) => ({ ...of, required: false }))
      case 'setColumnOptions': {
        const description = action.options.get('description')
        return changed(action.name, (of) => ({
          ...of,
          description: description === undefined ? of.description : description.slice(1, -1),
        }))
      }
      case 'setOptions':
        return { ...table, options: new Map([...table.options, ...action.options]) }
      case 'renameTo':
        return table
      case 'other':
        throw new EmulatorGap(`alter table ${address.name} ${action.what}`)
    }
  }

  /** A table's rows with an expression for each of its new columns. */
  async #recast(table: Table, expressions: readonly string[]): Promise<readonly Buffer[]> {
    if (table.data.length === 0) return []
    const named = expressions.map((each, index) => `${each} as c${index}`)
    const input = { segments: [':0'], columns: table.columns, data: table.data }
    const { data } = await this.#analyst.evaluate(
      `select ${named.join(', ')} from ${quoteName(':0')}`,
      [input],
      [],
    )
    return data
  }

  #exists(address: Address): BigqueryError {
    return new BigqueryError(
      'duplicate',
      `Already Exists: Table ${this.database.project}:${address.dataset}.${address.name}`,
    )
  }

  #is(address: Address, what: 'TABLE' | 'VIEW'): BigqueryError {
    return new BigqueryError(
      'invalid',
      `${this.database.project}:${address.dataset}.${address.name} is not allowed for this operation because it is currently a ${what}.`,
    )
  }
}

/** Changes of a column's type that BigQuery makes in place. */
const widens: Readonly<Record<string, readonly string[]>> = {
  INT64: ['NUMERIC', 'BIGNUMERIC', 'FLOAT64'],
  NUMERIC: ['BIGNUMERIC', 'FLOAT64'],
}

const dependsOnClock = /\bcurrent_|\brand\s*\(|\bgenerate_uuid\b|information_schema|__tables__/i

function cut(sql: string): readonly { readonly text: string; readonly start: number }[] {
  if (Buffer.byteLength(sql) > maxQueryBytes) {
    throw new BigqueryError(
      'invalid',
      'The query is too large. The maximum standard SQL query length is 1024.00K characters, including comments and white space characters.',
    )
  }
  const statements = splitStatements(sql)
  if (statements.length === 0)
    throw new BigqueryError('invalidQuery', 'Syntax error: Unexpected end of script at [1:1]', 'query')
  return statements
}

/** Positions count from the start of the request, and BigQuery says which statement of a script it was. */
function inScript(
  error: BigqueryError,
  sql: string,
  statements: readonly { readonly text: string; readonly start: number }[],
  index: number,
): BigqueryError {
  const start = statements[index]?.start ?? 0
  const before = sql.slice(0, start).split('\n')
  const message = error.message.replace(/ at \[(\d+):(\d+)\]$/, (_, line: string, place: string) => {
    const offset = line === '1' ? (before.at(-1)?.length ?? 0) : 0
    return ` at [${Number(line) + before.length - 1}:${Number(place) + offset}]`
  })
  if (error instanceof EmulatorGap) return error
  return new BigqueryError(error.reason, message, error.location)
}

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

function refuseInTransaction(session: Session, what: string): void {
  if (session.inTransaction) {
    throw new BigqueryError(
      'invalidQuery',
      `${what} of a permanent entity is not supported inside a transaction`,
    )
  }
}

function done(type: string, statement: Statement): Result {
  return { type, sql: statement.sql, bytesRead: 0 }
}

function typeOf(statement: Statement): string {
  switch (statement.kind) {
    case 'query':
      return 'SELECT'
    case 'createTable':
      return statement.select === undefined ? 'CREATE_TABLE' : 'CREATE_TABLE_AS_SELECT'
    case 'createView':
      return 'CREATE_VIEW'
    case 'createSchema':
      return 'CREATE_SCHEMA'
    case 'dropSchema':
      return 'DROP_SCHEMA'
    case 'drop':
    case 'alter':
      return `${statement.kind.toUpperCase()}_${statement.what}`
    case 'truncate':
      return 'TRUNCATE_TABLE'
    default:
      return statement.kind.toUpperCase()
  }
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

export function billedBytes(tables: readonly number[]): number {
  return tables.reduce((sum, bytes) => sum + Math.max(10 * 1024 * 1024, bytes), 0)
}

function readBytes(inputs: readonly Input[]): number {
  return inputs.reduce((sum, input) => sum + byteCount(input.data), 0)
}

/** A table with the number of each row as one more column. */
function withRowNumbers(table: Table): {
  readonly columns: readonly Column[]
  readonly data: readonly Buffer[]
} {
  const numbered = rowsOf(table.data).map((row, index) =>
    messageField(1, [row, messageField(1, [rowNumber(index)])]),
  )
  return { columns: [...table.columns, column(':row', { kind: 'INT64' })], data: numbered }
}

function numberOf(cell: Buffer): number {
  return Number(firstInteger(cell))
}

function firstInteger(cell: Buffer): bigint {
  for (const field of fieldsOf(cell)) if (field.number === 2) return field.integer
  return -1n
}

function offsetsOf(lengths: readonly number[]): readonly number[] {
  let sum = 0
  return lengths.map((length) => {
    sum += length
    return sum - length
  })
}
