import { inputKey, inputsOf, type MappingValue, type SyncInput } from '../../definitions/mapping.ts'
import type { Dialect, JsonWriter, Sql } from '../../dialects/dialect.ts'
import type { Relation } from '../../ir/relation.ts'
import type { JsonForm, SyncColumn } from '../../ir/sync.ts'
import type { Templates } from '../../sql/templates.ts'
import type { Range } from './fold-statements.ts'

/** Changes as the JSON of requests, written where they are kept, since reading rows to write JSON of them takes many times as long. */
export interface WrittenRecords {
  readonly prepare: readonly Sql[]
  /** One row: `last_removal`, `last_seq`, `row_count`, how many are to be sent, and `longest`, bytes of the longest record's key and inputs. */
  readonly extent: Sql
  /**
   * Batches of the changes of a range, all of them removals or none: `first_seq`, `last_seq`, `row_count`, `body`, and
   * `batch_key`, a hash of their idempotency keys.
   */
  batches(range: Range, form: RecordForm): Sql
}

export interface RecordForm extends JsonForm {
  readonly removals: boolean
  /** In a batch, at most. */
  readonly rows: number
}

/** What is asked of a compiled sync. */
export interface WrittenSync {
  readonly mapping: MappingValue
  readonly removalMapping: MappingValue
  readonly records: { readonly columns: readonly SyncColumn[] }
  readonly definition: { readonly nulls: 'send' | 'drop' }
}

/** Undefined where the warehouse does not write JSON well, or the mapping does what only a sync can. */
export function writtenRecords(
  { dialect, templates }: { readonly dialect: Dialect; readonly templates: Templates },
  { mapping, removalMapping, records: { columns }, definition: { nulls } }: WrittenSync,
  changes: Relation,
): WrittenRecords | undefined {
  const { json } = dialect
  if (json === undefined || mapping.kind !== 'object') return undefined
  const writer: Writer = { dialect, json, columns }
  const fields = partsOf(writer, mapping, nulls)
  const removed = partsOf(writer, removalMapping, nulls)
  if (fields === undefined || removed === undefined) return undefined
  const changed = changedParts(writer, mapping)
  const table = dialect.relation(changes)
  return {
    prepare: dialect.createIndexIfMissing(changes, 'seq'),
    extent: templates
      .render('sync/written-extent', {
        changes: table,
        texts: ['record_key', ...columns.map(({ name }) => name)].map((name) =>
          dialect.byteLength(`changes.${dialect.ident(name)}`),
        ),
      })
      .trim(),
    batches: ({ first, last }, { removals, rows, head, before, between, behind }) =>
      templates
        .render('sync/written-batches', {
          changes: table,
          first: dialect.integer(first),
          last: dialect.integer(last),
          rows: dialect.integer(rows),
          record: concatenated(writer, [
            { text: `{${head}"operation":"` },
            { sql: 'changes.operation' },
            { text: '","key":' },
            { sql: json.text('changes.record_key') },
            // Of hexadecimal digits.
            { text: ',"idempotency_key":"' },
            { sql: 'changes.idempotency_key' },
            { text: '"' },
            ...(removals ? [] : changed),
            { text: ',"fields":' },
            ...(removals ? removed : fields),
            { text: '}' },
          ]),
          batchKey: dialect.md5(json.joined('written.idempotency_key', '', 'written.seq')),
          body: json.concat([
            dialect.text(before),
            json.joined('written.record', between, 'written.seq'),
            dialect.text(behind),
          ]),
        })
        .trim(),
  }
}

interface Writer {
  readonly dialect: Dialect
  readonly json: JsonWriter
  readonly columns: readonly SyncColumn[]
}

/** Of a text in the making: what is the same in all rows, and what is not and never NULL. */
type Part = { readonly text: string } | { readonly sql: Sql }

/** A value without NULL: what is null says so. */
function partsOf(writer: Writer, value: MappingValue, nulls: 'send' | 'drop'): readonly Part[] | undefined {
  switch (value.kind) {
    case 'object':
      return nulls === 'send'
        ? sentMembers(writer, value.members)
        : membersWithoutNulls(writer, value.members)
    case 'list': {
      // Of what is in a list nothing is left out.
      const items = all(value.items.map((item) => partsOf(writer, item, 'send')))
      return items && [{ text: '[' }, ...separated(items), { text: ']' }]
    }
    case 'constant':
      return [{ text: JSON.stringify(value.value) }]
    default: {
      const sql = scalarOf(writer, value)
      return sql === undefined ? undefined : [{ sql: `coalesce(${sql}, 'null')` }]
    }
  }
}

type Members = Readonly<Record<string, MappingValue>>

function sentMembers(writer: Writer, members: Members): readonly Part[] | undefined {
  const written = all(
    Object.entries(members).map(([name, member]) => {
      const parts = partsOf(writer, member, 'send')
      return parts && [{ text: `${JSON.stringify(name)}:` }, ...parts]
    }),
  )
  return written && [{ text: '{' }, ...separated(written), { text: '}' }]
}

function membersWithoutNulls(writer: Writer, members: Members): readonly Part[] | undefined {
  const written = all(
    Object.entries(members).flatMap(([name, member]): (Sql | undefined)[] => {
      if (member.kind === 'constant' && member.value === null) return []
      const named: Part = { text: `${JSON.stringify(name)}:` }
      if (member.kind === 'object' || member.kind === 'list' || member.kind === 'constant') {
        const parts = partsOf(writer, member, 'drop')
        return [parts && concatenated(writer, [named, ...parts])]
      }
      const sql = scalarOf(writer, member)
      // A NULL makes the whole NULL here, and is left out of what is joined.
      return [sql && `${writer.dialect.text(named.text)} || ${sql}`]
    }),
  )
  if (written === undefined) return undefined
  return [{ text: '{' }, { sql: writer.json.joinedWithoutNulls(',', written) }, { text: '}' }]
}

/** JSON of what is no object and no list; NULL where it is null. */
function scalarOf(writer: Writer, value: MappingValue): Sql | undefined {
  switch (value.kind) {
    case 'input':
      return inputOf(writer, value.input)
    case 'constant':
      return value.value === null
        ? writer.dialect.nullOf('text')
        : writer.dialect.text(JSON.stringify(value.value))
    case 'coalesce': {
      const some = all(value.of.map((each) => scalarOf(writer, each)))
      return some && `coalesce(${some.join(', ')})`
    }
    case 'template': {
      const parts = all(value.parts.map((part) => templatePart(writer, part)))
      return parts && writer.json.text(concatenated(writer, parts))
    }
    default:
      return undefined
  }
}

/** Of numbers the text may be another than that of the mapping. */
function templatePart(writer: Writer, part: string | SyncInput): Part | undefined {
  if (typeof part === 'string') return { text: part }
  const column = columnOf(writer, part)
  if (column?.type !== 'text' && column?.type !== 'timestamp') return undefined
  return { sql: `coalesce(${changesColumn(writer, column)}, '')` }
}

/** As `valueOfText` reads the text: what a number cannot hold stays a text. */
function inputOf(writer: Writer, input: SyncInput): Sql | undefined {
  const column = columnOf(writer, input)
  if (column === undefined) return undefined
  const sql = changesColumn(writer, column)
  switch (column.type) {
    case 'text':
    case 'timestamp':
      return writer.json.text(sql)
    case 'integer':
      return `case when length(${sql}) < 16 then ${sql} when ${isSafe(sql)} then ${sql} else ${writer.json.text(sql)} end`
    case 'number':
      return `case when ${sql} in ('NaN', 'Infinity', '-Infinity') then ${writer.json.text(sql)} else ${sql} end`
    case 'boolean':
    case 'list':
      return sql
  }
}

function isSafe(sql: Sql): Sql {
  return `cast(${sql} as bigint) between ${Number.MIN_SAFE_INTEGER} and ${Number.MAX_SAFE_INTEGER}`
}

function columnOf({ columns }: Writer, input: SyncInput): SyncColumn | undefined {
  const key = inputKey(input)
  return columns.find((column) => column.input === key)
}

function changesColumn({ dialect }: Writer, { name }: SyncColumn): Sql {
  return `changes.${dialect.ident(name)}`
}

/** Names of the fields whose inputs differ, where there are any: `changed_columns` has the index of each with a space behind. */
function changedParts(writer: Writer, mapping: MappingValue & { readonly kind: 'object' }): readonly Part[] {
  const { dialect } = writer
  const marks = `' ' || changes.changed_columns`
  const names = Object.entries(mapping.members).flatMap(([name, value]) => {
    const inputs = new Set(inputsOf(value).map(inputKey))
    const marked = writer.columns.flatMap(({ input }, index) =>
      inputs.has(input) ? [dialect.containsText(marks, dialect.text(` ${index} `))] : [],
    )
    if (marked.length === 0) return []
    return [`case when ${marked.join(' or ')} then ${dialect.text(JSON.stringify(name))} end`]
  })
  if (names.length === 0) return []
  const list = `nullif(${writer.json.joinedWithoutNulls(',', names)}, '')`
  const changed = `coalesce(${dialect.text(',"changed":[')} || ${list} || ']', '')`
  return [{ sql: `case when changes.operation = 'update' then ${changed} else '' end` }]
}

function concatenated({ dialect, json }: Writer, parts: readonly Part[]): Sql {
  const merged: Part[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (last !== undefined && 'text' in last && 'text' in part)
      merged.splice(-1, 1, { text: last.text + part.text })
    else merged.push(part)
  }
  if (merged.length === 0) merged.push({ text: '' })
  return json.concat(merged.map((part) => ('sql' in part ? part.sql : dialect.text(part.text))))
}

function separated(values: readonly (readonly Part[])[]): readonly Part[] {
  return values.flatMap((parts, index) => (index === 0 ? parts : [{ text: ',' }, ...parts]))
}

function all<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  const there = values.flatMap((value) => (value === undefined ? [] : [value]))
  return there.length === values.length ? there : undefined
}

const range = { first: 1, last: 1 }

/** Every statement of it, with some values in the place of those to come. */
export function writtenStatements({ prepare, extent, batches }: WrittenRecords): readonly Sql[] {
  const form = { rows: 1, head: '', before: '', between: ',', behind: '' }
  return [...prepare, extent, ...[true, false].map((removals) => batches(range, { ...form, removals }))]
}
