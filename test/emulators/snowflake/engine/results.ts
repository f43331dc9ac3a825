import { integer, type SfType, text } from '../binder/types.ts'

export interface ResultColumn {
  readonly name: string
  readonly type: SfType
  readonly nullable: boolean
}

export interface Result {
  readonly columns: readonly ResultColumn[]
  /** As DuckDB's JSON form has them: text, or null, or booleans and doubles. */
  readonly rows: readonly (readonly unknown[])[]
  readonly typeId: number
  readonly numberOfBinds: number
}

export const typeIds = {
  select: 0x1000,
  insert: 0x3100,
  update: 0x3200,
  delete: 0x3300,
  merge: 0x3400,
  session: 0x4000,
  transaction: 0x5000,
  definition: 0x6000,
  show: 0x6200,
  multiple: 0xa000,
} as const

export function status(message: string, typeId: number = typeIds.definition): Result {
  return {
    columns: [{ name: 'status', type: text, nullable: true }],
    rows: [[message]],
    typeId,
    numberOfBinds: 0,
  }
}

/** Rows affected, by kind. */
export function affected(typeId: number, counts: Readonly<Record<string, number>>): Result {
  const names = Object.keys(counts)
  return {
    columns: names.map((name) => ({ name, type: integer, nullable: false })),
    rows: [names.map((name) => String(counts[name]))],
    typeId,
    numberOfBinds: 0,
  }
}

export function listing(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): Result {
  return {
    columns: columns.map((name) => ({ name, type: text, nullable: true })),
    rows,
    typeId: typeIds.show,
    numberOfBinds: 0,
  }
}
