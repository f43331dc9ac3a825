import { integerField, messageField, messageOf, messagesOf } from '../service/wire.ts'
import { cellsOf, isNull } from '../values/decode.ts'
import type { Column } from '../values/types.ts'
import { rowsOf } from './database.ts'
import { BigqueryError } from './errors.ts'

const maxColumns = 10_000
const emptyArray = messageField(13, [])

/** A row of given cells, as a piece of a table's data. */
export function rowField(cells: readonly Buffer[]): Buffer {
  return messageField(
    1,
    cells.map((cell) => messageField(1, [cell])),
  )
}

/** What BigQuery asks of the columns of a result or a table. @throws BigqueryError */
export function checkColumns(columns: readonly Column[]): void {
  if (columns.length > maxColumns) {
    throw new BigqueryError(
      'invalidQuery',
      `Too many columns: ${columns.length} (the limit is ${maxColumns})`,
    )
  }
  const seen = new Set<string>()
  const twice: string[] = []
  for (const { name } of columns) {
    checkColumnName(name)
    if (seen.has(name.toLowerCase())) twice.push(name)
    seen.add(name.toLowerCase())
  }
  if (twice.length > 0) {
    throw new BigqueryError(
      'invalidQuery',
      `Duplicate column names in the result are not supported. Found duplicate(s): ${[...new Set(twice)].join(', ')}`,
    )
  }
}

const reservedPrefix =
  /^(?:_TABLE_|_FILE_|_PARTITION|_ROW_TIMESTAMP|__ROOT__|_COLIDENTIFIER|_CHANGE_SEQUENCE_NUMBER|_CHANGE_TYPE|_CHANGE_TIMESTAMP)/i

/** Letters, numbers and underscores, and some others since names are "flexible"; up to 300 characters. */
function checkColumnName(name: string): void {
  const plain = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}&%=+:'<>#|\p{Zs}]+$/u.test(name)
  if (!plain || [...name].length > 300) {
    throw new BigqueryError(
      'invalidQuery',
      `Invalid field name "${name}". Fields must contain the allowed characters, and be at most 300 characters long. ` +
        'For allowed characters, please refer to https://cloud.google.com/bigquery/docs/schemas#column_names',
    )
  }
  if (reservedPrefix.test(name)) {
    throw new BigqueryError(
      'invalidQuery',
      `Invalid field name "${name}". Field names are not allowed to start with the (case-insensitive) prefixes ` +
        '_PARTITION, _TABLE_, _FILE_, _ROW_TIMESTAMP, __ROOT__ and _COLIDENTIFIER',
    )
  }
}

/** @throws BigqueryError */
export function checkTableName(name: string): void {
  if (!/^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd}\p{Zs}]+$/u.test(name) || Buffer.byteLength(name) > 1024) {
    throw new BigqueryError(
      'invalid',
      `Invalid table ID "${name}". Table IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
    )
  }
}

/**
 * Rows as BigQuery keeps them: an array that is NULL is an empty one, an array holds no NULL, and a required column neither.
 *
 * @throws BigqueryError
 */
export function storable(columns: readonly Column[], data: readonly Buffer[]): readonly Buffer[] {
  const arrays = columns.flatMap(({ type }, index) => (type.kind === 'ARRAY' ? [index] : []))
  const required = columns.flatMap(({ required }, index) => (required ? [index] : []))
  if (arrays.length === 0 && required.length === 0) return data
  let changed = false
  const rows = rowsOf(data).map((row) => {
    let cells = cellsOf(row)
    for (const index of required) {
      if (isNull(cells[index] ?? Buffer.alloc(0))) {
        throw new BigqueryError('invalidQuery', `Required field ${columns[index]?.name} cannot be null`)
      }
    }
    for (const index of arrays) {
      const cell = cells[index] ?? Buffer.alloc(0)
      if (isNull(cell)) {
        cells = cells.with(index, emptyArray)
        changed = true
      } else if (hasNullElement(cell)) {
        throw new BigqueryError(
          'invalidQuery',
          `Array cannot have a null element; error in writing field ${columns[index]?.name}`,
        )
      }
    }
    return rowField(cells)
  })
  return changed ? rows : data
}

function hasNullElement(cell: Buffer): boolean {
  return messagesOf(messageOf(cell, 13) ?? Buffer.alloc(0), 1).some(isNull)
}

export const rowNumber = (index: number): Buffer => integerField(2, index)
