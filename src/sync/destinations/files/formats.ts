import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { stringify } from 'csv-stringify/sync'
import type { Change, FieldValue } from '../../destination.ts'
import type { FieldType } from '../../mapping/field-types.ts'

export interface FormatSettings {
  readonly format: 'csv' | 'jsonl' | 'parquet'
  /** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
  readonly formula_guard: boolean
}

export interface FileFormat {
  write(changes: readonly Change[]): Promise<void>
  /** The file, whole; the same however often it is asked. */
  end(): Promise<string>
}

/** What stands before the fields in each row. */
const head = ['_operation', '_key', '_idempotency_key'] as const

/** @param folder of its own, for files on the way */
export async function fileFormat(
  { format, formula_guard: guarded }: FormatSettings,
  fields: readonly FieldType[],
  folder: string,
): Promise<FileFormat> {
  const lines = join(folder, format === 'csv' ? 'rows.csv' : 'rows.jsonl')
  const out = createWriteStream(lines)
  const write = async (text: string): Promise<void> => {
    if (!out.write(text)) await once(out, 'drain')
  }
  const cell = (value: FieldValue): string => {
    const text = value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)
    return guarded && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  }
  const csvRow = ({ operation, key, idempotencyKey, fields: values }: Change): readonly string[] => [
    operation,
    cell(key),
    idempotencyKey,
    ...fields.map(({ name }) => cell(values[name] ?? null)),
  ]
  const jsonRow = ({ operation, key, idempotencyKey, fields: values }: Change): string =>
    `${JSON.stringify({
      _operation: operation,
      _key: key,
      _idempotency_key: idempotencyKey,
      ...(format === 'parquet' ? flat(values, fields) : values),
    })}\n`
  if (format === 'csv') await write(stringify([[...head, ...fields.map(({ name }) => name)]]))
  let ended: Promise<string> | undefined
  return {
    async write(changes) {
      await write(
        format === 'csv'
          ? stringify(changes.map((change) => [...csvRow(change)]))
          : changes.map(jsonRow).join(''),
      )
    },
    end() {
      ended ??= (async () => {
        out.end()
        await finished(out)
        return format === 'parquet' ? await asParquet(lines, fields, folder) : lines
      })()
      return ended
    },
  }
}

/** Parquet columns have one type each: what is nested becomes JSON text. */
function flat(values: Change['fields'], fields: readonly FieldType[]): Record<string, FieldValue> {
  return Object.fromEntries(
    fields.map(({ name, type }) => {
      const value = values[name] ?? null
      if (value === null) return [name, null]
      if (type === 'json' || typeof value === 'object') return [name, JSON.stringify(value)]
      return [name, type === 'text' ? String(value) : value]
    }),
  )
}

const parquetTypes: Readonly<Record<FieldType['type'], string>> = {
  text: 'VARCHAR',
  json: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMPTZ',
}

/** DuckDB, which is there anyway, writes Parquet. */
async function asParquet(lines: string, fields: readonly FieldType[], folder: string): Promise<string> {
  const { openAdapter } = await import('../../../adapters/open-adapter.ts')
  const adapter = await openAdapter({
    type: 'duckdb',
    name: 'parquet',
    path: ':memory:',
    schema: 'main',
    workSchema: 'main',
    threads: 1,
  })
  try {
    const { dialect } = adapter
    const columns = [
      ...head.map((name) => ({ name, type: 'VARCHAR' })),
      ...fields.map(({ name, type }) => ({ name, type: parquetTypes[type] })),
    ].map(({ name, type }) => `${dialect.text(name)}: ${dialect.text(type)}`)
    const to = join(folder, 'rows.parquet')
    await adapter.execute(
      `copy (select * from read_json(${dialect.text(lines)}, format = 'newline_delimited', columns = {${columns.join(', ')}})) to ${dialect.text(to)} (format parquet)`,
    )
    return to
  } finally {
    await adapter.close()
  }
}
