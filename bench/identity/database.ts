import type { Adapter } from '../../src/adapters/adapter.ts'
import { openDuckdb } from '../../src/adapters/duckdb.ts'
import type { Dialect, Sql } from '../../src/dialects/dialect.ts'
import { duckdb } from '../../src/dialects/duckdb.ts'

export const schema = 'personas'
export const workSchema = 'personas_work'

/** @param path of a file, or `:memory:` */
export function openDatabase(path: string): Promise<Adapter> {
  return openDuckdb({ type: 'duckdb', name: 'bench', path, schema, workSchema, threads: 1 })
}

let opened = 0

/** A new database file beside this one, as a project has it, with an empty working schema; `file` is attached as `given`, read only. */
export async function openBeside(file: string): Promise<Adapter> {
  opened += 1
  const adapter = await openDatabase(`${file}.${process.pid}.${opened}`)
  const { dialect } = adapter
  await runAll(adapter, [
    // Not into the working folder.
    `set temp_directory = ${dialect.text(`${file}.spill`)}`,
    `attach ${dialect.text(file)} as given (read_only)`,
    ...dialect.createSchema(workSchema),
  ])
  return adapter
}

export async function runAll(adapter: Adapter, statements: readonly Sql[]): Promise<void> {
  for (const sql of statements) await adapter.execute(sql)
}

/** What answers queries; an adapter does. */
export interface Reader {
  query(sql: Sql): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** Of a query with one row. */
export async function oneRow(reader: Reader, sql: Sql): Promise<Readonly<Record<string, unknown>>> {
  const [row, ...more] = await reader.query(sql)
  if (row === undefined || more.length > 0) throw new Error(`not one row: ${sql}`)
  return row
}

/** Of a query with one row and one column. */
export async function oneNumber(reader: Reader, sql: Sql): Promise<number> {
  return Number(Object.values(await oneRow(reader, sql))[0])
}

/** Rows as one text, whatever their order: how many, and the sum of 60 bits of the MD5 of each. */
export async function signature(
  reader: Reader & { readonly dialect?: Dialect },
  from: Sql,
  columns: readonly Sql[],
): Promise<string> {
  const { hash60 } = reader.dialect ?? duckdb
  const line = columns.map((column) => `coalesce(cast(${column} as text), 'null')`).join(' || chr(31) || ')
  const { row_count: rows, digest } = await oneRow(
    reader,
    `select count(*) as row_count, cast(coalesce(sum(${hash60(line)}), 0) as text) as digest from ${from}`,
  )
  return `${rows} rows, ${digest}`
}

/** As `signature`, of `identifier` and `cluster`, whatever the clusters are called. */
export function partitionSignature(reader: Reader, mapping: Sql): Promise<string> {
  const named = `select identifier, min(identifier) over (partition by cluster) as smallest from ${mapping} as mapping`
  return signature(reader, `(${named}) as named`, ['identifier', 'smallest'])
}
