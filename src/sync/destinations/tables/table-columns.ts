import { z } from 'zod'
import type { Change, FieldValue } from '../../destination.ts'
import type { FieldType } from '../../mapping/field-types.ts'

/** A column of the table that holds a field. */
export interface TableColumn {
  readonly name: string
  readonly type: FieldType['type']
}

/** Texts, numbers and JSON as drivers bind them. */
export type CellValue = string | number | boolean | null

/** Fields of a row, in the order of the columns. */
export function cells({ fields }: Change, columns: readonly TableColumn[]): readonly CellValue[] {
  return columns.map(({ name, type }) => cellOf(fields[name] ?? null, type))
}

function cellOf(value: FieldValue, type: TableColumn['type']): CellValue {
  if (value === null) return null
  if (typeof value === 'object' || type === 'json') return JSON.stringify(value)
  return type === 'text' ? String(value) : value
}

/** Later changes to a key win; a batch may hold none twice for one statement. */
export function parted(changes: readonly Change[]): {
  readonly kept: readonly Change[]
  readonly removed: readonly string[]
} {
  return {
    kept: changes.filter(({ operation }) => operation !== 'remove'),
    removed: changes.filter(({ operation }) => operation === 'remove').map(({ key }) => key),
  }
}

/** A schema and a name, or a name. */
export function tableParts(table: string): { readonly schema?: string; readonly name: string } {
  const dot = table.indexOf('.')
  return dot < 0 ? { name: table } : { schema: table.slice(0, dot), name: table.slice(dot + 1) }
}

export const tablePattern = /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/

/** Settings that destinations of tables share. */
export const keyColumn = z
  .string()
  .regex(/^[A-Za-z_][\w$]*$/, { error: 'must be a plain name' })
  .default('record_key')
  .describe('the column that holds the key of a record')
export const createIfMissing = z.boolean().default(true).describe('create the table where it is missing')
