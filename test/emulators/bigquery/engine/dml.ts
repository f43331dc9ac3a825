import { fieldsOf, messageField } from '../service/wire.ts'
import { cellsOf } from '../values/decode.ts'
import { type Column, column, typeText } from '../values/types.ts'
import { columnsOf } from './analysis.ts'
import { type Address, rowCount, rowsOf, type Table } from './database.ts'
import { BigqueryError, EmulatorGap } from './errors.ts'
import { isWord, quoteName } from './lexer.ts'
import { mergeQuery, parseMerge } from './merge.ts'
import { type Context, type Reading, readBytes, stopIfCancelled } from './reading.ts'
import { done, type Result } from './results.ts'
import { applyEdits, editedSlice, flattenPaths } from './rewrite.ts'
import type { Session } from './session.ts'
import type { StatementOf } from './statements.ts'
import { rowField, rowNumber, storable } from './tables.ts'

export async function insert(
  reading: Reading,
  statement: StatementOf<'insert'>,
  context: Context,
): Promise<Result> {
  const address = reading.resolve(statement.target, context)
  reading.requireTable('bigquery.tables.updateData', address, context)
  const table = context.session.table(address)
  const { inputs } = await reading.inputs(statement, context)
  await reading.analyze(statement, inputs, context)
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
  const changes = await reading.analyst.modify(
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
  stopIfCancelled(context)
  context.session.append(address, data.length === 0 ? [] : [Buffer.concat(data)])
  return {
    ...done('INSERT', statement),
    target: address,
    affected: { inserted: changes.length, updated: 0, deleted: 0 },
    bytesRead: readBytes(inputs),
  }
}

export async function change(
  reading: Reading,
  statement: StatementOf<'update' | 'delete'>,
  context: Context,
): Promise<Result> {
  const address = reading.resolve(statement.target, context)
  reading.requireTable('bigquery.tables.updateData', address, context)
  const table = context.session.table(address)
  if (!statement.tokens.some((token) => isWord(token, 'WHERE'))) {
    throw new BigqueryError(
      'invalidQuery',
      `${statement.kind.toUpperCase()} must have a WHERE clause at [1:1]`,
    )
  }
  const { inputs } = await reading.inputs(statement, context)
  await reading.analyze(statement, inputs, context)
  refuseStreamed(reading, table, address)
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
  const changes = await reading.analyst.modify(
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
  stopIfCancelled(context)
  replaceRows(context.session, address, table, rows, next, [])
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

export async function merge(
  reading: Reading,
  statement: StatementOf<'merge'>,
  context: Context,
): Promise<Result> {
  const address = reading.resolve(statement.target, context)
  reading.requireTable('bigquery.tables.updateData', address, context)
  const table = context.session.table(address)
  const { inputs } = await reading.inputs(statement, context)
  await reading.analyze(statement, inputs, context)
  refuseStreamed(reading, table, address)
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
        await reading.analyst.analyze(
          `select * from ${slice(merge.source)}`,
          flat.inputs,
          context.parameters,
        ),
      )
    : []
  const pairs = await reading.analyst.evaluate(
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
  stopIfCancelled(context)
  replaceRows(context.session, address, table, rows, next, added)
  return { ...done('MERGE', statement), target: address, affected, bytesRead: readBytes(inputs) }
}

export async function truncate(
  reading: Reading,
  statement: StatementOf<'truncate'>,
  context: Context,
): Promise<Result> {
  const address = reading.resolve(statement.target, context)
  reading.requireTable('bigquery.tables.updateData', address, context)
  const table = context.session.table(address)
  await reading.analyze(statement, [{ segments: statement.target.segments, ...table }], context)
  stopIfCancelled(context)
  context.session.replace(address, { ...table, data: [], modified: Date.now() })
  return {
    ...done('TRUNCATE_TABLE', statement),
    target: address,
    affected: { inserted: 0, updated: 0, deleted: rowCount(table.data) },
  }
}

function refuseStreamed(reading: Reading, table: Table, { dataset, name }: Address): void {
  if (!table.streamed) return
  throw new BigqueryError(
    'invalidQuery',
    `UPDATE or DELETE statement over table ${reading.database.project}.${dataset}.${name} would affect rows in the streaming buffer, which is not supported`,
  )
}

/** The table with some of its rows changed or left out, and others added. */
function replaceRows(
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
